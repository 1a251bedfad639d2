"""All mistakes in an API's description, for ApiFront and for the settings."""

from collections.abc import Callable, Iterator
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from itertools import chain
from typing import Any, Final

from ..arguments.faults import Fault, did_you_mean
from ..facts import limits
from ..facts.access_log_variables import VARIABLES, is_access_log_variable
from ..url_backend import port_of
from . import access_logs, faults, http_faults
from .api_args import ApiSpec, DomainArgs, RoutingArgs
from .authorizer_faults import check_authorization, check_authorizers, check_scopes
from .resource_policy import OverlapError, fits_resource_policy
from .routes import VariablesClashError
from .streaming import build_stage_variable, fits_stage_variable


def check_api(spec: ApiSpec) -> Iterator[Fault]:
    """Yields every mistake that the arguments show."""
    yield from chain.from_iterable((*(check(spec) for check in DESCRIPTION_CHECKS), *check_routes(spec)))
    yield from _check_targets(spec)
    if spec.firewall:
        yield from _prefix_keys("firewall", faults.check_firewall(spec.firewall.allow))
    yield from check_identity(spec)
    yield from check_operations(spec)
    yield from check_certificates(spec)
    yield from check_domain(spec)
    if spec.private_domain is not None:
        yield from check_private_name(spec.private_domain.name)
    wrong = "domain" if spec.kind == "private" else "private_domain"
    if getattr(spec, wrong) is not None:
        yield Fault(wrong, "given", f"the other kind of domain with kind {spec.kind}")
    yield from check_private_callers(spec)


DESCRIPTION_CHECKS: Final[tuple[Callable[[ApiSpec], Iterator[Fault]], ...]] = (
    lambda spec: faults.check_repeated_routes(spec.routes),
    check_authorizers,
    faults.check_required_keys,
    lambda spec: faults.check_plan_keys({name: plan.names for name, plan in spec.plans.items()}),
    lambda spec: faults.check_key_values(
        {place: value for place, value in spec.key_values.items() if isinstance(value, str)}
    ),
    lambda spec: faults.check_renamed_keys(
        {name: plan.names for name, plan in spec.plans.items()},
        {name: plan.renamed_keys for name, plan in spec.plans.items()},
    ),
    lambda spec: faults.check_cors(spec.cors, http=spec.kind == "http") if spec.cors else iter(()),
    http_faults.check_http_api,
    http_faults.check_http_routes,
    lambda spec: check_access_logs(spec),
)
"""Checks that need neither targets nor domain. Each runs by itself, so that one mistake hides no other."""
_ROUTE_CHECKS: Final = (*faults.ROUTE_CHECKS, check_authorization, check_scopes, *http_faults.ROUTE_CHECKS)


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


def check_routes(spec: ApiSpec) -> Iterator[Iterator[Fault]]:
    """Yields the mistakes of each route, and of each kind, by themselves."""
    for index, route in enumerate(spec.routes):
        for check in _ROUTE_CHECKS:
            yield _prefix_keys(f"routes[{index}]", check(spec, route))


def _prefix_keys(place: str, own: Iterator[Fault]) -> Iterator[Fault]:
    for fault in own:
        yield fault._replace(key=f"{place}.{fault.key}")


def check_ranges(spec: ApiSpec) -> Iterator[Fault]:
    """Yields a list of ranges if no caller has an address in it.

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
    if all(_is_covered(network, denied) for network in called if network.version in everywhere):
        allowed = "ranges that leave a part of those that may call"
        yield Fault("deny_cidrs", ", ".join(spec.deny_cidrs), allowed, "remove one: all calls are denied")


def _is_covered(network: IPv4Network | IPv6Network, ranges: list[IPv4Network | IPv6Network]) -> bool:
    """Whether several ranges together cover a network: one of them, or two halves that make one."""
    same: list[Any] = [block for block in ranges if block.version == network.version]
    return any(network.subnet_of(block) for block in collapse_addresses(same))


def check_policy(spec: ApiSpec) -> Iterator[Fault]:
    """Yields mistakes of the resource policy. The API's routes must have none."""
    if any(check_private_callers(spec)):
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
    if policy is None or fits_resource_policy(policy, most):
        return
    allowed = f"what fits into a policy of {most:,} characters; policy_quota_characters if AWS raised your quota"
    if count := sum(map(len, spec.ranges)):
        remedy = "put neighbouring ranges together, or use AWS WAF, whose address sets hold 10,000"
        yield Fault("allow_cidrs", f"{count} ranges", allowed, remedy)
    else:
        remedy = "name fewer, by include_subpaths: true, methods: [ANY] or shorter paths"
        yield Fault("routes", f"{len(spec.operations)} paths and methods", allowed, remedy)


def _check_targets(spec: ApiSpec) -> Iterator[Fault]:
    for index, route in enumerate(spec.routes):
        if route.target not in spec.targets:
            known = ", ".join(spec.targets)
            allowed = f"one of {known}" if known else "the name of a target; targets is empty"
            yield Fault(f"routes[{index}].target", route.target, allowed)
    for name, target in spec.targets.items():
        for fault in target.find_faults(http=spec.kind == "http"):
            yield fault._replace(key=f"targets.{name}.{fault.key}".rstrip("."))
        url = target.url
        if spec.kind != "http" and isinstance(url, str) and port_of(url) not in limits.REST_API_PORTS:
            yield Fault(f"targets.{name}.url", url, "port 80, 443, or 1024 to 65535: a REST API calls no others")


def check_identity(spec: ApiSpec) -> Iterator[Fault]:
    """Refuses headers that name the caller if callers could set them themselves.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
    """
    if spec.identity and spec.has_rest_link:
        allowed = (
            "false on a REST API with a VPC link: it distinguishes upper and lower case in the names of headers, and"
        )
        allowed += " passes on a caller's own in any other spelling"
        yield Fault("identity", True, allowed, "send every route through the forwarder, or use kind http")


def check_operations(spec: ApiSpec) -> Iterator[Fault]:
    """Yields mistakes of paths, and of the stage variable that lists the streaming routes."""
    try:
        operations = spec.operations
    except VariablesClashError as error:
        allowed = "one name for the variable under each parent: an API takes one there"
        yield Fault("routes", str(error), allowed, f"write {{{error.names[0]}}} in both")
        return
    yield from faults.check_method_throttles(
        {name: plan.route_throttles for name, plan in spec.plans.items()}, operations
    )
    linked = [operation for operation in operations if operation.route.target not in spec.functions]
    yield from faults.check_prefix(spec.strip_prefix, linked)
    listed = build_stage_variable(operations, spec.functions)
    if not fits_stage_variable(listed):
        yield Fault(
            "routes",
            f"{listed.count(',') + 1} paths and methods that stream from functions",
            f"fewer: the stage lists them in {limits.STAGE_VARIABLE_CHARACTERS} characters, and these take "
            f"{len(listed)}",
            "use ANY in place of methods, or put them under one path",
        )


def check_certificates(spec: ApiSpec) -> Iterator[Fault]:
    """Yields mistakes of the certificates that callers present.

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


def check_domain(spec: ApiSpec) -> Iterator[Fault]:
    """Yields mistakes of a public API's domain.

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
        yield from _check_routing(domain, domain.routing)
    for index, route in enumerate(spec.routes):
        if route.path in limits.HEALTH_CHECK_PATHS:
            allowed = "another path with a domain: API Gateway answers this one itself at custom domains"
            yield Fault(f"routes[{index}].path", route.path, allowed, "rename it, for example to /healthz")


def _check_routing(domain: DomainArgs, routing: RoutingArgs) -> Iterator[Fault]:
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


def check_private_callers(spec: ApiSpec) -> Iterator[Fault]:
    """Refuses a private API that admits no endpoint and no VPC: nobody could call it, even if it names accounts."""
    if spec.kind != "private" or spec.allow_endpoint_ids or spec.allow_vpc_ids:
        return
    if spec.caller_account_ids:
        accounts = ", ".join(spec.caller_account_ids)
        allowed = "accounts only beside an endpoint or a VPC through which they can call a private API"
        yield Fault("caller_account_ids", accounts, allowed, "add the IDs of their endpoints or of their VPCs")
    else:
        yield Fault("allow_endpoint_ids", [], "a private API admits one endpoint or VPC at least")


def check_private_name(name: str) -> Iterator[Fault]:
    """Refuses a wildcard as the name of a private API's domain."""
    if name.startswith("*."):
        allowed = "one name: its private zone answers only that name"
        yield Fault("private_domain.name", name, allowed, "name it, such as api.example.com")
