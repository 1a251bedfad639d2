"""Forms of the page: for each route, who may call it and how."""

from __future__ import annotations

import json
import re
from typing import Any

from ..facts import limits
from ..graph.reading import as_list, as_mapping
from ..local_gateway.apis import AuthorizerKind, Route
from ..local_gateway.printed_calls import RouteLine, route_lines
from ..local_gateway.stack import Stack


def list_forms(stack: Stack) -> list[dict[str, Any]]:
    """A form for each served route that is no mock, filled in with a call that the route accepts."""
    return [_build_form(place, line) for place, line in enumerate(route_lines(stack))]


def _build_form(place: int, line: RouteLine) -> dict[str, Any]:
    route = line.route
    assert route is not None
    is_decided = route.authorizer_kind is AuthorizerKind.FUNCTION
    return {
        "place": place,
        "api": line.api,
        "name": f"{line.method} {line.path}",
        "methods": [*limits.METHODS] if line.method == limits.ANY else [line.method],
        "path": line.path,
        "prefix": line.prefix,
        "variables": re.findall(r"\{([^}+]+)\+?\}", line.path),
        # A function decides about their values.
        "headers": [[name, ""] for name in (route.authorizer.headers if is_decided and route.authorizer else ())],
        "needs": [
            {"name": need.name, "choices": [{"label": one.label, "right": one.is_right} for one in need.choices]}
            for need in line.needs
        ],
        "takesClaims": any(need.name == "token" for need in line.needs),
        "body": _make_body(route),
    }


def _make_body(route: Route) -> str:
    """A body for the route's schema: an object with its required properties, each empty."""
    schema = as_mapping(route.body_schema)
    empty = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": [], "object": {}}
    properties = as_mapping(schema.get("properties"))
    required = as_list(schema.get("required"))
    named = {name: empty.get(str(as_mapping(properties.get(name)).get("type")), "") for name in required}
    return json.dumps(named, indent=2) if schema else ""
