"""How many examples a property draws: the same in every run, so that a clone is as green as the last one; all in CI."""

import os
from typing import Final

SEARCH: Final = int(os.environ.get("GATEHOUSE_DRAWS", "0"))
"""Examples for each property if this run searches with a seed of its own, which pytest prints. `make draws` sets it."""


IN_CI: Final = bool(os.environ.get("CI"))
SHARE: Final = 4  # one example in how many is drawn elsewhere, so that `make test` ends soon


def draws(number: int) -> int:
    """The examples of a property that draws `number` in CI, where nobody searches. Elsewhere it draws a quarter."""
    return SEARCH or (number if IN_CI else -(-number // SHARE))
