"""The statements of ingresses: where a listener is, and the port of the backend behind it."""

from typing import Any

import pulumi

from ..reach.references import refer, refer_each
from ..reach.statement import Statement, drop_absent
from .ingress_args import PrivateIngressArgs


def state_ingress(spec: PrivateIngressArgs, shared: "pulumi.Input[str] | None" = None) -> Statement:
    """Returns the statement of an ingress, or of one more service behind it. `shared` is then the ARN of the balancer,
    or the ID of the link, that both share."""
    return drop_absent(
        kind=spec.kind,
        network=refer(spec.vpc_id, "Vpc") if shared is None else None,
        link=spec.link,
        port=None if spec.kind == "cloud-map" else spec.port,
        to_port=spec.backend_port,
        shares=refer(shared, "LoadBalancer", "VpcLink"),
        name=refer(spec.server_name) if spec.private_record else None,
        notifies=refer(spec.alarm_topic_arn, "Topic"),
    )


def state_existing_ingress(spec: Any, port: "pulumi.Input[int]") -> Statement:
    """Returns the statement of an ExistingIngress. Its owner decides what is behind the listener, and who calls it.

    A new link may call only `port`, that of the listener which was looked up.
    """
    is_own, opened = spec.link_id is None, spec.security_group_id
    return drop_absent(
        listener=refer(spec.listener_arn, "Listener"),
        link="own" if is_own else refer(spec.link_id, "VpcLink"),
        vpc=refer(spec.vpc_id, "Vpc"),
        opens=refer(opened, "SecurityGroup"),
        ranges=refer_each([spec.vpc_cidr, *spec.further_vpc_cidrs], "Vpc") if is_own and opened is None else None,
        port=port if is_own else None,
        behind="unknown",
    )
