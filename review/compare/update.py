"""An update: the resources that it creates, changes, replaces and deletes, as `simulated` from two graphs.

The engine's own plan of an update is read by `engine_files.update`.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from ..aws.template_versions import WORDS
from ..evaluate.mocks.resources import has_output
from ..graph import Asset, Graph, Resource, reveal
from ..graph.json_text import parsed
from .fresh import MARK, renewed, with_new_values
from .order import Step, Verb, steps
from .pairs import Pair, joined, left_out, made_up
from .replacements import replaced_by
from .side import Changed, Evaluated, Property, each_leaf, is_part, key_of, top

Sides = tuple[Evaluated, Evaluated]


@dataclass(frozen=True, kw_only=True)
class Update:
    """Effects of an update on resources: as the engine planned them, or as `simulated` from two graphs."""

    pairs: Sequence[Pair]
    """Resources that are in both."""
    added: Sequence[Resource]
    removed: Sequence[Resource]
    changed: Sequence[Changed]
    order: Sequence[Step]

    @cached_property
    def renewed(self) -> set[str]:
        """URNs of resources that get other ids."""
        return {one.resource.urn for one in self.changed if one.replacing}

    @cached_property
    def deleted_first(self) -> set[str]:
        """URNs of resources that are deleted before they are created again."""
        return {step.resource.urn for step in self.order if step.verb is Verb.DELETE_FIRST}


def simulated(before: Evaluated, after: Evaluated) -> Update:
    """The update from one evaluation to the other, without the engine."""
    old, new = managed(before.graph), managed(after.graph)
    lasting = joined(old, new, after.graph)
    kept = set(lasting.values())
    added = [resource for key, resource in new.items() if key not in lasting]
    removed = [resource for key, resource in old.items() if key not in kept]
    pairs = [(old[other], new[key]) for key, other in lasting.items()]
    changed = _settled(pairs, (before, after))
    order = steps(added, removed, changed, after.graph)
    return Update(pairs=pairs, added=added, removed=removed, changed=changed, order=order)


def managed(graph: Graph) -> dict[str, Resource]:
    """Resources that the stack makes, by their key."""
    return {key_of(resource.urn): resource for resource in graph if resource.custom and not resource.existing}


def _settled(pairs: list[Pair], sides: Sides) -> list[Changed]:
    """Every difference, and those that follow from replacements, compared again until nothing moves."""
    renames = {
        text: before_text
        for old, new in pairs
        if key_of(old.urn) != key_of(new.urn)
        for text, before_text in made_up(new, old)
    }
    found: dict[str, Changed] = {}
    renewals: dict[str, dict[str, str]] = {}
    wanted = pairs
    while wanted:
        for old, new in wanted:
            inputs = with_new_values(new, renewals)
            if (one := _changed(old, new, inputs, sides, renames)) is not None:
                found[new.urn] = one
        now = {urn: texts for urn, one in found.items() if (texts := renewed(one))}
        moved = {urn for urn, texts in now.items() if texts != renewals.get(urn)}
        renewals = now
        wanted = [pair for pair in pairs if any(moved & {*urns} for urns in pair[1].property_dependencies.values())]
    return [found[new.urn] for _, new in pairs if new.urn in found]


def _changed(
    old: Resource,
    new: Resource,
    inputs: Mapping[str, Any],
    sides: Sides,
    renames: Mapping[str, str],
) -> Changed | None:
    """How a resource differs; `inputs` are the new one's, with renewed values of others in them."""
    before, after = (
        each_leaf(given, partial(_deployed, side.program))
        for given, side in zip((old.inputs, inputs), sides, strict=True)
    )
    # As the engine: `ignore_changes` of the program that is deployed now.
    ignored = (*new.options.ignore_changes, *left_out(old, new))
    properties = [
        found
        for found in _differences("", before, each_leaf(after, partial(_renamed, renames)) if renames else after)
        if not is_part(found.name, ignored)
    ]
    if "tags" not in ignored and not any(top(found.name) == "tags" for found in properties):
        # The provider adds its own default tags to the resource's.
        properties += _differences("tagsAll", old.state.get("tagsAll"), new.state.get("tagsAll"))
    if old.region != new.region and "region" not in inputs and has_output(new.type, "region"):
        properties.append(Property("region", old.region, new.region))
    properties = [*named(properties, sides, new)]
    renamed = old.urn if key_of(old.urn) != key_of(new.urn) else ""
    if not properties and not renamed:
        return None
    replacing = replaced_by(old, new, [found.name for found in properties])
    return Changed(new, tuple(properties), None if replacing is None else tuple(replacing), renamed)


def differing(before: Mapping[str, Any], after: Mapping[str, Any], sides: Sides, own: Resource) -> Iterator[Property]:
    """Every difference of two mappings of the inputs of a resource."""
    return named(_differences("", before, after), sides, own)


def named(properties: Iterable[Property], sides: Sides, own: Resource) -> Iterator[Property]:
    """Differences of a resource with the names of others in place of their IDs."""
    old_names, new_names = (partial(_by_name, side.graph, key_of(own.urn)) for side in sides)
    for found in properties:
        yield Property(found.name, each_leaf(found.before, old_names), each_leaf(found.after, new_names))


def _by_name(graph: Graph, own: str, value: Any) -> Any:
    """A resource's name in place of its made-up id, which means nothing to a reader."""
    if not isinstance(value, str):
        return value
    value = WORDS.get(value, value)
    found = graph.find(value.removesuffix(MARK))
    if found is None or found.existing or key_of(found.urn) == own:
        return value.replace(MARK, " (new)")
    return f"the new {found.name}" if value.endswith(MARK) else found.name


def _differences(name: str, before: Any, after: Any) -> Iterator[Property]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            yield from _differences(f"{name}.{key}" if name else key, before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differences(f"{name}[{index}]", one, other)
    elif isinstance(before, list) and isinstance(after, list) and (members := [*_members(name, before, after)]):
        yield from members
    elif before != after:
        parsed = [_document(value) for value in (before, after)]
        if None in parsed:
            yield Property(name, before, after)
        else:
            yield from _differences(name, *parsed)


def _members(name: str, before: list[Any], after: list[Any]) -> Iterator[Property]:
    """Members that a list loses or gets; nothing if it only repeats or orders them differently."""
    yield from (Property(f"{name}[{at}]", one, None) for at, one in enumerate(before) if one not in after)
    yield from (Property(f"{name}[{at}]", None, one) for at, one in enumerate(after) if one not in before)


def _document(value: Any) -> Mapping[str, Any] | None:
    """A policy, an API's body or another JSON object that an input holds as text."""
    if not isinstance(value, str) or not value.startswith("{"):
        return None
    try:
        found = parsed(value)
    except ValueError:
        return None
    return found if isinstance(found, Mapping) else None


def _deployed(program: Path, value: Any) -> Any:
    """In place of an asset, a digest of what is deployed: names and bytes of its files, or its text."""
    if not isinstance(value, Asset):
        return value
    digest = hashlib.sha256()
    try:
        for name, data in sorted(_files(value, program)):
            digest.update(f"{name}\n{len(data)}\n".encode() + data)
    except FileNotFoundError as missing:
        # Made by a build, which a revision in Git has not seen.
        return f"{str(missing.filename).removeprefix(f'{program}/')}, which is not there"
    return f"content {digest.hexdigest()[:12]}"


def _files(asset: Asset, program: Path) -> Iterator[tuple[str, bytes]]:
    if asset.path:
        path = program / asset.path
        inside = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
        for file in inside:
            if "__pycache__" not in file.parts:
                yield (str(file.relative_to(path)) if path.is_dir() else "", file.read_bytes())
    elif asset.members:
        for name, member in asset.members.items():
            yield from ((f"{name}/{inner}", data) for inner, data in _files(member, program))
    else:
        yield "", f"{reveal(asset.text)}{asset.uri}".encode()


def _renamed(renames: Mapping[str, str], value: Any) -> Any:
    for text, before in renames.items() if isinstance(value, str) else ():
        value = value.replace(text, before)
    return value
