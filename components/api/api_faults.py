"""All mistakes in an API's description, for ApiFront and for the settings."""

from collections.abc import Iterator

from ..facts import limits
from ..faults import Fault
from ..url_backend import port_of
from . import faults
from .api_spec import ApiSpec, Domain
from .resource_policy import OverlapError, fits
from .routes import IAM, NONE, VariablesClashError
from .streaming import fits as fits_stage_variable
from .streaming import stage_variable


def of_api(spec: ApiSpec) -> Iterator[Fault]:
    """The mistakes that show in the arguments."""
    http = spec.kind == "http"
    yield from _of_names(spec)
    yield from faults.of_routes(spec.routes, http=http, quota_milliseconds=spec.timeout_quota_milliseconds)
    yield from _of_targets(spec)
    authorizers = {name: (authorizer.kind, authorizer.audiences) for name, authorizer in spec.authorizers.items()}
    yield from faults.of_authorizers(authorizers, http=http)
    yield from faults.of_plans({name: plan.names for name, plan in spec.plans.items()})
    if spec.cors:
        yield from faults.of_cors(spec.cors, http=http)
    if spec.firewall:
        for fault in faults.of_firewall(spec.firewall.allow):
            yield fault._replace(key=f"firewall.{fault.key}")
    if http:
        yield from _of_http_apis(spec)
    yield from _of_streams(spec)
    yield from of_identity(spec)
    yield from of_operations(spec)
    yield from _of_domains(spec)
    if spec.kind == "private" and not (spec.allow_endpoint_ids or spec.allow_vpc_ids):
        yield Fault("allow_endpoint_ids", [], "a private API admits one endpoint or VPC at least")


def of_policy(spec: ApiSpec) -> Iterator[Fault]:
    """Mistakes of the resource policy, in an API whose routes are sound."""
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
    if policy is None or fits(policy):
        return
    allowed = f"what fits into a policy of {limits.RESOURCE_POLICY_CHARACTERS:,} characters"
    if count := sum(map(len, spec.ranges)):
        remedy = "put neighbouring ranges together, or use AWS WAF, whose address sets hold 10,000"
        yield Fault("allow_cidrs", f"{count} ranges", allowed, remedy)
    else:
        remedy = "name fewer, by include_subpaths: true, methods: [ANY] or shorter paths"
        yield Fault("routes", f"{len(spec.operations)} paths and methods", allowed, remedy)


def _of_names(spec: ApiSpec) -> Iterator[Fault]:
    authorizations = [NONE, IAM, *spec.authorizers]
    for index, route in enumerate(spec.routes):
        if route.target not in spec.targets:
            known = ", ".join(spec.targets)
            allowed = f"one of {known}" if known else "the name of a target; targets is empty"
            yield Fault(f"routes[{index}].target", route.target, allowed)
        if route.authorization not in authorizations:
            yield Fault(f"routes[{index}].authorization", route.authorization, f"one of {', '.join(authorizations)}")


def _of_targets(spec: ApiSpec) -> Iterator[Fault]:
    for name, target in spec.targets.items():
        url = target.url
        if spec.kind != "http" and isinstance(url, str) and port_of(url) not in limits.REST_API_PORTS:
            yield Fault(f"targets.{name}.url", url, "port 80, 443, or 1024 to 65535: a REST API calls no others")


def _of_http_apis(spec: ApiSpec) -> Iterator[Fault]:
    """Features that HTTP APIs lack."""
    lacking = {
        "streaming": any(route.streaming for route in spec.routes),
        "plans": spec.plans,
        "allow_cidrs": spec.allow_cidrs,
        "deny_cidrs": spec.deny_cidrs,
        "caller_account_ids": spec.caller_account_ids,
        "firewall": spec.firewall,
        "tracing": spec.tracing,
        "key_required": any(route.key_required for route in spec.routes),
        "body_schema": any(route.body_schema is not None for route in spec.routes),
    }
    for key, value in lacking.items():
        if value:
            got = True if value is True else "given"
            yield Fault(key, got, "an HTTP API has no such thing; use kind rest")


def _of_streams(spec: ApiSpec) -> Iterator[Fault]:
    for index, route in enumerate(spec.routes):
        timeout = route.timeout_milliseconds or limits.STREAM_MILLISECONDS
        if route.streaming and not limits.MINIMUM_TIMEOUT_MILLISECONDS <= timeout <= limits.STREAM_MILLISECONDS:
            least = limits.MINIMUM_TIMEOUT_MILLISECONDS
            allowed = f"{least} to {limits.STREAM_MILLISECONDS:,} on a route that streams"
            yield Fault(f"routes[{index}].timeout_milliseconds", timeout, allowed)


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


def _of_domains(spec: ApiSpec) -> Iterator[Fault]:
    if spec.domain is not None:
        yield from _of_domain(spec.domain)
    if spec.private_domain is not None and spec.private_domain.name.startswith("*."):
        yield Fault(
            "private_domain.name", spec.private_domain.name, "one name: its private zone answers only that name"
        )
    wrong = "domain" if spec.kind == "private" else "private_domain"
    if getattr(spec, wrong) is not None:
        yield Fault(wrong, "given", f"the other kind of domain with kind {spec.kind}")


def _of_domain(domain: Domain) -> Iterator[Fault]:
    if domain.certificate_arn is None and domain.zone_id is None:
        allowed = "certificate_arn, or zone_id of the zone in which to validate a new certificate"
        yield Fault("domain.certificate_arn", None, allowed)
    for key in ("truststore_version", "ownership_verification_certificate_arn"):
        if getattr(domain, key) is not None and domain.truststore is None:
            yield Fault(f"domain.{key}", "given", "only with truststore: it is for mutual TLS")
