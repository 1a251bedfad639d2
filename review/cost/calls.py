"""The calls of the APIs that components state: what takes each of them, and how many a second get through."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..callers.operations import Operation, list_operations, list_rest_operations
from ..facts import limits
from ..facts.route_paths import PROXY_PART
from ..graph import Resource
from ..reach import ways
from ..reach.keys import Keys, group_keys, read_number, read_rate
from ..reach.statements import Part, Statements, list_urns


@dataclass(frozen=True)
class Call:
    """A method of a path, or on an HTTP API a route."""

    name: str
    """`GET /orders/*`: a greedy path has methods of its own."""
    route: str
    """The route that it belongs to, `GET /orders`."""
    rate: float
    """Calls a second that get through."""
    is_limited: bool
    """Whether a throttle of the API says so, and not only the account's."""
    needs_key: bool = False
    function: Resource | None = None
    """The function that takes it, if the stack declares that."""
    authorizer: Resource | None = None
    """The function that is asked about the caller."""
    cache_seconds: float | None = 0.0
    """How long its answers are kept; None if that is not known."""
    streams: bool = False


@dataclass(frozen=True)
class Api:
    """An API with its calls and keys."""

    part: Part
    calls: tuple[Call, ...]
    keys: tuple[Keys, ...]

    @property
    def account_rate(self) -> int:
        """Calls a second that API Gateway takes for the account."""
        return limits.find_account_throttle(self.part.resource.region)[0]


def list_apis(statements: Statements) -> list[Api]:
    """Returns the APIs that components state."""
    return [
        Api(part, tuple(_list_calls(statements, part)), tuple(group_keys(part)))
        for part in statements.list_of("ApiFront")
    ]


def _list_calls(statements: Statements, api: Part) -> Iterator[Call]:
    is_rest = api.get("kind") != "http"
    routes = [*ways.list_calls(api, lambda *_: None)]  # what the target asks for changes no rate
    operations = (list_rest_operations if is_rest else list_operations)(routes)
    yield from (_read_call(statements, api, operation) for operation in operations)
    if is_rest and "preflight" in api.statement:
        # API Gateway answers these by itself, and bills and throttles them like others.
        for path in dict.fromkeys(operation.path for operation in operations):
            name = f"OPTIONS {path}"
            yield Call(_shorten(name), name, *_find_rate(api, "OPTIONS", api.get("preflight", "rate")))


def _read_call(statements: Statements, api: Part, operation: Operation[ways.Call]) -> Call:
    way, method = operation.route.way, operation.method
    needs = operation.route.needs
    decides: Mapping[str, Any] = (needs.get("caller") or {}).get("lambda", {})
    return Call(
        _shorten(operation.key),
        operation.route.name,
        *_find_rate(api, method, way.get("rate")),
        needs_key="keys" in needs,
        function=_find_resource(statements, api.get("to", way["to"], "function")),
        authorizer=_find_resource(statements, decides.get("function")),
        cache_seconds=read_number(decides.get("cacheSeconds", 0)),
        streams="streams" in way,
    )


def _find_rate(api: Part, method: str, throttle: Any) -> tuple[float, bool]:
    """Calls a second that get through, and whether a throttle bounds them.

    A REST API throttles each method; whether ANY is one is not documented, so that it counts as all that it stands for.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
    """
    most, burst = limits.find_account_throttle(api.resource.region)
    rate = read_rate(throttle)
    methods = len(limits.METHODS) if method == limits.ANY and api.get("kind") != "http" else 1
    at_once = read_number(throttle["burst"]) if rate is not None else None
    is_limited = rate is not None and not (rate >= most and (at_once is None or at_once >= burst))
    return methods * (rate if rate is not None and is_limited else most), is_limited


def _shorten(name: str) -> str:
    return f"{name.removesuffix(PROXY_PART)}*" if name.endswith(PROXY_PART) else name


def _find_resource(statements: Statements, reference: Any) -> Resource | None:
    return next((found for urn in list_urns(reference) if (found := statements.graph.resources.get(urn))), None)
