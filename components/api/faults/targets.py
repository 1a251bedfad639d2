"""Mistakes of targets, and of routes that do not fit them."""

from collections.abc import Iterator

import pulumi

from ...arguments.backend_urls import find_port
from ...arguments.connections import TargetArgs
from ...arguments.faults import Fault
from ...facts import limits
from ..api_spec import ApiSpec
from ..args.routes import RouteArgs
from ..route_operations import choose_timeout


def check_targets(spec: ApiSpec) -> Iterator[Fault]:
    """Yields routes without a target, or that it does not fit, and mistakes of targets."""
    for index, route in enumerate(spec.routes):
        target = spec.targets.get(route.target)
        if target is None:
            known = ", ".join(spec.targets)
            allowed = f"one of {known}" if known else "the name of a target; targets is empty"
            yield Fault(f"routes[{index}].target", route.target, allowed)
            continue
        for fault in _check_fit(spec, route, target):
            yield fault._replace(key=f"routes[{index}].{fault.key}")
    for name, target in spec.targets.items():
        for fault in target.find_faults(http=spec.kind == "http"):
            yield fault._replace(key=f"targets.{name}.{fault.key}".rstrip("."))
        url = target.url
        if spec.kind != "http" and isinstance(url, str) and find_port(url) not in limits.REST_API_PORTS:
            yield Fault(f"targets.{name}.url", url, "port 80, 443, or 1024 to 65535: a REST API calls no others")


def _check_fit(spec: ApiSpec, route: RouteArgs, target: TargetArgs) -> Iterator[Fault]:
    if route.streaming and target.streams is False:
        allowed = f"a target that streams: the function of {route.target} returns whole responses"
        remedy = "set streaming: false on the route; ServerlessProxy streams with stream_seconds"
        yield Fault("streaming", True, allowed, remedy)
    if target.sets_identity and spec.has_rest_link:
        allowed = (
            "no target with identity headers beside a VPC link of a REST API, where callers could write the headers"
        )
        remedy = "set identity: false there, send every route through the forwarder, or use kind http"
        yield Fault("target", route.target, allowed, remedy)
    wait = _find_wait(spec, route)
    if route.streaming:
        wait = min(wait, limits.STREAM_PAUSE_SECONDS)
    if target.idle_seconds is not None and wait > target.idle_seconds:
        allowed = f"at most {target.idle_seconds * 1000:,}: the load balancer of {route.target} waits no longer"
        remedy = "raise longest_wait_seconds of PrivateIngress, or lower the timeout"
        yield Fault("timeout_milliseconds", f"{wait * 1000:g}", allowed, remedy)


def warn_of_timeouts(spec: ApiSpec, front: pulumi.Resource) -> None:
    """Warns of functions that work on, and cost, after the last route has stopped to wait for them."""
    for name, target in spec.targets.items():
        waits = [_find_wait(spec, route) for route in spec.routes if route.target == name]
        if target.timeout_seconds is not None and waits and target.timeout_seconds > max(waits):
            pulumi.log.warn(
                f"{spec.name}: the function of {name} may take {target.timeout_seconds} s, and its routes wait "
                f"{max(waits):g} s: lower its timeout, or raise timeout_milliseconds of a route",
                front,
            )


def _find_wait(spec: ApiSpec, route: RouteArgs) -> float:
    """Seconds that a route waits for its target, or that a streamed response may last."""
    http = spec.kind == "http"
    return choose_timeout(route.timeout_milliseconds, streams=bool(route.streaming), http=http) / 1000
