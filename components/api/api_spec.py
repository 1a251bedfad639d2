"""The description of an API: ApiFront's arguments as frozen values, from which REST, HTTP and PRIVATE APIs are made.

Fields have the names of the arguments (`components/api_front_args.py`), and hold the only defaults.
"""

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi

from ..argument_types import (
    ApiKind,
    AuthorizerKind,
    ExecutionLogs,
    FailoverRole,
    QuotaPeriod,
    RoutingPolicy,
    TlsVersion,
)
from ..facts import address_lists, defaults, limits
from ..scope import Tagged
from .cors import Cors
from .resource_policy import by_address, by_endpoint, decided_by_identity, needing_allow
from .routes import NONE, Operation, Route, Throttle, operations, rest_operations


@dataclass(frozen=True)
class Target:
    """A function, or a listener behind a VPC link."""

    function_name: pulumi.Input[str] | None = None
    alias_name: pulumi.Input[str] | None = None
    invoke_arn: pulumi.Input[str] | None = None
    link_id: pulumi.Input[str] | None = None
    listener_arn: pulumi.Input[str] | None = None
    load_balancer_arn: pulumi.Input[str] | None = None
    url: pulumi.Input[str] | None = None
    server_name: str | None = None

    @property
    def is_function(self) -> bool:
        return self.invoke_arn is not None


@dataclass(frozen=True)
class Authorizer:
    """A JWT authorizer, user pools, or a Lambda authorizer."""

    kind: AuthorizerKind
    issuer: str | None = None
    audiences: tuple[str, ...] = ()
    user_pool_arns: tuple[pulumi.Input[str], ...] = ()
    function_name: pulumi.Input[str] | None = None
    invoke_arn: pulumi.Input[str] | None = None
    identity_headers: tuple[str, ...] = ("Authorization",)
    cache_seconds: int = 0


@dataclass(frozen=True)
class Quota:
    """Requests in a period."""

    limit: int
    period: QuotaPeriod = "DAY"


@dataclass(frozen=True)
class Plan:
    """A usage plan, and its keys. The limits hold for each key."""

    throttle: Throttle | None = None
    quota: Quota | None = None
    keys: tuple[str, ...] = ()
    key_values: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    route_throttles: Mapping[str, Throttle] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Names of all its keys."""
        return [*self.keys, *self.key_values]


@dataclass(frozen=True)
class Routing:
    """See RoutingArgs."""

    policy: RoutingPolicy
    weight: int | None = None
    failover: FailoverRole | None = None
    health_check_id: pulumi.Input[str] | None = None


@dataclass(frozen=True)
class Domain:
    """A custom domain of a public API."""

    name: str
    certificate_arn: pulumi.Input[str] | None = None
    zone_id: pulumi.Input[str] | None = None
    routing: Routing | None = None
    base_path: str = ""
    existing: bool = False
    disable_default_endpoint: bool = True
    truststore: str | None = None
    truststore_version: str | None = None
    ownership_verification_certificate_arn: pulumi.Input[str] | None = None


@dataclass(frozen=True)
class PrivateDomain:
    """A custom domain of a private API, and the endpoint that it resolves to."""

    name: str
    certificate_arn: pulumi.Input[str]
    vpc_id: pulumi.Input[str]
    endpoint_id: pulumi.Input[str]
    endpoint_dns_name: pulumi.Input[str]
    endpoint_zone_id: pulumi.Input[str]
    base_path: str = ""


@dataclass(frozen=True)
class Firewall:
    """A web ACL: requests that it blocks, and ranges that it never blocks."""

    requests_per_five_minutes: int
    managed_rules: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    large_bodies: bool = False


@dataclass(frozen=True)
class Thresholds:
    """The topic of the alarms, and the values above which they notify it."""

    topic_arn: pulumi.Input[str]
    server_error_percent: float
    client_error_percent: float
    latency_milliseconds: int
    requests_per_five_minutes: int


@dataclass(frozen=True, kw_only=True)
class ApiSpec(Tagged):
    """A whole API."""

    kind: ApiKind
    routes: tuple[Route, ...]
    targets: Mapping[str, Target]
    name: str = ""
    """The component's name."""
    strip_prefix: str = ""
    stage: str = defaults.STAGE
    streaming: bool = False
    timeout_quota_milliseconds: int = limits.REST_API_TIMEOUT_MILLISECONDS
    policy_quota_characters: int = limits.RESOURCE_POLICY_CHARACTERS
    throttle: Throttle | None = None
    plans: Mapping[str, Plan] = field(default_factory=dict)
    allow_cidrs: tuple[str, ...] = ()
    deny_cidrs: tuple[str, ...] = ()
    authorizers: Mapping[str, Authorizer] = field(default_factory=dict)
    cors: Cors | None = None
    domain: Domain | None = None
    private_domain: PrivateDomain | None = None
    endpoint_ids: tuple[pulumi.Input[str], ...] = ()
    allow_endpoint_ids: tuple[pulumi.Input[str], ...] = ()
    allow_vpc_ids: tuple[pulumi.Input[str], ...] = ()
    caller_account_ids: tuple[str, ...] = ()
    minimum_tls: TlsVersion = "1.2"
    log_retention_days: int = defaults.LOG_RETENTION_DAYS
    execution_logs: ExecutionLogs = "OFF"
    account_log_role: bool = True
    tracing: bool = False
    identity: bool | None = None
    firewall: Firewall | None = None
    alarms: Thresholds | None = None

    def __post_init__(self) -> None:
        # A route that does not set it streams if the API does.
        routes = (dataclasses.replace(route, streaming=self.streams(route)) for route in self.routes)
        object.__setattr__(self, "routes", tuple(routes))

    def streams(self, route: Route) -> bool:
        """Whether answers of the route are passed on as they come."""
        return self.streaming if route.streaming is None else route.streaming

    @property
    def passes_identity(self) -> bool:
        """Whether backends receive identity headers.

        Defaults to true if a route has an authorization, and no route uses a REST API's VPC link.
        """
        if self.identity is None:
            return any(route.authorization != NONE for route in self.routes) and not self.has_rest_link
        return self.identity

    @property
    def has_rest_link(self) -> bool:
        """Whether a route uses a REST API's VPC link, where callers can write the identity headers themselves."""
        used = {route.target for route in self.routes}
        linked = [name for name, target in self.targets.items() if name in used and not target.is_function]
        return self.kind != "http" and bool(linked)

    @property
    def mount(self) -> str:
        """Stage or base path in front of the routes: of the domain if there is one, else of the API's own address."""
        domain = self.domain or self.private_domain
        if domain is None:
            return "" if self.kind == "http" else f"/{self.stage}"
        return f"/{domain.base_path}" if domain.base_path else ""

    @functools.cached_property
    def operations(self) -> list[Operation]:
        """Every path with every method, as this kind of API declares them. Raises VariablesClashError."""
        return operations(self.routes) if self.kind == "http" else rest_operations(self.routes)

    @property
    def functions(self) -> list[str]:
        """Names of the targets that are functions."""
        return [name for name, target in self.targets.items() if target.is_function]

    @property
    def disable_default_endpoint(self) -> bool:
        """Whether calls are possible only through the domain."""
        return self.domain is not None and self.domain.disable_default_endpoint

    @property
    def admits_ipv6(self) -> bool:
        """Whether a domain may answer over IPv6: a list with only IPv4 ranges would deny, or miss, callers there."""
        return all(any(":" in cidr for cidr in ranges) for ranges in self.ranges if ranges)

    @property
    def policy(self) -> Mapping[str, Any] | None:
        """The resource policy, or None if every address may call. Raises OverlapError, as `needing_allow` does."""
        if self.kind == "http":
            return None
        guarded = decided_by_identity({name: authorizer.kind for name, authorizer in self.authorizers.items()})
        needed = functools.partial(needing_allow, self.operations, guarded, self.stage, cors=self.cors is not None)
        if self.kind == "private":
            return by_endpoint(self.allow_endpoint_ids, self.allow_vpc_ids, needed(), self.caller_account_ids)
        allow, deny = self.ranges
        if allow or deny or self.caller_account_ids:
            return by_address(allow, deny, needed(), self.caller_account_ids)
        return None

    @property
    def ranges(self) -> tuple[list[str], list[str]]:
        """Ranges that may call and ranges that may not, published lists among them by their ranges."""
        return address_lists.expanded(self.allow_cidrs), address_lists.expanded(self.deny_cidrs)


@dataclass(frozen=True)
class DeclaredApi:
    """Outputs of the resources of either kind of API."""

    api_id: pulumi.Output[str]
    api_name: pulumi.Output[str]
    execution_arn: pulumi.Output[str]
    stage_name: pulumi.Output[str]
    stage_arn: pulumi.Output[str]
    url: pulumi.Output[str]
    """Without a slash at the end."""
    log_group_name: pulumi.Output[str]
