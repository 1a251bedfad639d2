"""What a change of the ways out does to traffic: for every pair of them the review finds in the two graphs what
docs/choosing.md has, and for programs of others what the routes decide."""

import functools

import pytest

from review.aws.model.model import AwsModel
from review.compare.egress_changes import Impact, egress_changes, other_networks
from review.reach import Reach, trace
from review.tests.graph_builder import Builder
from review.tests.parts import backend, nat_machine
from review.tests.parts import network as built
from tests.helpers.egress import PAIRS, network, stack
from tests.helpers.stacks import ROOT

WORDS = {"–": None, "connections": Impact.CONNECTIONS, "boot": Impact.BOOT, "loss": Impact.LOSS}
Ways = tuple[str, ...]


@functools.cache
def reach(egress: Ways) -> Reach:
    return trace(AwsModel(network(egress)))


def worst(before: Ways, after: Ways) -> Impact | None:
    found = egress_changes(reach(before), reach(after), ())
    return found[0][0] if found else None


def ways(cell: str) -> Ways:
    return () if cell == "none" else tuple(cell.split(" + "))


def test_the_table_of_the_document_is_what_the_graphs_say() -> None:
    text = (ROOT / "docs" / "choosing.md").read_text().partition("| from, to |")[2].partition("\n\n")[0]
    columns, _rule, *lines = [
        [cell.strip() for cell in line.strip().strip("|").split("|")] for line in text.splitlines()
    ]
    assert [before for before, *_ in lines] == columns
    assert {ways(column) for column in columns} == {before for before, _ in PAIRS}
    for before, *cells in lines:
        for after, cell in zip(columns, cells, strict=True):
            wanted = WORDS[cell] if cell else None
            assert worst(ways(before), ways(after)) is wanted, f"{before} to {after}"
            assert bool(cell) == (before != after)


def test_in_two_steps_nothing_waits_for_a_nat_instance_to_boot() -> None:
    assert worst(("nat-gateway",), ("nat-instance",)) is Impact.BOOT
    both = ("nat-instance", "nat-gateway")
    assert worst(("nat-gateway",), both) is None
    assert worst(both, ("nat-instance",)) is Impact.CONNECTIONS


def test_the_same_network_twice_cuts_nothing() -> None:
    for egress in {before for before, _ in PAIRS}:
        assert egress_changes(reach(egress), trace(AwsModel(network(egress))), ()) == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            ("nat-instance",),
            ("nat-gateway",),
            "connections of backend over IPv4 that were open are cut; new ones pass, through NAT gateway and from "
            "another address",
        ),
        (
            ("nat-gateway",),
            ("nat-instance",),
            "nothing leaves backend over IPv4 until network-nat-instance has booted, unless the NAT gateway is kept "
            "until then",
        ),
    ],
)
def test_who_bears_it_is_named(before: Ways, after: Ways, said: str) -> None:
    assert [text for _, text in egress_changes(trace(AwsModel(stack(before))), trace(AwsModel(stack(after))), ())] == [
        said
    ]


def both(*, machine: bool = True, used: bool = True) -> Builder:
    """A network behind a NAT instance, whose machine stands or is missing, and perhaps a backend in it."""
    build, net = Builder.of(built, egress="instance")
    if machine:
        nat_machine(build, net.interface)
    if used:
        backend(build, net)
    return build


def test_a_nat_instance_that_is_replaced_has_to_boot() -> None:
    before, after = both().graph(), both().graph()
    instance = next(resource.urn for resource in after if resource.name == "nat-instance")
    found = egress_changes(trace(AwsModel(before)), trace(AwsModel(after)), {instance})
    assert [effect for effect, _ in found] == [Impact.BOOT]
    assert found[0][1].startswith("nothing leaves backend")
    assert found[0][1].endswith("until nat-instance has booted")


def test_a_route_into_nothing_is_a_loss() -> None:
    lost = "private-1 and private-2 can no longer reach anything on the internet over IPv4"
    for used, said in ((True, []), (False, [lost])):
        before, after = (trace(AwsModel(both(machine=one, used=used).graph())) for one in (True, False))
        # Paths have what a machine loses.
        assert [text for _, text in egress_changes(before, after, ())] == said


def test_a_subnet_that_is_replaced_is_no_matter_of_routes() -> None:
    before, after = both().graph(), both(machine=False).graph()
    subnets = {resource.urn for resource in after if resource.kind == "Subnet"}
    assert egress_changes(trace(AwsModel(before)), trace(AwsModel(after)), subnets) == []


def with_endpoint(egress: str, *, endpoint: bool) -> Builder:
    build, net = Builder.of(built, egress=egress)
    if endpoint:
        tables = [table.id for table in net.tables]
        service = "com.amazonaws.eu-west-1.s3"
        build("ec2/vpcEndpoint:VpcEndpoint", "s3", vpcId=net.vpc.id, serviceName=service, routeTableIds=tables)
    return build


def test_an_endpoint_that_goes_is_a_loss_only_where_nothing_else_leads_out() -> None:
    passes = "were open are cut; new ones pass, through nat, which AWS bills by the GB"
    for egress, said in (
        ("none", [(Impact.LOSS, "private-1 and private-2 can no longer reach s3: the endpoint is deleted")]),
        ("nat", [(Impact.CONNECTIONS, f"connections of private-1 and private-2 to s3 that {passes}")]),
    ):
        before, after = (trace(AwsModel(with_endpoint(egress, endpoint=one).graph())) for one in (True, False))
        assert egress_changes(before, after, ()) == said


def test_other_networks_are_in_the_same_order_in_every_run() -> None:
    build = Builder()
    one = built(build, egress="none").tables[0].id
    before, ranges = trace(AwsModel(build.graph())), [f"10.{number}.0.0/16" for number in range(11, 19)]
    for to in ranges:
        build("ec2/route:Route", f"to-{to}", routeTableId=one, destinationCidrBlock=to, transitGatewayId="tgw-1")
    assert [text.partition(" ")[0] for text in other_networks(before, trace(AwsModel(build.graph())), ())] == ranges
