"""Tone of a sentence of the report: its gravity and colour."""

import enum


class Tone(enum.Enum):
    """Gravity of a sentence, which sets its colour."""

    BAD = "bad"
    WARN = "warn"
    GOOD = "good"
    PLAIN = ""
