"""Runs a Python function where AWS's own runtime client is not installed."""

import http.client
import importlib
import json
import os
import sys
import traceback


class Context:
    """The context object of one invocation."""

    def __init__(self, headers: http.client.HTTPMessage) -> None:
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self) -> int:
        import time

        return max(0, self._deadline - int(time.time() * 1000))


def main() -> None:
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    module, _, name = os.environ["_HANDLER"].rpartition(".")
    try:
        handler = getattr(importlib.import_module(module.replace("/", ".")), name)
    except Exception as error:
        traceback.print_exc()
        _post(api, "init/error", {"errorType": type(error).__name__, "errorMessage": str(error)})
        sys.exit(1)
    while True:
        api.request("GET", "/2018-06-01/runtime/invocation/next")
        response = api.getresponse()
        event = json.load(response)
        context = Context(response.headers)
        try:
            result, kind = handler(event, context), "response"
        except Exception as error:
            traceback.print_exc()
            result, kind = {"errorType": type(error).__name__, "errorMessage": str(error)}, "error"
        sys.stdout.flush()
        _post(api, f"invocation/{context.aws_request_id}/{kind}", result)


def _post(api: http.client.HTTPConnection, place: str, body: object) -> None:
    api.request("POST", f"/2018-06-01/runtime/{place}", json.dumps(body).encode())
    api.getresponse().read()


if __name__ == "__main__":
    main()
