"""An existing load balancer as the target of a stack file, for each kind of API."""

import json
from typing import Any

import pytest

from review.graph import Graph, reveal
from review.reach import trace
from review.tests.helpers.graph_reports import list_failures
from review.tests.helpers.stacks import graph_with
from tests.helpers.declare import names, one

LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/0a1b2c3d4e5f6071/8a9b0c1d2e3f4051"
GROUP = "sg-0a1b2c3d4e5f60718"
SUBNETS = ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"]


def declared(kind: str, topology: str = "vpc-link", **backend: str) -> Graph:
    return graph_with(
        {
            "topology": topology,
            "network": {"vpcId": "vpc-0a1b2c3d4e5f60718", "subnetIds": SUBNETS},
            "backend": {"listenerArn": LISTENER, **backend},
            "api": {"kind": kind, "routes": [{"path": "/", "methods": ["ANY"], "authorization": "iam"}]},
        }
    )


def test_an_http_api_names_the_listener() -> None:
    graph = declared("http")
    integration = one(graph, "Integration").inputs
    assert (integration["integrationUri"], integration["connectionId"]) == (LISTENER, one(graph, "VpcLink").id)
    assert graph.exports["linkSecurityGroupId"] == one(graph, "SecurityGroup").id
    assert list_failures(graph) == []


@pytest.mark.parametrize("topology", ["vpc-link", "private-api"])
def test_rest_and_private_apis_name_the_load_balancer(topology: str) -> None:
    graph = declared("rest", topology)
    document: dict[str, Any] = json.loads(reveal(one(graph, "RestApi").inputs["body"]))
    integration = document["paths"]["/"]["x-amazon-apigateway-any-method"]["x-amazon-apigateway-integration"]
    assert integration["integrationTarget"] == LISTENER.replace(":listener/", ":loadbalancer/").rpartition("/")[0]
    assert integration["connectionId"] == one(graph, "VpcLink").id
    assert (names(graph, "Function"), list_failures(graph)) == ([], [])


@pytest.mark.parametrize(("kind", "unit"), [("http", "route"), ("rest", "method")])
@pytest.mark.parametrize("more", [{}, {"securityGroupId": GROUP}])
def test_the_review_says_what_it_cannot_tell(kind: str, unit: str, more: dict[str, str]) -> None:
    (path,) = trace(declared(kind, **more)).paths
    assert path.open
    assert str(path) == (
        f"internet → front (IAM, 100/s a {unit}) → ingress link → {LISTENER} "
        "(cannot tell: whether its load balancer admits the link, and what answers behind it)"
    )


def test_a_link_that_exists_is_named() -> None:
    graph = declared("http", linkId="a1b2c3")
    assert one(graph, "Integration").inputs["connectionId"] == "a1b2c3"
    assert names(graph, "VpcLink") == names(graph, "SecurityGroup") == []
