"""How many examples a property draws: the same in every run, so that a clone is as green as the last one; all in CI."""

import os
from collections.abc import Sequence
from typing import Final, TypeVar

T = TypeVar("T")

SEARCH: Final = int(os.environ.get("GATEHOUSE_DRAWS", "0"))
"""Examples for each property if this run searches with a seed of its own, which pytest prints. `make draws` sets it."""


_IN_CI: Final = bool(os.environ.get("CI"))
_SHARE: Final = 4  # one example in how many is drawn elsewhere, so that `make test` ends soon


def draws(number: int) -> int:
    """The examples of a property that draws `number` in CI, where nobody searches. Elsewhere it draws a quarter."""
    return SEARCH or (number if _IN_CI else -(-number // _SHARE))


def sampled(cases: Sequence[T]) -> Sequence[T]:
    """All cases in CI, elsewhere a quarter: for long lists that another test has gone through whole."""
    return cases if SEARCH or _IN_CI else cases[::_SHARE]
