"""All mistakes in an API's description, for ApiFront and for the settings."""

from collections.abc import Callable, Iterator
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from itertools import chain
from typing import Any, Final

from ..arguments.faults import Fault, did_you_mean
from ..facts import limits
from ..facts.access_log_variables import VARIABLES, is_access_log_variable
from ..url_backend import port_of
from . import faults, http_faults
from .api_args import ApiSpec, DomainArgs, RoutingArgs
from .authorizer_faults import of_authorization, of_authorizers, of_scopes
from .resource_policy import OverlapError, fits
from .routes import VariablesClashError
from .streaming import fits as fits_stage_variable
from .streaming import stage_variable


def of_api(spec: ApiSpec) -> Iterator[Fault]:
    """The mistakes that show in the arguments."""
    yield from chain.from_iterable((*(kind(spec) for kind in DESCRIPTION), *of_routes(spec)))
    yield from _of_targets(spec)
    if spec.firewall:
        yield from _placed("firewall", faults.of_firewall(spec.firewall.allow))
    yield from of_identity(spec)
    yield from of_operations(spec)
    yield from of_certificates(spec)
    yield from of_domain(spec)
    if spec.private_domain is not None:
        yield from of_private_name(spec.private_domain.name)
    wrong = "domain" if spec.kind == "private" else "private_domain"
    if getattr(spec, wrong) is not None:
        yield Fault(wrong, "given", f"the other kind of domain with kind {spec.kind}")
    yield from of_admitted(spec)


DESCRIPTION: Final[tuple[Callable[[ApiSpec], Iterator[Fault]], ...]] = (
    lambda spec: faults.of_repeated(spec.routes),
    of_authorizers,
    faults.of_required_keys,
    lambda spec: faults.of_plans({name: plan.names for name, plan in spec.plans.items()}),
    lambda spec: faults.of_key_values(
        {place: value for place, value in spec.key_values.items() if isinstance(value, str)}
    ),
    lambda spec: faults.of_renamed_keys(
        {name: plan.names for name, plan in spec.plans.items()},
        {name: plan.renamed_keys for name, plan in spec.plans.items()},
    ),
    lambda spec: faults.of_cors(spec.cors, http=spec.kind == "http") if spec.cors else iter(()),
    http_faults.of_http_apis,
    http_faults.of_http_routes,
    lambda spec: of_access_logs(spec),
)
"""Mistakes that show without targets and domain, each kind by itself: a value that is wrong hides no other."""
_OF_A_ROUTE: Final = (*faults.OF_A_ROUTE, of_authorization, of_scopes, *http_faults.OF_A_ROUTE)


def of_access_logs(spec: ApiSpec) -> Iterator[Fault]:
    """Variables of access logs that the kind of API does not have."""
    kind = "http" if spec.kind == "http" else "rest"
    for index, name in enumerate(spec.access_log_fields):
        if not is_access_log_variable(name, kind):
            allowed = f"a variable of {kind.upper()} APIs"
            yield Fault(f"access_log_fields[{index}]", name, allowed, did_you_mean(name, VARIABLES[kind]))


def of_routes(spec: ApiSpec) -> Iterator[Iterator[Fault]]:
    """Mistakes of each route, each kind by itself as well."""
    for index, route in enumerate(spec.routes):
        for kind in _OF_A_ROUTE:
            yield _placed(f"routes[{index}]", kind(spec, route))


def _placed(place: str, own: Iterator[Fault]) -> Iterator[Fault]:
    for fault in own:
        yield fault._replace(key=f"{place}.{fault.key}")


def of_ranges(spec: ApiSpec) -> Iterator[Fault]:
    """Lists of ranges of which no caller has an address.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-ip-address-type.html
    """
    if spec.kind != "rest":
        return
    allow, deny = spec.ranges
    if allow and spec.domain is None and all(":" in cidr for cidr in allow):
        allowed = "an IPv4 range among them: without a domain callers reach the API only over IPv4"
        yield Fault("allow_cidrs", ", ".join(allow), allowed, "add one, or a domain, which then answers over IPv6")
        return
    everywhere = {4: "0.0.0.0/0"} if spec.domain is None else {4: "0.0.0.0/0", 6: "::/0"}
    called = [ip_network(cidr) for cidr in allow or everywhere.values()]
    denied = [ip_network(cidr) for cidr in deny]
    if all(_covered(network, denied) for network in called if network.version in everywhere):
        allowed = "ranges that leave a part of those that may call"
        yield Fault("deny_cidrs", ", ".join(spec.deny_cidrs), allowed, "remove one: all calls are denied")


def _covered(network: IPv4Network | IPv6Network, ranges: list[IPv4Network | IPv6Network]) -> bool:
    """Whether several ranges together have every address of a network: as one, or as halves that make one."""
    same: list[Any] = [block for block in ranges if block.version == network.version]
    return any(network.subnet_of(block) for block in collapse_addresses(same))


def of_policy(spec: ApiSpec) -> Iterator[Fault]:
    """Mistakes of the resource policy, in an API whose routes are sound."""
    if any(of_admitted(spec)):
        return
    try:
        policy = spec.policy
    except OverlapError as error:
        yield Fault(
            "routes",
            str(error),
            "routes that the resource policy can distinguish: AWS admits whom either it or the authorization allows",
            f"give {error.opened.route.path} an authorization too, or include_subpaths: false, or a path of its own",
        )
        return
    most = spec.policy_quota_characters
    if policy is None or fits(policy, most):
        return
    allowed = f"what fits into a policy of {most:,} characters; policy_quota_characters if AWS raised your quota"
    if count := sum(map(len, spec.ranges)):
        remedy = "put neighbouring ranges together, or use AWS WAF, whose address sets hold 10,000"
        yield Fault("allow_cidrs", f"{count} ranges", allowed, remedy)
    else:
        remedy = "name fewer, by include_subpaths: true, methods: [ANY] or shorter paths"
        yield Fault("routes", f"{len(spec.operations)} paths and methods", allowed, remedy)


def _of_targets(spec: ApiSpec) -> Iterator[Fault]:
    for index, route in enumerate(spec.routes):
        if route.target not in spec.targets:
            known = ", ".join(spec.targets)
            allowed = f"one of {known}" if known else "the name of a target; targets is empty"
            yield Fault(f"routes[{index}].target", route.target, allowed)
    for name, target in spec.targets.items():
        for fault in target.faults(http=spec.kind == "http"):
            yield fault._replace(key=f"targets.{name}.{fault.key}".rstrip("."))
        url = target.url
        if spec.kind != "http" and isinstance(url, str) and port_of(url) not in limits.REST_API_PORTS:
            yield Fault(f"targets.{name}.url", url, "port 80, 443, or 1024 to 65535: a REST API calls no others")


def of_identity(spec: ApiSpec) -> Iterator[Fault]:
    """Headers that name the caller, where AWS would let the caller write them.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
    """
    if spec.identity and spec.has_rest_link:
        allowed = (
            "false on a REST API with a VPC link: it distinguishes upper and lower case in the names of headers, and"
        )
        allowed += " passes on a caller's own in any other spelling"
        yield Fault("identity", True, allowed, "send every route through the forwarder, or use kind http")


def of_operations(spec: ApiSpec) -> Iterator[Fault]:
    """Mistakes of paths, and of the stage variable that lists the streaming routes."""
    try:
        operations = spec.operations
    except VariablesClashError as error:
        allowed = "one name for the variable under each parent: an API takes one there"
        yield Fault("routes", str(error), allowed, f"write {{{error.names[0]}}} in both")
        return
    yield from faults.of_throttles({name: plan.route_throttles for name, plan in spec.plans.items()}, operations)
    linked = [operation for operation in operations if operation.route.target not in spec.functions]
    yield from faults.of_prefix(spec.strip_prefix, linked)
    listed = stage_variable(operations, spec.functions)
    if not fits_stage_variable(listed):
        yield Fault(
            "routes",
            f"{listed.count(',') + 1} paths and methods that stream from functions",
            f"fewer: the stage lists them in {limits.STAGE_VARIABLE_CHARACTERS} characters, and these take "
            f"{len(listed)}",
            "use ANY in place of methods, or put them under one path",
        )


def of_certificates(spec: ApiSpec) -> Iterator[Fault]:
    """Mistakes of the certificates that callers present.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-custom-domain-tls-version.html
    """
    domain = spec.domain
    if domain is None:
        return
    for key in ("truststore_version", "ownership_verification_certificate_arn"):
        if getattr(domain, key) is not None and domain.truststore is None:
            yield Fault(f"domain.{key}", "set", "only with truststore: it is for mutual TLS", "take it out")
    if domain.truststore is not None and spec.minimum_tls == "1.3":
        allowed = "1.2 with domain.truststore: AWS offers no mutual TLS with its enhanced security policies"
        yield Fault("minimum_tls", spec.minimum_tls, allowed, 'set minimum_tls: "1.2", or take the truststore out')


def of_domain(spec: ApiSpec) -> Iterator[Fault]:
    """Mistakes of a public API's domain.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
    """
    domain = spec.domain
    if domain is None:
        return
    if domain.existing:
        for key in ("certificate_arn", "zone_id", "routing", "truststore"):
            if getattr(domain, key) is not None:
                yield Fault(f"domain.{key}", "set", "only without existing: the domain has its own", "take it out")
    elif domain.certificate_arn is None and domain.zone_id is None:
        allowed = "certificate_arn, or zone_id of the zone in which to validate a new certificate"
        yield Fault("domain", domain.name, allowed, "zone_id also creates the alias records")
    if domain.routing is not None and not domain.existing:
        yield from _of_routing(domain, domain.routing)
    for index, route in enumerate(spec.routes):
        if route.path in limits.HEALTH_CHECK_PATHS:
            allowed = "another path with a domain: API Gateway answers this one itself at custom domains"
            yield Fault(f"routes[{index}].path", route.path, allowed, "rename it, for example to /healthz")


def _of_routing(domain: DomainArgs, routing: RoutingArgs) -> Iterator[Fault]:
    """https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-shared.html"""
    if domain.zone_id is None:
        yield Fault("domain.routing", routing.policy, "only with zone_id, the zone of the records", "add zone_id")
    for policy, key in (("weighted", "weight"), ("failover", "failover")):
        if routing.policy == policy and getattr(routing, key) is None:
            yield Fault(f"domain.routing.{key}", None, f"it is required with policy {policy}", f"add {key}")
        if routing.policy != policy and getattr(routing, key) is not None:
            yield Fault(f"domain.routing.{key}", getattr(routing, key), f"only with policy {policy}", "take it out")
    if routing.failover == "primary" and routing.health_check_id is None:
        allowed = "a health check of the primary, by which Route 53 sees that it fails"
        yield Fault("domain.routing.health_check_id", None, allowed, "name one of Route 53 for a path of the API")


def of_admitted(spec: ApiSpec) -> Iterator[Fault]:
    """A private API that nobody can call: it admits no endpoint and no VPC, though it may name accounts."""
    if spec.kind != "private" or spec.allow_endpoint_ids or spec.allow_vpc_ids:
        return
    if spec.caller_account_ids:
        accounts = ", ".join(spec.caller_account_ids)
        allowed = "accounts only beside an endpoint or a VPC through which they can call a private API"
        yield Fault("caller_account_ids", accounts, allowed, "add the IDs of their endpoints or of their VPCs")
    else:
        yield Fault("allow_endpoint_ids", [], "a private API admits one endpoint or VPC at least")


def of_private_name(name: str) -> Iterator[Fault]:
    """The name of a private API's domain."""
    if name.startswith("*."):
        allowed = "one name: its private zone answers only that name"
        yield Fault("private_domain.name", name, allowed, "name it, such as api.example.com")
