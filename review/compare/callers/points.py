"""Points on which callers are admitted: what somebody must show for a call, or who may show it."""

import enum
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple


class Sense(enum.Enum):
    """The meaning of a value that one of two states has and the other does not."""

    ADMITS = "each value lets callers in; without any nobody is"
    MEETS = "each value meets a requirement; without any, not even an empty one, another point has the requirement"
    LIMITS = "each value is one that callers may show; without any they need none"
    ASKS = "each value must be shown"
    EITHER = "another value may let callers in and keep callers out"
    DETAIL = "likewise, of something that another point shows to be there or not"


class Point(NamedTuple):
    """Something that callers of a subject need."""

    subject: str
    word: str
    sense: Sense


Values = Mapping[str, str]
"""How values are shown, by what makes them equal."""
Points = dict[Point, dict[str, str]]
Found = tuple[Point, str, str]
"""A point, what makes a value equal to another, and how it is shown."""


def each(point: Point, values: Iterable[object]) -> Iterator[Found]:
    """Values that are shown as they are."""
    yield from ((point, str(value), str(value)) for value in values)
