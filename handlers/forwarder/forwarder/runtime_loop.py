"""The loop that takes the place of Lambda's own for Python, which cannot stream.

It serves whole answers as that one does, and keeps its connection to the backend across both kinds.
"""

import json
import os
import sys

from .configuration import Configuration, ConfigurationError
from .refusal import Refused
from .result import WRITES_ASCII
from .runtime_api import Invocation, RuntimeApi
from .streaming_proxy import StreamingProxy
from .streaming_route import stream_seconds


def run() -> int:
    """Serve events until the Runtime API is gone; the status to exit with."""
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        proxy = StreamingProxy(Configuration(os.environ))
    except ConfigurationError as error:
        _say("Function.ConfigurationError", str(error))
        api.fail_init("Function.ConfigurationError", str(error))
        return 1
    try:
        while True:
            invocation = api.next()
            if invocation.trace:
                os.environ["_X_AMZN_TRACE_ID"] = invocation.trace
            try:
                _serve(proxy, api, invocation)
            except Refused:
                raise
            except Exception as error:  # whatever was not thought of costs one event, and not the next
                _say("Runtime.Failed", type(error).__name__)
                api.fail(invocation, "Runtime.Failed", type(error).__name__)
            # Lambda freezes the process as soon as it asks for the next event.
            _flush()
    except Refused as gone:
        _say("Runtime.Unreachable", gone.reason)
    return 1


def _serve(proxy: StreamingProxy, api: RuntimeApi, invocation: Invocation) -> None:
    try:
        event = json.loads(str(invocation.payload, "utf-8"))
    except ValueError as error:
        _say("Runtime.UnmarshalError", str(error))
        api.fail(invocation, "Runtime.UnmarshalError", f"the event is not JSON: {error}")
        return
    seconds = stream_seconds(event)
    if seconds is not None:
        proxy.stream(event, seconds, api, invocation)
        return
    made = proxy.handle(event, invocation)
    status = api.respond(invocation, json.dumps(made, ensure_ascii=WRITES_ASCII).encode())
    if status >= 300:
        _say("Runtime.ResponseRefused", f"Lambda refused the response with status {status}")


def _say(kind: str, message: str) -> None:
    """A line in the log that is about no request."""
    # One line a failure: nothing here is worth the import of the time of day.
    print(json.dumps({"level": "ERROR", "error": kind, "message": message}))
    _flush()


def _flush() -> None:
    try:  # noqa: SIM105 # contextlib costs a cold start half a millisecond
        sys.stdout.flush()
    except (OSError, ValueError):
        # Events are served even if nobody takes their lines.
        pass
