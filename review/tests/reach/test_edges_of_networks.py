"""Text that is no address, answers that an ACL drops, listeners that several stacks use, and firewalls that block."""

from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.reach import Kind, Path, trace
from review.rules.check import check
from review.tests.graph_builder import Builder, Made
from review.tests.parts import ANYWHERE, group, ingress, network, paths

FIXED = {"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "404"}}


def inward(build: Builder) -> list[Path]:
    return [path for path in paths(build.graph()) if path.kind is Kind.INBOUND and "internet" in path.source]


def answers(build: Builder) -> list[str]:
    return ["no" if not path.open else "cannot tell" if path.uncertainty else "yes" for path in inward(build)]


@pytest.mark.parametrize(
    ("cidr", "expected"),
    [
        ("203.0.113.0/24", ["yes"]),
        ("10.0.0.0/8", ["no"]),
        ("0.0.0.0/0/32", ["cannot tell"]),
        ("0.0.0.0/0 ", ["cannot tell"]),
        ("VPC_CIDR_BLOCK", ["cannot tell"]),
    ],
)
@pytest.mark.parametrize("inline", [True, False])
def test_text_that_is_no_range(cidr: str, expected: list[str], inline: bool) -> None:
    build, net = Builder.of(network)
    line = {"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": [cidr]}
    rules: dict[str, Any] = {"ingress": [line]} if inline else {}
    own = build("ec2/securityGroup:SecurityGroup", "own", vpcId=net.vpc.id, **rules)
    if not inline:
        ingress(build, "rule", own, 80, cidrIpv4=cidr)
    place = {"subnetId": net.public.id, "associatePublicIpAddress": True, "vpcSecurityGroupIds": [own.id]}
    build("ec2/instance:Instance", "web", ami="ami-1", instanceType="t3.micro", **place)
    assert answers(build) == expected


def served_by_acl(build: Builder, *, back: list[tuple[int, int]], inside: str = ANYWHERE) -> None:
    net = network(build)
    own = group(build, net.vpc, "own")
    ingress(build, "rule", own, 8080, cidrIpv4=ANYWHERE)
    place = {"subnetId": net.public.id, "associatePublicIpAddress": True, "vpcSecurityGroupIds": [own.id]}
    build("ec2/instance:Instance", "web", ami="ami-1", instanceType="t3.micro", **place)

    def line(number: int, first: int, last: int) -> dict[str, Any]:
        ports = {"fromPort": first, "toPort": last}
        return {"ruleNo": number, "action": "allow", "protocol": "tcp", "cidrBlock": ANYWHERE, **ports}

    lines = [line(number, *ports) for number, ports in enumerate(back, 1)]
    build("ec2/networkAcl:NetworkAcl", "acl", vpcId=net.vpc.id, subnetIds=[net.public.id],
          ingress=[line(1, 8080, 8080)], egress=lines)  # fmt: skip


@pytest.mark.parametrize(
    ("back", "expected", "dropped"),
    [
        ([(1024, 65535)], ["yes"], ""),
        ([(1024, 40000), (40001, 65535)], ["yes"], ""),
        ([(443, 443)], ["no"], ""),
        ([(8080, 8080)], ["cannot tell"], "answers to ports 1024-8079, 8081-65535 are dropped"),
        ([(32768, 60999)], ["cannot tell"], "answers to ports 1024-32767, 61000-65535 are dropped"),
    ],
)
def test_answers_go_to_any_ephemeral_port(back: list[tuple[int, int]], expected: list[str], dropped: str) -> None:
    build = Builder()
    served_by_acl(build, back=back)
    assert answers(build) == expected
    assert dropped in str(inward(build)[0])


@pytest.mark.parametrize(("inward", "outward", "lets"), [(443, None, "no answers in"), (None, 443, "nothing out")])
def test_what_an_acl_keeps_from_a_nat_gateway_is_named(inward: int | None, outward: int | None, lets: str) -> None:
    build, net = Builder.of(network)

    def line(port: int | None) -> list[dict[str, Any]]:
        ports = {"protocol": "tcp", "fromPort": port, "toPort": port} if port else {"protocol": "-1"}
        return [{"ruleNo": 1, "action": "allow", "cidrBlock": ANYWHERE, **ports}]

    # A connection goes out by any port but one of these.
    away = [{**line(None)[0], "action": "deny"}] if outward else line(None)
    acl = {"vpcId": net.vpc.id, "subnetIds": [net.public.id], "ingress": line(inward), "egress": away}
    build("ec2/networkAcl:NetworkAcl", "acl", **acl)
    said = [finding.message for finding in check(build.graph()) if finding.rule.id == "ROUTE-01" and finding.message]
    assert any(f"network ACL acl lets {lets}" in message for message in said)


def test_without_a_way_in_the_targets_of_balancers_are_the_backends(build: Builder) -> None:
    """And not the machines on which they run: else what closes a way would newly break a rule about them."""
    net = network(build)
    build("autoscaling/group:Group", "hosts", minSize=1, maxSize=1, vpcZoneIdentifiers=[net.public.id])
    group_ = build("lb/targetGroup:TargetGroup", "balanced", port=80, protocol="HTTP", targetType="ip")
    served = [{"targetGroupArn": group_.arn, "containerName": "w", "containerPort": 80}]
    build("ecs/service:Service", "web", launchType="EC2", desiredCount=1, loadBalancers=served)
    assert [urn.rpartition("::")[2] for urn in trace(AwsModel(build.graph())).backends] == ["web"]


def front(build: Builder, **inputs: Any) -> tuple[Made, Made]:
    net = network(build)
    own = group(build, net.vpc, "own")
    ingress(build, "rule", own, 443, cidrIpv4=ANYWHERE)
    shape: dict[str, Any] = {"loadBalancerType": "application", "internal": False, "subnets": [net.public.id]}
    made = build("lb/loadBalancer:LoadBalancer", "front", **shape, securityGroups=[own.id])
    return made, build("lb/listener:Listener", "https", loadBalancerArn=made.arn, port=443, protocol="HTTPS", **inputs)


REDIRECT = {"type": "redirect", "redirect": {"statusCode": "HTTP_301", "host": "example.com"}}


@pytest.mark.parametrize("left", ["listener", "balancer", "inner", "unknown"])
def test_listener_that_leaves_the_program(build: Builder, left: str) -> None:
    """The usual way to share a load balancer: other stacks add rules to its listener."""
    balancer, listener = front(build, defaultActions=[REDIRECT])
    assert answers(build) == []
    arn = listener.outputs["arn"]
    if left == "parameter":
        build("ssm/parameter:Parameter", "shared", type="String", value=listener.arn)
    elif left == "unknown":
        from review.graph import UNKNOWN

        build.exports["listener"] = UNKNOWN
    else:
        build.exports["shared"] = {"listener": arn, "balancer": balancer.outputs["arn"], "inner": {"arns": [arn]}}[left]
    assert answers(build) == ["cannot tell"]
    assert "which rules other stacks add to https" in str(inward(build)[0])


def test_public_balancer_that_answers_by_itself_is_a_path(build: Builder) -> None:
    front(build, defaultActions=[FIXED])
    assert answers(build) == ["yes"]


def firewalled(build: Builder, *addresses: str, default: str = "block", action: str = "allow") -> None:
    balancer, _ = front(build, defaultActions=[FIXED])
    offices = build("wafv2/ipSet:IpSet", "offices", ipAddressVersion="IPV4", scope="REGIONAL", addresses=[*addresses])
    one = {"name": "offices", "priority": 0, "action": {action: {}},
           "statement": {"ipSetReferenceStatement": {"arn": offices.arn}}}  # fmt: skip
    acl = build("wafv2/webAcl:WebAcl", "acl", scope="REGIONAL", defaultAction={default: {}}, rules=[one])
    build("wafv2/webAclAssociation:WebAclAssociation", "link", resourceArn=balancer.arn, webAclArn=acl.arn)


@pytest.mark.parametrize(
    ("addresses", "how", "source"),
    [
        (("203.0.113.0/24",), {}, "203.0.113.0/24 (internet)"),
        (("203.0.113.0/24",), {"default": "allow", "action": "block"}, "internet"),
        (("0.0.0.0/1", "128.0.0.0/1"), {}, "internet"),
    ],
)
def test_firewall_that_blocks_by_default(addresses: tuple[str, ...], how: dict[str, str], source: str) -> None:
    build = Builder()
    firewalled(build, *addresses, **how)
    assert [path.source for path in inward(build)] == [source]
