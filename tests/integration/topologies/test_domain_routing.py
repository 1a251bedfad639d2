"""One name in several regions: the records of each stack, and the one that they share."""

from typing import Any

import pytest

from review.tests.failures import failures
from review.tests.helpers.stacks import graph_with
from tests.helpers.declare import one

RECORD = "aws:route53/record:Record"


def stack(routing: dict[str, Any] | None, region: str = "eu-west-1") -> dict[str, Any]:
    domain = {"name": "api.example.com", "zoneId": "Z0123456789ABC"} | ({"routing": routing} if routing else {})
    routes = [{"path": "/", "authorization": "iam"}]
    return {
        "topology": "public-proxy",
        "aws:region": region,
        "backend": {"kind": "greeter"},
        "api": {"domain": domain, "routes": routes},
    }


@pytest.mark.parametrize(
    ("routing", "key", "value"),
    [
        ({"policy": "latency"}, "latencyRoutingPolicies", {"region": "us-east-1"}),
        ({"policy": "weighted", "weight": 9}, "weightedRoutingPolicies", {"weight": 9}),
        ({"policy": "failover", "failover": "secondary"}, "failoverRoutingPolicies", {"type": "SECONDARY"}),
    ],
)
def test_each_stack_has_records_of_its_own(routing: dict[str, Any], key: str, value: dict[str, Any]) -> None:
    graph = graph_with(stack(routing, "us-east-1"))
    aliases = [record for record in graph.of_type(RECORD) if record.inputs["type"] in ("A", "AAAA")]
    assert aliases
    for record in aliases:
        assert (record.inputs["setIdentifier"], record.inputs[key]) == ("us-east-1", [value])
        assert record.options.delete_before_replace
    assert failures(graph) == []


def test_the_record_that_validates_is_shared_and_outlives_each_stack() -> None:
    (proof,) = (one for one in graph_with(stack({"policy": "latency"})).of_type(RECORD) if "proof" in one.name)
    assert proof.inputs["allowOverwrite"] is True
    assert proof.options.retain_on_delete
    (alone,) = (resource for resource in graph_with(stack(None)).of_type(RECORD) if "proof" in resource.name)
    assert alone.inputs["allowOverwrite"] is False
    assert not alone.options.retain_on_delete


def test_a_health_check_is_that_of_the_stack() -> None:
    check = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
    routing = {"policy": "failover", "failover": "primary", "healthCheckId": check}
    graph = graph_with(stack(routing))
    assert {one.inputs.get("healthCheckId") for one in graph.of_type(RECORD) if "proof" not in one.name} == {check}
    assert one(graph, "DomainName").inputs["domainName"] == "api.example.com"
