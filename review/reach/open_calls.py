"""Calls that anyone on the internet may make, and the entries by which a stack acknowledges them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..callers.order import is_open
from ..facts import route_paths
from ..graph import Graph, Resource
from ..graph.graph import group_pairs
from ..graph.prose import join_names
from ..graph.reading import as_list, as_text, get_value
from .inbound import Inbound
from .statements import Part, Statements
from .ways import Call, group_by_path, list_calls


@dataclass(frozen=True)
class OpenEndpoint:
    """An API that takes anyone's calls."""

    resource: Resource
    name: str
    """How a reader knows it."""
    calls: tuple[str, ...]
    """`GET POST /orders (and below)`, a path each."""
    acknowledged: bool = False

    def __str__(self) -> str:
        shown = self.calls if len(self.calls) <= 3 else (*self.calls[:2], f"{len(self.calls) - 2} more paths")
        return f"open to the internet: {join_names(shown)} of {self.name}"


def list_public_calls(statements: Statements) -> Iterator[tuple[Part, Call]]:
    """Yields each API with a call that needs nothing of its caller. A private API has none."""
    find_checks = Inbound(statements).find_checks
    for api in statements.list_of("ApiFront"):
        if api.get("kind") != "private":
            yield from ((api, call) for call in list_calls(api, find_checks) if is_open(call.needs))


def list_open_endpoints(statements: Statements) -> Iterator[OpenEndpoint]:
    """Yields what is open to anyone, acknowledged calls apart from others."""
    meant = read_acknowledged(statements.graph)
    calls = group_pairs(
        ((api.resource.urn, meant.keys() >= set(list_entries(statements, api, call))), (api, call))
        for api, call in list_public_calls(statements)
    )
    for (_, is_meant), opened in calls.items():
        api = opened[0][0]
        paths = tuple(group_by_path((call for _, call in opened), below=" (and below)"))
        yield OpenEndpoint(api.resource, api.name, paths, is_meant)


def list_entries(statements: Statements, api: Part, call: Call) -> list[str]:
    """The entries that acknowledge an open call: one for its path, and one for the paths below."""
    routes = [f"{call.method} {path}" for path in call.paths]
    return routes if len(statements.list_of("ApiFront")) == 1 else [f"{route} of {api.name}" for route in routes]


def read_acknowledged(graph: Graph) -> dict[str, str]:
    """The reason, which may be empty, by each entry of `protection.acknowledgePublic` in the stack's config.

    An entry is a route (`GET /health`), or `GET /health of front` if the stack has several APIs.
    """
    entries = [
        (as_text(get_value(entry, "route")), as_text(get_value(entry, "reason")))
        if isinstance(entry, Mapping)
        else (as_text(entry), "")
        for entry in as_list(get_value(graph.get_project_config("protection"), "acknowledgePublic"))
    ]
    return {route: reason for entry, reason in entries for route in route_paths.split_route(entry)}
