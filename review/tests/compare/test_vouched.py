"""The comparison says that calls open, close or lose a requirement only if both versions are certain of it."""

from dataclasses import replace

from review.compare.comparison import Comparison
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


def list_lines(found: Comparison, group: str) -> list[str]:
    return [line.sentence for line in found.lines if line.topic.group.name == group]


def test_a_call_closes_only_if_nothing_may_decide_in_place_of_its_api() -> None:
    closed, opened = graphs("a route opened")
    assert f"Closes to anyone: {CALL}" in compare_graphs(opened, closed).heading
    found = compare_graphs(opened, add_canary(closed))
    assert f"Cannot tell: {CALL}" in found.heading
    assert "Closes" not in found.heading
    (line,) = list_lines(found, "OPEN")
    assert line.startswith(f"{CALL} of front: cannot tell whether it is still open: {CANARY} may ")


def test_a_call_that_was_perhaps_open_before_does_not_open_and_fails_nevertheless() -> None:
    closed, opened = graphs("a route opened")
    found = compare_graphs(add_canary(closed), opened)
    assert found.heading.startswith(f"Is open to anyone, and perhaps was before: {CALL} of front")
    assert any(text.startswith(f"{CALL} of front (not acknowledged") for text in found.failures)


def test_a_requirement_of_which_there_is_a_doubt_is_perhaps_lost() -> None:
    closed, _ = graphs("a route opened")
    found = compare_graphs(closed, add_canary(closed))
    assert f"Perhaps no longer requires IAM: {CALL} ({CANARY} may " in found.heading
    assert "requires: IAM → cannot tell whether IAM" in "".join(list_lines(found, "CALLS"))
    back = compare_graphs(add_canary(closed), closed)
    assert "longer requires" not in back.heading


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
    assert "Perhaps no longer checks a signature: POST /hooks (and below)" in found.heading
    assert "Opens to anyone" not in found.heading
    assert "a transform changes code of proxy-function" in found.heading
