"""An API as reachability sees it, whichever kind it is and however it was declared."""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ...graph import Graph, Resource
from ...graph.reading import as_text, find_first_referenced
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

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}" if self.path != "$default" else self.path


@dataclass(frozen=True, kw_only=True)
class Api:
    """An API with what decides how many calls it takes."""

    resource: Resource
    kind: ApiKind
    calls: tuple[Call, ...]
    stages: tuple[Resource, ...]
    throttles: tuple[Resource, ...] = ()
    """Where rates of its stages are declared."""


SLASH_LOST: Final = (
    "a slash at the end of a path does not reach the backend: /orders/ arrives as /orders. A backend that redirects to"
    " the path with the slash does so endlessly"
)
_FUNCTION_ARN: Final = re.compile(r"arn:[a-z-]+:lambda:[a-z0-9-]*:\d*:function:[^/:]+")


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
