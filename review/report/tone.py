"""How grave a sentence of the report is."""

import enum


class Tone(enum.Enum):
    """How grave a sentence is, and how it is coloured."""

    BAD = "bad"
    WARN = "warn"
    GOOD = "good"
    PLAIN = ""
