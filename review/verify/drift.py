"""The third graph, of what AWS has now, and where it differs from the state."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..aws.catalog import types
from ..aws.catalog.catalog import canonical, token_of
from ..compare.changes import Changes, compare
from ..compare.engine.after_update import AfterUpdate
from ..compare.engine.side import Changed, Property, side, top
from ..compare.engine.update import Update, named
from ..cost import Usage
from ..graph import UNKNOWN, Graph, Origin, Resource
from ..graph.given import is_ignored
from ..graph.reading import items
from ..rules.check import judged
from .accounts import owned
from .cloud import Cloud, NotRead
from .table import Read, identity, normal, place, reads, search


@dataclass
class Found:
    """AWS's side of one stack."""

    standing: dict[str, Resource]
    """By URN, what AWS has: what is read as AWS has it, what nobody declared, and all that is not read."""
    read: set[str] = field(default_factory=set)
    """URNs of resources that AWS answered about."""
    changed: dict[str, list[Property]] = field(default_factory=lambda: defaultdict(list))
    hosts: dict[str, list[tuple[str, bool]]] = field(default_factory=lambda: defaultdict(list))
    """By URN, addresses that AWS answered with, and whether each is private."""
    unread: list[tuple[str, str]] = field(default_factory=list)
    """What could not be read and why, and the resource that it was for."""

    @property
    def confirmed(self) -> set[str]:
        """URNs of resources that AWS has in this account."""
        return self.read & self.standing.keys()

    @contextmanager
    def reading(self, what: str, name: str) -> Iterator[None]:
        """Note what is not read, and go on."""
        try:
            yield
        except NotRead as problem:
            self.unread.append((f"{what}: {problem}", name))


def find(graph: Graph, cloud: Cloud, found: Found, elsewhere: Mapping[str, str]) -> None:
    """Ask AWS for each resource of the state that the stack owns. `elsewhere` has, by URN, why AWS is not asked."""
    for one in owned(graph):
        rows = reads().get(canonical(one.type), ())
        if one.urn in elsewhere or not rows:
            found.unread.append((f"{one.type}: {elsewhere.get(one.urn, 'no row in the table')}", one.name))
            continue
        for row in rows:
            with found.reading(row.call, one.name):
                _compare(graph, one, row, _answer(row, one, cloud), found)
    found.standing |= {one.urn: one for one in _by_hand(graph, cloud, found, elsewhere)}


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
        found.standing.pop(one.urn, None)
    elif standing := found.standing.get(one.urn):
        for difference in _differences(graph, one, row, answer):
            found.changed[one.urn].append(difference)
            standing = _with(standing, difference)
        found.standing[one.urn] = standing
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


def _by_hand(graph: Graph, cloud: Cloud, found: Found, elsewhere: Mapping[str, str]) -> Iterator[Resource]:
    """Members of the stack's resources that no resource declares."""
    for token, row in ((token, row) for token, rows in reads().items() for row in rows):
        known = [identity(row.match, one.state) for one in graph.of_type(token)] if row.of else []
        for parent in graph.of_type(*map(token_of, row.of)):
            if parent.existing or parent.urn in elsewhere or any(parent.inputs.get(key) for key in row.unless):
                continue
            with found.reading(row.call, parent.name):
                if UNKNOWN in known:
                    raise NotRead(f"{row.match} of {token} is not known, so members made by hand cannot be found")
                members = row.ask(cloud, {row.by: parent.id}, parent.region) or ()
                named = ((identity(row.id, member), member) for member in members)
                yield from (_stranger(token, row, parent, str(name), one) for name, one in named if name not in known)


def _stranger(token: str, row: Read, parent: Resource, name: str, member: Any) -> Resource:
    found = {place(ours): search(theirs, member) for ours, theirs in row.fields.items()}
    # Blocks are left out.
    inputs = {key: value for key, value in found.items() if key.isidentifier() and normal(value) is not None}
    inputs[row.by] = parent.id
    return Resource(
        urn=f"{parent.urn}::{token}::{name}",
        type=token,
        name=f"{name} of {parent.name}",
        parent=parent.urn,
        custom=True,
        inputs=inputs,
        state={**inputs, "id": name},
        property_dependencies={row.by: (parent.urn,)},
        region=parent.region,
    )


def _with(one: Resource, difference: Property) -> Resource:
    """A resource as AWS has it. An expression over several inputs is none that can be set."""
    if place(difference.name) != difference.name:
        return one
    inputs, state = (_set(bag, difference.name.split("."), difference.after) for bag in (one.inputs, one.state))
    return replace(one, inputs=inputs, state=state)


def _set(bag: Any, path: list[str], value: Any) -> Mapping[str, Any]:
    outer = bag if isinstance(bag, Mapping) else {}
    return {**outer, path[0]: _set(outer.get(path[0]), path[1:], value) if path[1:] else value}


def changes(graph: Graph, found: Found) -> Changes:
    """The comparison of the state with AWS, with what the differences open and break."""
    standing = replace(graph, origin=Origin.AWS, resources=found.standing)
    sides = before, after = side(graph, Path(), Usage(), judged), side(standing, Path(), Usage(), judged)
    differing = [one for one in graph if one.urn in found.standing and one.urn in found.changed]
    update = Update(
        added=[one for one in standing if one.urn not in graph.resources],
        removed=[one for one in graph if one.urn not in found.standing],
        changed=[Changed(one, tuple(named(found.changed[one.urn], sides, one)), ()) for one in differing],
    )
    return compare(before, after, "AWS", update, AfterUpdate(standing))
