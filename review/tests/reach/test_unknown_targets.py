"""What leads on to, or belongs with, something that is not known: a call still comes in, and a rule may still fit."""

from dataclasses import replace
from typing import Any

import pytest

from review.compare.lines import Group
from review.graph import UNKNOWN
from review.tests.graph_builder import Builder
from review.tests.parts import ANYWHERE, group, ingress, machine, network, trust
from review.tests.reach.test_unknown_is_not_absent import public
from review.tests.reach.test_unknown_owners import ATTACHED, EVERYTHING, traced
from review.tests.updates import compared


def inward(build: Builder) -> list[str]:
    """What is said of calls from the internet."""
    ways = [way for way in traced(build).inbound if way.source == "internet"]
    return ["no" if not way.open else "cannot tell" if way.uncertainty else "open" for way in ways]


@pytest.mark.parametrize(
    ("kind", "stage"), [("apigateway/restApi:RestApi", "restApi"), ("apigatewayv2/api:Api", "apiId")]
)
def test_an_api_whose_definition_is_not_known(build: Builder, kind: str, stage: str) -> None:
    protocol: dict[str, Any] = {"protocolType": "HTTP"} if stage == "apiId" else {}
    api = build(kind, "api", body=UNKNOWN, **protocol)
    named: dict[str, Any] = {stage: api.id, "stageName": "prod", "name": "prod"}
    build(f"{kind.partition('/')[0]}/stage:Stage", "stage", **named)
    assert inward(build) == ["cannot tell"]


def test_an_api_that_is_only_read(build: Builder) -> None:
    api = build("apigateway/restApi:RestApi", "api", body=UNKNOWN)
    build("apigateway/stage:Stage", "stage", restApi=api.id, stageName="prod")
    build.resources[api.urn] = replace(build.resources[api.urn], existing=True)
    assert inward(build) == []


@pytest.mark.parametrize("target", [UNKNOWN, "integrations/abc1234"])
def test_a_route_whose_integration_is_not_known(build: Builder, target: Any) -> None:
    api = build("apigatewayv2/api:Api", "api", protocolType="HTTP")
    build("apigatewayv2/stage:Stage", "stage", apiId=api.id, name="$default")
    build("apigatewayv2/route:Route", "route", apiId=api.id, routeKey="GET /", target=target)
    assert inward(build) == ["open"]


def test_a_route_without_an_integration(build: Builder) -> None:
    api = build("apigatewayv2/api:Api", "api", protocolType="HTTP")
    build("apigatewayv2/stage:Stage", "stage", apiId=api.id, name="$default")
    build("apigatewayv2/route:Route", "route", apiId=api.id, routeKey="GET /")
    assert inward(build) == []


ELSEWHERE = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/elsewhere/0123456789abcdef"
FIXED = {"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "404"}}


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ([FIXED], ["open"]),
        (UNKNOWN, ["cannot tell"]),
        ([UNKNOWN], ["cannot tell"]),
        ([{"type": "forward", "targetGroupArn": UNKNOWN}], ["cannot tell"]),
        ([{"type": "forward", "targetGroupArn": ELSEWHERE}], ["cannot tell"]),
        ([{"type": "forward", "forward": {"targetGroups": [{"arn": UNKNOWN}]}}], ["cannot tell"]),
    ],
)
def test_a_listener_that_forwards_to_what_is_not_known(actions: Any, expected: list[str]) -> None:
    build, net = Builder.of(network)
    wide = group(build, net.vpc, "wide")
    ingress(build, "rule", wide, 80, cidrIpv4=ANYWHERE)
    place: dict[str, Any] = {"subnets": [net.public.id], "securityGroups": [wide.id], "internal": False}
    made = build("lb/loadBalancer:LoadBalancer", "balancer", loadBalancerType="application", **place)
    build("lb/listener:Listener", "one", loadBalancerArn=made.arn, port=80, protocol="HTTP", defaultActions=actions)
    assert inward(build) == expected


@pytest.mark.parametrize("by_rule", [True, False])
@pytest.mark.parametrize("known", [True, False])
def test_a_listener_of_a_balancer_elsewhere(by_rule: bool, known: bool) -> None:
    build, balancer = Builder(known=known), ELSEWHERE.replace("targetgroup", "loadbalancer/app")
    net = network(build)
    server = machine(build, "server", subnetId=net.private[0].id)
    targets = build("lb/targetGroup:TargetGroup", "targets", port=8080, protocol="HTTP", vpcId=net.vpc.id)
    build("lb/targetGroupAttachment:TargetGroupAttachment", "target", targetGroupArn=targets.arn, targetId=server.id)
    actions = [{"type": "forward", "targetGroupArn": targets.arn}]
    default = [FIXED] if by_rule else actions
    resource = build(
        "lb/listener:Listener", "one", loadBalancerArn=balancer, port=80, protocol="HTTP", defaultActions=default
    )
    if by_rule:
        build("lb/listenerRule:ListenerRule", "rule-of-one", listenerArn=resource.arn, actions=actions)
    assert "cannot tell" in inward(build)


def invoked(build: Builder, source: str, stage: Any, *, of: Any = None) -> list[str]:
    """An API that calls a function by a permission for one stage."""
    role = build("iam/role:Role", "role", assumeRolePolicy=trust("lambda.amazonaws.com"))
    function = build("lambda/function:Function", "function", role=role.arn)
    api = build("apigatewayv2/api:Api", "api", protocolType="HTTP")
    to: dict[str, Any] = {"integrationType": "AWS_PROXY", "integrationUri": function.invokeArn}
    made = build("apigatewayv2/integration:Integration", "to", apiId=api.id, **to)
    build("apigatewayv2/route:Route", "route", apiId=api.id, routeKey="GET /", target="integrations/" + made.id)
    build("apigatewayv2/stage:Stage", "stage", apiId=of or api.id, name=stage)
    principal: dict[str, Any] = {"principal": "apigateway.amazonaws.com", "action": "lambda:InvokeFunction"}
    arn = api.executionArn + source
    build("lambda/permission:Permission", "permission", function=function.arn, sourceArn=arn, **principal)
    return inward(build)


@pytest.mark.parametrize(
    ("source", "stage", "expected"),
    [
        ("/prod/GET/", "prod", ["open"]),
        ("/prod/GET/", "test", ["no"]),
        ("/prod/GET/", UNKNOWN, ["cannot tell"]),
        ("/*/GET/", UNKNOWN, ["open"]),
    ],
)
def test_a_permission_for_a_stage_whose_name_is_not_known(source: str, stage: Any, expected: list[str]) -> None:
    assert invoked(Builder(), source, stage) == expected


def test_a_permission_for_a_stage_that_may_be_of_any_api() -> None:
    assert invoked(Builder(), "/prod/GET/", "prod", of=UNKNOWN) == ["cannot tell"]


# What may be one more group, rule or kind of a thing that has known ones


@pytest.mark.parametrize(
    ("interface", "more"),
    [
        (UNKNOWN, "members"),
        ("caller", UNKNOWN),
    ],
)
def test_a_group_that_may_be_attached_to_the_caller(interface: Any, more: Any) -> None:
    build, net = Builder.of(network)
    members = group(build, net.vpc, "members")
    wide = group(build, net.vpc, "wide", egress=[{**EVERYTHING, "cidrBlocks": [ANYWHERE]}])
    caller = machine(build, "caller", subnetId=net.private[0].id, vpcSecurityGroupIds=[wide.id])
    admitting = group(build, net.vpc, "admitting")
    ingress(build, "rule", admitting, 443, referencedSecurityGroupId=members.id)
    machine(build, "behind", subnetId=net.private[0].id, vpcSecurityGroupIds=[admitting.id])

    def answered() -> str:
        reach = traced(build)
        nodes = {node.resource.name: node for node in reach.model.nodes.compute()}
        edge = reach.connections.between(nodes["caller"], nodes["behind"], 443)
        return "no" if not edge.open else "cannot tell" if edge.uncertainty else "open"

    assert answered() == "no"
    named = {"caller": caller.primaryNetworkInterfaceId, "members": members.id}
    build(ATTACHED, "more", networkInterfaceId=named.get(interface, interface), securityGroupId=named.get(more, more))
    assert answered() == ("open" if UNKNOWN not in (interface, more) else "cannot tell")


@pytest.mark.parametrize(("cidr", "expected"), [(None, []), ("10.0.0.0/16", ["open"]), (UNKNOWN, ["cannot tell"])])
def test_a_rule_for_neighbours_that_is_not_known(cidr: Any, expected: list[str]) -> None:
    """The machine has no public address, so that only they could come."""
    build, net = Builder.of(network)
    members = group(build, net.vpc, "members")
    machine(build, "server", subnetId=net.private[0].id, vpcSecurityGroupIds=[members.id])
    if cidr is not None:
        ingress(build, "rule", members, 443, cidrIpv4=cidr)
    ways = [way for way in traced(build).inbound if way.source == "anything in the VPC"]
    assert ["cannot tell" if way.uncertainty else "open" for way in ways] == expected


def test_a_rule_that_is_not_known_where_the_internet_may_come() -> None:
    build, made = Builder.of(public)
    ingress(build, "rule", made.group, 443, cidrIpv4=UNKNOWN)
    assert [way.source for way in traced(build).inbound] == ["internet"]


@pytest.mark.parametrize("adds", ["rule", "profile", "listener"])
def test_a_change_that_adds_what_is_not_known_may_add_callers(adds: str) -> None:
    graphs = []
    for changed in (False, True):
        build, net = Builder.of(network)
        members = group(build, net.vpc, "members", egress=[{**EVERYTHING, "cidrBlocks": [ANYWHERE]}])
        profile: dict[str, Any] = {"iamInstanceProfile": "elsewhere"} if changed and adds == "profile" else {}
        machine(build, "server", subnetId=net.private[0].id, vpcSecurityGroupIds=[members.id], **profile)
        front = build("lb/loadBalancer:LoadBalancer", "front", loadBalancerType="network", subnets=[net.public.id])
        if changed and adds == "rule":
            ingress(build, "rule", members, 443, cidrIpv4=UNKNOWN)
        if changed and adds == "listener":
            to = [{"type": "forward", "targetGroupArn": ELSEWHERE}]
            build("lb/listener:Listener", "one", loadBalancerArn=front.arn, port=80, protocol="TCP", defaultActions=to)
        graphs.append(build.graph())
    found = [line.text for line in compared(graphs[0], graphs[1]).of_group(Group.PATHS)]
    assert found
    assert all("cannot tell" in line for line in found), found
