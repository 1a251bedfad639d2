"""Arguments that one component hands to the next, which takes them by `**`."""

from typing import TYPE_CHECKING, NotRequired, TypedDict

import pulumi

from .argument_types import Cidrs, HourOfSeconds, NamedIds, Port, PortInput, Url


class RegistrationArgs(TypedDict):
    """Arguments of a backend that say where it registers, and who calls it."""

    port: NotRequired[Port]
    """TCP port that the backend listens on. Defaults to 8080."""
    callers: NotRequired[NamedIds]
    """Security groups that may call `port`. The key of each becomes part of the name of its rule."""
    target_group_arn: NotRequired[pulumi.Input[str]]
    """Target group that the backend registers in."""
    deregistration_delay_seconds: NotRequired[HourOfSeconds]
    """Deregistration delay of this target group, in seconds. Updates and deletions may take so much longer. Defaults to
    30."""
    request_count_label: NotRequired[pulumi.Input[str]]
    """Label of the ALB and target group, for scaling by requests."""
    registry_arn: NotRequired[pulumi.Input[str]]
    """Cloud Map service that the backend registers in. On EC2, only a single instance can."""


class EndpointArgs(TypedDict):
    """Arguments of a forwarder that say which backend it calls."""

    url: Url
    """URL of the backend, `http(s)://host[:port][/base]`."""
    port: NotRequired[PortInput]
    """TCP port of `url`. Required if the URL is an output. Defaults to the port of the URL."""
    backend_security_group_id: NotRequired[pulumi.Input[str]]
    """Security group of the backend, which is all that the function can reach."""
    backend_cidrs: NotRequired[Cidrs]
    """CIDR ranges of the backend, if you cannot name its security group."""
    ipv6: NotRequired[bool]
    """Whether to call the backend over IPv6 too, from dual-stack subnets. Defaults to true if one of its ranges is
    IPv6."""


# `**` is sound only with a TypedDict whose values have no further keys, which Python knows from 3.15 on.
# https://peps.python.org/pep-0728/
if TYPE_CHECKING:

    class Registration(RegistrationArgs, closed=True):
        """These arguments, of an ingress."""

    class Endpoint(EndpointArgs, closed=True):
        """These arguments, of a backend or an ingress."""

else:
    Registration, Endpoint = RegistrationArgs, EndpointArgs
