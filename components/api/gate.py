"""Arguments of an API in front of a backend, resolved: the same for REST, HTTP and PRIVATE."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import pulumi

from .cors import Cors
from .resource_policy import by_address, by_endpoint, decided_by_identity, needing_allow
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


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Everything that REST and HTTP APIs are made from."""

    name: str
    kind: ApiKind
    operations: Sequence[Operation]
    targets: Mapping[str, Target]
    stage: str
    strip_prefix: str
    throttle: Throttle | None
    authorizers: Mapping[str, Authorizer]
    cors: Cors | None
    allow_cidrs: Sequence[str]
    deny_cidrs: Sequence[str]
    endpoint_ids: Sequence[pulumi.Input[str]]
    admitted_endpoint_ids: Sequence[pulumi.Input[str]]
    admitted_vpc_ids: Sequence[pulumi.Input[str]]
    caller_account_ids: Sequence[str]
    minimum_tls: str
    default_endpoint_closed: bool
    log_retention_days: int
    execution_logs: str
    account_log_role: bool
    tracing: bool
    identity: bool
    """Whether backends learn who called."""
    mount: str
    """Stage or base path that callers write in front of the routes; empty if they write neither."""
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)

    @property
    def admits_ipv6(self) -> bool:
        """Whether a domain may answer over IPv6: a list of IPv4 ranges alone would deny, or miss, callers there."""
        return all(any(":" in cidr for cidr in ranges) for ranges in (self.allow_cidrs, self.deny_cidrs) if ranges)

    @property
    def policy(self) -> Mapping[str, Any] | None:
        """The resource policy, or None if every address may call. Raises OverlapError, as `needing_allow` does."""
        if self.kind is ApiKind.HTTP:
            return None
        guarded = decided_by_identity({name: authorizer.kind for name, authorizer in self.authorizers.items()})
        needed = functools.partial(needing_allow, self.operations, guarded, self.stage, cors=self.cors is not None)
        if self.kind is ApiKind.PRIVATE:
            return by_endpoint(self.admitted_endpoint_ids, self.admitted_vpc_ids, needed(), self.caller_account_ids)
        if self.allow_cidrs or self.deny_cidrs or self.caller_account_ids:
            return by_address(self.allow_cidrs, self.deny_cidrs, needed(), self.caller_account_ids)
        return None


@dataclass(frozen=True)
class Opened:
    """The result of either kind of API."""

    api_id: pulumi.Output[str]
    api_name: pulumi.Output[str]
    execution_arn: pulumi.Output[str]
    stage_name: pulumi.Output[str]
    stage_arn: pulumi.Output[str]
    url: pulumi.Output[str]
    """Without a slash at the end."""
    log_group_name: pulumi.Output[str]
