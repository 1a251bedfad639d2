"""Answers with their evidence: yes, no with the known inputs that decide it, or cannot tell.

A `No` holds known inputs. `refuse` returns a `Doubt` if any input is unknown, so no code answers "no" because of an
input that may have another value.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from ..recording.values import UNKNOWN
from .evidence import Evidence, KnownInput
from .reading import Doubt

N = TypeVar("N", int, float)


@dataclass(frozen=True)
class Yes:
    """Nothing is in the way."""


@dataclass(frozen=True)
class No:
    """Refused, and the known inputs that make it so."""

    reason: str
    because: tuple[KnownInput, ...]


Answer = Yes | No | Doubt
Truth = bool | None
"""Whether something is so. None: cannot tell, which no condition takes for a yes."""
YES: Final = Yes()


def refuse(reason: str, because: Iterable[Evidence], uncertainty: str = "") -> No | Doubt:
    """No for this reason if everything is known that it rests on, else a doubt about `uncertainty`."""
    evidence = list(because)
    known = tuple(dict.fromkeys(item for item in evidence if isinstance(item, KnownInput)))
    if not known or UNKNOWN in evidence:
        return Doubt(uncertainty or f"whether {reason}")
    return No(reason, known)


def rank(answer: Answer) -> int:
    """The place of an answer among several, to find the widest: yes, then a doubt, then no."""
    return (Yes, Doubt, No).index(type(answer))


def any_of(answers: Iterable[Truth]) -> Truth:
    """Yes if one is; None if one may be."""
    result: Truth = False
    for answer in answers:
        if answer:
            return True
        result = None if answer is None else result
    return result


def negate(answer: Truth) -> Truth:
    """No for yes, and None as it is."""
    return None if answer is None else not answer


def all_of(answers: Iterable[Truth]) -> Truth:
    """No if one is; None if one may be."""
    return negate(any_of(map(negate, answers)))


def add_up(numbers: Iterable[N | None]) -> N | Literal[0] | None:
    """The sum; None if a summand is not known."""
    given = list(numbers)
    known = [number for number in given if number is not None]
    return sum(known) if len(known) == len(given) else None


@dataclass(frozen=True, kw_only=True)
class Answered:
    """Something with an answer: it may be refused, or uncertain."""

    answer: Answer = YES

    @property
    def open(self) -> bool:
        """Whether nothing refuses it, as far as is known."""
        return not isinstance(self.answer, No)

    @property
    def blocked_by(self) -> str:
        return self.answer.reason if isinstance(self.answer, No) else ""

    @property
    def because(self) -> tuple[KnownInput, ...]:
        return self.answer.because if isinstance(self.answer, No) else ()

    @property
    def uncertainty(self) -> str:
        """Unknown facts that may still refuse it."""
        return str(self.answer) if isinstance(self.answer, Doubt) else ""
