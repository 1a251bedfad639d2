"""The backend sees the same path in every topology, whatever the stage, unless the config asks otherwise."""

import json
from typing import Any

import pytest

from tests.helpers.declare import one
from tests.helpers.declared import Graph, reveal
from tests.helpers.stacks import graph_with

FARGATE: dict[str, Any] = {"kind": "fargate", "image": "nginx:1.29", "port": 80}


def stack(topology: str, kind: str, ingress: str, **api: Any) -> Graph:
    network = {"egress": "nat-gateway"}
    config = {"topology": topology, "network": network, "backend": FARGATE, "ingress": {"kind": ingress}}
    return graph_with({**config, "api": {"kind": kind, **api}})


def seen(graph: Graph) -> set[str]:
    """Paths that a balancer gets, by the integrations of the graph's API; variables as `*`."""
    functions = [made for made in graph.of_type("aws:lambda/function:Function") if made.name == "proxy-function"]
    if functions:
        prefix = functions[0].inputs["environment"]["variables"].get("STRIP_PREFIX", "")
        return {"/", "/*"} if prefix == "/forward" else {"/forward", "/forward/*"}
    if graph.of_type("aws:apigateway/restApi:RestApi"):
        paths = json.loads(reveal(one(graph, "RestApi").inputs["body"]))["paths"]
        uris = [method["x-amazon-apigateway-integration"]["uri"] for path in paths.values() for method in path.values()]
        return {"/" + uri.split("/", 3)[3].replace("{proxy}", "*") for uri in uris}
    integrations = graph.of_type("aws:apigatewayv2/integration:Integration")
    mapped = {made.inputs["requestParameters"]["overwrite:path"] for made in integrations}
    if mapped == {"$request.path"}:
        return {"/forward", "/forward/*"}
    return {path.replace("${request.path.proxy}", "*") for path in mapped}


WAYS = [
    ("public-proxy", "rest", "alb"),
    ("public-proxy", "http", "alb"),
    ("vpc-link", "rest", "alb"),
    ("vpc-link", "rest", "nlb"),
    ("vpc-link", "http", "alb"),
    ("vpc-link", "http", "cloud-map"),
    ("private-api", "rest", "nlb"),
]


@pytest.mark.parametrize(("topology", "kind", "ingress"), WAYS)
def test_the_default_routes_prefix_never_reaches_the_backend_and_ones_own_does(
    topology: str, kind: str, ingress: str
) -> None:
    assert seen(stack(topology, kind, ingress)) == {"/", "/*"}
    routes = [{"path": "/forward", "methods": ["GET"]}]
    assert seen(stack(topology, kind, ingress, routes=routes)) == {"/forward", "/forward/*"}
    assert seen(stack(topology, kind, ingress, routes=routes, stripPrefix="/forward")) == {"/", "/*"}


def waited_for(graph: Graph, urn: str) -> set[str]:
    """All that comes before a resource."""
    before = {other for other in graph.resources[urn].dependencies if other in graph.resources}
    return before.union(*(waited_for(graph, other) for other in before))


@pytest.mark.parametrize(
    ("kind", "ingress"), [("http", "alb"), ("rest", "nlb"), ("rest", "alb"), ("http", "cloud-map")]
)
def test_an_api_leads_to_the_backend_once_it_is_registered(kind: str, ingress: str) -> None:
    graph = stack("vpc-link", kind, ingress)
    service = one(graph, "Service", "backend-registered-service" if ingress == "cloud-map" else "backend-service")
    leads = graph.of_type("aws:apigateway/restApi:RestApi", "aws:apigatewayv2/integration:Integration")
    assert leads
    assert all(service.urn in waited_for(graph, resource.urn) for resource in leads)
