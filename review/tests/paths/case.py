"""A case of the paths: a small program, and what is true of the ways in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from review.tests.helpers.graph_builder import Declare
from review.tests.helpers.written_cases import read_cases


@dataclass(frozen=True, kw_only=True)
class Case:
    """What must hold of the ways from `source` to `target`, which are patterns. Empty means: that is not asked."""

    declare: Declare
    truth: str = ""
    """The widest answer: `open`, `closed`, `cannot tell`, or `none`: there is no such way."""
    source: str = "*internet*"
    target: str = "*"
    kinds: str = "inbound people"
    """Kinds of the ways that count, in small letters and with spaces between them."""
    exactly: Sequence[str] | None = None
    """All ways that count, as lines of the report."""
    shows: Sequence[str] = ()
    """Patterns, each of which a line of the report matches."""
    never: Sequence[str] = ()
    """Patterns that no line of the report matches."""
    causes: Sequence[str] = ()
    """Patterns, each of which a cause matches that answers do not rest on."""
    unknown_too: bool = False
    """Whether the same is true if no output is known."""


def list_cases() -> Iterator[tuple[str, Case]]:
    """Each case with its title and line."""
    for written in read_cases(Path(__file__).parent / "cases"):
        yield f"{written.title} {written.place}", Case(declare=written.declare, **written.expected)
