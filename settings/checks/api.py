"""Rules of the API: its routes, and what each kind of API cannot do."""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Any

from facts.address_lists import expanded
from facts.limits import (
    HEALTH_CHECK_PATHS,
    HTTP_API_ROUTES,
)

from ..api import Api
from ..arguments import camel
from ..backend import Backend
from ..ingress import Ingress
from ..mistakes import NOTHING, Mistake, did_you_mean
from ..network import AdoptedNetwork, NewNetwork
from ..protection import Protection
from ..topology import Topology
from .proxy import forwarder_finds
from .rule import given, mistake, rule


@rule
def private_api_is_rest(topology: Topology, api: Api) -> Iterator[Mistake]:
    if topology is Topology.PRIVATE_API and api.kind == "http":
        yield mistake(
            "api.kind", "http", "rest with topology private-api: HTTP APIs cannot be private", "use api.kind: rest"
        )
    if topology is not Topology.PRIVATE_API and api.private.model_fields_set:
        keys = given(api.private, *sorted(api.private.model_fields_set))
        yield mistake(f"api.private.{keys[0]}", "set", "only with topology private-api", "take out api.private")


@rule
def http_api_has_no_such_thing(api: Api, protection: Protection) -> Iterator[Mistake]:
    if api.kind == "http":
        for key, got, what, instead in [*_of_the_api(api, protection), *_of_routes(api)]:
            yield mistake(key, got, f"{what} only with a REST API", f"use api.kind: rest{instead}")


def _of_the_api(api: Api, protection: Protection) -> Iterator[tuple[str, object, str, str]]:
    """Features that an HTTP API lacks as a whole: key, value, what it is, and what else would do."""
    if api.caller_account_ids:
        yield "api.callerAccountIds", ", ".join(api.caller_account_ids), "a resource policy", ""
    if api.plans:
        yield "api.plans", ", ".join(api.plans), "API keys and usage plans", ", or authorization by JWT or IAM"
    if api.policy:
        instead = ", or a Lambda authorizer that looks at the address"
        yield "api.policy", "set", "a resource policy", instead
    if protection.waf:
        yield "protection.waf", "set", "WAF", ", or put CloudFront with WAF in front"
    if api.tracing:
        yield "api.tracing", True, "X-Ray traces", ""
    if given(api.logs, "execution"):
        yield "api.logs.execution", api.logs.execution, "execution logs", "; access logs are on already"
    if api.minimum_tls == "1.3":
        yield "api.minimumTls", "1.3", "a minimum of 1.3", ", or 1.2"
    if given(api, "stage"):
        instead = ", or take it out: HTTP APIs use $default, which leaves the path as the client sent it"
        yield "api.stage", api.stage, "a named stage", instead


def _of_routes(api: Api) -> Iterator[tuple[str, object, str, str]]:
    for index, route in enumerate(api.routes):
        if route.key_required:
            yield f"api.routes[{index}].keyRequired", True, "API keys", ", or authorization by JWT or IAM"
        if api.streams(route):
            key = "api.streaming" if route.streaming is None else f"api.routes[{index}].streaming"
            yield key, True, "response streaming", ""
        if route.body_schema is not None:
            yield f"api.routes[{index}].bodySchema", "set", "request validation", ", or validate in the backend"


@rule
def routes_lead_somewhere(backend: Backend, ingress: Ingress | None, api: Api) -> Iterator[Mistake]:
    reachable = forwarder_finds(backend, ingress)
    known = ["backend", *(["proxy"] if reachable else []), *api.functions]
    for index, route in enumerate(api.routes):
        if route.target not in known:
            yield mistake(
                f"api.routes[{index}].target",
                route.target,
                f"one of {', '.join(known)}",
                did_you_mean(route.target, known) or "describe it in api.functions"
                if route.target != "proxy"
                else "proxy is the forwarder, which calls a backend by its address: a greeter has none, Fargate only "
                "behind ingress.kind alb or nlb, and a listener only as backend.url",
            )
    for name in {"backend", "proxy"} & set(api.functions):
        yield mistake(
            f"api.functions.{name}", "set", "a name that is not backend or proxy", "these two are the stack's own"
        )
    for name in api.functions.keys() - {route.target for route in api.routes}:
        yield mistake(
            f"api.functions.{name}",
            "set",
            "a function that some route has as its target",
            "add the route, or take it out",
        )


@rule
def functions_have_one_source(api: Api) -> Iterator[Mistake]:
    functions = {f"functions.{name}": function for name, function in api.functions.items()}
    functions |= {f"authorizers.{name}.function": one.function for name, one in api.authorizers.items() if one.function}
    for key, function in functions.items():
        if bool(function.arn) == bool(function.folder):
            yield mistake(f"api.{key}", function.arn or NOTHING, "arn or folder, and only one of them")
        elif function.arn:
            for field in given(function, "handler", "runtime", "memory", "timeout_seconds"):
                yield mistake(
                    f"api.{key}.{field}",
                    "set",
                    "only with folder: a function that exists is left as it is",
                    "take it out",
                )


@rule
def policy_names_ranges(api: Api) -> Iterator[Mistake]:
    if api.policy is not None and not api.policy.allow and not api.policy.deny:
        yield mistake("api.policy", "empty", "ranges to allow or to deny", "take it out")


@rule
def policy_admits_an_address_that_can_call(api: Api) -> Iterator[Mistake]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-ip-address-type.html"""
    if api.policy is None or api.kind != "rest":
        return
    allow = expanded(api.policy.allow)
    if allow and api.domain is None and all(":" in cidr for cidr in allow):
        yield mistake(
            "api.policy.allow",
            ", ".join(allow),
            "an IPv4 range among them: without api.domain callers reach the API only over IPv4",
            "add one, or api.domain, which then answers over IPv6",
        )
        return
    versions = (4,) if api.domain is None else (4, 6)
    everywhere = {4: "0.0.0.0/0", 6: "::/0"}
    called = [ip_network(cidr) for cidr in allow or [everywhere[version] for version in versions]]
    denied = [ip_network(cidr) for cidr in expanded(api.policy.deny)]
    if called and all(_covered(one, denied) for one in called if one.version in versions):
        yield mistake(
            "api.policy.deny",
            ", ".join(api.policy.deny),
            "ranges that leave a part of those that may call",
            "remove one: all calls are denied",
        )


def _covered(network: IPv4Network | IPv6Network, ranges: list[IPv4Network | IPv6Network]) -> bool:
    """Whether several ranges together have every address of a network: as one, or as halves that make one."""
    same: list[Any] = [one for one in ranges if one.version == network.version]
    return any(network.subnet_of(one) for one in collapse_addresses(same))


@rule
def http_api_has_room(api: Api) -> Iterator[Mistake]:
    routes = sum(len(route.methods) * (1 + route.include_subpaths) for route in api.routes)
    if api.kind == "http" and routes > HTTP_API_ROUTES:
        yield mistake(
            "api.routes",
            routes,
            f"{HTTP_API_ROUTES} routes at most, counting methods and what lies under paths",
            "use ANY",
        )


@rule
def private_api_admits_endpoints(topology: Topology, api: Api) -> Iterator[Mistake]:
    if topology is not Topology.PRIVATE_API:
        return
    if api.policy is not None:
        yield mistake(
            "api.policy",
            "set",
            "api.private with a private API: callers come from endpoints, not from public addresses",
            "use api.private.vpcEndpointIds or vpcIds",
        )
    for index, route in enumerate(api.routes):
        if route.key_required and route.authorization == "none":
            yield mistake(
                f"api.routes[{index}].keyRequired",
                True,
                "a key only beside an authorization: a key distinguishes callers, it does not prove who they are",
                "add authorization: iam, or take keyRequired out: the endpoint's policy is the protection",
            )


@rule
def health_checks_keep_their_paths(topology: Topology, api: Api) -> Iterator[Mistake]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html"""
    for index, route in enumerate(api.routes):
        if route.path in HEALTH_CHECK_PATHS and api.domain is not None and topology is not Topology.PRIVATE_API:
            yield mistake(
                f"api.routes[{index}].path",
                route.path,
                "another path with api.domain: API Gateway answers this one itself at custom domains",
                "rename it, for example to /healthz",
            )


@rule
def endpoint_has_room_for_its_callers(api: Api) -> Iterator[Mistake]:
    for key, got, allowed, remedy in api.private.spec.of_callers():
        yield mistake(f"api.private.{camel(key)}", got, camel(allowed), camel(remedy))


@rule
def endpoint_admits_each_range_once(api: Api, network: NewNetwork | AdoptedNetwork) -> Iterator[Mistake]:
    """The range of an adopted VPC is not known yet; the component compares it once it is looked up."""
    private = api.private
    if not private.spec.admits_vpc or not isinstance(network, NewNetwork):
        return
    if network.cidr in private.allow_cidrs:
        yield mistake(
            "api.private.allowCidrs",
            network.cidr,
            "ranges besides network.cidr, which may call already",
            f"take {network.cidr} out",
        )


@rule
def existing_endpoint_stands_in_an_adopted_network(api: Api, network: NewNetwork | AdoptedNetwork) -> Iterator[Mistake]:
    private = api.private
    if private.endpoint_id is None:
        return
    if isinstance(network, NewNetwork):
        yield mistake(
            "api.private.endpointId",
            private.endpoint_id,
            "an endpoint only with network.vpcId: a new VPC has none yet",
            "take it out, or name the endpoint's VPC",
        )
    if kept := given(private, "allow_vpc", "allow_security_group_ids", "allow_prefix_list_ids", "allow_cidrs"):
        yield mistake(
            f"api.private.{kept[0]}",
            "set",
            "only for an endpoint that the stack makes: the groups of one that exists are left as they are",
            "take it out",
        )
