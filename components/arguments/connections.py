"""Arguments that one component hands to the next, which takes them by `**`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NotRequired, TypedDict
from urllib.parse import urlsplit

import pulumi

from ..facts import defaults
from ..facts.host_names import lacks_public_certificate
from .addresses import DomainNameInput, NetworkRanges, Url
from .certificates import CertificatesInput
from .faults import Fault
from .names import FunctionName, InvokeArn, SecurityGroupId, SecurityGroupIds
from .numbers import HourOfSeconds, Port, PortInput

ONLY_PRIVATE_AUTHORITY: Final = (
    "only for a REST API that calls a listener with TLS: HTTP APIs and the forwarder skip no verification",
    "take it out, and use a certificate that a public authority signed, such as ACM's",
)
"""What is allowed of `insecure_skip_verification`, and the remedy."""
PUBLIC_NAME: Final = (
    "a name in a public domain: no public authority signs a certificate for this one, and callers trust no other"
)
"""What is allowed of the host whose certificate API Gateway verifies."""


@dataclass(frozen=True, kw_only=True)
class RegistrationArgs:
    """Arguments of a backend that say where it registers, and who calls it."""

    port: Port = defaults.BACKEND_PORT
    """TCP port that the backend listens on. Defaults to 8080."""
    callers: SecurityGroupIds = field(default_factory=dict)
    """Security groups that may call `port`. The key of each becomes part of the name of its rule. Each gets
    a rule, which a group with inline rules would lose at its next update."""
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
    """Security group of the backend, which is all that the function can reach. It gets a rule, which a group with
    inline rules would lose at its next update."""
    backend_cidrs: NetworkRanges = ()
    """CIDR ranges of the backend, if you cannot name its security group."""
    ipv6: bool | None = None
    """Whether to call the backend over IPv6 too, from dual-stack subnets. Defaults to true if one of its ranges is
    IPv6."""
    certificate_authority: CertificatesInput | None = None
    """Certificate authority of a backend with https, as PEM: the function then accepts only certificates that it
    signed. Defaults to the public authorities."""
    idle_seconds: int | None = None
    """Idle timeout of the ALB at `url`, in seconds: `endpoint` of PrivateIngress has it. Longer waits are refused."""


@dataclass(frozen=True, kw_only=True)
class TargetArgs:
    """A function, or a listener behind a VPC link. Every component that can be a target has it as `target`."""

    function_name: FunctionName | None = None
    """Function that API Gateway may invoke."""
    alias_name: pulumi.Input[str] | None = None
    """Its alias, if `invoke_arn` is the alias's: the permission is only for the alias."""
    invoke_arn: InvokeArn | None = None
    """Its invoke ARN."""
    link_id: pulumi.Input[str] | None = None
    """VPC link."""
    listener_arn: pulumi.Input[str] | None = None
    """HTTP APIs: listener of a load balancer, or Cloud Map service."""
    load_balancer_arn: pulumi.Input[str] | None = None
    """REST APIs with a link of the second version: the load balancer."""
    url: pulumi.Input[str] | None = None
    """REST APIs: `http(s)://host:port` that the call is made with."""
    server_name: DomainNameInput | None = None
    """HTTP APIs with TLS to the listener: the name on its certificate."""
    insecure_skip_verification: bool = False
    """REST APIs with https: accept a certificate that a private authority signed. Defaults to false."""
    idle_seconds: int | None = None
    """Idle timeout of the ALB, in seconds. A route that waits longer is refused."""
    timeout_seconds: int | None = None
    """Timeout of the function. If no route waits as long, the API warns."""
    streams: bool | None = None
    """False if the function cannot stream its response. A streaming route is then refused."""
    sets_identity: bool = False
    """Whether the function sets headers that name the caller. A VPC link of a REST API beside it, where a caller could
    write these headers, is refused. Defaults to false."""

    @property
    def is_function(self) -> bool:
        """Whether it is a function."""
        return self.invoke_arn is not None

    def find_faults(self, *, http: bool) -> Iterator[Fault]:
        """Parts that are missing for a kind of API. The key is empty for the whole target."""
        of_function = self.function_name is not None or self.invoke_arn is not None
        of_link = any(part is not None for part in (self.link_id, self.listener_arn, self.load_balancer_arn, self.url))
        if of_function == of_link:
            got = "a function and a VPC link" if of_function else None
            yield Fault("", got, "a function or a VPC link, such as proxy.target or ingress.target()")
        elif of_function:
            yield from self._find_missing_parts("function_name", "invoke_arn")
        else:
            yield from self._find_missing_parts("link_id", "listener_arn" if http else "url")
        if self.insecure_skip_verification and (http or of_function):
            yield Fault("insecure_skip_verification", True, *ONLY_PRIVATE_AUTHORITY)
        yield from self._find_untrusted_name(http=http)
        if self.alias_name is not None and not of_function:
            yield Fault("alias_name", "set", "only with function_name, whose alias it is", "take it out")

    def _find_untrusted_name(self, *, http: bool) -> Iterator[Fault]:
        """https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-extensions-integration-tls-config.html"""
        url = urlsplit(self.url if isinstance(self.url, str) and not http else "")
        named = {"server_name": self.server_name, "url": url.hostname if url.scheme == "https" else None}
        for key, host in named.items():
            if isinstance(host, str) and lacks_public_certificate(host) and not self.insecure_skip_verification:
                skip = "" if http else ", or set insecure_skip_verification"
                yield Fault(key, host, PUBLIC_NAME, f"use a name of your own domain{skip}")

    def _find_missing_parts(self, *parts: str) -> Iterator[Fault]:
        for part in parts:
            if getattr(self, part) is None:
                allowed = f"{' and '.join(parts)} together"
                yield Fault(part, None, allowed, "`target` of the component has all parts")


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
    certificate_authority: NotRequired[str]
    idle_seconds: NotRequired[int]
