"""A value in a few words."""

from typing import Any, Final

from ..recording.values import UNKNOWN, Secret

SHORT: Final = 60
"""Letters of a value that are shown."""


def format_value(value: Any, most: int = SHORT) -> str:
    """A value in a few words, with at most so many letters."""
    if isinstance(value, Secret):
        return str(value)
    text = value if isinstance(value, str) else repr(value)  # line breaks would tear a report's lines apart
    return "not set" if value is None else "unknown" if value is UNKNOWN else truncate(" ".join(text.split()), most)


def truncate(text: str, most: int) -> str:
    """A text with at most so many letters."""
    return text if len(text) <= most else text[: most - 3] + "…"
