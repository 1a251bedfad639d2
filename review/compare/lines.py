"""Lines of a comparison: groups, signs, and what each line states."""

import enum
from dataclasses import dataclass


class Group(enum.Enum):
    """Groups of lines with their titles, the gravest first."""

    DATA = "Data that is deleted, replaced or kept for another time"
    OPEN = "Open to anyone on the internet"
    PATHS = "Who can reach what"
    CALLS = "What calls require and where they go"
    RULES = "Rules"
    MONEY = "Costs"
    ACCESS = "Resources that decide about paths and calls"
    OTHER = "Other resources"


class Sign(enum.StrEnum):
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
    subject: str  # what the line is about, in few words, for the heading
    resources: tuple[str, ...] = ()  # URNs of the resources whose changes it states
    fails: bool = False  # whether `--strict` makes an error of it
