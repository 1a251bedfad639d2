"""A path while it is being followed. The first obstacle is kept, and the walk continues to where it would end."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..graph import Resource
from ..graph.answers import YES, Answer, doubted, in_a_row
from .connections import Edge
from .path import Hop, Path, Way


@dataclass(frozen=True, kw_only=True)
class PartialPath(Way):
    """Hops so far."""

    def then(self, hop: Hop, answer: Answer = YES) -> PartialPath:
        """One hop further, if the answer there lets it."""
        return replace(self, hops=(*self.hops, hop)).met(answer, hop.resource)

    def across(self, edge: Edge) -> PartialPath:
        """Over a connection between two nodes."""
        return self.met(edge.answer, edge.called).then(edge.hop)

    def met(self, answer: Answer, at: Resource | None = None) -> PartialPath:
        """The same path with one more answer: the first refusal stays, doubts add up."""
        further = replace(self, answer=in_a_row(self.answer, answer))
        return further if further.open or not self.open else replace(further, blocked_at=at)

    def doubted(self, *about: str) -> PartialPath:
        """The same path with more that is not known."""
        return self.met(doubted(*about))

    def passes(self, resource: Resource) -> bool:
        """Whether it has been at a resource already, so that to go there again would be a circle."""
        return any(hop.resource is resource and hop.name for hop in self.hops)

    def end(self, target: str, backend: Resource | None = None) -> Path:
        return Path(**vars(self), target=target, backend=backend)

    def arrive(self, resource: Resource, name: str) -> Path:
        """At a resource, which is the end."""
        return self.then(Hop(resource, "", "", name)).end(name, resource)
