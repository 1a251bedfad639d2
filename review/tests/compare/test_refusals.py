"""What a preview refuses is said: by the check that the component's hook calls, and by `protect`."""

from collections.abc import Iterator
from typing import Any

import pytest

from review.compare import refusals
from review.compare.refusals import Inputs
from review.graph import Options
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.graph_reports import compare_graphs

NETWORK = "gatehouse:index:PrivateNetwork"
HOOKS = Options(hooks={"before_update": ("one-stays",)})


def refuse_other_zones(before: Inputs, after: Inputs) -> Iterator[str]:
    """A check as the components have it."""
    if before["zones"] != after["zones"]:
        yield f"subnet 1 cannot move to {after['zones'][0]}. Keep the order"


@pytest.mark.parametrize(
    ("options", "after", "refused"),
    [(HOOKS, ["b", "a"], True), (HOOKS, ["a", "b"], False), (Options(), ["b", "a"], False)],
)
def test_an_update_that_a_check_refuses_is_said(
    options: Options, after: list[str], refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "CHECKS", {NETWORK: refuse_other_zones})
    graphs = []
    for zones in (["a", "b"], after):
        build = Builder()
        build(NETWORK, "one", options=options, zones=zones)
        graphs.append(build.graph())
    found = compare_graphs(*graphs)
    assert ("Is refused: one: subnet 1 cannot move to b" in found.headings) == refused
    assert any("move to b. Keep the order" in line.sentence for line in found.lines) == refused


def test_a_balancer_in_a_vpc_that_is_replaced_goes_with_it() -> None:
    graphs = []
    for cidr, subnets in (("10.0.0.0/16", 3), ("10.1.0.0/16", 2)):
        build = Builder()
        vpc = build("ec2/vpc:Vpc", "vpc", cidrBlock=cidr)
        inputs: dict[str, Any] = {"kind": "alb", "deletion_protection": True, "subnet_ids": ["a", "b", "c"][:subnets]}
        build("gatehouse:index:PrivateIngress", "one", options=HOOKS, vpc_id=vpc.id, **inputs)
        graphs.append(build.graph())
    headings = compare_graphs(*graphs).headings
    assert [words for words in headings if words.startswith("Is refused")] == [
        "Is refused: one: AWS refuses to delete its load balancer, which has deletion protection and would be replaced"
    ]


@pytest.mark.parametrize(
    ("after", "says"),
    [
        (None, "Is refused: one (Queue) leaves the program and is protected"),
        ({"fifoQueue": True}, "Is refused: one (Queue) is replaced and is protected"),
    ],
)
def test_a_protected_resource_is_refused(after: dict[str, Any] | None, says: str) -> None:
    graphs = []
    for inputs in ({}, after):
        build = Builder()
        if inputs is not None:
            build("sqs/queue:Queue", "one", options=Options(protect=True), **inputs)
        graphs.append(build.graph())
    assert says in compare_graphs(*graphs).headings
