"""The update that a plan describes: what is created, changed, replaced and deleted, why, and in which order."""

from collections.abc import Container, Iterable, Iterator
from typing import Final

from ..compare.engine.order import Step, Verb
from ..compare.engine.side import Changed, Evaluated, Property, top
from ..compare.engine.update import Update, differences, named
from ..graph import Resource, Secret
from .plan import Plan, PlannedStep, plain, urns_of
from .state import pending_urn

_CHANGING: Final = ("update", "replace")
_DELETING: Final = ("delete", "delete-replaced")
_UNNAMED: Final = "its dependencies, or the command line"
"""Why a resource is replaced of which no input is the reason: `--replace`, `taint` and `replaceWith`."""


def planned(plan: Plan, before: Evaluated, after: Evaluated) -> Update:
    """The update of a plan, without simulation. Components have no part in it, as in a comparison without a plan."""
    found = [(step, _resource(step, before), _resource(step, after)) for step in plan.steps]
    order = [*_order(plan, found)]
    by_verb = {verb: [step.resource for step in order if step.verb is verb] for verb in Verb}
    both = [(step, old, new) for step, old, new in found if old and new and step["op"] in ("same", *_CHANGING)]
    changed = [_changed(*one, (before, after)) for one in both if one[0]["op"] in _CHANGING]
    replaced = {change.resource.urn for change in changed if change.replacing}
    return Update(
        pairs=[(old, new) for _, old, new in both],
        added=by_verb[Verb.CREATE] + by_verb[Verb.IMPORT],
        removed=[*by_verb[Verb.DELETE], *(resource for resource in by_verb[Verb.KEEP] if resource.urn not in replaced)],
        changed=changed,
        order=order,
    )


def _resource(step: PlannedStep, side: Evaluated) -> Resource | None:
    now = {was: urn for urn, was in side.renamed.items()}
    urns = (pending_urn(step["oldState"]), step["urn"], step["oldState"].get("urn", ""))
    resources = (side.graph.resources.get(now.get(urn, urn)) for urn in urns)
    return next((one for one in resources if one is not None and one.custom and not one.existing), None)


def _order(plan: Plan, found: Iterable[tuple[PlannedStep, Resource | None, Resource | None]]) -> Iterator[Step]:
    """Steps in the engine's order, which is one of several that are possible."""
    made: set[str] = set()
    for number, (step, old, new) in enumerate(found, 1):
        verb = _verb(step, plan, made)
        resource = (old or new) if step["op"] in _DELETING else (new or old)
        if verb is not None and resource is not None:
            yield Step(number, verb, resource)
        if verb is Verb.CREATE_REPLACEMENT:
            made.update(urns_of(step))


def _verb(step: PlannedStep, plan: Plan, made: Container[str]) -> Verb | None:
    """Words for a step. `made` has the URNs of replacements that were created before it."""
    if step["op"] in _DELETING and step["oldState"].get("retainOnDelete"):
        return Verb.KEEP
    if step["op"] == "delete-replaced" and step["urn"] not in plan.replaced:
        # An earlier update replaced it, and left its deletion to this one.
        return Verb.DELETE
    if step["op"] == "delete-replaced" and step["urn"] not in made:
        return Verb.DELETE_FIRST
    return Verb.__members__.get(step["op"].replace("import-", "create-").replace("-", "_").upper())


def _changed(step: PlannedStep, old: Resource, new: Resource, sides: tuple[Evaluated, Evaluated]) -> Changed:
    """How a resource differs. Steps that only carry out a replacement are not asked."""
    replacing = [*map(plain, step.get("replaceReasons") or ())]
    keys = [*dict.fromkeys([*map(plain, step.get("detailedDiff") or step.get("diffReasons") or ()), *replacing])]
    # Not outputs that follow from them, such as a version.
    keys = [key for key in keys if top(key) in (*old.inputs, *new.inputs)] or keys
    # What AWS has, if the program leaves an input out.
    held, wanted = ({top(key): {**one.state, **one.inputs}.get(top(key)) for key in keys} for one in (old, new))
    properties = [*named(differences("", held, wanted), sides, (old, new))]
    shown = {top(difference.name) for difference in properties}
    for key in keys:
        if top(key) not in shown:
            # Of a secret both sides are hidden, and only the engine knows that it differs.
            values = held[top(key)], wanted[top(key)]
            secret = any(isinstance(value, Secret) for value in values)
            properties.append(Property(key, *(values if secret else ("", "another value"))))
    reasons = tuple(replacing or keys) or (_UNNAMED,)
    renamed = sides[0].renamed.get(new.urn, "")
    return Changed(old, new, tuple(properties), reasons if step["op"] == "replace" else (), renamed)
