"""Features that the routes of HTTP APIs lack."""

from collections.abc import Callable, Iterator
from typing import Final

from ...arguments.faults import Fault
from ...facts import limits
from ..api_spec import ApiSpec
from ..args.routes import RouteArgs


def check_http_routes(spec: ApiSpec) -> Iterator[Fault]:
    """Refuses more routes than an HTTP API takes."""
    routes = sum(len(route.methods) * len(route.paths) for route in spec.routes) if spec.kind == "http" else 0
    if routes > limits.HTTP_API_ROUTES:
        allowed = f"{limits.HTTP_API_ROUTES} routes at most, counting methods and what lies under paths"
        yield Fault("routes", routes, allowed, "use ANY")


def _make_rest_only_check(key: str, feature: str, instead: str = "") -> Callable[[ApiSpec, RouteArgs], Iterator[Fault]]:
    def find(spec: ApiSpec, route: RouteArgs) -> Iterator[Fault]:
        got = getattr(route, key)
        if spec.kind == "http" and got not in (None, False) and not getattr(spec, key, False):
            yield Fault(
                key, got if got is True else "set", f"{feature} only with a REST API", f"use kind: rest{instead}"
            )

    return find


ROUTE_CHECKS: Final = (
    _make_rest_only_check("key_required", "API keys", ", or authorization by JWT or IAM"),
    _make_rest_only_check("streaming", "response streaming"),
    _make_rest_only_check("body_schema", "request validation", ", or validate in the backend"),
)
"""Checks of a single route for such features. Keys are those of the route."""
