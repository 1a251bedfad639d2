"""The statements of ingresses: where a listener is, and the port of the backend behind it."""

from typing import Any

import pulumi

from ..ingress.ingress_args import PrivateIngressArgs
from .references import refer
from .statement import Statement, drop_absent


def state_ingress(spec: PrivateIngressArgs, shared: "pulumi.Input[str] | None" = None) -> Statement:
    """Returns the statement of an ingress, or of one more service behind it. `shared` is then the ARN of the balancer,
    or the ID of the link, that both share."""
    return drop_absent(
        kind=spec.kind,
        link=spec.link,
        port=None if spec.kind == "cloud-map" else spec.port,
        to_port=spec.backend_port,
        shares=refer(shared, "LoadBalancer", "VpcLink"),
    )


def state_existing_ingress(spec: Any) -> Statement:
    """Returns the statement of an ExistingIngress. Its owner decides what is behind the listener, and who calls it."""
    opened = spec.security_group_id
    return drop_absent(
        listener=refer(spec.listener_arn, "Listener"),
        link="own" if spec.link_id is None else refer(spec.link_id, "VpcLink"),
        vpc=refer(spec.vpc_id, "Vpc"),
        opens=refer(opened, "SecurityGroup"),
        behind="unknown",
    )
