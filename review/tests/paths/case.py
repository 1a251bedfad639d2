"""A case of the paths: a small program, and what is true of the ways in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from review.tests.helpers.graph_builder import Declare
from review.tests.helpers.steps import Step, declare_steps, find_line


@dataclass(frozen=True, kw_only=True)
class Case:
    """What must hold of the ways from `source` to `target`, which are patterns. Empty means: that is not asked."""

    declare: Declare
    place: str
    """The line that it stands in, `network_cases.py:31`."""
    truth: str
    """The widest answer: `open`, `closed`, `cannot tell`, or `none`: there is no such way."""
    source: str
    target: str
    kinds: str
    """Kinds of the ways that count, in small letters and with spaces between them."""
    exactly: Sequence[str] | None
    """All ways that count, as lines of the report."""
    shows: Sequence[str]
    """Patterns, each of which a line of the report matches."""
    never: Sequence[str]
    """Patterns that no line of the report matches."""
    causes: Sequence[str]
    """Patterns, each of which a cause matches that answers do not rest on."""
    unknown_too: bool
    """Whether the same is true if no output is known."""


def case(
    steps: Iterable[Step],
    *,
    truth: str = "",
    source: str = "*internet*",
    target: str = "*",
    kinds: str = "inbound people",
    exactly: Sequence[str] | None = None,
    shows: Sequence[str] = (),
    never: Sequence[str] = (),
    causes: Sequence[str] = (),
    unknown_too: bool = False,
) -> Case:
    """What must hold of a program."""
    return Case(
        declare=declare_steps(steps),
        place=find_line(),
        truth=truth,
        source=source,
        target=target,
        kinds=kinds,
        exactly=exactly,
        shows=shows,
        never=never,
        causes=causes,
        unknown_too=unknown_too,
    )
