"""A case of a protection: a small program, and what the review may say of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from review.tests.helpers.graph_builder import Declare
from review.tests.helpers.written_cases import read_cases


@dataclass(frozen=True, kw_only=True)
class Case:
    """What must hold of a program. What is empty or None is not asked."""

    declare: Declare
    place: str
    """The line that it stands in, `protections.yaml:31`."""
    has: bool = False
    """Whether it has the protection, which a path names then."""
    api: str = ""
    """What the internet can do with a call of the API: `open` (anyone may make it), `cannot tell`,
    `nobody` (AWS refuses every caller), or `asks`: something else is required. No path that is sure names the
    protection then."""
    named: bool = False
    """Whether paths that are sure may name the protection all the same."""
    words: str = ""
    """What names the protection in a path, if it is not what the table of protections has."""
    has_words: str = ""
    """What another protection adds to a path that is sure."""
    shows: Sequence[str] = ()
    """Patterns, each of which a path matches."""
    never: Sequence[str] = ()
    """Patterns that no path matches."""
    unknown: bool = False
    """Whether no output is known."""
    rule: str = ""
    """A rule that fails."""
    report: str = ""
    """Words of the report."""
    never_report: str | None = None
    """Words that the report has not."""
    bound: str = ""
    """Words of the reason for the bill of the worst month."""
    never_bound: str | None = None
    """A pattern that this reason does not match."""


def _read_cases() -> dict[str, list[Case]]:
    made: dict[str, list[Case]] = {}
    for written in read_cases(Path(__file__).parent / "cases"):
        case = Case(declare=written.declare, place=written.place, **written.expected)
        made.setdefault(written.title, []).append(case)
    return made


CASES: Final[Mapping[str, list[Case]]] = _read_cases()
"""Of each protection of review/facts/protections.json: programs that have it, and openings that have its form alone."""
