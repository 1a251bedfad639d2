"""Comparisons for tests: the changes that an update from one graph to another makes, and its first screen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from review.compare.changes import Changes, compare_update
from review.compare.engine.side import Evaluated
from review.cost import Usage
from review.evaluate.runner import Evaluation
from review.graph import Graph
from review.graph.judged import Judged
from review.report.render.verdict import verdict
from review.report.report import Report, report
from review.rules.check import judged


def unjudged(*_: object) -> Judged:
    """In place of the rules, where a test does not need them."""
    return Judged()


def updated(before: Graph, after: Graph, program: Path = Path(), *, rules: bool = True) -> Changes:
    """The changes of an update to another graph of a program in one folder."""
    judge = judged if rules else unjudged
    return compare_update(Evaluated(before, program), Evaluated(after, program), Usage(), judge, "before")[0]


def reported(before: Graph, evaluation: Evaluation, program: Path = Path()) -> Report:
    """The report on an update."""
    sides = Evaluated(before, program), Evaluated(evaluation.known, program)
    changes, after = compare_update(*sides, Usage(), judged, "main")
    return replace(report(evaluation, None, after), changes=changes)


def said(found: Report) -> dict[str, str]:
    """The sentences of the first screen, by their word."""
    return {word: text for word, _, text in verdict(found)}
