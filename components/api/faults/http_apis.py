"""Features that HTTP APIs lack."""

from collections.abc import Callable, Iterator
from typing import Final

from ...arguments.faults import Fault
from ...facts import limits
from ..api_spec import ApiSpec
from ..args.routes import RouteArgs


def check_http_api(spec: ApiSpec) -> Iterator[Fault]:
    """Refuses features of REST APIs in the description of an HTTP API."""
    for key, got, feature, instead in _find_rest_features(spec) if spec.kind == "http" else ():
        yield Fault(key, got, f"{feature} only with a REST API", f"use kind: rest{instead}")


def check_http_routes(spec: ApiSpec) -> Iterator[Fault]:
    """Refuses more routes than an HTTP API takes."""
    routes = sum(len(route.methods) * len(route.paths) for route in spec.routes) if spec.kind == "http" else 0
    if routes > limits.HTTP_API_ROUTES:
        allowed = f"{limits.HTTP_API_ROUTES} routes at most, counting methods and what lies under paths"
        yield Fault("routes", routes, allowed, "use ANY")


def _find_rest_features(spec: ApiSpec) -> Iterator[tuple[str, object, str, str]]:
    """Yields the key, the value and the feature of each, and an alternative."""
    if spec.caller_account_ids:
        yield "caller_account_ids", ", ".join(spec.caller_account_ids), "a resource policy", ""
    if spec.plans:
        yield "plans", ", ".join(spec.plans), "API keys and usage plans", ", or authorization by JWT or IAM"
    if spec.firewall:
        yield "firewall", "set", "WAF", ", or put CloudFront with WAF in front"
    if spec.tracing:
        yield "tracing", True, "X-Ray traces", ""
    if spec.minimum_tls == "1.3":
        yield "minimum_tls", "1.3", "a minimum of 1.3", ", or 1.2"
    if spec.streaming:
        yield "streaming", True, "response streaming", ""
    # Last: one range of these may be wrong by itself.
    if spec.allow_cidrs or spec.deny_cidrs:
        key = "allow_cidrs" if spec.allow_cidrs else "deny_cidrs"
        yield key, "set", "a resource policy", ", or a Lambda authorizer that looks at the address"


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
