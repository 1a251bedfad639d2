"""An API in the detail that serving it needs: routes, authorizers, integrations, stages and domains."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..aws.api import Api, ApiKind, Call, Requirement
from ..facts import limits
from ..graph import Resource


class AuthorizerKind(enum.Enum):
    """Kinds of authorizers."""

    IAM = "IAM"
    JWT = "JWT"
    COGNITO = "Cognito"
    TOKEN = "token function"  # noqa: S105 - the name of a kind
    REQUEST = "request function"


@dataclass(frozen=True, kw_only=True)
class Authorizer:
    """An authorizer. Its fields are those of its kind."""

    name: str
    kind: AuthorizerKind
    sources: tuple[str, ...] = ()
    """Identity sources, `method.request.header.X` or `$request.header.X`."""
    issuers: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    function: Resource | None = None
    cache_seconds: float = 0
    payload: str = "1.0"
    simple: bool = False


@dataclass(frozen=True, kw_only=True)
class Route(Call):
    """One method of one path, in the detail that serving it needs."""

    authorizer: Authorizer | None = None
    scopes: tuple[str, ...] = ()
    body_schemas: Mapping[str, Any] = field(default_factory=dict)
    """JSON schemas by media type, if the route validates bodies."""
    required: tuple[str, ...] = ()
    """Required parameters, `method.request.header.X`, if the route validates them."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """The integration's mappings of parameters."""
    sent_method: str = ""
    """The method by which the integration is called; empty for the request's own."""
    seconds: float = limits.REST_API_TIMEOUT_MILLISECONDS / 1000
    """Time-out of the integration."""
    payload: str = "1.0"
    templates: Mapping[str, str] = field(default_factory=dict)
    """Request templates of a mock."""
    responses: Mapping[str, Any] = field(default_factory=dict)
    """Responses of a mock."""

    @property
    def kind(self) -> AuthorizerKind | None:
        """The authorizer's kind."""
        return None if self.authorizer is None else self.authorizer.kind

    @property
    def key_required(self) -> bool:
        return Requirement.KEY in self.requires


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A deployed stage."""

    name: str
    variables: Mapping[str, str]
    log_format: str
    domains: Mapping[str, str]
    """Base path by the name of each custom domain, in lower case."""


@dataclass(frozen=True, kw_only=True)
class ServedApi:
    """An API with everything that decides what a request gets."""

    name: str
    api: Api
    id: str
    routes: tuple[Route, ...]
    stages: tuple[Stage, ...]
    binary_types: tuple[str, ...] = ()
    cors: Mapping[str, Any] = field(default_factory=dict)
    """CORS configuration of an HTTP API."""
    gateway_responses: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_rest(self) -> bool:
        return self.api.kind in (ApiKind.REST, ApiKind.PRIVATE)

    @property
    def is_private(self) -> bool:
        return self.api.kind is ApiKind.PRIVATE
