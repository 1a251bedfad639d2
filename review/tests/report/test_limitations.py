"""What a way out gives up, and what crosses zones, of the networks that components declare."""

from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.cost.prices import Prices, load_prices
from review.evaluate.runner import Evaluation
from review.graph import Graph
from review.graph.prose import join_names
from review.reach import trace
from review.report.limitations import SLASH_LOST, list_limitations
from review.report.render.json_report import build_document
from review.report.render.markdown import format_markdown
from review.report.render.text import format_plain
from review.report.report import report
from review.tests.helpers.stacks import evaluation, graph_of, graph_with


def list_of(graph: Graph, prices: Prices | None = None) -> list[str]:
    return list_limitations(trace(graph), AwsModel(graph), prices or load_prices())


IPV4_ONLY = "backend: hosts that have only IPv4 cannot be reached, such as GitHub and most services of other companies"
CROSSING = "crosses zones, at $0.01 a gigabyte each way"
ZONES = (
    "AWS offers some services in some zones only; whether the endpoint's zones are among them is not known here. The"
    " deployment fails if they are not"
)


@pytest.mark.parametrize(
    ("stack", "said"),
    [
        pytest.param(stack, said, marks=pytest.mark.xdist_group(stack))
        for stack, said in (
            # The forwarder is in both zones and the only instance in the first.
            ("dev", [IPV4_ONLY, f"proxy: data between eu-west-1b and backend (eu-west-1a) {CROSSING}"]),
            ("prod", ["backend: whether traefik/whoami:v1.11.0 is built for arm64 is not known here"]),
            ("examples/nothing-out.yaml",
             ["backend: nothing outside the network can be reached but DynamoDB (this account's only), "
              "S3 (Amazon Linux packages and gatehouse-example-images)"]),
            ("examples/private-greeter.yaml",
             ["consumer: nothing outside the network can be reached but execute-api, ssm, ssmmessages",
              f"ssm endpoint, ssmmessages endpoint and execute-api endpoint: {ZONES}",
              "execute-api endpoint: inside its VPC all execute-api names of the region lead to it, and public APIs"]),
            # A backend in the gateway's own zone goes down with it anyway, and a forwarder calls nobody else.
            ("examples/existing-backend.yaml", []),
            ("examples/rest-nlb-fargate.yaml", [f"ingress nlb: data to copies in other zones {CROSSING}", SLASH_LOST]),
            # An ALB spreads calls over zones for free.
            ("examples/rest-alb-fargate.yaml",
             ["backend: out through one machine, nat (t4g.nano, eu-west-1a): no more than 32 Mbit/s sustained"]),
        )
    ],
)  # fmt: skip
def test_the_ways_out_of_the_examples(stack: str, said: list[str]) -> None:
    found = list_of(graph_of(stack))
    assert [line for line in said if not any(line in each for each in found)] == []
    assert any("copies in other zones" in line for line in found) is (stack == "examples/rest-nlb-fargate.yaml")
    assert said or not [line for line in found if ZONES not in line and SLASH_LOST not in line]


PRIVATE: dict[str, Any] = {
    "topology": "private-api",
    "backend": {"kind": "greeter"},
    "api": {"kind": "rest", "routes": [{"path": "/", "methods": ["GET"], "authorization": "iam"}]},
}


@pytest.mark.parametrize("private_dns", [True, False])
def test_private_dns_takes_the_names_of_public_apis(private_dns: bool) -> None:
    api = {**PRIVATE["api"], "private": {"privateDns": private_dns}}
    said = list_of(graph_with({**PRIVATE, "api": api}))
    assert any("public APIs answer 403" in line for line in said) is private_dns


def build_config(**network: Any) -> dict[str, Any]:
    return {
        "topology": "vpc-link",
        "network": network,
        "backend": {"kind": "fargate", "image": "traefik/whoami:v1.11.0", "port": 80},
        "ingress": {"kind": "alb"},
        "api": {"kind": "http", "routes": [{"path": "/", "methods": ["GET"], "authorization": "iam"}]},
    }


def test_one_gateway_for_two_zones() -> None:
    graph = graph_with(build_config(egress="nat-gateway", zones=2, natGateways="one"))
    assert any(
        "out of 2 zones through one NAT gateway (eu-west-1a): data crosses zones, at $0.01 a gigabyte each way, "
        "and a failure of that zone cuts all of them off" in line
        for line in list_of(graph)
    )
    unpriced = Prices({"items": {}, "sources": {}, "as_of": ""})
    assert any("data crosses zones, and a failure of that zone" in line for line in list_of(graph, unpriced))


@pytest.mark.parametrize(
    ("kind", "speed"), [("t4g.nano", "32 Mbit/s sustained"), ("c7gn.medium", "what c7gn.medium sustains")]
)
def test_the_speed_of_a_nat_instance_is_its_types(kind: str, speed: str) -> None:
    graph = graph_with(build_config(egress="nat-instance", natInstance={"instanceType": kind}))
    assert any(
        f"({kind}, eu-west-1a): no more than {speed}, and nothing while it is down" in line for line in list_of(graph)
    )


@pytest.mark.parametrize(
    ("ranges", "says"),
    [
        (["10.8.0.0/24"], "function-f lets out no connection to the internet, and only asks the VPC's resolver"),
        (["10.8.0.0/24", "203.0.113.0/24"], "cannot tell: whether a route leads to the addresses that it calls"),
        (["0.0.0.0/1", "128.0.0.0/1"], "cannot tell: whether a route leads to the addresses that it calls"),
    ],
)
def test_a_program_that_calls_public_addresses_is_not_cut_off(ranges: list[str], says: str) -> None:
    calls = {f"a{at}": {"cidr": cidr, "port": 443} for at, cidr in enumerate(ranges)}
    functions = {"f": {"folder": "handlers/greeter", "vpc": True, "calls": calls}}
    routes = [{"path": "/f", "methods": ["GET"], "authorization": "iam", "target": "f"}]
    backend = {"image": "traefik/whoami:v1.11.0", "port": 80}
    config = {"topology": "public-proxy", "backend": backend, "api": {"functions": functions, "routes": routes}}
    found = report(Evaluation(*[graph_with(config)] * 2))
    text = " ".join(format_plain(found, 500).split())
    assert says in text
    assert "function-f → internet" in text
    assert any(f"can be reached but {join_names(ranges)}" in line for line in found.limitations)


def test_every_form_says_it() -> None:
    found = report(evaluation("dev"))
    said = sorted(found.limitations)[0]
    text = format_plain(found, 200)
    assert text.index("limitations") < text.index(said)
    assert f"- limitation: {said}" in format_markdown(found)
    assert build_document(found)["limitations"] == [*found.limitations]
