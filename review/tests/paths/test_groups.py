"""Security groups between two machines: what of a caller's groups, and of a rule for the group itself, is known."""

from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.graph import UNKNOWN
from review.paths import trace_paths
from review.tests.helpers import stack_parts
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.steps import Step, declare_steps, group, ingress, machine, network, output, resource

RULE: dict[str, Any] = {"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["192.0.2.0/24"]}
BETWEEN: list[Step] = [
    network(),
    group("joined"),
    group("wide", egress=[{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}]),
    machine("caller", subnetId=output("private-1.id"), vpcSecurityGroupIds=[output("wide.id")]),
    group("admitting"),
    ingress("rule", of="admitting", port=443, referencedSecurityGroupId=output("joined.id")),
    machine("behind", subnetId=output("private-1.id"), vpcSecurityGroupIds=[output("admitting.id")]),
]
CARD, JOINED = output("caller.primaryNetworkInterfaceId"), output("joined.id")


def attach_group(card: Any, group: Any) -> Step:
    kind = "ec2/networkInterfaceSecurityGroupAttachment"
    return resource(kind, "more", networkInterfaceId=card, securityGroupId=group)


@pytest.mark.parametrize(
    ("more", "truth"),
    [
        ([], "closed"),
        ([attach_group(UNKNOWN, JOINED)], "doubt"),
        ([attach_group(CARD, UNKNOWN)], "doubt"),
    ],
)
def test_a_group_that_may_be_attached_to_the_caller(more: list[Step], truth: str) -> None:
    build = Builder()
    declare_steps([*BETWEEN, *more])(build)
    reach = trace_paths(AwsModel(build.graph()))
    nodes = {node.resource.name: node for node in reach.model.nodes.list_compute()}
    edge = reach.connections.connect(nodes["caller"], nodes["behind"], 443)
    doubted = edge.uncertainty or any(entry.cause.startswith("more ") for entry in reach.ledger.entries)
    assert ("doubt" if doubted else "open" if edge.open else "closed") == truth


@pytest.mark.parametrize(
    ("more", "known", "itself"),
    [
        ({"self": None}, True, False),
        ({"self": False}, True, False),
        ({"self": "true"}, True, True),
        ({"self": UNKNOWN}, False, False),
        ({"securityGroups": [UNKNOWN]}, False, False),
        ({"prefixListIds": [UNKNOWN]}, False, False),
    ],
)
def test_a_rule_with_a_range_that_admits_others_as_well(more: dict[str, Any], known: bool, itself: bool) -> None:
    build, net = Builder.of(stack_parts.network)
    members = build("ec2/securityGroup:SecurityGroup", "members", vpcId=net.vpc.id, ingress=[RULE | more])
    groups = AwsModel(build.graph()).groups
    assert groups.can_tell(members.urn, inward=True) is known
    rules = groups.list_ingress(members.urn)
    assert [rule.cidr for rule in rules if rule.cidr] == ["192.0.2.0/24"]
    assert [rule.group for rule in rules if rule.group] == [members.urn] * itself
