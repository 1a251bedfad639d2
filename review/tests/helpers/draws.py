"""How many examples a property draws, and which cases of a long list run: the same in every run, all in CI."""

import os
from collections.abc import Sequence
from typing import Final, TypeVar

T = TypeVar("T")
SEARCH: Final = int(os.environ.get("GATEHOUSE_DRAWS", "0"))
"""Examples for each property if this run searches with a seed of its own, which pytest prints."""
ALL: Final = bool(SEARCH or os.environ.get("CI"))
_SHARES: Final = {
    "cost/": 2, "cli/": 3, "compare/": 3, "plan_files/": 2, "evaluate/test_mocks": 1, "evaluate/": 4,
    "policy/test_states": 9, "policy/": 3, "paths/": 3, "report/": 2, "local_gateway/test_network_faults": 8,
    "local_gateway/": 4, "verify/": 5, "test_": 2,
}  # fmt: skip
"""Of files that take long, one test in how many is fast. The first beginning counts."""


def draws(number: int) -> int:
    """The examples of a property that draws `number` in CI. Elsewhere it draws a sixteenth of them."""
    return SEARCH or (number if ALL else -(-number // 16))


def share_of(test: str, cases: int = 1) -> float:
    """Of a test's cases, or of a file's tests, one in how many is fast outside CI: about 12 cases of each test."""
    return next((share for start, share in _SHARES.items() if test.startswith(start)), 1) * max(1, cases / 12)


def chosen(place: int, share: float) -> bool:
    """Whether the case at this place runs outside CI. Multiples of the golden ratio have no rhythm, as a list may."""
    return ALL or place * (5**0.5 - 1) / 2 % 1 < 1 / share


def sampled(cases: Sequence[T], share: int) -> list[T]:
    """The chosen of the cases: for lists whose cases are alike and take long."""
    return [case for place, case in enumerate(cases) if chosen(place, share)]
