"""Any config is refused by a named rule, or becomes a stack whose API answers as the config says."""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from components.testing.recorder import Graph
from tests.helpers.declare import ProgramError, one
from tests.helpers.draws import draws
from tests.helpers.stacks import graph_with
from tests.topologies.drawn_configs import configs, strategies
from tests.topologies.evaluated_api import seen
from tests.topologies.wanted_api import calls, routes_of, wanted, without


def built(config: dict[str, Any], *, known: bool) -> Graph | None:
    """The graph of a config; None if the settings refuse it."""
    try:
        return graph_with(config, known=known)
    except ProgramError as error:
        if "nothing was declared" not in str(error):
            raise
        return None


def check_calls(graph: Graph, api: dict[str, Any]) -> None:
    """Each call gets the authorization, key, target and backend path that the config names."""
    routes = routes_of(api)
    prefix = api.get("stripPrefix", "" if "routes" in api else "/forward")
    targets: dict[str, str] = {}
    for method, path in calls(routes):
        found, expected = seen(graph, method, path), wanted(routes, method, path)
        assert expected is not None, (method, path)
        if method == "OPTIONS" and "cors" in api and (api.get("kind") != "http" or expected.authorization != "none"):
            assert found is None, "the API answers preflight requests itself"
            continue
        assert found is not None, (method, path)
        kinds = [one if one in ("none", "iam") else "own" for one in (found.authorization, expected.authorization)]
        assert kinds[0] == kinds[1], (method, path)
        assert found.key == expected.key, (method, path)
        function = re.search(r"(:function:|/functions/)[^/]+", found.target)
        target = function[0] if function else found.target
        assert targets.setdefault(expected.target, target) == target, (method, path)
        if not function:
            assert expected.target == "backend", (method, path)
            assert found.backend_path == without(prefix, path), (method, path)


@settings(max_examples=draws(8), suppress_health_check=list(HealthCheck))
@given(configs())
def test_a_config_is_refused_or_answers_as_it_says(config: dict[str, Any]) -> None:
    graph = built(config, known=True)
    unknown = built(config, known=False)
    assert (graph is None) == (unknown is None)
    if graph is None or unknown is None:
        return
    assert list(graph.resources) == list(unknown.resources)
    check_calls(graph, config.get("api", {}))


@pytest.mark.parametrize("kind", ["http", "rest"])
@pytest.mark.parametrize("authorization", ["none", "iam"])
def test_a_preflight_request_reaches_no_authorizer(kind: str, authorization: str) -> None:
    route = {"path": "/", "methods": ["ANY"], "authorization": authorization}
    cors = {"origins": ["https://app.example.com"], "preflightOnly": kind == "rest"}
    api = {"kind": kind, "routes": [route], "cors": cors}
    backend = {"kind": "ec2", "image": "traefik/whoami:v1.11.0", "port": 80}
    graph = graph_with({"topology": "public-proxy", "backend": backend, "api": api})
    check_calls(graph, api)


def test_every_key_of_every_section_can_be_drawn() -> None:
    assert len(list(strategies())) > 100


FARGATE = {"kind": "fargate", "image": "nginx:1.29", "port": 80}
OWN = [{"path": "/forward", "methods": ["GET"]}]


def stack(topology: str, kind: str, ingress: str, **api: Any) -> Graph:
    """A stack whose balancer leads to tasks."""
    parts = {"topology": topology, "backend": FARGATE, "ingress": {"kind": ingress}}
    return graph_with({**parts, "api": {"kind": kind, **api}})


@pytest.mark.parametrize(
    ("topology", "kind", "ingress"),
    [
        ("public-proxy", "rest", "alb"),
        ("vpc-link", "rest", "nlb"),
        ("vpc-link", "http", "alb"),
        ("private-api", "rest", "nlb"),
    ],
)
def test_the_default_routes_prefix_never_reaches_the_backend_and_ones_own_does(
    topology: str, kind: str, ingress: str
) -> None:
    stripped: dict[str, Any] = {"routes": OWN, "stripPrefix": "/forward"}
    ways: list[tuple[dict[str, Any], str | None]] = [({}, "/forward"), ({"routes": OWN}, None)]
    for api, prefix in [*ways, *([(stripped, "/forward")] if topology != "vpc-link" else [])]:
        graph = stack(topology, kind, ingress, **api)
        functions = graph.of_type("aws:lambda/function:Function")
        for function in functions:
            assert function.inputs["environment"]["variables"].get("STRIP_PREFIX") == prefix
        if not functions:
            check_calls(graph, {"kind": kind, **api})


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
