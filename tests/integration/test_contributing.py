"""CONTRIBUTING's recipes, followed to the letter: each is complete."""

import importlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path as Folder

import pytest

from components.stack.settings.mistakes import qualified
from components.stack.settings.reading import read
from components.stack.settings.reference import _table
from review.aws.catalog import catalog
from review.aws.model.model import AwsModel
from review.aws.model.unread import unread
from review.aws.network.nodes import Node
from review.cost.prices import Prices
from review.evaluate.runner import Evaluation
from review.graph import Resource
from review.graph.answers import YES, doubted, refuse
from review.graph.given import by_type
from review.reach import Hop, Kind, Path, Reach, trace
from review.reach.people import People
from review.report.render.json_text import as_json
from review.report.render.text import plain
from review.report.report import report
from review.rules import RULES, Severity, check
from review.rules.registry import _texts, rule
from review.tests.bills import estimate
from review.tests.fixtures import Write
from review.tests.graph_builder import Builder
from review.tests.parts import machine, network
from tests.helpers.stacks import ROOT

TOKEN = "aws:quantum/device:Device"


def test_a_resource_type_is_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(build: Builder) -> tuple[bool, int, bool]:
        graph = build.graph()
        bill = estimate(graph)
        return TOKEN in unread(graph), len(bill.lines), bool(bill.unpriced)

    def declared() -> Builder:
        build = Builder()
        build("quantum/device:Device", "device", qubits=1)
        return build

    assert found(declared()) == (True, 0, True)
    row = catalog._row({"hourly": ["nat-gateway", "device"], "outputs": {"id": "qd-{x8}"}})
    monkeypatch.setattr(catalog, "ROWS", {**catalog.ROWS, TOKEN: row})
    build = declared()
    assert found(build) == (False, 1, False)
    (device,) = build.resources.values()
    assert str(device.id).startswith("qd-")


def test_a_rule_keeps_its_texts_where_python_drops_docstrings() -> None:
    def made(resource: Resource) -> Iterator[str]:
        """Topics have tags.

        Why: Nobody finds them.
        Remedy: Tag them.
        https://example.com/
        """
        yield resource.name

    whole = _texts("TEST-01", made, {})
    made.__doc__ = None
    assert _texts("TEST-01", made, {}) == whole
    made.__doc__ = "Topics have tags."
    with pytest.raises(ValueError, match="TEST-01 has to be a sentence"):
        _texts("TEST-01", made, {})


def test_a_rule_is_one_function() -> None:
    before = dict(RULES)

    @rule("TEST-01", Severity.LOW, on=("aws:sns/topic:Topic",), many=2)
    def made(_reach: Reach, resource: Resource) -> Iterator[str]:
        """Topics have tags.

        Why: Without {many} tags nobody
        finds them.
        Remedy: Tag them.
        https://example.com/
        """
        if "tags" not in resource.inputs:
            yield f"{resource.name} has no tags"

    try:
        build = Builder()
        build("sns/topic:Topic", "topic")
        messages = {finding.message for finding in check(build.graph(), trace(AwsModel(build.graph())))}
        assert made.id in RULES
        assert (made.title, made.why, made.remedy, made.source) == (
            "Topics have tags",
            "Without 2 tags nobody finds them.",
            "Tag them.",
            "https://example.com/",
        )
        assert "topic has no tags" in messages
    finally:
        RULES.clear()
        RULES.update(before)


_RULE = '''
"""Topics."""

from collections.abc import Iterator

from ..graph import Resource
from ..graph.reading import read
from .registry import Severity, rule


@rule("TOPIC-01", Severity.HIGH, on=("aws:sns/topic:Topic",))
def topics_have_owners(resource: Resource) -> Iterator[str]:
    """Topics have an owner.

    Why: Nobody finds them.
    Remedy: Tag them.
    https://docs.aws.amazon.com/sns/latest/dg/sns-tags.html
    """
    if not read(resource, "tags", "Owner"):
        yield f"{resource.name} has no owner"
'''
_PROGRAM = "import pulumi_aws as aws\naws.sns.Topic('lost')\naws.sns.Topic('mine', tags={'Owner': 'me'})\n"


@pytest.mark.slow
def test_a_rule_is_a_function_in_a_module_of_its_own(write_project: Write, tmp_path: Folder) -> None:
    """In a copy: the report comes out with its finding, the list of rules has it, and the pack a policy of its kind."""
    copy = tmp_path / "copy"
    for name in ("review", "components"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "tests"))
    (copy / "review" / "rules" / "topics.py").write_text(_RULE.lstrip())

    def ran(*words: str) -> str:
        command = [sys.executable, *words]
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False, timeout=120)
        assert done.stderr == ""
        return done.stdout

    project = write_project(_PROGRAM)
    reported = json.loads(ran("review/launch.py", "dev", "--project", str(project.root), "--format", "json"))
    found = {(one["resource"], one["message"]) for one in reported["rules"]["findings"] if one["rule"] == "TOPIC-01"}
    assert [message for _, message in found] == ["lost has no owner"]
    ran("-m", "review.rules.reference")
    assert (
        "| [TOPIC-01](#topic-01) | high | each resource | Topics have an owner |"
        in (copy / "review/docs/rules.md").read_text()
    )
    kinds = "print({one.name: type(one).__name__ for one in policies()}['TOPIC-01'])"
    assert ran("-c", f"from review.policy.pack import policies; {kinds}").strip() == "ResourceValidationPolicy"


def test_a_price_is_an_item_of_the_table() -> None:
    build = Builder()
    build("ec2/eip:Eip", "address")
    document = json.loads((ROOT / "review" / "cost" / "prices.json").read_text())
    amounts = []
    for usd in (1.0, 3.0):
        document["items"]["public-ipv4"]["prices"] = {"pages": {"eu-west-1": usd}}
        (line,) = estimate(build.graph(), prices=Prices(document)).lines
        amounts.append(line.amount)
    del document["items"]["public-ipv4"]
    (unknown,) = estimate(build.graph(), prices=Prices(document)).lines
    assert (amounts, unknown.amount) == ([730 * 1.0, 730 * 3.0], None)


def test_a_path_kind_is_a_generator_of_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_console(_self: People, node: Node) -> Iterator[Path]:
        lock = refuse("a lock", [by_type(node.resource)])
        for source, answer in (("ann", YES), ("ben", lock), ("eve", doubted("no key is known"))):
            yield Path(
                source=source,
                target="server",
                hops=(Hop(None, "", "", "console"),),
                answer=answer,
                kind=Kind.PEOPLE,
                backend=node.resource,
            )

    monkeypatch.setattr(People, "paths", by_console)
    build = Builder()
    machine(build, "server", subnetId=network(build).private[0].id)
    made = report(Evaluation(build.graph(), build.graph()))
    text, document = plain(made), json.loads(as_json(made))
    for line in (
        "ann → console → server",
        "ben → console → server: no, a lock",
        "eve → console → server (cannot tell: no key is known)",
    ):
        assert line in text
    found = {path["source"]: path["open"] for path in document["paths"]}
    assert {name: found[name] for name in ("ann", "ben", "eve")} == {"ann": True, "ben": False, "eve": None}


_SAMPLE = '''"""A section with one key."""

from dataclasses import dataclass
from typing import Annotated

from components.argument_types import between
from components.stack.settings.section import Section


@dataclass(frozen=True, kw_only=True)
class Sample(Section):
    """A section."""

    shelf_height: Annotated[int, between(10, 90)] = 30
    """Height of a shelf, cm"""
'''


def test_a_setting_is_one_field(tmp_path: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sample.py").write_text(_SAMPLE)
    monkeypatch.syspath_prepend(tmp_path)
    Sample = importlib.import_module("sample").Sample  # noqa: N806 # a class
    row = "| `shelfHeight` | a whole number from 10 to 90 | `30` | Height of a shelf, cm |"
    assert _table(Sample, "", {}, "", {})[-1] == row
    mistakes = {one.key: one for one in read("sample", Sample, {"shelfHeight": 9, "shelfHeigth": 20}, secret=False)[1]}
    assert "10 to 90" in mistakes[qualified("sample.shelfHeight")].allowed
    assert "did you mean shelfHeight?" in mistakes[qualified("sample.shelfHeigth")].remedy
