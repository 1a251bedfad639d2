"""A value in a few words."""

from typing import Any, Final

from .graph import UNKNOWN, Secret

SHORT: Final = 60
"""Letters of a value that are shown."""


def shown(value: Any, most: int = SHORT) -> str:
    """A value in a few words, with at most so many letters."""
    if isinstance(value, Secret):
        return str(value)
    return "not set" if value is None else "unknown" if value is UNKNOWN else cut(one_line(value), most)


def one_line(value: Any) -> str:
    """A value as text without line breaks."""
    # Line breaks would tear a report's lines apart.
    return " ".join((value if isinstance(value, str) else repr(value)).split())


def cut(text: str, most: int) -> str:
    """A text with at most so many letters."""
    return text if len(text) <= most else text[: most - 3] + "…"
