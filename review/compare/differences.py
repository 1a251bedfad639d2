"""The parts in which two values of an input differ, by their dotted names.

Members of lists are compared by their content and not by their position, as the provider does it for sets.
"""

import difflib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from ..aws.catalog.tables import table
from ..aws.compute import user_data
from ..aws.compute.containers import same_containers
from ..graph import UNKNOWN, Asset, Secret
from ..graph.assets import deployed
from ..graph.json_text import opened

_SETS: Final = frozenset(table("sets"))
_OF_POLICIES: Final = frozenset(("Statement", "Action", "NotAction", "Resource", "NotResource", "Principal", "AWS"))
"""Lists of IAM policies. Their order has no meaning either."""
_LABELS: Final = ("name", "Sid", "id", "routeKey", "ruleNo", "key", "type", "Effect")
"""Keys by which a reader knows a member of a list, the best first."""
_LINES: Final = 6
"""Differing lines of a script that are listed. The others are counted."""


class Input(NamedTuple):
    """An input, or a part of it, that differs. None stands for a value that is not set."""

    name: str
    before: Any
    after: Any


def differences(before: Any, after: Any, name: str = "") -> Iterator[Input]:
    """The smallest parts in which two values differ."""
    old, new = _readable(before), _readable(after)
    if _are_equal(old, new) or (name == "containerDefinitions" and same_containers(old, new)):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys((*old, *new)):
            yield from differences(old.get(key), new.get(key), f"{name}.{key}" if name else str(key))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _of_lists(old, new, name)
    elif isinstance(old, str) and isinstance(new, str) and ("\n" in old or name in user_data.INPUTS):
        yield from _of_scripts(user_data.decoded(old), user_data.decoded(new), name)
    else:
        yield Input(name, old, new)


def _readable(value: Any) -> Any:
    """A JSON text as its document, and an asset as the digest of its content."""
    if isinstance(value, Asset):
        return deployed(Path(value.base), value)
    return opened(value)


def _are_equal(old: Any, new: Any) -> bool:
    if isinstance(old, Secret) and isinstance(new, Secret):
        return _are_equal(old.value, new.value)
    return bool(old == new) and (old is UNKNOWN) == (new is UNKNOWN)


def _of_lists(old: Sequence[Any], new: Sequence[Any], name: str) -> Iterator[Input]:
    gone = [member for member in old if not _contains(new, member)]
    come = [member for member in new if not _contains(old, member)]
    if not gone and not come:
        key = name.rpartition(".")[2]
        if len(old) != len(new) or key not in _SETS | _OF_POLICIES:
            yield Input(name, list(old), list(new))
        return
    for member in list(gone):
        successor = _successor(member, come)
        if successor is not None:
            gone.remove(member)
            come.remove(successor)
            place = f"{name}[{_label(member, successor)}]" if len(old) > 1 or len(new) > 1 else name
            yield from differences(member, successor, place)
    if len(gone) == len(come) == 1:
        yield Input(name, gone[0], come[0])
    else:
        yield from (Input(name, member, None) for member in gone)
        yield from (Input(name, None, member) for member in come)


def _contains(members: Sequence[Any], wanted: Any) -> bool:
    return any(_are_equal(_readable(member), _readable(wanted)) for member in members)


def _successor(member: Any, candidates: Sequence[Any]) -> Any:
    """The block that has most in common with a block; None if no block has anything."""
    likeness = [_likeness(member, candidate) for candidate in candidates]
    best = max(likeness, default=0)
    return candidates[likeness.index(best)] if best else None


def _likeness(block: Any, other: Any) -> int:
    """The number of equal inputs of two blocks. A label counts as much as all other inputs together."""
    if not (isinstance(block, Mapping) and isinstance(other, Mapping)):
        return 0
    same = [key for key in block if key in other and _are_equal(_readable(block[key]), _readable(other[key]))]
    labels = [key for key in same if key in _LABELS[:5]]
    return len(same) + 100 * len(labels)


def _label(block: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """A value that both blocks have, by which a reader knows them."""
    for key in _LABELS:
        value = block.get(key)
        if isinstance(value, str | int) and value == other.get(key):
            return str(value)
    return "…"


def _of_scripts(old: str, new: str, name: str) -> Iterator[Input]:
    """The lines in which two texts differ; the first ones of many."""
    before, after = old.splitlines(), new.splitlines()
    differing: list[Input] = []
    for tag, start, end, first, last in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            pairs = itertools.zip_longest(before[start:end], after[first:last])
            differing += [Input(f"{name}[line {number}]", *pair) for number, pair in enumerate(pairs, first + 1)]
    yield from differing[:_LINES] or [Input(name, "the same lines", "other line breaks")]
    if more := differing[_LINES:]:
        yield Input(f"{name}[{len(more)} more lines]", "…", "…")
