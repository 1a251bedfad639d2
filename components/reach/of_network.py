"""The statements of networks, of their entries, and of servers that stand elsewhere."""

from typing import Any

from ..facts.statements import OWN_ACCOUNT
from .of_api import normalize_ranges
from .references import refer
from .statement import Statement, drop_absent


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
