"""Points on which callers are admitted: what a caller must show for a call, or who may show it."""

import enum
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol, runtime_checkable

from ...aws.identity.iam import glob
from ...graph.addresses import covers, network, share
from ...graph.prose import listed
from ...reach.path import Ports


class Sense(enum.Enum):
    """The meaning of a value that one of two states has and the other does not."""

    ADMITS = "each value lets callers in; without any there are no callers"
    MEETS = "each value meets a requirement; without any, not even an empty one, another point has the requirement"
    LIMITS = "each value is one that callers may show; without any they need none"
    ASKS = "each value must be shown"
    SPEAKS = "callers must speak it: another value ends their calls"
    EITHER = "another value may let callers in and keep callers out"
    DETAIL = "likewise, of something that another point shows to be there or not"


class Point(NamedTuple):
    """Something that callers of a subject need."""

    subject: str
    word: str
    sense: Sense


WHERE = "callers in"  # word of points that have only the callers' countries: both states have it, or it is not compared
ADDRESS = Point("", "address", Sense.ADMITS)
Values = Mapping[Hashable, str]  # how values are shown, by what makes them equal
Points = dict[Point, dict[Hashable, str]]
Found = tuple[Point, Hashable, str]  # a point, what makes a value equal to another, and how it is shown


@runtime_checkable
class Part(Protocol):
    """A value that others may include without being equal to it."""

    def covered(self, others: Collection[Hashable]) -> bool:
        """Whether everybody that the value stands for is among those of others."""


class Range(NamedTuple):
    """Addresses, and the traffic from them if it counts."""

    cidr: str
    ports: Ports | None = None

    def covered(self, others: Collection[Hashable]) -> bool:
        near = [other for other in others if isinstance(other, Range)]
        near = [its for its in near if its.ports is None or (self.ports is not None and its.ports.cover(self.ports))]
        return any(other.cidr == self.cidr for other in near) or share([other.cidr for other in near], self.cidr) == 1

    def meets(self, other: Hashable) -> bool:
        """Whether the other has some of the same addresses."""
        return isinstance(other, Range) and covers(other.cidr, self.cidr) is not False


class Pattern(NamedTuple):
    """Texts, with `*` for any letters and `?` for one."""

    text: str

    def covered(self, others: Collection[Hashable]) -> bool:
        return any(isinstance(other, Pattern) and glob(other.text, self.text) for other in others)


class Countries(NamedTuple):
    """Countries that callers are in: those that are named, or all others."""

    named: frozenset[str]
    all_but: bool

    def without(self, other: "Countries") -> "Countries":
        """Those of them that are not among the other's."""
        if not self.all_but:
            return Countries(self.named & other.named if other.all_but else self.named - other.named, all_but=False)
        if other.all_but:
            return Countries(other.named - self.named, all_but=False)
        return Countries(self.named | other.named, all_but=True)

    def __str__(self) -> str:
        names = listed(sorted(self.named))
        return f"any country but {names}" if names and self.all_but else names or "any country" * self.all_but


class Recent(NamedTuple):
    """What a caller may show for some seconds."""

    value: str
    seconds: float

    def covered(self, others: Collection[Hashable]) -> bool:
        same = [other for other in others if isinstance(other, Recent) and other.value == self.value]
        return any(other.seconds >= self.seconds for other in same)


def beyond(these: Values, others: Values) -> list[Hashable]:
    """The values of which the others lack something."""
    return [key for key in these if key not in others and not (isinstance(key, Part) and key.covered(others.keys()))]


def each(point: Point, values: Iterable[object]) -> Iterator[Found]:
    """Values that are shown as they are; a range of addresses is compared as a set."""
    for value in values:
        yield point, Range(str(value)) if network(str(value)) else str(value), str(value)
