"""Resources of two versions of a stack: which are new, removed, changed and replaced, and by which inputs."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ..aws.catalog.provider_facts import provider_facts
from ..aws.catalog.tables import table
from ..graph import Graph, Resource, texts
from ..graph.json_text import opened
from .differences import Input, differences
from .replacements import left_out, replacing, without_members

Pair = tuple[Resource, Resource]
_OPTIONS: Final = ("import_id", "protect", "retain_on_delete", "ignore_changes", "replace_on_changes")
"""Options that decide what an update does to the resource."""
DIGEST: Final = re.compile(r"\b[0-9a-f]{32,128}\b")
_SHORTEST: Final = 6
"""Shorter outputs may be a part of other words."""


@dataclass(frozen=True)
class Change:
    """A resource of both versions that differs."""

    old: Resource
    new: Resource
    inputs: tuple[Input, ...]
    replacing: tuple[str, ...] | None
    """Inputs by which it is replaced; None if it is not known whether it is."""
    kept: frozenset[str] = frozenset()
    """Inputs that differ and keep their value in AWS: ignored ones, and some that are left out."""
    follows: tuple[str, ...] = ()
    """Names of replaced resources to which it refers."""


@dataclass(frozen=True)
class Resources:
    """What differs between the resources of two versions."""

    pairs: Sequence[Pair]
    added: Sequence[Resource]
    removed: Sequence[Resource]
    changes: Sequence[Change]


Replacing = Callable[[Resource, Resource, Sequence[str]], "tuple[str, ...] | None"]


def compare_resources(before: Graph, after: Graph, moved: Mapping[str, str] | None = None) -> Resources:
    """The differences, with replacements by the provider's schema.

    `moved` has texts of the earlier version, such as its folder, with those that mean the same in the later version.
    """
    pairs, added, removed = paired(before, after)
    later = {**(moved or {}), **dict(_later_texts(pairs))}
    changes = [change for old, new in pairs if (change := _change(old, new, later)) is not None]
    return Resources(pairs, added, removed, _with_followers(changes, pairs))


def key_of(urn: str) -> str:
    """The part of a URN that two stacks of a project share: the chain of types, and the name."""
    return "::".join(urn.split("::")[2:])


def paired(before: Graph, after: Graph) -> tuple[list[Pair], list[Resource], list[Resource]]:
    """Resources of both versions, by URN or by an alias; resources of the second version only, and of the first."""
    olds = {key_of(resource.urn): resource for resource in _managed(before)}
    pairs: list[Pair] = []
    added: list[Resource] = []
    for new in _managed(after):
        keys = [key_of(new.urn), *map(key_of, new.options.aliases), *_inherited_keys(new, after)]
        key = next((key for key in keys if key in olds and olds[key].type == new.type), None)
        if key is None:
            added.append(new)
        else:
            pairs.append((olds.pop(key), new))
    return pairs, added, list(olds.values())


def _managed(graph: Graph) -> list[Resource]:
    """Resources that the stack creates, and components of other processes."""
    return [resource for resource in graph if (resource.custom or resource.remote) and not resource.existing]


def _inherited_keys(resource: Resource, graph: Graph) -> Iterator[str]:
    """Keys under the aliases of a parent: the engine derives a child's alias from its parent's."""
    parent = graph.resources.get(resource.parent or "")
    if parent is None:
        return
    for alias in (*map(key_of, parent.options.aliases), *_inherited_keys(parent, graph)):
        chain, _, name = alias.rpartition("::")
        renamed = resource.name.startswith(parent.name)
        own = name + resource.name.removeprefix(parent.name) if renamed else resource.name
        yield f"{chain}${resource.type}::{own}"


def _later_texts(pairs: Iterable[Pair]) -> Iterator[tuple[str, str]]:
    """Made-up outputs of renamed resources, and the later ones: they follow from names, and mean no change."""
    for old, new in pairs:
        if old.name != new.name:
            for key in old.state.keys() & new.state.keys() - new.inputs.keys():
                was, now = old.state[key], new.state[key]
                if isinstance(was, str) and isinstance(now, str) and len(was) >= _SHORTEST:
                    yield was, now


def _change(old: Resource, new: Resource, later: Mapping[str, str]) -> Change | None:
    earlier = _renamed(old.inputs, later) if later else old.inputs
    inputs = [part for part in differences(earlier, new.inputs) if not _is_default(new.type, part)]
    if not any(part.name.partition(".")[0] == "tags" for part in inputs):
        # The provider adds its default tags to those of the resource.
        inputs += differences(old.state.get("tagsAll"), new.state.get("tagsAll"), "tagsAll")
    if old.region != new.region and not any(part.name == "region" for part in inputs):
        inputs.append(Input("region", old.region, new.region))
    inputs += [
        Input(f"option {key}", getattr(old.options, key) or None, getattr(new.options, key) or None)
        for key in _OPTIONS
        if (getattr(old.options, key) or None) != (getattr(new.options, key) or None)
    ]
    if not inputs and key_of(old.urn) == key_of(new.urn):
        return None
    kept = frozenset(_kept(old, new, inputs))
    wanted = [part.name for part in inputs if part.name not in kept]
    return Change(old, new, tuple(inputs), replacing(old, new, wanted), kept)


def _renamed(value: Any, later: Mapping[str, str]) -> Any:
    """A value with the later texts in place of made-up ones."""
    if isinstance(value, Mapping):
        return {key: _renamed(inner, later) for key, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(member, later) for member in value]
    if isinstance(value, str):
        for was, now in later.items():
            value = value.replace(was, now)
    return value


def _kept(old: Resource, new: Resource, inputs: Iterable[Input]) -> Iterator[str]:
    ignored = new.options.ignore_changes
    omitted = left_out(old, new)
    for part in inputs:
        name = without_members(part.name)
        if name in omitted or any(key == "*" or f"{name}.".startswith(f"{key}.") for key in ignored):
            yield part.name


def _is_default(kind: str, part: Input) -> bool:
    """Whether one version leaves out an input that has the provider's default value in the other."""
    given = [value for value in (part.before, part.after) if value is not None]
    return len(given) == 1 and _has_default(kind, without_members(part.name), opened(given[0]))


def _has_default(kind: str, name: str, value: Any) -> bool:
    if isinstance(value, Mapping):
        # AWS chooses other values by the protocol for a health check that is not written.
        parts = [_has_default(kind, f"{name}.{key}", inner) for key, inner in value.items()]
        return name != "healthCheck" and bool(parts) and all(parts)
    if isinstance(value, list):
        return len(value) == 1 and _has_default(kind, name, value[0])
    default = stated_default(kind, name)
    facts = provider_facts(kind)
    if default is None and facts is not None and name in facts.replaces - set(facts.kept):
        default = "false"  # A switch that AWS does not choose is off by default.
    return default is not None and str(value).lower() == default.lower()


def stated_default(kind: str, name: str) -> str | None:
    """The value of an input that a program leaves out, as text; None if it is not known."""
    for source in ("stated_defaults", "defaults"):  # The provider's schemas; the docstrings of the SDK.
        default: str | None = table(source).get(kind, {}).get(name)
        if default is not None:
            return default
    return None


def _with_followers(changes: Sequence[Change], pairs: Sequence[Pair]) -> list[Change]:
    """The changes, with resources that refer to replaced ones: they get other IDs, and may be replaced as well."""
    found = {change.new.urn: change for change in changes}
    wave = {urn: _fresh_texts(change.new) for urn, change in found.items() if change.replacing}
    while wave:
        following: dict[str, frozenset[str]] = {}
        for old, new in pairs:
            change = found.get(new.urn, Change(old, new, (), ()))
            if change.replacing or not (inputs := _following_inputs(new, wave)):
                continue
            names = tuple(urn.rpartition("::")[2] for urn in wave if urn in new.dependencies)
            by = replacing(old, new, [*(part.name for part in change.inputs), *inputs])
            follows = tuple(dict.fromkeys((*change.follows, *names)))
            found[new.urn] = replace(change, replacing=by, follows=follows)
            if by:
                following[new.urn] = _fresh_texts(new)
        wave = following
    return list(found.values())


def _fresh_texts(resource: Resource) -> frozenset[str]:
    """Outputs that a replacement has others of: those that do not repeat an input."""
    given = frozenset(texts(resource.inputs))
    return frozenset(text for text in texts(resource.state) if text not in given and len(text) >= _SHORTEST)


def _following_inputs(resource: Resource, wave: Mapping[str, frozenset[str]]) -> list[str]:
    """Inputs that hold an output of a replaced resource."""
    inputs = []
    for key, urns in resource.property_dependencies.items():
        fresh = frozenset().union(*(wave.get(urn, ()) for urn in urns))
        if fresh and _is_in(resource.inputs.get(key), fresh):
            inputs.append(key)
    return inputs


def _is_in(value: Any, fresh: frozenset[str]) -> bool:
    """Whether a value holds one of these texts, or a digest, which may be of one."""
    pattern = re.compile("|".join([DIGEST.pattern, *map(re.escape, fresh)]))
    return any(pattern.search(text) for text in texts(value))
