"""Differing values in a few words: of long texts the part that differs, of scripts the lines, and equal ones once."""

import difflib
import itertools
import os
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from ...aws.compute.user_data import INPUTS, decoded
from ...compare.engine.side import Property
from ...graph import UNKNOWN, Secret
from ...graph.graph import grouped
from ...graph.shown import SHORT, cut, one_line, shown

_LEAD: Final = 15
_DIFFERENCE: Final = 300
"""Letters before the first difference, and letters of a member of a list."""
_LINES: Final = 6
"""Differing lines of a text that are shown."""
_ABSENT: Final = "no such line"


def properties_shown(properties: Iterable[Property]) -> Iterator[tuple[str, str, str]]:
    """Name, before and after of each difference: of a text with lines, one for each line."""
    for found in properties:
        # User data may be encoded.
        script = found.name.rpartition(".")[2] in INPUTS
        texts = [decoded(one) if script and isinstance(one, str) else one for one in (found.before, found.after)]
        if all(isinstance(text, str) for text in texts) and any("\n" in text for text in texts):
            yield from _lines_shown(found.name, *(text.splitlines() for text in texts))
        else:
            was, now = shown_both(*texts)
            # It names what it named, which has another value.
            same = isinstance(found.after, str) and found.before == found.after
            yield found.name, was, f"{now}, with another value" if same else now


def _lines_shown(name: str, before: list[str], after: list[str]) -> Iterator[tuple[str, str, str]]:
    rows = [
        (f"{name} line {first + place}", one, other)
        for kind, first, last, start, end in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        for place, (one, other) in enumerate(itertools.zip_longest(before[first:last], after[start:end]), 1)
        if (one or "").strip() != (other or "").strip()
    ]
    for label, one, other in rows[:_LINES]:
        was, now = shown_both(one or "", other or "")
        yield label, _ABSENT if one is None else was, _ABSENT if other is None else now
    if not rows:
        yield name, "the same lines", "with other spaces or empty lines"
    if (more := len(rows) - _LINES) > 0:
        yield f"{name} and {more} more lines", "…", "…"


def shown_both(before: Any, after: Any) -> tuple[str, str]:
    """Two values in a few words each: of long texts from the first difference on."""
    if any(value is None or value is UNKNOWN or isinstance(value, Secret) for value in (before, after)):
        # A member that a list gets is a difference as a whole; of a long text its beginning will do.
        one, other = (shown(value, SHORT if isinstance(value, str) else _DIFFERENCE) for value in (before, after))
        return one, other
    texts = one_line(before), one_line(after)
    same = len(os.path.commonprefix(texts))  # noqa: RUF071 # these are no paths: letter by letter is what is wanted
    start = same - _LEAD if max(map(len, texts)) > SHORT and same > _LEAD else 0
    one, other = (("…" if start else "") + cut(text[start:], SHORT) for text in texts)
    return one, other


_METHOD: Final = re.compile(
    r"body\.paths\./.*?\.(?:get|head|post|put|patch|delete|options|x-amazon-apigateway-any-method)\.(?P<rest>.+)"
)
"""The name of an input inside one method of an API's definition."""


def folded(properties: Iterable[tuple[str, str]]) -> list[str]:
    """Lines of differing inputs, given as name and what it was and is. Methods of an API that differ alike are one."""
    found = ((name, _METHOD.fullmatch(name), text) for name, text in properties)
    groups = grouped(((inside["rest"] if inside else name, text), name) for name, inside, text in found)
    return [
        f"{names[0]}: {text}" if len(names) == 1 else f"each of {len(names)} methods: {name}: {text}"
        for (name, text), names in groups.items()
    ]
