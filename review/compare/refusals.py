"""Why AWS or the engine will refuse a change, which the graphs show before anything is deployed."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from ..aws.deletion_protection import PROTECTION
from ..aws.traps import Kind, Trap, of_kind
from ..graph import UNKNOWN, Resource, reveal
from ..graph.prose import listed
from .fresh import renewed, with_new_values
from .order import Step, Verb
from .side import Changed, is_part, key_of


def refusals(
    added: Sequence[Resource],
    removed: Sequence[Resource],
    changed: Sequence[Changed],
    order: Iterable[Step],
    old: Mapping[str, Resource],
) -> Iterator[str]:
    """A sentence for each step that will be refused, with what to do first. `old` has what was there by its key."""
    for resource in removed:
        yield from _protected(resource, "is deleted")
    for one in changed:
        if before := old.get(key_of(one.renamed_from or one.resource.urn)):
            yield from _protected(before, "is replaced") if one.replacing else _together(before, one)
            yield from _never(one)
            yield from _shrinks(one)
    first = {step.resource.urn for step in order if step.verb is Verb.DELETE_FIRST}
    yield from _collisions(added, removed, changed, first, old)


def _protected(resource: Resource, fate: str) -> Iterator[str]:
    if resource.options.retain_on_delete:
        return
    if resource.options.protect:
        yield f"{resource.name} {fate}, but is protected: take `protect` off in an update of its own first"
    key, value = PROTECTION.get(resource.type, ("", None))
    if key and resource.inputs.get(key) == value:
        yield f"{resource.name} {fate}, but {key} is on: AWS refuses; turn it off in an update of its own first"


def _together(before: Resource, one: Changed) -> Iterator[str]:
    for trap in of_kind(Kind.NOT_TOGETHER, one.resource.type):
        if {*trap.inputs} <= one.inputs and any(before.inputs.get(key) is None for key in trap.inputs):
            yield (
                f"{one.resource.name} changes {' and '.join(trap.inputs)} in one update, which AWS refuses: "
                f"{trap.remedy} ({trap.source})"
            )


def _never(one: Changed) -> Iterator[str]:
    for trap in of_kind(Kind.NEVER_IN_PLACE, one.resource.type):
        # The provider looks at an input that lifts a refusal before it looks at what replaces.
        if one.replacing and not trap.unless:
            continue
        hit = next((found for found in one.properties if is_part(found.name, trap.inputs)), None)
        if hit is not None and one.resource.inputs.get(trap.unless) is not True:
            yield f"{one.resource.name} cannot change {hit.name} in place: {trap.remedy} ({trap.source})"


def _shrinks(one: Changed) -> Iterator[str]:
    for trap in () if one.replacing else of_kind(Kind.ONLY_GROWS, one.resource.type):
        for found in one.properties:
            if found.name in trap.inputs and _is_less(found.after, found.before):
                yield (
                    f"{one.resource.name}: {found.name} falls from {found.before:g} to {found.after:g}, which AWS "
                    f"refuses: {trap.remedy} ({trap.source})"
                )


def _is_less(value: object, other: object) -> bool:
    return isinstance(value, int | float) and isinstance(other, int | float) and value < other


def _collisions(
    added: Sequence[Resource],
    removed: Iterable[Resource],
    changed: Sequence[Changed],
    first: Collection[str],
    old: Mapping[str, Resource],
) -> Iterator[str]:
    """Resources created under a name that another still has, which is deleted only at the end."""
    replaced = [one.resource for one in changed if one.replacing]
    lasting = [old[key_of(one.urn)] for one in replaced if one.urn not in first and key_of(one.urn) in old]
    taken = {place: resource for resource in (*removed, *lasting) for _, place in _places(resource, {})}
    renewals = {one.resource.urn: texts for one in changed if (texts := renewed(one))}
    for resource in (*added, *replaced):
        for trap, place in _places(resource, renewals):
            other = taken.get(place)
            if other is None or resource.urn in first:
                continue
            same = f"{resource.name} is created while {other.name} has the same {_named(trap, other)}"
            if trap.kind is Kind.ONE_OBJECT:
                yield f"{same}: the deletion of the old one ends both; {trap.remedy} ({trap.source})"
            else:
                yield f"{same}: AWS refuses; {_remedy(trap, resource, other)} ({trap.source})"


def _remedy(trap: Trap, resource: Resource, other: Resource) -> str:
    return trap.remedy if resource.name == other.name else f"remove {other.name} in an update of its own first"


def _named(trap: Trap, resource: Resource) -> str:
    return listed([key for key in trap.inputs if resource.inputs.get(key) is not None])


def _places(resource: Resource, renewals: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[Trap, tuple[str, ...]]]:
    """A name that AWS admits once: why, and the space of names with the name."""
    for kind in (Kind.FIXED_NAME, Kind.FIXED_PLACE, Kind.ONE_OBJECT):
        for trap in of_kind(kind, resource.type):
            inputs = with_new_values(resource, renewals)
            values = [reveal(inputs.get(key)) for key in trap.inputs]
            if values[0] is not None and UNKNOWN not in values:
                yield trap, (trap.space or trap.type, *map(str, values))
