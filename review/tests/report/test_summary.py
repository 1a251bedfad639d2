"""The phrase on what a group of resources is, in whichever way they are declared."""

from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.reach.statements import Statements
from review.report.rows import list_rows
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.stacks import graph_with

ROUTE = {"path": "/hooks", "methods": ["POST"], "authorization": "iam"}


def summaries(**config: Any) -> dict[str, str]:
    graph = graph_with({"topology": "vpc-link", "api": {"kind": "http", "routes": [ROUTE]}, **config})
    return {row.name: row.summary for row in list_rows(AwsModel(graph), Statements(graph))}


@pytest.mark.parametrize(
    ("network", "said"),
    [
        ({"egress": "nat-gateway"}, "out: NAT gateway"),
        ({"egress": "nat-gateway", "natGateways": "one-per-zone"}, "out: 2 NAT gateways"),
        ({"egress": ["ipv6", "nat-instance"]}, "out: IPv6 and NAT instance"),
    ],
)
def test_ways_out_of_a_network(network: dict[str, Any], said: str) -> None:
    backend = {"kind": "fargate", "image": "traefik/whoami:v1.11.0", "port": 80}
    found = summaries(network=network, backend=backend, ingress={"kind": "alb"})
    assert found["network"].startswith(f"10.0.0.0/16 · 2 zones · {said}")


@pytest.mark.parametrize(("desired", "said"), [(1, "Fargate 0.25 vCPU 0.5 GB"), (3, "Fargate 0.25 vCPU 0.5 GB × 3")])
def test_tasks_their_size_and_the_ingress(desired: int, said: str) -> None:
    backend = {"kind": "fargate", "image": "traefik/whoami:v1.11.0", "port": 80, "count": desired}
    found = summaries(network={"egress": "nat-gateway"}, backend=backend, ingress={"kind": "alb"})
    assert found["backend"].startswith(f"{said} · tcp 80")
    assert found["ingress"] == "internal ALB · port 80 · VPC link v2"


def test_an_api_whose_calls_have_no_requirement_ends_with_its_throttle() -> None:
    backend = {"kind": "fargate", "image": "traefik/whoami:v1.11.0", "port": 80}
    api = {"kind": "http", "throttle": "off", "routes": [{**ROUTE, "authorization": "none"}]}
    protection = {"acknowledgePublic": ["POST /hooks", "POST /hooks/{proxy+}"]}
    network = {"egress": "nat-gateway"}
    found = summaries(network=network, backend=backend, ingress={"kind": "alb"}, api=api, protection=protection)
    assert found["front"] == "HTTP API · POST /hooks · open to anyone · no throttle"


def test_throttles_of_routes_are_a_range() -> None:
    slow = {**ROUTE, "path": "/slow", "throttle": {"rate": 5, "burst": 5}}
    backend = {"image": "traefik/whoami:v1.11.0", "platform": "linux/arm64", "port": 80}
    api = {"kind": "rest", "throttle": {"rate": 100, "burst": 50}, "routes": [ROUTE, slow]}
    found = summaries(topology="public-proxy", network={"egress": "nat-gateway"}, backend=backend, api=api)
    assert found["front"] == "REST API · POST /hooks · POST /slow · requires IAM · 5/s to 100/s by route"


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
