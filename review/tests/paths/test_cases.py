"""Ways in small programs: open, closed, not known, or none at all."""

import fnmatch
from collections.abc import Iterator
from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.paths import Path as Way
from review.paths import trace_paths
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.stack_parts import paths
from review.tests.paths.case import Case, list_cases


def _cases() -> Iterator[Any]:
    for name, case in list_cases():
        yield pytest.param(case, True, id=name)
        if case.unknown_too:
            yield pytest.param(case, False, id=f"{name} unknown")


def fits(way: Way, case: Case) -> bool:
    if way.kind.name.lower() not in case.kinds or (case.target == "*" and way.target.startswith("members of ")):
        return False
    return fnmatch.fnmatchcase(way.source, case.source) and fnmatch.fnmatchcase(way.target, case.target)


def truth(ways: list[Way]) -> str:
    """The widest answer of some ways."""
    if any(way.open and not way.uncertainty for way in ways):
        return "open"
    if any(way.open for way in ways):
        return "cannot tell"
    return "closed" if ways else "none"


@pytest.mark.parametrize(("case", "known"), [*_cases()])
def test_ways(case: Case, known: bool) -> None:
    build = Builder(known=known)
    case.declare(build)
    graph = build.graph()
    reported = paths(graph)
    ways = [way for way in reported if fits(way, case)]
    lines = [str(way) for way in reported]
    said = "\n".join(lines)
    if case.truth:
        assert truth(ways) == case.truth, said
    if case.exactly is not None:
        assert sorted(map(str, ways)) == sorted(case.exactly)
    for pattern in case.shows:
        assert fnmatch.filter(lines, pattern), f"{pattern} in\n{said}"
    for pattern in case.never:
        assert not fnmatch.filter(lines, pattern), f"{pattern} in\n{said}"
    causes = [str(entry) for entry in trace_paths(AwsModel(graph)).ledger.entries] if case.causes else []
    for pattern in case.causes:
        assert fnmatch.filter(causes, pattern), f"{pattern} in\n{causes}"
