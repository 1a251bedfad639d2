"""What is not known of a way between two ends: its ranges, tables and names. Only a known way is open for certain."""

from dataclasses import replace
from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.graph import UNKNOWN
from review.reach import Path, trace
from review.tests.front_parts import private_stack
from review.tests.graph_builder import Builder, Json, Made
from review.tests.parts import ANYWHERE, egress, group, ingress, machine, network, subnet
from review.tests.reach.test_unknown_owners import traced
from review.tests.reach.test_unknown_roles import INLINE, SESSIONS, stack
from review.tests.reach.test_unknown_roles import verdict as session

EVERYTHING: dict[str, Any] = {"protocol": "-1", "fromPort": 0, "toPort": 0}


def said(path: Path) -> str:
    return "no" if not path.open else "cannot tell" if path.uncertainty else "open"


def outward(build: Builder, source: str, target: str) -> list[str]:
    paths = [path for path in traced(build).paths if path.source == source]
    return [said(path) for path in paths if path.target.startswith(target)]


LINES = {
    "all": [(100, "allow", ANYWHERE)],
    "none": [(100, "deny", ANYWHERE)],
    "some": [(90, "deny", "10.0.9.0/24"), (100, "allow", ANYWHERE)],
}


@pytest.mark.parametrize("unknown", ["caller", "called"])
@pytest.mark.parametrize(
    ("lines", "known", "expected"),
    [("all", False, "open"), ("none", False, "no"), ("some", False, "cannot tell"), ("some", True, "open")],
)
def test_a_network_acl_between_subnets_of_unknown_range(lines: str, known: bool, expected: str, unknown: str) -> None:
    build = Builder()
    vpc = build("ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16")
    members = group(build, vpc, "members")
    ingress(build, "in", members, ipProtocol="-1", referencedSecurityGroupId=members.id)
    egress(build, "out", members, ipProtocol="-1", cidrIpv4=ANYWHERE)
    placed: dict[str, Made] = {}
    for name, cidr in (("caller", "10.0.1.0/24"), ("called", "10.0.2.0/24")):
        written = cidr if known or name != unknown else UNKNOWN
        place = build("ec2/subnet:Subnet", name, vpcId=vpc.id, cidrBlock=written)
        placed[name] = machine(build, f"{name}-one", subnetId=place.id, vpcSecurityGroupIds=[members.id])
    other = build.resources[
        next(urn for urn in build.resources if urn.endswith("::called" if unknown == "caller" else "::caller"))
    ]
    written_lines: list[Any] = [
        {"ruleNo": number, "action": action, "cidrBlock": cidr, **EVERYTHING} for number, action, cidr in LINES[lines]
    ]
    build(
        "ec2/networkAcl:NetworkAcl", "acl", subnetIds=[other.state["id"]], ingress=written_lines, egress=written_lines
    )
    reach = trace(AwsModel(build.graph()))
    nodes = {node.resource.name: node for node in reach.model.nodes.compute()}
    edge = reach.connections.between(nodes["caller-one"], nodes["called-one"], 80)
    assert ("no" if not edge.open else "cannot tell" if edge.uncertainty else "open") == expected


@pytest.mark.parametrize(
    ("effect", "more", "expected"),
    [
        ("Deny", {}, "none"),
        ("Deny", {"Resource": "arn:aws:s3:::one"}, "open"),
        ("Deny", {"Action": "s3:*"}, "open"),
        ("Allow", {}, "open"),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_second_policy_of_a_role(effect: str, more: dict[str, Any], expected: str, first: bool) -> None:
    build, role = Builder.of(stack)
    statement = {"Effect": effect, "Action": "ssmmessages:*", "Resource": "*", **more}
    policies = [SESSIONS, Json({"Version": "2012-10-17", "Statement": [statement]})]
    for number, policy in enumerate(policies if first else policies[::-1]):
        build(INLINE, f"policy-{number}", role=role.name, policy=policy)
    assert session(build) == expected


def test_a_policy_that_only_denies_allows_nothing() -> None:
    build, role = Builder.of(stack)
    statement = {"Effect": "Deny", "Action": "ssmmessages:*", "Resource": "arn:aws:ssmmessages:*:*:one"}
    build(INLINE, "policy", role=role.name, policy=Json({"Version": "2012-10-17", "Statement": [statement]}))
    assert session(build) == "none"


@pytest.mark.parametrize("balancer", [UNKNOWN, "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/x/1"])
@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ({"type": "forward", "targetGroupArn": UNKNOWN}, ["cannot tell"]),
        ({"type": "fixed-response", "fixedResponse": {"contentType": "text/plain"}}, []),
    ],
)
def test_a_listener_of_an_unknown_balancer(build: Builder, balancer: Any, action: Any, expected: list[str]) -> None:
    network(build)
    build(
        "lb/listener:Listener", "listener", loadBalancerArn=balancer, port=80, protocol="HTTP", defaultActions=[action]
    )
    assert [said(path) for path in traced(build).inbound if path.source == "internet"] == expected


@pytest.mark.parametrize(
    ("tables", "apart", "expected"),
    [
        (UNKNOWN, None, ["cannot tell"]),
        (["rtb-0123456789abcdef0"], None, []),
        (None, UNKNOWN, ["cannot tell"]),
        ("own", None, ["open"]),
    ],
)
def test_a_gateway_endpoint_on_an_unknown_table(tables: Any, apart: Any, expected: list[str]) -> None:
    build, net = Builder.of(network)
    members = group(build, net.vpc, "members")
    egress(build, "out", members, ipProtocol="-1", cidrIpv4=ANYWHERE)
    machine(build, "server", subnetId=net.private[0].id, vpcSecurityGroupIds=[members.id])
    named: dict[str, Any] = (
        {} if tables is None else {"routeTableIds": [net.tables[0].id] if tables == "own" else tables}
    )
    door = build(
        "ec2/vpcEndpoint:VpcEndpoint", "door", vpcId=net.vpc.id, serviceName="com.amazonaws.eu-west-1.s3", **named
    )
    if apart is not None:
        kind = "ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation"
        build(kind, "link", vpcEndpointId=door.id, routeTableId=apart)
    assert outward(build, "server", "S3") == expected


def test_a_gateway_endpoint_for_a_subnet_whose_table_is_not_known() -> None:
    build, net = Builder.of(network)
    members = group(build, net.vpc, "members")
    egress(build, "out", members, ipProtocol="-1", cidrIpv4=ANYWHERE)
    place = subnet(build, net.vpc, "lost", "10.0.7.0/24", "a")
    build("ec2/routeTableAssociation:RouteTableAssociation", "lost-to", subnetId=place.id, routeTableId=UNKNOWN)
    machine(build, "server", subnetId=place.id, vpcSecurityGroupIds=[members.id])
    service: dict[str, Any] = {"serviceName": "com.amazonaws.eu-west-1.dynamodb", "routeTableIds": [net.tables[0].id]}
    build("ec2/vpcEndpoint:VpcEndpoint", "door", vpcId=net.vpc.id, **service)
    assert outward(build, "server", "DynamoDB") == ["cannot tell"]


def test_a_private_api_behind_an_endpoint_of_unknown_type() -> None:
    found: list[list[str]] = []
    for kind in ("Interface", UNKNOWN):
        build, made = Builder.of(private_stack)
        urn = made.door.endpoint.urn
        build.resources[urn] = replace(
            build.resources[urn], inputs={**build.resources[urn].inputs, "vpcEndpointType": kind}
        )
        found.append([said(path) for path in traced(build).inbound if "VPC" in path.source])
    assert found[0] == found[1]
    assert "open" in found[0]


def permit(build: Builder, function: Made, api: Made) -> None:
    """A permission for `GET /x`."""
    may: dict[str, Any] = {"principal": "apigateway.amazonaws.com", "sourceArn": api.executionArn + "/*/GET/x"}
    build("lambda/permission:Permission", "may", function=function.name, action="lambda:InvokeFunction", **may)


def test_a_known_route_says_nothing_of_an_unknown_one(build: Builder) -> None:
    function = build("lambda/function:Function", "function", role="arn:aws:iam::123456789012:role/any")
    api = build("apigatewayv2/api:Api", "api", protocolType="HTTP")
    build("apigatewayv2/stage:Stage", "stage", apiId=api.id, name="$default")
    target: dict[str, Any] = {"integrationType": "AWS_PROXY", "integrationUri": function.arn}
    to = build("apigatewayv2/integration:Integration", "to", apiId=api.id, **target)
    for name, key in (("known", "GET /y"), ("unknown", UNKNOWN)):
        build("apigatewayv2/route:Route", name, apiId=api.id, routeKey=key, target="integrations/" + to.id)
    permit(build, function, api)
    assert [said(path) for path in traced(build).inbound if path.source == "internet"] == ["no", "cannot tell"]


@pytest.mark.parametrize(("key", "expected"), [("GET /x", "open"), ("GET /y", "no"), (UNKNOWN, "cannot tell")])
def test_a_route_whose_key_is_not_known(build: Builder, key: Any, expected: str) -> None:
    function = build("lambda/function:Function", "function", role="arn:aws:iam::123456789012:role/any")
    api = build("apigatewayv2/api:Api", "api", protocolType="HTTP")
    build("apigatewayv2/stage:Stage", "stage", apiId=api.id, name="$default")
    to = build(
        "apigatewayv2/integration:Integration",
        "to",
        apiId=api.id,
        integrationType="AWS_PROXY",
        integrationUri=function.arn,
    )
    build("apigatewayv2/route:Route", "route", apiId=api.id, routeKey=key, target="integrations/" + to.id)
    permit(build, function, api)
    assert [said(path) for path in traced(build).inbound if path.source == "internet"] == [expected]


@pytest.mark.parametrize("target", ["transitGatewayId", "vpcPeeringConnectionId", "vpcEndpointId", "localGatewayId"])
def test_a_default_route_into_another_network(target: str) -> None:
    build, net = Builder.of(network, egress="none")
    members = group(build, net.vpc, "members")
    egress(build, "out", members, ipProtocol="-1", cidrIpv4=ANYWHERE)
    machine(build, "server", subnetId=net.private[0].id, vpcSecurityGroupIds=[members.id])
    away: dict[str, Any] = {target: "made-elsewhere-1"}
    build("ec2/route:Route", "away", routeTableId=net.tables[0].id, destinationCidrBlock=ANYWHERE, **away)
    assert outward(build, "server", "internet") == ["cannot tell"]
