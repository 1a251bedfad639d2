"""vpc-link: what the API integrates with, hop by hop."""

import json
from typing import Any

import pytest

from tests.helpers import mocks
from tests.helpers.declare import names, one
from tests.helpers.declared import Graph, ProgramError, reveal
from tests.helpers.stacks import graph_of, graph_with


def integration(graph: Graph, path: str, method: str) -> dict[str, Any]:
    document = json.loads(reveal(one(graph, "RestApi").inputs["body"]))
    found: dict[str, Any] = document["paths"][path][method]["x-amazon-apigateway-integration"]
    return found


def test_rest_to_nlb_goes_by_a_link_of_the_first_version() -> None:
    graph = graph_of("examples/rest-nlb-ec2.yaml")
    link, balancer = one(graph, "VpcLink"), one(graph, "LoadBalancer")
    assert link.type == "aws:apigateway/vpcLink:VpcLink"
    found = integration(graph, "/", "x-amazon-apigateway-any-method")
    assert (found["connectionType"], found["connectionId"]) == ("VPC_LINK", link.id)
    assert found["uri"] == f"http://{balancer.state['dnsName']}:80/"
    assert "integrationTarget" not in found
    assert one(graph, "TargetGroup").inputs["targetType"] == "instance"


def test_rest_to_alb_goes_by_a_link_of_the_second_version() -> None:
    graph = graph_of("examples/rest-alb-fargate.yaml")
    assert one(graph, "VpcLink").type == "aws:apigatewayv2/vpcLink:VpcLink"
    found = integration(graph, "/{proxy+}", "x-amazon-apigateway-any-method")
    assert found["integrationTarget"] == one(graph, "LoadBalancer").state["arn"]
    assert found["uri"].endswith(":80/{proxy}")
    assert one(graph, "TargetGroup").inputs["targetType"] == "ip"


def test_http_names_the_listener() -> None:
    graph = graph_of("examples/http-alb-ec2.yaml")
    assert one(graph, "Integration").inputs["integrationUri"] == one(graph, "Listener", "ingress-listener").state["arn"]
    assert one(graph, "Integration").inputs["connectionId"] == one(graph, "VpcLink").id


def test_http_names_the_registry_where_there_is_no_balancer() -> None:
    graph = graph_of("examples/http-cloudmap-fargate.yaml")
    registry = one(graph, "Service", "ingress-service")
    assert one(graph, "Integration").inputs["integrationUri"] == registry.state["arn"]
    assert (
        one(graph, "Service", "backend-registered-service").inputs["serviceRegistries"]["registryArn"]
        == registry.state["arn"]
    )
    assert not names(graph, "LoadBalancer")


def test_one_route_goes_to_a_function_of_ones_own() -> None:
    graph = graph_of("examples/rest-nlb-fargate.yaml")
    assert integration(graph, "/greeting", "get")["uri"] == one(graph, "Function").state["invokeArn"]
    assert integration(graph, "/", "get")["connectionType"] == "VPC_LINK"
    assert one(graph, "Permission").inputs["function"] == one(graph, "Function").state["name"]


@pytest.mark.parametrize("stack", ["http-alb-ec2", "rest-nlb-ec2", "rest-nlb-fargate", "rest-alb-fargate"])
def test_the_chain_of_groups_has_one_port_a_hop(stack: str) -> None:
    graph = graph_of(f"examples/{stack}.yaml")
    balancer = one(graph, "LoadBalancer").inputs["securityGroups"][0]
    backend = one(graph, "SecurityGroup", "backend-group").id
    ingress = {
        (rule.inputs["securityGroupId"], rule.inputs.get("referencedSecurityGroupId"), rule.inputs["fromPort"])
        for rule in graph.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        if rule.inputs["securityGroupId"] in (balancer, backend)
    }
    port = one(graph, "TargetGroup").inputs["port"]
    links = graph.of_type("aws:apigatewayv2/vpcLink:VpcLink")
    expected = {(backend, balancer, port)} | {(balancer, link.inputs["securityGroupIds"][0], 80) for link in links}
    assert ingress == expected


def test_an_existing_function_is_a_target_by_its_arn() -> None:
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:quote"
    graph = graph_with(
        {
            "topology": "vpc-link",
            "backend": {"kind": "fargate", "image": "nginx:1.29"},
            "ingress": {"kind": "nlb"},
            "api": {
                "kind": "rest",
                "functions": {"quote": {"arn": arn}},
                "routes": [{"path": "/quote", "methods": ["GET"], "target": "quote"}, {"path": "/app"}],
            },
        }
    )
    uri = integration(graph, "/quote", "get")["uri"]
    assert uri == f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{arn}/invocations"
    assert one(graph, "Permission").inputs["function"] == arn


def test_one_route_goes_through_the_forwarder_to_the_same_balancer() -> None:
    graph = graph_with(
        {
            "topology": "vpc-link",
            "backend": {"kind": "fargate", "image": "nginx:1.29"},
            "ingress": {"kind": "alb"},
            "api": {"kind": "http", "routes": [{"path": "/app"}, {"path": "/hooks", "target": "proxy"}]},
        }
    )
    url = one(graph, "Function").inputs["environment"]["variables"]["BACKEND_URL"]
    assert url == f"http://{one(graph, 'LoadBalancer').state['dnsName']}:80"
    rule = one(graph, "SecurityGroupEgressRule", "proxy-to-backend-egress").inputs
    assert rule["referencedSecurityGroupId"] == one(graph, "LoadBalancer").inputs["securityGroups"][0]


ZONES = "aws:index/getAvailabilityZones:getAvailabilityZones"
# In this account us-east-1e is the zone that serves no VPC links.
IN_US_EAST_1 = {"a": 1, "b": 2, "c": 4, "d": 6, "e": 3, "f": 5}


@pytest.fixture
def us_east_1(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A config in a region that has a zone without VPC links."""
    names = {f"us-east-1{letter}": f"use1-az{number}" for letter, number in IN_US_EAST_1.items()}
    found = {"id": "us-east-1", "names": list(names), "zoneIds": list(names.values())}
    monkeypatch.setitem(mocks.ANSWERS, ZONES, lambda _mocks, _given: found)
    backend = {"backend": {"image": "nginx:1.29"}, "ingress": {"kind": "alb"}}
    return {"aws:region": "us-east-1", "topology": "vpc-link", **backend}


def test_zones_that_links_do_not_serve_are_passed_over(us_east_1: dict[str, Any]) -> None:
    graph = graph_with(us_east_1 | {"network": {"zones": 5}})
    zones = [made.inputs["availabilityZone"] for made in graph.of_type("aws:ec2/subnet:Subnet")]
    assert set(zones) == {f"us-east-1{letter}" for letter in "abcdf"}
    with pytest.raises(ProgramError, match="at most 5 in us-east-1"):
        graph_with(us_east_1 | {"network": {"zones": 6}})


def test_a_zone_that_links_do_not_serve_is_refused_by_name(us_east_1: dict[str, Any]) -> None:
    with pytest.raises(ProgramError, match="VPC links are not served there"):
        graph_with(us_east_1 | {"network": {"zones": ["us-east-1e", "us-east-1b"]}})


def test_the_layers_of_an_image_that_is_built_come_through_the_endpoint_of_s3() -> None:
    config: dict[str, Any] = {
        "topology": "vpc-link",
        "ingress": {"kind": "alb"},
        "network": {"egress": "none", "endpoints": ["s3", "ecr.api", "ecr.dkr", "logs"]},
        "backend": {"kind": "fargate", "build": "examples"},
    }
    endpoint = one(graph_with(config), "VpcEndpoint", "network-s3")
    assert "prod-eu-west-1-starport-layer-bucket" in json.dumps(reveal(endpoint.inputs["policy"]))
