"""Operations of an API, each a path with a method, from its routes: what a REST API throttles each by itself."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from ..facts import limits
from ..facts.route_paths import PROXY_PART


class Route(Protocol):
    """A path with methods."""

    @property
    def path(self) -> str: ...

    @property
    def methods(self) -> Collection[str]: ...

    @property
    def paths(self) -> Sequence[str]:
        """Its own path, and `{proxy+}` below it if all paths there are its own too."""
        ...


AnyRoute = TypeVar("AnyRoute", bound=Route)


@dataclass(frozen=True)
class Operation(Generic[AnyRoute]):
    """One path with one method: what an API is made of."""

    path: str
    method: str
    route: AnyRoute = field(repr=False)

    @property
    def key(self) -> str:
        """As HTTP APIs and usage plans write it: `GET /forward`."""
        return f"{self.method} {self.path}"


def list_operations(routes: Iterable[AnyRoute]) -> list[Operation[AnyRoute]]:
    """Lists every path with every method once. A route's own path wins over paths below another route.

    Raises VariablesClashError for `/orders/{id}` beside `/orders/{name}`: every kind of API takes one name there.
    """
    by_call: dict[tuple[str, str], Operation[AnyRoute]] = {}
    listed = list(routes)
    exact = {(route.path, method) for route in listed for method in route.methods}
    for route, path, method in _expand_routes(listed):
        if path == route.path or (path, method) not in exact:
            by_call.setdefault((path, method), Operation(path, method, route))
    _check_variables(by_call.values())
    return list(by_call.values())


def _expand_routes(routes: Iterable[AnyRoute]) -> Iterator[tuple[AnyRoute, str, str]]:
    for route in routes:
        for path in route.paths:
            for method in route.methods:
                yield route, path, method


class VariablesClashError(ValueError):
    """Two path variables with different names under one parent, where an API takes one."""

    def __init__(self, parent: str, names: Iterable[str]) -> None:
        self.parent, self.names = parent or "/", sorted(names)
        listed = " and ".join(f"{{{name}}}" for name in self.names)
        super().__init__(f"{listed} under {self.parent}")


def list_rest_operations(routes: Iterable[AnyRoute]) -> list[Operation[AnyRoute]]:
    """Lists the operations of a REST API, which takes one variable under each parent: `{proxy+}` or one other name.

    Where a route names a variable (`/orders/{id}`), what lies under its parent (`/orders/{proxy+}`) is declared as
    `/orders/{id}` and `/orders/{id}/{proxy+}` instead: the same paths. The routes of longer paths win there, with `ANY`
    as well, as they do on an HTTP API. Raises VariablesClashError as `list_operations` does.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html
    """
    declared = list_operations(routes)
    named = {parent: next(iter(names)) for parent, names in _find_variables(declared).items()}
    # The path of the route that each of these paths replaces.
    taken: dict[tuple[str, str], str] = {}
    for operation in sorted(declared, key=_path_length, reverse=True):
        for path in _replace_greedy_part(operation.path, named):
            if taken.get((path, limits.ANY), operation.path) == operation.path:
                taken.setdefault((path, operation.method), operation.path)
    return [
        Operation(path, operation.method, operation.route)
        for operation in declared
        for path in _replace_greedy_part(operation.path, named)
        if taken.get((path, operation.method)) == operation.path
    ]


def _path_length(operation: Operation[AnyRoute]) -> tuple[int, bool]:
    return operation.path.count("/"), not operation.path.endswith(PROXY_PART)


def _check_variables(declared: Iterable[Operation[AnyRoute]]) -> None:
    for parent, names in _find_variables(declared).items():
        if len(names) > 1:
            raise VariablesClashError(parent, names)


def _find_variables(declared: Iterable[Operation[AnyRoute]]) -> dict[str, set[str]]:
    """Returns the names of variables under each parent that has any besides `{proxy+}`."""
    names: dict[str, set[str]] = {}
    for operation in declared:
        parts = operation.path.split("/")
        for position, part in enumerate(parts):
            if part.startswith("{") and part != PROXY_PART:
                names.setdefault("/".join(parts[:position]), set()).add(part.strip("{}"))
    return names


def _replace_greedy_part(path: str, named: Mapping[str, str]) -> Iterator[str]:
    """Yields `path`, or the paths that replace it if its `{proxy+}` has a named variable beside it."""
    parent = path.removesuffix(f"/{PROXY_PART}")
    if parent == path or parent not in named:
        yield path
        return
    under = f"{parent}/{{{named[parent]}}}"
    yield under
    yield from _replace_greedy_part(f"{under}/{PROXY_PART}", named)
