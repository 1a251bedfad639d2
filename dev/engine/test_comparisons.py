"""What runs compare: moves.json, outputs, what the pack cannot tell, and an update from an earlier version."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dev.engine import earlier_version, moves, moves_document, planned
from dev.engine.cli import ROOT, Outcome, Step, _read_events
from dev.engine.cycle import stage
from dev.engine.printed import addresses, differences
from dev.engine.reviewing import inconclusive
from review.tests.graph_builder import Builder
from review.tests.updates import updated
from tests_of_both.moves.moves import MOVES

GROUP = "aws:autoscaling/group:Group"


def outcome(*steps: tuple[str, str]) -> Outcome:
    made = [Step(verb, f"urn:pulumi:test::gatehouse::{GROUP}::{name}") for verb, name in steps]
    return Outcome(command=(), status=0, seconds=0, steps=made, errors=[], violations=frozenset(), text="")


def test_every_move_has_a_row_and_its_orders_name_steps() -> None:
    assert set(MOVES) == set(moves_document.rows())
    known = [moves.promised_orders(name) for name in MOVES]
    verbs = {words.rpartition(" ")[0] for orders in known for order in orders for words in order}
    assert verbs <= set(moves_document._OPERATIONS) | {"leave in AWS"}
    assert sum(map(len, known)) > len(MOVES) / 2


def test_a_group_that_is_deleted_first_contradicts_the_document() -> None:
    name = "another image of several instances"
    first = (("create-replacement", "backend-group-of-instances"), ("delete-replaced", "backend-group-of-instances"))
    update = ("create-replacement", "backend-template")
    orders = moves.promised_orders(name)
    assert list(moves_document.out_of_order(orders, outcome(update, *first))) == []
    assert list(moves_document.out_of_order(orders, outcome(update, *reversed(first))))
    assert list(moves_document.out_of_order(orders, outcome(update)))


def test_a_resource_that_is_not_replaced_contradicts_the_document() -> None:
    row = moves_document.rows()["another port of Fargate"]
    assert list(moves_document.replaced_otherwise(row, row.replaced)) == []
    missing = row.replaced - {"backend-service"}
    assert list(moves_document.replaced_otherwise(row, missing)) == [
        "backend-service is not replaced, and moves.json says so"
    ]
    assert list(moves_document.replaced_otherwise(row, row.replaced | {"other"}))


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
        ({"opened": (OPEN,)}, {"opened": (DOUBTED,)}, 0),
        ({"opened": (OPEN,)}, {"opened": ()}, 1),
        ({"opened": ()}, {"opened": (DOUBTED,)}, 1),
        ({"opened": (DOUBTED,)}, {"opened": (OPEN,)}, 2),
        ({"closed": ("internet → other",)}, {"closed": (DOUBTED,)}, 2),
        ({"altered": ()}, {"altered": ((OPEN, DOUBTED),)}, 0),
        ({"altered": ((OPEN, DOUBTED),)}, {"altered": ((OPEN, DOUBTED),)}, 0),
        ({"altered": ()}, {"altered": ((DOUBTED, OPEN),)}, 1),
        ({"fixed": (1.0, 2.0)}, {"fixed": (1.0, None)}, 0),
        ({"fixed": (1.0, 2.0)}, {"fixed": (1.0, 3.0)}, 2),
    ],
)
def test_a_plan_may_doubt_what_rests_on_what_it_creates(
    offline: dict[str, Any], by_plan: dict[str, Any], apart: int
) -> None:
    nothing = updated(Builder().graph(), Builder().graph())
    assert len([*planned.unlike(replace(nothing, **offline), replace(nothing, **by_plan))]) == apart
