"""What an API in front of a backend is asked to be, resolved: the same for REST, HTTP and PRIVATE."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

import pulumi

from .cors import Cors
from .routes import Operation, Throttle


class ApiKind(Enum):
    """The three kinds of API."""

    REST = "rest"
    HTTP = "http"
    PRIVATE = "private"


@dataclass(frozen=True)
class Target:
    """Where requests go: a function, or a listener behind a VPC link."""

    function_name: pulumi.Input[str] | None = None
    alias_name: pulumi.Input[str] | None = None
    invoke_arn: pulumi.Input[str] | None = None
    link_id: pulumi.Input[str] | None = None
    listener_arn: pulumi.Input[str] | None = None
    load_balancer_arn: pulumi.Input[str] | None = None
    url: pulumi.Input[str] | None = None
    server_name: str | None = None

    @property
    def is_function(self) -> bool:
        return self.invoke_arn is not None


@dataclass(frozen=True)
class Authorizer:
    """Who decides on a call."""

    kind: str
    """`jwt`, `cognito` or `lambda`."""
    issuer: str | None = None
    audiences: tuple[str, ...] = ()
    user_pool_arns: tuple[pulumi.Input[str], ...] = ()
    function_name: pulumi.Input[str] | None = None
    invoke_arn: pulumi.Input[str] | None = None
    identity_headers: tuple[str, ...] = ("Authorization",)
    cache_seconds: int = 0


@dataclass(frozen=True)
class Gate:
    """Everything that REST and HTTP APIs are made from."""

    name: str
    kind: ApiKind
    operations: Sequence[Operation]
    targets: Mapping[str, Target]
    stage: str
    throttle: Throttle | None
    authorizers: Mapping[str, Authorizer]
    cors: Cors | None
    allow_cidrs: Sequence[str]
    deny_cidrs: Sequence[str]
    endpoint_ids: Sequence[pulumi.Input[str]]
    admitted_endpoint_ids: Sequence[pulumi.Input[str]]
    admitted_vpc_ids: Sequence[pulumi.Input[str]]
    minimum_tls: str
    default_endpoint_closed: bool
    log_retention_days: int
    execution_logs: str
    account_log_role: bool
    tracing: bool
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Opened:
    """What either kind of API gives back."""

    api_id: pulumi.Output[str]
    api_name: pulumi.Output[str]
    execution_arn: pulumi.Output[str]
    stage_name: pulumi.Output[str]
    stage_arn: pulumi.Output[str]
    url: pulumi.Output[str]
    """Without a slash at the end."""
    log_group_name: pulumi.Output[str]
