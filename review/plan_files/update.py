"""Resources that a plan creates, changes, replaces and deletes, by the engine's own answer."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..compare.differences import Input, find_differences
from ..compare.replacements import strip_members
from ..compare.resources import Change, Resources
from ..graph import Graph, Resource, Secret
from .plan import Plan, PlannedStep, simplify_path
from .states import make_pending_urn

_UNNAMED: Final = "its dependencies, or the command line"
"""Why a resource is replaced of which no input is the reason: `--replace`, `taint` and `replaceWith`."""


def find_planned_changes(plan: Plan, before: Graph, after: Graph) -> Resources:
    """The differences between what stands and what the plan leads to. Components have no part in it."""
    pairs, added, removed, changes = [], [], [], []
    for step in plan.steps:
        old, new = _make_resource(step, before), _make_resource(step, after)
        if step["op"] in ("create", "import") and new is not None:
            added.append(new)
        elif step["op"] == "delete" or (step["op"] == "delete-replaced" and step["urn"] not in plan.replaced):
            removed += [] if old is None else [old]
        elif step["op"] in ("same", "update", "replace") and old is not None and new is not None:
            pairs.append((old, new))
            if step["op"] != "same":
                changes.append(_make_change(step, old, new))
    return Resources(pairs, added, removed, changes)


def _make_resource(step: PlannedStep, graph: Graph) -> Resource | None:
    urns = (make_pending_urn(step["oldState"]), step["urn"], step["oldState"].get("urn", ""))
    resource = next((graph.resources[urn] for urn in urns if urn in graph.resources), None)
    return resource if resource is not None and resource.custom and not resource.existing else None


def _make_change(step: PlannedStep, old: Resource, new: Resource) -> Change:
    reasons = [simplify_path(path) for path in step.get("replaceReasons") or ()]
    keys = dict.fromkeys([*map(simplify_path, step.get("detailedDiff") or step.get("diffReasons") or ()), *reasons])
    declared = [key for key in keys if _find_top_key(key) in (*old.inputs, *new.inputs)]
    inputs = tuple(_list_inputs(declared or list(keys), old, new))
    replacing = tuple(reasons or keys or (_UNNAMED,)) if step["op"] == "replace" else ()
    return Change(old, new, inputs, replacing)


def _list_inputs(keys: list[str], old: Resource, new: Resource) -> Iterator[Input]:
    """The inputs that the engine names, with the values that AWS has where the program gives none."""
    for top in dict.fromkeys(map(_find_top_key, keys)):
        was, now = _find_value(old, top), _find_value(new, top)
        parts = list(find_differences(was, now, top))
        yield from parts
        if not parts:
            # A plan hides both values of a secret alike, and only the engine knows that they differ.
            is_secret = isinstance(was, Secret) or isinstance(now, Secret)
            yield Input(top, was, now) if is_secret else Input(top, "one value", "another value")


def _find_value(resource: Resource, key: str) -> Any:
    values: Mapping[str, Any] = {**resource.state, **resource.inputs}
    return values.get(key)


def _find_top_key(name: str) -> str:
    """The input that a dotted name is a part of."""
    return strip_members(name).partition(".")[0]
