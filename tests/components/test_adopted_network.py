"""A network that exists: looked up, checked, and not changed."""

from typing import Any

import pulumi
import pytest

from components import lookups
from components.arguments import ArgumentError
from components.lookups import FoundSubnet, FoundVpc
from components.network.adopted_vpc import check
from components.private_network import PrivateNetwork
from review.evaluate.mocks import lookups as answers
from review.evaluate.runner import ProgramError
from review.graph import Graph
from tests.components.declare import declare, names, one, refusal

VPC = "vpc-0123456789abcdef0"
SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
OUTPUTS = sorted(PrivateNetwork.__annotations__)


@pytest.fixture(autouse=True)
def their_vpc(monkeypatch: pytest.MonkeyPatch) -> None:
    """The made-up subnets lie in the VPC of these tests."""
    subnet = answers.ANSWERS["aws:ec2/getSubnet:getSubnet"]
    monkeypatch.setitem(
        answers.ANSWERS, "aws:ec2/getSubnet:getSubnet", lambda made, given: {**subnet(made, given), "vpcId": VPC}
    )


def arguments(**changes: Any) -> Any:
    given = {"vpc_id": VPC, "subnet_ids": SUBNETS, **changes}
    return {key: value for key, value in given.items() if value is not None}


def adopted(*, known: bool = True, **changes: Any) -> Graph:
    def program() -> None:
        made = PrivateNetwork("network", arguments(**changes))
        for output in OUTPUTS:
            pulumi.export(output, getattr(made, output))

    return declare(program, known=known)


def test_nothing_is_made_and_the_face_is_the_same() -> None:
    graph = adopted(egress=["nat-gateway"])
    assert [resource.kind for resource in graph] == ["PrivateNetwork"]
    assert graph.exports["vpc_id"] == VPC
    assert graph.exports["private_subnet_ids"] == SUBNETS
    assert graph.exports["vpc_cidr"] == "10.0.0.0/16"
    assert len(graph.exports["zones"]) == len(graph.exports["zone_ids"]) == 2
    assert all(table.startswith("rtb-") for table in graph.exports["private_route_table_ids"])
    assert graph.exports["public_subnet_ids"] == graph.exports["nat_public_ips"] == []


@pytest.mark.parametrize("changes", [{}, {"endpoints": ["ssm", "s3"], "readable_buckets": ["images"]}])
def test_the_same_is_declared_when_nothing_is_known(changes: dict[str, Any]) -> None:
    assert list(adopted(**changes).resources) == list(adopted(known=False, **changes).resources)


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
    table = answers.ANSWERS["aws:ec2/getRouteTable:getRouteTable"]

    def open_to_the_world(made: Any, given: Any) -> dict[str, Any]:
        found = table(made, given)
        return {**found, "routes": [*found["routes"], {**found["routes"][0], "gatewayId": "igw-1"}]}

    monkeypatch.setitem(answers.ANSWERS, "aws:ec2/getRouteTable:getRouteTable", open_to_the_world)
    with pytest.raises(ProgramError, match=f"subnet_ids: got '{SUBNETS[0]}'; it is public: .* leads to igw-1"):
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


FOUND = FoundSubnet("subnet-1", VPC, "eu-west-1a", "euw1-az1", "rtb-1", "")
FOUND_VPC = FoundVpc("10.0.0.0/16", "", "rtb-0", has_dns=True)


def test_what_is_found_in_order_passes() -> None:
    assert check("PrivateNetwork", VPC, FOUND_VPC, [FOUND], [FOUND], needs_dns=True)


def test_endpoints_in_a_vpc_without_dns_are_refused() -> None:
    without = FoundVpc("10.0.0.0/16", "", "rtb-0", has_dns=False)
    with pytest.raises(ArgumentError, match="enableDnsSupport and enableDnsHostnames"):
        check("PrivateNetwork", VPC, without, [FOUND], [], needs_dns=True)
    assert check("PrivateNetwork", VPC, without, [FOUND], [], needs_dns=False)


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
    public = FoundSubnet("subnet-2", VPC, "eu-west-1a", "euw1-az1", "rtb-1", "igw-1")
    assert check("PrivateNetwork", VPC, FOUND_VPC, [FOUND], [public], needs_dns=False)
    elsewhere = FoundSubnet("subnet-2", "vpc-2", "eu-west-1a", "euw1-az1", "rtb-1", "igw-1")
    with pytest.raises(ArgumentError, match="public_subnet_ids: got 'subnet-2'; it lies in vpc-2"):
        check("PrivateNetwork", VPC, FOUND_VPC, [FOUND], [elsewhere], needs_dns=False)


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
