"""Effects of a change. The first screen and the list below it are made of the same ones, each for one line."""

import enum
from dataclasses import dataclass


class Tone(enum.Enum):
    """How grave a consequence is, and how it is coloured."""

    BAD = "bad"
    WARN = "warn"
    GOOD = "good"
    PLAIN = ""


class Line(enum.StrEnum):
    """Lines of the first screen. Those without an effect say so."""

    DATA = "data"
    CALLERS = "callers"
    CALLS = "calls"
    BACKEND = "backend"
    ALARMS = "alarms"
    STAYS = "stays"
    RULES = "rules"


@dataclass(frozen=True)
class Effect:
    line: Line
    word: str  # what it does: `opens`, `deletes`, `interrupts`
    tone: Tone
    text: str
    brief: str = ""  # what it is about, for a heading
