"""What keeps callers out beside the paths of reach: network ACLs and TLS."""

from typing import Any

import pytest

from review.tests.compare.neighbours import alone, either
from review.tests.compare.pairs import SSH, balanced
from review.tests.compare.test_pairs import OUT, SAME, UNSURE, first_screen
from review.tests.graph_builder import Builder, part
from review.tests.parts import ANYWHERE, group, machine, network

PARTNER = "203.0.113.0/24"


@part
def acl(build: Builder, *lines: tuple[int, str, str], rules: bool = False) -> None:
    """A public machine in a subnet whose network ACL has these lines for incoming traffic, as rules or in itself."""
    net = network(build)
    members = group(build, net.vpc, "web-group", ingress=[SSH])
    machine(build, "web", subnetId=net.public.id, vpcSecurityGroupIds=[members.id], associatePublicIpAddress=True)
    anything: dict[str, Any] = {"protocol": "-1", "fromPort": 0, "toPort": 0}
    out = {**anything, "ruleNo": 100, "action": "allow", "cidrBlock": ANYWHERE}
    inner: list[dict[str, Any]] = []
    for number, action, cidr in lines:
        inner.append({**anything, "ruleNo": number, "action": action, "cidrBlock": cidr})
    given: dict[str, Any] = {} if rules else {"ingress": inner}
    made = build("ec2/networkAcl:NetworkAcl", "acl", vpcId=net.vpc.id, subnetIds=[net.public.id], egress=[out], **given)
    for number, action, cidr in lines if rules else ():
        line = {**anything, "ruleNumber": number, "ruleAction": action, "cidrBlock": cidr, "egress": False}
        build("ec2/networkAclRule:NetworkAclRule", f"line-{number}", networkAclId=made.id, **line)


@part
def exported(build: Builder, *, rule: bool) -> None:
    """Two groups for machines of other stacks, and perhaps a rule between them."""
    vpc = network(build).vpc
    front, data = (group(build, vpc, name) for name in ("front", "data"))
    build.exports = {"groups": [build.resources[one.urn].state["id"] for one in (front, data)]}
    if rule:
        peer: dict[str, Any] = {"securityGroupId": data.id, "referencedSecurityGroupId": front.id}
        build("vpc/securityGroupIngressRule:SecurityGroupIngressRule", "rule", ipProtocol="-1", **peer)


ALL = (200, "allow", ANYWHERE)
PLAIN: dict[str, Any] = {"protocol": "HTTP", "certificateArn": None}
PAIRS = {
    "a denial after the line for all": (
        acl(ALL, (100, "deny", PARTNER)),
        acl((100, "allow", ANYWHERE), (200, "deny", PARTNER)),
        UNSURE,
    ),
    "a rule between groups that other stacks carry": (
        exported(rule=True),
        exported(rule=False),
        f"{OUT}: every port from front → data",
    ),
    "a denial more": (acl(ALL), acl(ALL, (100, "deny", PARTNER)), UNSURE),
    "a denial as a rule taken out": (acl(ALL, (100, "deny", PARTNER), rules=True), acl(ALL, rules=True), UNSURE),
    "other numbers in the same order": (acl(ALL, (100, "deny", PARTNER)), acl(ALL, (150, "deny", PARTNER)), SAME),
    "a listener without TLS": (balanced(), balanced(**PLAIN), f"{OUT}: callers by HTTPS → listener"),
    "a listener with TLS": (balanced(**PLAIN), balanced(), f"{OUT}: callers by HTTP → listener"),
}


BLOCK = "ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions"
PAIRS["public access of every VPC blocked"] = (
    balanced(),
    either(balanced(), alone(BLOCK, internetGatewayBlockMode="block-bidirectional")),
    f"{UNSURE}: one",
)
PAIRS |= {
    f"{kind} more": (balanced(), either(balanced(), alone(kind)), f"{UNSURE}: one")
    for kind in (
        "iam/accessKey:AccessKey",
        "iam/userGroupMembership:UserGroupMembership",
        "iam/userLoginProfile:UserLoginProfile",
        "ram/principalAssociation:PrincipalAssociation",
        "ssoadmin/accountAssignment:AccountAssignment",
    )
}


@part
def peered(build: Builder, joined: bool) -> None:
    net = network(build)
    members = group(build, net.vpc, "web-group", ingress=[{**SSH, "cidrBlocks": ["10.0.0.0/16"]}])
    machine(build, "web", subnetId=net.public.id, vpcSecurityGroupIds=[members.id])
    if joined:
        kind = "ec2/vpcPeeringConnection:VpcPeeringConnection"
        build(kind, "peering", vpcId=net.vpc.id, peerVpcId="vpc-0123456789abcdef0")


def test_callers_of_a_vpc_stay_when_others_join_them() -> None:
    sentence = first_screen(peered(False), peered(True))["callers"]
    assert "peered networks" in sentence
    assert OUT not in sentence


@pytest.mark.parametrize("name", PAIRS)
def test_what_keeps_callers_out(name: str) -> None:
    before, after, words = PAIRS[name]
    assert words in first_screen(before, after)["callers"]
