"""`gatehouse:api`: the API Gateway API."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from ...api.api_args import (
    ApiFrontArgs,
    ApiSpec,
    AuthorizerArgs,
    CorsArgs,
    DomainArgs,
    PlanArgs,
    QuotaArgs,
    RoutingArgs,
)
from ...api.routes import NONE, Operation, RouteArgs, ThrottleArgs
from ...argument_types import (
    AuthorizerKind,
    ExecutionLogs,
    FailoverRole,
    QuotaPeriod,
    RoutingPolicy,
    TlsVersion,
)
from ...arguments import frozen
from ...facts import defaults
from ...facts.limits import (
    ACCOUNT_BURST,
    ACCOUNT_RATE,
    ANY,
    METHODS,
    RAISED_POLICY_CHARACTERS,
    RAISED_TIMEOUT_MILLISECONDS,
    RESOURCE_POLICY_CHARACTERS,
    REST_API_TIMEOUT_MILLISECONDS,
)
from ...private_api_endpoint import PrivateApiEndpointArgs
from . import values
from .arguments import As, Source, refused
from .function import Function
from .mistakes import did_you_mean
from .pages import BROWSER_METHODS, called_by, headers_of
from .section import NEVER_OFF, Section
from .unknown import Unknown, as_far_as_known, known_or_unknown

ApiKind = Literal["rest", "http"]
"""REST has keys, resource policies and WAF; HTTP API costs less than a third and has JWT."""


class Throttle(Section, arguments=ThrottleArgs):
    """Token bucket."""

    rate: float = Field(
        defaults.THROTTLE_RATE, gt=0, json_schema_extra={"words": f"a number above 0 to {ACCOUNT_RATE:,}"}
    )
    burst: int = Field(defaults.THROTTLE_BURST, ge=1, le=ACCOUNT_BURST)


def _method(value: str) -> str:
    allowed = f"one of {', '.join((*METHODS, ANY))}"
    if value.upper() not in (*METHODS, ANY):
        raise refused(allowed, did_you_mean(value, (*METHODS, ANY)))
    return value.upper()


Method = Annotated[
    str, AfterValidator(_method), Field(json_schema_extra={"words": f"one of {', '.join((*METHODS, ANY))}"})
]


class Route(Section, arguments=RouteArgs, defaults=RouteArgs):
    """One path, its methods and their target."""

    path: values.RoutePath = Field(
        defaults.ROUTE_PATH, description="Path after the stage. {name} stands for any one part of a path."
    )
    methods: list[Method] = Field(default_factory=lambda: list(defaults.ROUTE_METHODS), min_length=1)
    include_subpaths: bool
    target: values.Name = Field("backend", description="`backend`, `proxy`, or the name of one of `api.functions`.")
    timeout_milliseconds: int | None
    streaming: bool | None
    throttle: Throttle | None = Field(None, json_schema_extra=NEVER_OFF)
    key_required: bool
    authorization: values.AuthorizationName
    scopes: list[str]
    body_schema: dict[str, Any] | None


class Authorizer(Section, arguments=AuthorizerArgs, defaults=AuthorizerArgs):
    """Decides who may call, before the target is reached."""

    kind: AuthorizerKind
    issuer: values.Issuer | None
    audiences: list[str]
    user_pool_arns: list[values.UserPoolArn]
    function: Function | None = Field(
        None,
        description="lambda: the authorizer function. See docs/security.md for its response.",
        json_schema_extra=NEVER_OFF,
    )
    identity_headers: list[values.HeaderName] = Field(min_length=1)
    cache_seconds: int


class Quota(Section, arguments=QuotaArgs, defaults=QuotaArgs):
    """Requests in a period."""

    limit: int
    period: QuotaPeriod


class Plan(Section, arguments=PlanArgs, defaults=PlanArgs):
    """A usage plan and its keys."""

    keys: list[values.Name]
    key_values: dict[values.Name, values.ApiKeyText] = Field(
        default_factory=dict, description="API keys whose values you choose, by name, encrypted."
    )
    throttle: Throttle | None = Field(default_factory=Throttle, description="Throttle for each key.")
    quota: Quota | None
    route_throttles: dict[str, Throttle]


class Policy(Section, arguments=ApiFrontArgs, defaults=ApiFrontArgs):
    """Addresses that may call (REST)."""

    allow: Annotated[list[values.CidrOrList], As("allow_cidrs")]
    deny: Annotated[list[values.Cidr], As("deny_cidrs")]


class Cors(Section, arguments=CorsArgs, defaults=CorsArgs):
    """Calls from web pages."""

    origins: list[str] = Field(min_length=1)
    methods: list[Method] = Field(
        default_factory=list, description="Methods that a page may use. Defaults to those of the routes."
    )
    headers: list[values.CorsHeader] = Field(
        default_factory=list,
        description="Request headers that a page may send. Defaults to those that the routes' authorization needs, and"
        " Content-Type.",
    )
    expose_headers: list[values.CorsHeader]
    credentials: bool
    max_age_seconds: int
    preflight_only: bool = Field(
        False,
        description="REST: the API answers only preflight requests; the backend sets the Access-Control headers of all"
        " other responses.",
    )


class Routing(Section, arguments=RoutingArgs, defaults=RoutingArgs):
    """How Route 53 chooses between the stacks of one domain."""

    policy: RoutingPolicy
    weight: int | None
    failover: FailoverRole | None
    health_check_id: values.HealthCheckId | None


class Domain(Section, arguments=DomainArgs, defaults=DomainArgs):
    """A custom domain."""

    name: values.ApiDomainName
    certificate_arn: values.CertificateArn | None
    zone_id: values.HostedZoneId | None
    routing: Routing | None = Field(None, json_schema_extra=NEVER_OFF)
    base_path: str
    existing: bool
    disable_default_endpoint: bool
    truststore: values.S3Object | None
    truststore_version: values.S3Version | None
    ownership_verification_certificate_arn: values.CertificateArn | None


class Logs(Section, arguments=ApiFrontArgs, defaults=ApiFrontArgs):
    """Access logs, always on, and execution logs."""

    retention_days: Annotated[int, As("log_retention_days")]
    execution: Annotated[ExecutionLogs, As("execution_logs")]
    account_role: Annotated[bool, As("account_log_role")]


class Private(Section, arguments=PrivateApiEndpointArgs, defaults=PrivateApiEndpointArgs):
    """Callers of a private API (topology private-api)."""

    private_dns: bool
    allow_vpc: bool | None
    allow_security_group_ids: list[values.SecurityGroupId] = Field(default_factory=list)
    allow_prefix_list_ids: list[values.PrefixListId] = Field(default_factory=list)
    allow_cidrs: list[values.Cidr]
    endpoint_id: values.VpcEndpointId | None = Field(
        None, description="Existing execute-api endpoint in an adopted VPC. If omitted, one is created."
    )
    vpc_endpoint_ids: list[values.VpcEndpointId] = Field(
        default_factory=list, description="execute-api endpoints of other VPCs or accounts that may call."
    )
    vpc_ids: Annotated[list[values.VpcId], As("allow_vpc_ids", Source(ApiFrontArgs, ApiFrontArgs))]

    @property
    def callers(self) -> dict[str, Any]:
        """Arguments of the endpoint for those that may call it."""
        return {
            "allow_vpc": self.allow_vpc,
            "allow_security_group_ids": {group: group for group in self.allow_security_group_ids},
            "allow_prefix_list_ids": {prefix_list: prefix_list for prefix_list in self.allow_prefix_list_ids},
            "allow_cidrs": self.allow_cidrs,
        }


class Api(Section, arguments=ApiFrontArgs, defaults=ApiFrontArgs):
    """The API."""

    kind: ApiKind = Field(
        "rest", description="`rest` ($3.50 a million in us-east-1) or `http` ($1.00). For WebSocket: docs/cookbook.md."
    )
    stage: str
    routes: list[Route] = Field(default_factory=lambda: [Route.model_validate({})], min_length=1)
    streaming: bool
    timeout_quota_milliseconds: int | None = Field(
        None, ge=REST_API_TIMEOUT_MILLISECONDS, le=RAISED_TIMEOUT_MILLISECONDS
    )
    policy_quota_characters: int | None = Field(None, ge=RESOURCE_POLICY_CHARACTERS, le=RAISED_POLICY_CHARACTERS)
    strip_prefix: values.RequestPath | None = Field(
        None,
        description="Path prefix that the backend does not see, in every topology. Defaults to `/forward` with the"
        " default routes, else to none.",
    )
    identity: bool | None = Field(
        None,
        description="Send headers that identify the caller to the backend (docs/topologies.md). Not allowed with a VPC"
        " link of a REST API. Defaults to true if a route has an authorization and none uses such a link, else to"
        " false.",
    )
    functions: dict[values.Name, Function] = Field(
        default_factory=dict, description="Lambda functions of your own, as targets of routes."
    )
    throttle: Throttle | None = Field(default_factory=Throttle, description="Throttle of the stage.")
    plans: dict[values.Name, Plan]
    policy: Policy | None = Field(
        None, description="REST: addresses that may call. Calls from all others are denied. Defaults to none."
    )
    caller_account_ids: list[values.AccountId]
    authorizers: dict[values.Name, Authorizer]
    cors: Cors | None
    domain: Domain | None
    minimum_tls: TlsVersion
    logs: Logs = Field(default_factory=lambda: Logs.model_validate({}), description="Logs.")
    tracing: bool
    private: Private = Field(
        default_factory=lambda: Private.model_validate({}), description="Topology private-api: callers of the endpoint."
    )

    @model_validator(mode="after")
    def _serves_pages(self) -> "Api":
        """With `cors`, spread ANY, and allow pages the methods and headers of the routes if no others are named."""
        return self if self.cors is None or isinstance(self.cors, Unknown) else self._for_pages(self.cors)

    def _for_pages(self, cors: Cors) -> "Api":
        named = {
            "methods": known_or_unknown(lambda: cors.methods or called_by(self.routes)),
            "headers": known_or_unknown(lambda: cors.headers or headers_of(self.routes, self.authorizers)),
        }
        update: dict[str, Any] = {"cors": cors.model_copy(update=named)}
        with as_far_as_known():
            spread = [index for index, route in enumerate(self.routes) if self._takes_preflight(route)]
            every = {"methods": list(BROWSER_METHODS)}
            routes = [route.model_copy(update=every) if at in spread else route for at, route in enumerate(self.routes)]
            update |= {"routes": routes} if spread else {}
        return self.model_copy(update=update)

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
        others = dict.fromkeys(("strip_prefix", "functions", "policy", "authorizers", "logs", "private"), True)
        same = self.model_dump(exclude={**others, "cors": {"preflight_only"}}, exclude_none=True)
        return same | {
            "strip_prefix": known_or_unknown(lambda: self.stripped_prefix),
            "authorizers": known_or_unknown(lambda: {name: _authorizer(one) for name, one in self.authorizers.items()}),
            "allow_cidrs": known_or_unknown(lambda: self.policy.allow if self.policy else []),
            "deny_cidrs": known_or_unknown(lambda: self.policy.deny if self.policy else []),
            "log_retention_days": known_or_unknown(lambda: self.logs.retention_days),
            "execution_logs": known_or_unknown(lambda: self.logs.execution),
            "account_log_role": known_or_unknown(lambda: self.logs.account_role),
        }

    @property
    def spec(self) -> ApiSpec:
        """The API as the component reads it, without targets."""
        spec: ApiSpec = frozen(ApiSpec, self.arguments | {"targets": {}})
        with as_far_as_known():
            # A schema that is no map is a mistake by itself.
            wrong = [isinstance(route.body_schema, Unknown) for route in spec.routes]
            routes = [replace(one, body_schema=None) if at else one for one, at in zip(spec.routes, wrong, strict=True)]
            return replace(spec, routes=tuple(routes))
        return spec

    @property
    def all_functions(self) -> dict[str, Function]:
        """The functions of routes and authorizers, by their place in this section."""
        functions = {f"functions.{name}": function for name, function in self.functions.items()}
        authorizers = ((f"authorizers.{name}.function", one.function) for name, one in self.authorizers.items())
        return functions | {key: function for key, function in authorizers if function}

    @property
    def functions_in_vpc(self) -> dict[str, Function]:
        """Those of them that run in the stack's network."""
        return {key: function for key, function in self.all_functions.items() if function.vpc}

    @property
    def operations(self) -> list[Operation]:
        """Every path with every method, as the kind of API declares them. Raises VariablesClashError."""
        return self.spec.operations

    def streams(self, route: Route) -> bool:
        """Whether answers of the route are passed on as they come."""
        return self.streaming if route.streaming is None else route.streaming


def _authorizer(authorizer: Authorizer) -> dict[str, Any]:
    # The topology puts the function's own there.
    invoke_arn = None if authorizer.function is None else ""
    arguments = authorizer.model_dump(exclude={"function"}) | {"invoke_arn": invoke_arn}
    return {key: value for key, value in arguments.items() if isinstance(value, Unknown) or value not in (None, [])}
