"""The network: closed but for what it is asked to open, and nothing made that nothing needs."""

import json
from typing import Any

import pulumi
import pytest

from components.private_network import PrivateNetwork
from components.recording.resources import Resource
from components.testing.recorder import Graph
from tests.helpers.declare import assert_tidy, changed, declare, inputs, names, one
from tests.helpers.policies import allows

ZONES = ["eu-west-1a", "eu-west-1b"]
OUTPUTS = sorted(PrivateNetwork.__annotations__)


def network(*, known: bool = True, region: str = "eu-west-1", **changes: Any) -> Graph:
    def program() -> None:
        made = PrivateNetwork("network", changed({"zones": ZONES}, changes))
        for output in OUTPUTS:
            pulumi.export(output, getattr(made, output))

    return declare(program, known=known, region=region)


TARGETS = ("gatewayId", "natGatewayId", "networkInterfaceId", "egressOnlyGatewayId")


def routes(graph: Graph) -> dict[str, tuple[str, str]]:
    """Destination and target, by name."""
    found = {}
    for route in (each for each in graph if each.kind == "Route"):
        to = route.inputs.get("destinationCidrBlock") or route.inputs["destinationIpv6CidrBlock"]
        found[route.name] = (to, next(key for key in TARGETS if key in route.inputs))
    return found


def endpoint(graph: Graph, service: str) -> Resource:
    return next(item for item in graph if item.kind == "VpcEndpoint" and item.inputs["serviceName"].endswith(service))


EVERYTHING: dict[str, Any] = {
    "egress": ["ipv6", "nat-instance", "nat-gateway"],
    "nat_gateways": "one-per-zone",
    "endpoints": ["ssm", "ecr.api", "ecr.dkr"],
    "instance_connect": True,
    "flow_logs_retention_days": 7,
}


def test_children_are_tidy_and_say_what_they_are() -> None:
    graph = network(**EVERYTHING, tags={"team": "gate"})
    assert_tidy(graph)
    for resource in graph:
        tags = resource.inputs.get("tags")
        if resource.custom and isinstance(tags, dict) and not resource.kind.endswith("Rule"):
            assert tags["team"] == "gate", resource.urn
            assert tags["Name"].startswith("network-"), resource.urn
    assert one(graph, "Subnet", "network-private-1").inputs["tags"]["Name"] == "network-private-1"


# --- closed


def test_one_egress_mode_may_be_a_word() -> None:
    assert routes(network(egress="nat-gateway")) == routes(network(egress=["nat-gateway"]))


def test_without_egress_nothing_leads_out() -> None:
    graph = network()
    kinds = {resource.kind for resource in graph if resource.custom}
    assert kinds == {"Vpc", "DefaultSecurityGroup", "Subnet", "RouteTable", "RouteTableAssociation"}
    assert graph.exports["public_subnet_ids"] == graph.exports["nat_public_ips"] == []
    assert graph.exports.get("s3_prefix_list_id") is None
    made = inputs(graph)
    assert made["network-vpc"] == {
        "assignGeneratedIpv6CidrBlock": True,
        "cidrBlock": "10.0.0.0/16",
        "enableDnsSupport": True,
        "enableDnsHostnames": True,
    }
    (group,) = (each for each in graph if each.kind == "DefaultSecurityGroup")
    assert (group.inputs["ingress"], group.inputs["egress"]) == ([], [])
    subnets = [each for each in graph if each.kind == "Subnet"]
    assert [subnet.name for subnet in subnets] == ["network-private-1", "network-private-2"]
    for subnet, zone in zip(subnets, ZONES, strict=True):
        assert subnet.inputs["availabilityZone"] == zone
        assert subnet.inputs["mapPublicIpOnLaunch"] is False
        assert not subnet.inputs.get("assignIpv6AddressOnCreation")
        # As long as the group of a function that leaves its interfaces behind.
        assert subnet.options.custom_timeouts["delete"] == "60m"
    tables = {made[f"{subnet.name}-association"]["routeTableId"] for subnet in subnets}
    assert len(tables) == 2
    assert (graph.exports["zones"], graph.exports["zone_ids"]) == (ZONES, ["euw1-az1", "euw1-az2"])


def test_no_private_subnet_leads_to_an_internet_gateway_or_gives_public_addresses() -> None:
    graph = network(**EVERYTHING)
    private = {one(graph, "RouteTable", f"network-private-{position}-routes").id for position in (1, 2)}
    for route in (each for each in graph if each.kind == "Route" and each.inputs["routeTableId"] in private):
        assert "gatewayId" not in route.inputs
    assert all(not item.inputs["mapPublicIpOnLaunch"] for item in graph if item.kind == "Subnet")


def test_a_zone_that_is_added_changes_nothing_that_stands() -> None:
    before, after = network(egress=["nat-instance"]), network(egress=["nat-instance"], zones=[*ZONES, "eu-west-1c"])
    for urn, resource in before.resources.items():
        if resource.kind not in ("PrivateNetwork", "VpcEndpoint"):
            assert after.resources[urn].inputs == resource.inputs


# --- ways out


def test_a_nat_instance_carries_ipv4_from_every_zone() -> None:
    topic = "arn:aws:sns:eu-west-1:123456789012:alarms"
    size = {"instance_type": "t4g.small", "disk_gib": 4, "image_id": "ami-0123456789abcdef0"}
    graph = network(egress=["nat-instance"], nat_instance=size, alarm_topic_arn=topic)
    assert routes(graph) == {
        "network-private-1-ipv4": ("0.0.0.0/0", "networkInterfaceId"),
        "network-private-2-ipv4": ("0.0.0.0/0", "networkInterfaceId"),
        "network-public-ipv4": ("0.0.0.0/0", "gatewayId"),
    }
    assert graph.exports["nat_public_ips"] == [one(graph, "Eip").state["publicIp"]]
    instance, interface = one(graph, "Instance"), one(graph, "NetworkInterface")
    assert (instance.inputs["instanceType"], instance.inputs["ami"]) == ("t4g.small", size["image_id"])
    assert instance.inputs["rootBlockDevice"]["volumeSize"] == 4
    assert one(graph, "MetricAlarm", "network-nat-down").inputs["alarmActions"] == [topic]
    assert interface.inputs["subnetId"] == one(graph, "Subnet", "network-public-1").id
    assert one(graph, "Route", "network-public-ipv4").urn in interface.dependencies
    # The provider would detach it from an old VPC first, which AWS refuses.
    assert one(graph, "InternetGateway").options.replace_on_changes == ("vpcId",)
    for position in (1, 2):
        assert instance.urn in one(graph, "Route", f"network-private-{position}-ipv4").dependencies


def test_one_nat_gateway_serves_every_zone_unless_each_is_to_have_its_own() -> None:
    graph = network(egress=["nat-gateway"])
    gateway = one(graph, "NatGateway")
    assert {one(graph, "Route", f"network-private-{n}-ipv4").inputs["natGatewayId"] for n in (1, 2)} == {gateway.id}
    assert one(graph, "Route", "network-public-ipv4").urn in gateway.dependencies
    several = network(egress=["nat-gateway"], nat_gateways="one-per-zone")
    for n in (1, 2):
        own = one(several, "NatGateway", f"network-nat-gateway-{n}")
        assert one(several, "Route", f"network-private-{n}-ipv4").inputs["natGatewayId"] == own.id
        assert own.inputs["subnetId"] == one(several, "Subnet", f"network-public-{n}").id
    assert len(set(several.exports["nat_public_ips"])) == 2


def test_a_regional_nat_gateway_serves_every_zone_and_stands_in_no_subnet() -> None:
    graph = network(egress=["nat-gateway"], nat_gateways="regional")
    gateway = one(graph, "NatGateway")
    assert names(graph, "Subnet") == ["network-private-1", "network-private-2"]
    assert graph.exports["public_subnet_ids"] == []
    assert {one(graph, "Route", f"network-private-{n}-ipv4").inputs["natGatewayId"] for n in (1, 2)} == {gateway.id}
    assert (gateway.inputs["availabilityMode"], gateway.inputs["vpcId"]) == ("regional", one(graph, "Vpc").id)
    assert not {"subnetId", "allocationId"} & gateway.inputs.keys()
    addresses = [one(graph, "Eip", f"network-nat-gateway-regional-{n}-address") for n in (1, 2)]
    assert gateway.inputs["availabilityZoneAddresses"] == [
        {"availabilityZone": zone, "allocationIds": [address.state["allocationId"]]}
        for zone, address in zip(("eu-west-1a", "eu-west-1b"), addresses, strict=True)
    ]
    assert graph.exports["nat_public_ips"] == [address.state["publicIp"] for address in addresses]
    assert one(graph, "InternetGateway").urn in gateway.dependencies


@pytest.mark.parametrize("gateways", ["one", "regional"])
def test_while_both_kinds_of_nat_stand_the_gateway_carries(gateways: str) -> None:
    graph = network(egress=["nat-instance", "nat-gateway"], nat_gateways=gateways)
    assert routes(graph)["network-private-1-ipv4"] == ("0.0.0.0/0", "natGatewayId")
    assert names(graph, "Instance") == ["network-nat-instance"]
    assert len(set(graph.exports["nat_public_ips"])) == (2 if gateways == "one" else 3)
    assert "network-public-1" in names(graph, "Subnet")


def test_ipv6_leads_out_and_nothing_in() -> None:
    graph = network(egress=["ipv6"])
    assert routes(graph) == {f"network-private-{n}-ipv6": ("::/0", "egressOnlyGatewayId") for n in (1, 2)}
    vpc = one(graph, "Vpc")
    assert vpc.inputs["assignGeneratedIpv6CidrBlock"] is True
    prefix = vpc.state["ipv6CidrBlock"].removesuffix("00::/56")
    for at, subnet in enumerate(each for each in graph if each.kind == "Subnet"):
        assert subnet.inputs["ipv6CidrBlock"] == f"{prefix}0{at}::/64"
        assert (subnet.inputs["assignIpv6AddressOnCreation"], subnet.inputs["enableDns64"]) == (True, False)
    assert names(graph, "InternetGateway") == []
    acl = one(graph, "NetworkAcl").inputs
    assert acl["subnetIds"] == graph.exports["private_subnet_ids"]
    for direction in ("ingress", "egress"):
        entries = [(entry.get("cidrBlock"), entry.get("ipv6CidrBlock"), entry["action"]) for entry in acl[direction]]
        assert entries == [("0.0.0.0/0", None, "allow"), (None, "::/0", "allow")]


# --- endpoints


def test_the_free_gateway_endpoints_come_with_any_egress() -> None:
    for egress in ("s3-packages", "ipv6", "nat-instance", "nat-gateway"):
        graph = network(egress=[egress])
        for service in ("s3", "dynamodb"):
            made = endpoint(graph, service)
            assert made.inputs["vpcEndpointType"] == "Gateway"
            assert made.inputs["routeTableIds"] == graph.exports["private_route_table_ids"]
            assert graph.exports[f"{service}_prefix_list_id"] == made.state["prefixListId"]
        assert set(graph.exports["endpoint_ids"]) == {"s3", "dynamodb"}


def test_with_s3_packages_alone_the_endpoint_admits_packages_and_named_buckets() -> None:
    region = "ap-southeast-2"
    graph = network(region=region, zones=[f"{region}a"], egress=["s3-packages"], readable_buckets=["images"])
    policy, tables = (endpoint(graph, service).inputs["policy"] for service in ("s3", "dynamodb"))

    def admits(bucket: str, action: str = "s3:GetObject") -> bool:
        return allows(policy, action=action, resource=f"arn:aws:s3:::{bucket}/key").allowed

    assert admits(f"al2023-repos-{region}-de612dc2")
    assert admits("images")
    for other in ("al2023-repos-us-west-2-de612dc2", f"prod-{region}-starport-layer-bucket", "anything"):
        assert not admits(other)
    assert not admits("images", "s3:PutObject")
    for account, admitted in (("123456789012", True), ("1", False)):
        table = f"arn:aws:dynamodb:{region}:{account}:table/t"
        assert allows(tables, action="dynamodb:GetItem", resource=table).allowed is admitted
    # Without egress a bucket can still be read, and nothing else.
    closed = network(readable_buckets=["images"])
    assert json.loads(endpoint(closed, "s3").inputs["policy"])["Statement"][0]["Resource"] == ["arn:aws:s3:::images/*"]
    assert "dynamodb" not in closed.exports["endpoint_ids"]


@pytest.mark.parametrize(
    ("changes", "admitted"),
    [
        ({"endpoints": ["ecr.api", "ecr.dkr"]}, True),
        ({"egress": ["s3-packages"], "ecr_layers": True}, True),
        ({"egress": ["s3-packages"]}, False),
        ({"egress": ["s3-packages"], "endpoints": ["ecr.dkr"], "ecr_layers": False}, False),
    ],
)
def test_ecr_layers_are_admitted_where_images_are_pulled(changes: dict[str, Any], admitted: bool) -> None:
    policy = endpoint(network(**changes), ".s3").inputs["policy"]
    layer = "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/layer"
    assert allows(policy, action="s3:GetObject", resource=layer).allowed is admitted


@pytest.mark.parametrize(("zones", "number"), [("one", 1), ("all", 2)])
def test_interface_endpoints_answer_the_vpc_alone_and_stand_where_they_are_asked_to(zones: str, number: int) -> None:
    graph = network(endpoints=["ssm", "ecr.api"], endpoint_zones=zones)
    for service in ("ssm", "ecr.api"):
        found = {key: value for key, value in endpoint(graph, service).inputs.items() if key != "tags"}
        assert found == {
            "vpcId": graph.exports["vpc_id"],
            "serviceName": f"com.amazonaws.eu-west-1.{service}",
            "vpcEndpointType": "Interface",
            "privateDnsEnabled": True,
            "subnetIds": graph.exports["private_subnet_ids"][:number],
            "securityGroupIds": [graph.exports["endpoint_security_group_id"]],
        }
    rule = one(graph, "SecurityGroupIngressRule").inputs
    assert (rule["cidrIpv4"], rule["fromPort"], rule["toPort"]) == ("10.0.0.0/16", 443, 443)
    assert names(graph, "SecurityGroupEgressRule") == []


# --- what else


def test_whatever_uses_a_private_subnet_waits_for_its_ways_out() -> None:
    def program() -> None:
        args: Any = {"zones": ZONES, "egress": ["nat-instance", "ipv6"], "endpoints": ["ssm"]}
        first = PrivateNetwork("network", args).private_subnet_ids.apply(lambda ids: ids[0])
        pulumi.CustomResource("aws:ec2/instance:Instance", "app", {"subnetId": first})

    graph = declare(program)
    waited_for = {graph.resources[urn].name for urn in one(graph, "Instance", "app").dependencies}
    own = {f"network-private-1{end}" for end in ("", "-association", "-ipv4", "-ipv6")}
    assert own | {"network-s3", "network-endpoint-ssm"} <= waited_for


def test_flow_logs_are_kept_as_long_as_asked_and_written_by_their_service_alone() -> None:
    graph = network(flow_logs_retention_days=14)
    log, group = one(graph, "FlowLog").inputs, one(graph, "LogGroup")
    assert (log["trafficType"], log["vpcId"], log["logDestination"]) == (
        "ALL",
        one(graph, "Vpc").id,
        group.state["arn"],
    )
    assert group.inputs["retentionInDays"] == 14
    trust, document = one(graph, "Role").inputs["assumeRolePolicy"], one(graph, "RolePolicy").inputs["policy"]
    for account, allowed in (("123456789012", True), ("1", False)):
        asked: Any = {"principal": "vpc-flow-logs.amazonaws.com", "context": {"aws:SourceAccount": account}}
        assert allows(trust, action="sts:AssumeRole", **asked).allowed is allowed
    for resource, allowed in ((f"{group.state['arn']}:*", True), ("arn:aws:logs:eu-west-1:1:log-group:other:*", False)):
        assert allows(document, action="logs:PutLogEvents", resource=resource).allowed is allowed


def test_instance_connect_is_a_door_that_opens_nowhere_by_itself() -> None:
    graph = network(instance_connect=True)
    door = one(graph, "InstanceConnectEndpoint").inputs
    assert door["securityGroupIds"] == [graph.exports["instance_connect_security_group_id"]]
    assert door["preserveClientIp"] is False
    assert names(graph, "SecurityGroupIngressRule") == names(graph, "SecurityGroupEgressRule") == []


@pytest.mark.parametrize(
    ("region", "zones", "ids"),
    [
        ("us-east-1", 4, ["use1-az1", "use1-az2", "use1-az4", "use1-az5"]),
        ("eu-west-1", [f"eu-west-1{letter}" for letter in "abcd"], ["euw1-az1", "euw1-az2", "euw1-az3", "euw1-az4"]),
    ],
)
def test_the_mocks_know_more_than_three_zones(region: str, zones: Any, ids: list[str]) -> None:
    assert network(region=region, zones=zones).exports["zone_ids"] == ids


def test_zones_by_number_stay_if_aws_returns_others_later() -> None:
    """A change of the zone would replace the subnets with all that is in them."""
    for zones, ignored in ((2, ("availabilityZone",)), (ZONES, ())):
        assert one(network(zones=zones), "Subnet", "network-private-1").options.ignore_changes == ignored
