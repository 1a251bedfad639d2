"""What a call should get from an API, by the routes of its settings; and the calls to compare by."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.topologies.evaluated_api import matched

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True)
class Wanted:
    """One route of the settings."""

    path: str
    methods: tuple[str, ...]
    target: str
    include_subpaths: bool = True
    authorization: str = "none"
    key: bool = False

    def templates(self) -> Iterator[str]:
        """Its own path, and everything under it."""
        yield self.path
        if self.include_subpaths:
            yield f"{self.path.rstrip('/')}/{{proxy+}}"


def routes_of(api: Mapping[str, Any]) -> list[Wanted]:
    """The routes of a stack file's `api`, with the defaults that the documents name."""
    given: Sequence[Mapping[str, Any]] = api.get("routes") or [{}]
    return [
        Wanted(
            route.get("path", "/forward"),
            tuple(method.upper() for method in route.get("methods", ("GET", "HEAD", "POST", "PUT"))),
            route.get("target", "backend"),
            route.get("includeSubpaths", True),
            route.get("authorization") or "none",
            route.get("keyRequired", False),
        )
        for route in given
    ]


def wanted(routes: Sequence[Wanted], method: str, path: str) -> Wanted | None:
    """The route that should take a call: by the most specific path, then by the method's own name."""
    found = [
        (match.ranks, "ANY" in route.methods, position)
        for position, route in enumerate(routes)
        for template in route.templates()
        if (method in route.methods or "ANY" in route.methods) and (match := matched(template, path))
    ]
    return routes[min(found)[2]] if found else None


def calls(routes: Sequence[Wanted]) -> Iterator[tuple[str, str]]:
    """Calls of each route's own path and of what lies under it, with values that are no literal of any path."""
    for route in routes:
        own = "/".join("zz" if part.startswith("{") else part for part in route.path.split("/"))
        for path in (
            own,
            *([f"{own.rstrip('/')}/zz", f"{own.rstrip('/')}/zz/yy/xx"] if route.include_subpaths else []),
        ):
            for method in _METHODS if "ANY" in route.methods else route.methods:
                yield method, path


def without(prefix: str, path: str) -> str:
    """The path that a backend should see."""
    prefix = prefix.rstrip("/")
    if prefix and (path == prefix or path.startswith(f"{prefix}/")):
        return path[len(prefix) :] or "/"
    return path
