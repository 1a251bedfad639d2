"""Components of other processes: what their arguments open, by their own sources."""

from dataclasses import replace
from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.graph import UNKNOWN, Origin
from review.reach import Kind, unread
from review.reach.anyone import anyone
from review.rules import Status, check
from review.tests.graph_builder import Builder
from review.tests.parts import paths

ROUTE = {"path": "/", "method": "GET"}
ANYBODY = {"ingress": [{"cidrBlocks": ["0.0.0.0/0"]}]}


def built(kind: str, **inputs: Any) -> Builder:
    build = Builder()
    build(kind, "thing", **inputs)
    return build


@pytest.mark.parametrize(
    ("kind", "inputs", "expected"),
    [
        ("awsx:lb:ApplicationLoadBalancer", {}, ["yes"]),
        ("awsx:lb:ApplicationLoadBalancer", {"securityGroups": ["sg-1"]}, ["cannot tell"]),
        ("awsx:lb:ApplicationLoadBalancer", {"defaultSecurityGroup": {"skip": True}}, ["cannot tell"]),
        ("awsx:lb:ApplicationLoadBalancer", {"defaultSecurityGroup": {"args": ANYBODY}}, ["yes"]),
        ("awsx:lb:ApplicationLoadBalancer", {"internal": True}, []),
        ("awsx:lb:NetworkLoadBalancer", {}, ["yes"]),
        ("awsx:lb:NetworkLoadBalancer", {"internal": UNKNOWN}, ["cannot tell"]),
        ("awsx:lb:NetworkLoadBalancer", {"securityGroups": ["sg-1"]}, ["cannot tell"]),
        ("awsx:ecs:EC2Service", {"loadBalancers": [{"targetGroupArn": "x"}]}, ["cannot tell"]),
        ("awsx:lb:NetworkLoadBalancer", {"listeners": [{"port": 80}, {"port": 443}]}, ["yes", "yes"]),
        ("awsx:ecs:FargateService", {"assignPublicIp": True, "loadBalancers": [{"targetGroupArn": "x"}]}, ["yes"]),
        ("awsx:ecs:FargateService", {"networkConfiguration": {"subnets": ["s"]}}, ["cannot tell"]),
        ("eks:index:Cluster", {}, ["yes", "cannot tell"]),
        ("eks:index:Cluster", {"endpointPublicAccess": False}, ["cannot tell"]),
        ("eks:index:ManagedNodeGroup", {}, ["cannot tell"]),
        ("eks:index:ManagedNodeGroup", {"remoteAccess": {"ec2SshKey": "key"}}, ["cannot tell", "cannot tell"]),
        ("aws-apigateway:index:RestAPI", {"routes": [ROUTE]}, ["yes"]),
        ("aws-apigateway:index:RestAPI", {"routes": [ROUTE, {**ROUTE, "iamAuthEnabled": True}]}, ["yes", "yes"]),
        ("aws-apigateway:index:RestAPI", {"routes": UNKNOWN}, ["cannot tell"]),
        ("aws-apigateway:index:RestAPI", {"routes": [ROUTE], "disableExecuteApiEndpoint": True}, ["cannot tell"]),
        ("awsx:ec2:Vpc", {}, []),
        ("awsx:ecr:Image", {"repositoryUrl": "x"}, []),
        ("awsx:cloudtrail:Trail", {}, []),
        ("eks:index:Addon", {"addonName": "coredns"}, []),
    ],
)
def test_component(kind: str, inputs: dict[str, Any], expected: list[str]) -> None:
    graph = built(kind, **inputs).graph()
    found = [path for path in paths(graph) if path.kind is not Kind.OUTBOUND and "internet" in path.source]
    assert ["no" if not path.open else "cannot tell" if path.uncertainty else "yes" for path in found] == expected
    assert unread(AwsModel(graph)) == {}


def test_routes_say_what_they_ask_for() -> None:
    routes = [
        ROUTE,
        {**ROUTE, "path": "/admin", "iamAuthEnabled": True},
        {**ROUTE, "path": "/k", "apiKeyRequired": True},
    ]
    lines = [str(path) for path in paths(built("aws-apigateway:index:RestAPI", routes=routes).graph())]
    assert lines == [
        "internet → GET /, anyone → thing",
        "internet → GET /admin, IAM → thing",
        "internet → GET /k, key → thing",
    ]


def test_children_in_a_plan_are_read_in_its_place() -> None:
    build = built("awsx:lb:NetworkLoadBalancer")
    (urn,) = build.resources
    child = build("lb/loadBalancer:LoadBalancer", "front", internal=True, loadBalancerType="network")
    build.resources[child.urn] = replace(build.resources[child.urn], parent=urn)
    # A child that the program gives the component, as eks does with its provider, is not one of the component's own.
    for origin, names in ((Origin.PLAN, []), (Origin.PROGRAM, ["internet → tcp 80 → thing"])):
        graph = replace(build.graph(), origin=origin)
        assert [str(path) for path in paths(graph) if "internet" in path.source and path.open] == names


IAM, KEYED = ({**ROUTE, "path": f"/{key}", key: True} for key in ("iamAuthEnabled", "apiKeyRequired"))


@pytest.mark.parametrize(
    ("inputs", "found"),
    [
        ({"routes": [ROUTE]}, [Status.FAILED]),
        ({"routes": [IAM, KEYED]}, []),
        ({"routes": [ROUTE], "disableExecuteApiEndpoint": True}, []),
        ({"routes": UNKNOWN}, [Status.INCONCLUSIVE]),
        ({"swaggerString": "{}"}, [Status.INCONCLUSIVE]),
    ],
)
def test_a_route_that_asks_for_nothing_is_open_to_anyone(inputs: dict[str, Any], found: list[Status]) -> None:
    """The engine hands a policy the resources of the component, which are judged themselves."""
    graph = built("aws-apigateway:index:RestAPI", **inputs).graph()
    assert [finding.status for finding in check(graph) if finding.rule.id == "API-01"] == found
    said = [str(endpoint) for endpoint in anyone(AwsModel(graph))]
    assert said == ["open to the internet: GET / of thing"] * (found == [Status.FAILED])
