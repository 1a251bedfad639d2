"""Words for several things, and text of other programs."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

HARD_SPACE: Final = "\u00a0"
"""A space that no line is broken at."""
_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\U000e0100-\U000e01ef]|(?<=\\w)[\ufe00-\ufe0f]"
)
"""Letters that have no sign of their own, though Python takes them for printable: two names would look alike."""


def join_names(names: Iterable[Any]) -> str:
    """`a, b and c`."""
    words = [str(name) for name in names]
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def format_count(number: int, noun: str, plural: str = "") -> str:
    """`1 lookup`, `4 lookups`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def abbreviate_names(names: Sequence[str]) -> str:
    """`a, b, c and 2 more`."""
    return ", ".join(names) if len(names) <= 4 else f"{', '.join(names[:3])} and {len(names) - 3} more"


def make_printable(text: str) -> str:
    """Without line breaks, letters that nobody sees, and signs that steer a terminal or turn the reading direction."""
    text = _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else " " if character.isspace() else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )
