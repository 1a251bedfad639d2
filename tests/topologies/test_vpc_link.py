"""vpc-link: what the API integrates with, hop by hop."""

import json
from typing import Any

import pytest

from components.recording.values import reveal
from components.testing.recorder import Graph
from tests.helpers import mocks
from tests.helpers.declare import ProgramError, names, one
from tests.helpers.stacks import graph_of, graph_with

ANY = "x-amazon-apigateway-any-method"
LINK: dict[str, Any] = {
    "topology": "vpc-link",
    "backend": {"kind": "fargate", "image": "nginx:1.29"},
    "ingress": {"kind": "alb"},
}


def integration(graph: Graph, path: str, method: str) -> dict[str, Any]:
    document = json.loads(reveal(one(graph, "RestApi").inputs["body"]))
    found: dict[str, Any] = document["paths"][path][method]["x-amazon-apigateway-integration"]
    return found


def test_rest_goes_to_an_nlb_by_a_link_of_the_first_version_and_to_an_alb_by_one_of_the_second() -> None:
    graph = graph_of("examples/rest-nlb-ec2.yaml")
    link, host = one(graph, "VpcLink"), one(graph, "LoadBalancer").state["dnsName"]
    found = integration(graph, "/", ANY)
    assert link.type == "aws:apigateway/vpcLink:VpcLink"
    assert (found["connectionType"], found["connectionId"]) == ("VPC_LINK", link.id)
    assert (found["uri"], found.get("integrationTarget")) == (f"http://{host}:80/", None)
    assert one(graph, "TargetGroup").inputs["targetType"] == "instance"
    graph = graph_of("examples/rest-alb-fargate.yaml")
    found = integration(graph, "/{proxy+}", ANY)
    assert one(graph, "VpcLink").type == "aws:apigatewayv2/vpcLink:VpcLink"
    assert found["integrationTarget"] == one(graph, "LoadBalancer").state["arn"]
    assert found["uri"].endswith(":80/{proxy}")
    assert one(graph, "TargetGroup").inputs["targetType"] == "ip"


def test_http_names_the_listener_or_the_registry() -> None:
    graph = graph_of("examples/http-alb-ec2.yaml")
    made = one(graph, "Integration").inputs
    listener = one(graph, "Listener", "ingress-listener").state["arn"]
    assert (made["integrationUri"], made["connectionId"]) == (listener, one(graph, "VpcLink").id)
    graph = graph_of("examples/http-cloudmap-fargate.yaml")
    registry = one(graph, "Service", "ingress-service").state["arn"]
    registered = one(graph, "Service", "backend-registered-service").inputs["serviceRegistries"]["registryArn"]
    assert one(graph, "Integration").inputs["integrationUri"] == registered == registry
    assert not names(graph, "LoadBalancer")


def test_one_route_goes_to_a_function_of_ones_own_or_to_one_that_exists() -> None:
    graph = graph_of("examples/rest-nlb-fargate.yaml")
    function = one(graph, "Function").state
    assert integration(graph, "/greeting", "get")["uri"] == function["invokeArn"]
    assert integration(graph, "/", "get")["connectionType"] == "VPC_LINK"
    assert one(graph, "Permission").inputs["function"] == function["name"]
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:quote"
    routes = [{"path": "/quote", "methods": ["GET"], "target": "quote"}, {"path": "/app"}]
    graph = graph_with({**LINK, "api": {"kind": "rest", "functions": {"quote": {"arn": arn}}, "routes": routes}})
    uri = integration(graph, "/quote", "get")["uri"]
    assert uri == f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{arn}/invocations"
    assert one(graph, "Permission").inputs["function"] == arn


def test_one_route_goes_through_the_forwarder_to_the_same_balancer() -> None:
    routes = [{"path": "/app"}, {"path": "/hooks", "target": "proxy"}]
    graph = graph_with({**LINK, "api": {"kind": "http", "routes": routes}})
    balancer = one(graph, "LoadBalancer")
    url = one(graph, "Function").inputs["environment"]["variables"]["BACKEND_URL"]
    assert url == f"http://{balancer.state['dnsName']}:80"
    rule = one(graph, "SecurityGroupEgressRule", "proxy-to-backend-egress").inputs
    assert rule["referencedSecurityGroupId"] == balancer.inputs["securityGroups"][0]


ZONES = "aws:index/getAvailabilityZones:getAvailabilityZones"
# In this account us-east-1e is the zone that serves no VPC links.
IN_US_EAST_1 = {"a": 1, "b": 2, "c": 4, "d": 6, "e": 3, "f": 5}


def test_zones_that_links_do_not_serve_are_passed_over_and_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = {f"us-east-1{letter}": f"use1-az{number}" for letter, number in IN_US_EAST_1.items()}
    found = {"id": "us-east-1", "names": list(ids), "zoneIds": list(ids.values())}
    monkeypatch.setitem(mocks.ANSWERS, ZONES, lambda _mocks, _given: found)

    def declared(zones: Any) -> Graph:
        backend = {"image": "nginx:1.29"}
        return graph_with({**LINK, "aws:region": "us-east-1", "backend": backend, "network": {"zones": zones}})

    subnets = declared(5).of_type("aws:ec2/subnet:Subnet")
    assert {made.inputs["availabilityZone"] for made in subnets} == {f"us-east-1{letter}" for letter in "abcdf"}
    with pytest.raises(ProgramError, match="at most 5 in us-east-1"):
        declared(6)
    with pytest.raises(ProgramError, match="VPC links are not served there"):
        declared(["us-east-1e", "us-east-1b"])


def test_the_layers_of_an_image_that_is_built_come_through_the_endpoint_of_s3() -> None:
    network = {"egress": "none", "endpoints": ["s3", "ecr.api", "ecr.dkr", "logs"]}
    graph = graph_with({**LINK, "network": network, "backend": {"kind": "fargate", "build": "examples"}})
    policy = json.dumps(reveal(one(graph, "VpcEndpoint", "network-s3").inputs["policy"]))
    assert "prod-eu-west-1-starport-layer-bucket" in policy
