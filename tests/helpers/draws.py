"""How many examples a property draws: the same in every run, so that a clone is as green as the last one."""

import os
from typing import Final

SEARCH: Final = int(os.environ.get("GATEHOUSE_DRAWS", "0"))
"""Examples for each property if this run searches with a seed of its own, which pytest prints. `make draws` sets it."""


def draws(number: int) -> int:
    """The examples of a property that draws `number` where nobody searches."""
    return SEARCH or number
