"""Resources of two versions of a stack: which are new, removed, changed and replaced, and by which inputs."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ..aws.catalog.provider_facts import find_provider_facts
from ..aws.catalog.tables import load_table
from ..graph import Asset, Graph, Resource, list_texts
from ..graph.json_parsing import parse_nested_json
from .assets import compute_digest
from .differences import Input, find_differences, map_leaves
from .replacements import find_replacing_inputs, list_omitted, strip_members

Pair = tuple[Resource, Resource]
DIGEST: Final = re.compile(r"\b[0-9a-f]{32,128}\b")
_OPTIONS: Final = ("import_id", "protect", "retain_on_delete", "ignore_changes", "replace_on_changes")
"""Options that decide what an update does to the resource."""
_SHORTEST: Final = 6  # shorter outputs may be a part of other words


@dataclass(frozen=True)
class Change:
    """A resource of both versions that differs."""

    old: Resource
    new: Resource
    inputs: tuple[Input, ...]
    replacing: tuple[str, ...] | None  # inputs by which it is replaced; None if it is not known whether it is
    kept: frozenset[str] = frozenset()
    """Inputs that differ and keep their value in AWS: ignored ones, and some that are left out."""
    follows: tuple[str, ...] = ()  # names of replaced resources to which it refers


@dataclass(frozen=True)
class Resources:
    """What differs between the resources of two versions."""

    pairs: Sequence[Pair]
    added: Sequence[Resource]
    removed: Sequence[Resource]
    changes: Sequence[Change]


def compare_resources(before: Graph, after: Graph, moved: Mapping[str, str] | None = None) -> Resources:
    """The differences, with replacements by the provider's schema.

    `moved` has texts of the earlier version, such as its folder, with those that mean the same in the later version.
    """
    olds = {make_key(resource.urn): resource for resource in _list_managed(before)}
    pairs: list[Pair] = []
    added: list[Resource] = []
    for new in _list_managed(after):
        keys = map(make_key, (new.urn, *new.options.aliases))
        key = next((key for key in keys if key in olds and olds[key].type == new.type), None)
        if key is None:
            added.append(new)
        else:
            pairs.append((olds.pop(key), new))
    later = {**(moved or {}), **dict(_list_later_texts(pairs))}
    changes = [change for old, new in pairs if (change := _compare_resource(old, new, later)) is not None]
    return Resources(pairs, added, list(olds.values()), _add_followers(changes, pairs))


def make_key(urn: str) -> str:
    """The part of a URN that two stacks of a project share: the chain of types, and the name."""
    return "::".join(urn.split("::")[2:])


def map_later_keys(resources: Resources) -> dict[str, str]:
    """The keys of the earlier resources, with those of the later ones, which an alias may name otherwise."""
    return {make_key(old.urn): make_key(new.urn) for old, new in resources.pairs}


def _list_managed(graph: Graph) -> list[Resource]:
    """Resources that the stack creates, and components of other processes."""
    return [resource for resource in graph if (resource.custom or resource.remote) and not resource.existing]


def _list_later_texts(pairs: Iterable[Pair]) -> Iterator[tuple[str, str]]:
    """Made-up outputs of renamed resources, and the later ones: they follow from names, and mean no change."""
    for old, new in pairs:
        for key in (old.state.keys() & new.state.keys()) - new.inputs.keys() if old.name != new.name else ():
            was, now = old.state[key], new.state[key]
            if isinstance(was, str) and isinstance(now, str) and len(was) >= _SHORTEST:
                yield was, now


def _compare_resource(old: Resource, new: Resource, later: Mapping[str, str]) -> Change | None:
    before = map_leaves(old.inputs, lambda value: _make_comparable(value, later))
    after = map_leaves(new.inputs, lambda value: _make_comparable(value, {}))
    inputs = [part for part in find_differences(before, after) if not _is_default(new.type, part)]
    changed = {part.name.partition(".")[0] for part in inputs}
    if "tags" not in changed:  # The provider adds its default tags to those of the resource.
        inputs += find_differences(old.state.get("tagsAll"), new.state.get("tagsAll"), "tagsAll")
    if old.region != new.region and "region" not in changed:
        inputs.append(Input("region", old.region, new.region))
    for key in _OPTIONS:
        was, now = getattr(old.options, key) or None, getattr(new.options, key) or None
        inputs += [Input(f"option {key}", was, now)] if was != now else []
    if not inputs and make_key(old.urn) == make_key(new.urn):
        return None
    omitted, ignored = list_omitted(old, new), new.options.ignore_changes
    kept = {
        part.name
        for part in inputs
        if strip_members(part.name) in omitted or any(f"{part.name}.".startswith(f"{key}.") for key in ignored)
    }
    kept = {part.name for part in inputs} if "*" in ignored else kept
    names = [part.name for part in inputs if part.name not in kept]
    return Change(old, new, tuple(inputs), find_replacing_inputs(old, new, names), frozenset(kept))


def _make_comparable(value: Any, later: Mapping[str, str]) -> Any:
    """An asset as the digest of its content, and a text of the earlier version as the later one has it."""
    if isinstance(value, Asset):
        return compute_digest(value)
    for was, now in later.items() if isinstance(value, str) else ():
        value = value.replace(was, now)
    return value


def _is_default(kind: str, part: Input) -> bool:
    """Whether one version leaves out an input that has the provider's default value in the other."""
    given = [value for value in (part.before, part.after) if value is not None]
    return len(given) == 1 and _has_default(kind, strip_members(part.name), parse_nested_json(given[0]))


def _has_default(kind: str, name: str, value: Any) -> bool:
    if isinstance(value, Mapping):
        # AWS chooses other values by the protocol for a health check that is not written.
        parts = [_has_default(kind, f"{name}.{key}", inner) for key, inner in value.items()]
        return name != "healthCheck" and bool(parts) and all(parts)
    if isinstance(value, list):
        return len(value) == 1 and _has_default(kind, name, value[0])
    facts = find_provider_facts(kind)
    # A switch that AWS does not choose is off by default.
    default = "false" if facts is not None and name in facts.replaces - set(facts.kept) else None
    for source in ("defaults", "stated_defaults"):  # The docstrings of the SDK; the provider's schemas.
        default = load_table(source).get(kind, {}).get(name, default)
    return default is not None and str(value).lower() == str(default).lower()


def _add_followers(changes: Sequence[Change], pairs: Sequence[Pair]) -> list[Change]:
    """The changes, with resources that refer to replaced ones: they get other IDs, and may be replaced as well."""
    by_urn = {change.new.urn: change for change in changes}
    wave = {urn: _list_fresh_texts(change.new) for urn, change in by_urn.items() if change.replacing}
    while wave:
        following: dict[str, frozenset[str]] = {}
        for old, new in pairs:
            change = by_urn.get(new.urn, Change(old, new, (), ()))
            inputs = [key for key, urns in new.property_dependencies.items() if _holds(new, key, urns, wave)]
            if inputs and not change.replacing:
                names = [urn.rpartition("::")[2] for urn in wave if urn in new.dependencies]
                by = find_replacing_inputs(old, new, [*(part.name for part in change.inputs), *inputs])
                follows = tuple(dict.fromkeys((*change.follows, *names)))
                by_urn[new.urn] = replace(change, replacing=by, follows=follows)
                following.update({new.urn: _list_fresh_texts(new)} if by else {})
        wave = following
    return list(by_urn.values())


def _list_fresh_texts(resource: Resource) -> frozenset[str]:
    """Outputs that a replacement has others of: those that do not repeat an input."""
    given = frozenset(list_texts(resource.inputs))
    return frozenset(text for text in list_texts(resource.state) if text not in given and len(text) >= _SHORTEST)


def _holds(resource: Resource, key: str, urns: Iterable[str], wave: Mapping[str, frozenset[str]]) -> bool:
    """Whether an input holds an output of a replaced resource, or a digest, which may be of one."""
    fresh = [text for urn in urns for text in wave.get(urn, ())]
    pattern = re.compile("|".join([DIGEST.pattern, *map(re.escape, fresh)]))
    return bool(fresh) and any(pattern.search(text) for text in list_texts(resource.inputs.get(key)))
