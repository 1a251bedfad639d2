"""Forms of the page: for each route, who may call it and how."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from ..aws.gateway import signatures
from ..facts import limits
from ..graph.reading import as_list, as_mapping
from ..local_gateway.apis import AuthorizerKind, Route
from ..local_gateway.issuer import make_claims
from ..local_gateway.printed_calls import RouteLine, route_lines
from ..local_gateway.request import IDENTITY_HEADERS
from ..local_gateway.stack import Stack

NOBODY: Final = "nobody"
TOKEN: Final = "token"  # noqa: S105 # a kind of caller
IAM: Final = "iam"
SIGNED: Final = "signed"
MISSIGNED: Final = "missigned"
_OTHER_ACCOUNT: Final = "999999999999"
_OWN_USER: Final = "arn:aws:iam::{account}:user/try-user"
_TOKENS: Final = (AuthorizerKind.JWT, AuthorizerKind.COGNITO)


def list_forms(stack: Stack) -> list[dict[str, Any]]:
    """A form for each route that is no mock, filled in with a call that the route accepts."""
    return [_build_form(place, line, stack) for place, line in enumerate(route_lines(stack))]


def _build_form(place: int, line: RouteLine, stack: Stack) -> dict[str, Any]:
    route = line.route
    assert route is not None
    callers = _list_callers(route, stack)
    names = {name.title() for name in IDENTITY_HEADERS}
    others = [source.rpartition(".")[2] for source in _list_sources(route) if ".header." in source]
    headers = [[name, value] for name, value in line.headers.items() if name in (*names, "Host")]
    if route.kind is AuthorizerKind.FUNCTION:
        headers += [[name, ""] for name in others]
    key = line.headers.get("x-api-key", "")
    return {
        "place": place,
        "api": line.api,
        "name": f"{line.method} {line.path}",
        "methods": [*limits.METHODS] if line.method == "ANY" else [line.method],
        "prefix": line.prefix,
        "path": "/" if line.path == "$default" else line.path,
        "variables": re.findall(r"\{([^}+]+)\+?\}", line.path),
        "headers": headers,
        "keys": [resource.name for resource in stack.keys.values.values()],
        "key": stack.keys.values[key].name if key in stack.keys.values else "",
        "callers": callers,
        "caller": callers[1]["kind"] if len(callers) > 1 else NOBODY,
        "body": _make_body(route),
    }


def _list_sources(route: Route) -> tuple[str, ...]:
    return route.authorizer.sources if route.authorizer is not None else ()


def _list_callers(route: Route, stack: Stack) -> list[dict[str, Any]]:
    """Who may call, the one that the route requires right after nobody."""
    callers: list[dict[str, Any]] = [{"kind": NOBODY, "label": "nobody"}]
    authorizer, account = route.authorizer, stack.graph.account
    if authorizer is not None and authorizer.kind in _TOKENS:
        issuer, audience = next(iter(authorizer.issuers), ""), next(iter(authorizer.audiences), "")
        claims = make_claims(issuer, audience, route.scopes)
        label = f"a token of {authorizer.name}"
        callers.append({"kind": TOKEN, "label": label, "claims": claims, "scopes": [*route.scopes]})
    if authorizer is not None and authorizer.kind is AuthorizerKind.IAM:
        own, other = (_OWN_USER.format(account=each) for each in (account, _OTHER_ACCOUNT))
        callers.append({"kind": IAM, "label": "an IAM user of this account", "principal": own})
        callers.append({"kind": IAM, "label": "an IAM user of another account", "principal": other})
    check = signatures.check_of(route.integration.function)
    if check.checks:
        callers.append({"kind": SIGNED, "label": f"the sender, by its {check.scheme} {check.word}"})
        callers.append({"kind": MISSIGNED, "label": f"a stranger, by a wrong {check.word}"})
    return callers


def _make_body(route: Route) -> str:
    """A body for the route's schema: an object with its required properties, each empty."""
    schema = as_mapping(next(iter(route.body_schemas.values()), {}))
    empty = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": [], "object": {}}
    properties = as_mapping(schema.get("properties"))
    required = as_list(schema.get("required"))
    named = {name: empty.get(str(as_mapping(properties.get(name)).get("type")), "") for name in required}
    return json.dumps(named, indent=2) if schema else ""
