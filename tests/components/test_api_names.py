"""Logical names of an API's parts: what differs has names that differ, and a renamed variable keeps its name."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from components.api import naming
from components.api.args.routes import RouteArgs
from components.api.route_operations import Operation
from components.arguments.words import Method
from components.testing.recorder import Graph
from tests.components.front import ROUTE, front
from tests.helpers.declare import names, one

LINK = {"link_id": "vpclink-1", "listener_arn": "arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/x/1/2"}
WORDS = "a b a-b a_b a_-b - -- _ proxy _proxy root variable ms at 5000 a:b a::b a.b a~b id ID {id} {b} {proxy+}"
PARTS = st.sampled_from(WORDS.split())
METHODS: st.SearchStrategy[Method] = st.sampled_from(["GET", "POST", "ANY"])


def path_of(parts: list[str]) -> str:
    """A path in which `{proxy+}` is last and each variable is there once."""
    kept = [part for at, part in enumerate(parts) if part != "{proxy+}" or at == len(parts) - 1]
    return "/" + "/".join(dict.fromkeys(kept))


PATHS = st.lists(PARTS, max_size=4).map(path_of)


def same_place(path: str) -> str:
    """The path as API Gateway compares it: a variable's name does not distinguish it."""
    return "/".join("{}" if part.startswith("{") and not part.endswith("+}") else part for part in path.split("/"))


@given(st.lists(st.tuples(METHODS, PATHS), min_size=2, max_size=6))
def test_operations_that_differ_have_names_that_differ(drawn: list[tuple[str, str]]) -> None:
    route = RouteArgs(path="/", methods=("GET",), target="backend")
    distinct = {(method, same_place(path)): Operation(path, method, route) for method, path in drawn}
    found = [naming.name_operation(operation) for operation in distinct.values()]
    assert len(set(found)) == len(distinct), found
    assert not any("::" in name for name in found)


@given(st.sets(st.lists(st.text("ab-_5.", min_size=1, max_size=4), min_size=2, max_size=2).map(tuple), min_size=2))
def test_joined_names_that_differ_are_texts_that_differ(pairs: set[tuple[str, ...]]) -> None:
    assert len({naming.join_names(*pair) for pair in pairs}) == len(pairs)


def http(*paths: str, **changes: Any) -> Graph:
    return front(kind="http", routes=[{**ROUTE, "methods": ["GET"], "path": path} for path in paths], **changes)


def test_the_default_timeout_written_out_is_the_same_integration() -> None:
    written = {**ROUTE, "path": "/a", "timeout_milliseconds": 30_000}
    for routes in ([written, ROUTE], [ROUTE, written]):
        assert names(front(kind="http", routes=routes), "Integration") == ["front-to-backend"]


def test_a_renamed_variable_changes_its_route_in_place() -> None:
    before, after = (
        http(f"/orders/{{{name}}}", targets={"backend": LINK}, strip_prefix="/orders") for name in ("id", "no")
    )
    assert list(before.resources) == list(after.resources)
    assert one(after, "Route", "front-get-orders-variable").inputs["routeKey"] == "GET /orders/{no}"


PLAN = {"throttle": {"rate": 1, "burst": 1}, "quota": {"limit": 1, "period": "DAY"}}
KEYED = [{**ROUTE, "key_required": True}]


def test_keys_of_plans_with_equal_words_are_keys_of_their_own() -> None:
    graph = front(routes=KEYED, plans={"a": {**PLAN, "keys": ["b-c"]}, "a-b": {**PLAN, "keys": ["c"]}})
    assert sorted(names(graph, "ApiKey")) == ["front-key-b-c", "front-key-c"]
    assert len(graph.exports["keys"]) == 2


def test_a_renamed_plan_keeps_its_keys() -> None:
    before, after = (front(routes=KEYED, plans={name: {**PLAN, "keys": ["acme"]}}) for name in ("gold", "silver"))
    for kind in ("ApiKey", "UsagePlanKey"):
        assert names(before, kind) == names(after, kind)
    member = one(after, "UsagePlanKey", "front-key-acme-member")
    assert member.options.delete_before_replace, "AWS refuses a key in two plans of one stage"
