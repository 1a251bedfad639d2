"""What a preview refuses is said to be refused, and a doubt neither opens nor closes."""

from dataclasses import replace
from typing import Any

import pytest

from review.compare.facts import Facts, collect_facts
from review.compare.lines import Topic
from review.compare.resources import Resources
from review.compare.statements import list_open_lines, list_path_lines
from review.cost import Usage
from review.facts import hook_names
from review.graph import Options
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.graph_reports import compare_graphs

DISK, PLAIN = "ec2/instance:Instance", "lb/listener:Listener"
NETWORK = "gatehouse:index:PrivateNetwork"


@pytest.mark.parametrize(
    ("kind", "hook", "before", "after", "refused"),
    [
        (NETWORK, hook_names.NETWORK_STAYS, {"egress": ["nat-gateway"]}, {"cidr": "10.9.0.0/16"}, True),
        (NETWORK, hook_names.NETWORK_STAYS, {"egress": ["nat-instance"]}, {"cidr": "10.9.0.0/16"}, False),
        (NETWORK, hook_names.WAITS, {"egress": ["nat-gateway"]}, {"cidr": "10.9.0.0/16"}, False),
        (
            DISK,
            hook_names.ONLY_GROWS,
            {"rootBlockDevice": {"volumeSize": 30}},
            {"rootBlockDevice": {"volumeSize": 8}},
            True,
        ),
        (
            DISK,
            hook_names.ONLY_GROWS,
            {"rootBlockDevice": {"volumeSize": 8}},
            {"rootBlockDevice": {"volumeSize": 30}},
            False,
        ),
        (PLAIN, hook_names.PROTOCOL_STAYS, {"protocol": "TCP", "port": 80}, {"protocol": "TLS"}, True),
    ],
)
def test_an_update_that_a_hook_refuses_is_said(
    kind: str, hook: str, before: dict[str, Any], after: dict[str, Any], *, refused: bool
) -> None:
    graphs = []
    for inputs in (before, {**before, **after}):
        build = Builder()
        build(kind, "one", options=Options(hooks={"before_update": (f"one-{hook}",)}), **inputs)
        graphs.append(build.graph())
    assert ("Is refused: " in compare_graphs(*graphs).heading) == refused


def _facts(**changed: Any) -> Facts:
    return replace(collect_facts(Builder().graph(), Usage()), **changed)


KEY = ("outbound", "proxy", "internet")
WAY, OTHER = frozenset({"proxy → internet"}), frozenset({"proxy → nat → internet"})


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ({}, {"paths": {KEY: WAY}}, Topic.OPENS_PATH.value),
        ({"paths": {KEY: WAY}}, {}, Topic.ENDS_PATH.value),
        ({}, {"paths": {KEY: WAY}, "doubted": frozenset({KEY})}, Topic.DOUBTS.value),
        ({"paths": {KEY: WAY}, "doubted": frozenset({KEY})}, {}, "Perhaps ends a path: {}"),
        ({"paths": {KEY: WAY}, "doubted": frozenset({KEY})}, {"paths": {KEY: OTHER}}, "Perhaps opens a path: {}"),
    ],
)
def test_a_path_that_may_be_open_neither_opens_nor_ends(
    before: dict[str, Any], after: dict[str, Any], says: str
) -> None:
    lines = list_path_lines(_facts(**before), _facts(**after), Resources((), (), (), ()))
    assert {head.words or head.topic.value for line in lines for head in line.heads} == {says}


OPEN = {"open_calls": {"GET /a of front": False}}


@pytest.mark.parametrize(
    ("before", "after", "topic", "fails"),
    [
        ({}, OPEN, Topic.OPENS, True),
        (OPEN, {}, Topic.CLOSES, False),
        (OPEN, {"open_unknown": {"front": "a reason"}}, Topic.DOUBTS, False),
        ({"open_unknown": {"front": "a reason"}}, OPEN, Topic.OPENS, True),
    ],
)
def test_a_call_does_not_close_by_a_doubt_and_one_that_is_open_fails_after_a_doubt_too(
    before: dict[str, Any], after: dict[str, Any], topic: Topic, *, fails: bool
) -> None:
    (line,) = list_open_lines(_facts(**before), _facts(**after))
    assert ([head.topic for head in line.heads], line.fails) == ([topic], fails)
