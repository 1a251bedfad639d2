"""`gatehouse:api`: the API Gateway API."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, Literal

import pulumi

from ...api.api_spec import ApiSpec
from ...api.args.api_front import ApiFrontArgs
from ...api.args.authorizers import AuthorizerArgs
from ...api.args.cors import CorsArgs
from ...api.args.domains import DomainArgs
from ...api.args.plans import PlanArgs
from ...api.args.routes import NONE, RouteArgs, ThrottleArgs
from ...api.route_operations import Operation
from ...arguments.addresses import AdmittedRanges, Ranges
from ...arguments.marks import NEVER_OFF, ReadAs, Some
from ...arguments.names import AccessLogVariable, CorsHeader, Name, PrefixListId, SecurityGroupId, VpcEndpointId, VpcId
from ...arguments.numbers import PolicyQuota, RetentionDays, TimeoutQuota
from ...arguments.paths import RequestPath, RouteSetting
from ...arguments.secrets import EncryptedApiKey
from ...arguments.words import ExecutionLogs, MethodName, Methods
from ...facts import defaults, limits
from ...facts.limits import ANY
from ...private_api_endpoint import PrivateApiEndpointArgs
from .function import Function
from .pages import BROWSER_METHODS, list_called_methods, list_headers
from .section import Section
from .unknown import Unknown, as_far_as_known, make_if_known

ApiKind = Literal["rest", "http"]
"""REST has keys, resource policies and WAF; HTTP API costs less than a third and has JWT."""


@dataclass(frozen=True, kw_only=True)
class Throttle(Section, ThrottleArgs):
    """Token bucket."""


@dataclass(frozen=True, kw_only=True)
class Route(Section, RouteArgs):
    """One path, its methods and their target."""

    set_by_topology = ("service",)

    # A stack file has a default route, and its messages name the other routes.
    path: RouteSetting = defaults.ROUTE_PATH
    """Path after the stage. {name} stands for any one part of a path."""
    methods: Methods = defaults.ROUTE_METHODS
    target: Name = "backend"
    """`backend`, `proxy`, or the name of one of `backends` or `api.functions`."""
    service: str = ""
    """The name of the service that has the route, in rules that read it as a route of `backend`."""


@dataclass(frozen=True, kw_only=True)
class Authorizer(Section, AuthorizerArgs):
    """Decides who may call, before the target is reached."""

    set_by_topology = ("function_name", "invoke_arn")

    function: Annotated[Function | None, NEVER_OFF] = None
    """lambda: the authorizer function (docs/security.md)."""


@dataclass(frozen=True, kw_only=True)
class Plan(Section, PlanArgs):
    """A usage plan and its keys."""

    # Encrypted texts.
    key_values: Mapping[Name, EncryptedApiKey] = field(default_factory=dict)
    """API keys whose values you choose, by name, encrypted."""
    # A key has a limit unless it is off.
    throttle: Throttle | None = field(default_factory=Throttle)
    """Throttle for each key."""


@dataclass(frozen=True, kw_only=True)
class Policy(Section):
    """Addresses that may call (REST)."""

    allow: AdmittedRanges = ()
    """REST: CIDR ranges or published lists. Only calls from these are allowed."""
    deny: Ranges = ()
    """REST: CIDR ranges whose calls are denied."""


@dataclass(frozen=True, kw_only=True)
class Cors(Section, CorsArgs):
    """Calls from web pages."""

    # The routes give their defaults.
    methods: Sequence[MethodName] = ()
    """Methods that a page may use. Defaults to those of the routes."""
    headers: Sequence[CorsHeader] = ()
    """Request headers that a page may send. Defaults to those that the routes' authorization needs, and
    Content-Type."""
    preflight_only: bool = False
    """REST: the API answers only preflight requests; the backend sets all other Access-Control headers."""


@dataclass(frozen=True, kw_only=True)
class Domain(Section, DomainArgs):
    """A custom domain."""


@dataclass(frozen=True, kw_only=True)
class Logs(Section):
    """Access logs, always on, and execution logs."""

    retention_days: RetentionDays = defaults.LOG_RETENTION_DAYS
    """How long access logs are kept. Defaults to 30."""
    fields: Sequence[AccessLogVariable] = ()
    """Further variables in access logs."""
    execution: ExecutionLogs = "OFF"
    """REST, PRIVATE: level of execution logs. Defaults to `OFF`."""
    account_role: bool = True
    """REST, PRIVATE: declare the log role if there is none; false needs no `iam:PassRole`. With false, AWS refuses the
    stage if the account has no log role. Defaults to true."""


def _map_to_itself(ids: Sequence[str]) -> dict[str, str]:
    return {one: one for one in ids}


@dataclass(frozen=True, kw_only=True)
class Private(Section, PrivateApiEndpointArgs):
    """Callers of a private API (topology private-api)."""

    set_by_topology = ("vpc_id", "vpc_cidr", "subnet_ids")

    # Lists: each ID names its own rule.
    allow_security_group_ids: Annotated[Mapping[str, str], ReadAs(Sequence[SecurityGroupId], _map_to_itself)] = field(
        default_factory=dict
    )
    allow_prefix_list_ids: Annotated[Mapping[str, str], ReadAs(Sequence[PrefixListId], _map_to_itself)] = field(
        default_factory=dict
    )
    vpc_endpoint_ids: Sequence[VpcEndpointId] = ()
    """execute-api endpoints of other VPCs or accounts that may call."""
    vpc_ids: Sequence[VpcId] = ()
    """PRIVATE: VPCs from which calls may come through any interface endpoint."""
    own_endpoint: bool = True
    """Create an execute-api endpoint in the stack's VPC. Defaults to true. False: calls come only through
    `vpcEndpointIds` and from `vpcIds`, and the stack pays for no endpoint."""

    @property
    def endpoint_ids(self) -> list[pulumi.Input[str]]:
        """The endpoints that may call, as far as the stack file names them."""
        return [*([self.endpoint_id] if self.endpoint_id else []), *self.vpc_endpoint_ids]

    @property
    def callers(self) -> dict[str, Any]:
        """Arguments of the endpoint for those that may call it."""
        given = self.read_arguments("endpoint_id", "private_dns")
        return {"allow_vpc": None, **given}


@dataclass(frozen=True, kw_only=True)
class Api(Section, ApiFrontArgs):
    """The API."""

    set_by_topology = (
        *("targets", "allow_cidrs", "deny_cidrs", "private_domain", "endpoint_ids", "allow_endpoint_ids"),
        *(
            "allow_vpc_ids",
            "log_retention_days",
            "access_log_fields",
            "execution_logs",
            "account_log_role",
            "firewall",
            "alarms",
        ),
    )

    kind: ApiKind = "rest"
    """`rest` ($3.50 a million in us-east-1) or `http` ($1.00). For a private API: `topology: private-api`, with `rest`.
    For WebSocket: docs/cookbook.md."""
    # With the defaults of a stack file.
    routes: Annotated[Sequence[Route], Some] = field(default_factory=lambda: (Route(),))
    timeout_quota_milliseconds: TimeoutQuota | None = None  # type: ignore[assignment] # an HTTP API has none
    policy_quota_characters: PolicyQuota | None = None  # type: ignore[assignment] # likewise
    # The forwarder strips it too.
    strip_prefix: RequestPath | None = None  # type: ignore[assignment] # see stripped_prefix
    """Path prefix that the backend does not see, in every topology. Defaults to `/forward` with the default routes,
    else to none."""
    identity: bool | None = None
    """Send headers that identify the caller to the backend (docs/topologies.md). Defaults to true if a route has an
    authorization and none uses a REST API's VPC link, else to false."""
    functions: Mapping[Name, Function] = field(default_factory=dict)
    """Lambda functions of your own, as targets of routes."""
    throttle: Throttle | None = field(default_factory=Throttle)  # type: ignore[assignment] # None stands for `off`
    """Throttle of the stage."""
    # Parts that have sections of their own.
    plans: Mapping[Name, Plan] = field(default_factory=dict)
    policy: Policy | None = None
    """REST: addresses that may call; all others are denied. Defaults to none."""
    authorizers: Mapping[Name, Authorizer] = field(default_factory=dict)
    cors: Cors | None = None
    domain: Domain | None = None
    logs: Logs = field(default_factory=Logs)
    """Logs."""
    private: Private = field(default_factory=lambda: Private(vpc_id="", vpc_cidr=""))
    """Topology private-api: callers of the endpoint."""

    def read_arguments(self, *others: str) -> dict[str, Any]:
        """The arguments that have a value. A throttle that is off is one: without it, the stage has the default."""
        values = super().read_arguments(*others)
        return values if self.throttle is not None or "throttle" in others else {**values, "throttle": "off"}

    def __post_init__(self) -> None:
        """With `cors`, spread ANY, and allow pages the methods and headers of the routes if no others are named."""
        if self.cors is not None and not isinstance(self.cors, Unknown):
            object.__setattr__(self, "cors", self._complete_cors(self.cors))
            with as_far_as_known():
                routes = [self._replace_any(route) for route in self.routes]
                object.__setattr__(self, "routes", tuple(routes))

    def _complete_cors(self, cors: Cors) -> Cors:
        return cors.copy_with(
            methods=make_if_known(lambda: cors.methods or list_called_methods(self.routes)),
            headers=make_if_known(lambda: cors.headers or list_headers(self.routes, self.authorizers)),
        )

    def _replace_any(self, route: Route) -> Route:
        """ANY would take the browser's preflight request, which has no credentials."""
        taken = ANY in route.methods and (self.kind == "rest" or route.authorization != NONE)
        return route.copy_with(methods=BROWSER_METHODS) if taken else route

    @property
    def longest_wait_milliseconds(self) -> int:
        """Longest time that the API waits for a response that is not a stream."""
        raised = self.timeout_quota_milliseconds or limits.REST_API_TIMEOUT_MILLISECONDS
        return limits.HTTP_API_TIMEOUT_MILLISECONDS if self.kind == "http" else raised

    @property
    def stripped_prefix(self) -> str:
        """The prefix, or the default route's unless the config has routes of its own."""
        if self.strip_prefix is not None:
            return str(self.strip_prefix).rstrip("/")
        return "" if "routes" in self.fields_in_file else defaults.ROUTE_PATH

    @property
    def arguments(self) -> dict[str, Any]:
        """ApiFront's arguments; those with other names here by theirs. Targets and functions are the topology's."""
        same = self.read_arguments("strip_prefix", "authorizers")
        if isinstance(same.get("cors"), dict):
            del same["cors"]["preflight_only"]
        return same | {
            "strip_prefix": make_if_known(lambda: self.stripped_prefix),
            "authorizers": make_if_known(
                lambda: {name: _authorizer_args(one) for name, one in self.authorizers.items()}
            ),
            **self._in_sections,
        }

    @property
    def _in_sections(self) -> dict[str, Any]:
        """The arguments that have a section of their own here."""
        return {
            "allow_cidrs": make_if_known(lambda: self.policy.allow if self.policy else ()),
            "deny_cidrs": make_if_known(lambda: self.policy.deny if self.policy else ()),
            "log_retention_days": make_if_known(lambda: self.logs.retention_days),
            "access_log_fields": make_if_known(lambda: self.logs.fields),
            "execution_logs": make_if_known(lambda: self.logs.execution),
            "account_log_role": make_if_known(lambda: self.logs.account_role),
        }

    @property
    def spec(self) -> ApiSpec:
        """The API as the component reads it, without targets."""
        quotas = {"timeout_quota_milliseconds", "policy_quota_characters"}
        unset = {name for name in quotas if getattr(self, name) is None}
        own = {one.name: getattr(self, one.name) for one in fields(ApiFrontArgs) if one.name not in unset}
        authorizers = make_if_known(lambda: {name: _fill_invoke_arn(one) for name, one in self.authorizers.items()})
        prefix = make_if_known(lambda: self.stripped_prefix)
        more = {"targets": {}, "strip_prefix": prefix, "authorizers": authorizers, **self._in_sections}
        spec = ApiSpec(**(own | more))
        with as_far_as_known():
            # A schema that is no map is a mistake by itself.
            wrong = [isinstance(route.body_schema, Unknown) for route in spec.routes]
            routes = zip(spec.routes, wrong, strict=True)
            whole = [dataclasses.replace(one, body_schema=None) if at else one for one, at in routes]
            return dataclasses.replace(spec, routes=tuple(whole))
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


def _fill_invoke_arn(authorizer: Authorizer) -> Authorizer:
    # The topology puts the function's own there.
    return authorizer.copy_with(invoke_arn=None if authorizer.function is None else "")


def _authorizer_args(authorizer: Authorizer) -> dict[str, Any]:
    arguments = {**authorizer.read_arguments(), "invoke_arn": _fill_invoke_arn(authorizer).invoke_arn}
    return {key: value for key, value in arguments.items() if isinstance(value, Unknown) or value not in (None, [])}
