"""What one resource is charged for, before any price is known."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..aws.api import Api
from ..graph import Graph, Resource
from .prices import HOURS
from .usage import Usage


class Basis(enum.Enum):
    """Whether a charge comes by itself or with use."""

    FIXED = "fixed"
    CALL = "call"
    """Grows with the API's calls."""
    OTHER_USE = "other use"
    """Grows with something else that the usage says."""


@dataclass(frozen=True)
class Charge:
    """So much of an item of the price table in a month."""

    item: str
    quantity: float
    basis: Basis = Basis.FIXED
    label: str = ""
    """What the reader knows it by, where the item's own name is too general: `t4g.nano`, `disk 8 GB`."""
    note: str = ""
    """What was assumed."""


@dataclass(frozen=True)
class Context:
    """What a charge may depend on besides its resource."""

    graph: Graph
    usage: Usage
    apis: tuple[Api, ...]
    shares: Mapping[str, float] | None = None
    """What part of all calls ends in a function, by its URN; None for an equal part in each."""

    def calls_of(self, function: Resource) -> float:
        """Calls of the APIs that end in this function."""
        if self.shares is not None:
            return self.usage.requests * self.shares.get(function.urn, 0.0)
        called = {call.integration.function.urn for api in self.apis for call in api.calls if call.integration.function}
        return self.usage.requests / len(called) if function.urn in called else 0.0

    def streamed(self, resource: Resource) -> float:
        """What part of the calls of an API, or of those that end in a function, is answered in a stream."""
        calls = [
            call.integration.streams
            for api in self.apis
            for call in api.calls
            if resource in (api.resource, call.integration.function)
        ]
        return sum(calls) / len(calls) if calls else 0.0


Charger = Callable[[Resource, Context], Iterable[Charge]]


def hourly(item: str, count: float = 1, label: str = "", note: str = "") -> Charge:
    """A charge by the hour, all month."""
    return Charge(item, count * HOURS, Basis.FIXED, label, note)


def monthly(item: str, count: float = 1, label: str = "", note: str = "") -> Charge:
    """A charge by the month."""
    return Charge(item, count, Basis.FIXED, label, note)
