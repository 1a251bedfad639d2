"""How many examples a property draws: all of them in CI and `make check`, a quarter elsewhere."""

import os


def draws(number: int) -> int:
    """The examples of a property that draws `number` in CI. GATEHOUSE_DRAWS sets one number for every property."""
    if own := os.environ.get("GATEHOUSE_DRAWS"):
        return int(own)
    return number if os.environ.get("CI") else -(-number // 4)
