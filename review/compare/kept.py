"""The later version as AWS will hold it, with what it keeps though the program drops it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..graph import Graph
from .replacements import strip_members
from .resources import Resources


def add_kept(after: Graph, resources: Resources) -> Graph:
    """The program's graph with inputs that are left out or ignored, and resources that are retained or protected."""
    by_urn = dict(after.resources)
    for change in resources.changes:
        old, new, inputs = change.old, change.new, change.new.inputs
        for name in change.kept:
            inputs = _restore_value(inputs, old.inputs, strip_members(name).split("."))
        # What both versions ignore is not known. What only the later one ignores is as the earlier one gave it.
        ignored = tuple(key for key in new.options.ignore_changes if key in old.options.ignore_changes)
        by_urn[new.urn] = replace(new, inputs=inputs, options=replace(new.options, ignore_changes=ignored))
    kept = (old for old in resources.removed if old.options.retain_on_delete or old.options.protect)
    return replace(after, resources={**by_urn, **{old.urn: old for old in kept}})


def _restore_value(inputs: Mapping[str, Any], old: Mapping[str, Any], path: Sequence[str]) -> dict[str, Any]:
    """The inputs with the old value at a path."""
    key, *rest = path
    inner, earlier = inputs.get(key), old.get(key)
    if rest and isinstance(inner, Mapping) and isinstance(earlier, Mapping):
        earlier = _restore_value(inner, earlier, rest)
    return {name: value for name, value in {**inputs, key: earlier}.items() if value is not None}
