"""Rules of the API: its routes, and what each kind of API cannot do."""

import dataclasses
from collections.abc import Iterator
from typing import Final

from ....api.args.routes import ThrottleArgs
from ....api.faults import callers, kinds
from ....arguments.faults import find_unused
from ....facts import limits
from ....private_api_endpoint import PrivateApiEndpointArgs
from ..api import Api
from ..backend import Backend
from ..function import Function
from ..ingress import Ingress
from ..mistakes import NOTHING, Mistake, did_you_mean
from ..network import AdoptedNetwork, NewNetwork
from ..protection import Protection
from ..section import fields_by_key
from ..services import Services
from ..topology import Topology
from ..unknown import as_far_as_known
from .proxy import has_forwarder_address
from .rule import convert_faults, list_keys_in_file, make_mistake, refuse_fields, register


@register
def check_private_api_kind(topology: Topology, api: Api) -> Iterator[Mistake]:
    if topology is Topology.PRIVATE_API and api.kind == "http":
        yield make_mistake(
            "api.kind", "http", "rest with topology private-api: HTTP APIs cannot be private", "use api.kind: rest"
        )
    if topology is not Topology.PRIVATE_API and api.private.fields_in_file:
        keys = list_keys_in_file(api.private, *sorted(api.private.fields_in_file))
        yield make_mistake(f"api.private.{keys[0]}", "set", "only with topology private-api", "take out api.private")


_ONLY_REST: Final = ("stage", "timeout_quota_milliseconds", "policy_quota_characters", "execution_logs")


@register
def check_keys_of_http_api(api: Api) -> Iterator[Mistake]:
    """The component cannot see keys that have the default of a REST API."""
    if api.kind == "http":
        in_file = [field for field in _ONLY_REST if list_keys_in_file(api, field)]
        in_file += ["execution_logs"] if list_keys_in_file(api.logs, "execution") else []
        unused = {field: kinds.UNUSED["http"][field] for field in _ONLY_REST}
        yield from convert_faults("api", find_unused(api.spec, unused, in_file))


@register
def check_firewall_kind(api: Api, protection: Protection) -> Iterator[Mistake]:
    if api.kind == "http" and protection.waf:
        remedy = "use api.kind: rest, or put CloudFront with WAF in front"
        yield make_mistake("protection.waf", "set", "WAF only with a REST API", remedy)


@register
def check_throttles(api: Api, region: str | None) -> Iterator[Mistake]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html"""
    most = dict(zip(("rate", "burst"), limits.find_account_throttle(region), strict=True))
    throttles: dict[str, ThrottleArgs | None] = {"throttle": api.throttle}
    with as_far_as_known():
        throttles |= {f"routes[{at}].throttle": route.throttle for at, route in enumerate(api.routes)}
    with as_far_as_known():
        for name, plan in api.plans.items():
            throttles |= {f"plans.{name}.throttle": plan.throttle}
            throttles |= {f"plans.{name}.routeThrottles.{route}": one for route, one in plan.route_throttles.items()}
    quota = f"the account's quota{f' in {region}' if region else ''} unless AWS raised it"
    remedy = "lower it, or ask AWS for more and write throttle: off, which leaves the limit to the account"
    if api.kind == "http":
        remedy = "lower it: above the account's quota the stage of an HTTP API limits nothing"
    for key, throttle in throttles.items():
        with as_far_as_known():
            for name, limit in most.items() if throttle else ():
                if (got := getattr(throttle, name)) > limit:
                    yield make_mistake(f"api.{key}.{name}", f"{got:,g}", f"at most {limit:,}, {quota}", remedy)


@register
def check_route_targets(backend: Backend, ingress: Ingress | None, api: Api, services: Services) -> Iterator[Mistake]:
    reachable = has_forwarder_address(backend, ingress)
    known = ["backend", *(["proxy"] if reachable else []), *services, *api.functions]
    for index, route in enumerate(api.routes):
        with as_far_as_known():
            if route.target not in known:
                remedy = did_you_mean(route.target, known) or "describe it in api.functions"
                if route.target == "proxy":
                    remedy = (
                        "proxy is the forwarder, which calls a backend by its address: a greeter has none, Fargate only"
                        " behind ingress.kind alb or nlb, and a listener only as backend.url"
                    )
                yield make_mistake(f"api.routes[{index}].target", route.target, f"one of {', '.join(known)}", remedy)
    for name in sorted({"backend", "proxy"} & set(api.functions)):
        yield make_mistake(
            f"api.functions.{name}", "set", "a name that is not backend or proxy", "these two are the stack's own"
        )
    for name in sorted(api.functions.keys() - {route.target for route in api.routes}):
        allowed = "a function that some route has as its target"
        yield make_mistake(f"api.functions.{name}", "set", allowed, "add the route, or take it out")


_CODE: Final = ("folder", "zip", "image")
_OF_ITS_CODE: Final = [field.name for field in fields_by_key(Function).values() if field.name not in ("arn", *_CODE)]


@register
def check_function_sources(api: Api) -> Iterator[Mistake]:
    for key, function in api.all_functions.items():
        with as_far_as_known():
            sources = list_keys_in_file(function, "arn", *_CODE)
            if len(sources) != 1:
                allowed = "one of arn, folder, zip and image, and only one"
                remedy = f"keep one of {', '.join(sources)}" if sources else "name where its code is: folder: ./app"
                yield make_mistake(f"api.{key}", " and ".join(sources) or NOTHING, allowed, remedy)
            elif function.arn:
                allowed = "only with folder, zip or image: a function that exists is left as it is"
                remedy = "take it out and change it where the function is deployed, or deploy its code here"
                yield from refuse_fields(f"api.{key}", function, _OF_ITS_CODE, allowed, remedy)


@register
def check_functions(api: Api) -> Iterator[Mistake]:
    for key, function in api.all_functions.items():
        with as_far_as_known():
            if len(list_keys_in_file(function, "arn", *_CODE)) != 1 or function.arn:
                continue
            faults = function.spec.find_faults()
            yield from convert_faults(f"api.{key}", (fault for fault in faults if fault.key != "calls" or function.vpc))
            if function.calls and not function.vpc:
                allowed = "only with vpc: true; outside the VPC a function reaches the internet, and no private address"
                yield make_mistake(f"api.{key}.calls", ", ".join(function.calls), allowed, "add vpc: true")
            if function.vpc and not (function.calls or function.spec.calls_aws):
                allowed = "a function that calls something: in the VPC it reaches only what it names"
                yield make_mistake(f"api.{key}.vpc", True, allowed, "name the servers in calls, or take vpc out")


@register
def check_policy_ranges(api: Api) -> Iterator[Mistake]:
    if api.policy is not None and not api.policy.allow and not api.policy.deny:
        yield make_mistake("api.policy", "empty", "ranges to allow or to deny", "take it out")


@register
def check_private_api_policy(topology: Topology, api: Api) -> Iterator[Mistake]:
    if topology is not Topology.PRIVATE_API:
        return
    if api.policy is not None:
        allowed = "api.private with a private API: callers come from endpoints, not from public addresses"
        yield make_mistake("api.policy", "set", allowed, "use api.private.vpcEndpointIds or vpcIds")
    for index, route in enumerate(api.routes):
        if route.key_required and route.authorization == "none":
            allowed = "a key only beside an authorization: a key distinguishes callers, it does not prove who they are"
            remedy = "add authorization: iam, or take keyRequired out: the endpoint's policy is the protection"
            yield make_mistake(f"api.routes[{index}].keyRequired", True, allowed, remedy)


_OF_THE_ENDPOINT: Final = (
    *("endpoint_id", "private_dns", "allow_vpc", "allow_security_group_ids", "allow_prefix_list_ids", "allow_cidrs"),
)


@register
def check_missing_endpoint(topology: Topology, api: Api, consumer: object) -> Iterator[Mistake]:
    """What the stack's own endpoint would serve, with `ownEndpoint: false`."""
    if topology is not Topology.PRIVATE_API or api.private.own_endpoint:
        return
    allowed = "only with an endpoint in the stack's VPC, which ownEndpoint: false does not create"
    remedy = "take it out, or take ownEndpoint out"
    yield from refuse_fields("api.private", api.private, _OF_THE_ENDPOINT, allowed, remedy)
    for key, section in {"api.domain": api.domain, "consumer": consumer}.items():
        if section is not None:
            yield make_mistake(key, "set", allowed, remedy)
    if api.private.vpc_ids and not api.private.endpoint_ids:
        # The provider keeps the API's last endpoint if none is named, and `apiUrl` would be the name of none.
        remedy = "add private.vpcEndpointIds with the endpoint of each caller"
        yield make_mistake("api.private.ownEndpoint", False, "only with vpcEndpointIds", remedy)


@register
def check_private_callers(topology: Topology, api: Api, network: NewNetwork | AdoptedNetwork) -> Iterator[Mistake]:
    """The stack's own endpoint in a VPC of its own carries no other account's calls, unless it allows more callers."""
    if topology is not Topology.PRIVATE_API:
        return
    private = api.private
    further = (private.allow_security_group_ids, private.allow_prefix_list_ids, private.allow_cidrs)
    reached = not api.caller_account_ids or isinstance(network, AdoptedNetwork) or any(further)
    own = ["the stack's own"] if private.own_endpoint and reached else []
    spec = dataclasses.replace(
        api.spec,
        kind="private",
        allow_endpoint_ids=[*own, *private.endpoint_ids],
        allow_vpc_ids=private.vpc_ids,
    )
    yield from convert_faults("api", callers.check_private_callers(spec), allow_endpoint_ids="private.vpcEndpointIds")


@register
def check_endpoint(api: Api, network: NewNetwork | AdoptedNetwork) -> Iterator[Mistake]:
    """The range of an adopted VPC is not known yet; the component compares it once it is looked up."""
    private = api.private
    if not private.own_endpoint:
        return
    spec = PrivateApiEndpointArgs(
        vpc_id="",
        vpc_cidr=network.cidr if isinstance(network, NewNetwork) else "",
        subnet_ids=None if private.endpoint_id else [""],
        endpoint_id=private.endpoint_id,
        **private.callers,
    )
    yield from convert_faults("api.private", spec.find_faults())
    if private.endpoint_id and isinstance(network, NewNetwork):
        allowed = "an endpoint only with network.vpcId: a new VPC has none yet"
        yield make_mistake(
            "api.private.endpointId", private.endpoint_id, allowed, "take it out, or name the endpoint's VPC"
        )
