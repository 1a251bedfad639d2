"""A case of a protection: a small program, and what the review may say of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from review.tests.helpers.graph_builder import Declare
from review.tests.helpers.steps import Step, declare_steps, find_line


@dataclass(frozen=True, kw_only=True)
class Case:
    """What must hold of a program. What is empty or None is not asked."""

    declare: Declare
    place: str
    """The line that it stands in, `protections_cases.py:31`."""
    has: bool
    """Whether it has the protection, which a path names then."""
    api: str
    """What the internet can do with a call of the API: `open` (anyone may make it), `cannot tell`,
    `nobody` (AWS refuses every caller), or `asks`: something else is required. No path that is sure names the
    protection then."""
    named: bool
    """Whether paths that are sure may name the protection all the same."""
    words: str
    """What names the protection in a path, if it is not what the table of protections has."""
    has_words: str
    """What another protection adds to a path that is sure."""
    shows: Sequence[str]
    """Patterns, each of which a path matches."""
    never: Sequence[str]
    """Patterns that no path matches."""
    unknown: bool
    """Whether no output is known."""
    rule: str
    """A rule that fails."""
    report: str
    """Words of the report."""
    never_report: str | None
    """Words that the report has not."""
    bound: str
    """Words of the reason for the bill of the worst month."""
    never_bound: str | None
    """A pattern that this reason does not match."""


def case(
    *steps: Step,
    has: bool = False,
    api: str = "",
    named: bool = False,
    words: str = "",
    has_words: str = "",
    shows: Sequence[str] = (),
    never: Sequence[str] = (),
    unknown: bool = False,
    rule: str = "",
    report: str = "",
    never_report: str | None = None,
    bound: str = "",
    never_bound: str | None = None,
) -> Case:
    """What must hold of a program."""
    return Case(
        declare=declare_steps(steps),
        place=find_line(),
        has=has,
        api=api,
        named=named,
        words=words,
        has_words=has_words,
        shows=shows,
        never=never,
        unknown=unknown,
        rule=rule,
        report=report,
        never_report=never_report,
        bound=bound,
        never_bound=never_bound,
    )
