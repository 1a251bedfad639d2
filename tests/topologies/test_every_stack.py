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
def test_every_child_belongs_to_a_component_and_outputs_have_the_same_names_everywhere(stack: str) -> None:
    graph = graph_of(stack)
    assert_tidy(graph)
    for resource in graph:
        assert resource.parent is not None or resource.type.startswith("gatehouse:index:"), resource.urn
        assert len(resource.name) <= ROOM.get(resource.type, 100), resource.urn
    assert {
        group.inputs["description"] for group in graph.of_type("aws:ec2/securityGroup:SecurityGroup")
    } <= DESCRIPTIONS
    assert graph.exports.keys() >= OUTPUTS
    assert str(graph.exports["curl"]).startswith("curl ")


def test_an_instance_waits_for_the_subnet_of_its_own_zone_alone() -> None:
    """If it waited for all of them, a preview with one zone more would replace it: it would not know any."""
    graph = graph_of("dev")
    subnets = [subnet for subnet in graph.of_type("aws:ec2/subnet:Subnet") if "private" in subnet.name]
    known = one(graph, "Instance", "backend-instance").property_dependencies["subnetId"]
    assert len(subnets) > 1
    assert [subnet.name for subnet in subnets if subnet.urn in known] == ["network-private-1"]
