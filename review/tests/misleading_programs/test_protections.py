"""A protection is named only if a fact proves it: programs have its form without its effect, and some have both."""

import fnmatch
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from review import facts
from review.aws.model.model import AwsModel
from review.cost import Usage, estimate
from review.evaluate.runner import Evaluation
from review.graph import Graph
from review.paths import Path as Way
from review.paths.path import Kind
from review.report.render.text import format_plain
from review.report.report import report
from review.rules import Status, check
from review.tests.helpers import yaml_programs
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.stack_parts import paths
from review.tests.rules import programs as _parts  # noqa: F401 # gives them their names

WHOLE: dict[str, Any] = yaml_programs.read(Path(__file__).with_name("protections.yaml"))
WORDS = WHOLE.pop("words")
TABLE: dict[str, dict[str, str]] = json.loads(
    (Path(facts.__file__).parent / "protections.json").read_text(encoding="utf-8")
)
MINIMUM_OPENINGS = 3


def _cases() -> Iterator[Any]:
    for protection, entries in WHOLE.items():
        for number, entry in enumerate(entries):
            for variant, it in enumerate(entry.get("each", (None,))):
                yield pytest.param(protection, entry, it, id=f"{protection} {number}.{variant}")


def _built(entry: dict[str, Any], it: Any, *, known: bool = True) -> Graph:
    build = Builder(known=known)
    # A step of a case may be the variant itself.
    steps = [it if step == "$it" and isinstance(it, dict) else step for step in entry["with"]]
    yaml_programs.program(steps, {**WORDS, "it": it})(build)
    return build.graph()


def _from_internet(graph: Graph) -> list[Way]:
    return [way for way in paths(graph) if "internet" in way.source and way.kind is Kind.INBOUND]


def _answer(graph: Graph) -> str:
    """What everybody on the internet can do with a call of the API."""
    found = [one for one in check(graph) if one.rule.id == "API-01"]
    if any(one.status is Status.FAILED for one in found):
        return "open"
    if found:
        return "doubt"
    ways = _from_internet(graph)
    return "asks" if any(way.open for way in ways) else "nobody"


def _names(way: Way, word: str) -> bool:
    """Whether the label of a hop names a protection."""
    return any(word in hop.label.split(", ") for hop in way.hops)


@pytest.mark.parametrize(("protection", "entry", "it"), [*_cases()])
def test_a_protection_is_named_only_where_it_is_proven(protection: str, entry: dict[str, Any], it: Any) -> None:
    graph = _built(entry, it, known=not entry.get("unknown"))
    lines = [str(way) for way in paths(graph)]
    said = "\n".join(lines)
    word = entry.get("words") or TABLE[protection]["word"]
    sure = [way for way in _from_internet(graph) if way.open and not way.uncertainty]
    if entry.get("has"):
        assert _answer(graph) == "asks", said
        assert any(_names(way, word) for way in sure), said
    if "api" in entry:
        assert _answer(graph) == entry["api"], said
        assert entry.get("named") or not word or not any(_names(way, word) for way in sure), said
    if "has_words" in entry:
        assert any(_names(way, entry["has_words"]) for way in sure), said
    for pattern in entry.get("shows", ()):
        assert fnmatch.filter(lines, _literal(pattern)), said
    for pattern in entry.get("never", ()):
        assert not fnmatch.filter(lines, _literal(pattern)), said
    if "rule" in entry:
        assert entry["rule"] in {one.rule.id for one in check(graph) if one.status is Status.FAILED}
    _check_report(entry, graph)


@pytest.mark.parametrize(("protection", "entry", "it"), [*_cases()])
def test_before_the_first_deployment_nothing_is_surer(protection: str, entry: dict[str, Any], it: Any) -> None:
    """With unknown outputs, what was open is open or in doubt, and what was closed is not open."""
    answer = entry.get("api", "asks" if entry.get("has") else "")
    if answer:
        graph = _built(entry, it, known=False)
        assert _answer(graph) in (answer, "doubt", *(["asks"] if answer == "nobody" else [])), protection


def _literal(pattern: str) -> str:
    # The brackets of a line are no set of characters.
    return pattern.replace("[", "[[]")


def _check_report(entry: dict[str, Any], graph: Graph) -> None:
    if "report" in entry or "never_report" in entry:
        text = " ".join(format_plain(report(Evaluation(known=graph, unknown=graph))).split())
        assert entry.get("report", "") in text
        assert "never_report" not in entry or entry["never_report"] not in text, text
    if "bound" in entry or "never_bound" in entry:
        worst = estimate(AwsModel(graph), Usage()).worst
        assert worst is not None
        assert entry.get("bound", "") in worst.why
        assert not fnmatch.fnmatchcase(worst.why, entry.get("never_bound", "")), worst.why


def test_each_protection_of_the_table_has_a_proof_and_openings() -> None:
    assert TABLE.keys() == WHOLE.keys()
    for protection, entries in WHOLE.items():
        planted = [entry for entry in entries if not (entry.get("has") or entry is entries[0])]
        assert sum(len(entry.get("each", (None,))) for entry in planted) >= MINIMUM_OPENINGS, protection
        assert TABLE[protection]["proven by"].endswith("."), protection
