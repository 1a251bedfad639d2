"""The third graph, of what AWS has now, and where it differs from the state."""

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from ..aws import types
from ..aws.catalog import canonical, token_of
from ..compare.after_update import AfterUpdate
from ..compare.changes import Changes, compare
from ..compare.side import Changed, Property, side, top
from ..compare.update import Update, named
from ..cost import Usage
from ..graph import UNKNOWN, Graph, Origin, Resource
from ..graph.given import is_ignored
from ..graph.reading import items
from ..rules.check import judged
from .accounts import owned
from .cloud import Cloud, NotRead, Unread
from .table import Read, identity, normal, place, reads, search

_NO_ROW: Final = "no row in the table"


@dataclass
class Found:
    """AWS's side of one stack."""

    read: set[str] = field(default_factory=set)
    """URNs of resources that AWS answered about."""
    gone: dict[str, Resource] = field(default_factory=dict)
    """By URN, what the state has and AWS does not."""
    changed: dict[str, list[Property]] = field(default_factory=lambda: defaultdict(list))
    by_hand: list[Resource] = field(default_factory=list)
    """What AWS has and nobody declared."""
    hosts: dict[str, list[tuple[str, bool]]] = field(default_factory=lambda: defaultdict(list))
    """By URN, addresses that AWS answered with, and whether each is private."""

    @property
    def confirmed(self) -> set[str]:
        """URNs of resources that AWS has in this account."""
        return self.read - self.gone.keys()


def find(graph: Graph, cloud: Cloud, unread: Unread, elsewhere: Mapping[str, str]) -> Found:
    """Ask AWS for each resource of the state that the stack owns. `elsewhere` has, by URN, why AWS is not asked."""
    found = Found()
    for one in owned(graph):
        rows = reads().get(canonical(one.type), ())
        if one.urn in elsewhere or not rows:
            unread.add(one.type, elsewhere.get(one.urn, _NO_ROW), one.name)
            continue
        for row in rows:
            try:
                _compare(graph, one, row, _answer(row, one, cloud), found)
            except NotRead as problem:
                unread.add(row.call, problem, one.name)
    found.by_hand += _by_hand(graph, cloud, unread, elsewhere)
    return found


def _answer(row: Read, one: Resource, cloud: Cloud) -> Any:
    """AWS's part on a resource; None if AWS has none. Raises NotRead."""
    answer = row.ask(cloud, one.state, one.region)
    if not row.id:
        return None if answer is False else answer
    wanted = identity(row.match, one.state)
    if wanted is UNKNOWN:
        raise NotRead(f"{row.match} is secret or not known")
    return next((each for each in answer or () if identity(row.id, each) == wanted), None)


def _compare(graph: Graph, one: Resource, row: Read, answer: Any, found: Found) -> None:
    """Add the differences of a resource to one answer, or that it is gone."""
    found.read.add(one.urn)
    if answer is None:
        found.gone[one.urn] = one
        found.changed.pop(one.urn, None)
    elif one.urn not in found.gone:
        if differences := [*_differences(graph, one, row, answer)]:
            found.changed[one.urn] += differences
        for expression, private in ((row.public, False), (row.private, True)):
            found.hosts[one.urn] += [(host, private) for host in items(search(expression, answer)) if host]


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


def _by_hand(graph: Graph, cloud: Cloud, unread: Unread, elsewhere: Container[str]) -> Iterator[Resource]:
    """Members of the stack's resources that no resource declares."""
    for token, row in ((token, row) for token, rows in reads().items() for row in rows):
        known = [identity(row.match, one.state) for one in graph.of_type(token)] if row.of else []
        for parent in graph.of_type(*map(token_of, row.of)):
            if parent.existing or parent.urn in elsewhere or any(parent.inputs.get(key) for key in row.unless):
                continue
            if UNKNOWN in known:
                unread.add(token, f"{row.match} is not known, so members made by hand cannot be found", parent.name)
                continue
            try:
                members = row.ask(cloud, {row.by: parent.id}, parent.region) or ()
            except NotRead as problem:
                unread.add(row.call, problem, parent.name)
                continue
            named = ((identity(row.id, member), member) for member in members)
            yield from (_stranger(token, row, parent, str(name), one) for name, one in named if name not in known)


def _stranger(token: str, row: Read, parent: Resource, name: str, member: Any) -> Resource:
    found = {place(ours): search(theirs, member) for ours, theirs in row.fields.items()}
    # Blocks and tags are left out.
    inputs = {key: value for key, value in found.items() if re.fullmatch(r"\w+", key) and normal(value) is not None}
    inputs = {**inputs, row.by: parent.id}
    inputs.pop("tags", None)
    return Resource(
        urn=f"{parent.urn}::{token}::{name}",
        type=token,
        name=f"{name} of {parent.name}",
        parent=parent.urn,
        custom=True,
        remote=False,
        inputs=inputs,
        state={**inputs, "id": name},
        property_dependencies={row.by: (parent.urn,)},
        region=parent.region,
    )


def standing(graph: Graph, found: Found) -> Graph:
    """What AWS has, as a graph: the state with the differences in it."""
    kept = (one for one in graph if one.urn not in found.gone)
    resources = [*(_with(one, found.changed.get(one.urn, ())) for one in kept), *found.by_hand]
    return replace(graph, origin=Origin.AWS, resources={one.urn: one for one in resources})


def _with(one: Resource, properties: Iterable[Property]) -> Resource:
    inputs, state = one.inputs, one.state
    for each in properties:
        # An expression over several inputs, or an output, is none that can be set.
        if place(each.name) == each.name and (top(each.name) in inputs or each.name in state or each.after):
            inputs, state = (_set(bag, each.name.split("."), each.after) for bag in (inputs, state))
    return replace(one, inputs=inputs, state=state)


def _set(bag: Any, path: list[str], value: Any) -> Mapping[str, Any]:
    outer = bag if isinstance(bag, Mapping) else {}
    return {**outer, path[0]: _set(outer.get(path[0]), path[1:], value) if path[1:] else value}


def changes(graph: Graph, found: Found) -> Changes:
    """The comparison of the state with AWS, with what the differences open and break."""
    before, after = (side(each, Path(), Usage(), judged) for each in (graph, standing(graph, found)))
    changed = [
        Changed(graph.resources[urn], tuple(named(properties, (before, after), graph.resources[urn])), ())
        for urn, properties in found.changed.items()
    ]
    update = Update(pairs=(), added=found.by_hand, removed=[*found.gone.values()], changed=changed, order=())
    return compare(before, after, "AWS", update, AfterUpdate(after.graph))
