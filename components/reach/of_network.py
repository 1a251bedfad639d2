"""The statements of networks, of their entries, and of servers that stand elsewhere."""

from typing import Any

from ..facts import egress_modes
from ..facts.statements import OWN_ACCOUNT
from .of_api import normalize_ranges
from .references import refer, refer_each
from .statement import Statement, drop_absent, make_set


def state_network(spec: Any) -> Statement:
    """Returns the statement of a network: its ways out, and its endpoints.

    The owner of an existing VPC decides its routes: a deployment checks those to which `egress` leads, and no others.
    """
    is_existing = spec.uses_existing_vpc
    return drop_absent(
        vpc=refer(spec.vpc_id, "Vpc") if is_existing else "own",
        range=None if is_existing else spec.vpc_range,
        out=make_set(spec.egress),
        routes="unknown" if is_existing else None,
        subnets=refer_each(spec.subnet_ids, "Subnet") if is_existing else None,
        gateways=make_set(spec.gateway_endpoints),
        only=_state_endpoint_policies(spec),
        endpoints=make_set(spec.interface_endpoints),
        existing_endpoints=make_set(spec.existing_endpoints),
        instance_connect=spec.instance_connect or None,
        nat_gateways=spec.nat_gateways if egress_modes.NAT_GATEWAY in spec.egress and not is_existing else None,
        rights={"flowLogs": True} if spec.flow_logs_retention_days is not None else None,
    )


def _state_endpoint_policies(spec: Any) -> Statement | None:
    """What the gateway endpoints admit. They are narrow only in a network that does not lead to the internet."""
    allowed = spec.allowed_calls
    if allowed.everything:
        return None
    return drop_absent(
        packages=allowed.packages or None,
        ecr_layers=allowed.ecr_layers or None,
        buckets=make_set(allowed.buckets),
        permissions={
            name: {"kind": permission.kind, "name": refer(permission.name), "allow": make_set(permission.allow)}
            for name, permission in sorted(spec.permissions.items())
        },
    )


def state_nat(spec: Any) -> Statement:
    """Returns the statement of a NatInstance: its VPC sends through it, and people log in by Session Manager."""
    return drop_absent(
        network=refer(spec.vpc_id, "Vpc"),
        admits=drop_absent(vpc=refer(spec.vpc_cidr, "Vpc")),
        people={"by": "session-manager"},
        leads={"anywhere": True},
        rights={"sessions": True, "forwarding": True, "metrics": True},
        # Its role may start the instance, and nothing else.
        schedules={"starter": {"every": "5 minutes"}},
        reboots=True,
        notifies=refer(spec.alarm_topic_arn, "Topic"),
    )


def state_endpoint(spec: Any) -> Statement:
    """Returns the statement of an entry to private APIs. Its owner decides who calls an endpoint that exists."""
    if spec.endpoint_id is not None:
        return {"endpoint": refer(spec.endpoint_id, "VpcEndpoint"), "admits": "unknown"}
    admits = drop_absent(
        vpc=refer(spec.vpc_cidr, "Vpc") if spec.admits_vpc else None,
        groups={name: refer(group, "SecurityGroup") for name, group in sorted(spec.allow_security_group_ids.items())},
        prefix_lists={name: refer(one) for name, one in sorted(spec.allow_prefix_list_ids.items())},
        ranges=normalize_ranges(spec.allow_cidrs),
    )
    return drop_absent(
        network=refer(spec.vpc_id, "Vpc"),
        admits=admits,
        private_dns=spec.private_dns,
        # Its policy lets no API of another account answer.
        accounts={OWN_ACCOUNT: True},
    )


def state_url(spec: Any) -> Statement:
    """Returns the statement of a server that stands elsewhere."""
    return drop_absent(
        url={"secret": True} if spec.secret else spec.url,
        group=refer(spec.security_group_id, "SecurityGroup"),
        ranges=normalize_ranges(spec.ranges),
    )
