"""An API front to declare in tests, with whatever a test changes."""

import json
from typing import Any

import pulumi

from components.api_front import ApiFront
from review.graph import Graph, reveal
from tests.components.declare import declare, one

FUNCTION = {"function_name": "forwarder", "invoke_arn": "arn:aws:apigateway:eu-west-1:lambda:path/forwarder"}
ROUTE: dict[str, Any] = {"path": "/forward", "methods": ["GET", "POST"], "target": "backend"}
ARGS: dict[str, Any] = {
    "kind": "rest",
    "routes": [ROUTE],
    "targets": {"backend": FUNCTION},
    "throttle": {"rate": 100, "burst": 50},
}


def front(known: bool = True, **changes: Any) -> Graph:
    """The graph of one ApiFront called `front`."""

    def program() -> None:
        args = {key: value for key, value in (ARGS | changes).items() if value is not None}
        made = ApiFront("front", args)  # type: ignore[arg-type] # tests give wrong ones as well
        pulumi.export("url", made.url)
        pulumi.export("keys", made.key_ids)

    return declare(program, known=known)


def body(graph: Graph) -> dict[str, Any]:
    """The OpenAPI document of the graph's REST API."""
    document: dict[str, Any] = json.loads(reveal(one(graph, "RestApi").inputs["body"]))
    return document
