"""A network that exists: looked up, checked, and not changed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components import lookups
from components.arguments import ArgumentError, ArgumentErrors
from components.lookups import FoundSubnet, FoundVpc
from components.network.adopted_vpc import Demands, check
from components.private_network import PrivateNetwork
from tests.components.test_private_network import network
from tests.helpers import mocks as answers
from tests.helpers.declare import declare, names, one, refusal
from tests.helpers.declared import Graph, ProgramError

VPC = "vpc-0123456789abcdef0"
SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
SUBNET_ANSWER = answers.usual("aws:ec2/getSubnet:getSubnet")


@pytest.fixture(autouse=True)
def their_vpc(monkeypatch: pytest.MonkeyPatch) -> None:
    """The made-up subnets lie in the VPC of these tests."""
    monkeypatch.setitem(
        answers.ANSWERS,
        "aws:ec2/getSubnet:getSubnet",
        lambda made, given: {**SUBNET_ANSWER(made, given), "vpcId": VPC},
    )


def arguments(**changes: Any) -> Any:
    given = {"vpc_id": VPC, "subnet_ids": SUBNETS, **changes}
    return {key: value for key, value in given.items() if value is not None}


def adopted(*, known: bool = True, **changes: Any) -> Graph:
    return network(known=known, **{"zones": None, **arguments(**changes)})


def test_nothing_is_made_and_the_face_is_the_same() -> None:
    graph = adopted(egress=["nat-gateway"])
    assert [resource.kind for resource in graph] == ["PrivateNetwork"]
    assert graph.exports["vpc_id"] == VPC
    assert graph.exports["private_subnet_ids"] == SUBNETS
    assert graph.exports["vpc_cidr"] == "10.0.0.0/16"
    assert len(graph.exports["zones"]) == len(graph.exports["zone_ids"]) == 2
    assert all(table.startswith("rtb-") for table in graph.exports["private_route_table_ids"])
    assert graph.exports["public_subnet_ids"] == graph.exports["nat_public_ips"] == []


def test_endpoints_are_added_when_asked_for() -> None:
    graph = adopted(endpoints=["ssm", "s3"], readable_buckets=["images"], route_table_ids=["rtb-1"])
    assert names(graph, "VpcEndpoint") == ["network-endpoint-ssm", "network-s3"]
    assert one(graph, "VpcEndpoint", "network-s3").inputs["routeTableIds"] == ["rtb-1"]
    assert one(graph, "VpcEndpoint", "network-endpoint-ssm").inputs["subnetIds"] == SUBNETS[:1]
    assert one(graph, "SecurityGroupIngressRule").inputs["cidrIpv4"] == "10.0.0.0/16"
    assert {resource.kind for resource in graph if resource.custom} == {
        "VpcEndpoint",
        "SecurityGroup",
        "SecurityGroupIngressRule",
    }


def test_a_door_is_added_when_asked_for() -> None:
    assert names(adopted(instance_connect=True), "InstanceConnectEndpoint") == ["network-connect"]


def test_the_addresses_of_an_s3_endpoint_that_exists_are_looked_up() -> None:
    assert adopted(egress=["s3-packages"]).exports["s3_prefix_list_id"].startswith("pl-")
    assert adopted().exports.get("s3_prefix_list_id") is None


def test_a_public_subnet_is_refused_at_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    table = answers.usual("aws:ec2/getRouteTable:getRouteTable")

    def open_to_the_world(made: Any, given: Any) -> dict[str, Any]:
        found = table(made, given)
        return {**found, "routes": [*found["routes"], {**found["routes"][0], "gatewayId": "igw-1"}]}

    monkeypatch.setitem(answers.ANSWERS, "aws:ec2/getRouteTable:getRouteTable", open_to_the_world)
    with pytest.raises(ProgramError, match=f"subnet_ids: got '{SUBNETS[0]}'; it is public: .* has a route to igw-1"):
        adopted()


def test_a_subnet_of_another_vpc_is_refused_at_deployment() -> None:
    with pytest.raises(ProgramError, match=f"it lies in {VPC}; name subnets of vpc-other"):
        adopted(vpc_id="vpc-other")


def test_nothing_gets_hold_of_a_network_that_is_refused() -> None:
    seen: list[Any] = []

    def program() -> None:
        made = PrivateNetwork("network", arguments(vpc_id="vpc-other"))
        for output in (made.vpc_id, made.private_subnet_ids, made.zones, made.private_route_table_ids):
            output.apply(seen.append)

    with pytest.raises(ProgramError, match="it lies in"):
        declare(program)
    assert seen == []


def test_a_subnet_follows_the_route_table_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        answers.ANSWERS, "aws:ec2/getRouteTables:getRouteTables", lambda _made, _given: {"ids": ["rtb-own"]}
    )
    graph = adopted()
    assert graph.exports["private_route_table_ids"] == ["rtb-own", "rtb-own"]
    asked = [invoke.arguments for invoke in graph.invokes if invoke.token.endswith("getRouteTables")]
    assert {entry["filters"][0]["values"][0] for entry in asked} == set(SUBNETS)


def test_a_subnet_that_no_route_table_names_follows_the_main_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(answers.ANSWERS, "aws:ec2/getRouteTables:getRouteTables", lambda _made, _given: {"ids": []})
    graph = adopted()
    main = next(invoke.result["mainRouteTableId"] for invoke in graph.invokes if invoke.token.endswith("getVpc"))
    assert graph.exports["private_route_table_ids"] == [main, main]


FOUND = FoundSubnet(
    id="subnet-1",
    vpc_id=VPC,
    zone="us-east-1a",
    zone_id="use1-az1",
    ipv6_cidr="",
    route_table_id="rtb-1",
    internet_gateway_id="",
    leads_out=frozenset({"ipv4"}),
)
FOUND_VPC = FoundVpc("10.0.0.0/16", "", "rtb-0", has_dns=True)


def checked(
    *private: FoundSubnet, public: Sequence[FoundSubnet] = (), vpc: FoundVpc = FOUND_VPC, **demands: Any
) -> bool:
    return check(
        "PrivateNetwork",
        vpc_id=VPC,
        vpc=vpc,
        private=private,
        public=public,
        region="us-east-1",
        demands=Demands(**demands),
    )


def test_what_is_found_in_order_passes() -> None:
    assert checked(FOUND, public=[FOUND], dns=True, vpc_link=True, egress=["nat-gateway"])


def test_endpoints_in_a_vpc_without_dns_are_refused() -> None:
    without = FoundVpc("10.0.0.0/16", "", "rtb-0", has_dns=False)
    with pytest.raises(ArgumentError, match="enableDnsSupport and enableDnsHostnames"):
        checked(FOUND, vpc=without, dns=True)
    assert checked(FOUND, vpc=without)


def test_a_second_subnet_of_a_zone_is_refused() -> None:
    with pytest.raises(ArgumentError, match="'subnet-2'; it lies in us-east-1a, as subnet-1 does; name one subnet"):
        checked(FOUND, replace(FOUND, id="subnet-2"))
    assert checked(FOUND, replace(FOUND, id="subnet-2", zone="us-east-1b"))


@pytest.mark.parametrize(
    ("leads_out", "egress", "missing"),
    [
        (frozenset(), ["nat-gateway"], "no route for 0.0.0.0/0"),
        (frozenset({"ipv4"}), ["ipv6"], "no route for ::/0"),
        (frozenset({"ipv6"}), ["ipv6", "nat-instance"], "egress is nat-instance"),
        (frozenset({"ipv4", "ipv6"}), ["ipv6", "nat-instance"], None),
        (frozenset({"ipv4"}), [], None),
        (frozenset(), ["s3-packages"], None),
        (None, ["ipv6", "nat-gateway"], None),
    ],
)
def test_a_way_out_that_the_routes_do_not_have_is_refused(
    leads_out: frozenset[str] | None, egress: list[str], missing: str | None
) -> None:
    subnet = replace(FOUND, leads_out=leads_out)
    if missing is None:
        assert checked(subnet, egress=egress)
    else:
        with pytest.raises(ArgumentError, match=f"{missing}.* take (ipv6|nat-instance|nat-gateway) out of egress"):
            checked(subnet, egress=egress)


def test_a_zone_that_serves_no_vpc_links_is_refused() -> None:
    elsewhere = replace(FOUND, zone_id="use1-az3")
    with pytest.raises(ArgumentError, match="use1-az3, which serves no VPC links; name subnets in use1-az1, "):
        checked(elsewhere, vpc_link=True)
    assert checked(elsewhere)


def test_a_subnet_without_ipv6_before_an_ipv6_backend_is_refused() -> None:
    with pytest.raises(ArgumentError, match="it has no IPv6 range, and the backend has an IPv6 address"):
        checked(FOUND, ipv6=True)
    assert checked(replace(FOUND, ipv6_cidr="2001:db8::/64"), ipv6=True)


def test_all_mistakes_of_a_network_are_named_at_once() -> None:
    wrong = replace(FOUND, id="subnet-2", vpc_id="vpc-2", internet_gateway_id="igw-1")
    with pytest.raises(ArgumentErrors) as refused:
        checked(FOUND, wrong, vpc=replace(FOUND_VPC, has_dns=False), dns=True)
    assert [line.split("; ")[0] for line in str(refused.value).splitlines()] == [
        *["PrivateNetwork: subnet_ids: got 'subnet-2'"] * 3,
        f"PrivateNetwork: vpc_id: got '{VPC}'",
    ]
    assert [detail["property_path"] for detail in refused.value.errors or []] == [*["subnet_ids"] * 3, "vpc_id"]


ROUTES = [
    ([{"cidrBlock": "0.0.0.0/0", "natGatewayId": "nat-1"}], {"ipv4"}),
    ([{"cidrBlock": "0.0.0.0/1", "transitGatewayId": "tgw-1"}], set()),
    ([{"cidrBlock": cidr, "transitGatewayId": "tgw-1"} for cidr in ("0.0.0.0/1", "128.0.0.0/1")], {"ipv4"}),
    ([{"ipv6CidrBlock": "::/0", "egressOnlyGatewayId": "eigw-1"}], set()),
    ([{"destinationPrefixListId": "pl-1", "gatewayId": "vpce-1"}], set()),
    ([{"destinationPrefixListId": "pl-1", "natGatewayId": "nat-1"}], None),
]


@pytest.mark.parametrize(("routes", "leads_out"), ROUTES)
def test_the_families_that_leave_are_read_from_the_routes(
    routes: list[dict[str, str]], leads_out: set[str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A subnet of the mocks has no IPv6 range: nothing leaves it over IPv6."""
    table = answers.usual("aws:ec2/getRouteTable:getRouteTable")

    def with_routes(context: Any, given: Any) -> dict[str, Any]:
        found = table(context, given)
        empty = dict.fromkeys(found["routes"][0], "")
        return {**found, "routes": [{**empty, **route} for route in routes]}

    monkeypatch.setitem(answers.ANSWERS, "aws:ec2/getRouteTable:getRouteTable", with_routes)
    read: list[frozenset[str] | None] = []

    def program() -> None:
        parent = pulumi.ComponentResource("tests:index:Parent", "parent")
        lookups.subnet(SUBNETS[0], VPC, "rtb-0", parent).apply(lambda subnet: read.append(subnet.leads_out))

    declare(program)
    assert read == [leads_out if leads_out is None else frozenset(leads_out)]


@pytest.mark.parametrize("asked", [{"private_dns": True}, {"endpoints": ["logs"]}])
def test_names_in_a_vpc_without_dns_are_refused_at_deployment(
    asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    without = FoundVpc("10.0.0.0/16", "", "rtb-0", has_dns=False)
    monkeypatch.setattr(lookups, "vpc", lambda *_: pulumi.Output.from_input(without))
    args: Any = {"vpc_id": VPC, "subnet_ids": ["subnet-1"], **asked}
    with pytest.raises(ProgramError, match="enableDnsSupport and enableDnsHostnames"):
        declare(lambda: PrivateNetwork("network", args))


def test_a_public_subnet_may_be_public_but_must_be_theirs() -> None:
    public = replace(FOUND, id="subnet-2", internet_gateway_id="igw-1")
    assert checked(FOUND, public=[public])
    with pytest.raises(ArgumentError, match="public_subnet_ids: got 'subnet-2'; it lies in vpc-2"):
        checked(FOUND, public=[replace(public, vpc_id="vpc-2")])


@pytest.mark.parametrize(
    ("changes", "key", "want"),
    [
        ({"subnet_ids": None}, "subnet_ids", "both"),
        ({"vpc_id": None}, "vpc_id", "both"),
        ({"zones": ["eu-west-1a"]}, "zones", "leave it out"),
        ({"cidr": "10.0.0.0/16"}, "cidr", "leave it out"),
        ({"nat_instance": {"disk_gib": 4}}, "nat_instance", "leave it out"),
        ({"flow_logs_retention_days": 7}, "flow_logs_retention_days", "leave it out"),
        ({"alarm_topic_arn": "arn:aws:sns:eu-west-1:123456789012:alarms"}, "alarm_topic_arn", "leave it out"),
        ({"endpoints": ["s3"]}, "endpoints", "it would admit nothing"),
    ],
)
def test_what_would_change_it_is_refused(changes: dict[str, Any], key: str, want: str) -> None:
    error = str(refusal(lambda: PrivateNetwork("network", arguments(**changes))))
    assert f"PrivateNetwork: {key}: " in error
    assert want in error
