"""Lines of a comparison, in the order in which a reader needs them."""

import enum
from dataclasses import dataclass


class Group(enum.Enum):
    """Groups of lines, the gravest first, with their titles."""

    DATA = "Data that is deleted, replaced or kept for another time"
    OPEN = "Open to anyone on the internet"
    PATHS = "Who can reach what"
    CALLS = "What calls require and where they go"
    RULES = "Rules"
    MONEY = "Costs"
    ACCESS = "Resources that decide about paths and calls"
    OTHER = "Other resources"


class Sign(enum.StrEnum):
    """What became of the fact that a line states."""

    NEW = "+"
    GONE = "-"
    CHANGED = "~"
    REPLACED = "±"


@dataclass(frozen=True)
class Line:
    """One fact that one report states and the other does not."""

    group: Group
    sign: Sign
    text: str
    subject: str
    """What the line is about, in few words, for the heading."""
    resources: tuple[str, ...] = ()
    """URNs of the resources that it states the changes of."""
    fails: bool = False
    """Whether `--strict` makes an error of it."""
