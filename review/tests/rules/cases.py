"""All cases of the rules, and what the rules say of them.

`cases/` holds them by rule: `fails` or `cannot tell` are words of the finding, `at` the name of the resource that
it names, `-` for the stack itself. A case without them is sound: the rule, and each of `also`, leaves it alone.
"""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from review.graph import Graph
from review.rules import Finding, check
from review.tests.helpers.graph_builder import Builder, Declare
from review.tests.helpers.written_cases import read_cases


@functools.cache
def built(declare: Declare, *, known: bool = True) -> Graph:
    """The graph that is declared; rules and pack are tested in one process, which builds and checks it once."""
    build = Builder(known=known)
    declare(build)
    return build.graph()


@functools.cache
def findings(declare: Declare, *, known: bool = True) -> list[Finding]:
    """What the rules say of it."""
    return check(built(declare, known=known))


@dataclass(frozen=True)
class RuleCase:
    """A program with a fault, undecided, or without: the rule, the resource that is named, and words of the message."""

    rule: str
    declare: Declare
    at: str
    message: str
    place: str

    def __str__(self) -> str:
        return f"{self.rule} {self.place}"


@dataclass(frozen=True)
class Cases:
    """Programs that break a rule, of which it cannot tell, and that it leaves alone."""

    faulty: list[RuleCase]
    undecided: list[RuleCase]
    sound: list[RuleCase]


def _read_cases() -> Cases:
    made = Cases([], [], [])
    for written in read_cases(Path(__file__).parent / "cases"):
        said = dict(written.expected)
        also, at = said.pop("also", []), said.pop("at", "")
        (verdict, message), *more = said.items() or [("sound", "")]
        verdicts = {"fails": made.faulty, "cannot tell": made.undecided, "sound": made.sound}
        if more or verdict not in verdicts:
            raise ValueError(f"{written.place}: a case has `fails` or `cannot tell`, `at`, `also`, and not {[*said]}")
        cases = verdicts[verdict]
        cases += [RuleCase(rule, written.declare, at, message, written.place) for rule in (written.title, *also)]
    return made


CASES: Final = _read_cases()
