"""Security groups between two machines: what of a caller's groups, and of a rule for the group itself, is known."""

from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.graph import UNKNOWN
from review.paths import trace_paths
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.stack_parts import network
from review.tests.helpers.yaml_programs import program

RULE: dict[str, Any] = {"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["192.0.2.0/24"]}
BETWEEN: list[Any] = [
    "network",
    {"group joined": {}},
    {"group wide": {"egress": [{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}]}},
    {"machine caller": {"subnetId": "$private-1.id", "vpcSecurityGroupIds": ["$wide.id"]}},
    {"group admitting": {}},
    {"ingress rule": {"of": "admitting", "port": 443, "referencedSecurityGroupId": "$joined.id"}},
    {"machine behind": {"subnetId": "$private-1.id", "vpcSecurityGroupIds": ["$admitting.id"]}},
    "$then",
]
CARD, JOINED = "$caller.primaryNetworkInterfaceId", "$joined.id"


@pytest.mark.parametrize(
    ("card", "group", "truth"),
    [
        ("", "", "closed"),
        ("$unknown", JOINED, "doubt"),
        (CARD, "$unknown", "doubt"),
    ],
)
def test_a_group_that_may_be_attached_to_the_caller(card: str, group: str, truth: str) -> None:
    kind = "ec2/networkInterfaceSecurityGroupAttachment more"
    build, then = Builder(), [{kind: {"networkInterfaceId": card, "securityGroupId": group}}]
    program(BETWEEN, {"then": then if card else []})(build)
    reach = trace_paths(AwsModel(build.graph()))
    nodes = {node.resource.name: node for node in reach.model.nodes.list_compute()}
    edge = reach.connections.connect(nodes["caller"], nodes["behind"], 443)
    assert ("closed" if not edge.open else "doubt" if edge.uncertainty else "open") == truth


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
    build, net = Builder.of(network)
    members = build("ec2/securityGroup:SecurityGroup", "members", vpcId=net.vpc.id, ingress=[RULE | more])
    groups = AwsModel(build.graph()).groups
    assert groups.can_tell(members.urn, inward=True) is known
    rules = groups.list_ingress(members.urn)
    assert [rule.cidr for rule in rules if rule.cidr] == ["192.0.2.0/24"]
    assert [rule.group for rule in rules if rule.group] == [members.urn] * itself
