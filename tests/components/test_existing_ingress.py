"""A load balancer that exists: looked up, checked, called through a link, and not changed."""

from typing import Any

import pulumi
import pytest

from components.existing_ingress import ExistingIngress
from components.testing.recorder import Graph
from tests.helpers import mocks as answers
from tests.helpers.declare import ProgramError, assert_tidy, declare, one

VPC = "vpc-0123456789abcdef0"
GROUP = "sg-0123456789abcdef0"
LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/0a1b2c3d4e5f6071/8a9b0c1d2e3f4051"
ARGS: dict[str, Any] = {
    "listener_arn": LISTENER,
    "vpc_id": VPC,
    "vpc_cidr": "10.0.0.0/16",
    "subnet_ids": ["subnet-0123456789abcdef0"],
}
BALANCER = {"vpcId": VPC, "dnsName": "internal-shop.invalid", "internal": True, "securityGroups": [GROUP]}


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Changes of what the lookups find."""
    changes: dict[str, Any] = {}
    for token, more in (
        ("aws:lb/getListener:getListener", {"protocol": "HTTP", "port": 80}),
        ("aws:lb/getLoadBalancer:getLoadBalancer", BALANCER),
        ("aws:apigatewayv2/getVpcLink:getVpcLink", {"subnetIds": ["subnet-00000001"]}),
        ("aws:ec2/getSubnet:getSubnet", {"vpcId": VPC}),
    ):
        answer = answers.usual(token)

        def changed(made: Any, given: Any, answer: Any = answer, more: Any = more, token: str = token) -> Any:
            of_link = token.endswith("getSubnet") and {"vpcId": changes.get("link_vpc", VPC)}
            return {**answer(made, given), **more, **(of_link or changes)}

        monkeypatch.setitem(answers.ANSWERS, token, changed)
    return changes


def ingress(*, known: bool = True, **changes: Any) -> Graph:
    def program() -> None:
        made = ExistingIngress("ingress", {**ARGS, **changes})
        for output in ExistingIngress.__annotations__:
            pulumi.export(output, getattr(made, output))

    return declare(program, known=known)


@pytest.mark.usefixtures("found")
def test_a_link_and_its_group_are_made_and_nothing_else() -> None:
    graph = ingress()
    assert_tidy(graph)
    kinds = sorted(resource.kind for resource in graph)
    assert kinds == ["ExistingIngress", "SecurityGroup", "SecurityGroupEgressRule", "VpcLink"]
    rule = one(graph, "SecurityGroupEgressRule").inputs
    assert (rule["cidrIpv4"], rule["fromPort"], rule["toPort"]) == ("10.0.0.0/16", 80, 80)
    assert graph.exports["url"] == "http://internal-shop.invalid:80"
    assert graph.exports["listener_arn"] == LISTENER
    assert graph.exports["load_balancer_arn"].endswith(":loadbalancer/app/shop/0a1b2c3d4e5f6071")
    assert list(ingress(known=False).resources) == list(graph.resources)
    existing = ingress(link_id="a1b2c3")
    assert [resource.kind for resource in existing] == ["ExistingIngress"]
    assert (existing.exports["link_id"], existing.exports["link_security_group_id"]) == ("a1b2c3", "")


@pytest.mark.usefixtures("found")
def test_a_group_that_is_named_gets_one_rule() -> None:
    graph = ingress(security_group_id=GROUP)
    rule = one(graph, "SecurityGroupIngressRule").inputs
    assert (rule["securityGroupId"], rule["fromPort"]) == (GROUP, 80)
    assert rule["referencedSecurityGroupId"] == one(graph, "SecurityGroup").id
    assert one(graph, "SecurityGroupEgressRule").inputs["referencedSecurityGroupId"] == GROUP
    assert one(graph, "SecurityGroupEgressRule").urn in one(graph, "VpcLink").dependencies


def test_a_certificates_name_is_the_urls_host(found: dict[str, Any]) -> None:
    found |= {"protocol": "TLS", "port": 8443}
    assert ingress(server_name="shop.example.com").exports["url"] == "https://shop.example.com:8443"


@pytest.mark.parametrize(
    ("changes", "args", "words"),
    [
        (
            {"vpcId": "vpc-00000002"},
            {},
            "its load balancer is in vpc-00000002; name a listener in vpc-0123456789abcdef0",
        ),
        ({"internal": False}, {}, "internet-facing"),
        ({"protocol": "UDP"}, {}, "its protocol is UDP; name a listener with HTTP"),
        ({"port": 81}, {"rest": True}, "a REST API calls only the ports 80, 443 and 1024 to 65535"),
        ({"protocol": "HTTPS"}, {}, "name the host of its certificate"),
        ({}, {"server_name": "shop.example.com"}, "HTTP, without a certificate; take it out"),
        ({}, {"security_group_id": "sg-00000002"}, f"a security group of the load balancer, which has {GROUP}"),
        ({"securityGroups": []}, {"security_group_id": "sg-00000002"}, "which has none"),
        (
            {"link_vpc": "vpc-00000002"},
            {"link_id": "a1b2c3"},
            "it is in vpc-00000002; name a link in vpc-0123456789abcdef0",
        ),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_made(
    found: dict[str, Any], changes: dict[str, Any], args: dict[str, Any], words: str
) -> None:
    found |= changes
    with pytest.raises(ProgramError) as refused:
        ingress(**args)
    assert words in str(refused.value)


def test_a_balancer_that_hangs_up_before_a_route_does_is_refused(found: dict[str, Any]) -> None:
    found |= {"idleTimeout": 60, "loadBalancerType": "application"}
    ingress(longest_wait_seconds=60)
    with pytest.raises(ProgramError, match=r"after 60 s without a byte, and a route waits for 120"):
        ingress(longest_wait_seconds=120)
    found["loadBalancerType"] = "network"
    ingress(longest_wait_seconds=120)
