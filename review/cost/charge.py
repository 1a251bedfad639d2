"""Quantities that one resource is charged for, before any price is known."""

import enum
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..aws.catalog.month import HOURS
from ..aws.model.model import AwsModel
from ..graph import Resource
from ..reach.statements import Statements
from .calls import Api, Call
from .usage import Usage


class Basis(enum.Enum):
    """Whether a charge comes by itself or with use."""

    FIXED = "fixed"
    CALL = "call"
    """Grows with the API's calls."""
    OTHER_USE = "other use"
    """Grows with another quantity of the usage."""


@dataclass(frozen=True, kw_only=True)
class Charge:
    """A quantity of an item of the price table in a month."""

    item: str
    quantity: float | None
    """None if it is not known, so that the amount is not known either."""
    basis: Basis = Basis.FIXED
    label: str = ""
    """Shown in place of the item's own name, which may be too general: `t4g.nano`, `disk 8 GB`."""
    pieces: float = 1
    """Number of things with this label that the quantity is of."""
    note: str = ""
    """The assumption, or why the quantity is not known."""


@dataclass(frozen=True)
class Context:
    """Facts besides its resource that a charge may depend on."""

    model: AwsModel
    usage: Usage
    statements: Statements
    apis: Sequence[Api]
    """The APIs that components state."""
    shares: Mapping[str, float] | None = None
    """Share of all calls by the URN of the function that takes them; None splits evenly."""
    authorizer_shares: Mapping[str, float] | None = None
    """Share of all calls by the URN of the function that authorizes them; None splits evenly among calls."""

    def count_calls(self, function: Resource) -> float:
        """Calls of the APIs that end in this function."""
        if self.shares is not None:
            return self.usage.requests * self.shares.get(function.urn, 0.0)
        called = {call.function.urn for call in self._calls if call.function is not None}
        return self.usage.requests / len(called) if function.urn in called else 0.0

    def count_authorizer_runs(self, function: Resource) -> float:
        """Calls that this function authorizes, as if no result came from a cache."""
        if self.authorizer_shares is not None:
            return self.usage.requests * self.authorizer_shares.get(function.urn, 0.0)
        return self.usage.requests * _divide([call.authorizer is function for call in self._calls])

    def describe_cache(self, function: Resource) -> str:
        """Says that no cache of this authorizer's results is counted."""
        seconds = {call.cache_seconds for call in self._calls if call.authorizer is function}
        kept = f" of {seconds.pop():g} s" if len(seconds) == 1 and None not in seconds else ""
        return (
            "it runs for each call: nothing is cached"
            if kept == " of 0 s"
            else f"as if no result came from its cache{kept}"
        )

    def share_of_streams(self, resource: Resource) -> float:
        """Share of the calls of an API, or of those that end in a function, whose answer streams."""
        owner = self.statements.find_owner(resource.urn)
        calls = (call for api in self.apis for call in api.calls if call.function is resource or api.part is owner)
        return _divide([call.streams for call in calls])

    @property
    def _calls(self) -> list[Call]:
        return [call for api in self.apis for call in api.calls]


def _divide(answers: Sequence[bool]) -> float:
    """The share that is true."""
    return sum(answers) / len(answers) if answers else 0.0


CostFunction = Callable[[Resource, Context], Iterable[Charge]]


def add_count(count: float | None, name: str) -> str:
    """`2 × t4g.nano`; only the name of one, or of an unknown number."""
    return f"{count:g} × {name}" if count not in (1, None) else name


def multiply(*factors: float | None) -> float | None:
    """The product; None if a factor is not known."""
    known = [factor for factor in factors if factor is not None]
    return math.prod(known) if len(known) == len(factors) else None


def charge_hourly(
    item: str, count: float | None = 1, label: str = "", note: str = "", pieces: float | None = None
) -> Charge:
    return Charge(
        item=item, quantity=multiply(count, HOURS), label=label, note=note, pieces=1 if pieces is None else pieces
    )


def charge_by_use(item: str, label: str, quantity: float | None = 0, note: str = "") -> Charge:
    """A charge for use other than calls; of no quantity if the use is not estimated, and None if
    it comes in any case."""
    return Charge(item=item, quantity=quantity, basis=Basis.OTHER_USE, label=label, note=note)


def charge_monthly(item: str, count: float | None = 1, label: str = "", note: str = "") -> Charge:
    return Charge(item=item, quantity=count, label=label, note=note)
