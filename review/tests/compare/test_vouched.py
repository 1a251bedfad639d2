"""The comparison says that calls open, close or lose a requirement only if both versions are certain of it."""

from dataclasses import replace

from review.graph import Graph
from review.tests.compare.pairs import graphs
from review.tests.helpers.graph_reports import compare_graphs
from review.tests.helpers.stacks import remembered

CALL = "GET /orders (and below)"
CANARY = "a transform changes canarySettings of front-stage and"


def add_canary(graph: Graph) -> Graph:
    """A graph with a stage to which a transform adds an input that no reader knows."""
    (stage,) = graph.list_by_type("aws:apigateway/stage:Stage")
    inputs = {**stage.inputs, "canarySettings": {"percentTraffic": 50, "deploymentId": "a1b2c3"}}
    altered = replace(stage, inputs=inputs, altered=frozenset({"canarySettings"}))
    return replace(graph, resources={**graph.resources, stage.urn: altered})


def test_a_call_closes_only_if_nothing_may_decide_in_place_of_its_api() -> None:
    closed, opened = graphs("a route opened")
    assert f"Accepts fewer callers: {CALL} of front (+ IAM)" in compare_graphs(opened, closed).headings
    found = compare_graphs(opened, add_canary(closed))
    assert any(head.startswith(f"Cannot compare: {CALL} of front (+ IAM: {CANARY} may ") for head in found.headings)
    assert "fewer" not in found.heading
    assert found.doubts


def test_a_call_that_was_perhaps_open_before_opens_and_fails() -> None:
    closed, opened = graphs("a route opened")
    found = compare_graphs(add_canary(closed), opened)
    assert found.heading.startswith(f"Opens to anyone: {CALL} of front")
    assert [line.place for line in found.failures] == [f"{CALL} of front (− IAM)"]


def test_a_requirement_of_which_there_is_a_doubt_cannot_be_compared() -> None:
    closed, _ = graphs("a route opened")
    found = compare_graphs(closed, add_canary(closed))
    assert found.headings[0].startswith(f"Cannot compare: who may call front ({CANARY} may ")
    assert len([head for head in found.headings if head.startswith("Cannot")]) == 1
    assert not compare_graphs(add_canary(closed), closed).doubts


def test_a_signature_is_checked_for_certain_only_by_the_forwarders_own_code() -> None:
    signed = remembered(
        {
            "topology": "public-proxy",
            "network": {"egress": "nat-instance"},
            "backend": {"kind": "ec2", "image": "traefik/whoami:v1.11.0", "port": 80},
            "proxy": {"webhook": {"scheme": "github", "secret": {"secure": "v1:drawn:text"}}},
            "api": {"kind": "rest", "routes": [{"path": "/hooks", "methods": ["POST"]}]},
        }
    )
    (forwarder,) = (one for one in signed.list_by_type("aws:lambda/function:Function") if one.name == "proxy-function")
    other = replace(forwarder, altered=frozenset({"code"}))
    changed = replace(signed, resources={**signed.resources, forwarder.urn: other})
    found = compare_graphs(signed, changed)
    assert "Cannot compare: who may call front (a transform changes code of proxy-function" in found.heading
    assert "Opens to anyone" not in found.heading
