"""A zone that is added to a stack."""

from tests.helpers.declare import one
from tests.helpers.stacks import graph_of


def test_an_instance_waits_for_the_subnet_of_its_own_zone_alone() -> None:
    """If it waited for all of them, a preview with one zone more would replace it: it would not know any."""
    graph = graph_of("dev")
    subnets = [subnet for subnet in graph.of_type("aws:ec2/subnet:Subnet") if "private" in subnet.name]
    known = one(graph, "Instance", "backend-instance").property_dependencies["subnetId"]
    assert len(subnets) > 1
    assert [subnet.name for subnet in subnets if subnet.urn in known] == ["network-private-1"]
