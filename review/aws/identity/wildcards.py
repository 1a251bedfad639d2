"""Wildcards of policies, matched in time that their lengths bound: with several stars, `re` tries for hours."""

import functools
import operator
import re
from typing import Final

_PIECE: Final = re.compile(r"(\[\^:]|\\.|.)(\*?)", re.DOTALL)
_ANY, _IN_PART = ".", "[^:]"
_FEW: Final = (2, 256, 4096)
"""Stars of an expression, letters of a text, and of the expression, for which `re` is quick."""
_compiled = functools.lru_cache(maxsize=4096)(re.compile)
_MOST: Final = (1 << 16, 1 << 30)
"""Letters of a text, and steps. The largest policy that AWS takes, and the longest URL, stay below.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""


def match_expression(expression: str, value: str, flags: re.RegexFlag) -> bool | None:
    """Whether an expression of wildcards fits a whole text. None if they are larger than AWS takes."""
    if all(map(operator.le, (expression.count("*"), len(value), len(expression)), _FEW)):
        return _compiled(expression, flags).fullmatch(value) is not None
    if len(value) > _MOST[0] or len(expression) * len(value) > _MOST[1]:
        return None
    singles, (over_all, in_part), places, end = _read(expression)
    takes: dict[str, int] = {}
    alike, reached = "".join(places), 1
    for letter in value:
        if letter not in takes:
            takes[letter] = singles[0] | (singles[1] if letter != ":" else 0)
            for part in re.findall(re.escape(letter), alike, flags):
                takes[letter] |= places[part]
        stays = over_all if letter == ":" else over_all | in_part
        reached = ((reached & takes[letter]) << 1) | (reached & stays)
    return bool(reached >> end & 1)


@functools.lru_cache(maxsize=64)
def _read(expression: str) -> tuple[tuple[int, int], tuple[int, int], dict[str, int], int]:
    """For each kind of a piece, the numbers of letters before it, as bits: single wildcards, stars, and letters."""
    letters: dict[str, int] = {}
    singles, stars, at = [0, 0], [0, 0], 0
    for piece, star in _PIECE.findall(expression):
        if star:
            stars[piece != _ANY] |= 1 << at
            continue
        if piece in (_ANY, _IN_PART):
            singles[piece != _ANY] |= 1 << at
        else:
            letters[piece[-1]] = letters.get(piece[-1], 0) | 1 << at
        at += 1
    return (singles[0], singles[1]), (stars[0], stars[1]), letters, at
