"""`gatehouse:ingress`: the first hop in the VPC, between the VPC link or the forwarder and the backend."""

from ...argument_types import IngressKind
from ...arguments import frozen
from ...ingress.ingress_args import PrivateIngressArgs
from .section import Section
from .values import CertificateArn, DomainName


class Ingress(Section, arguments=PrivateIngressArgs, defaults=PrivateIngressArgs):
    """An internal load balancer, or a Cloud Map service."""

    kind: IngressKind
    port: int
    certificate_arn: CertificateArn | None
    server_name: DomainName | None
    deregistration_delay_seconds: int
    deletion_protection: bool

    @property
    def spec(self) -> PrivateIngressArgs:
        """The ingress as the component reads it; the topology adds link, network and backend."""
        elsewhere = {"link": "v1" if self.kind == "nlb" else "v2", "vpc_id": "", "subnet_ids": [""]}
        spec: PrivateIngressArgs = frozen(PrivateIngressArgs, self.model_dump(exclude_none=True) | elsewhere)
        return spec
