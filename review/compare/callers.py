"""Calls that a change allows and calls that it ends, by any path."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..reach.path import Kind, Path


@dataclass(frozen=True)
class Caller:
    """Somebody whom a change lets call a target, or keeps from it."""

    way: Path
    demands: tuple[str, ...]
    """Requirements that callers of the target lose; for those who are shut out, requirements that they gain."""

    @property
    def pair(self) -> str:
        """`internet → backend`."""
        return f"{self.way.source} → {self.way.target}"


def admitted(before: Iterable[Path], after: Iterable[Path]) -> Iterator[Caller]:
    """Callers that only the second has, each pair of caller and target once. The other way round: who is shut out."""
    old = [way for way in before if way.open]
    found: set[tuple[Kind, str, str]] = set()
    for way in after:
        who = (way.kind, way.source, way.target)
        if not way.open or who in found:
            continue
        needed = [_demands(one) for one in old if (one.kind, one.source, one.target) == who]
        if any(demands <= _demands(way) for demands in needed):
            continue
        found.add(who)
        fewest = min(needed, key=len, default=frozenset())
        yield Caller(way, tuple(sorted(fewest - _demands(way))))


def _demands(way: Path) -> frozenset[str]:
    """Requirements of the caller on the path, without rates."""
    parts = (part for hop in way.hops if hop.name for part in hop.label.split(", "))
    return frozenset(part for part in parts if part and not part.endswith(("/s", "throttle", "anyone")))
