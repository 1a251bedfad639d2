"""Mistakes that the components refuse as well, by the same functions."""

import contextlib
import dataclasses
from collections.abc import Iterator

from ....api.faults import api_front, callers, domains, routes
from ....arguments.connections import TargetArgs
from ....callers.operations import VariablesClashError
from ....facts.limits import LAMBDA_AUTHORIZER_SECONDS, REST_API_TIMEOUT_MILLISECONDS
from ..api import Api
from ..backend import Backend
from ..ingress import Ingress
from ..mistakes import Mistake
from ..protection import Protection
from ..topology import Topology
from ..unknown import as_far_as_known, require_known
from .proxy import uses_link
from .rule import convert_faults, make_mistake, register

_RANGES = {"allow_cidrs": "policy.allow", "deny_cidrs": "policy.deny"}


@register
def check_api(api: Api) -> Iterator[Mistake]:
    spec = api.spec
    for kind in (*api_front.DESCRIPTION_CHECKS, domains.check_certificates):
        with as_far_as_known():
            yield from convert_faults("api", kind(spec))
    with as_far_as_known():
        yield from convert_faults("api", *api_front.check_routes(spec))
    yield from convert_faults("api", callers.check_ranges(spec), **_RANGES)


@register
def check_domain(topology: Topology, api: Api) -> Iterator[Mistake]:
    if topology is not Topology.PRIVATE_API:
        yield from convert_faults("api", domains.check_domain(api.spec))
    elif api.domain:
        yield from convert_faults("api", domains.check_private_name(api.domain.name))


@register
def check_operations(topology: Topology, backend: Backend, ingress: Ingress | None, api: Api) -> Iterator[Mistake]:
    linked = {"backend"} if uses_link(topology, backend, ingress, api) else set()
    names = {route.target for route in api.routes}
    targets = {name: TargetArgs(link_id="") if name in linked else TargetArgs(invoke_arn="") for name in names}
    spec = dataclasses.replace(api.spec, targets=targets)
    yield from convert_faults("api", routes.check_operations(spec), callers.check_identity(spec))


@register
def check_resource_policy(topology: Topology, api: Api) -> Iterator[Mistake]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html"""
    spec, private = api.spec, api.private
    if topology is Topology.PRIVATE_API:
        # The stack's own endpoint has no ID yet; all IDs have the same length.
        made = ["vpce-0123456789abcdef0"] if private.own_endpoint and not private.endpoint_id else []
        endpoints = (*made, *private.endpoint_ids)
        spec = dataclasses.replace(
            spec, kind="private", allow_endpoint_ids=endpoints, allow_vpc_ids=tuple(private.vpc_ids)
        )
        for index, route in enumerate(spec.routes):
            faults = callers.check_route_ranges(spec, route)
            yield from convert_faults("api", (one._replace(key=f"routes[{index}].{one.key}") for one in faults))
    # Another rule reports variables that clash.
    with contextlib.suppress(VariablesClashError):
        yield from convert_faults("api", callers.check_policy(spec))


@register
def check_firewall(protection: Protection) -> Iterator[Mistake]:
    if waf := protection.waf:
        yield from convert_faults("protection.waf", callers.check_firewall(waf.allow))


@register
def check_authorizer_timeouts(api: Api) -> Iterator[Mistake]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"""
    longest = LAMBDA_AUTHORIZER_SECONDS if api.kind == "http" else REST_API_TIMEOUT_MILLISECONDS // 1000
    for name, authorizer in api.authorizers.items():
        decides = authorizer.function
        if decides is not None and require_known(decides.timeout_seconds) > longest:
            allowed = f"at most {longest}: API Gateway waits no longer for an authorizer"
            remedy = "lower it"
            yield make_mistake(
                f"api.authorizers.{name}.function.timeoutSeconds", decides.timeout_seconds, allowed, remedy
            )
