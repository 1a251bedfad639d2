"""All cases of the rules, and what the rules say of them."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from review.graph import Graph
from review.rules import Finding, check
from review.tests.helpers.graph_builder import Builder, Declare
from review.tests.rules import alarm_cases, boot_cases, documents_cases, gate_cases, identity_cases, network_cases
from review.tests.rules.case import Verdict

_FILES: Final = (alarm_cases, boot_cases, documents_cases, gate_cases, identity_cases, network_cases)


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


def _list_cases(verdict: Verdict) -> Iterator[RuleCase]:
    for file in _FILES:
        for rule, cases in file.CASES.items():
            for case in (one for one in cases if one.verdict is verdict):
                for each in (rule, *case.also):
                    yield RuleCase(each, case.declare, case.resource, case.message, case.place)


CASES: Final = Cases(*([*_list_cases(verdict)] for verdict in (Verdict.FAILS, Verdict.CANNOT_TELL, Verdict.SOUND)))
