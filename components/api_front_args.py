"""Arguments of ApiFront, as programs in any language give them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NotRequired, TypedDict

import pulumi

from .argument_types import (
    Amount,
    ApiKind,
    AuthorizerKind,
    BasePath,
    BlockedRequests,
    Count,
    DayOfSeconds,
    ExecutionLogs,
    FailoverRole,
    HourOfSeconds,
    ManagedRules,
    Method,
    Methods,
    PathPrefix,
    Percent,
    PolicyQuota,
    QuotaLimit,
    QuotaPeriod,
    RetentionDays,
    RoutePath,
    RouteTimeout,
    RoutingPolicy,
    RoutingWeight,
    SecretText,
    Some,
    StageName,
    TimeoutQuota,
    TlsVersion,
)
from .scope import TaggedArgs


class ThrottleArgs(TypedDict):
    """A token bucket.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html"""

    rate: Amount
    """Requests per second."""
    burst: Count
    """Size of the bucket: requests that may arrive at the same time."""


class RouteArgs(TypedDict):
    """A path, its methods and its target."""

    path: RoutePath
    """Path after the stage, `/forward` or `/orders/{id}`."""
    methods: Methods
    """Methods by name, or only `ANY`."""
    target: str
    """Name of one of `targets`."""
    include_subpaths: NotRequired[bool]
    """Also route every path below this one. Defaults to true."""
    timeout_milliseconds: NotRequired[RouteTimeout]
    """Longest wait for the target, and longest duration of a streamed response. Defaults to 29,000 (REST), 30,000
    (HTTP) or 900,000 (streaming)."""
    streaming: NotRequired[bool]
    """Stream the response (REST, PRIVATE). Defaults to `streaming` of the API.

    Beyond 10 MB it is limited to 2 MB/s. It ends after a pause of 5 minutes. Every 10 MB are charged as a request.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
    """
    throttle: NotRequired[ThrottleArgs]
    """Throttle of this route. Defaults to the API's."""
    key_required: NotRequired[bool]
    """Require an API key of a usage plan (REST, PRIVATE). Defaults to false."""
    authorization: NotRequired[str]
    """`none`, `iam`, or the name of one of `authorizers`. Defaults to `none`."""
    scopes: NotRequired[Sequence[str]]
    """OAuth scopes. A token must have at least one of them."""
    body_schema: NotRequired[Mapping[str, Any]]
    """JSON schema, draft 4, for a request's body of any content type (REST, PRIVATE). Other bodies get 400. Keywords
    that AWS does not validate are refused.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html"""


class TargetArgs(TypedDict):
    """A function, or a listener behind a VPC link."""

    function_name: NotRequired[pulumi.Input[str]]
    """Function that API Gateway may invoke."""
    alias_name: NotRequired[pulumi.Input[str]]
    """Its alias, if `invoke_arn` is the alias's: the permission is only for the alias."""
    invoke_arn: NotRequired[pulumi.Input[str]]
    """Its invoke ARN."""
    link_id: NotRequired[pulumi.Input[str]]
    """VPC link."""
    listener_arn: NotRequired[pulumi.Input[str]]
    """HTTP APIs: listener of a load balancer, or Cloud Map service."""
    load_balancer_arn: NotRequired[pulumi.Input[str]]
    """REST APIs with a link of the second version: the load balancer."""
    url: NotRequired[pulumi.Input[str]]
    """REST APIs: `http(s)://host:port` that the call is made with."""
    server_name: NotRequired[str]
    """HTTP APIs with TLS to the listener: the name on its certificate."""


class AuthorizerArgs(TypedDict):
    """An authorizer."""

    kind: AuthorizerKind
    """`jwt` (HTTP), `cognito` (REST, PRIVATE) or `lambda`."""
    issuer: NotRequired[str]
    """jwt: URL of the issuer, exactly as in the tokens."""
    audiences: NotRequired[Sequence[str]]
    """jwt: accepted audiences."""
    user_pool_arns: NotRequired[Sequence[pulumi.Input[str]]]
    """cognito: the user pools."""
    function_name: NotRequired[pulumi.Input[str]]
    """lambda: the authorizer function. It returns an IAM policy (REST, PRIVATE) or `{"isAuthorized": true}` (HTTP). See
    docs/security.md."""
    invoke_arn: NotRequired[pulumi.Input[str]]
    """lambda: its invoke ARN."""
    identity_headers: NotRequired[Sequence[str]]
    """Headers that carry the caller's identity. Defaults to `Authorization`."""
    cache_seconds: NotRequired[HourOfSeconds]
    """lambda: how long a decision is cached, for the same header values, method and path. 0 disables
    the cache. Defaults to 0."""


class CorsArgs(TypedDict):
    """CORS: calls from web pages."""

    origins: Annotated[Sequence[str], Some]
    """Origins such as `https://app.example.com`, or `*`."""
    methods: NotRequired[Sequence[Method]]
    """Methods. Defaults to GET."""
    headers: NotRequired[Sequence[str]]
    """Request headers that a page may send."""
    expose_headers: NotRequired[Sequence[str]]
    """Response headers that a page may read (HTTP)."""
    credentials: NotRequired[bool]
    """Allow cookies and authorization. Defaults to false."""
    max_age_seconds: NotRequired[DayOfSeconds]
    """How long a browser may cache the preflight response. Defaults to 600."""


class QuotaArgs(TypedDict):
    """Requests in a period."""

    limit: QuotaLimit
    """Requests per key and period."""
    period: NotRequired[QuotaPeriod]
    """Period of the quota: `DAY`, `WEEK` or `MONTH`. Defaults to `DAY`."""


class PlanArgs(TypedDict):
    """A usage plan."""

    throttle: NotRequired[ThrottleArgs]
    """Throttle for each key. Defaults to none: only the throttle of the API or of the route applies."""
    quota: NotRequired[QuotaArgs]
    """Quota for each key. Defaults to none."""
    keys: NotRequired[Sequence[str]]
    """Names of the API keys whose values AWS generates."""
    key_values: NotRequired[Mapping[str, SecretText]]
    """Values of the other API keys by name, as secrets."""
    route_throttles: NotRequired[Mapping[str, ThrottleArgs]]
    """Throttles by route, `GET /orders`. Each also applies to the route's subpaths. A plan has at most 20 methods."""


class RoutingArgs(TypedDict):
    """How Route 53 chooses between the stacks of one domain, each in a region of its own."""

    policy: RoutingPolicy
    """`latency` (the region that answers the caller fastest), `weighted`, or `failover`. The same in all of the stacks.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy.html"""
    weight: NotRequired[RoutingWeight]
    """weighted: this stack's part of the sum of all weights. 0 sends no calls here."""
    failover: NotRequired[FailoverRole]
    """failover: `primary`, or `secondary`, which is called while the primary's health check fails."""
    health_check_id: NotRequired[pulumi.Input[str]]
    """Route 53 health check of this stack's API. Required for the primary of a failover. Defaults to none."""


class DomainArgs(TypedDict):
    """A custom domain in front of a public API."""

    name: str
    """`api.example.com`, or `*.example.com` for all of its subdomains."""
    certificate_arn: NotRequired[pulumi.Input[str]]
    """Certificate in the API's region. If omitted, one is requested."""
    zone_id: NotRequired[pulumi.Input[str]]
    """Route 53 hosted zone for the records. Required to request a certificate."""
    routing: NotRequired[RoutingArgs]
    """For one name in several regions: how Route 53 chooses among the stacks, which share the record that validates
    their certificates. That record stays when a stack is destroyed. Defaults to one stack only."""
    base_path: NotRequired[BasePath]
    """First part of the path, which leads to this API."""
    existing: NotRequired[bool]
    """The domain exists already, for example in the stack of another API: only the mapping of `base_path` to this API
    is declared. AWS takes each domain name once. Defaults to false."""
    disable_default_endpoint: NotRequired[bool]
    """Disable the execute-api endpoint, so that calls are possible only through the domain. Defaults to true."""
    truststore: NotRequired[str]
    """Mutual TLS: `s3://bucket/key.pem` with the accepted certificate authorities."""
    truststore_version: NotRequired[str]
    """Version of that S3 object, in a bucket with versioning. AWS reads the object again when the version changes: if
    you replace the object without naming a version, authorities that you took out stay accepted."""
    ownership_verification_certificate_arn: NotRequired[pulumi.Input[str]]
    """Public certificate of ACM for the same name. AWS requires it for mutual TLS if `certificate_arn` is a certificate
    that was imported or issued by a private authority. If you take it out, AWS keeps it."""


class PrivateDomainArgs(TypedDict):
    """A custom domain in front of a private API. It resolves only inside the VPC."""

    name: str
    """`api.example.com`."""
    certificate_arn: pulumi.Input[str]
    """Certificate for the name, issued by a public authority."""
    vpc_id: pulumi.Input[str]
    """VPC in which the name resolves."""
    endpoint_id: pulumi.Input[str]
    """execute-api endpoint that the name resolves to."""
    endpoint_dns_name: pulumi.Input[str]
    """DNS name of the endpoint."""
    endpoint_zone_id: pulumi.Input[str]
    """Hosted zone of that name."""
    base_path: NotRequired[BasePath]
    """First part of the path, which leads to this API."""


class FirewallArgs(TypedDict):
    """AWS WAF (REST): $5 a month and $1 a rule."""

    requests_per_five_minutes: BlockedRequests
    """Limit of requests from one IP address."""
    managed_rules: NotRequired[Sequence[ManagedRules]]
    """AWS managed rule groups: `common`, `known-bad-inputs`, `ip-reputation`, `anonymous-ip`, `sql-injection`."""
    allow: NotRequired[Sequence[str]]
    """CIDR ranges that no rule blocks."""
    large_bodies: NotRequired[bool]
    """Allow bodies over 8 KB, which the group `common` blocks otherwise. Defaults to false."""


class AlarmsArgs(TypedDict):
    """CloudWatch alarms, $0.80 a month in total."""

    topic_arn: pulumi.Input[str]
    """ARN of the SNS topic that alarms notify."""
    server_error_percent: Percent
    """Threshold for the percentage of 5XX responses in five minutes."""
    client_error_percent: Percent
    """Threshold for the percentage of 4XX responses in five minutes."""
    latency_milliseconds: Count
    """Threshold for the 99th percentile of the latency."""
    requests_per_five_minutes: Count
    """Threshold for the number of requests in five minutes."""


class ApiFrontArgs(TaggedArgs):
    """Arguments of ApiFront."""

    kind: ApiKind
    """`rest` ($3.50 a million requests in us-east-1), `http` ($1.00) or `private` (as rest, and an interface
    endpoint)."""
    routes: Annotated[Sequence[RouteArgs], Some]
    """Routes. API Gateway answers every other path and method with 403 or 404."""
    targets: Mapping[str, TargetArgs]
    """Targets of routes, by name."""
    strip_prefix: NotRequired[PathPrefix]
    """Path prefix that targets behind a VPC link do not see, `/forward`. Defaults to none. A forwarder has its own."""
    stage: NotRequired[StageName]
    """Stage of a REST API. Defaults to `live`. HTTP APIs always have `$default`."""
    streaming: NotRequired[bool]
    """Stream responses on every route that does not set `streaming` (REST, PRIVATE). Defaults to false.

    The function of such a route must stream its response; ServerlessProxy does with `stream_seconds`.
    """
    timeout_quota_milliseconds: NotRequired[TimeoutQuota]
    """Your account's quota “Maximum integration timeout in milliseconds”, if AWS raised it (REST, PRIVATE). Routes may
    then wait up to it, 300,000 at most. Defaults to 29,000."""
    policy_quota_characters: NotRequired[PolicyQuota]
    """Your account's quota “Length, in characters, of API Gateway resource policy”, if AWS raised it (REST, PRIVATE).
    Defaults to 8,192."""
    throttle: NotRequired[ThrottleArgs]
    """Throttle of the stage. Defaults to the account's limits."""
    plans: NotRequired[Mapping[str, PlanArgs]]
    """Usage plans by name (REST, PRIVATE)."""
    allow_cidrs: NotRequired[Sequence[str]]
    """REST: CIDR ranges, or names of published lists such as `github-hooks`. Only calls from these are allowed."""
    deny_cidrs: NotRequired[Sequence[str]]
    """REST: CIDR ranges whose calls are denied."""
    authorizers: NotRequired[Mapping[str, AuthorizerArgs]]
    """Authorizers by name."""
    cors: NotRequired[CorsArgs]
    """CORS: calls from web pages. Defaults to none."""
    domain: NotRequired[DomainArgs]
    """A custom domain (REST, HTTP). Defaults to none."""
    private_domain: NotRequired[PrivateDomainArgs]
    """A custom domain (PRIVATE). Defaults to none."""
    endpoint_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """PRIVATE: interface endpoints to associate with the API, each with its own DNS name for it."""
    allow_endpoint_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """PRIVATE: interface endpoints that calls may come through, also of other VPCs and accounts."""
    allow_vpc_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """PRIVATE: VPCs from which calls may come through any interface endpoint."""
    caller_account_ids: NotRequired[Sequence[str]]
    """REST, PRIVATE: other AWS accounts whose identities may call routes with authorization `iam`, if their own
    policies allow it too. Defaults to none."""
    minimum_tls: NotRequired[TlsVersion]
    """`1.2` or `1.3` (REST, PRIVATE). Defaults to `1.2`."""
    log_retention_days: NotRequired[RetentionDays]
    """How long access logs are kept. Defaults to 30."""
    execution_logs: NotRequired[ExecutionLogs]
    """REST, PRIVATE: `OFF`, `ERROR` or `INFO`. Defaults to `OFF`."""
    account_log_role: NotRequired[bool]
    """REST, PRIVATE: declare the log role if there is none. False needs no `iam:PassRole`, and AWS refuses the stage if
    the account has no log role. Defaults to true."""
    tracing: NotRequired[bool]
    """REST, PRIVATE: X-Ray traces. Defaults to false."""
    identity: NotRequired[bool]
    """HTTP: set headers that name the caller on requests through a VPC link. Defaults to true if a route has an
    authorizer. If false, the headers are removed: a caller's own never reach the backend.

    REST, PRIVATE: refused with a VPC link, where a caller could write the headers. A forwarder has its own argument.
    """
    firewall: NotRequired[FirewallArgs]
    """REST: AWS WAF. Defaults to none."""
    alarms: NotRequired[AlarmsArgs]
    """Alarms. Defaults to none."""
