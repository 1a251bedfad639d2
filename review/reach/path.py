"""A path from a source to a target, hop by hop, as the review prints it."""

import enum
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from ..graph import Resource

INTERNET: Final = "internet"
SESSION: Final = "people"
"""Source of sessions that IAM allows. Other paths of people come from a security group."""


class Kind(enum.Enum):
    INBOUND = "inbound"
    """A request to a backend."""
    PEOPLE = "people"
    """A person who opens a session on a machine."""
    OUTBOUND = "outbound"
    """Calls of the machine itself."""


@dataclass(frozen=True)
class Hop:
    """One step: a component that is reached, or the traffic that is let through on the way to the next one."""

    name: str = ""
    """How a reader knows the component; empty for a hop that is only traffic."""
    label: str = ""
    """Needs of the caller there, or the traffic: `key me, 100/s`, `signature`, `tcp 8080`."""
    full_label: str = ""
    """The label with all members of each need, if some are folded in it."""
    resource: Resource | None = None
    """The component; None if no component states it."""
    rests_on: frozenset[str] = frozenset()
    """URNs of what the component declares."""
    needs: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """All that a caller needs there, as it is stated."""

    def __str__(self) -> str:
        return self.describe()

    def describe(self, kind: str = "", *, full: bool = False) -> str:
        """In words, with its type if that is given."""
        label = self.full_label if full and self.full_label else self.label
        words = ", ".join(filter(None, (kind, label)))
        return f"{self.name} ({words})" if self.name and words else self.name or label


@dataclass(frozen=True, kw_only=True)
class Path:
    """From a source over hops to a target: open, closed for a reason, or not known."""

    source: str
    hops: tuple[Hop, ...] = ()
    target: str = ""
    kind: Kind = Kind.INBOUND
    origin: Resource | None = None
    """The source, if it is a component of the stack."""
    backend: Resource | None = None
    """The component at the end of a request, if the stack has it."""
    blocked_by: str = ""
    """Why it is closed; empty if it is open or not known."""
    doubts: tuple[str, ...] = ()
    """What is not known."""
    rests_on: frozenset[str] = frozenset()
    """URNs of what closes it, of a path that is closed."""

    @property
    def open(self) -> bool:
        """Whether nothing closes it, as far as is known."""
        return not self.blocked_by

    @property
    def uncertainty(self) -> str:
        """What may still close it."""
        return "; ".join(self.doubts) if self.open else ""

    def __str__(self) -> str:
        return self.describe()

    def describe(self, *, full: bool = False) -> str:
        """The path in one line, with all members of each need if `full`."""
        line = " → ".join(self.list_words(full=full))
        if not self.open:
            return f"{line}: no, {self.blocked_by}"
        return f"{line} (cannot tell: {self.uncertainty})" if self.doubts else line

    def list_words(self, *, full: bool = False) -> list[str]:
        """Its source, hops and target. A name that two components share is shown with the type."""
        last = [] if self.hops and self.hops[-1].name == self.target else [Hop(self.target, resource=self.backend)]
        ways = [Hop(self.source, resource=self.origin), *self.hops, *last]
        kinds = {(hop.name, hop.resource.kind) for hop in ways if hop.name and hop.resource}
        shared = Counter(name for name, _ in kinds)
        return [
            hop.describe(hop.resource.kind if hop.resource and shared[hop.name] > 1 else "", full=full) for hop in ways
        ]

    def add(self, *hops: Hop) -> Self:
        """The path with further hops."""
        return replace(self, hops=(*self.hops, *hops))

    def end(self, target: str, backend: Resource | None = None) -> Self:
        """The path with its target."""
        return replace(self, target=target, backend=backend)

    def close(self, reason: str, rests_on: Iterable[str] = ()) -> Self:
        """The path that is closed for a reason. The first reason stays."""
        return self if self.blocked_by else replace(self, blocked_by=reason, rests_on=frozenset(rests_on))

    def doubt(self, *about: str) -> Self:
        """The path with more that is not known."""
        return replace(self, doubts=tuple(dict.fromkeys([*self.doubts, *filter(None, about)])))


def make_traffic(port: Any) -> Hop:
    """The traffic on a port, between two hops."""
    return Hop(label=f"tcp {port}")


def list_open_paths(paths: Iterable[Path]) -> list[Path]:
    """Open paths to a backend, and shells that need only the network; not sessions, nor calls from inside the stack."""
    listed = [*paths]
    return [path for kind in (Kind.INBOUND, Kind.PEOPLE) for path in listed if path.kind is kind and _is_outside(path)]


def _is_outside(path: Path) -> bool:
    shell = path.kind is Kind.PEOPLE and path.source != SESSION
    return (path.kind is Kind.INBOUND or shell) and path.open and path.origin is None
