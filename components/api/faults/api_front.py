"""All mistakes in the arguments of ApiFront, for the component and for the settings."""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final

from ...arguments.faults import Fault, did_you_mean
from ...facts import limits
from ...facts.access_log_variables import VARIABLES, is_access_log_variable
from ...facts.route_paths import can_begin_with
from .. import access_logs
from ..api_spec import ApiSpec
from ..args.plans import check_key_values
from . import http_apis, routes
from .authorizers import check_authorization, check_authorizers, check_scopes
from .callers import check_firewall, check_identity, check_private_callers, check_route_ranges
from .cors import check_cors
from .domains import check_certificates, check_domain, check_private_name
from .kinds import check_kind
from .plans import check_plan_keys, check_plan_rates, check_renamed_keys, check_required_keys
from .routes import check_operations, check_repeated_routes
from .targets import check_targets


def check_api(spec: ApiSpec) -> Iterator[Fault]:
    """Yields every mistake that the arguments show."""
    yield from chain.from_iterable((*(check(spec) for check in DESCRIPTION_CHECKS), *check_routes(spec)))
    yield from check_targets(spec)
    if spec.firewall:
        yield from _prefix_keys("firewall", check_firewall(spec.firewall.allow))
    yield from check_identity(spec)
    yield from check_operations(spec)
    yield from check_certificates(spec)
    yield from check_domain(spec)
    if spec.private_domain is not None:
        yield from check_private_name(spec.private_domain.name)
    yield from check_private_callers(spec)


DESCRIPTION_CHECKS: Final[tuple[Callable[[ApiSpec], Iterator[Fault]], ...]] = (
    lambda spec: check_repeated_routes(spec.routes),
    check_authorizers,
    check_required_keys,
    check_plan_rates,
    lambda spec: check_plan_keys({name: plan.names for name, plan in spec.plans.items()}),
    lambda spec: check_key_values({place: value for place, value in spec.key_values.items() if isinstance(value, str)}),
    lambda spec: check_renamed_keys(
        {name: plan.names for name, plan in spec.plans.items()},
        {name: plan.renamed_keys for name, plan in spec.plans.items()},
    ),
    lambda spec: check_cors(spec.cors, http=spec.kind == "http") if spec.cors else iter(()),
    check_kind,
    http_apis.check_http_routes,
    lambda spec: check_access_logs(spec),
    lambda spec: check_prefix(spec),
)
"""Checks that need neither targets nor domain. Each runs by itself, so that one mistake hides no other."""
_ROUTE_CHECKS: Final = (
    *routes.ROUTE_CHECKS,
    check_route_ranges,
    check_authorization,
    check_scopes,
    *http_apis.ROUTE_CHECKS,
)


def check_access_logs(spec: ApiSpec) -> Iterator[Fault]:
    """Yields variables of access logs that the kind of API does not have, and a format that is too long."""
    kind = "http" if spec.kind == "http" else "rest"
    length = len(access_logs.build_log_format(spec).encode())
    if length > limits.ACCESS_LOG_FORMAT_BYTES:
        allowed = f"at most {limits.ACCESS_LOG_FORMAT_BYTES:,} bytes of the whole format, names of variables included"
        yield Fault("access_log_fields", f"{length:,} bytes", allowed, "take some out")
    for index, name in enumerate(spec.access_log_fields):
        if not is_access_log_variable(name, kind):
            allowed = f"a variable of {kind.upper()} APIs"
            yield Fault(f"access_log_fields[{index}]", name, allowed, did_you_mean(name, VARIABLES[kind]))


def check_prefix(spec: ApiSpec) -> Iterator[Fault]:
    """Yields a prefix that no request has."""
    prefix = spec.strip_prefix
    if prefix and not any(can_begin_with(route.path, prefix, subpaths=route.include_subpaths) for route in spec.routes):
        allowed = "the beginning of a route's path: no request has this prefix"
        yield Fault("strip_prefix", prefix, allowed, "correct it, or take it out")


def check_routes(spec: ApiSpec) -> Iterator[Iterator[Fault]]:
    """Yields the mistakes of each route, and of each kind, by themselves."""
    for index, route in enumerate(spec.routes):
        for check in _ROUTE_CHECKS:
            yield _prefix_keys(f"routes[{index}]", check(spec, route))


def _prefix_keys(place: str, own: Iterator[Fault]) -> Iterator[Fault]:
    for fault in own:
        yield fault._replace(key=f"{place}.{fault.key}")
