"""Mistakes of custom domains and of the certificates that callers present."""

from collections.abc import Iterator

from ...arguments.faults import Fault
from ...facts import limits
from ..api_spec import ApiSpec
from ..args.domains import DomainArgs, RoutingArgs


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


def check_private_name(name: str) -> Iterator[Fault]:
    """Refuses a wildcard as the name of a private API's domain."""
    if name.startswith("*."):
        allowed = "one name: its private zone answers only that name"
        yield Fault("private_domain.name", name, allowed, "name it, such as api.example.com")
