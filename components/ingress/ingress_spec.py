"""PrivateIngress's arguments as frozen values, and their mistakes."""

from collections.abc import Iterator
from dataclasses import dataclass

import pulumi

from ..argument_types import Ids, IngressKind, LinkVersion, TargetType
from ..facts import defaults, limits
from ..faults import Fault
from ..scope import Tagged


@dataclass(frozen=True, kw_only=True)
class IngressSpec(Tagged):
    """The whole ingress."""

    kind: IngressKind
    link: LinkVersion
    vpc_id: pulumi.Input[str]
    subnet_ids: Ids
    backend_port: int = defaults.BACKEND_PORT
    port: int = limits.HTTP_PORT
    target_zones: int | None = None
    target_type: TargetType = "ip"
    health_check_path: str = defaults.HEALTH_CHECK_PATH
    certificate_arn: pulumi.Input[str] | None = None
    server_name: str | None = None
    private_record: bool = False
    deregistration_delay_seconds: int = defaults.DEREGISTRATION_DELAY_SECONDS
    longest_wait_seconds: int = 0
    deletion_protection: bool = False
    deferred: bool = False

    @property
    def is_network(self) -> bool:
        """Whether it is an NLB."""
        return self.kind == "nlb"

    def faults(self) -> Iterator[Fault]:
        """Arguments that exclude or need each other."""
        if self.link == "v1" and self.kind != "nlb":
            yield Fault("link", self.link, f"v2 with {self.kind}: links of the first version call only NLBs")
        if self.kind == "cloud-map":
            if self.link != "v2":
                yield Fault("link", self.link, "v2 with cloud-map: only HTTP APIs look up Cloud Map services")
            if self.certificate_arn is not None:
                allowed = "only with alb or nlb: Cloud Map terminates no TLS"
                yield Fault("certificate_arn", self.certificate_arn, allowed, "take it out")
        else:
            yield from self._of_listener()
        if self.private_record and self.server_name is None:
            yield Fault("private_record", True, "only with server_name, which the record is for")

    def _of_listener(self) -> Iterator[Fault]:
        if self.port in limits.STANDBY_PORTS:
            yield Fault("port", self.port, "another port: the listener for health checks uses this one", "use 80")
        if self.port == limits.HTTPS_PORT and self.certificate_arn is None:
            allowed = "443 only with certificate_arn and server_name: TLS needs a certificate"
            yield Fault("port", self.port, allowed, "use port 80, or add them")
        if (self.certificate_arn is None) != (self.server_name is None):
            missing = "certificate_arn" if self.certificate_arn is None else "server_name"
            remedy = "the certificate proves the name, and API Gateway checks it"
            yield Fault(missing, None, "certificate_arn and server_name together", remedy)
