"""`gatehouse:api`: the API Gateway API."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from components.api.api_spec import ApiSpec
from components.api.routes import NONE, Operation
from components.argument_types import AuthorizerKind, ExecutionLogs, QuotaPeriod, TlsVersion
from components.arguments import frozen
from facts import defaults
from facts.limits import (
    ACCOUNT_BURST,
    ACCOUNT_RATE,
    ANY,
    LAMBDA_MEMORY_MIB,
    LAMBDA_TIMEOUT_SECONDS,
    METHODS,
    MINIMUM_TIMEOUT_MILLISECONDS,
    QUOTA_REQUESTS,
    RAISED_TIMEOUT_MILLISECONDS,
    REST_API_TIMEOUT_MILLISECONDS,
    STREAM_MILLISECONDS,
)

from .mistakes import did_you_mean
from .pages import BROWSER_METHODS, called_by, headers_of
from .section import Section
from .values import (
    AccountId,
    ApiDomainName,
    ApiKeyText,
    BasePath,
    CertificateArn,
    Cidr,
    CidrOrList,
    CorsHeader,
    FunctionArn,
    HandlerName,
    HeaderName,
    HostedZoneId,
    Issuer,
    Name,
    RequestPath,
    RetentionDays,
    RoutePath,
    RuntimeName,
    S3Object,
    S3Version,
    SecurityGroupId,
    StageName,
    UserPoolArn,
    VpcEndpointId,
    VpcId,
    refused,
)

ApiKind = Literal["rest", "http"]
"""REST has keys, resource policies and WAF; HTTP API costs less than a third and has JWT."""


class Throttle(Section):
    """Token bucket: requests a second, and how many at once."""

    rate: float = Field(defaults.THROTTLE_RATE, gt=0, le=ACCOUNT_RATE, description="Requests a second")
    burst: int = Field(defaults.THROTTLE_BURST, ge=1, le=ACCOUNT_BURST, description="Requests at once")


def _method(value: str) -> str:
    allowed = f"one of {', '.join((*METHODS, ANY))}"
    if value.upper() not in (*METHODS, ANY):
        raise refused(allowed, did_you_mean(value, (*METHODS, ANY)))
    return value.upper()


Method = Annotated[
    str, AfterValidator(_method), Field(json_schema_extra={"words": f"one of {', '.join((*METHODS, ANY))}"})
]


class Route(Section):
    """One path, its methods and where they go."""

    path: RoutePath = Field(defaults.ROUTE_PATH, description="Path after the stage; {name} is any one part of it")
    methods: list[Method] = Field(
        default_factory=lambda: list(defaults.ROUTE_METHODS), min_length=1, description="Methods, or ANY"
    )
    include_subpaths: bool = Field(True, description="Also route every path below this one")
    target: Name = Field("backend", description="backend, proxy, or the name of one of `functions`")
    timeout_milliseconds: int | None = Field(
        None,
        ge=MINIMUM_TIMEOUT_MILLISECONDS,
        le=STREAM_MILLISECONDS,
        description="Longest wait for the target, and longest stream; the API's own limit when absent",
    )
    streaming: bool | None = Field(
        None, description="Pass the answer on as it comes (rest); as the API's own `streaming` when absent"
    )
    throttle: Throttle | None = Field(None, description="A throttle of this route's own")
    key_required: bool = Field(False, description="Demand an API key (rest)")
    authorization: Name = Field(NONE, description="none, iam, or the name of one of `authorizers`")
    scopes: list[str] = Field(default_factory=list, description="OAuth scopes that a token must have, one of them")
    body_schema: dict[str, Any] | None = Field(
        None,
        description="JSON schema (draft 4, without keywords that AWS does not validate) for a request's body of any"
        " content type (rest)",
    )


class Function(Section):
    """A Lambda of your own: one that exists, or a folder to deploy."""

    arn: FunctionArn | None = Field(None, description="Function that exists")
    folder: str | None = Field(None, min_length=1, description="Folder with its code, relative to Pulumi.yaml")
    handler: HandlerName = Field(defaults.LAMBDA_HANDLER, description="Entry point of the folder's code")
    runtime: RuntimeName = Field(defaults.LAMBDA_RUNTIME, description="Lambda runtime of the folder's code")
    memory: int = Field(
        defaults.FUNCTION_MEMORY_MIB,
        ge=LAMBDA_MEMORY_MIB.start,
        le=LAMBDA_MEMORY_MIB.stop - 1,
        description="Memory, MiB",
    )
    timeout_seconds: int = Field(
        defaults.FUNCTION_TIMEOUT_SECONDS,
        ge=1,
        le=LAMBDA_TIMEOUT_SECONDS.stop - 1,
        description="Timeout; more than 29 only where it answers in a stream",
    )


class Authorizer(Section):
    """Who may call, decided before the target is reached."""

    kind: AuthorizerKind = Field(description="jwt (http), cognito (rest) or lambda")
    issuer: Issuer | None = Field(None, description="jwt: the issuer, exactly as in the tokens")
    audiences: list[str] = Field(default_factory=list, description="jwt: accepted audiences")
    user_pool_arns: list[UserPoolArn] = Field(default_factory=list, description="cognito: the user pools")
    function: Function | None = Field(None, description="lambda: the function that decides")
    identity_headers: list[HeaderName] = Field(
        default_factory=lambda: ["Authorization"], min_length=1, description="Headers that carry the caller's identity"
    )
    cache_seconds: int = Field(
        0,
        ge=0,
        le=3600,
        description="lambda: cache a decision this long, for the same headers, method and path; 0 calls it every time",
    )


class Quota(Section):
    """How many requests in a period."""

    limit: int = Field(1_000, ge=1, le=QUOTA_REQUESTS, description="Requests in a period")
    period: QuotaPeriod = Field("DAY", description="DAY, WEEK or MONTH")


class Plan(Section):
    """A usage plan and the keys that belong to it."""

    keys: list[Name] = Field(default_factory=list, description="Names of the API keys whose values AWS generates")
    key_values: dict[Name, ApiKeyText] = Field(
        default_factory=dict, description="API keys whose values you choose, by name, encrypted"
    )
    throttle: Throttle = Field(
        default_factory=lambda: Throttle(rate=50, burst=100), description="Throttle for each key"
    )
    quota: Quota = Field(default_factory=Quota, description="Quota for each key")
    route_throttles: dict[str, Throttle] = Field(
        default_factory=dict,
        description="Throttles by route, written `GET /orders`, for what lies under it too; 20 methods in all",
    )


class Policy(Section):
    """Who may call by address (rest): everybody else is denied."""

    allow: list[CidrOrList] = Field(default_factory=list, description="Ranges let in, or github-hooks")
    deny: list[Cidr] = Field(default_factory=list, description="Ranges kept out, even where allowed")


class Cors(Section):
    """Which web pages may call from a browser."""

    origins: list[str] = Field(min_length=1, description="Origins such as https://app.example.com, or *")
    methods: list[Method] = Field(
        default_factory=list, description="Methods that a page may use. Defaults to those of the routes"
    )
    headers: list[CorsHeader] = Field(
        default_factory=list,
        description="Request headers that a page may send. Defaults to those that the routes' authorization needs, and"
        " Content-Type",
    )
    expose_headers: list[CorsHeader] = Field(default_factory=list, description="Answer headers a page may read")
    credentials: bool = Field(False, description="Allow cookies and authorization")
    max_age_seconds: int = Field(
        defaults.CORS_MAX_AGE_SECONDS, ge=0, le=86_400, description="How long a browser remembers the answer"
    )
    preflight_only: bool = Field(
        False,
        description="rest: the API answers only preflight requests; the backend sets the Access-Control headers of all"
        " other responses",
    )


class Domain(Section):
    """A domain of your own."""

    name: ApiDomainName = Field(description="The name, such as api.example.com, or *.example.com for all under it")
    certificate_arn: CertificateArn | None = Field(None, description="Certificate of the region; else one is requested")
    zone_id: HostedZoneId | None = Field(None, description="Route 53 zone for the validation and alias records")
    base_path: BasePath = Field("", description="First part of the path for calls to this API")
    disable_default_endpoint: bool = Field(
        True, description="Disable the execute-api endpoint, so that calls are possible only through the domain"
    )
    truststore: S3Object | None = Field(
        None,
        description="Mutual TLS: s3://bucket/key.pem with the accepted authorities",
    )
    truststore_version: S3Version | None = Field(
        None,
        description="Version of the truststore's object; AWS reads it again only when this changes",
    )
    ownership_verification_certificate_arn: CertificateArn | None = Field(
        None,
        description="Mutual TLS with an imported or private certificate: a public certificate of ACM for the same name",
    )


class Logs(Section):
    """Access logs, always on, and execution logs."""

    retention_days: RetentionDays = Field(defaults.LOG_RETENTION_DAYS, description="Keep access logs this long")
    execution: ExecutionLogs = Field("OFF", description="Execution logs of a REST API")
    account_role: bool = Field(
        True,
        description="Set the account-wide role that REST logs need, if the account has none; false declares no role",
    )


class Private(Section):
    """A private API (topology private-api): who may reach it from where."""

    private_dns: bool = Field(
        True, description="Answer the API's own name inside the VPC; public APIs' default names stop working there"
    )
    allow_security_group_ids: list[SecurityGroupId] = Field(
        default_factory=list, description="Security groups admitted to the endpoint, in place of the whole VPC"
    )
    allow_cidrs: list[Cidr] = Field(default_factory=list, description="Ranges admitted to the endpoint besides")
    endpoint_id: VpcEndpointId | None = Field(
        None, description="execute-api endpoint that exists in an adopted VPC; one is made when absent"
    )
    vpc_endpoint_ids: list[VpcEndpointId] = Field(
        default_factory=list, description="execute-api endpoints of other VPCs or accounts that are let in"
    )
    vpc_ids: list[VpcId] = Field(default_factory=list, description="Other VPCs whose endpoints are let in")


def _throttle(value: object) -> object:
    if value == "off":
        return None
    if not isinstance(value, dict):
        raise refused("rate and burst, or off", "throttle: {rate: 100, burst: 50}")
    return value


class Api(Section):
    """The API."""

    kind: ApiKind = Field("rest", description="rest (keys, resource policy, WAF) or http (JWT, a third of the price)")
    stage: StageName = Field(defaults.STAGE, description="Stage of a REST API; HTTP APIs use $default")
    routes: list[Route] = Field(
        default_factory=lambda: [Route()], min_length=1, description="Routes; GET HEAD POST PUT /forward when absent"
    )
    streaming: bool = Field(False, description="Pass answers on as they come, on every route (rest)")
    timeout_quota_milliseconds: int | None = Field(
        None,
        ge=REST_API_TIMEOUT_MILLISECONDS,
        le=RAISED_TIMEOUT_MILLISECONDS,
        description="Your account's quota “Maximum integration timeout in milliseconds”, if AWS raised it (rest):"
        " routes, functions and the forwarder may then take as long",
    )
    strip_prefix: RequestPath | None = Field(
        None,
        description="Path prefix that the backend does not see, in every topology; /forward with the default routes",
    )
    identity: bool | None = Field(
        None,
        description="Send the backend headers that identify the caller (docs/topologies.md); not allowed with a VPC"
        " link of a REST API. Defaults to true if a route has an authorization and none uses such a link, else false",
    )
    functions: dict[Name, Function] = Field(default_factory=dict, description="Lambdas of your own, as route targets")
    throttle: Annotated[Throttle | None, BeforeValidator(_throttle)] = Field(
        default_factory=Throttle,
        description="Throttle of the whole stage, or off",
        json_schema_extra={"words": "rate and burst, or off"},
    )
    plans: dict[Name, Plan] = Field(default_factory=dict, description="Usage plans with their keys (rest)")
    policy: Policy | None = Field(None, description="Who may call, by address (rest)")
    caller_account_ids: list[AccountId] = Field(
        default_factory=list,
        description="Other AWS accounts whose identities may call routes with authorization: iam, if their own policies"
        " allow it too (rest)",
    )
    authorizers: dict[Name, Authorizer] = Field(default_factory=dict, description="Who may call, by identity")
    cors: Cors | None = Field(None, description="Calls from web pages; off when absent")
    domain: Domain | None = Field(None, description="A domain of your own")
    minimum_tls: TlsVersion = Field("1.2", description="Oldest TLS version spoken")
    logs: Logs = Field(default_factory=Logs, description="Logs")
    tracing: bool = Field(False, description="X-Ray traces (rest)")
    private: Private = Field(default_factory=Private, description="For topology private-api: who reaches the endpoint")

    @model_validator(mode="after")
    def _serves_pages(self) -> "Api":
        """With `cors`, spread ANY, and allow pages the methods and headers of the routes if no others are named."""
        if self.cors is None:
            return self
        routes = [
            route.model_copy(update={"methods": list(BROWSER_METHODS)}) if self._takes_preflight(route) else route
            for route in self.routes
        ]
        cors = self.cors.model_copy(
            update={
                "methods": self.cors.methods or called_by(routes),
                "headers": self.cors.headers or headers_of(routes, self.authorizers),
            }
        )
        update: dict[str, Any] = {"cors": cors}
        return self.model_copy(update=update if routes == self.routes else {**update, "routes": routes})

    def _takes_preflight(self, route: Route) -> bool:
        """Whether ANY would take the browser's preflight request, which has no credentials."""
        return ANY in route.methods and (self.kind == "rest" or route.authorization != NONE)

    @property
    def stripped_prefix(self) -> str:
        """The prefix, or the default route's unless the config has routes of its own."""
        if self.strip_prefix is not None:
            return str(self.strip_prefix).rstrip("/")
        return "" if "routes" in self.model_fields_set else defaults.ROUTE_PATH

    @property
    def arguments(self) -> dict[str, Any]:
        """ApiFront's arguments; those with other names here by theirs. Targets and functions are the topology's."""
        same = self.model_dump(
            exclude={
                **dict.fromkeys(
                    ("strip_prefix", "functions", "plans", "policy", "authorizers", "logs", "private"), True
                ),
                "cors": {"preflight_only"},
            },
            exclude_none=True,
        )
        return same | {
            "strip_prefix": self.stripped_prefix,
            "plans": {name: _plan(plan) for name, plan in self.plans.items()},
            "authorizers": {name: _authorizer(authorizer) for name, authorizer in self.authorizers.items()},
            "allow_cidrs": list(self.policy.allow) if self.policy else [],
            "deny_cidrs": list(self.policy.deny) if self.policy else [],
            "log_retention_days": self.logs.retention_days,
            "execution_logs": self.logs.execution,
            "account_log_role": self.logs.account_role,
        }

    @property
    def spec(self) -> ApiSpec:
        """The API as the component reads it, without targets."""
        spec: ApiSpec = frozen(ApiSpec, self.arguments | {"targets": {}})
        return spec

    @property
    def operations(self) -> list[Operation]:
        """Every path with every method, as the kind of API declares them. Raises VariablesClashError."""
        return self.spec.operations

    def streams(self, route: Route) -> bool:
        """Whether answers of the route are passed on as they come."""
        return self.streaming if route.streaming is None else route.streaming


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        **plan.model_dump(include={"throttle", "keys", "route_throttles"}),
        "key_values": dict(plan.key_values),
        "quota_limit": plan.quota.limit,
        "quota_period": plan.quota.period,
    }


def _authorizer(authorizer: Authorizer) -> dict[str, Any]:
    given = authorizer.model_dump(exclude={"function"})
    return {key: value for key, value in given.items() if value not in (None, [])}
