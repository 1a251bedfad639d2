"""The update that a plan describes: what is created, changed, replaced and deleted, why, and in which order."""

from collections.abc import Iterator
from typing import Any, Final

from ..compare.changes import Update, differing
from ..compare.order import Step, Verb
from ..compare.side import Changed, Property, Side, top
from ..graph import Resource, Secret
from .plan import Plan, PlannedStep
from .resources import pending_urn

_VERBS: Final = {
    "create": Verb.CREATE,
    "import": Verb.IMPORT,
    "update": Verb.UPDATE,
    "create-replacement": Verb.CREATE_REPLACEMENT,
    "import-replacement": Verb.CREATE_REPLACEMENT,
    "delete": Verb.DELETE,
    "delete-replaced": Verb.DELETE_REPLACED,
}
_UNNAMED: Final = "its dependencies, or the command line"
"""Why a resource is replaced of which no input is the reason: `--replace`, `taint` and `replaceWith`."""


def planned(plan: Plan, before: Side, after: Side) -> Update:
    """The update of a plan, without simulation. Components have no part in it, as in a comparison without a plan."""
    order = [*_order(plan, before, after)]
    by_verb = {verb: [step.resource for step in order if step.verb is verb] for verb in Verb}
    changed = [one for step in plan.steps if (one := _changed(step, before, after)) is not None]
    replaced = {one.resource.urn for one in changed if one.replacing}
    removed = [*by_verb[Verb.DELETE], *(one for one in by_verb[Verb.KEEP] if one.urn not in replaced)]
    return Update(added=by_verb[Verb.CREATE] + by_verb[Verb.IMPORT], removed=removed, changed=changed, order=order)


def _order(plan: Plan, before: Side, after: Side) -> Iterator[Step]:
    """Steps in the engine's order, which is one of several that are possible."""
    made: set[str] = set()
    for number, step in enumerate(plan.steps, 1):
        verb = _VERBS.get(step.operation)
        goes = verb in (Verb.DELETE, Verb.DELETE_REPLACED)
        resource = _resource(step, before if goes else after) or _resource(step, after if goes else before)
        if verb is None or resource is None:
            continue
        if verb is Verb.CREATE_REPLACEMENT:
            made.add(step.urn)
        if verb is Verb.DELETE_REPLACED and step.urn not in plan.replaced:
            # An earlier update replaced it, and left its deletion to this one.
            verb = Verb.DELETE
        elif verb is Verb.DELETE_REPLACED and step.urn not in made:
            verb = Verb.DELETE_FIRST
        if goes and step.old and step.old.get("retainOnDelete"):
            verb = Verb.KEEP
        yield Step(number, verb, resource)


def _resource(step: PlannedStep, side: Side) -> Resource | None:
    old = step.old or {}
    found = (side.graph.resources.get(urn) for urn in (pending_urn(old), step.urn, old.get("urn", "")))
    return next((one for one in found if one is not None and one.custom and not one.existing), None)


def _changed(step: PlannedStep, before: Side, after: Side) -> Changed | None:
    """How a resource differs; None for a step that changes none, and for those that only carry out a replacement."""
    replaces = step.operation == "replace"
    if step.operation not in ("update", "replace"):
        return None
    new, old = _resource(step, after), _resource(step, before)
    if new is None or old is None:
        return None
    keys = list(dict.fromkeys(map(_plain, (*step.differing, *step.replacing))))
    # Not outputs that follow from them, such as a version.
    keys = [key for key in keys if top(key) in (*old.inputs, *new.inputs)] or keys
    held, wanted = ({top(key): _given(one, top(key)) for key in keys} for one in (old, new))
    properties = [*differing(held, wanted, (before, after), new)]
    # Of a secret both sides are hidden, and only the engine knows that it differs.
    shown = {top(found.name) for found in properties}
    properties += [Property(key, *_hidden(held, wanted, key)) for key in keys if top(key) not in shown]
    reasons = tuple(map(_plain, step.replacing)) or tuple(keys) or (_UNNAMED,)
    renamed = old.urn if old.urn != new.urn else ""
    return Changed(new, tuple(properties), reasons if replaces else (), renamed)


def _plain(path: str) -> str:
    """`tags.a.b` of `tags["a.b"]`."""
    return path.replace('["', ".").replace('"]', "").removeprefix(".")


def _given(one: Resource, key: str) -> Any:
    """An input; what AWS has if the program leaves it out."""
    return one.inputs[key] if key in one.inputs else one.state.get(key)


def _hidden(held: dict[str, Any], wanted: dict[str, Any], key: str) -> tuple[Any, Any]:
    before, after = held.get(top(key)), wanted.get(top(key))
    return (before, after) if isinstance(before, Secret) or isinstance(after, Secret) else ("", "another value")
