"""`gatehouse:ingress`: the first hop in the VPC, between the VPC link or the forwarder and the backend."""

import dataclasses
from dataclasses import dataclass

from ...ingress.ingress_args import PrivateIngressArgs
from .section import Section


@dataclass(frozen=True, kw_only=True)
class Ingress(Section, PrivateIngressArgs):
    """An internal load balancer, or a Cloud Map service."""

    set_by_topology = (
        *("link", "vpc_id", "subnet_ids", "backend_port", "target_zones", "target_type", "health_check_path"),
        *("private_record", "longest_wait_seconds", "has_backend", "deferred", "alarm_topic_arn"),
    )

    @property
    def spec(self) -> PrivateIngressArgs:
        """The ingress as the component reads it; the topology adds network and backend."""
        return dataclasses.replace(self, link="v1" if self.kind == "nlb" else "v2")
