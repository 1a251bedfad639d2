"""What runs compare: outputs, what the pack cannot tell, and an update from an earlier version."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from review.compare.lines import Group, Line, Sign
from review.tests.graph_builder import Builder
from review.tests.updates import compared
from tests.engine import earlier_version, planned
from tests.engine.cli import ROOT, Outcome, Step, _read_events
from tests.engine.cycle import stage
from tests.engine.printed import addresses, differences
from tests.engine.reviewing import inconclusive

GROUP = "aws:autoscaling/group:Group"


def outcome(*steps: tuple[str, str]) -> Outcome:
    made = [Step(verb, f"urn:pulumi:test::gatehouse::{GROUP}::{name}") for verb, name in steps]
    return Outcome(command=(), status=0, seconds=0, steps=made, errors=[], violations=frozenset(), text="")


def test_addresses_are_those_of_domains_if_there_are_any() -> None:
    stage_url = {"invokeUrl": "https://abc.execute-api.eu-west-1.amazonaws.com/live/"}
    resources: list[dict[str, Any]] = [{"type": "aws:apigateway/stage:Stage", "outputs": stage_url}]
    assert addresses(resources) == ["https://abc.execute-api.eu-west-1.amazonaws.com/live"]
    mapped = {"domainName": "api.example.com", "basePath": "v1"}
    resources.append({"type": "aws:apigateway/basePathMapping:BasePathMapping", "outputs": mapped})
    assert addresses(resources) == ["https://api.example.com/v1"]


def test_outputs_with_another_address_are_found() -> None:
    right = {"apiUrl": "https://a/live", "curl": "curl 'https://a/live/orders'"}
    assert list(differences(right, ["https://a/live"])) == []
    assert len(list(differences({**right, "apiUrl": "https://b"}, ["https://a/live"]))) == 1
    assert len(list(differences({**right, "curl": "curl 'https://b'"}, ["https://a/live"]))) == 1
    assert len(list(differences({}, ["https://a/live"]))) == 2


def test_a_warning_is_a_fault_and_the_plugins_of_the_tests_are_expected(tmp_path: Path) -> None:
    log = tmp_path / "events"
    said = ["backend: the update did not wait", "using pulumi-resource-aws from $PATH at /tmp"]
    events = [{"diagnosticEvent": {"severity": "warning", "message": each}} for each in said]
    log.write_text("\n".join(map(json.dumps, events)))
    warnings = _read_events(log).warnings
    assert warnings == [": backend: the update did not wait"]
    assert stage("up", replace(outcome(), warnings=warnings)).faults


def test_what_the_review_cannot_tell_is_counted_by_resource_message_and_severity() -> None:
    import yaml

    # A file with an encrypted value, for which the review has a stand-in.
    document = yaml.safe_load((ROOT / "examples" / "webhook.yaml").read_text())
    found = inconclusive(document)
    assert found
    unclear = [f"policy CANNOT-TELL-HIGH: {message}" for _, message, _ in found]
    assert replace(outcome(), errors=[*unclear, "policy FIT-01: no"]).unclear == unclear


def test_an_update_from_an_earlier_version_replaces_what_is_listed() -> None:
    steps = outcome(("replace", "a"), ("delete", "b"))
    assert list(earlier_version.unlike(steps, {"replaced": ["a"], "deleted": ["b"]})) == []
    assert len(list(earlier_version.unlike(steps, {"replaced": [], "deleted": ["b", "c"]}))) == 2


def test_every_stack_of_the_earlier_version_is_a_file() -> None:
    assert all((ROOT / name).exists() for name in earlier_version.expected()["stacks"])


OPEN = "internet → front → proxy → backend"
DOUBTED = f"{OPEN} (cannot tell: which listener is called)"


@pytest.mark.parametrize(
    ("offline", "by_plan", "apart"),
    [
        (OPEN, DOUBTED, 0),
        (OPEN, "", 1),
        ("", DOUBTED, 1),
        (DOUBTED, OPEN, 2),
        ("internet → other", DOUBTED, 2),
    ],
)
def test_a_plan_may_doubt_what_rests_on_what_it_creates(offline: str, by_plan: str, apart: int) -> None:
    nothing = compared(Builder().graph(), Builder().graph())
    with_path, planned_path = (
        replace(nothing, lines=(Line(Group.PATHS, Sign.NEW, text, "ends"),) if text else ())
        for text in (offline, by_plan)
    )
    assert len([*planned.unlike(with_path, planned_path)]) == apart
