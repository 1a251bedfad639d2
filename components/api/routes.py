"""Routes of an API as data, the same for every kind of API."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..limits import ANY, METHODS

PROXY_PART: Final = "{proxy+}"
"""API Gateway's name for everything under a path."""


@dataclass(frozen=True)
class Throttle:
    """Token bucket: requests a second, and how many at once."""

    rate: float
    burst: int


@dataclass(frozen=True)
class Route:
    """A path, its methods, and where they go."""

    path: str
    methods: tuple[str, ...]
    target: str
    under: bool = True
    timeout_milliseconds: int | None = None
    streaming: bool = False
    throttle: Throttle | None = None
    key_required: bool = False
    authorization: str = "none"
    scopes: tuple[str, ...] = ()
    body_schema: Mapping[str, Any] | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """The path itself, and the one that stands for all that lies under it."""
        below = f"{self.path.rstrip('/')}/{PROXY_PART}"
        return (self.path, below) if self.under and not self.path.endswith("+}") else (self.path,)


@dataclass(frozen=True)
class Operation:
    """One path with one method: what an API is made of."""

    path: str
    method: str
    route: Route = field(repr=False)

    @property
    def key(self) -> str:
        """As HTTP APIs and usage plans write it: `GET /forward`."""
        return f"{self.method} {self.path}"

    @property
    def name(self) -> str:
        """Fit for a logical name: `get-forward-proxy`."""
        words = [part.strip("{}+") for part in self.path.split("/") if part] or ["root"]
        return "-".join([self.method.lower(), *words])


def operations(routes: Iterable[Route]) -> list[Operation]:
    """Every path with every method, once; a route's own path wins over what lies under another's."""
    found: dict[tuple[str, str], Operation] = {}
    listed = list(routes)
    exact = {(route.path, method) for route in listed for method in route.methods}
    for route, path, method in _expanded(listed):
        if path == route.path or (path, method) not in exact:
            found.setdefault((path, method), Operation(path, method, route))
    return list(found.values())


def _expanded(routes: Iterable[Route]) -> Iterator[tuple[Route, str, str]]:
    for route in routes:
        for path in route.paths:
            for method in route.methods:
                yield route, path, method


def named_methods(method: str) -> tuple[str, ...]:
    """`ANY` as the methods that it stands for."""
    return METHODS if method == ANY else (method,)
