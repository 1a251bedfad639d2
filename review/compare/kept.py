"""The later version as AWS will hold it: with inputs and resources that it keeps though the program drops them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ..graph import Graph, Resource
from .replacements import left_out
from .resources import Resources

_PART: Final = re.compile(r"[^.\[\]\"']+")


def with_kept(after: Graph, resources: Resources) -> Graph:
    """The program's graph with inputs that are left out or ignored, and resources that are retained or protected."""
    replaced = {change.new.urn for change in resources.changes if change.replacing}
    found = dict(after.resources)
    for old, new in resources.pairs:
        if new.urn not in replaced:
            found[new.urn] = _held(old, new)
    for old in resources.removed:
        if old.options.retain_on_delete or old.options.protect:
            found[old.urn] = old
    return replace(after, resources=found)


def _held(old: Resource, new: Resource) -> Resource:
    """A resource with the values that AWS keeps."""
    inputs: Mapping[str, Any] = new.inputs
    for key in new.options.ignore_changes:
        inputs = dict(old.inputs) if key == "*" else _with_old(inputs, old.inputs, _PART.findall(key))
    for key in left_out(old, new):
        inputs = _with_old(inputs, old.inputs, key.split("."))
    if inputs is new.inputs:
        return new
    # What both versions ignore is not known. What only the later one ignores is as the earlier one gave it.
    ignored = tuple(key for key in new.options.ignore_changes if key in old.options.ignore_changes)
    return replace(new, inputs=inputs, options=replace(new.options, ignore_changes=ignored))


def _with_old(inputs: Mapping[str, Any], old: Mapping[str, Any], path: Sequence[str]) -> dict[str, Any]:
    """The inputs with the old value at a path."""
    first, *rest = path
    found = dict(inputs)
    if rest and isinstance(found.get(first), Mapping) and isinstance(old.get(first), Mapping):
        found[first] = _with_old(found[first], old[first], rest)
    elif old.get(first) is None:
        found.pop(first, None)
    else:
        found[first] = old[first]
    return found
