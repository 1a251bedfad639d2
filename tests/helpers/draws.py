"""How many examples a property draws, and which cases of a long list run: every run has the same, and CI more."""

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
SEARCH = int(os.environ.get("GATEHOUSE_DRAWS", "0"))
"""Examples for each property if this run searches with a seed of its own, which pytest prints. `make draws` sets it."""
ALL = bool(SEARCH or os.environ.get("CI"))
"""Whether every case and every example runs."""


def draws(number: int) -> int:
    """The examples of a property that draws `number` in CI. Elsewhere it draws an eighth of them."""
    return SEARCH or (number if ALL else -(-number // 8))


def sampled(cases: Sequence[T], share: int) -> list[T]:
    """All cases in CI. Elsewhere the first of each `share` of them: for lists whose cases are alike and take long.

    A share that is a multiple of a list's own rhythm has one kind of case alone.
    """
    return [*cases] if ALL else [*cases[::share]]
