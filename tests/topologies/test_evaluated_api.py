"""For drawn APIs of every kind: what a call gets, by the finished document, is what the settings say."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.testing.recorder import Graph
from tests.components.front import front
from tests.helpers.declare import ProgramError
from tests.helpers.draws import draws
from tests.helpers.stacks import ALL, graph_of
from tests.topologies.evaluated_api import matched, seen
from tests.topologies.wanted_api import Wanted, calls, wanted, without

HOST = "balancer.invalid:80"
LINK = {"link_id": "link-1", "listener_arn": HOST, "url": f"http://{HOST}"}
TARGETS = {
    "backend": LINK,
    "backend-5000-ms": {"function_name": "slow", "invoke_arn": "arn:slow"},
    "other": {"function_name": "other", "invoke_arn": "arn:other"},
}
EXPECTED = {"backend": HOST, "backend-5000-ms": "arn:slow", "other": "arn:other"}
NAMES = ("key", "api-key", "aws-sigv4", "NONE")
AUTHORIZERS = {
    "rest": {name: {"kind": "lambda", "function_name": name, "invoke_arn": f"arn:{name}"} for name in NAMES[:2]}
    | {name: {"kind": "cognito", "user_pool_arns": [f"arn:{name}"]} for name in NAMES[2:]},
    "http": {name: {"kind": "lambda", "function_name": name, "invoke_arn": f"arn:{name}"} for name in NAMES[:2]}
    | {name: {"kind": "jwt", "issuer": f"arn:{name}", "audiences": ["gate"]} for name in NAMES[2:]},
}
KINDS: dict[str, dict[str, Any]] = {
    "rest": {},
    "http": {"kind": "http"},
    "private": {"kind": "private", "endpoint_ids": ["vpce-1"], "allow_endpoint_ids": ["vpce-1"]},
}
WORDS = "a b a-b a_b proxy root variable ms 5000 a:b id {id} v1"
PARTS = st.sampled_from(WORDS.split())
PATHS = st.lists(PARTS, max_size=3).map(lambda parts: "/" + "/".join(dict.fromkeys(parts)))
METHODS = st.sampled_from([("GET",), ("GET", "POST"), ("PUT",), ("ANY",)])
ROUTES = st.builds(
    Wanted,
    PATHS,
    METHODS,
    st.sampled_from([*TARGETS, "backend", "backend"]),
    st.booleans(),
    st.sampled_from(["none", "iam", *NAMES]),
    st.booleans(),
)


def declared(kind: str, routes: list[Wanted], prefix: str, timeouts: list[int | None]) -> Graph | None:
    """The API of the routes; None if it is refused."""
    given = [
        {
            "path": route.path,
            "methods": list(route.methods),
            "target": route.target,
            "include_subpaths": route.include_subpaths,
            "authorization": route.authorization,
            **({"key_required": True} if route.key else {}),
            **({"timeout_milliseconds": timeout} if timeout else {}),
        }
        for route, timeout in zip(routes, timeouts, strict=False)
    ]
    used = {route.authorization for route in routes}
    authorizers = {name: one for name, one in AUTHORIZERS["http" if kind == "http" else "rest"].items() if name in used}
    try:
        return front(**KINDS[kind], routes=given, targets=TARGETS, authorizers=authorizers, strip_prefix=prefix)
    except ProgramError as error:
        if "ApiFront: " not in str(error):
            raise
        return None


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=draws(25), suppress_health_check=list(HealthCheck))
@given(
    st.lists(ROUTES, min_size=1, max_size=4),
    st.sampled_from(["", "/a", "/a-b", "/v1"]),
    st.booleans(),
    st.lists(st.sampled_from([None, 5000, 29_000]), min_size=4, max_size=4),
)
def test_a_call_gets_what_the_settings_say(
    kind: str, routes: list[Wanted], prefix: str, nested: bool, timeouts: list[int | None]
) -> None:
    routes = [
        replace(
            route,
            key=route.key and kind != "http",
            path=(prefix + route.path).rstrip("/") or "/" if nested else route.path,
        )
        for route in routes
    ]
    graph = declared(kind, routes, prefix, timeouts)
    if graph is None:
        return
    for method, path in calls(routes):
        found, expected = seen(graph, method, path), wanted(routes, method, path)
        assert found is not None, (method, path)
        assert expected is not None, (method, path)
        identity = expected.authorization
        assert found.authorization == (identity if identity in ("none", "iam") else f"arn:{identity}"), (method, path)
        assert found.key == expected.key, (method, path)
        assert found.target == EXPECTED[expected.target], (method, path)
        if expected.target == "backend":
            assert found.backend_path == without(prefix, path), (method, path)
    # Whichever route takes a call under the prefix, its backend does not see the prefix.
    for path in (prefix, f"{prefix}/zz", f"{prefix}/zz/yy") if prefix else ():
        for method in ("GET", "PUT"):
            found = seen(graph, method, path)
            if found is not None and found.target == HOST:
                assert found.backend_path == without(prefix, path), (method, path)


@pytest.mark.parametrize("stack", ALL)
def test_no_call_of_an_example_fails_to_find_its_target(stack: str) -> None:
    graph = graph_of(stack)
    (made,) = [resource for resource in graph if resource.type == "gatehouse:index:ApiFront"]
    routes = [
        Wanted(each["path"], tuple(each["methods"]), each["target"], each["include_subpaths"], each["authorization"])
        for each in made.inputs["routes"]
    ]
    for method, path in calls(routes):
        found, expected = seen(graph, method, path), wanted(routes, method, path)
        assert found is not None
        assert expected is not None
        assert (found.authorization == "none") == (expected.authorization == "none")


@pytest.mark.parametrize(
    ("template", "path", "ranks"),
    [
        ("/", "/", ()),
        ("/a/{id}", "/a/7", (0, 1)),
        ("/a/{proxy+}", "/a/7/8", (0, 2)),
        ("/a/{proxy+}", "/a", None),
        ("/a", "/a/7", None),
        ("/a/{id}", "/a", None),
    ],
)
def test_a_template_matches_as_api_gateway_says(template: str, path: str, ranks: tuple[int, ...] | None) -> None:
    match = matched(template, path)
    assert (match and match.ranks) == ranks
