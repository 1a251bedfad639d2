"""Runs a Python function where AWS's own runtime client is not installed."""

import functools
import http.client
import importlib
import json
import os
import sys
import time
import traceback
import types


def main() -> None:
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    module, _, name = os.environ["_HANDLER"].rpartition(".")
    try:
        handler = getattr(importlib.import_module(module.replace("/", ".")), name)
    except Exception as error:
        _post(api, "init/error", _told(error))
        sys.exit(1)
    while True:
        api.request("GET", "/2018-06-01/runtime/invocation/next")
        response = api.getresponse()
        event, given = json.load(response), response.headers
        context = types.SimpleNamespace(
            aws_request_id=given["Lambda-Runtime-Aws-Request-Id"],
            invoked_function_arn=given["Lambda-Runtime-Invoked-Function-Arn"],
            function_name=os.environ["AWS_LAMBDA_FUNCTION_NAME"],
            function_version=os.environ["AWS_LAMBDA_FUNCTION_VERSION"],
            memory_limit_in_mb=os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
            log_group_name=os.environ["AWS_LAMBDA_LOG_GROUP_NAME"],
            log_stream_name=os.environ["AWS_LAMBDA_LOG_STREAM_NAME"],
            get_remaining_time_in_millis=functools.partial(_left, int(given["Lambda-Runtime-Deadline-Ms"])),
        )
        try:
            result, kind = handler(event, context), "response"
        except Exception as error:
            result, kind = _told(error), "error"
        sys.stdout.flush()
        _post(api, f"invocation/{context.aws_request_id}/{kind}", result)


def _left(deadline: int) -> int:
    return max(0, deadline - int(time.time() * 1000))


def _told(error: Exception) -> dict[str, str]:
    traceback.print_exception(error)
    return {"errorType": type(error).__name__, "errorMessage": str(error)}


def _post(api: http.client.HTTPConnection, place: str, body: object) -> None:
    api.request("POST", f"/2018-06-01/runtime/{place}", json.dumps(body).encode())
    api.getresponse().read()


if __name__ == "__main__":
    main()
