"""Answers with their grounds: yes, no with the known inputs that decide it, or cannot tell.

A `No` holds facts, and a `Fact` is made only of a known input. `refuse` returns a `Doubt` if any ground is a gap, so no
code answers "no" because of an input that may have another value.
"""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from .given import Fact, Gap, Ground


@dataclass(frozen=True)
class Yes:
    """Nothing is in the way."""


@dataclass(frozen=True)
class No:
    """Refused, and the facts that make it so."""

    reason: str
    because: tuple[Fact, ...]


@dataclass(frozen=True)
class Doubt:
    """Not refused as far as is known."""

    about: tuple[str, ...]


Answer = Yes | No | Doubt
YES: Final = Yes()


def refuse(reason: str, because: Iterable[Ground], doubt: str = "") -> No | Doubt:
    """No for this reason if everything is known that it rests on, else `doubt`."""
    grounds = list(because)
    facts = tuple(dict.fromkeys(fact for fact in grounds if isinstance(fact, Fact)))
    if not facts or not all(isinstance(ground, Fact) for ground in grounds):
        question = doubt or f"whether {reason}"
        unrun = (gap.about for gap in grounds if isinstance(gap, Gap) and gap.is_named and gap.about not in question)
        return Doubt((": ".join([question, *itertools.islice(unrun, 1)]),))
    return No(reason, facts)


def doubted(*about: str) -> Answer:
    """Cannot tell because of these facts. Yes if there are none."""
    named = tuple(dict.fromkeys(filter(None, about)))
    return Doubt(named) if named else YES


def in_a_row(*answers: Answer) -> Answer:
    """The first no, else every doubt."""
    refused = (answer for answer in answers if isinstance(answer, No))
    return next(refused, doubted(*(about for answer in answers if isinstance(answer, Doubt) for about in answer.about)))


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """Yes if one is; None if one may be."""
    result: bool | None = False
    for answer in answers:
        if answer:
            return True
        result = None if answer is None else result
    return result


def negate(answer: bool | None) -> bool | None:
    """No for yes, and None as it is."""
    return None if answer is None else not answer


def all_of(answers: Iterable[bool | None]) -> bool | None:
    """No if one is; None if one may be."""
    return negate(any_of(map(negate, answers)))


@dataclass(frozen=True, kw_only=True)
class Answered:
    """Something that may be refused on its way, or be in doubt."""

    answer: Answer = YES

    @property
    def open(self) -> bool:
        """Whether nothing refuses it, as far as is known."""
        return not isinstance(self.answer, No)

    @property
    def blocked_by(self) -> str:
        return self.answer.reason if isinstance(self.answer, No) else ""

    @property
    def because(self) -> tuple[Fact, ...]:
        return self.answer.because if isinstance(self.answer, No) else ()

    @property
    def uncertainty(self) -> str:
        """Unknown facts that may still refuse it."""
        return "; ".join(self.answer.about) if isinstance(self.answer, Doubt) else ""
