"""API Gateway in front of whatever the routes lead to: one face for REST, HTTP and PRIVATE APIs."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pulumi

from .api import api_alarms, custom_domain, faults, http_api, private_domain, rest_api, usage_plans, web_acl
from .api.cors import Cors
from .api.faults import Fault
from .api.gate import ApiKind, Authorizer, Gate, Opened, Target
from .api.resource_policy import OverlapError, fits
from .api.routes import IAM, NONE, Operation, Route, Throttle, VariablesClashError, operations, rest_operations
from .api.streaming import fits as fits_stage_variable
from .api.streaming import stage_variable
from .api_front_args import (
    AlarmsArgs,
    ApiFrontArgs,
    AuthorizerArgs,
    CorsArgs,
    DomainArgs,
    FirewallArgs,
    PlanArgs,
    PrivateDomainArgs,
    RouteArgs,
    TargetArgs,
    ThrottleArgs,
)
from .argument_types import ApiKind as ApiKindName
from .arguments import ArgumentError, inputs, refuse, resolve
from .facts import address_lists, defaults, limits
from .sdk_version import too_old
from .url_backend import port_of

_COMPONENT = "ApiFront"


@dataclasses.dataclass(frozen=True)
class _Settings:
    kind: ApiKindName
    routes: Sequence[RouteArgs]
    targets: Mapping[str, TargetArgs]
    strip_prefix: str = ""
    stage: str = defaults.STAGE
    streaming: bool = False
    timeout_quota_milliseconds: int = limits.REST_API_TIMEOUT_MILLISECONDS
    throttle: ThrottleArgs | None = None
    plans: Mapping[str, PlanArgs] = dataclasses.field(default_factory=dict)
    allow_cidrs: Sequence[str] = dataclasses.field(default_factory=list)
    deny_cidrs: Sequence[str] = dataclasses.field(default_factory=list)
    authorizers: Mapping[str, AuthorizerArgs] = dataclasses.field(default_factory=dict)
    cors: CorsArgs | None = None
    domain: DomainArgs | None = None
    private_domain: PrivateDomainArgs | None = None
    endpoint_ids: Sequence[pulumi.Input[str]] = dataclasses.field(default_factory=list)
    admitted_endpoint_ids: Sequence[pulumi.Input[str]] = dataclasses.field(default_factory=list)
    admitted_vpc_ids: Sequence[pulumi.Input[str]] = dataclasses.field(default_factory=list)
    caller_account_ids: Sequence[str] = dataclasses.field(default_factory=list)
    minimum_tls: str = "1.2"
    log_retention_days: int = defaults.LOG_RETENTION_DAYS
    execution_logs: str = "OFF"
    account_log_role: bool = True
    tracing: bool = False
    identity: bool | None = None
    firewall: FirewallArgs | None = None
    alarms: AlarmsArgs | None = None
    tags: Mapping[str, pulumi.Input[str]] = dataclasses.field(default_factory=dict)

    def mistakes(self) -> Iterator[ArgumentError]:
        """Arguments that exclude each other."""
        for index, route in enumerate(self.routes):
            if route["target"] not in self.targets:
                known = ", ".join(self.targets)
                yield ArgumentError(_COMPONENT, f"routes[{index}].target", route["target"], f"one of {known}")
            allowed = [NONE, IAM, *self.authorizers]
            if route.get("authorization", NONE) not in allowed:
                got = route.get("authorization")
                yield ArgumentError(_COMPONENT, f"routes[{index}].authorization", got, f"one of {', '.join(allowed)}")
        yield from map(_error, self._faults())
        if self.kind == "http":
            yield from self._what_http_lacks()
        yield from self._of_operations()
        if self.domain is not None:
            yield from _of_domain(self.domain)
        if self.private_domain is not None and self.private_domain["name"].startswith("*."):
            want = "one name: its private zone answers only that name"
            yield ArgumentError(_COMPONENT, "private_domain.name", self.private_domain["name"], want)
        wrong_domain = "domain" if self.kind == "private" else "private_domain"
        if getattr(self, wrong_domain) is not None:
            yield ArgumentError(_COMPONENT, wrong_domain, "given", f"the other kind of domain with kind {self.kind}")
        if self.kind == "private" and not (self.admitted_endpoint_ids or self.admitted_vpc_ids):
            yield ArgumentError(
                _COMPONENT, "admitted_endpoint_ids", [], "a private API admits one endpoint or VPC at least"
            )

    def _faults(self) -> Iterator[Fault]:
        http = self.kind == "http"
        routes = list(map(self.route, self.routes))
        yield from faults.of_routes(routes, http=http, quota_milliseconds=self.timeout_quota_milliseconds)
        for name, target in self.targets.items():
            url = target.get("url")
            if not http and isinstance(url, str) and port_of(url) not in limits.REST_API_PORTS:
                yield Fault(f"targets.{name}.url", url, "port 80, 443, or 1024 to 65535: a REST API calls no others")
        kinds = {name: (given["kind"], given.get("audiences", ())) for name, given in self.authorizers.items()}
        yield from faults.of_authorizers(kinds, http=http)
        yield from faults.of_plans({name: _plan(plan).names for name, plan in self.plans.items()})
        if self.cors:
            yield from faults.of_cors(Cors(**_tuples(self.cors)), http=http)
        if self.firewall:
            found = faults.of_firewall(self.firewall.get("managed_rules", ()), self.firewall.get("allow", ()))
            yield from (fault._replace(key=f"firewall.{fault.key}") for fault in found)

    def _of_operations(self) -> Iterator[ArgumentError]:
        """Mistakes of paths and streams."""
        for index, route in enumerate(self.routes):
            timeout = route.get("timeout_milliseconds", limits.STREAM_MILLISECONDS)
            if (
                self._streams(route)
                and not limits.MINIMUM_TIMEOUT_MILLISECONDS <= timeout <= limits.STREAM_MILLISECONDS
            ):
                most = (
                    f"{limits.MINIMUM_TIMEOUT_MILLISECONDS} to {limits.STREAM_MILLISECONDS:,} on a route that streams"
                )
                yield ArgumentError(_COMPONENT, f"routes[{index}].timeout_milliseconds", timeout, most)
        functions = [name for name, target in self.targets.items() if "invoke_arn" in target]
        try:
            found = _operations(self)
        except VariablesClashError as error:
            yield ArgumentError(_COMPONENT, "routes", str(error), "one name for both: an API takes one there")
            return
        linked = [operation for operation in found if operation.route.target not in functions]
        yield from map(_error, faults.of_prefix(self.strip_prefix, linked))
        listed = stage_variable(found, functions)
        if not fits_stage_variable(listed):
            yield ArgumentError(
                _COMPONENT,
                "routes",
                f"{listed.count(',') + 1} paths and methods that stream from functions",
                f"fewer: the stage lists them in {limits.STAGE_VARIABLE_CHARACTERS} characters, and these take "
                f"{len(listed)}; use ANY, or put them under one path",
            )

    def _streams(self, route: RouteArgs) -> bool:
        return route.get("streaming", self.streaming)

    def route(self, args: RouteArgs) -> Route:
        """One route, with the settings that the API has for all of them."""
        given = _tuples(args) | {"streaming": self._streams(args)}
        if throttle := args.get("throttle"):
            given["throttle"] = Throttle(**throttle)
        return Route(**given)

    @property
    def passes_identity(self) -> bool:
        """Whether backends learn who called; by default if a route has an authorizer."""
        if self.identity is None:
            return any(route.get("authorization", NONE) != NONE for route in self.routes)
        return self.identity

    @property
    def mount(self) -> str:
        """Stage or base path in front of the routes: of the domain if there is one, else of the API's own address."""
        domain = self.domain or self.private_domain
        if domain is None:
            return "" if self.kind == "http" else f"/{self.stage}"
        base_path = domain.get("base_path", "")
        return f"/{base_path}" if base_path else ""

    def _what_http_lacks(self) -> Iterator[ArgumentError]:
        lacking = {
            "streaming": any(self._streams(route) for route in self.routes),
            "plans": self.plans,
            "allow_cidrs": self.allow_cidrs,
            "deny_cidrs": self.deny_cidrs,
            "caller_account_ids": self.caller_account_ids,
            "firewall": self.firewall,
            "tracing": self.tracing,
            "key_required": any(route.get("key_required") for route in self.routes),
            "body_schema": any("body_schema" in route for route in self.routes),
        }
        for key, value in lacking.items():
            if value:
                yield ArgumentError(_COMPONENT, key, value, "an HTTP API has no such thing; use kind rest")


class ApiFront(pulumi.ComponentResource):
    """API Gateway with routes, throttles, keys, policy, authorizers, domain, logs, firewall and alarms.

    Access logs are always on. Nothing is open that the routes do not name.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html
    """

    url: pulumi.Output[str]
    """Where callers begin: the domain, or the API's own address with its stage. No slash at the end."""
    endpoint_urls: pulumi.Output[list[str]]
    """PRIVATE: the address by each of `endpoint_ids`, in their order, which resolves without private DNS; else none."""
    api_id: pulumi.Output[str]
    """Id of the API."""
    execution_arn: pulumi.Output[str]
    """ARN that permissions to invoke begin with."""
    stage_name: pulumi.Output[str]
    """Name of the stage."""
    key_ids: pulumi.Output[Mapping[str, str]]
    """Ids of API keys by name; their values stay in AWS."""
    log_group_name: pulumi.Output[str]
    """Log group of the access logs."""

    def __init__(self, name: str, args: ApiFrontArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare it as `name`, with what ApiFrontArgs describes.

        `opts` are Pulumi's options of a resource. Raises ArgumentError, or ArgumentErrors for several mistakes.
        """
        settings = resolve(_Settings, ApiFrontArgs, args)
        gate = _gate(name, settings)
        _check_policy(gate)
        super().__init__("gatehouse:index:ApiFront", name, inputs(args, {"given_keys"}), opts)
        opened = http_api.declare(gate, self) if gate.kind is ApiKind.HTTP else rest_api.declare(gate, self)
        _guard(gate, opened, settings, self)
        self.url = _address(gate, opened, settings, self)
        self.endpoint_urls = _endpoint_urls(gate, opened)
        self.api_id = opened.api_id
        self.execution_arn = opened.execution_arn
        self.stage_name = opened.stage_name
        plans = {plan: _plan(plan_args) for plan, plan_args in settings.plans.items()}
        keys = usage_plans.declare(gate, opened, plans, self)
        self.key_ids = pulumi.Output.all(**keys) if keys else pulumi.Output.from_input({})
        self.log_group_name = opened.log_group_name
        self.register_outputs(
            {
                "url": self.url,
                "endpoint_urls": self.endpoint_urls,
                "api_id": self.api_id,
                "execution_arn": self.execution_arn,
                "stage_name": self.stage_name,
                "key_ids": self.key_ids,
                "log_group_name": self.log_group_name,
            }
        )


def _error(fault: Fault) -> ArgumentError:
    want = f"{fault.allowed}; {fault.remedy}" if fault.remedy else fault.allowed
    return ArgumentError(_COMPONENT, fault.key, fault.got, want)


def _of_domain(domain: DomainArgs) -> Iterator[ArgumentError]:
    if "certificate_arn" not in domain and "zone_id" not in domain:
        want = "certificate_arn, or zone_id of the zone in which to validate a new certificate"
        yield ArgumentError(_COMPONENT, "domain.certificate_arn", None, want)
    for key in ("truststore_version", "ownership_verification_certificate_arn"):
        if key in domain and "truststore" not in domain:
            yield ArgumentError(_COMPONENT, f"domain.{key}", "given", "only with truststore: it is for mutual TLS")


def _check_policy(gate: Gate) -> None:
    try:
        policy = gate.policy
    except OverlapError as error:
        remedy = "the same authorization for both, or under: false for the wider one"
        raise ArgumentError(_COMPONENT, "routes", str(error), remedy) from None
    if policy is not None:
        refuse(too_old(_COMPONENT, "kind" if gate.kind is ApiKind.PRIVATE else "allow_cidrs"))
    if gate.kind is ApiKind.REST and policy is not None and not fits(policy):
        ranges = f"{len(gate.allow_cidrs)} ranges"
        raise ArgumentError(
            _COMPONENT, "allow_cidrs", ranges, f"fewer: a policy holds {limits.RESOURCE_POLICY_CHARACTERS:,} characters"
        )


def _guard(gate: Gate, opened: Opened, settings: _Settings, parent: pulumi.Resource) -> None:
    if settings.firewall:
        firewall = settings.firewall
        blocked = web_acl.Firewall(
            firewall["requests_per_five_minutes"],
            tuple(firewall.get("managed_rules", ())),
            tuple(firewall.get("allow", ())),
            firewall.get("large_bodies", False),
        )
        web_acl.declare(gate.name, blocked, opened.stage_arn, gate.tags, parent)
    if settings.alarms:
        api_alarms.declare(gate, opened, api_alarms.Thresholds(**settings.alarms), parent)


def _address(gate: Gate, opened: Opened, settings: _Settings, parent: pulumi.Resource) -> pulumi.Output[str]:
    if settings.private_domain is not None:
        return private_domain.declare(gate, opened, private_domain.PrivateDomain(**settings.private_domain), parent)
    if settings.domain is None:
        return opened.url
    given: dict[str, Any] = {key: value for key, value in settings.domain.items() if key != "only_door"}
    return custom_domain.declare(gate, opened, custom_domain.Domain(**given), parent)


def _endpoint_urls(gate: Gate, opened: Opened) -> pulumi.Output[list[str]]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html"""

    def named(known: list[str]) -> list[str]:
        api_id, url, *endpoints = known
        return [url.replace(api_id, f"{api_id}-{endpoint}", 1) for endpoint in endpoints]

    return pulumi.Output.all(opened.api_id, opened.url, *gate.endpoint_ids).apply(named)


def _gate(name: str, settings: _Settings) -> Gate:
    domain = settings.domain
    return Gate(
        name=name,
        kind=ApiKind(settings.kind),
        operations=_operations(settings),
        targets={key: Target(**target) for key, target in settings.targets.items()},
        stage=settings.stage,
        strip_prefix=settings.strip_prefix,
        throttle=Throttle(**settings.throttle) if settings.throttle else None,
        authorizers={key: _authorizer(authorizer) for key, authorizer in settings.authorizers.items()},
        cors=Cors(**_tuples(settings.cors)) if settings.cors else None,
        allow_cidrs=address_lists.expanded(settings.allow_cidrs),
        deny_cidrs=address_lists.expanded(settings.deny_cidrs),
        endpoint_ids=settings.endpoint_ids,
        admitted_endpoint_ids=settings.admitted_endpoint_ids,
        admitted_vpc_ids=settings.admitted_vpc_ids,
        caller_account_ids=settings.caller_account_ids,
        minimum_tls=settings.minimum_tls,
        default_endpoint_closed=domain is not None and domain.get("only_door", True),
        log_retention_days=settings.log_retention_days,
        execution_logs=settings.execution_logs,
        account_log_role=settings.account_log_role,
        tracing=settings.tracing,
        identity=settings.passes_identity,
        mount=settings.mount,
        tags=settings.tags,
    )


def _operations(settings: _Settings) -> list[Operation]:
    routes = list(map(settings.route, settings.routes))
    return operations(routes) if settings.kind == ApiKind.HTTP.value else rest_operations(routes)


def _tuples(args: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments with their lists made unchangeable."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in args.items()}


def _authorizer(args: AuthorizerArgs) -> Authorizer:
    return Authorizer(**_tuples(args))


def _plan(args: PlanArgs) -> usage_plans.Plan:
    given = _tuples(args)
    given["throttle"] = Throttle(**args["throttle"])
    given["route_throttles"] = {route: Throttle(**limit) for route, limit in args.get("route_throttles", {}).items()}
    return usage_plans.Plan(**given)
