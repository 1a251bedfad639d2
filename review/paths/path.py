"""A path from a source to a target, hop by hop, as the review prints it."""

import enum
import functools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Self

from ..graph import Resource
from ..graph.answers import YES, Answer, Answered, combine_answers, make_doubt

INTERNET: Final = "internet"
SESSION: Final = "people"
"""Source of sessions that IAM allows. Other paths of people come from addresses that a security group admits."""


class Kind(enum.Enum):
    INBOUND = "inbound"
    """A request to a backend."""
    PEOPLE = "people"
    """A person who opens a session on a machine."""
    OUTBOUND = "outbound"
    """Calls of the machine itself."""


BY_ADDRESS: Final = " by address"
"""End of a label for a restriction of addresses, which the path's source includes."""


@dataclass(frozen=True)
class Hop:
    """One step: a resource that is reached, or the traffic that is let through on the way to the next one."""

    resource: Resource | None
    """The resource that is reached, or the rule that lets the traffic pass; None if the graph does not hold it."""
    label: str
    """Requirements of the caller there, or the traffic: `key, 100/s, GitHub's ranges`, `signature`, `tcp 8080`."""
    rule: str
    """The rule that lets it pass, in words, naming its resource."""
    name: str = ""
    """How a reader knows the resource; empty for a hop that is only traffic."""
    proofs: tuple[str, ...] = ()
    """The last words of the label, by which a report vouches for what a caller needs there."""

    def __str__(self) -> str:
        return self.describe("")

    def describe(self, kind: str) -> str:
        """In words, with its type if that is given."""
        words = ", ".join(filter(None, (kind, self.label)))
        return f"{self.name} ({words})" if self.name and words else self.name or self.label


@dataclass(frozen=True, kw_only=True)
class Way(Answered):
    """From a source over hops. Its answer is about the whole way: the first refusal, else every doubt."""

    source: str
    hops: tuple[Hop, ...] = ()
    blocked_at: Resource | None = None
    """The resource that stops it, or where it is stopped."""
    kind: Kind = Kind.INBOUND
    origin: Resource | None = None
    """The source, where it is a resource of the graph."""
    admitted_ranges: tuple[str, ...] = ()
    """The addresses on the internet that something on the way admits only; empty for all of the source."""


@dataclass(frozen=True, kw_only=True)
class Path(Way):
    target: str
    backend: Resource | None = None
    """The machine or function at the end (at the beginning of an outbound path), where the graph holds it."""

    def __str__(self) -> str:
        line = " → ".join(self.in_words if self.end() else self.in_words[:-1])
        if not self.open:
            return f"{line}: no, {self.blocked_by}"
        return f"{line} (cannot tell: {self.uncertainty})" if self.uncertainty else line

    @functools.cached_property
    def in_words(self) -> tuple[str, ...]:
        """Its source, hops and target. A name that resources of two types share is shown with the type."""
        last = self.backend if self.kind is not Kind.OUTBOUND else None
        ways = Hop(self.origin, "", "", self.source), *self.hops, Hop(last, "", "", self.target)
        kinds = {(hop.name, hop.resource.kind) for hop in ways if hop.name and hop.resource}
        shared = Counter(name for name, _ in kinds)
        return tuple(hop.describe(hop.resource.kind if hop.resource and shared[hop.name] > 1 else "") for hop in ways)

    def end(self) -> list[str]:
        """The target, unless the last hop is the target already."""
        return [] if self.hops and self.hops[-1].name == self.target else [self.target]


@dataclass(frozen=True, kw_only=True)
class Edge(Answered):
    """One connection, with the hop to print."""

    hop: Hop
    called: Resource


@dataclass(frozen=True, kw_only=True)
class PartialPath(Way):
    """A way that is being followed. The first obstacle is kept, and the walk continues to where it would end."""

    def add_hop(self, hop: Hop, answer: Answer = YES) -> Self:
        """One hop further, if the answer there lets it."""
        return replace(self, hops=(*self.hops, hop)).add_answer(answer, hop.resource)

    def cross(self, edge: Edge) -> Self:
        """Over a connection between two nodes."""
        return self.add_answer(edge.answer, edge.called).add_hop(edge.hop)

    def add_answer(self, answer: Answer, at: Resource | None = None) -> Self:
        """The same path with one more answer: the first refusal stays, doubts add up."""
        further = replace(self, answer=combine_answers(self.answer, answer))
        return further if further.open or not self.open else replace(further, blocked_at=at)

    def add_doubts(self, *about: str) -> Self:
        """The same path with more that is not known."""
        return self.add_answer(make_doubt(*about))

    def passes(self, resource: Resource) -> bool:
        """Whether it has been at a resource already, so that to go there again would be a circle."""
        return any(hop.resource is resource and hop.name for hop in self.hops)

    def end(self, target: str, backend: Resource | None = None) -> Path:
        return Path(**vars(self), target=target, backend=backend)

    def arrive(self, resource: Resource, name: str) -> Path:
        """At a resource, which is the end."""
        return self.add_hop(Hop(resource, "", "", name)).end(name, resource)


def name_listener(port: int | None) -> str:
    """The rule of a hop to a balancer."""
    return "a listener" if port is None else f"listener on {port}"


def remove_duplicates(paths: Iterable[Path]) -> list[Path]:
    """Paths without those that read the same, in order."""
    return list({(path.kind, str(path)): path for path in paths}.values())
