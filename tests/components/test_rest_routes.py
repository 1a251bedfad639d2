"""Routes of a REST API: one variable part under each parent, and every path that a route stands for."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.api.args.routes import RouteArgs
from components.api.route_operations import Operation
from components.arguments.words import Method
from components.callers.operations import VariablesClashError, list_operations, list_rest_operations
from tests.components.front import ROUTE, made
from tests.helpers.declare import refusal
from tests.topologies.evaluated_api import matched


def route(path: str, *methods: Method, include_subpaths: bool = True, target: str = "backend") -> RouteArgs:
    return RouteArgs(path=path, methods=methods or ("GET",), target=target, include_subpaths=include_subpaths)


def keys(*routes: RouteArgs) -> list[str]:
    return sorted(operation.key for operation in list_rest_operations(routes))


def test_a_variable_takes_the_place_of_what_lies_under_its_parent() -> None:
    assert keys(route("/orders", "POST"), route("/orders/{id}", "GET")) == [
        "GET /orders/{id}",
        "GET /orders/{id}/{proxy+}",
        "POST /orders",
        "POST /orders/{id}",
        "POST /orders/{id}/{proxy+}",
    ]


ROUTES = st.builds(
    RouteArgs,
    path=st.sampled_from(["/", "/a", "/{id}", "/a/{id}", "/{id}/a", "/{id}/{part}"]),
    methods=st.sampled_from([("GET",), ("POST",), ("ANY",), ("GET", "POST")]),
    target=st.just("backend"),
    include_subpaths=st.sampled_from([True, True, False]),
)


CALLS = [
    (method, "/" + "/".join(parts))
    for method in ("GET", "PUT")
    for length in range(4)
    for parts in itertools.product("az", repeat=length)
]


@given(st.lists(ROUTES, min_size=2, max_size=4))
def test_each_call_is_taken_by_the_same_route_as_without_the_limit(routes: list[RouteArgs]) -> None:
    routes = [replace(each, target=str(position)) for position, each in enumerate(routes)]
    shaped, plain = list_rest_operations(routes), list_operations(routes)
    for method, path in CALLS:
        assert _taker(shaped, method, path) == _taker(plain, method, path), (method, path)


@given(st.lists(ROUTES, min_size=1, max_size=5))
def test_no_parent_has_two_variables(routes: list[RouteArgs]) -> None:
    children: dict[str, set[str]] = {}
    for operation in list_rest_operations(routes):
        names = operation.path.split("/")
        for position, name in enumerate(names):
            if name.startswith("{"):
                children.setdefault("/".join(names[:position]), set()).add(name)
    assert all(len(names) == 1 for names in children.values())


def _taker(declared: list[Operation], method: str, path: str) -> str | None:
    """The target of the most specific path that takes the method."""
    found = [
        (match.ranks, made.method == "ANY", made.route.target)
        for made in declared
        if made.method in (method, "ANY") and (match := matched(made.path, path))
    ]
    return min(found)[2] if found else None


@pytest.mark.parametrize("pair", list(itertools.combinations(["/a/{x}", "/a/{y}", "/a/{z}/b"], 2)))
def test_two_names_under_one_parent_are_refused(pair: tuple[str, str]) -> None:
    with pytest.raises(VariablesClashError) as clash:
        list_rest_operations([route(path) for path in pair])
    assert clash.value.parent == "/a"
    routes = [{**ROUTE, "path": path} for path in pair]
    for kind in ("rest", "http"):
        assert "under /a" in str(refusal(lambda kind=kind: made(kind=kind, routes=routes)))  # type: ignore[misc] # bound now
