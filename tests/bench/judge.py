"""Goals of a bench: minima and tenths, a status that says whether they were met, and a check for a noisy machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from typing import Final

MISSED: Final = 1
NOISY: Final = 2
# The same work takes this much longer at the ninth tenth than at the first on a machine that does other work too.
_MOST_NOISE: Final = 1.25
_WORK: Final = 20_000


class Judge:
    """Collects missed goals. Call `sample` between measurements."""

    def __init__(self) -> None:
        self._missed: list[str] = []
        self._samples: list[float] = []

    def sample(self) -> None:
        """Time a fixed piece of work."""
        start = time.perf_counter()
        sum(range(_WORK))
        self._samples.append(time.perf_counter() - start)

    def most(self, what: str, got: float, goal: float, unit: str = "") -> None:
        """A goal is missed if `got` is more than `goal`."""
        if got > goal:
            self._missed.append(f"{what}: {got:.2f}{unit}, goal {goal:g}{unit} at most")

    def status(self) -> int:
        """Print the result. Returns 0, MISSED, or NOISY if the machine was too busy for a judgement."""
        noise = self._noise()
        if noise > _MOST_NOISE:
            print(f"not judged: noisy machine, the same work took {noise:.2f} times as long in some turns")
            return NOISY
        for goal in self._missed:
            print(f"missed: {goal}")
        return MISSED if self._missed else 0

    def _noise(self) -> float:
        if len(self._samples) < 10:
            return 1.0
        tenths = statistics.quantiles(self._samples, n=10)
        return tenths[8] / tenths[0]


def tenth(times: Sequence[float]) -> float:
    """The first tenth: what a run takes that little else disturbed."""
    return statistics.quantiles(times, n=10)[0]


def row(name: str, times: Sequence[float], floor: Sequence[float], unit: str = "µs") -> str:
    """A line with minimum, tenth, median and 99th percentile, and the tenth as a multiple of the floor's."""
    last = statistics.quantiles(times, n=100)[98]
    figures = (("min", min(times)), ("p10", tenth(times)), ("median", statistics.median(times)), ("p99", last))
    said = "   ".join(f"{label} {value:8.1f}" for label, value in figures)
    return f"  {name:<16} {said} {unit}   {tenth(times) / tenth(floor):5.2f} of the floor"
