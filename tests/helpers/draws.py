"""How many examples a property draws, and which cases of a long suite run: every run has the same, and CI more."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
SEARCH = int(os.environ.get("GATEHOUSE_DRAWS", "0"))
"""Examples for each property if this run searches with a seed of its own, which pytest prints. `make draws` sets it."""
ALL = bool(SEARCH or os.environ.get("CI"))
"""Whether every case and every example runs."""
_LONG: dict[str, int] = json.loads(Path(__file__).with_name("long.json").read_text(encoding="utf-8"))


def draws(number: int) -> int:
    """The examples of a property that draws `number` in CI. Elsewhere it draws a sixteenth of them."""
    return SEARCH or (number if ALL else -(-number // 16))


def share_of(test: str, cases: int = 1) -> float:
    """Outside of CI one in how many runs: of the tests of a long suite, and of a test's cases, which are 12 then."""
    share = next((share for start, share in _LONG.items() if test.startswith(start)), None)
    return 1 if share is None else share * max(1, cases / 12)


def chosen(place: int, share: float) -> bool:
    """Whether the case at this place of a list runs: in CI all do, elsewhere the first and one in each `share`.

    Multiples of the golden ratio have no rhythm, as a list may, and a larger share takes what a smaller one takes too.
    """
    return ALL or place * (5**0.5 - 1) / 2 % 1 < 1 / share


def sampled(cases: Sequence[T], share: int) -> list[T]:
    """The chosen of the cases: for lists whose cases are alike and take long."""
    return [case for place, case in enumerate(cases) if chosen(place, share)]
