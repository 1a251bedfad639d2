"""A forwarder, and events for it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from forwarder.configuration import Configuration
from forwarder.headers import Fields, build_fields
from forwarder.reverse_proxy import ReverseProxy
from tests.forwarder.loopback import Loopback, Received, answering, response

Serve = Callable[..., Loopback]


def event(name: str) -> dict[str, Any]:
    """A whole event from a file."""
    document: dict[str, Any] = json.loads((Path(__file__).parent / "events" / f"{name}.json").read_text())
    return document


def front(url: str, **variables: str) -> ReverseProxy:
    """A forwarder with these environment variables, and as much time as a busy machine needs."""
    return ReverseProxy(Configuration({"BACKEND_URL": url, "TIMEOUT_SECONDS": "60", **variables}))


def call(method: str = "GET", path: str = "/", body: str | None = None, **headers: str) -> dict[str, Any]:
    """A small event of a REST API, for tests in which the event is not the point."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return {
        "httpMethod": method,
        "path": path,
        "multiValueHeaders": {name: [value] for name, value in names.items()},
        "multiValueQueryStringParameters": None,
        "requestContext": {"requestId": "id-1", "identity": {"sourceIp": "198.51.100.7"}, "path": f"/live{path}"},
        "body": body,
        "isBase64Encoded": False,
    }


def fields_of(*pairs: tuple[str, str]) -> Fields:
    """Header fields, as the forwarder keeps them."""
    fields = build_fields([name for name, _ in pairs], [value for _, value in pairs])
    assert fields is not None
    return fields


def received(serve: Serve, given: object, base: str = "", **variables: str) -> Received:
    """What a backend receives for an event."""
    backend = serve(answering(response()))
    result = ask(front(backend.url + base, **variables), given)
    assert result["statusCode"] == 200, result["body"]
    return backend.requests[0]


def headers_of(result: dict[str, Any]) -> dict[str, str]:
    """The first value of each header of a result, whatever its payload version."""
    found: dict[str, str] = result.get("headers") or {key: of[0] for key, of in result["multiValueHeaders"].items()}
    return found


class Leaving:
    """Lambda's context with so many milliseconds left."""

    aws_request_id = "lambda-1"

    def __init__(self, milliseconds: int) -> None:
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


def ask(forwarder: ReverseProxy, event: object, context: object = None) -> dict[str, Any]:
    """The result, as API Gateway gets it: by way of JSON."""
    made: dict[str, Any] = json.loads(json.dumps(forwarder.handle(event, context)))
    return made


def message(result: dict[str, Any]) -> str:
    """The message of a failure."""
    said = json.loads(result["body"])
    assert set(said) == {"message", "requestId"}
    assert isinstance(said["message"], str)
    return said["message"]
