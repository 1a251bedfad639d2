"""Properties of every stack file, in each topology."""

import pytest

from tests.helpers.declare import assert_tidy, one
from tests.helpers.stacks import ALL, graph_of

OUTPUTS = {"topology", "apiUrl", "apiId", "apiKeyIds", "vpcId", "subnetIds", "backendSecurityGroupId", "egress", "curl"}
# AWS cannot change a description: another one replaces the group, and VPC links and load balancers with it.
DESCRIPTIONS = {
    "Backend: called by the gateway alone",
    "EC2 Instance Connect Endpoint: SSH to the instances that admit it",
    "Forwarder: out to the backend alone",
    "Function: out to the servers that it calls",
    "Interface endpoints: from inside the VPC",
    "Load balancer: from its callers to the backend alone",
    "NAT instance: anything from inside the VPC, on its way to the internet",
    "VPC link: to the listener alone",
    "VPC link: to the next hop alone",
    "execute-api endpoint: HTTPS from inside the VPC",
}
# Characters that AWS leaves for a logical name where Pulumi adds a hyphen and seven digits.
ROOM = {
    "aws:lb/loadBalancer:LoadBalancer": 24,
    "aws:lb/targetGroup:TargetGroup": 24,
    "aws:iam/role:Role": 56,
    "aws:lambda/function:Function": 56,
}


@pytest.mark.parametrize("stack", ALL)
def test_every_child_belongs_to_a_component_and_carries_its_name(stack: str) -> None:
    graph = graph_of(stack)
    assert_tidy(graph)
    for resource in graph:
        assert resource.parent is not None or resource.type.startswith("gatehouse:index:"), resource.urn
        assert len(resource.name) <= ROOM.get(resource.type, 100), resource.urn


@pytest.mark.parametrize("stack", ALL)
def test_outputs_have_the_same_names_everywhere(stack: str) -> None:
    graph = graph_of(stack)
    assert graph.exports.keys() >= OUTPUTS
    assert str(graph.exports["curl"]).startswith("curl ")


@pytest.mark.parametrize("stack", ALL)
def test_groups_have_no_open_way_in_machines_want_tokens_and_logs_go_away(stack: str) -> None:
    graph = graph_of(stack)
    for group in graph.of_type("aws:ec2/securityGroup:SecurityGroup"):
        assert not {"ingress", "egress"} & group.inputs.keys(), group.urn
        assert group.inputs["description"] in DESCRIPTIONS
    for rule in graph.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"):
        assert rule.inputs.get("cidrIpv4") != "0.0.0.0/0", rule.urn
        assert rule.inputs.get("cidrIpv6") != "::/0", rule.urn
    for machine in graph.of_type("aws:ec2/instance:Instance", "aws:ec2/launchTemplate:LaunchTemplate"):
        assert machine.inputs["metadataOptions"]["httpTokens"] == "required", machine.urn
        disk = machine.inputs.get("rootBlockDevice") or machine.inputs["blockDeviceMappings"][0]["ebs"]
        assert disk["encrypted"] in (True, "true"), machine.urn
    for group in graph.of_type("aws:cloudwatch/logGroup:LogGroup"):
        assert group.inputs["retentionInDays"] >= 1, group.urn


def test_an_instance_waits_for_the_subnet_of_its_own_zone_alone() -> None:
    """If it waited for all of them, a preview with one zone more would replace it: it would not know any."""
    graph = graph_of("dev")
    subnets = [subnet for subnet in graph.of_type("aws:ec2/subnet:Subnet") if "private" in subnet.name]
    known = one(graph, "Instance", "backend-instance").property_dependencies["subnetId"]
    assert len(subnets) > 1
    assert [subnet.name for subnet in subnets if subnet.urn in known] == ["network-private-1"]


def test_the_webhook_signature_and_addresses_are_both_checked() -> None:
    graph = graph_of("examples/webhook.yaml")
    assert "WEBHOOK_SECRET" in one(graph, "Function").inputs["environment"]["variables"]
    assert "192.30.252.0/22" in str(one(graph, "RestApi").inputs["body"])


def test_the_three_values_of_an_existing_backend_are_enough() -> None:
    graph = graph_of("examples/existing-backend.yaml")
    rule = one(graph, "SecurityGroupEgressRule").inputs
    assert (rule["cidrIpv4"], rule["fromPort"]) == ("10.20.30.40/32", 8080)
    assert one(graph, "Function").inputs["vpcConfig"]["subnetIds"] == [
        "subnet-0a1b2c3d4e5f60718",
        "subnet-0b1c2d3e4f5061728",
    ]
    assert not graph.of_type("aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet")
