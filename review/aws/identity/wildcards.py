"""Wildcards of policies, matched in steps by their lengths."""

import re
from typing import Final

_PIECE: Final = re.compile(r"(\[\^:\]|\\.|.)(\*?)", re.DOTALL)
_MOST_STARS: Final = 2


def fits(expression: str, value: str, flags: re.RegexFlag) -> bool:
    """Whether an expression of wildcards fits a whole text. With many stars, `re` tries for hours."""
    if expression.count("*") <= _MOST_STARS:
        return re.fullmatch(expression, value, flags) is not None
    pieces = [(re.compile(one, flags).match, bool(star)) for one, star in _PIECE.findall(expression)]
    at = {0}
    for letter in (*value, ""):
        # A star may stand for nothing.
        for place in sorted(at):
            while place < len(pieces) and pieces[place][1]:
                at.add(place := place + 1)
        if letter:
            at = {one + (not pieces[one][1]) for one in at if one < len(pieces) and pieces[one][0](letter)}
    return len(pieces) in at
