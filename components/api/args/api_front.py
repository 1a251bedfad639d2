"""Arguments of ApiFront, with their defaults, from which REST, HTTP and PRIVATE APIs are made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from ...arguments.addresses import AdmittedRanges, Ranges
from ...arguments.connections import TargetArgs
from ...arguments.marks import Some
from ...arguments.names import AccessLogVariable, AccountId, Name, VpcEndpointId, VpcId
from ...arguments.numbers import PolicyQuota, RetentionDays, TimeoutQuota
from ...arguments.paths import PathPrefix, StageName
from ...arguments.tags import TaggedArgs
from ...arguments.words import ApiKind, ExecutionLogs, Off, TlsVersion
from ...facts import defaults, limits
from .alarms import AlarmsArgs
from .authorizers import AuthorizerArgs
from .cors import CorsArgs
from .domains import DomainArgs, PrivateDomainArgs
from .firewall import FirewallArgs
from .plans import PlanArgs
from .routes import RouteArgs, ThrottleArgs


@dataclass(frozen=True, kw_only=True)
class ApiFrontArgs(TaggedArgs):
    """Arguments of ApiFront."""

    kind: ApiKind
    """`rest` ($3.50 a million requests in us-east-1), `http` ($1.00) or `private` (as rest, and an interface
    endpoint)."""
    routes: Annotated[Sequence[RouteArgs], Some]
    """Routes; API Gateway answers all others with 403 or 404."""
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
    """Your account's quota “Maximum integration timeout in milliseconds” (REST, PRIVATE). Routes may then wait up to
    it, 300,000 at most. Defaults to 29,000."""
    policy_quota_characters: PolicyQuota = limits.RESOURCE_POLICY_CHARACTERS
    """Your account's quota “Length, in characters, of API Gateway resource policy” (REST, PRIVATE). Defaults to
    8,192."""
    throttle: ThrottleArgs | Off = field(default_factory=ThrottleArgs)
    """Throttle of the stage. `off` leaves the limit to the account: 10,000 requests per second in most
    regions. Defaults to 100 requests per second with a burst of 50."""
    plans: Mapping[Name, PlanArgs] = field(default_factory=dict)
    """Usage plans by name (REST, PRIVATE)."""
    allow_cidrs: AdmittedRanges = ()
    """REST: CIDR ranges or published lists. Only calls from these are allowed."""
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
    """REST, PRIVATE: other AWS accounts whose identities may call routes with authorization `iam`. Defaults to none."""
    minimum_tls: TlsVersion = "1.2"
    """Minimum TLS version (REST, PRIVATE). Defaults to `1.2`."""
    log_retention_days: RetentionDays = defaults.LOG_RETENTION_DAYS
    """How long access logs are kept. Defaults to 30."""
    access_log_fields: Sequence[AccessLogVariable] = ()
    """Further variables in access logs. The usual ones name the caller, and no claims but `sub` and `client_id`.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html"""
    execution_logs: ExecutionLogs = "OFF"
    """REST, PRIVATE: level of execution logs. Defaults to `OFF`."""
    account_log_role: bool = True
    """REST, PRIVATE: declare the log role if there is none; false needs no `iam:PassRole`. With false, AWS refuses the
    stage if the account has no log role. Defaults to true."""
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
