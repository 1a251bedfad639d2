"""A case of a rule: a small program that breaks it, that it leaves alone, or of which it cannot tell."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from review.tests.helpers.graph_builder import Declare
from review.tests.helpers.steps import Step, declare_steps, find_line


class Verdict(enum.Enum):
    """What a rule says of a program."""

    FAILS = "fails"
    CANNOT_TELL = "cannot tell"
    SOUND = "sound"


@dataclass(frozen=True)
class Case:
    """A program, and what a rule says of it."""

    verdict: Verdict
    declare: Declare
    place: str
    """The line that it stands in, `gate_cases.py:31`."""
    resource: str = ""
    """Name of the resource that the finding names; `-` for the stack itself."""
    message: str = ""
    """Words of the finding."""
    also: tuple[str, ...] = ()
    """Other rules that leave the program alone."""


def fails(resource: str, message: str, *steps: Step) -> Case:
    """A program that breaks the rule: the finding names the resource, and has these words."""
    return Case(Verdict.FAILS, declare_steps(steps), find_line(), resource, message)


def cannot_tell(resource: str, message: str, *steps: Step) -> Case:
    """A program of which the rule cannot tell: the finding names the resource, and has these words."""
    return Case(Verdict.CANNOT_TELL, declare_steps(steps), find_line(), resource, message)


def sound(*steps: Step, also: Iterable[str] = ()) -> Case:
    """A program that the rule, and each of `also`, leaves alone."""
    return Case(Verdict.SOUND, declare_steps(steps), find_line(), also=tuple(also))
