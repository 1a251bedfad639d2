"""A path while it is being walked. What stops it first is kept, and the walk goes on to see where it would end."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..graph import Resource
from .connections import Edge
from .path import Hop, Kind, Path


@dataclass(frozen=True, kw_only=True)
class PartialPath:
    """Hops so far."""

    source: str
    hops: tuple[Hop, ...] = ()
    blocked_by: str = ""
    blocked_at: Resource | None = None
    uncertainty: str = ""
    origin: Resource | None = None
    kind: Kind = Kind.INBOUND

    def then(self, hop: Hop, *, blocked_by: str = "", uncertainty: str = "") -> PartialPath:
        """One hop further; the first obstacle stays, uncertainties add up."""
        further = replace(self, hops=(*self.hops, hop)).doubted(uncertainty)
        return further.blocked(blocked_by, hop.resource) if blocked_by else further

    def across(self, edge: Edge) -> PartialPath:
        """Over a connection between two nodes."""
        partial = self.blocked(edge.blocked_by, edge.called) if edge.blocked_by else self
        return partial.then(edge.hop, uncertainty=edge.uncertainty)

    def blocked(self, reason: str, at: Resource | None = None) -> PartialPath:
        """Stopped for a reason, unless something stopped it before."""
        return self if self.blocked_by else replace(self, blocked_by=reason, blocked_at=at)

    def doubted(self, uncertainty: str) -> PartialPath:
        """The same path with one more uncertainty."""
        doubts = dict.fromkeys(text for text in (self.uncertainty, uncertainty) if text)
        return replace(self, uncertainty="; ".join(doubts))

    def passes(self, resource: Resource) -> bool:
        """Whether it has been at a resource already, so that to go there again would be a circle."""
        return any(hop.resource is resource and hop.name for hop in self.hops)

    def end(self, target: str, backend: Resource | None = None) -> Path:
        return Path(
            source=self.source,
            target=target,
            hops=self.hops,
            open=not self.blocked_by,
            blocked_by=self.blocked_by,
            blocked_at=self.blocked_at,
            kind=self.kind,
            uncertainty=self.uncertainty if not self.blocked_by else "",
            origin=self.origin,
            backend=backend,
        )
