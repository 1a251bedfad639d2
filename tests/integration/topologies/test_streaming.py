"""Streaming as the stack file asks for it: through links of both versions, through the forwarder, from functions."""

import json
import sys
import zipfile
from typing import Any

import pytest

from components.facts import defaults
from review.graph import Graph, reveal
from review.tests.helpers.stacks import graph_with
from tests.helpers.declare import names, one

ROUTE = {"path": "/v1", "methods": ["POST"], "streaming": True, "timeoutMilliseconds": 120_000}
PROXY: dict[str, Any] = {
    "topology": "public-proxy",
    "backend": {"image": "nginx:1.29"},
    "api": {"routes": [ROUTE]},
}
LINK: dict[str, Any] = {
    "topology": "vpc-link",
    "backend": {"kind": "fargate", "image": "nginx:1.29"},
    "ingress": {"kind": "alb"},
    "api": {"routes": [ROUTE]},
}
ARN = "arn:aws:lambda:eu-west-1:111122223333:function:model"


def integrations(graph: Graph) -> list[dict[str, Any]]:
    paths = json.loads(reveal(one(graph, "RestApi").inputs["body"]))["paths"]
    return [each["x-amazon-apigateway-integration"] for item in paths.values() for each in item.values()]


@pytest.mark.parametrize(("kind", "idle"), [("alb", 130), ("nlb", None)], ids=["v2 to an ALB", "v1 to an NLB"])
def test_through_a_vpc_link(kind: str, idle: int | None) -> None:
    graph = graph_with({**LINK, "ingress": {"kind": kind}})
    found = {(each["responseTransferMode"], each["timeoutInMillis"]) for each in integrations(graph)}
    assert found == {("STREAM", 120_000)}
    # Longer than API Gateway lets a stream pause; an NLB's own limit is.
    assert one(graph, "LoadBalancer").inputs.get("idleTimeout") == idle
    assert not names(graph, "Function")


def test_compiled_files_of_the_forwarder_are_deployed_where_the_stack_file_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(defaults, "LAMBDA_RUNTIME", f"python3.{sys.version_info.minor}")
    code = one(graph_with({**PROXY, "proxy": {"precompiled": True}}), "Function").inputs["code"]
    assert any(name.endswith(".pyc") for name in zipfile.ZipFile(code.path).namelist())


@pytest.mark.parametrize("topology", ["public-proxy", "private-api"])
def test_through_the_forwarder(topology: str) -> None:
    whole = {"path": "/whole", "methods": ["GET"]}
    graph = graph_with({**PROXY, "topology": topology, "api": {"routes": [ROUTE, whole]}})
    function = one(graph, "Function").inputs
    assert function["timeout"] == 120
    assert function["environment"]["variables"]["AWS_LAMBDA_EXEC_WRAPPER"] == "/var/task/streaming-runtime"
    assert one(graph, "Stage").inputs["variables"] == {"streaming": "POST:/v1=120,POST:/v1/~proxy=120"}
    found = integrations(graph)
    assert [each.get("responseTransferMode") for each in found] == ["STREAM", "STREAM", None, None]
    streamed, buffered = found[:2], found[2:]
    assert all(one["uri"].endswith("/response-streaming-invocations") for one in streamed)
    assert all("/2021-11-15/" in one["uri"] for one in streamed)
    assert all(one["uri"].endswith("/invocations") and "/2015-03-31/" in one["uri"] for one in buffered)


def test_through_an_alias_of_the_forwarder_and_from_a_function_of_ones_own() -> None:
    graph = graph_with({**PROXY, "proxy": {"publishVersions": True}})
    assert all(found["uri"].endswith(":live/response-streaming-invocations") for found in integrations(graph))
    api = {"routes": [{**ROUTE, "target": "model"}], "functions": {"model": {"arn": ARN}}}
    graph = graph_with({"topology": "public-proxy", "backend": {"kind": "greeter"}, "api": api})
    place = "arn:aws:apigateway:eu-west-1:lambda:path/2021-11-15/functions"
    assert {each["uri"] for each in integrations(graph)} == {f"{place}/{ARN}/response-streaming-invocations"}


def test_a_route_through_the_link_makes_no_forwarder_stream() -> None:
    hook = {"path": "/hook", "methods": ["POST"], "target": "proxy"}
    function = one(graph_with({**LINK, "api": {"routes": [ROUTE, hook]}}), "Function").inputs
    assert "AWS_LAMBDA_EXEC_WRAPPER" not in function["environment"]["variables"]
    assert function["timeout"] == 10


SLOW = {"path": "/slow", "methods": ["GET"], "timeoutMilliseconds": 299_500}
STREAM = {"path": "/slow", "methods": ["GET"], "streaming": True}
QUOTA = {"timeoutQuotaMilliseconds": 300_000}
OWN = {"functions": {"own": {"arn": ARN}}, "routes": [{"path": "/a"}, {**SLOW, "target": "own"}], **QUOTA}


@pytest.mark.parametrize(
    ("topology", "api", "proxy", "idle"),
    [
        ("vpc-link", {}, None, 60),
        ("vpc-link", {"routes": [{"path": "/a", "timeoutMilliseconds": 29_000}]}, None, 60),
        ("vpc-link", {"routes": [SLOW], **QUOTA}, None, 310),
        ("private-api", {"routes": [SLOW], **QUOTA}, None, 310),
        ("vpc-link", {"routes": [STREAM]}, None, 310),
        ("vpc-link", {"routes": [{**STREAM, "timeoutMilliseconds": 900_000}]}, None, 310),
        ("public-proxy", {"routes": [SLOW], **QUOTA}, {"timeoutSeconds": 200}, 210),
        ("public-proxy", {"routes": [SLOW], **QUOTA}, {"meanMilliseconds": 40_000}, 130),
        ("public-proxy", {}, None, 60),
        # A function of one's own passes no load balancer.
        ("vpc-link", OWN, None, 60),
    ],
)
def test_a_balancer_waits_longer_than_its_callers(topology: str, api: Any, proxy: Any, idle: int) -> None:
    graph = graph_with({**LINK, "topology": topology, "api": api, "proxy": proxy})
    assert one(graph, "LoadBalancer").inputs["idleTimeout"] == idle
