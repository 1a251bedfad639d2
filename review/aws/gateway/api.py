"""An API as reachability sees it, whichever kind it is and however it was declared."""

import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from ...graph import UNKNOWN, Graph, Resource
from ...graph.answers import YES, Answer, Answered, Truth
from ...graph.evidence import Evidence, get_deployed_input
from ...graph.reading import Doubt, as_text, find_first_referenced, get_output
from ..catalog import types
from ..catalog.naming import PARTIAL_ARN


class ApiKind(enum.Enum):
    """Kinds of API Gateway APIs that differ in who can call them."""

    REST = "REST"
    PRIVATE = "PRIVATE"
    HTTP = "HTTP"
    WEBSOCKET = "WEBSOCKET"


class Requirement(enum.Enum):
    """Requirements of a route, in the order in which they are named."""

    IAM = "IAM"
    COGNITO = "Cognito"
    JWT = "JWT"
    AUTHORIZER = "authorizer"
    KEY = "key"
    UNKNOWN = "authorization unknown"


@dataclass(frozen=True, kw_only=True)
class Integration:
    """The target of a route."""

    resource: Resource
    """The resource that declares it: an Integration, or the API whose body holds it."""
    kind: str
    """`AWS_PROXY`, `HTTP_PROXY`, `MOCK`…, upper case; empty if it is not known."""
    uri: Any
    function: Resource | None = None
    link: Resource | None = None
    linked: bool = False
    """Whether it uses a VPC link, in the graph or not."""
    balancer: Resource | None = None
    """A load balancer, listener or Cloud Map service that it names as target."""
    has_credentials: bool = False
    """Whether API Gateway calls by a role of its own instead of by the function's permission."""
    streams: bool = False
    """Whether the answer is passed on as it comes."""
    seconds: float | None = None
    """Time-out in seconds. If it is not set, the default of the API's kind, for a stream too. None if it is not known.

    https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html#apigw-PutIntegration-request-timeoutInMillis
    """
    parameters: Any = None
    """Its mappings of request parameters."""
    declaration: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """All of it, as a document or a resource has it."""
    certain: bool = True
    """False if the integration was inferred from dependencies, its text being unknown."""

    @property
    def names_target(self) -> bool:
        """Whether a REST integration names a load balancer for its link, in this stack or not."""
        return bool({"integrationTarget", "integration-target"} & self.declaration.keys())

    @property
    def key(self) -> tuple[str, ...]:
        """Equal for integrations with the same target."""
        targets = (self.function, self.link, self.balancer)
        # The path of a URL does not change who answers, its host and port do, and its scheme is a port.
        scheme, _, address = ("" if self.function else as_text(self.uri)).partition("://")
        return (self.kind, *(target.urn if target else "" for target in targets), scheme, address.partition("/")[0])


@dataclass(frozen=True)
class Call:
    """One method of one path."""

    method: str
    path: str
    requires: frozenset[Requirement]
    integration: Integration
    declared: Mapping[str, Any] | Resource | None = field(default=None, compare=False)
    """The operation of a document, or the method or route that declares it."""
    named: tuple[Evidence, ...] = ()
    """The inputs that give its method and its path, of a method or a route that is a resource of its own."""
    unproven: Mapping[Requirement, Doubt] = field(default_factory=dict, compare=False)
    """Of `requires`, those that may have nothing behind them, each with the doubt. Readers that name a
    protection take `proven`; `requires` is what the program declares."""

    @property
    def proven(self) -> frozenset[Requirement]:
        """The requirements that the declarations prove."""
        return self.requires - self.unproven.keys() - {Requirement.UNKNOWN}

    @property
    def is_known(self) -> bool:
        return UNKNOWN not in self.named

    @property
    def is_stand_in(self) -> bool:
        """True for a placeholder of a body that is known only after deployment."""
        return self.declared is None and Requirement.UNKNOWN in self.requires

    @property
    def example_method(self) -> str:
        """A method that it takes: `GET` if it takes any."""
        return "GET" if self.method == "ANY" else self.method

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}" if self.path != "$default" else self.path


class Firewall(NamedTuple):
    """The web ACL in front of a stage."""

    stage: Resource
    association: Resource | None
    """None if the stage has no web ACL."""
    web_acl: Resource | None
    """The web ACL itself, if the graph holds it."""

    def ask(self, decide: Callable[[Resource], Truth]) -> Truth:
        """Whether that is true of the web ACL: no without one, None if the graph does not hold it."""
        return decide(self.web_acl) if self.web_acl else None if self.association else False


@dataclass(frozen=True, kw_only=True)
class Api(Answered):
    """An API with everything that decides who can call it. The answer is a doubt if a fact about that is not known."""

    resource: Resource
    arn: str
    """Its execution ARN; before a deployment, with a stand-in for its id."""
    kind: ApiKind
    calls: tuple[Call, ...]
    stages: tuple[Resource, ...]
    policies: tuple[Any, ...] = ()
    """The resource policy in force, if there is one: text, `UNKNOWN`, or a mapping of which a part is `UNKNOWN`."""
    policy_evidence: tuple[Evidence, ...] = ()
    """The inputs that hold them, or that would."""
    default_endpoint_closed: Truth
    """None if it is not known."""
    domains: tuple[Resource, ...]
    foreign_mappings: tuple[Resource, ...]
    """Mappings and routing rules for it on domains that the program does not create."""
    firewalls: tuple[Firewall, ...] = ()
    """Of a REST API, each stage with its web ACL."""
    firewall_word: str = ""
    """`WAF: blocks over 1,000 in 5 minutes by address`; `WAF on stage live: …` if only some stages have a web ACL."""
    firewall_answer: Answer = YES
    """A doubt if it is not known whether a web ACL blocks anything."""
    throttles: tuple[Resource, ...] = ()
    """Where rates of its stages are declared."""

    @property
    def web_acl(self) -> Resource | None:
        """The web ACL of the first stage that has one, if the graph holds it."""
        return next((firewall.web_acl for firewall in self.firewalls if firewall.association), None)


SLASH_LOST: Final = (
    "a slash at the end of a path does not reach the backend: /orders/ arrives as /orders. A backend that redirects to"
    " the path with the slash does so endlessly"
)
_FUNCTION_ARN: Final = re.compile(r"arn:[a-z-]+:lambda:[a-z0-9-]*:\d*:function:[^/:]+")


def loses_slashes(api: Api) -> bool:
    """True of a REST API's HTTP integrations, with a VPC link or without: `{proxy}` has no slash at its end."""
    rest = api.kind in (ApiKind.REST, ApiKind.PRIVATE)
    return rest and any(call.integration.kind.startswith("HTTP") for call in api.calls)


def stage_name(stage: Resource) -> str:
    """The name of a stage, made up if the program gives none. An API made with `target` is its own: `$default`."""
    named = get_deployed_input(stage, "stageName") or get_deployed_input(stage, "name") or get_output(stage, "name")
    return "$default" if stage.type in types.APIS else as_text(named) or "$default"


def find_function(graph: Graph, uri: Any) -> Resource | None:
    """The function that an integration URI or ARN names, through an alias or a version as well."""
    resource = graph.find(uri, *types.INVOKED)
    if resource is None and (match := _FUNCTION_ARN.search(as_text(uri))):
        resource = graph.find(match[0], *types.FUNCTION)
    if resource is None and (match := PARTIAL_ARN.fullmatch(as_text(uri))):
        resource = graph.find(match["name"], *types.FUNCTION)
    if resource is not None and resource.type in types.ALIAS:
        return find_first_referenced(graph, resource, "functionName", types=types.FUNCTION)
    return resource
