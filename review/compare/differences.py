"""The parts in which two values of an input differ, by their dotted names.

Members of lists are compared by their content and not by their position, as the provider does it for sets.
"""

import difflib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from ..aws.catalog.tables import load_table
from ..aws.compute import user_data
from ..graph import UNKNOWN, Secret
from ..graph.json_parsing import parse_nested_json
from .containers import are_same_containers

_UNORDERED: Final = {
    *load_table("sets"),
    "Statement",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "AWS",
    "Service",
}
"""Lists whose order has no meaning: sets of the provider, and lists of IAM policies."""
_NAMES: Final = ("name", "Sid", "id", "routeKey", "ruleNo", "key", "type", "Effect")
"""Keys by which a reader knows a member of a list, the best first."""
_LINES: Final = 6  # differing lines of a script that are listed. The others are counted


class Input(NamedTuple):
    """An input, or a part of it, that differs. None stands for a value that is not set."""

    name: str
    before: Any
    after: Any


def map_leaves(value: Any, change: Callable[[Any], Any]) -> Any:
    """A value with everything in it changed that holds nothing else."""
    if isinstance(value, Mapping):
        return {str(key): map_leaves(inner, change) for key, inner in value.items()}
    return [map_leaves(member, change) for member in value] if isinstance(value, list) else change(value)


def find_differences(before: Any, after: Any, name: str = "") -> Iterator[Input]:
    """The smallest parts in which two values differ. A JSON text is compared as its document."""
    old, new = parse_nested_json(before), parse_nested_json(after)
    if _are_equal(old, new) or (name == "containerDefinitions" and are_same_containers(old, new)):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}, key=str):
            yield from find_differences(old.get(key), new.get(key), f"{name}.{key}" if name else str(key))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _compare_lists(old, new, name)
    elif isinstance(old, str) and isinstance(new, str) and name in user_data.INPUTS:
        yield from _compare_scripts(user_data.decode_script(old), user_data.decode_script(new), name)
    else:
        yield Input(name, old, new)


def _are_equal(old: Any, new: Any) -> bool:
    return bool(parse_nested_json(old) == parse_nested_json(new)) and (old is UNKNOWN) == (new is UNKNOWN)


def are_identical(old: Any, new: Any, name: str = "") -> bool:
    """Whether two values are written alike, but for the order of sets."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return old.keys() == new.keys() and all(are_identical(old[key], new[key], str(key)) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        if name in _UNORDERED:
            old, new = (sorted(values, key=repr) for values in (old, new))
        return len(old) == len(new) and all(are_identical(*pair) for pair in zip(old, new, strict=True))
    return type(old) is type(new) and bool(old == new)


def _compare_lists(old: Sequence[Any], new: Sequence[Any], name: str) -> Iterator[Input]:
    gone = [member for member in old if not any(_are_equal(member, other) for other in new)]
    come = [member for member in new if not any(_are_equal(member, other) for other in old)]
    if not gone and not come and (len(old) != len(new) or name.rpartition(".")[2] not in _UNORDERED):
        yield Input(name, list(old), list(new))
    for member in list(gone):
        successor = max(come, key=lambda other: _score_likeness(member, other), default=None)
        if _score_likeness(member, successor):
            gone.remove(member)
            come.remove(successor)
            label = _find_label(member, successor) or ("…" if max(len(old), len(new)) > 1 else "")
            yield from find_differences(member, successor, f"{name}[{label}]" if label else name)
    if len(gone) == len(come) == 1:
        if len(old) == len(new) == 1 and _share_keys(*gone, *come):
            yield from find_differences(gone[0], come[0], name)
        else:
            yield Input(name, gone[0], come[0])
    else:
        yield from (Input(name, member, None) for member in gone)
        yield from (Input(name, None, member) for member in come)


def _share_keys(block: Any, other: Any) -> bool:
    return isinstance(block, Mapping) and isinstance(other, Mapping) and not block.keys().isdisjoint(other)


def _score_likeness(block: Any, other: Any) -> int:
    """The number of equal inputs of two blocks. A name counts as much as all other inputs together."""
    if isinstance(block, Secret) or not (isinstance(block, Mapping) and isinstance(other, Mapping)):
        return 0
    same = [key for key in block if key in other and _are_equal(block[key], other[key])]
    return len(same) + 100 * sum(key in _NAMES[:5] for key in same)


def _find_label(block: Any, other: Any) -> str:
    """The name that two blocks share; empty if they share none."""
    same = (str(block[key]) for key in _NAMES if isinstance(block.get(key), str) and block[key] == other.get(key))
    return next(same, "")


def _compare_scripts(old: str, new: str, name: str) -> Iterator[Input]:
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
