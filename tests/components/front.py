"""An API front to declare in tests, with whatever a test changes."""

import json
from typing import Any

import pulumi

from components.api_front import ApiFront
from components.recording.values import reveal
from components.testing.recorder import Graph
from tests.helpers.declare import declare, one

FUNCTION = {"function_name": "forwarder", "invoke_arn": "arn:aws:apigateway:eu-west-1:lambda:path/forwarder"}
ROUTE: dict[str, Any] = {"path": "/forward", "methods": ["GET", "POST"], "target": "backend"}
ARGS: dict[str, Any] = {
    "kind": "rest",
    "routes": [ROUTE],
    "targets": {"backend": FUNCTION},
    "throttle": {"rate": 100, "burst": 50},
}


def made(**changes: Any) -> ApiFront:
    """An ApiFront called `front`."""
    args = {key: value for key, value in (ARGS | changes).items() if value is not None}
    return ApiFront("front", args)


def front(known: bool = True, **changes: Any) -> Graph:
    """The graph of one ApiFront called `front`."""

    def program() -> None:
        api = made(**changes)
        pulumi.export("url", api.url)
        pulumi.export("keys", api.key_ids)

    return declare(program, known=known)


def body(graph: Graph) -> dict[str, Any]:
    """The OpenAPI document of the graph's REST API."""
    document: dict[str, Any] = json.loads(reveal(one(graph, "RestApi").inputs["body"]))
    return document
