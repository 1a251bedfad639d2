"""The route that API Gateway takes for a request: of those with its method, the one with the most specific path.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html has it for HTTP APIs. For REST
APIs no page has it; two people measured the same on AWS: a path that lacks the method leaves the request to a less
specific one (https://github.com/ministackorg/ministack/pull/1423, https://github.com/floci-io/floci/pull/3399).
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import unquote

from ..callers.calls import list_patterns

Rank = tuple[int, ...]


class HasPath(Protocol):
    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...


Route = TypeVar("Route", bound=HasPath)
_LITERAL, _VARIABLE, _GREEDY = 0, 1, 2
_PART: Final = re.compile(r"\{([^}+]+)\+?\}")


def find_way(ways: Mapping[str, Any], method: str, path: str, *, rest: bool) -> Mapping[str, Any] | None:
    """What a component states of a route that it declares. None if it states nothing.

    In a REST API, several paths may stand for the path below a route.
    """
    paths = [*list_patterns({"ways": ways})]
    exact = next((one for one in paths if (one.method, one.path) == (method, path)), None)
    found = match(paths, method, fill_path(path), rest=rest)
    return exact.way if exact else found[0].way if found else None


def fill_path(path: str) -> str:
    """A path with the names of its variables as their values: `/orders/{id}` is called as `/orders/id`."""
    return _PART.sub(r"\1", path)


def match(routes: Iterable[Route], method: str, path: str, *, rest: bool) -> tuple[Route, Mapping[str, str]] | None:
    """The route for a method and an encoded path without the stage, and its path variables. None if there is none.

    HTTP APIs decode the variables, and REST APIs leave them as the caller sent them.
    """
    fitting = [
        (rank, route.method == "ANY", route, variables)
        for route in routes
        if route.method in (method, "ANY") and (ranked := _compare(route.path, path, rest=rest)) is not None
        for rank, variables in [ranked]
    ]
    if not fitting:
        return None
    *_, route, variables = min(fitting, key=lambda row: row[:2])
    return route, variables


def _compare(template: str, path: str, *, rest: bool) -> tuple[Rank, dict[str, str]] | None:
    """How specific a template is for a path, part by part, with its variables. None if it does not fit."""
    template_parts, parts = _split_path(template, rest=rest), _split_path(path, rest=rest)
    if template.endswith("+}"):
        before = len(template_parts) - 1
        parts = [*parts[:before], *filter(None, ["/".join(parts[before:])])]
    if len(parts) != len(template_parts):
        return None
    rank: list[int] = []
    variables: dict[str, str] = {}
    for part, value in zip(template_parts, parts, strict=True):
        if part.startswith("{") and part.endswith("}") and value:
            variables[part.strip("{+}")] = value if rest else unquote(value)
            rank.append(_GREEDY if part.endswith("+}") else _VARIABLE)
        elif part == unquote(value):
            rank.append(_LITERAL)
        else:
            return None
    return tuple(rank), variables


def _split_path(path: str, *, rest: bool) -> list[str]:
    parts = path.removeprefix("/").split("/") if path not in ("", "/") else []
    # REST APIs pass over one slash at the end. To an HTTP API /a and /a/ are two routes.
    return parts[:-1] if rest and parts and not parts[-1] else parts
