"""CONTRIBUTING's recipes, followed to the letter: each is complete."""

import dataclasses
import json
from collections.abc import Iterator

import pytest

from review.aws import catalog
from review.aws.model import AwsModel
from review.aws.row import NO_TRAFFIC, Row, hourly
from review.compare.replacements import replaced_by
from review.cost.prices import Prices
from review.graph import Resource
from review.reach import Reach, trace, unread
from review.rules import RULES, Severity, check
from review.rules.registry import rule
from tests.review.bills import estimate
from tests.review.graph_builder import Builder
from tests.stacks import ROOT

TOKEN = "aws:quantum/device:Device"


def test_a_resource_type_is_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(build: Builder) -> tuple[bool, int, list[str] | None, bool]:
        graph = build.graph()
        (device,) = graph.of_type(TOKEN)
        changed = dataclasses.replace(device, inputs={"qubits": 2})
        bill = estimate(graph)
        replaced = replaced_by(device, changed, ["qubits"])
        return TOKEN in unread(AwsModel(graph)), len(bill.lines), replaced, bool(bill.unpriced)

    def declared() -> Builder:
        build = Builder()
        build("quantum/device:Device", "device", qubits=1)
        return build

    assert found(declared()) == (True, 0, None, True)
    row = Row(role=NO_TRAFFIC, cost=hourly("nat-gateway", "device"), replaces="qubits", mock={"id": "qd-{x8}"})
    monkeypatch.setattr(catalog, "ROWS", {**catalog.ROWS, TOKEN: row})
    build = declared()
    assert found(build) == (False, 1, ["qubits"], False)
    (device,) = build.resources.values()
    assert str(device.id).startswith("qd-")


def test_a_rule_is_one_function() -> None:
    before = dict(RULES)

    @rule("TEST-01", "Topics have tags", Severity.LOW, on=("aws:sns/topic:Topic",), why="x.", remedy="y.", source="z")
    def made(_reach: Reach, resource: Resource) -> Iterator[str]:
        if "tags" not in resource.inputs:
            yield f"{resource.name} has no tags"

    try:
        build = Builder()
        build("sns/topic:Topic", "topic")
        messages = {one.message for one in check(build.graph(), trace(AwsModel(build.graph())))}
        assert made.id in RULES
        assert "topic has no tags" in messages
    finally:
        RULES.clear()
        RULES.update(before)


def test_a_price_is_an_item_of_the_table() -> None:
    build = Builder()
    build("kms/key:Key", "key")
    document = json.loads((ROOT / "review" / "cost" / "prices.json").read_text())
    amounts = []
    for usd in (1.0, 3.0):
        document["items"]["kms-key"]["prices"] = {"pages": {"eu-west-1": usd}}
        (line,) = estimate(build.graph(), prices=Prices(document)).lines
        amounts.append(line.amount)
    del document["items"]["kms-key"]
    (unknown,) = estimate(build.graph(), prices=Prices(document)).lines
    assert (amounts, unknown.amount) == ([1.0, 3.0], None)
