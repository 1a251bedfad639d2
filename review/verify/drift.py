"""The third graph, of what AWS has now, and where it differs from the state."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ..aws import types
from ..aws.catalog import calls_no_cloud
from ..compare.after_update import AfterUpdate
from ..compare.changes import Changes, compare
from ..compare.side import Changed, Property, side, top
from ..compare.update import Update, named
from ..cost import Usage
from ..graph import UNKNOWN, Graph, Origin, Resource
from ..graph.given import is_ignored
from ..rules.check import judged
from .cloud import Cloud, NotRead, Unread
from .table import Read, filled, normal, of_type, place, reads, search

_NO_ROW: Final = "no row in the table"


@dataclass(frozen=True)
class Found:
    """AWS's side of one stack."""

    gone: Mapping[str, Resource]
    """By URN, what the state has and AWS does not."""
    changed: Mapping[str, tuple[Property, ...]]
    by_hand: tuple[Resource, ...]
    """What AWS has and nobody declared."""
    read: frozenset[str]
    """URNs of resources that AWS answered about."""

    @property
    def confirmed(self) -> frozenset[str]:
        """URNs of resources that AWS has in this account."""
        return self.read - self.gone.keys()


def find(graph: Graph, cloud: Cloud, unread: Unread) -> Found:
    """Ask AWS for each resource of the state that the stack owns."""
    gone: dict[str, Resource] = {}
    changed: dict[str, tuple[Property, ...]] = {}
    answered: set[str] = set()
    for one in graph:
        if not one.custom or one.existing or calls_no_cloud(one.type):
            continue
        rows = of_type(one.type)
        if not rows:
            unread.add(one.type, _NO_ROW, one.name)
            continue
        properties, here, read = _compared(graph, one, rows, cloud, unread)
        if read:
            answered.add(one.urn)
        if not here:
            gone[one.urn] = one
        elif properties:
            changed[one.urn] = properties
    return Found(gone, changed, tuple(_by_hand(graph, cloud, unread)), frozenset(answered))


def _compared(
    graph: Graph, one: Resource, rows: tuple[Read, ...], cloud: Cloud, unread: Unread
) -> tuple[tuple[Property, ...], bool, bool]:
    """Differences of a resource, whether AWS has it, and whether it could be read."""
    found: list[Property] = []
    read, here = False, True
    for row in rows:
        try:
            answer = _answer(row, one.state, one.region, cloud)
        except NotRead as problem:
            unread.add(row.call, problem, one.name)
            continue
        read, here = True, here and answer is not None
        if answer is not None and answer is not UNKNOWN:
            found += _differences(graph, one, row, answer)
    return tuple(found), here, read


def _answer(row: Read, values: Mapping[str, Any], region: str, cloud: Cloud) -> Any:
    """AWS's part on a resource; None if AWS has none. Raises NotRead."""
    try:
        arguments = filled(row.arguments, values)
        wanted = filled(row.match, values, absent="")
    except KeyError as missing:
        raise NotRead(f"the state has no {missing.args[0]}") from None
    answer = row.answer(cloud.ask(row.call, arguments, region), values)
    if row.id:
        return next((each for each in answer or () if search(row.id, each) == wanted), None)
    return None if answer is False else answer


def _differences(graph: Graph, one: Resource, row: Read, answer: Any) -> Iterator[Property]:
    state = {**one.state, "tags": one.state.get("tagsAll", one.state.get("tags"))}
    hidden = one.options.additional_secret_outputs
    for ours, theirs in row.fields.items():
        name = place(ours) or ours.removesuffix("?")
        before, after = search(ours.removesuffix("?"), state), search(theirs, answer)
        optional = ours.endswith("?") and before is None
        if optional or UNKNOWN in (before, after) or is_ignored(one, top(name)) or top(name) in hidden:
            continue
        if normal(before) == normal(after) or (before in (None, "") and _is_given_by_another(graph, one, after)):
            continue
        yield Property(name, before, after)


def _is_given_by_another(graph: Graph, one: Resource, value: Any) -> bool:
    """Whether another resource gave this one an address after the state was written."""
    return any(value == each.state.get("publicIp") for each in graph.of_type(*types.ADDRESS) if each is not one)


def _by_hand(graph: Graph, cloud: Cloud, unread: Unread) -> Iterator[Resource]:
    """Members of the stack's resources that no resource declares."""
    for token, rows in reads().items():
        declared = graph.of_type(token)
        for row in rows:
            for parent in graph.of_type(*row.of):
                if not parent.existing and not any(parent.inputs.get(key) for key in row.unless):
                    yield from _strangers(token, row, parent, declared, cloud, unread)


def _strangers(
    token: str, row: Read, parent: Resource, declared: list[Resource], cloud: Cloud, unread: Unread
) -> Iterator[Resource]:
    values = {row.by: parent.state.get(row.of[parent.type])}
    try:
        known = {filled(row.match, one.state, absent="") for one in declared}
        arguments = filled(row.arguments, values)
    except KeyError as missing:
        unread.add(
            token,
            f"{missing.args[0]} is secret or not known, so members made by hand cannot be identified",
            parent.name,
        )
        return
    try:
        members = row.answer(cloud.ask(row.call, arguments, parent.region), values) or ()
    except NotRead as problem:
        unread.add(row.call, problem, parent.name)
        return
    for member in () if members is UNKNOWN else members:
        if (identity := search(row.id, member)) not in known:
            yield _stranger(token, row, parent, str(identity), member)


def _stranger(token: str, row: Read, parent: Resource, identity: str, member: Any) -> Resource:
    inputs: dict[str, Any] = dict(values(row, member))
    inputs[row.by] = parent.state.get(row.of[parent.type])
    return Resource(
        urn=f"{parent.urn}::{token}::{identity}",
        type=token,
        name=f"{identity} of {parent.name}",
        parent=parent.urn,
        custom=True,
        remote=False,
        inputs=inputs,
        state={**inputs, "id": identity},
        property_dependencies={row.by: (parent.urn,)},
        region=parent.region,
    )


def values(row: Read, answer: Any) -> Iterator[tuple[str, Any]]:
    """What AWS answered, as inputs of the provider. Those in a block of their own are left out."""
    for ours, theirs in row.fields.items():
        value = search(theirs, answer)
        if (name := place(ours)) and "." not in name and name != "tags" and normal(value) is not None:
            yield name, value


def standing(graph: Graph, found: Found) -> Graph:
    """What AWS has, as a graph: the state with the differences in it."""
    resources = {
        one.urn: _with(one, found.changed[one.urn]) if one.urn in found.changed else one
        for one in graph
        if one.urn not in found.gone
    }
    return replace(graph, origin=Origin.AWS, resources={**resources, **{one.urn: one for one in found.by_hand}})


def _with(one: Resource, properties: tuple[Property, ...]) -> Resource:
    inputs, state = dict(one.inputs), dict(one.state)
    for each in properties:
        # An expression over several inputs, or an output, is none that can be set.
        if place(each.name) == each.name and (top(each.name) in inputs or each.name in state or each.after):
            inputs = _set(inputs, each.name.split("."), each.after)
            state = _set(state, each.name.split("."), each.after)
    return replace(one, inputs=inputs, state=state)


def _set(bag: Mapping[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    inner = bag.get(path[0])
    if len(path) == 1:
        return {**bag, path[0]: value}
    return {**bag, path[0]: _set(inner if isinstance(inner, Mapping) else {}, path[1:], value)}


def changes(graph: Graph, found: Found) -> Changes:
    """The comparison of the state with AWS, with what the differences open and break."""
    before, after = (side(each, Path(), Usage(), judged) for each in (graph, standing(graph, found)))
    changed = [
        Changed(graph.resources[urn], tuple(named(properties, (before, after), graph.resources[urn])), ())
        for urn, properties in found.changed.items()
    ]
    update = Update(pairs=(), added=found.by_hand, removed=[*found.gone.values()], changed=changed, order=())
    return compare(before, after, "AWS", update, AfterUpdate(after.graph))
