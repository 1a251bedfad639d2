"""Every change of egress, as two captured graphs: what stands stays, what moves moves in place, in the right order."""

import pytest

from components.facts.egress_modes import NAT_GATEWAY, NAT_INSTANCE, find_ipv4_carrier
from components.recording.resources import Resource
from components.testing.recorder import Graph
from tests.helpers.egress import PAIRS, network, stack

# What the provider changes in place, read from its schemas; any other input that differs would replace the resource.
IN_PLACE = {
    "Route": {"natGatewayId", "networkInterfaceId", "egressOnlyGatewayId"},
    "Subnet": {"assignIpv6AddressOnCreation"},
    "VpcEndpoint": {"policy"},
}


def named(pair: tuple[tuple[str, ...], tuple[str, ...]]) -> str:
    return " to ".join("+".join(ways) or "none" for ways in pair)


def list_kept_resources(graph: Graph) -> set[str]:
    kinds = ("Vpc", "DefaultSecurityGroup", "Subnet", "RouteTable", "RouteTableAssociation")
    return {item.urn for item in graph if item.kind in kinds and "public" not in item.name}


@pytest.mark.parametrize(("before", "after"), PAIRS, ids=map(named, PAIRS))
def test_what_both_need_stays_and_is_changed_in_place_at_most(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    old, new = network(before), network(after)
    assert list_kept_resources(old) == list_kept_resources(new)
    for urn in (urn for urn in old.resources.keys() & new.resources.keys() if old.resources[urn].custom):
        was, becomes = old.resources[urn], new.resources[urn]
        keys = was.inputs.keys() | becomes.inputs.keys()
        differing = {key for key in keys if was.inputs.get(key) != becomes.inputs.get(key)}
        assert differing <= IN_PLACE.get(was.kind, set()), f"{was.name}: {differing}"


BETWEEN_NATS = [(before, after) for before, after in PAIRS if find_ipv4_carrier(before) and find_ipv4_carrier(after)]


@pytest.mark.parametrize(("before", "after"), BETWEEN_NATS, ids=map(named, BETWEEN_NATS))
def test_between_nats_the_default_routes_change_their_target_and_the_old_one_goes_afterwards(
    before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    """The engine deletes last what the new program does not name; nothing may make it delete earlier."""
    targets = {NAT_GATEWAY: "natGatewayId", NAT_INSTANCE: "networkInterfaceId", None: ""}
    old, new = network(before), network(after)
    for zone in (1, 2):
        route, becomes = default_route(old, zone), default_route(new, zone)
        assert becomes.urn == route.urn
        assert targets[find_ipv4_carrier(before)] in route.inputs
        assert targets[find_ipv4_carrier(after)] in becomes.inputs
        assert all(route.inputs[key] == becomes.inputs[key] for key in ("routeTableId", "destinationCidrBlock"))
        leaving, taking = target(old, route), target(new, becomes)
        assert taking.urn in becomes.dependencies
        if leaving.urn not in new.resources:
            assert leaving.options.delete_before_replace in (None, True)
            assert leaving.urn not in becomes.dependencies


def test_each_kind_of_nat_has_an_address_of_its_own() -> None:
    addresses = {
        way: {item.urn for item in network((way,)) if item.kind == "Eip"} for way in ("nat-instance", "nat-gateway")
    }
    assert not addresses["nat-instance"] & addresses["nat-gateway"]


def test_one_gateway_becomes_one_a_zone_without_replacing_it() -> None:
    before, after = network(("nat-gateway",)), network(("nat-gateway",), "one-per-zone")
    assert before.resources.keys() < after.resources.keys()
    gateway = next(item for item in before if item.kind == "NatGateway")
    assert after.resources[gateway.urn].inputs == gateway.inputs


def test_from_a_nat_instance_to_a_gateway_the_backend_is_not_touched() -> None:
    before, after = stack(("nat-instance",)), stack(("nat-gateway",))
    backend = [item for item in before if item.custom and item.name.startswith("backend-")]
    assert len(backend) > 5
    for item in backend:
        assert after.resources[item.urn].inputs == item.inputs


def default_route(graph: Graph, zone: int) -> Resource:
    return next(item for item in graph if item.name == f"network-private-{zone}-ipv4")


def target(graph: Graph, route: Resource) -> Resource:
    resource = graph.find(route.inputs.get("natGatewayId") or route.inputs["networkInterfaceId"])
    assert resource is not None
    return resource
