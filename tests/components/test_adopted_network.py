"""A network that exists: looked up, checked, and not changed."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.arguments.errors import ArgumentError, ArgumentErrors
from components.aws_lookups.networks import FoundSubnet, FoundVpc, find_subnet
from components.fargate_backend import FargateBackend
from components.network.adopted_vpc import Demands, check
from components.private_network import PrivateNetwork
from components.testing.recorder import Graph
from tests.components.test_private_network import network
from tests.helpers import mocks as answers
from tests.helpers.declare import ProgramError, declare, names, one

VPC = "vpc-0123456789abcdef0"
SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]


TABLE = "aws:ec2/getRouteTable:getRouteTable"
TABLES = "aws:ec2/getRouteTables:getRouteTables"


@pytest.fixture(autouse=True)
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Any], None]:
    """`answer(token, …)` gives a lookup another answer. The made-up subnets lie in the VPC of these tests."""

    def set_answer(token: str, of: Any) -> None:
        usual = answers.usual(token)
        monkeypatch.setitem(
            answers.ANSWERS, token, lambda made, given: {**usual(made, given), **of(usual(made, given))}
        )

    set_answer("aws:ec2/getSubnet:getSubnet", lambda _: {"vpcId": VPC})
    return set_answer


def adopted(**changes: Any) -> Graph:
    return network(zones=None, **{"vpc_id": VPC, "subnet_ids": SUBNETS, **changes})


def test_nothing_is_made_unasked_and_the_face_is_the_same() -> None:
    graph = adopted(egress=["nat-gateway"])
    assert [resource.kind for resource in graph] == ["PrivateNetwork"]
    found = {key: graph.exports[key] for key in ("vpc_id", "private_subnet_ids", "vpc_cidr", "public_subnet_ids")}
    assert found == {
        "vpc_id": VPC,
        "private_subnet_ids": SUBNETS,
        "vpc_cidr": "10.0.0.0/16",
        "public_subnet_ids": [],
    }
    assert len(graph.exports["zones"]) == len(graph.exports["zone_ids"]) == 2
    assert graph.exports["nat_public_ips"] == []
    assert graph.exports.get("s3_prefix_list_id") is None
    assert adopted(egress=["s3-packages"]).exports["s3_prefix_list_id"].startswith("pl-")


def test_endpoints_and_a_door_are_added_when_asked_for() -> None:
    graph = adopted(endpoints=["ssm", "s3"], readable_buckets=["images"], route_table_ids=["rtb-00000001"])
    assert names(graph, "VpcEndpoint") == ["network-endpoint-ssm", "network-s3"]
    assert one(graph, "VpcEndpoint", "network-s3").inputs["routeTableIds"] == ["rtb-00000001"]
    assert one(graph, "VpcEndpoint", "network-endpoint-ssm").inputs["subnetIds"] == SUBNETS[:1]
    assert one(graph, "SecurityGroupIngressRule").inputs["cidrIpv4"] == "10.0.0.0/16"
    assert len([made for made in graph if made.custom]) == 4
    assert names(adopted(instance_connect=True), "InstanceConnectEndpoint") == ["network-connect"]


def test_a_public_subnet_is_refused_at_deployment(answer: Callable[[str, Any], None]) -> None:
    answer(TABLE, lambda found: {"routes": [*found["routes"], {**found["routes"][0], "gatewayId": "igw-1"}]})
    with pytest.raises(ProgramError, match=f"subnet_ids: got '{SUBNETS[0]}'; it is public: .* has a route to igw-1"):
        adopted()


@pytest.mark.parametrize("named", [["rtb-76bef661"], []])
def test_a_subnet_follows_the_route_table_that_names_it_or_the_main_one(
    answer: Callable[[str, Any], None], named: list[str]
) -> None:
    answer(TABLES, lambda _: {"ids": named})
    graph = adopted()
    main = next(invoke.result["mainRouteTableId"] for invoke in graph.invokes if invoke.token.endswith("getVpc"))
    assert graph.exports["private_route_table_ids"] == 2 * (named or [main])
    asked = [invoke.arguments for invoke in graph.invokes if invoke.token == TABLES]
    assert {entry["filters"][0]["values"][0] for entry in asked} == set(SUBNETS)


def test_nothing_gets_hold_of_a_network_that_is_refused() -> None:
    seen: list[Any] = []

    def program() -> None:
        made = PrivateNetwork("network", {"vpc_id": "vpc-d9583520", "subnet_ids": SUBNETS})
        for output in (made.vpc_id, made.private_subnet_ids, made.zones, made.private_route_table_ids):
            output.apply(seen.append)

    with pytest.raises(ProgramError, match=f"it lies in {VPC}; name subnets of vpc-d9583520"):
        declare(program)
    assert seen == []


FOUND = FoundSubnet(
    id="subnet-00000001",
    vpc_id=VPC,
    zone="us-east-1a",
    zone_id="use1-az1",
    ipv6_cidr="",
    route_table_id="rtb-00000001",
    internet_gateway_id="",
    leads_out=frozenset({"ipv4"}),
)


def checked(*private: FoundSubnet, public: Sequence[FoundSubnet] = (), has_dns: bool = True, **demands: Any) -> bool:
    vpc = FoundVpc("10.0.0.0/16", "", "rtb-00000000", has_dns=has_dns)
    wanted = Demands(**demands)
    return check(
        "PrivateNetwork", vpc_id=VPC, vpc=vpc, private=private, public=public, region="us-east-1", demands=wanted
    )


def leading(*families: str) -> FoundSubnet:
    return replace(FOUND, leads_out=frozenset(families))


OTHER = replace(FOUND, id="subnet-00000002")
PUBLIC = replace(OTHER, internet_gateway_id="igw-1")
FAR = replace(FOUND, zone_id="use1-az3")
BOTH = ["ipv6", "nat-instance"]


@pytest.mark.parametrize(
    ("private", "demands", "words"),
    [
        ([FOUND], {"public": [FOUND], "dns": True, "vpc_link": True, "egress": ["nat-gateway"]}, ""),
        ([FOUND], {"has_dns": False, "dns": True}, "enableDnsSupport and enableDnsHostnames"),
        ([FOUND], {"has_dns": False}, ""),
        ([FOUND, OTHER], {}, "'subnet-00000002'; it lies in us-east-1a, as subnet-00000001 does; name one subnet"),
        ([FOUND, replace(OTHER, zone="us-east-1b")], {}, ""),
        ([leading()], {"egress": ["nat-gateway"]}, "no route for 0.0.0.0/0.* take nat-gateway out of egress"),
        ([leading("ipv4")], {"egress": ["ipv6"]}, "no route for ::/0.* take ipv6 out of egress"),
        ([leading("ipv6")], {"egress": BOTH}, "egress is nat-instance.* take nat-instance out of egress"),
        ([leading("ipv4", "ipv6")], {"egress": BOTH}, ""),
        ([leading("ipv4")], {"egress": []}, ""),
        ([leading()], {"egress": ["s3-packages"]}, ""),
        ([replace(FOUND, leads_out=None)], {"egress": ["ipv6", "nat-gateway"]}, ""),
        ([FAR], {"vpc_link": True}, "use1-az3, which serves no VPC links; name subnets in use1-az1, "),
        ([FAR], {}, ""),
        ([FOUND], {"ipv6": True}, "it has no IPv6 range, and the backend has an IPv6 address"),
        ([replace(FOUND, ipv6_cidr="2001:db8::/64")], {"ipv6": True}, ""),
        ([FOUND], {"public": [PUBLIC]}, ""),
        (
            [FOUND],
            {"public": [replace(PUBLIC, vpc_id="vpc-00000002")]},
            "public_subnet_ids: got 'subnet-00000002'; it lies in vpc-00000002",
        ),
    ],
)
def test_what_does_not_serve_is_refused(private: list[FoundSubnet], demands: dict[str, Any], words: str) -> None:
    with pytest.raises(ArgumentError, match=words) if words else contextlib.nullcontext():
        assert checked(*private, **demands)


def test_all_mistakes_of_a_network_are_named_at_once() -> None:
    wrong = replace(PUBLIC, vpc_id="vpc-00000002")
    with pytest.raises(ArgumentErrors) as refused:
        checked(FOUND, wrong, has_dns=False, dns=True)
    assert [detail["property_path"] for detail in refused.value.errors or []] == [*["subnet_ids"] * 3, "vpc_id"]


@pytest.mark.parametrize(
    ("routes", "leads_out"),
    [
        ([{"cidrBlock": "0.0.0.0/0", "natGatewayId": "nat-1"}], {"ipv4"}),
        ([{"cidrBlock": "0.0.0.0/1", "transitGatewayId": "tgw-1"}], set()),
        ([{"cidrBlock": cidr, "transitGatewayId": "tgw-1"} for cidr in ("0.0.0.0/1", "128.0.0.0/1")], {"ipv4"}),
        # A subnet of the mocks has no IPv6 range: nothing leaves it over IPv6.
        ([{"ipv6CidrBlock": "::/0", "egressOnlyGatewayId": "eigw-1"}], set()),
        ([{"destinationPrefixListId": "pl-00000001", "gatewayId": "vpce-00000001"}], set()),
        ([{"destinationPrefixListId": "pl-00000001", "natGatewayId": "nat-1"}], None),
    ],
)
def test_the_families_that_leave_are_read_from_the_routes(
    routes: list[dict[str, str]], leads_out: set[str] | None, answer: Callable[[str, Any], None]
) -> None:
    answer(TABLE, lambda found: {"routes": [dict.fromkeys(found["routes"][0], "") | route for route in routes]})
    read: list[frozenset[str] | None] = []

    def program() -> None:
        parent = pulumi.ComponentResource("tests:index:Parent", "parent")
        find_subnet(SUBNETS[0], VPC, "rtb-00000000", parent).apply(lambda subnet: read.append(subnet.leads_out))

    declare(program)
    assert read == [leads_out if leads_out is None else frozenset(leads_out)]


@pytest.mark.parametrize("asked", [{"private_dns": True}, {"endpoints": ["logs"]}])
def test_names_in_a_vpc_without_dns_are_refused_at_deployment(
    asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    without = FoundVpc("10.0.0.0/16", "", "rtb-00000000", has_dns=False)
    monkeypatch.setattr("components.network.adopted_vpc.find_vpc", lambda *_: pulumi.Output.from_input(without))
    args: Any = {"vpc_id": VPC, "subnet_ids": ["subnet-00000001"], **asked}
    with pytest.raises(ProgramError, match="enableDnsSupport and enableDnsHostnames"):
        declare(lambda: PrivateNetwork("network", args))


def adopt_by_reference(**changes: Any) -> Graph:
    """A network whose VPC and lists are outputs of another stack."""

    def program() -> None:
        other = pulumi.StackReference("organization/network/prod")
        ids = {"vpc_id": other.require_output("vpcId"), "subnet_ids": other.require_output("subnetIds")}
        made = PrivateNetwork("network", {**ids, "egress": ["nat-gateway"], **changes})
        FargateBackend("backend", {"image": "nginx:1.29", "port": 80, **made.client()})
        for key in ("vpc_id", "private_subnet_ids", "zones", "zone_ids", "private_route_table_ids"):
            pulumi.export(key, getattr(made, key))

    return declare(program)


@pytest.fixture
def other_stack(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[str]], None]:
    def set_subnets(subnet_ids: list[str]) -> None:
        outputs = {"outputs": {"vpcId": VPC, "subnetIds": subnet_ids}}
        monkeypatch.setitem(answers.OUTPUTS, "pulumi:pulumi:StackReference", outputs)

    return set_subnets


def test_the_subnets_of_another_stack_are_adopted_as_plain_ones_are(other_stack: Callable[[list[str]], None]) -> None:
    other_stack(SUBNETS)
    graph = adopt_by_reference(endpoints=["ssm", "s3"], endpoint_zones="all", readable_buckets=["images"])
    plain = adopted(egress=["nat-gateway"])
    for key in ("vpc_id", "private_subnet_ids", "zones", "zone_ids", "private_route_table_ids"):
        assert graph.exports[key] == plain.exports[key]
    assert one(graph, "Service").inputs["networkConfiguration"]["subnets"] == SUBNETS
    assert one(graph, "VpcEndpoint", "network-endpoint-ssm").inputs["subnetIds"] == SUBNETS
    assert one(graph, "VpcEndpoint", "network-s3").inputs["routeTableIds"] == graph.exports["private_route_table_ids"]
    assert one(adopt_by_reference(instance_connect=True), "InstanceConnectEndpoint").inputs["subnetId"] == SUBNETS[0]
    single = adopt_by_reference(endpoints=["ssm"])
    assert one(single, "VpcEndpoint", "network-endpoint-ssm").inputs["subnetIds"] == SUBNETS[:1]


def test_the_subnets_of_another_stack_are_checked_with_the_same_words(
    other_stack: Callable[[list[str]], None], answer: Callable[[str, Any], None]
) -> None:
    other_stack(SUBNETS)
    answer(TABLE, lambda found: {"routes": [{**found["routes"][0], "gatewayId": "igw-1"}]})
    with pytest.raises(ProgramError, match=f"subnet_ids: got '{SUBNETS[0]}'; it is public: .* has a route to igw-1"):
        adopt_by_reference()
    other_stack([])
    with pytest.raises(ProgramError, match=r"subnet_ids: got \[\]; "):
        adopt_by_reference()
    other_stack(["a subnet"])
    with pytest.raises(ProgramError, match=r"subnet_ids.*got 'a subnet'; "):
        adopt_by_reference()


def test_a_network_without_the_way_out_that_it_shall_have_is_refused(answer: Callable[[str, Any], None]) -> None:
    answer(TABLE, lambda _: {"routes": []})
    with pytest.raises(ProgramError, match="egress"):
        adopted(egress=["nat-gateway"])
    # Named tables may have routes that no lookup shows.
    adopted(egress=["nat-gateway"], route_table_ids=["rtb-0123456789abcdef0"])
