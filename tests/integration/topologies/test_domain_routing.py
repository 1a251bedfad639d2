"""One name in several regions: the records of each stack, and the one that they share."""

from typing import Any

import pytest

from review.graph import Graph, Resource
from review.tests.helpers.graph_reports import list_failures
from review.tests.helpers.stacks import graph_with

CHECK = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"


def declared(routing: dict[str, Any] | None, region: str) -> tuple[Graph, Resource, list[Resource]]:
    """The graph, the record that validates the certificate, and those of the name."""
    domain = {"name": "api.example.com", "zoneId": "Z0123456789ABC"} | ({"routing": routing} if routing else {})
    api = {"domain": domain, "routes": [{"path": "/", "authorization": "iam"}]}
    backend = {"kind": "greeter"}
    graph = graph_with({"topology": "public-proxy", "aws:region": region, "backend": backend, "api": api})
    records = graph.list_by_type("aws:route53/record:Record")
    (proof,) = (record for record in records if "proof" in record.name)
    return graph, proof, [record for record in records if record is not proof]


@pytest.mark.parametrize(
    ("routing", "key", "value"),
    [
        ({"policy": "latency"}, "latencyRoutingPolicies", {"region": "us-east-1"}),
        ({"policy": "weighted", "weight": 9}, "weightedRoutingPolicies", {"weight": 9}),
        ({"policy": "failover", "failover": "secondary"}, "failoverRoutingPolicies", {"type": "SECONDARY"}),
        (
            {"policy": "failover", "failover": "primary", "healthCheckId": CHECK},
            "failoverRoutingPolicies",
            {"type": "PRIMARY"},
        ),
    ],
)
def test_each_stack_has_records_of_its_own(routing: dict[str, Any], key: str, value: dict[str, Any]) -> None:
    graph, proof, aliases = declared(routing, "us-east-1")
    assert {record.inputs["type"] for record in aliases} == {"A", "AAAA"}
    for record in aliases:
        assert (record.inputs["setIdentifier"], record.inputs[key]) == ("us-east-1", [value])
        assert record.inputs.get("healthCheckId") == routing.get("healthCheckId")
        assert record.options.delete_before_replace
    # The record that validates is shared, and outlives each stack.
    assert (proof.inputs["allowOverwrite"], proof.options.retain_on_delete) == (True, True)
    assert list_failures(graph) == []


def test_the_record_of_a_stack_alone_goes_with_it() -> None:
    _, proof, _ = declared(None, "eu-west-1")
    assert (proof.inputs["allowOverwrite"], proof.options.retain_on_delete) == (False, False)
