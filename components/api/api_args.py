"""ApiFront's arguments, with their defaults, from which REST, HTTP and PRIVATE APIs are made."""

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import pulumi

from ..arguments.addresses import AdmittedRanges, ApiDomainName, Ranges
from ..arguments.connections import TargetArgs
from ..arguments.marks import NEVER_OFF, Some
from ..arguments.names import (
    AccessLogVariable,
    AccountId,
    CertificateArn,
    CorsHeader,
    HeaderName,
    HealthCheckId,
    HostedZoneId,
    Issuer,
    Name,
    S3Object,
    S3Version,
    TopicArn,
    UserPoolArn,
    VpcEndpointId,
    VpcId,
)
from ..arguments.numbers import (
    BlockedRequests,
    CacheSeconds,
    CountInput,
    DayOfSeconds,
    Percent,
    PolicyQuota,
    QuotaLimit,
    RetentionDays,
    RoutingWeight,
    TimeoutQuota,
)
from ..arguments.paths import BasePath, PathPrefix, StageName
from ..arguments.secrets import ApiKey
from ..arguments.tags import TaggedArgs
from ..arguments.words import (
    ApiKind,
    AuthorizerKind,
    ExecutionLogs,
    FailoverRole,
    ManagedRules,
    MethodName,
    Off,
    QuotaPeriod,
    RoutingPolicy,
    TlsVersion,
)
from ..facts import address_lists, defaults, limits
from .resource_policy import build_address_policy, build_endpoint_policy, identity_authorizations, resources_to_allow
from .routes import NONE, Operation, RouteArgs, ThrottleArgs, list_operations, list_rest_operations


@dataclass(frozen=True, kw_only=True)
class CorsArgs:
    """CORS: calls from web pages."""

    origins: Annotated[Sequence[str], Some]
    """Origins such as `https://app.example.com`, or `*`. REST: API Gateway's own errors allow the first only."""
    methods: Sequence[MethodName] = ("GET",)
    """Methods. Defaults to GET."""
    headers: Sequence[CorsHeader] = ()
    """Request headers that a page may send."""
    expose_headers: Sequence[CorsHeader] = ()
    """Response headers that a page may read (HTTP)."""
    credentials: bool = False
    """Allow cookies and authorization. Defaults to false."""
    max_age_seconds: DayOfSeconds = defaults.CORS_MAX_AGE_SECONDS
    """How long a browser may cache the preflight response. Defaults to 600."""


@dataclass(frozen=True, kw_only=True)
class AuthorizerArgs:
    """An authorizer."""

    kind: AuthorizerKind
    """`jwt` (HTTP), `cognito` (REST, PRIVATE) or `lambda`."""
    issuer: Issuer | None = None
    """jwt: URL of the issuer, exactly as in the tokens."""
    audiences: Sequence[str] = ()
    """jwt: accepted audiences."""
    user_pool_arns: Sequence[UserPoolArn] = ()
    """cognito: the user pools."""
    function_name: pulumi.Input[str] | None = None
    """lambda: the authorizer function. It returns an IAM policy (REST, PRIVATE) or `{"isAuthorized": true}` (HTTP). See
    docs/security.md."""
    invoke_arn: pulumi.Input[str] | None = None
    """lambda: its invoke ARN."""
    identity_headers: Annotated[Sequence[HeaderName], Some] = ("Authorization",)
    """Headers that carry the caller's identity. Defaults to `Authorization`."""
    cache_seconds: CacheSeconds = 0
    """lambda: how long a decision is cached, for the same header values, method and path. 0 disables
    the cache. Defaults to 0."""


@dataclass(frozen=True, kw_only=True)
class QuotaArgs:
    """Requests in a period."""

    limit: QuotaLimit
    """Requests per key and period."""
    period: QuotaPeriod = "DAY"
    """Period of the quota: `DAY`, `WEEK` or `MONTH`. Defaults to `DAY`."""


@dataclass(frozen=True, kw_only=True)
class PlanArgs:
    """A usage plan."""

    throttle: ThrottleArgs | None = None
    """Throttle for each key. Defaults to none: only the throttle of the API or of the route applies."""
    quota: QuotaArgs | None = None
    """Quota for each key. Defaults to none."""
    keys: Sequence[Name] = ()
    """Names of the API keys whose values AWS generates."""
    key_values: Mapping[Name, ApiKey] = field(default_factory=dict)
    """Values of the other API keys by name, as secrets. Each key needs a value of its own."""
    renamed_keys: Mapping[Name, str] = field(default_factory=dict)
    """Former names of renamed keys, by their present names. A renamed key keeps its value. Without its former name,
    it is another key: AWS generates a new value, or refuses the old value while the old key exists."""
    route_throttles: Mapping[str, ThrottleArgs] = field(default_factory=dict)
    """Throttles by route, `GET /orders`. Each also applies to the route's subpaths. A plan has at most 20 methods."""

    @property
    def names(self) -> list[str]:
        """Names of all its keys."""
        return [*self.keys, *self.key_values]


def key_value_place(plan: str, key: str) -> str:
    """Returns the place of a key's value in the arguments of an API."""
    return f"plans.{plan}.key_values.{key}"


@dataclass(frozen=True, kw_only=True)
class RoutingArgs:
    """How Route 53 chooses between the stacks of one domain, each in a region of its own."""

    policy: RoutingPolicy
    """`latency` (the region that answers the caller fastest), `weighted`, or `failover`. The same in all of the stacks.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy.html"""
    weight: RoutingWeight | None = None
    """weighted: this stack's part of the sum of all weights. 0 sends no calls here."""
    failover: FailoverRole | None = None
    """failover: `primary`, or `secondary`, which is called while the primary's health check fails."""
    health_check_id: HealthCheckId | None = None
    """Route 53 health check of this stack's API. Required for the primary of a failover. Defaults to none."""


@dataclass(frozen=True, kw_only=True)
class DomainArgs:
    """A custom domain in front of a public API."""

    name: ApiDomainName
    """`api.example.com`, or `*.example.com` for all of its subdomains."""
    certificate_arn: CertificateArn | None = None
    """Certificate in the API's region. If omitted, one is requested."""
    zone_id: HostedZoneId | None = None
    """Route 53 hosted zone for the records. Required to request a certificate."""
    routing: Annotated[RoutingArgs | None, NEVER_OFF] = None
    """For one name in several regions: how Route 53 chooses among the stacks, which share the record that validates
    their certificates. That record stays when a stack is destroyed. Defaults to one stack only."""
    base_path: BasePath = ""
    """First part of the path, which leads to this API."""
    existing: bool = False
    """The domain exists already, for example in the stack of another API: only the mapping of `base_path` to this API
    is declared. AWS takes each domain name once. Defaults to false."""
    disable_default_endpoint: bool = True
    """Disable the execute-api endpoint, so that calls are possible only through the domain. Defaults to true."""
    truststore: S3Object | None = None
    """Mutual TLS: `s3://bucket/key.pem` with the accepted certificate authorities."""
    truststore_version: S3Version | None = None
    """Version of that S3 object, in a bucket with versioning. AWS reads the object again when the version changes: if
    you replace the object without naming a version, authorities that you took out stay accepted."""
    ownership_verification_certificate_arn: CertificateArn | None = None
    """Public certificate of ACM for the same name. AWS requires it for mutual TLS if `certificate_arn` is a certificate
    that was imported or issued by a private authority. If you take it out, AWS keeps it."""


@dataclass(frozen=True, kw_only=True)
class PrivateDomainArgs:
    """A custom domain in front of a private API. It resolves only inside the VPC."""

    name: ApiDomainName
    """`api.example.com`."""
    certificate_arn: CertificateArn
    """Certificate for the name, issued by a public authority."""
    vpc_id: VpcId
    """VPC in which the name resolves."""
    endpoint_id: VpcEndpointId
    """execute-api endpoint that the name resolves to."""
    endpoint_dns_name: pulumi.Input[str]
    """DNS name of the endpoint."""
    endpoint_zone_id: pulumi.Input[str]
    """Hosted zone of that name."""
    base_path: BasePath = ""
    """First part of the path, which leads to this API."""


@dataclass(frozen=True, kw_only=True)
class FirewallArgs:
    """AWS WAF (REST): $5 a month and $1 a rule."""

    requests_per_five_minutes: BlockedRequests = defaults.BLOCKED_REQUESTS
    """Limit of requests from one IP address. Defaults to 2,000."""
    managed_rules: Sequence[ManagedRules] = ()
    """AWS managed rule groups: `common`, `known-bad-inputs`, `ip-reputation`, `anonymous-ip`, `sql-injection`."""
    allow: Ranges = ()
    """CIDR ranges that no rule blocks."""
    large_bodies: bool = False
    """Allow bodies over 8 KB, which the group `common` blocks otherwise. Defaults to false."""


@dataclass(frozen=True, kw_only=True)
class AlarmsArgs:
    """CloudWatch alarms, $0.80 a month in total."""

    topic_arn: TopicArn
    """ARN of the SNS topic that alarms notify."""
    server_error_percent: Percent = defaults.SERVER_ERROR_PERCENT
    """Threshold for the percentage of 5XX responses in five minutes. Defaults to 5."""
    client_error_percent: Percent = defaults.CLIENT_ERROR_PERCENT
    """Threshold for the percentage of 4XX responses in five minutes. Defaults to 50."""
    latency_milliseconds: CountInput = defaults.LATENCY_MILLISECONDS
    """Threshold for the 99th percentile of the latency. Defaults to 5,000."""
    requests_per_five_minutes: CountInput = defaults.ALARMED_REQUESTS
    """Threshold for the number of requests in five minutes. Defaults to 25,000."""


@dataclass(frozen=True, kw_only=True)
class ApiFrontArgs(TaggedArgs):
    """Arguments of ApiFront."""

    kind: ApiKind
    """`rest` ($3.50 a million requests in us-east-1), `http` ($1.00) or `private` (as rest, and an interface
    endpoint)."""
    routes: Annotated[Sequence[RouteArgs], Some]
    """Routes. API Gateway answers every other path and method with 403 or 404."""
    targets: Mapping[str, TargetArgs]
    """Targets of routes, by name."""
    strip_prefix: PathPrefix = ""
    """Path prefix that targets behind a VPC link do not see, `/forward`. Defaults to none. A forwarder has its own."""
    stage: StageName = defaults.STAGE
    """Stage of a REST API. Defaults to `live`. HTTP APIs always have `$default`."""
    streaming: bool = False
    """Stream responses on every route that does not set `streaming` (REST, PRIVATE). Defaults to false.

    The function of such a route must stream its response; ServerlessProxy does with `stream_seconds`.
    """
    timeout_quota_milliseconds: TimeoutQuota = limits.REST_API_TIMEOUT_MILLISECONDS
    """Your account's quota “Maximum integration timeout in milliseconds”, if AWS raised it (REST, PRIVATE). Routes may
    then wait up to it, 300,000 at most. Defaults to 29,000."""
    policy_quota_characters: PolicyQuota = limits.RESOURCE_POLICY_CHARACTERS
    """Your account's quota “Length, in characters, of API Gateway resource policy”, if AWS raised it (REST, PRIVATE).
    Defaults to 8,192."""
    throttle: ThrottleArgs | Off = field(default_factory=ThrottleArgs)
    """Throttle of the stage. `off` leaves the limit to the account: 10,000 requests per second in most
    regions. Defaults to 100 requests per second with a burst of 50."""
    plans: Mapping[Name, PlanArgs] = field(default_factory=dict)
    """Usage plans by name (REST, PRIVATE)."""
    allow_cidrs: AdmittedRanges = ()
    """REST: CIDR ranges, or names of published lists such as `github-hooks`. Only calls from these are allowed."""
    deny_cidrs: Ranges = ()
    """REST: CIDR ranges whose calls are denied."""
    authorizers: Mapping[Name, AuthorizerArgs] = field(default_factory=dict)
    """Authorizers by name."""
    cors: CorsArgs | None = None
    """CORS: calls from web pages. Defaults to none."""
    domain: DomainArgs | None = None
    """A custom domain (REST, HTTP). Defaults to none."""
    private_domain: PrivateDomainArgs | None = None
    """A custom domain (PRIVATE). Defaults to none."""
    endpoint_ids: Sequence[VpcEndpointId] = ()
    """PRIVATE: interface endpoints to associate with the API, each with its own DNS name for it."""
    allow_endpoint_ids: Sequence[VpcEndpointId] = ()
    """PRIVATE: interface endpoints that calls may come through, also of other VPCs and accounts."""
    allow_vpc_ids: Sequence[VpcId] = ()
    """PRIVATE: VPCs from which calls may come through any interface endpoint."""
    caller_account_ids: Sequence[AccountId] = ()
    """REST, PRIVATE: other AWS accounts whose identities may call routes with authorization `iam`, if their own
    policies allow it too. Defaults to none."""
    minimum_tls: TlsVersion = "1.2"
    """`1.2` or `1.3` (REST, PRIVATE). Defaults to `1.2`."""
    log_retention_days: RetentionDays = defaults.LOG_RETENTION_DAYS
    """How long access logs are kept. Defaults to 30."""
    access_log_fields: Sequence[AccessLogVariable] = ()
    """Variables that access logs have besides the usual ones, such as `xrayTraceId` or `authorizer.claims.email`. The
    usual ones name the caller, and no claims but `sub` and `client_id`.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html"""
    execution_logs: ExecutionLogs = "OFF"
    """REST, PRIVATE: `OFF`, `ERROR` or `INFO`. Defaults to `OFF`."""
    account_log_role: bool = True
    """REST, PRIVATE: declare the log role if there is none. False needs no `iam:PassRole`, and AWS refuses the stage if
    the account has no log role. Defaults to true."""
    tracing: bool = False
    """REST, PRIVATE: X-Ray traces. Defaults to false."""
    identity: bool | None = None
    """HTTP: set headers that name the caller on requests through a VPC link. Defaults to true if a route has an
    authorizer. If false, the headers are removed: a caller's own never reach the backend.

    REST, PRIVATE: refused with a VPC link, where a caller could write the headers. A forwarder has its own argument.
    """
    firewall: FirewallArgs | None = None
    """REST: AWS WAF. Defaults to none."""
    alarms: AlarmsArgs | None = None
    """Alarms. Defaults to none."""


@dataclass(frozen=True, kw_only=True)
class ApiSpec(ApiFrontArgs):
    """An API as it is declared: the arguments, the component's name, and routes that know whether they stream."""

    name: str = ""

    def __post_init__(self) -> None:
        # A route that does not set it streams if the API does.
        routes = (dataclasses.replace(route, streaming=self.streams(route)) for route in self.routes)
        object.__setattr__(self, "routes", tuple(routes))

    def streams(self, route: RouteArgs) -> bool:
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
    def stage_throttle(self) -> ThrottleArgs | None:
        """Throttle of the stage; None if it is off."""
        return self.throttle if isinstance(self.throttle, ThrottleArgs) else None

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
        return list_operations(self.routes) if self.kind == "http" else list_rest_operations(self.routes)

    @property
    def key_values(self) -> dict[str, pulumi.Input[str]]:
        """Values of API keys, by their place in the arguments."""
        return {
            key_value_place(plan, key): value
            for plan, each in self.plans.items()
            for key, value in each.key_values.items()
        }

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
        """The resource policy, or None if every address may call. Raises OverlapError, as `resources_to_allow` does."""
        if self.kind == "http":
            return None
        guarded = identity_authorizations({name: authorizer.kind for name, authorizer in self.authorizers.items()})
        needed = functools.partial(resources_to_allow, self.operations, guarded, self.stage, cors=self.cors is not None)
        if self.kind == "private":
            return build_endpoint_policy(self.allow_endpoint_ids, self.allow_vpc_ids, needed(), self.caller_account_ids)
        allow, deny = self.ranges
        if allow or deny or self.caller_account_ids:
            return build_address_policy(allow, deny, needed(), self.caller_account_ids)
        return None

    @property
    def ranges(self) -> tuple[list[str], list[str]]:
        """Ranges that may call and ranges that may not, published lists among them by their ranges."""
        return address_lists.expand_lists(self.allow_cidrs), address_lists.expand_lists(self.deny_cidrs)


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
