"""Ways through balancers and registries that few programs take, each in a small graph."""

from dataclasses import replace
from typing import Any

import pytest

from review.graph import UNKNOWN
from review.tests.front_parts import private_integration
from review.tests.graph_builder import Builder
from review.tests.parts import (
    ANYWHERE,
    attach,
    backend,
    balancer,
    edge,
    egress,
    group,
    http,
    ingress,
    network,
    public_front,
    rest,
)
from review.tests.reach.test_corners import lines


def nlb_stack(build: Builder, **inputs: Any) -> None:
    """REST API → link of the first version → network balancer → machine."""
    net = network(build)
    behind, front = backend(build, net), balancer(build, net, "network", **inputs)
    attach(build, front.targets, behind.server)
    if inputs.get("securityGroups", "own") is None:
        ingress(build, "from-balancer", behind.group, 8080, cidrIpv4="10.0.0.0/16")
    else:
        edge(build, front.group, behind.group, 8080, "balancer-to-backend")
    link = build("apigateway/vpcLink:VpcLink", "link", targetArn=front.balancer.arn)
    integration = {
        "type": "http_proxy",
        "httpMethod": "ANY",
        "uri": "http://" + front.balancer.dnsName + ":80/{proxy}",
        "connectionType": "VPC_LINK",
        "connectionId": link.id,
    }
    operation = {"x-amazon-apigateway-integration": integration, "security": [{"key": []}]}
    rest(build, {"/{proxy+}": {"x-amazon-apigateway-any-method": operation}})


def test_a_link_of_the_first_version_passes_groups_that_are_not_enforced(build: Builder) -> None:
    nlb_stack(build, enforceSecurityGroupInboundRulesOnPrivateLinkTraffic="off")
    assert lines(build)[0] == "internet → api (key, 100/s) → link → tcp 80 → balancer → tcp 8080 → backend"


def test_enforced_groups_stop_it(build: Builder) -> None:
    nlb_stack(build)
    assert "apply to PrivateLink and admit no such caller" in lines(build)[0]


def test_a_balancer_without_groups_is_open_to_its_network(build: Builder) -> None:
    nlb_stack(build, securityGroups=None)
    found = lines(build)
    assert found[0] == "internet → api (key, 100/s) → link → tcp 80 → balancer → tcp 8080 → backend"
    assert "anything in the VPC → tcp 80 → balancer → tcp 8080 → backend" in found


def by_another_link(build: Builder, listener: Any) -> list[str]:
    """An HTTP API that calls a listener by a link of another stack."""
    api = build("apigatewayv2/api:Api", "api", protocolType="HTTP")
    by: dict[str, Any] = {"connectionType": "VPC_LINK", "connectionId": "a1b2c3", "integrationType": "HTTP_PROXY"}
    to = build("apigatewayv2/integration:Integration", "to", apiId=api.id, integrationUri=listener, **by)
    build("apigatewayv2/route:Route", "all", apiId=api.id, routeKey="$default", target="integrations/" + to.id)
    build("apigatewayv2/stage:Stage", "stage", apiId=api.id, name="$default", autoDeploy=True)
    return [line for line in lines(build) if line.startswith("internet → api")]


def test_a_link_of_another_stack_leads_to_the_listener_that_is_named(build: Builder) -> None:
    listener = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/0a1b/8a9b"
    (found,) = by_another_link(build, listener)
    assert f"a VPC link outside this stack (VPC link) → {listener} (cannot tell: whether what it calls admits" in found


def test_a_link_of_another_stack_leads_to_a_listener_of_this_one(build: Builder) -> None:
    net = network(build)
    behind, front = backend(build, net), balancer(build, net, "application")
    attach(build, front.targets, behind.server)
    edge(build, front.group, behind.group, 8080, "balancer-to-backend")
    (found,) = by_another_link(build, front.listener.arn)
    assert "a VPC link outside this stack (VPC link) → " in found
    assert "→ balancer → tcp 8080 → backend (cannot tell: whether what it calls admits" in found


def test_an_udp_listener(build: Builder) -> None:
    net = network(build)
    members = group(build, net.vpc, "balancer-group")
    ingress(build, "dns", members, cidrIpv4=ANYWHERE, ipProtocol="udp", fromPort=53, toPort=53)
    behind = backend(build, net)
    given: dict[str, Any] = {"target": {"port": 5353, "protocol": "UDP"}, "listener": {"port": 53}}
    public_front(build, net, behind.server, loadBalancerType="network", securityGroups=[members.id], **given)
    for direction, caller, called in ((egress, members, behind.group), (ingress, behind.group, members)):
        rule: dict[str, Any] = {
            "referencedSecurityGroupId": called.id,
            "ipProtocol": "udp",
            "fromPort": 5353,
            "toPort": 5353,
        }
        direction(build, f"{direction.__name__}-dns", caller, **rule)
    assert "internet → udp 53 → front → udp 5353 → backend" in lines(build)


def test_cloud_map_instances_by_address(build: Builder) -> None:
    net = network(build)
    behind = backend(build, net)
    space = build("servicediscovery/httpNamespace:HttpNamespace", "space", name="space")
    registry = build("servicediscovery/service:Service", "registry", namespaceId=space.id, name="app")
    build(
        "servicediscovery/instance:Instance",
        "registered",
        serviceId=registry.id,
        instanceId="one",
        attributes={"AWS_INSTANCE_IPV4": behind.server.privateIp, "AWS_INSTANCE_PORT": "8080"},
    )
    members = group(build, net.vpc, "link-group")
    edge(build, members, behind.group, 8080, "link-to-backend")
    subnets = [subnet.id for subnet in net.private]
    link = build("apigatewayv2/vpcLink:VpcLink", "link", subnetIds=subnets, securityGroupIds=[members.id])
    gate = http(build)
    integration = private_integration(build, gate.api, link, registry.arn)
    target = "integrations/" + integration.id
    build("apigatewayv2/route:Route", "route", apiId=gate.api.id, routeKey="$default", target=target)
    assert lines(build)[0] == "internet → api (100/s) → link → registry → tcp 8080 → backend"


def client_address_stack(build: Builder, admitted: dict[str, Any], kind: str = "network", **targets: Any) -> list[str]:
    """An internet-facing balancer whose group admits the internet, and a target that admits what is given."""
    net = network(build)
    behind = backend(build, net)
    front = balancer(build, net, kind, internal=False, subnets=[net.public.id])
    attach(build, front.targets, behind.server)
    ingress(build, "from-anywhere", front.group, 80, cidrIpv4="0.0.0.0/0")
    egress(build, "to-backend", front.group, 8080, cidrIpv4="10.0.0.0/16")
    rule = front.group.id if admitted == {"group": "balancer"} else None
    ingress(build, "to-target", behind.group, 8080, **({"referencedSecurityGroupId": rule} if rule else admitted))
    made = build.resources[front.targets.urn]
    build.resources[front.targets.urn] = replace(made, inputs={**made.inputs, **targets})
    return [line for line in lines(build) if line.startswith("internet →") and "balancer" in line]


VPC_ONLY = {"cidrIpv4": "10.0.0.0/16"}


OPEN = "internet → tcp 80 → balancer → tcp 8080 → backend"


@pytest.mark.parametrize("targets", [{}, {"preserveClientIp": "true", "targetType": "ip"}, {"protocol": "UDP"}])
def test_a_network_balancer_keeps_the_addresses_of_clients(build: Builder, targets: Any) -> None:
    (line,) = client_address_stack(build, VPC_ONLY, **targets)
    assert ": no, " in line


@pytest.mark.parametrize(
    ("admitted", "kind", "targets"),
    [
        ({"group": "balancer"}, "network", {}),
        ({"cidrIpv4": "0.0.0.0/0"}, "network", {}),
        (VPC_ONLY, "network", {"preserveClientIp": "false"}),
        (VPC_ONLY, "network", {"targetType": "ip"}),
        (VPC_ONLY, "application", {}),
    ],
)
def test_a_target_that_admits_the_balancer_or_the_client(
    build: Builder, admitted: Any, kind: str, targets: Any
) -> None:
    assert client_address_stack(build, admitted, kind, **targets) == [OPEN]


def test_whether_a_balancer_keeps_addresses_may_be_unknown(build: Builder) -> None:
    (line,) = client_address_stack(build, VPC_ONLY, preserveClientIp=UNKNOWN)
    assert "cannot tell: whether targets keeps the addresses of clients" in line


def test_the_acl_of_a_target_sees_the_client(build: Builder) -> None:
    lines_ = client_address_stack(build, {"group": "balancer"})
    assert lines_ == [OPEN]
    subnet = next(resource for resource in build.resources.values() if resource.name == "private-1")
    line = {"ruleNo": 100, "action": "allow", "protocol": "-1", "cidrBlock": "10.0.0.0/16"}
    inputs: dict[str, Any] = {"subnetIds": [subnet.state["id"]], "ingress": [line], "egress": [line]}
    build("ec2/networkAcl:NetworkAcl", "acl", **inputs)
    assert ": no, the network ACL of private-1" in next(one for one in lines(build) if one.startswith("internet →"))
