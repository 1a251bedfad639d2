"""Answers of which a part may not be known: truths with three values, and sums."""

from collections.abc import Iterable
from typing import Literal, TypeVar

N = TypeVar("N", int, float)
Truth = bool | None
"""Whether something is so. None: cannot tell, which no condition takes for a yes."""


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
