"""Reading JSON text that somebody else wrote."""

import json
from collections.abc import Mapping
from typing import Any, Final

_DEEPEST: Final = 100
"""Levels. The engine and AWS write about twenty, and what walks a value is recursive."""


def parsed(text: str) -> Any:
    """The value of a JSON text. Raises ValueError if it is no JSON, too deep, or has a number that is too long."""
    try:
        found = json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    level = [found]
    for _ in range(_DEEPEST):
        below = [one.values() if isinstance(one, Mapping) else one for one in level if isinstance(one, Mapping | list)]
        level = [inner for held in below for inner in held]
        if not level:
            return found
    raise ValueError("it is nested too deeply")
