"""The update that a plan describes: what is created, changed, replaced and deleted, why, and in which order."""

from collections.abc import Iterable, Iterator
from typing import Final

from ..compare.order import Step, Verb
from ..compare.side import Changed, Evaluated, Property, top
from ..compare.update import Update, differing
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
_CHANGING: Final = ("update", "replace")
_UNNAMED: Final = "its dependencies, or the command line"
"""Why a resource is replaced of which no input is the reason: `--replace`, `taint` and `replaceWith`."""


def planned(plan: Plan, before: Evaluated, after: Evaluated) -> Update:
    """The update of a plan, without simulation. Components have no part in it, as in a comparison without a plan."""
    found = [(step, _resource(step, before), _resource(step, after)) for step in plan.steps]
    order = [*_order(plan, found)]
    by_verb = {verb: [step.resource for step in order if step.verb is verb] for verb in Verb}
    both = [(step, old, new) for step, old, new in found if old and new and step.operation in ("same", *_CHANGING)]
    changed = [_changed(*one, (before, after)) for one in both if one[0].operation in _CHANGING]
    replaced = {urn for one in changed if one.replacing for urn in (one.resource.urn, one.renamed_from)}
    return Update(
        pairs=[(old, new) for _, old, new in both],
        added=by_verb[Verb.CREATE] + by_verb[Verb.IMPORT],
        removed=[*by_verb[Verb.DELETE], *(one for one in by_verb[Verb.KEEP] if one.urn not in replaced)],
        changed=changed,
        order=order,
    )


def _resource(step: PlannedStep, side: Evaluated) -> Resource | None:
    urns = (pending_urn(step.old), step.urn, step.old.get("urn", ""))
    found = (side.graph.resources.get(urn) for urn in urns)
    return next((one for one in found if one is not None and one.custom and not one.existing), None)


def _order(plan: Plan, found: Iterable[tuple[PlannedStep, Resource | None, Resource | None]]) -> Iterator[Step]:
    """Steps in the engine's order, which is one of several that are possible."""
    made: set[str] = set()
    for number, (step, old, new) in enumerate(found, 1):
        verb = _VERBS.get(step.operation)
        goes = verb in (Verb.DELETE, Verb.DELETE_REPLACED)
        resource = (old or new) if goes else (new or old)
        if verb is None or resource is None:
            continue
        if verb is Verb.CREATE_REPLACEMENT:
            made.update(step.urns)
        if goes and step.old.get("retainOnDelete"):
            verb = Verb.KEEP
        elif verb is Verb.DELETE_REPLACED and step.urn not in plan.replaced:
            # An earlier update replaced it, and left its deletion to this one.
            verb = Verb.DELETE
        elif verb is Verb.DELETE_REPLACED and step.urn not in made:
            verb = Verb.DELETE_FIRST
        yield Step(number, verb, resource)


def _changed(step: PlannedStep, old: Resource, new: Resource, sides: tuple[Evaluated, Evaluated]) -> Changed:
    """How a resource differs. Steps that only carry out a replacement are not asked."""
    keys = list(dict.fromkeys(map(_plain, (*step.differing, *step.replacing))))
    # Not outputs that follow from them, such as a version.
    keys = [key for key in keys if top(key) in (*old.inputs, *new.inputs)] or keys
    # What AWS has, if the program leaves an input out.
    held, wanted = ({top(key): {**one.state, **one.inputs}.get(top(key)) for key in keys} for one in (old, new))
    properties = [*differing(held, wanted, sides, new)]
    shown = {top(found.name) for found in properties}
    for key in keys:
        if top(key) not in shown:
            # Of a secret both sides are hidden, and only the engine knows that it differs.
            values = held[top(key)], wanted[top(key)]
            secret = any(isinstance(value, Secret) for value in values)
            properties.append(Property(key, *(values if secret else ("", "another value"))))
    reasons = tuple(map(_plain, step.replacing)) or tuple(keys) or (_UNNAMED,)
    renamed = old.urn if old.urn != new.urn else ""
    return Changed(new, tuple(properties), reasons if step.operation == "replace" else (), renamed)


def _plain(path: str) -> str:
    """`tags.a.b` of `tags["a.b"]`."""
    return path.replace('["', ".").replace('"]', "").removeprefix(".")
