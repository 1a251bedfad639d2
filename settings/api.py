"""`gatehouse:api`: the gate itself."""

from enum import Enum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from components.api.routes import Operation, operations, rest_operations
from components.api.routes import Route as RouteData
from facts import defaults
from facts.limits import (
    ACCOUNT_BURST,
    ACCOUNT_RATE,
    ANY,
    LAMBDA_TIMEOUT_SECONDS,
    METHODS,
    MINIMUM_TIMEOUT_MILLISECONDS,
    RAISED_TIMEOUT_MILLISECONDS,
    REST_API_TIMEOUT_MILLISECONDS,
    STREAM_MILLISECONDS,
)

from .section import Section
from .values import (
    AccountId,
    ApiDomainName,
    ApiKeyText,
    BasePath,
    BodySchema,
    CertificateArn,
    Cidr,
    CidrOrList,
    CorsHeader,
    FunctionArn,
    HandlerName,
    HeaderName,
    HostedZoneId,
    HttpsUrl,
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


class ApiKind(Enum):
    """REST has keys, resource policies and WAF; HTTP API costs less than a third and has JWT."""

    REST = "rest"
    HTTP = "http"


class Throttle(Section):
    """Token bucket: requests a second, and how many at once."""

    rate: float = Field(defaults.THROTTLE_RATE, gt=0, le=ACCOUNT_RATE, description="Requests a second")
    burst: int = Field(defaults.THROTTLE_BURST, ge=1, le=ACCOUNT_BURST, description="Requests at once")


def _method(value: str) -> str:
    allowed = f"one of {', '.join((*METHODS, ANY))}"
    if value.upper() not in (*METHODS, ANY):
        raise refused(allowed)
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
    under: bool = Field(True, description="Include everything under the path as well")
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
    authorization: Name | None = Field(None, description="none, iam, or the name of one of `authorizers`")
    scopes: list[str] = Field(default_factory=list, description="OAuth scopes that a token must have, one of them")
    body_schema: BodySchema | None = Field(
        None, description="JSON schema (draft 4) for a request's body of any content type (rest)"
    )


class Function(Section):
    """A Lambda of your own: one that exists, or a folder to deploy."""

    arn: FunctionArn | None = Field(None, description="Function that exists")
    folder: str | None = Field(None, min_length=1, description="Folder with its code, relative to Pulumi.yaml")
    handler: HandlerName = Field("handler.handler", description="Entry point of the folder's code")
    runtime: RuntimeName = Field("python3.13", description="Lambda runtime of the folder's code")
    memory: int = Field(128, ge=128, le=10_240, description="Memory, MiB")
    timeout_seconds: int = Field(
        3,
        ge=1,
        le=LAMBDA_TIMEOUT_SECONDS.stop - 1,
        description="Timeout; more than 29 only where it answers in a stream",
    )


class AuthorizerKind(Enum):
    """Who decides."""

    JWT = "jwt"
    COGNITO = "cognito"
    LAMBDA = "lambda"


class Authorizer(Section):
    """Who may call, decided before the target is reached."""

    kind: AuthorizerKind = Field(description="jwt (http), cognito (rest) or lambda")
    issuer: HttpsUrl | None = Field(None, description="jwt: the issuer's URL")
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


class QuotaPeriod(Enum):
    """How long a quota lasts."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"


class Quota(Section):
    """How many requests in a period."""

    limit: int = Field(1_000, ge=1, description="Requests in a period")
    period: QuotaPeriod = Field(QuotaPeriod.DAY, description="DAY, WEEK or MONTH")


class Plan(Section):
    """A usage plan and the keys that belong to it."""

    keys: list[Name] = Field(default_factory=list, description="Keys to make; AWS chooses their values")
    given_keys: dict[Name, ApiKeyText] = Field(
        default_factory=dict, description="Keys whose values you choose, encrypted"
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
    methods: list[Method] = Field(default_factory=lambda: ["GET"], description="Methods")
    headers: list[CorsHeader] = Field(default_factory=list, description="Request headers a page may send")
    expose_headers: list[CorsHeader] = Field(default_factory=list, description="Answer headers a page may read")
    credentials: bool = Field(False, description="Allow cookies and authorization")
    max_age_seconds: int = Field(600, ge=0, le=86_400, description="How long a browser remembers the answer")
    backend_answers: bool = Field(
        False,
        description="rest: the backend sends the Access-Control headers of real answers itself; the API answers"
        " preflight requests alone",
    )


class Domain(Section):
    """A domain of your own."""

    name: ApiDomainName = Field(description="The name, such as api.example.com, or *.example.com for all under it")
    certificate_arn: CertificateArn | None = Field(None, description="Certificate of the region; else one is requested")
    zone_id: HostedZoneId | None = Field(None, description="Route 53 zone for the validation and alias records")
    base_path: BasePath = Field("", description="First part of the path that leads to this API")
    only_door: bool = Field(True, description="Close the execute-api address, so that the domain is the only way in")
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


class ExecutionLogs(Enum):
    """REST execution logs."""

    OFF = "OFF"
    ERROR = "ERROR"
    INFO = "INFO"


class Logs(Section):
    """Access logs, always on, and execution logs."""

    retention_days: RetentionDays = Field(defaults.LOG_RETENTION_DAYS, description="Keep access logs this long")
    execution: ExecutionLogs = Field(ExecutionLogs.OFF, description="Execution logs of a REST API")
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


class MinimumTls(Enum):
    """Oldest TLS spoken."""

    TLS_1_2 = "1.2"
    TLS_1_3 = "1.3"


def _throttle(value: object) -> object:
    if value == "off":
        return None
    if not isinstance(value, dict):
        raise refused("rate and burst, or off", "throttle: {rate: 100, burst: 50}")
    return value


class Api(Section):
    """The API."""

    kind: ApiKind = Field(
        ApiKind.REST, description="rest (keys, resource policy, WAF) or http (JWT, a third of the price)"
    )
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
        description="Tell backends who called, in headers (docs/identity.md); defaults to true if a route has an"
        " authorization, else false",
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
    minimum_tls: MinimumTls = Field(MinimumTls.TLS_1_2, description="Oldest TLS version spoken")
    logs: Logs = Field(default_factory=Logs, description="Logs")
    tracing: bool = Field(False, description="X-Ray traces (rest)")
    private: Private = Field(default_factory=Private, description="For topology private-api: who reaches the endpoint")

    @property
    def stripped_prefix(self) -> str:
        """The prefix, or the default route's unless the config has routes of its own."""
        if self.strip_prefix is not None:
            return str(self.strip_prefix).rstrip("/")
        return "" if "routes" in self.model_fields_set else defaults.ROUTE_PATH

    @property
    def passes_identity(self) -> bool:
        """Whether backends learn who called."""
        if self.identity is None:
            return any(route.authorization not in (None, "none") for route in self.routes)
        return self.identity

    @property
    def route_data(self) -> list[RouteData]:
        """The routes, as components read them."""
        return [
            RouteData(
                route.path,
                tuple(route.methods),
                route.target,
                route.under,
                timeout_milliseconds=route.timeout_milliseconds,
                streaming=self.streams(route),
                authorization=route.authorization or "none",
                scopes=tuple(route.scopes),
            )
            for route in self.routes
        ]

    @property
    def operations(self) -> list[Operation]:
        """Every path with every method, as the kind of API declares them. Raises VariablesClashError."""
        return (rest_operations if self.kind is ApiKind.REST else operations)(self.route_data)

    def streams(self, route: Route) -> bool:
        """Whether answers of the route are passed on as they come."""
        return self.streaming if route.streaming is None else route.streaming
