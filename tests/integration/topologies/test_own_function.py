"""A function of one's own without a backend: it is called, and nothing else is declared for it."""

from typing import Any

import pytest

from review.tests.failures import failures
from review.tests.helpers.stacks import graph_with
from tests.helpers.declare import names, one

API: dict[str, Any] = {
    "functions": {"orders": {"folder": "handlers/greeter"}},
    "routes": [{"path": "/orders", "methods": ["GET"], "target": "orders", "authorization": "iam"}],
}
VPN = {"private": {"allowVpc": False, "allowCidrs": ["10.250.0.0/16"]}}


@pytest.mark.parametrize("topology", ["public-proxy", "private-api"])
def test_only_the_function_and_its_api_are_declared(topology: str) -> None:
    graph = graph_with({"topology": topology, "api": API})
    assert names(graph, "Function") == ["function-orders-function"]
    assert names(graph, "Instance") == []
    assert bool(names(graph, "Vpc")) == (topology == "private-api")
    assert failures(graph) == []


def test_only_a_vpn_may_call_a_function_behind_a_private_api() -> None:
    graph = graph_with({"topology": "private-api", "api": API | VPN})
    assert one(graph, "SecurityGroupIngressRule").inputs["cidrIpv4"] == "10.250.0.0/16"
    assert graph.exports["egress"] == "none"
    assert failures(graph) == []
