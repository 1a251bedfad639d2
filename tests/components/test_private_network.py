"""The network: closed but for what it is asked to open, and nothing made that nothing needs."""

import json
from typing import Any

import pulumi
import pytest

from components.private_network import PrivateNetwork
from tests.helpers.declare import assert_tidy, declare, names, one, refusal
from tests.helpers.declared import Graph, Resource
from tests.helpers.policies import allows

ZONES = ["eu-west-1a", "eu-west-1b"]
OUTPUTS = sorted(PrivateNetwork.__annotations__)


def arguments(**changes: Any) -> Any:
    """A new network's arguments; None takes one away."""
    return {key: value for key, value in {"zones": ZONES, **changes}.items() if value is not None}


def network(*, known: bool = True, region: str = "eu-west-1", **changes: Any) -> Graph:
    def program() -> None:
        made = PrivateNetwork("network", arguments(**changes))
        for output in OUTPUTS:
            pulumi.export(output, getattr(made, output))

    return declare(program, known=known, region=region)


def routes(graph: Graph) -> dict[str, tuple[str, str]]:
    """Destination and target, by name."""
    found = {}
    for route in graph:
        if route.kind == "Route":
            to = route.inputs.get("destinationCidrBlock") or route.inputs["destinationIpv6CidrBlock"]
            target = next(
                key for key in route.inputs if key.endswith(("GatewayId", "InterfaceId")) or key == "gatewayId"
            )
            found[route.name] = (to, target)
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


def test_without_egress_nothing_leads_out() -> None:
    graph = network()
    kinds = {resource.kind for resource in graph if resource.custom}
    assert kinds == {"Vpc", "DefaultSecurityGroup", "Subnet", "RouteTable", "RouteTableAssociation"}
    assert names(graph, "Subnet") == ["network-private-1", "network-private-2"]
    assert graph.exports["public_subnet_ids"] == []
    assert graph.exports["nat_public_ips"] == []
    assert "s3_prefix_list_id" not in {key for key, value in graph.exports.items() if value is not None}


def test_the_default_security_group_lets_nothing_pass() -> None:
    group = one(network(), "DefaultSecurityGroup")
    assert (group.inputs["ingress"], group.inputs["egress"]) == ([], [])


def test_dns_is_on_and_dns64_off() -> None:
    graph = network(egress=["ipv6"])
    vpc = one(graph, "Vpc").inputs
    assert vpc["enableDnsSupport"] is vpc["enableDnsHostnames"] is True
    assert {one(graph, "Subnet", name).inputs["enableDns64"] for name in names(graph, "Subnet")} == {False}


@pytest.mark.parametrize("changes", [{}, EVERYTHING])
def test_no_private_subnet_leads_to_an_internet_gateway_or_gives_public_addresses(changes: dict[str, Any]) -> None:
    graph = network(**changes)
    private = {one(graph, "RouteTable", f"network-private-{position}-routes").id for position in (1, 2)}
    for route in graph:
        if route.kind == "Route" and route.inputs["routeTableId"] in private:
            assert "gatewayId" not in route.inputs
    assert all(not item.inputs["mapPublicIpOnLaunch"] for item in graph if item.kind == "Subnet")


def test_each_zone_has_a_route_table_of_its_own() -> None:
    graph = network(zones=["eu-west-1a", "eu-west-1b", "eu-west-1c"])
    associations = [resource.inputs for resource in graph if resource.kind == "RouteTableAssociation"]
    assert len({entry["routeTableId"] for entry in associations}) == 3
    assert {entry["subnetId"] for entry in associations} == set(graph.exports["private_subnet_ids"])
    assert graph.exports["zones"] == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    assert graph.exports["zone_ids"] == ["euw1-az1", "euw1-az2", "euw1-az3"]


def test_a_zone_that_is_added_changes_nothing_that_stands() -> None:
    before, after = network(egress=["nat-instance"]), network(egress=["nat-instance"], zones=[*ZONES, "eu-west-1c"])
    for urn, resource in before.resources.items():
        if resource.kind not in ("PrivateNetwork", "VpcEndpoint"):
            assert after.resources[urn].inputs == resource.inputs


# --- ways out


def test_a_nat_instance_carries_ipv4_from_every_zone() -> None:
    graph = network(egress=["nat-instance"])
    assert routes(graph) == {
        "network-private-1-ipv4": ("0.0.0.0/0", "networkInterfaceId"),
        "network-private-2-ipv4": ("0.0.0.0/0", "networkInterfaceId"),
        "network-public-ipv4": ("0.0.0.0/0", "gatewayId"),
    }
    assert graph.exports["nat_public_ips"] == [one(graph, "Eip").state["publicIp"]]
    instance = one(graph, "Instance")
    assert instance.inputs["instanceType"] == "t4g.nano"
    interface = one(graph, "NetworkInterface")
    assert interface.inputs["subnetId"] == one(graph, "Subnet", "network-public-1").id
    assert one(graph, "Route", "network-public-ipv4").urn in interface.dependencies
    for position in (1, 2):
        assert instance.urn in one(graph, "Route", f"network-private-{position}-ipv4").dependencies


def test_the_nat_instance_is_of_the_size_that_is_asked_for_and_tells_whom_it_should() -> None:
    topic = "arn:aws:sns:eu-west-1:123456789012:alarms"
    size = {"instance_type": "t4g.small", "disk_gib": 4, "image_id": "ami-0123456789abcdef0"}
    graph = network(egress=["nat-instance"], nat_instance=size, alarm_topic_arn=topic)
    inputs = one(graph, "Instance").inputs
    assert (inputs["instanceType"], inputs["ami"]) == ("t4g.small", "ami-0123456789abcdef0")
    assert inputs["rootBlockDevice"]["volumeSize"] == 4
    assert one(graph, "MetricAlarm", "network-nat-down").inputs["alarmActions"] == [topic]


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


def test_an_instance_beside_a_regional_gateway_keeps_its_public_subnets() -> None:
    graph = network(egress=["nat-instance", "nat-gateway"], nat_gateways="regional")
    assert "network-public-1" in names(graph, "Subnet")
    assert routes(graph)["network-private-1-ipv4"] == ("0.0.0.0/0", "natGatewayId")


def test_while_both_kinds_of_nat_stand_the_gateway_carries() -> None:
    graph = network(egress=["nat-instance", "nat-gateway"])
    assert routes(graph)["network-private-1-ipv4"] == ("0.0.0.0/0", "natGatewayId")
    assert names(graph, "Instance") == ["network-nat-instance"]
    assert len(set(graph.exports["nat_public_ips"])) == 2


def test_ipv6_leads_out_and_nothing_in() -> None:
    graph = network(egress=["ipv6"])
    assert routes(graph) == {
        "network-private-1-ipv6": ("::/0", "egressOnlyGatewayId"),
        "network-private-2-ipv6": ("::/0", "egressOnlyGatewayId"),
    }
    vpc = one(graph, "Vpc")
    assert vpc.inputs["assignGeneratedIpv6CidrBlock"] is True
    assert vpc.state["ipv6CidrBlock"].endswith("00::/56")
    subnets = [one(graph, "Subnet", name).inputs for name in names(graph, "Subnet")]
    prefix = vpc.state["ipv6CidrBlock"].removesuffix("00::/56")
    assert [subnet["ipv6CidrBlock"] for subnet in subnets] == [f"{prefix}00::/64", f"{prefix}01::/64"]
    assert all(subnet["assignIpv6AddressOnCreation"] for subnet in subnets)
    assert names(graph, "InternetGateway") == []


def test_the_network_acl_is_open_for_both_families() -> None:
    graph = network(egress=["ipv6"])
    acl = one(graph, "NetworkAcl").inputs
    assert acl["subnetIds"] == graph.exports["private_subnet_ids"]
    for direction in ("ingress", "egress"):
        entries = [(entry.get("cidrBlock"), entry.get("ipv6CidrBlock"), entry["action"]) for entry in acl[direction]]
        assert entries == [("0.0.0.0/0", None, "allow"), (None, "::/0", "allow")]


def test_without_ipv6_nothing_gets_an_ipv6_address() -> None:
    graph = network(egress=["nat-instance"])
    assert not any(item.inputs.get("assignIpv6AddressOnCreation") for item in graph if item.kind == "Subnet")


# --- endpoints


@pytest.mark.parametrize("egress", [["s3-packages"], ["ipv6"], ["nat-instance"], ["nat-gateway"]])
def test_the_free_gateway_endpoints_come_with_any_egress(egress: list[str]) -> None:
    graph = network(egress=egress)
    for service in ("s3", "dynamodb"):
        found = endpoint(graph, service).inputs
        assert found["vpcEndpointType"] == "Gateway"
        assert found["routeTableIds"] == graph.exports["private_route_table_ids"]
        assert graph.exports[f"{service}_prefix_list_id"] == endpoint(graph, service).state["prefixListId"]
    assert set(graph.exports["endpoint_ids"]) == {"s3", "dynamodb"}


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "ap-southeast-2"])
def test_with_s3_packages_alone_the_endpoint_admits_packages_and_named_buckets(region: str) -> None:
    zones = [f"{region}a", f"{region}b"]
    graph = network(region=region, zones=zones, egress=["s3-packages"], readable_buckets=["images"])
    policy = endpoint(graph, "s3").inputs["policy"]

    def admits(bucket: str, action: str = "s3:GetObject") -> bool:
        return allows(policy, action=action, resource=f"arn:aws:s3:::{bucket}/key").allowed

    assert admits(f"al2023-repos-{region}-de612dc2")
    assert admits(f"packages.{region}.amazonaws.com")
    assert admits("images")
    assert not admits("images", "s3:PutObject")
    assert not admits("al2023-repos-us-west-2-de612dc2")
    assert not admits(f"prod-{region}-starport-layer-bucket")
    assert not admits("anything")
    tables = endpoint(graph, "dynamodb").inputs["policy"]
    assert allows(tables, action="dynamodb:GetItem", resource=f"arn:aws:dynamodb:{region}:123456789012:table/t").allowed
    assert not allows(tables, action="dynamodb:GetItem", resource=f"arn:aws:dynamodb:{region}:1:table/t").allowed


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


def test_without_egress_a_bucket_can_still_be_read() -> None:
    graph = network(readable_buckets=["images"])
    assert json.loads(endpoint(graph, "s3").inputs["policy"])["Statement"][0]["Resource"] == ["arn:aws:s3:::images/*"]
    assert "dynamodb" not in graph.exports["endpoint_ids"]


def test_interface_endpoints_answer_the_vpc_alone_and_stand_in_one_zone() -> None:
    graph = network(endpoints=["ssm", "ecr.api"])
    for service in ("ssm", "ecr.api"):
        found = endpoint(graph, service).inputs
        assert found["vpcEndpointType"] == "Interface"
        assert found["privateDnsEnabled"] is True
        assert found["subnetIds"] == graph.exports["private_subnet_ids"][:1]
        assert found["securityGroupIds"] == [graph.exports["endpoint_security_group_id"]]
    rule = one(graph, "SecurityGroupIngressRule").inputs
    assert (rule["cidrIpv4"], rule["fromPort"], rule["toPort"]) == ("10.0.0.0/16", 443, 443)
    assert names(graph, "SecurityGroupEgressRule") == []


def test_interface_endpoints_stand_in_all_zones_when_asked() -> None:
    graph = network(endpoints=["ssm"], endpoint_zones="all")
    assert endpoint(graph, "ssm").inputs["subnetIds"] == graph.exports["private_subnet_ids"]


# --- what else


def test_whatever_uses_a_private_subnet_waits_for_its_ways_out() -> None:
    def program() -> None:
        made = PrivateNetwork("network", arguments(egress=["nat-instance", "ipv6"], endpoints=["ssm"]))
        first = made.private_subnet_ids.apply(lambda ids: ids[0])
        pulumi.CustomResource("aws:ec2/instance:Instance", "app", {"subnetId": first})

    graph = declare(program)
    waited_for = {graph.resources[urn].name for urn in one(graph, "Instance", "app").dependencies}
    assert {
        "network-private-1",
        "network-private-1-association",
        "network-private-1-ipv4",
        "network-private-1-ipv6",
        "network-s3",
        "network-endpoint-ssm",
    } <= waited_for


def test_flow_logs_are_kept_as_long_as_asked_and_written_by_their_service_alone() -> None:
    graph = network(flow_logs_retention_days=14)
    assert one(graph, "LogGroup").inputs["retentionInDays"] == 14
    log = one(graph, "FlowLog").inputs
    assert (log["trafficType"], log["vpcId"]) == ("ALL", one(graph, "Vpc").id)
    assert log["logDestination"] == one(graph, "LogGroup").state["arn"]
    trust = one(graph, "Role").inputs["assumeRolePolicy"]
    service = "vpc-flow-logs.amazonaws.com"
    assert allows(
        trust, principal=service, action="sts:AssumeRole", context={"aws:SourceAccount": "123456789012"}
    ).allowed
    assert not allows(trust, principal=service, action="sts:AssumeRole", context={"aws:SourceAccount": "1"}).allowed
    document = one(graph, "RolePolicy").inputs["policy"]
    assert allows(document, action="logs:PutLogEvents", resource=f"{log['logDestination']}:*").allowed
    assert not allows(
        document, action="logs:PutLogEvents", resource="arn:aws:logs:eu-west-1:1:log-group:other:*"
    ).allowed


def test_instance_connect_is_a_door_that_opens_nowhere_by_itself() -> None:
    graph = network(instance_connect=True)
    door = one(graph, "InstanceConnectEndpoint").inputs
    assert door["securityGroupIds"] == [graph.exports["instance_connect_security_group_id"]]
    assert door["preserveClientIp"] is False
    assert names(graph, "SecurityGroupIngressRule") == names(graph, "SecurityGroupEgressRule") == []


@pytest.mark.parametrize(
    ("changes", "key", "want"),
    [
        ({"zones": None}, "zones", "name one to six"),
        ({"zones": 2}, "zones", "a list, each item the name of a zone such as eu-west-1a"),
        ({"zones": ["a", "a"]}, "zones", "each member once"),
        ({"zones": list("abcdefg")}, "cidr", "1 to 6"),
        ({"cidr": "10.0.0.0/27"}, "cidr", "the range of 2 zones is a /16 to /25, not a /27"),
        ({"cidr": "10.0.0.1/16"}, "cidr", "10.0.0.0/16"),
        ({"egress": ["nat"]}, "egress[0]", "one of s3-packages, ipv6"),
        ({"egress": ["s3-packages", "ipv6"]}, "egress", "leave it off"),
        ({"nat_gateways": "two"}, "nat_gateways", "one of one, one-per-zone"),
        ({"nat_instance": {"instance_type": "tiny"}}, "nat_instance.instance_type", "t4g.micro"),
        ({"nat_instance": {"size": "tiny"}}, "nat_instance.size", "known arguments"),
        ({"endpoint_zones": "both"}, "endpoint_zones", "one of one, all"),
        ({"endpoints": ["com.amazonaws.eu-west-1.ssm"]}, "endpoints", "shortly"),
        ({"endpoints": ["ssm", "ssm"]}, "endpoints", "once"),
        ({"endpoints": ["s3"]}, "endpoints", "it would admit nothing"),
        ({"flow_logs_retention_days": 2}, "flow_logs_retention_days", "days that CloudWatch Logs offers"),
        ({"public_subnet_ids": ["subnet-1"]}, "public_subnet_ids", "only with vpc_id"),
        ({"zone": ["a"]}, "zone", "did you mean 'zones'"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_declared(changes: dict[str, Any], key: str, want: str) -> None:
    error = str(refusal(lambda: PrivateNetwork("network", arguments(**changes))))
    assert f": {key}: " in error
    assert want in error


def test_subnets_wait_as_long_as_the_group_of_a_function_that_leaves_its_interfaces_behind() -> None:
    subnets = [resource for resource in network().of_type("aws:ec2/subnet:Subnet") if "private" in resource.name]
    assert [subnet.options.custom_timeouts["delete"] for subnet in subnets] == 2 * ["60m"]
