"""The phrase on what a group of resources is, in whichever way they are declared."""

import json
from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.reach.statements import Statements
from review.report.parts.rows import list_rows
from review.report.parts.summary import Group, summarize
from review.tests.helpers.graph_builder import Builder


def summary(build: Builder) -> str:
    model = AwsModel(build.graph())
    return summarize(Group(model.graph, model), Statements(model.graph))


def test_inline_routes_and_inline_rules_count() -> None:
    build = Builder()
    vpc = build("ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16")
    nat = build("ec2/natGateway:NatGateway", "nat")
    build(
        "ec2/routeTable:RouteTable", "table", vpcId=vpc.id, routes=[{"cidrBlock": "0.0.0.0/0", "natGatewayId": nat.id}]
    )
    group = build(
        "ec2/securityGroup:SecurityGroup",
        "group",
        vpcId=vpc.id,
        ingress=[{"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["10.0.0.0/16"]}],
    )
    rule: dict[str, Any] = {"ipProtocol": "udp", "fromPort": 53, "toPort": 53, "cidrIpv4": "10.0.0.0/16"}
    build("vpc/securityGroupIngressRule:SecurityGroupIngressRule", "apart", securityGroupId=group.id, **rule)
    build("ec2/instance:Instance", "server", instanceType="t4g.nano", vpcSecurityGroupIds=[group.id])
    assert summary(build) == "10.0.0.0/16 · out: NAT gateway · t4g.nano · tcp 80 and udp 53"


def test_tasks_on_machines_of_ones_own_are_not_fargate() -> None:
    build = Builder()
    build("ecs/service:Service", "service", launchType="EC2", desiredCount=2)
    assert summary(build) == "ECS on EC2 × 2"


def test_a_way_out_by_several_gateways_is_named_once() -> None:
    build = Builder()
    for name in ("a", "b"):
        gateway = build("ec2/natGateway:NatGateway", name)
        route = {"cidrBlock": "0.0.0.0/0", "natGatewayId": gateway.id}
        build("ec2/routeTable:RouteTable", f"table-{name}", vpcId="vpc-1", routes=[route])
    assert summary(build) == "out: 2 NAT gateways"


@pytest.mark.parametrize(
    ("port", "admitted", "led", "said"),
    [
        (65535, 80, "a", "spare listener on 65535, closed"),
        (65535, 65535, "a", "HTTP 65535"),
        (65535, 80, "b", "HTTP 65535"),
        (8080, 80, "a", "HTTP 8080"),
    ],
)
def test_a_listener_that_nobody_calls_has_its_reason(port: int, admitted: int, led: str, said: str) -> None:
    build = Builder()
    ports = {"protocol": "tcp", "fromPort": admitted, "toPort": admitted, "cidrBlocks": ["10.0.0.0/16"]}
    group = build("ec2/securityGroup:SecurityGroup", "group", vpcId="vpc-1", ingress=[ports])
    balancer = build("lb/loadBalancer:LoadBalancer", "alb", internal=True, securityGroups=[group.id], subnets=["s"])
    targets = {
        name: build("lb/targetGroup:TargetGroup", name, port=80, protocol="HTTP", vpcId="vpc-1") for name in ("a", "b")
    }
    for name, on, to in (("listener", 80, "a"), ("second", port, led)):
        forward = [{"type": "forward", "targetGroupArn": targets[to].arn}]
        build(
            "lb/listener:Listener", name, loadBalancerArn=balancer.arn, port=on, protocol="HTTP", defaultActions=forward
        )
    assert summary(build) == f"internal ALB · HTTP 80 · {said}"


def test_an_api_whose_calls_have_no_requirement_ends_with_its_throttle() -> None:
    build = Builder()
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}
    policy = {"Statement": [{**allowed, "Condition": {"IpAddress": {"aws:SourceIp": ["192.0.2.0/24"]}}}]}
    operation = {"x-amazon-apigateway-integration": {"type": "http", "uri": "https://example.com"}}
    body = {"openapi": "3.0.1", "paths": {"/hooks": {"post": operation}}, "x-amazon-apigateway-policy": policy}
    api = build("apigateway/restApi:RestApi", "api", body=json.dumps(body))
    deployment = build("apigateway/deployment:Deployment", "deployment", restApi=api.id)
    build("apigateway/stage:Stage", "stage", restApi=api.id, deployment=deployment.id, stageName="live")
    assert summary(build) == "REST API · POST /hooks · no throttle"


def test_rows_count_every_resource_once_children_of_resources_too() -> None:
    build = Builder()
    part = build("gatehouse:index:Part", "part")
    vpc = build("ec2/vpc:Vpc", "vpc", parent=part, cidrBlock="10.0.0.0/16")
    inner = build("gatehouse:index:Part", "inner", parent=vpc)
    build("ec2/subnet:Subnet", "in-inner", parent=inner, cidrBlock="10.0.0.0/24")
    outside = build("sns/topic:Topic", "outside")
    loose = build("gatehouse:index:Part", "loose", parent=outside)
    build("sqs/queue:Queue", "in-loose", parent=loose)
    build("sqs/queue:Queue", "under", parent=outside)
    model = AwsModel(build.graph())
    found = {row.name: (row.depth, row.resources) for row in list_rows(model, Statements(model.graph))}
    assert found == {"part": (0, 1), "inner": (1, 1), "loose": (0, 1), "outside": (0, 1), "under": (0, 1)}
