"""A runtime that replaces Lambda's runtime for Python, which cannot stream.

It also serves whole responses, and keeps its connection to the backend for both kinds.
"""

import json
import os
import sys
from time import time

from .configuration import Configuration, ConfigurationError
from .log_line import format_time
from .refusal import Refused
from .result import WRITES_ASCII
from .runtime_api import Invocation, RuntimeApi
from .streaming_proxy import StreamingProxy
from .streaming_route import stream_seconds


def run() -> int:
    """Serves events until the Runtime API closes. Returns the exit status."""
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        proxy = StreamingProxy(Configuration(os.environ))
    except ConfigurationError as error:
        _log_failure("Function.ConfigurationError", str(error))
        api.fail_init("Function.ConfigurationError", str(error))
        return 1
    try:
        while True:
            invocation = api.wait_for_event()
            if invocation.trace:
                os.environ["_X_AMZN_TRACE_ID"] = invocation.trace
            try:
                _serve(proxy, api, invocation)
            except Refused:
                raise
            except Exception as error:  # an unexpected error must not affect the next event
                _log_failure("Runtime.Failed", type(error).__name__)
                api.fail(invocation, "Runtime.Failed", type(error).__name__)
            # Lambda freezes the process when it requests the next event.
            _flush()
    except Refused as gone:
        _log_failure("Runtime.Unreachable", gone.reason)
    return 1


def _serve(proxy: StreamingProxy, api: RuntimeApi, invocation: Invocation) -> None:
    try:
        event = json.loads(str(invocation.payload, "utf-8"))
    except ValueError as error:
        _log_failure("Runtime.UnmarshalError", str(error))
        api.fail(invocation, "Runtime.UnmarshalError", f"the event is not JSON: {error}")
        return
    seconds = stream_seconds(event)
    if seconds is not None:
        proxy.stream(event, seconds, api, invocation)
        return
    made = proxy.handle(event, invocation)
    status = api.respond(invocation, json.dumps(made, ensure_ascii=WRITES_ASCII).encode())
    if status >= 300:
        _log_failure("Runtime.ResponseRefused", f"Lambda refused the response with status {status}")


def _log_failure(kind: str, message: str) -> None:
    """Writes a log line that belongs to no request."""
    print(json.dumps({"timestamp": format_time(time()), "level": "ERROR", "error": kind, "message": message}))
    _flush()


def _flush() -> None:
    try:  # noqa: SIM105 # importing contextlib adds 0.5 ms to a cold start
        sys.stdout.flush()
    except (OSError, ValueError):
        # Events are served even if their lines cannot be written.
        pass
