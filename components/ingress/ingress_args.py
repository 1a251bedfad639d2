"""PrivateIngress's arguments, with their defaults and their mistakes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from ..arguments.addresses import DomainNameInput
from ..arguments.errors import as_errors, refuse
from ..arguments.faults import Fault, Unused, find_unused
from ..arguments.names import CertificateArn, SubnetIds, TopicArn, VpcId
from ..arguments.numbers import Count, HourOfSeconds, Port, WaitSeconds
from ..arguments.paths import RequestPathInput
from ..arguments.tags import TaggedArgs
from ..arguments.words import IngressKind, LinkVersion, TargetType
from ..facts import defaults, limits
from ..facts.regions import ALIASES, CLOUD_MAP, find_lack

_IDLE_MARGIN_SECONDS: Final = 10
UNUSED_BY_CLOUD_MAP: Final[Unused] = {
    key: (f"only with alb or nlb: Cloud Map {reason}", "take it out")
    for key, reason in {
        **dict.fromkeys(("port", "server_name", "private_record"), "has no listener"),
        "insecure_skip_verification": "terminates no TLS",
        **dict.fromkeys(("deregistration_delay_seconds", "deletion_protection"), "has no listener"),
        "certificate_arn": "terminates no TLS",
        **dict.fromkeys(("target_zones", "target_type", "health_check_path"), "has no target group"),
        "alarm_topic_arn": "has no target group, and the alarms are of one",
        "longest_wait_seconds": "ends no calls",
    }.items()
}
"""Arguments that Cloud Map does not read, each with what is allowed and the remedy."""


UNUSED_WITHOUT_BACKEND: Final[Unused] = dict.fromkeys(
    ("port", "backend_port", "target_zones", "target_type", "health_check_path"),
    ("only with a backend of its own: each service has its port and its targets", "take it out"),
)
"""Arguments that an ingress without a backend of its own does not read."""


@dataclass(frozen=True, kw_only=True)
class PrivateIngressArgs(TaggedArgs):
    """Arguments of PrivateIngress."""

    kind: IngressKind
    """First hop: `alb` or `nlb` (about $16.40 a month in us-east-1, and capacity units), or `cloud-map` (about $0.10 a
    copy, $0.50 for its zone)."""
    link: LinkVersion
    """`v2` for HTTP APIs, and for REST APIs to an ALB; `v1` for REST to an NLB; `none` if the forwarder calls it."""
    vpc_id: VpcId
    """VPC."""
    subnet_ids: SubnetIds
    """Private subnets, in at least two zones for an ALB. VPC links must be available in these zones."""
    backend_port: Port = defaults.BACKEND_PORT
    """TCP port of the backend. Defaults to 8080."""
    port: Port = limits.HTTP_PORT
    """Port of the listener. Defaults to 80."""
    target_zones: Count | None = None
    """How many of `subnet_ids`, from the first, have copies of the backend. An update to fewer subnets than copies had
    is refused: calls would not reach the copies in the zones that go. Defaults to all (alb)."""
    target_type: TargetType = "ip"
    """`ip` (Fargate) or `instance`. Defaults to `ip`."""
    health_check_path: RequestPathInput = defaults.HEALTH_CHECK_PATH
    """Health check path. Must return 200 to 399. Defaults to `/`."""
    certificate_arn: CertificateArn | None = None
    """Certificate of the listener, which then uses TLS (alb, nlb)."""
    server_name: DomainNameInput | None = None
    """Host name of the certificate. Required with `certificate_arn`."""
    insecure_skip_verification: bool = False
    """Let a REST API accept a certificate that a private authority signed. API Gateway then still checks its expiry and
    host name, but any authority may have signed it. HTTP APIs cannot do this. Only with `server_name`. Defaults to
    false.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-extensions-integration-tls-config.html
    """
    private_record: bool = False
    """Create a private hosted zone ($0.50 a month) in which `server_name` resolves to the load balancer. Needed if a
    client in the VPC, such as the forwarder, calls the listener by its name. Defaults to false."""
    deregistration_delay_seconds: HourOfSeconds = defaults.DEREGISTRATION_DELAY_SECONDS
    """Time for a deregistered target to finish its requests, in seconds. Defaults to 30."""
    longest_wait_seconds: WaitSeconds = 0
    """Longest time for which a caller waits for the next byte of a response: the timeouts of routes and of the
    forwarder, 300 for streams. The load balancer's idle timeout is 10 s more, and at least 60 s (alb; an NLB waits 350
    s). Defaults to 0."""
    deletion_protection: bool = False
    """Deletion protection of the load balancer. Set it to false before a destroy. Defaults to false."""
    alarm_topic_arn: TopicArn | None = None
    """ARN of the SNS topic for alarms. If omitted, there are no alarms: of unhealthy targets, and of none that is
    healthy (alb, nlb)."""
    has_backend: bool = True
    """Whether it has a listener and targets of its own. False: a Python program declares every service behind it with
    `add_service`. Defaults to true."""
    deferred: bool = False
    """Declare the listener only when a Python program calls `listen`, after the backend. Defaults to false."""

    @property
    def is_network(self) -> bool:
        """Whether it is an NLB."""
        return self.kind == "nlb"

    @property
    def idle_seconds(self) -> int | None:
        """Idle timeout of an ALB: longer than any caller waits, so that the balancer never hangs up first."""
        return (
            max(limits.IDLE_TIMEOUT_SECONDS, self.longest_wait_seconds + _IDLE_MARGIN_SECONDS)
            if self.kind == "alb"
            else None
        )

    def find_region_faults(self, region: str) -> Iterator[Fault]:
        """Yields what AWS lacks in the region."""
        if self.kind == "cloud-map" and (lack := find_lack(CLOUD_MAP, region)):
            yield Fault("kind", self.kind, *lack)
        if self.private_record and (lack := find_lack(ALIASES, region)):
            yield Fault("private_record", True, *lack)

    def find_faults(self) -> Iterator[Fault]:
        """Yields arguments that exclude or need each other."""
        if self.link == "v1" and self.kind != "nlb":
            yield Fault("link", self.link, f"v2 with {self.kind}: links of the first version call only NLBs")
        if self.kind == "cloud-map":
            if self.link != "v2":
                yield Fault("link", self.link, "v2 with cloud-map: only HTTP APIs look up Cloud Map services")
            yield from find_unused(self, UNUSED_BY_CLOUD_MAP)
        else:
            yield from self._check_listener()
        if not self.has_backend:
            yield from find_unused(self, UNUSED_WITHOUT_BACKEND)
        if isinstance(self.subnet_ids, Sequence):
            yield from self._check_subnets(self.subnet_ids)
        if self.private_record and self.server_name is None:
            yield Fault("private_record", True, "only with server_name, which the record is for")

    @property
    def checked_subnet_ids(self) -> pulumi.Input[Sequence[pulumi.Input[str]]]:
        """The subnets. An output is checked once it is known. Raises ArgumentError."""
        if isinstance(self.subnet_ids, Sequence):
            return self.subnet_ids

        def check(known: Sequence[str]) -> Sequence[str]:
            refuse(as_errors("PrivateIngress", self._check_subnets(known)))
            return known

        return pulumi.Output.from_input(self.subnet_ids).apply(check)  # type: ignore[arg-type] # awaitables too

    def _check_subnets(self, subnet_ids: Sequence[object]) -> Iterator[Fault]:
        if self.kind == "alb" and len(subnet_ids) == 1:
            allowed = "two subnets or more: an ALB needs two zones"
            yield Fault("subnet_ids", [*subnet_ids], allowed, "use kind: nlb")

    def _check_listener(self) -> Iterator[Fault]:
        if self.port in limits.STANDBY_PORTS:
            yield Fault("port", self.port, "another port: the listener for health checks uses this one", "use 80")
        if self.port == limits.HTTPS_PORT and self.certificate_arn is None:
            allowed = "443 only with certificate_arn and server_name: TLS needs a certificate"
            yield Fault("port", self.port, allowed, "use port 80, or add them")
        if (self.certificate_arn is None) != (self.server_name is None):
            missing = "certificate_arn" if self.certificate_arn is None else "server_name"
            remedy = "the certificate proves the name, and API Gateway checks it"
            yield Fault(missing, None, "certificate_arn and server_name together", remedy)
        elif self.insecure_skip_verification and self.server_name is None:
            yield Fault("insecure_skip_verification", True, "only with certificate_arn and server_name", "take it out")
