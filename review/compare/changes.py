"""What a change would do: resources added, removed, changed and replaced; money; reach; and what it interrupts."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..cost.estimate import total
from ..graph import UNKNOWN, Asset, Graph, Resource, Secret
from ..reach.path import Path as Way
from .egress_changes import key_of
from .interruptions import interruptions
from .replacements import replaced_by
from .side import Changed, Property, Side

_SHOWN: Final = 60
_LEAD: Final = 15
"""Letters of a value that are shown, and of those how many before the first difference."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """From one evaluation to another."""

    against: str
    """What it was compared with, in the reader's words."""
    added: tuple[Resource, ...]
    removed: tuple[Resource, ...]
    changed: tuple[Changed, ...]
    fixed: tuple[float | None, float | None]
    """Dollars a month before and after, whether or not anybody calls; None if a part is not known."""
    known: tuple[float, float]
    """The parts of them that are known."""
    per_million: tuple[float | None, float | None]
    opened: tuple[Way, ...]
    """Paths that are open now and were not."""
    closed: tuple[Way, ...]
    interruptions: tuple[str, ...]

    @property
    def replaced(self) -> list[Changed]:
        return [one for one in self.changed if one.replacing]

    @property
    def updated(self) -> list[Changed]:
        return [one for one in self.changed if not one.replacing]

    @property
    def nothing(self) -> bool:
        """Whether the two are alike."""
        return not (self.added or self.removed or self.changed)


def compare(before: Side, after: Side, against: str) -> Changes:
    """What it takes to get from one to the other."""
    old = {key_of(resource.urn): resource for resource in before.graph if resource.custom and not resource.existing}
    new = {key_of(resource.urn): resource for resource in after.graph if resource.custom and not resource.existing}
    joined = _joined(old, new, after.graph)
    renames = {
        text: before_text
        for key, other in joined.items()
        if key != other
        for text, before_text in _ids(new[key], old[other])
    }
    kept = set(joined.values())
    changed = [
        found
        for key, other in joined.items()
        if (found := _changed(old[other], new[key], (before, after), renames)) is not None
    ]
    ways_before, ways_after = ({str(way): way for way in one.paths if way.open} for one in (before, after))
    removed = [resource for key, resource in old.items() if key not in kept]
    return Changes(
        against=against,
        added=tuple(resource for key, resource in new.items() if key not in joined),
        removed=tuple(removed),
        changed=tuple(changed),
        fixed=(before.bill.fixed_total(), after.bill.fixed_total()),
        known=(total(before.bill.fixed()), total(after.bill.fixed())),
        per_million=(before.bill.per_million, after.bill.per_million),
        opened=tuple(way for text, way in ways_after.items() if text not in ways_before),
        closed=tuple(way for text, way in ways_before.items() if text not in ways_after),
        interruptions=tuple(interruptions(removed, changed, before, after)),
    )


def _joined(old: Mapping[str, Resource], new: Mapping[str, Resource], graph: Graph) -> dict[str, str]:
    """Keys of resources that go on living, each with its old key: the same one, or one that an alias names."""
    found: dict[str, str] = {}
    for key, resource in new.items():
        names = [key, *(key_of(alias) for alias in resource.options.aliases), *_inherited(resource, graph)]
        match = next((name for name in names if name in old and old[name].type == resource.type), None)
        if match is not None:
            found[key] = match
    return found


def _inherited(resource: Resource, graph: Graph) -> Iterator[str]:
    """Keys that a resource had under its parents' aliases: the engine derives a child's alias from its parent's."""
    parent = graph.resources.get(resource.parent) if resource.parent else None
    if parent is None:
        return
    for alias in [*(key_of(alias) for alias in parent.options.aliases), *_inherited(parent, graph)]:
        chain, _, name = alias.rpartition("::")
        own = name + resource.name.removeprefix(parent.name) if resource.name.startswith(parent.name) else resource.name
        yield f"{chain}${resource.type}::{own}"


def _ids(new: Resource, old: Resource) -> Iterator[tuple[str, str]]:
    """Made-up values follow from names, so a renamed resource's differ without anything having changed."""
    for output, value in new.state.items():
        before = old.state.get(output)
        if isinstance(value, str) and isinstance(before, str) and len(value) > 3 and output not in new.inputs:
            yield value, before


def _changed(old: Resource, new: Resource, sides: tuple[Side, Side], renames: Mapping[str, str]) -> Changed | None:
    before, after = (_comparable(one.inputs, side.program) for one, side in zip((old, new), sides, strict=True))
    ignored = (*old.options.ignore_changes, *new.options.ignore_changes)
    properties = [
        found
        for found in _differences("", before, _renamed(after, renames))
        if not any(found.name == key or found.name.startswith((f"{key}.", f"{key}[")) for key in ignored)
    ]
    graphs = (sides[0].graph, sides[1].graph)
    properties = [
        Property(found.name, _by_name(found.before, graphs[0]), _by_name(found.after, graphs[1]))
        for found in properties
    ]
    renamed = old.urn if key_of(old.urn) != key_of(new.urn) else ""
    if not properties and not renamed:
        return None
    replacing = replaced_by(old, new, [found.name for found in properties])
    return Changed(new, tuple(properties), None if replacing is None else tuple(replacing), renamed)


def _by_name(value: Any, graph: Graph) -> Any:
    """A resource's name in place of its made-up id, which tells a reader nothing."""
    found = graph.find(value) if isinstance(value, str) else None
    return value if found is None or found.existing else found.name


def _differences(name: str, before: Any, after: Any) -> Iterator[Property]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            yield from _differences(f"{name}.{key}" if name else key, before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differences(f"{name}[{index}]", one, other)
    elif before != after:
        parsed = [_document(value) for value in (before, after)]
        if None in parsed:
            yield Property(name, before, after)
        else:
            yield from _differences(name, *parsed)


def _document(value: Any) -> Mapping[str, Any] | None:
    """A policy, an API's body or another JSON object that an input holds as text."""
    if not isinstance(value, str) or not value.startswith("{"):
        return None
    try:
        found = json.loads(value)
    except ValueError:
        return None
    return found if isinstance(found, Mapping) else None


def _comparable(value: Any, program: Path) -> Any:
    """Inputs with files in place of their names, since it is what they hold that is deployed."""
    match value:
        case Mapping():
            return {key: _comparable(item, program) for key, item in value.items()}
        case list() | tuple():
            return [_comparable(item, program) for item in value]
        case Asset():
            return f"content {content(value, program)[:12]}"
        case _:
            return value


def content(asset: Asset, program: Path) -> str:
    """A digest of what an asset holds: names and bytes of its files, or its text."""
    digest = hashlib.sha256()
    for name, data in sorted(_files(asset, program)):
        digest.update(f"{name}\n{len(data)}\n".encode() + data)
    return digest.hexdigest()


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
        text = asset.text.value if isinstance(asset.text, Secret) else asset.text
        yield "", f"{text}{asset.uri}".encode()


def _renamed(value: Any, renames: Mapping[str, str]) -> Any:
    if not renames:
        return value
    match value:
        case Mapping():
            return {key: _renamed(item, renames) for key, item in value.items()}
        case list():
            return [_renamed(item, renames) for item in value]
        case Secret(value=inner):
            return Secret(_renamed(inner, renames))
        case str():
            for text, before in renames.items():
                value = value.replace(text, before)
            return value
        case _:
            return value


def shown(value: Any) -> str:
    """A value in a few words."""
    if isinstance(value, Secret):
        return str(value)
    if value is None:
        return "not set"
    if value is UNKNOWN:
        return "unknown"
    return _short(_text(value))


def shown_both(before: Any, after: Any) -> tuple[str, str]:
    """Two values in a few words each, of long texts the part in which they differ."""
    if Secret in (type(before), type(after)) or None in (before, after) or UNKNOWN in (before, after):
        return shown(before), shown(after)
    texts = _text(before), _text(after)
    same = len(os.path.commonprefix(texts))  # noqa: RUF071 (these are no paths: letter by letter is what is wanted)
    start = same - _LEAD if max(map(len, texts)) > _SHOWN and same > _LEAD else 0
    one, other = (("…" if start else "") + _short(text[start:]) for text in texts)
    return one, other


def _text(value: Any) -> str:
    # Line breaks would tear a report's lines apart.
    return " ".join((value if isinstance(value, str) else repr(value)).split())


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "…"
