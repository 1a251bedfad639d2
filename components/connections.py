"""Arguments that one component hands to the next, which takes them by `**`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NotRequired, TypedDict

import pulumi

from .arguments.addresses import Ranges, Url
from .arguments.names import SecurityGroupId, SecurityGroupIds
from .arguments.numbers import HourOfSeconds, Port, PortInput
from .facts import defaults


@dataclass(frozen=True, kw_only=True)
class RegistrationArgs:
    """Arguments of a backend that say where it registers, and who calls it."""

    port: Port = defaults.BACKEND_PORT
    """TCP port that the backend listens on. Defaults to 8080."""
    callers: SecurityGroupIds = field(default_factory=dict)
    """Security groups that may call `port`. The key of each becomes part of the name of its rule."""
    target_group_arn: pulumi.Input[str] | None = None
    """Target group that the backend registers in."""
    deregistration_delay_seconds: HourOfSeconds = defaults.DEREGISTRATION_DELAY_SECONDS
    """Deregistration delay of this target group, in seconds. Updates and deletions may take so much longer. Defaults to
    30."""
    request_count_label: pulumi.Input[str] | None = None
    """Label of the ALB and target group, for scaling by requests."""
    registry_arn: pulumi.Input[str] | None = None
    """Cloud Map service that the backend registers in. On EC2, only a single instance can."""


@dataclass(frozen=True, kw_only=True)
class EndpointArgs:
    """Arguments of a forwarder that say which backend it calls."""

    url: Url
    """URL of the backend, `http(s)://host[:port][/base]`."""
    port: PortInput | None = None
    """TCP port of `url`. Required if the URL is an output. Defaults to the port of the URL."""
    backend_security_group_id: SecurityGroupId | None = None
    """Security group of the backend, which is all that the function can reach."""
    backend_cidrs: Ranges = ()
    """CIDR ranges of the backend, if you cannot name its security group."""
    ipv6: bool | None = None
    """Whether to call the backend over IPv6 too, from dual-stack subnets. Defaults to true if one of its ranges is
    IPv6."""


class Registration(TypedDict, total=False):
    """RegistrationArgs that an ingress gives."""

    port: int
    callers: Mapping[str, pulumi.Input[str]]
    target_group_arn: pulumi.Input[str]
    deregistration_delay_seconds: int
    request_count_label: pulumi.Input[str]
    registry_arn: pulumi.Input[str]


class Endpoint(TypedDict):
    """EndpointArgs that a backend or an ingress gives."""

    url: pulumi.Input[str]
    port: pulumi.Input[int]
    backend_security_group_id: NotRequired[pulumi.Input[str]]
    backend_cidrs: NotRequired[Sequence[str]]
    ipv6: NotRequired[bool]
