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
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.stack_parts import paths
from review.tests.misleading_programs.case import CASES, Case

TABLE: dict[str, dict[str, str]] = json.loads(
    (Path(facts.__file__).parent / "protections.json").read_text(encoding="utf-8")
)
MINIMUM_OPENINGS = 3


def _cases() -> Iterator[Any]:
    for protection, cases in CASES.items():
        for case in cases:
            yield pytest.param(protection, case, id=f"{protection} {case.place}")


def _built(case: Case, *, known: bool = True) -> Graph:
    build = Builder(known=known)
    case.declare(build)
    return build.graph()


def _from_internet(graph: Graph) -> list[Way]:
    return [way for way in paths(graph) if "internet" in way.source and way.kind is Kind.INBOUND]


def _answer(graph: Graph) -> str:
    """What everybody on the internet can do with a call of the API."""
    found = [one for one in check(graph) if one.rule.id == "API-01"]
    if any(one.status is Status.FAILED for one in found):
        return "open"
    if found:
        return "cannot tell"
    ways = _from_internet(graph)
    return "asks" if any(way.open for way in ways) else "nobody"


def _names(way: Way, word: str) -> bool:
    """Whether the label of a hop names a protection."""
    return any(part.partition(":")[0] == word for hop in way.hops for part in hop.label.split(", "))


@pytest.mark.parametrize(("protection", "case"), [*_cases()])
def test_a_protection_is_named_only_where_it_is_proven(protection: str, case: Case) -> None:
    graph = _built(case, known=not case.unknown)
    lines = [str(way) for way in paths(graph)]
    said = "\n".join(lines)
    word = case.words or TABLE[protection]["word"]
    sure = [way for way in _from_internet(graph) if way.open and not way.uncertainty]
    if case.has:
        assert _answer(graph) == "asks", said
        assert any(_names(way, word) for way in sure), said
    if case.api:
        assert _answer(graph) == case.api, said
        assert case.named or not word or not any(_names(way, word) for way in sure), said
    if case.has_words:
        assert any(_names(way, case.has_words) for way in sure), said
    for pattern in case.shows:
        assert fnmatch.filter(lines, _literal(pattern)), said
    for pattern in case.never:
        assert not fnmatch.filter(lines, _literal(pattern)), said
    if case.rule:
        assert case.rule in {one.rule.id for one in check(graph) if one.status is Status.FAILED}
    _check_report(case, graph)


@pytest.mark.parametrize(("protection", "case"), [*_cases()])
def test_before_the_first_deployment_nothing_is_surer(protection: str, case: Case) -> None:
    """With unknown outputs, what was open is open or in doubt, and what was closed is not open."""
    answer = case.api or ("asks" if case.has else "")
    if answer:
        graph = _built(case, known=False)
        assert _answer(graph) in (answer, "cannot tell", *(["asks"] if answer == "nobody" else [])), protection


def _literal(pattern: str) -> str:
    # The brackets of a line are no set of characters.
    return pattern.replace("[", "[[]")


def _check_report(case: Case, graph: Graph) -> None:
    if case.report or case.never_report is not None:
        text = " ".join(format_plain(report(Evaluation(known=graph, unknown=graph))).split())
        assert case.report in text
        assert case.never_report is None or case.never_report not in text, text
    if case.bound or case.never_bound is not None:
        worst = estimate(AwsModel(graph), Usage()).worst
        assert worst is not None
        assert case.bound in worst.why
        assert not fnmatch.fnmatchcase(worst.why, case.never_bound or ""), worst.why


def test_each_protection_of_the_table_has_a_proof_and_openings() -> None:
    assert TABLE.keys() == CASES.keys()
    for protection, cases in CASES.items():
        assert sum(not case.has for case in cases[1:]) >= MINIMUM_OPENINGS, protection
        assert TABLE[protection]["proven by"].endswith("."), protection
