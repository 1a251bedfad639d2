"""A path while it is being walked. What stops it first is kept, and the walk goes on to see where it would end."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..graph import Resource
from .connections import Edge
from .path import Hop, Kind, Path


@dataclass(frozen=True)
class Trail:
    """Hops so far."""

    source: str
    hops: tuple[Hop, ...] = ()
    stopped_by: str = ""
    stopped_at: Resource | None = None
    doubt: str = ""
    origin: Resource | None = None
    kind: Kind = Kind.INBOUND

    def then(self, hop: Hop, *, stopped_by: str = "", doubt: str = "") -> Trail:
        """One hop further; the first obstacle stays, doubts add up."""
        doubts = list(dict.fromkeys(text for text in (self.doubt, doubt) if text))
        further = replace(self, hops=(*self.hops, hop), doubt="; ".join(doubts))
        return further.stopped(stopped_by, hop.resource) if stopped_by else further

    def across(self, edge: Edge) -> Trail:
        """Over a connection between two nodes."""
        trail = self.stopped(edge.stopped_by, edge.called) if edge.stopped_by else self
        return trail.then(edge.hop, doubt=edge.doubt)

    def stopped(self, reason: str, at: Resource | None = None) -> Trail:
        """Stopped for a reason, unless something stopped it before."""
        return self if self.stopped_by else replace(self, stopped_by=reason, stopped_at=at)

    def passes(self, resource: Resource) -> bool:
        """Whether it has been at a resource already, so that to go there again would be a circle."""
        return any(hop.resource is resource and hop.name for hop in self.hops)

    def end(self, target: str, backend: Resource | None = None) -> Path:
        return Path(
            self.source,
            target,
            self.hops,
            not self.stopped_by,
            self.stopped_by,
            self.stopped_at,
            self.kind,
            self.doubt if not self.stopped_by else "",
            self.origin,
            backend,
        )
