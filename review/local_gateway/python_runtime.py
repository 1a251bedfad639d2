"""Runs a Python function as AWS's own runtime client does, where that is not installed: it is for Linux only."""

import http.client
import importlib
import json
import os
import sys
import time
import traceback
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

Report = dict[str, str]
_FIELDS = ("function_name", "function_version", "log_group_name", "log_stream_name")


def _build_context(headers: http.client.HTTPMessage) -> SimpleNamespace:
    deadline = int(headers["Lambda-Runtime-Deadline-Ms"])
    return SimpleNamespace(
        aws_request_id=headers["Lambda-Runtime-Aws-Request-Id"],
        invoked_function_arn=headers["Lambda-Runtime-Invoked-Function-Arn"],
        memory_limit_in_mb=os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
        **{name: os.environ[f"AWS_LAMBDA_{name.upper()}"] for name in _FIELDS},
        client_context=None,
        identity=SimpleNamespace(cognito_identity_id=None, cognito_identity_pool_id=None),
        tenant_id=None,
        get_remaining_time_in_millis=lambda: max(0, deadline - int(time.time() * 1000)),
        log=lambda message: print(message, end=""),
        w3c=dict,
    )


def _load_handler(named: str) -> Any:
    """The handler, or the error that its start ends with."""
    module, dot, name = named.rpartition(".")
    if not dot:
        return _report_error(
            "MalformedHandlerName", f"Bad handler '{named}': not enough values to unpack (expected 2, got 1)"
        )
    if module.partition(".")[0] in sys.builtin_module_names:
        return _report_error("BuiltInModuleConflict", f"Cannot use built-in module {module} as a handler module")
    try:
        code = importlib.import_module(module.replace("/", "."))
    except ImportError as error:
        return _report_error("ImportModuleError", f"Unable to import module '{module}': {error}")
    except SyntaxError as error:
        return _report_error("UserCodeSyntaxError", f"Syntax error in module '{module}': {error}")
    except Exception as error:
        return _report_exception(error)
    return getattr(code, name, None) or _report_error(
        "HandlerNotFound", f"Handler '{name}' missing on module '{module}'"
    )


def _run_handler(handler: Any, event: bytes, context: SimpleNamespace) -> tuple[str, bytes]:
    try:
        result = handler(json.loads(event), context)
    except Exception as error:
        return "error", json.dumps(_report_exception(error)).encode()
    try:
        ascii_only = os.environ["AWS_EXECUTION_ENV"] < "AWS_Lambda_python3.12"
        text = (
            result if isinstance(result, bytes) else json.dumps(result, default=_encode_number, ensure_ascii=ascii_only)
        )
        return "response", text if isinstance(text, bytes) else text.encode()
    except Exception as error:
        return "error", json.dumps(_report_error("MarshalError", f"Unable to marshal response: {error}")).encode()


def _encode_number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _report_exception(error: Exception) -> Report:
    traceback.print_exception(error)
    return {"errorType": type(error).__name__, "errorMessage": str(error)}


def _report_error(kind: str, message: str) -> Report:
    print(f"[ERROR] Runtime.{kind}: {message}")
    return {"errorType": f"Runtime.{kind}", "errorMessage": message}


def main() -> None:
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])

    def asked(method: str, place: str, body: bytes | None = None) -> tuple[http.client.HTTPMessage, bytes]:
        api.request(method, f"/2018-06-01/runtime/{place}", body)
        response = api.getresponse()
        return response.headers, response.read()

    handler = _load_handler(os.environ["_HANDLER"])
    if isinstance(handler, dict):
        asked("POST", "init/error", json.dumps(handler).encode())
        sys.exit(1)
    while True:
        headers, event = asked("GET", "invocation/next")
        os.environ["_X_AMZN_TRACE_ID"] = headers["Lambda-Runtime-Trace-Id"]
        kind, result = _run_handler(handler, event, _build_context(headers))
        sys.stdout.flush()
        asked("POST", f"invocation/{headers['Lambda-Runtime-Aws-Request-Id']}/{kind}", result)


if __name__ == "__main__":
    main()
