"""Streaming as the stack file asks for it: through links of both versions, through the forwarder, from functions."""

import json
import sys
import zipfile
from typing import Any

import pytest

from components.facts import defaults
from review.graph import Graph, reveal
from review.rules import Status, check
from review.tests.helpers.stacks import graph_with
from tests.helpers.declare import names, one

ROUTE = {"path": "/v1", "methods": ["POST"], "streaming": True, "timeoutMilliseconds": 120_000}
API = {"routes": [ROUTE]}
FAILED = Status.FAILED
CONTAINER = {"kind": "fargate", "image": "nginx:1.29"}


def integrations(graph: Graph) -> list[dict[str, Any]]:
    document = json.loads(reveal(one(graph, "RestApi").inputs["body"]))
    return [
        operation["x-amazon-apigateway-integration"]
        for item in document["paths"].values()
        for operation in item.values()
    ]


@pytest.mark.parametrize(
    ("ingress", "idle"), [({"kind": "alb"}, 130), ({"kind": "nlb"}, None)], ids=["v2 to an ALB", "v1 to an NLB"]
)
def test_through_a_vpc_link(ingress: dict[str, Any], idle: int | None) -> None:
    graph = graph_with({"topology": "vpc-link", "backend": CONTAINER, "ingress": ingress, "api": API})
    assert {integration["responseTransferMode"] for integration in integrations(graph)} == {"STREAM"}
    assert {integration["timeoutInMillis"] for integration in integrations(graph)} == {120_000}
    # Longer than API Gateway lets a stream pause; an NLB's own limit is.
    assert one(graph, "LoadBalancer").inputs.get("idleTimeout") == idle
    assert not names(graph, "Function")


def test_compiled_files_of_the_forwarder_are_deployed_where_the_stack_file_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(defaults, "LAMBDA_RUNTIME", f"python3.{sys.version_info.minor}")
    config = {
        "topology": "public-proxy",
        "backend": {"image": "nginx:1.29"},
        "api": API,
        "proxy": {"precompiled": True},
    }
    code = one(graph_with(config), "Function").inputs["code"]
    assert any(name.endswith(".pyc") for name in zipfile.ZipFile(code.path).namelist())


@pytest.mark.parametrize("topology", ["public-proxy", "private-api"])
def test_through_the_forwarder(topology: str) -> None:
    whole = {"path": "/whole", "methods": ["GET"]}
    config = {"topology": topology, "backend": {"image": "nginx:1.29"}, "api": {"routes": [ROUTE, whole]}}
    graph = graph_with(config)
    function = one(graph, "Function").inputs
    assert function["timeout"] == 120
    assert function["environment"]["variables"]["AWS_LAMBDA_EXEC_WRAPPER"] == "/var/task/streaming-runtime"
    assert one(graph, "Stage").inputs["variables"] == {"streaming": "POST:/v1=120,POST:/v1/~proxy=120"}
    modes = [integration.get("responseTransferMode") for integration in integrations(graph)]
    assert modes == ["STREAM", "STREAM", None, None]
    uris = [integration["uri"] for integration in integrations(graph)]
    assert all(uri.endswith("/response-streaming-invocations") and "/2021-11-15/" in uri for uri in uris[:2])
    assert all(uri.endswith("/invocations") and "/2015-03-31/" in uri for uri in uris[2:])


def test_through_an_alias_of_the_forwarder() -> None:
    config = {"topology": "public-proxy", "backend": {"image": "nginx:1.29"}, "api": API}
    graph = graph_with(config | {"proxy": {"publishVersions": True}})
    assert all(found["uri"].endswith(":live/response-streaming-invocations") for found in integrations(graph))


def test_a_route_through_the_link_makes_no_forwarder_stream() -> None:
    routes = [ROUTE, {"path": "/hook", "methods": ["POST"], "target": "proxy"}]
    graph = graph_with(
        {"topology": "vpc-link", "backend": CONTAINER, "ingress": {"kind": "alb"}, "api": {"routes": routes}}
    )
    function = one(graph, "Function").inputs
    assert "AWS_LAMBDA_EXEC_WRAPPER" not in function["environment"]["variables"]
    assert function["timeout"] == 10


def test_a_function_of_ones_own() -> None:
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:model"
    routes = [{**ROUTE, "target": "model"}]
    config = {"topology": "public-proxy", "backend": {"kind": "greeter"}}
    graph = graph_with(config | {"api": {"routes": routes, "functions": {"model": {"arn": arn}}}})
    assert {integration["uri"] for integration in integrations(graph)} == {
        f"arn:aws:apigateway:eu-west-1:lambda:path/2021-11-15/functions/{arn}/response-streaming-invocations"
    }


SLOW = {"path": "/slow", "methods": ["GET"], "timeoutMilliseconds": 299_500}
QUOTA = {"timeoutQuotaMilliseconds": 300_000}


@pytest.mark.parametrize(
    ("topology", "config", "idle"),
    [
        ("vpc-link", {}, 60),
        ("vpc-link", {"api": {"routes": [{"path": "/a", "timeoutMilliseconds": 29_000}]}}, 60),
        ("vpc-link", {"api": {"routes": [SLOW], **QUOTA}}, 310),
        ("private-api", {"api": {"routes": [SLOW], **QUOTA}}, 310),
        ("vpc-link", {"api": {"routes": [{**SLOW, "timeoutMilliseconds": None, "streaming": True}]}}, 310),
        ("vpc-link", {"api": {"routes": [{**SLOW, "streaming": True, "timeoutMilliseconds": 900_000}]}}, 310),
        ("public-proxy", {"api": {"routes": [SLOW], **QUOTA}, "proxy": {"timeoutSeconds": 200}}, 210),
        ("public-proxy", {"api": {"routes": [SLOW], **QUOTA}, "proxy": {"meanMilliseconds": 40_000}}, 130),
        ("public-proxy", {}, 60),
        # A function of one's own passes no load balancer.
        (
            "vpc-link",
            {
                "api": {
                    "functions": {"own": {"arn": "arn:aws:lambda:eu-west-1:111122223333:function:own"}},
                    "routes": [{"path": "/a"}, {**SLOW, "target": "own"}],
                    **QUOTA,
                }
            },
            60,
        ),
    ],
)
def test_a_balancer_waits_longer_than_its_callers(topology: str, config: dict[str, Any], idle: int) -> None:
    api = config.get("api", {})
    routes = [{key: value for key, value in route.items() if value} for route in api.get("routes", ())]
    config = {**config, "api": {**api, **({"routes": routes} if routes else {})}}
    graph = graph_with({"topology": topology, "backend": CONTAINER, "ingress": {"kind": "alb"}, **config})
    assert one(graph, "LoadBalancer").inputs["idleTimeout"] == idle
    assert not [found for found in check(graph) if found.rule.id in ("GATE-05", "GATE-13") and found.status is FAILED]
