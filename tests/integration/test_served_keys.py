"""The keys that `make try` reads of a REST API's document, held against the code that writes the document."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.api import openapi
from review.local_gateway.matching import fill_path, match
from review.local_gateway.unread import TABLE
from review.tests.helpers.stacks import graph_with
from review.tests.local_gateway.calling import stack

OBJECTS: dict[str, dict[str, str | None]] = TABLE["objects"]
SOURCE = Path(openapi.__file__).read_text(encoding="utf-8")
UNREAD = {
    # Of responses and of the document's head, which decide no answer.
    *("description", "title", "version", "204", "headers"),
    # A method, and a mark for the policy pack.
    *("options", "x-gatehouse-function"),
}
HEADER = re.compile(r"Access-Control-[\w-]+|Origin|Credentials")
"""Parts of names of headers."""


def list_written() -> Iterator[str]:
    """The keys of every mapping that the code writes."""
    for node in ast.walk(ast.parse(SOURCE)):
        if isinstance(node, ast.Dict):
            yield from (key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str))
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            yield from [str(node.slice.value)] if isinstance(node.slice, ast.Constant) else []


def list_reached(*names: str) -> set[str]:
    """The objects of a document, from these on."""
    found = {*names}
    for name in names:
        found |= list_reached(*(rule[1:] for rule in OBJECTS[name].values() if rule and rule.startswith("@")))
    return found


def test_each_key_of_our_documents_has_a_row_and_each_row_a_key() -> None:
    rows = {key for name in list_reached("document", "operation", "scheme") for key in OBJECTS[name]}
    patterns = [row for row in rows if row.startswith("^")]
    written = {key for key in list_written() if not HEADER.fullmatch(key)} - UNREAD
    assert {key for key in written - rows if not any(re.fullmatch(row, key) for row in patterns)} == set()
    # `$default` and the types of errors are in lists.
    assert {row for row in rows - {*patterns} - written if f'"{row}"' not in SOURCE} == set()
    for row in patterns:
        assert row.split(r"\.")[0].removeprefix("^") in SOURCE, row


SCHEMA = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
CODE = {"folder": "handlers/greeter"}
LAMBDA = {"kind": "lambda", "function": CODE, "identityHeaders": ["X-Token", "X-Other"]}
CORS = {"origins": ["https://a.example.com"], "credentials": True}
POOL = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_a"
GREETER: dict[str, Any] = {"topology": "public-proxy", "backend": {"kind": "greeter"}}
LINKED: dict[str, Any] = {
    "topology": "vpc-link",
    "network": {"egress": "nat-gateway"},
    "backend": {"kind": "fargate", "image": "nginx:1.29", "port": 80},
}
ROUTES: list[dict[str, Any]] = [
    {"path": "/a", "authorization": "own"},
    {"path": "/a/{order-id}", "methods": ["GET"], "authorization": "own"},
    {"path": "/b", "methods": ["POST"], "authorization": "iam", "timeoutMilliseconds": 5000},
]


def api(kind: str, own: dict[str, Any], *routes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"api": {"kind": kind, "authorizers": {"own": own}, "routes": [*ROUTES, *routes], **more}}


CONFIGS: dict[str, dict[str, Any]] = {
    "REST, functions": {**GREETER, **api("rest", {**LAMBDA, "cacheSeconds": 60}, {"path": "/c", "methods": ["POST"],
        "bodySchema": SCHEMA, "keyRequired": True, "authorization": "iam", "throttle": {"rate": 5, "burst": 2}},
        plans={"one": {"keys": ["ann"], "quota": {"limit": 9, "period": "DAY"}, "throttle": {"rate": 5, "burst": 2}}},
        cors={**CORS, "preflightOnly": True}, stage="v1",
        policy={"allow": ["203.0.113.0/24"], "deny": ["203.0.113.9/32"]})},
    "REST, pools": {**GREETER, **api("rest", {"kind": "cognito", "userPoolArns": [POOL]},
        {"path": "/s", "methods": ["GET"], "authorization": "own", "scopes": ["a/read", "a/write"]})},
    "REST, a link with streams": {**LINKED, "ingress": {"kind": "nlb"}, **api("rest", {**LAMBDA}, streaming=True)},
    "REST, a link to a balancer": {**LINKED, "ingress": {"kind": "alb"}, **api("rest", {**LAMBDA})},
    "HTTP, functions": {**GREETER, **api("http", {**LAMBDA, "cacheSeconds": 60}, cors=CORS)},
    "HTTP, a link": {**LINKED, "ingress": {"kind": "alb"}, **api("http",
        {"kind": "jwt", "issuer": "https://issuer.example.com", "audiences": ["one", "two"]},
        {"path": "/s", "methods": ["GET"], "authorization": "own", "scopes": ["a/read"]})},
    "HTTP, Cloud Map": {**LINKED, "ingress": {"kind": "cloud-map"}, **api("http", {**LAMBDA})},
    "private": {"topology": "private-api", "backend": {"kind": "greeter"}, **api("rest", {**LAMBDA})},
}  # fmt: skip


@pytest.mark.parametrize("name", CONFIGS)
def test_whatever_a_stack_sets_is_read_and_agrees_with_its_statements(name: str) -> None:
    graph = graph_with(CONFIGS[name])
    with stack(graph) as served:
        assert [*map(str, served.unread)] == []
        (api,), rows = served.stack.apis, served.check()
    # Calls of some routes are taken by others with longer paths.
    called = [(route, match(api.routes, route.method, fill_path(route.path), rest=api.is_rest)) for route in api.routes]
    reached = {
        route.name for route, found in called if found is not None and found[0] is route and route.kind != "MOCK"
    }
    assert {row.route for row in rows} >= reached
