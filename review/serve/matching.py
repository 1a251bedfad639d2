"""Which route a request gets: of the routes that take its method, the one with the most specific path.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html has it for HTTP APIs. For REST
APIs no page has it; two people measured the same on AWS: a path that lacks the method leaves the request to a less
specific one (https://github.com/ministackorg/ministack/pull/1423, https://github.com/floci-io/floci/pull/3399).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from .served_api import Route

Rank = tuple[int, ...]
_LITERAL, _VARIABLE, _GREEDY = 0, 1, 2


@dataclass(frozen=True)
class Match:
    """A route, and the values of its path variables."""

    route: Route
    variables: Mapping[str, str]


def match(routes: Iterable[Route], method: str, path: str, *, rest: bool) -> Match | None:
    """The route for a method and an encoded path without the stage. None if there is none."""
    fitting = [
        (rank, route.method == "ANY", route, variables)
        for route in routes
        if route.path != "$default"
        and route.method in (method, "ANY")
        and (ranked := _compare(route.path, path, rest=rest)) is not None
        for rank, variables in [ranked]
    ]
    if fitting:
        *_, route, variables = min(fitting, key=lambda one: one[:2])
        return Match(route, variables)
    default = next((route for route in routes if route.path == "$default"), None)
    return None if default is None else Match(default, {})


def _compare(template: str, path: str, *, rest: bool) -> tuple[Rank, dict[str, str]] | None:
    """How specific a template is for a path, part by part, with its variables. None if it does not fit."""
    wanted = [] if template == "/" else template.strip("/").split("/")
    given = path.removeprefix("/").split("/") if path not in ("", "/") else []
    if rest and given and given[-1] == "":
        # REST APIs pass over one slash at the end.
        given = given[:-1]
    rank: list[int] = []
    variables: dict[str, str] = {}
    for index, part in enumerate(wanted):
        if part.startswith("{") and part.endswith("+}"):
            if len(given) <= index or given[index:] == [""]:
                return None
            variables[part[1:-2]] = unquote("/".join(given[index:]))
            return (*rank, _GREEDY), variables
        if len(given) <= index:
            return None
        if part.startswith("{") and part.endswith("}"):
            if not given[index]:
                return None
            variables[part[1:-1]] = unquote(given[index])
            rank.append(_VARIABLE)
        elif part == unquote(given[index]):
            rank.append(_LITERAL)
        else:
            return None
    return (tuple(rank), variables) if len(given) == len(wanted) else None
