"""Waiting for a condition that another process or thread brings about, for as long as a busy machine may take."""

import time
from collections.abc import Callable
from typing import Final

SECONDS: Final = 120


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)
