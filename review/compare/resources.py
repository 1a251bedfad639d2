"""Resources of two versions of a stack: which are new, removed, changed and replaced, and by which inputs."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ..aws.catalog.provider_facts import find_provider_facts
from ..aws.catalog.tables import load_table
from ..graph import Graph, Resource, list_texts
from ..graph.json_parsing import parse_nested_json
from .assets import make_comparable
from .differences import Input, are_identical, find_differences
from .observed import is_provider, list_fates
from .pairing import Pairing, make_key, pair_resources
from .replacements import find_replacing_inputs, list_omitted, strip_members

Pair = tuple[Resource, Resource]
DIGEST: Final = re.compile(r"\b[0-9a-f]{32,128}\b")
_TRIGGER: Final = "option replacementTrigger"
"""The option whose change replaces a resource."""
_IMPORT: Final = "option import_id"
"""The option that replaces a resource by one which exists, unless it is the same. Its ID is in the state only."""
_NO_INPUT: Final = re.compile(r"option |declared by|altered by transforms")
_SHORTEST: Final = 6  # shorter outputs may be a part of other words


@dataclass(frozen=True)
class Change:
    """A resource of both versions that differs."""

    old: Resource
    new: Resource
    inputs: tuple[Input, ...]
    replacing: tuple[str, ...] | None  # inputs by which it is replaced; None if it is not known whether it is
    staying: frozenset[str] = frozenset()
    """Inputs that differ and keep their value as long as the resource stays: ignored ones, and some that are left out.

    The engine checks the inputs of a replacement as the program gives them. pulumi/pulumi, step_generator.go
    """
    follows: tuple[str, ...] = ()  # names of replaced resources to which it refers

    @property
    def kept(self) -> frozenset[str]:
        """Inputs that differ and keep their value in AWS."""
        return frozenset() if self.replacing else self.staying


@dataclass(frozen=True)
class Resources:
    """What differs between the resources of two versions."""

    pairs: Sequence[Pair]
    added: Sequence[Resource]
    removed: Sequence[Resource]
    changes: Sequence[Change]
    pairing: Pairing = field(default_factory=Pairing)
    """All resources, also components and those that the program only reads. Empty for a plan."""
    later: Mapping[str, str] = field(default_factory=dict)
    """Texts of the earlier version with those that mean the same in the later one."""
    equivalents: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By URN, inputs that are written in another way and mean the same, such as a default that is written now."""


def compare_resources(before: Graph, after: Graph, moved: Mapping[str, str] | None = None) -> Resources:
    """The differences, with replacements by the provider's schema.

    `moved` has texts of the earlier version, such as its folder, with those that mean the same in the later version.
    """
    pairing = pair_resources(before, after)
    pairs = [(old, new) for old, new in pairing.both if _is_managed(new)]
    later = {**(moved or {}), **dict(_list_later_texts(pairs))}
    names = {old.name: new.name for old, new in pairing.both if old.name != new.name}
    changes: list[Change] = []
    equivalents: dict[str, list[str]] = {}
    for old, new in pairs:
        inputs = make_comparable(old.inputs, later), make_comparable(new.inputs, {})
        if (change := _compare_resource(old, new, *inputs, names)) is not None:
            changes.append(change)
        if same := _list_equivalents(new.type, *inputs):
            equivalents[new.urn] = same
    return Resources(
        pairs,
        [*filter(_is_managed, pairing.added)],
        [*filter(_is_managed, pairing.removed)],
        _add_followers(changes, pairs),
        pairing,
        later,
        equivalents,
    )


def _is_managed(resource: Resource) -> bool:
    """Whether the stack creates it, or it is a component of another process."""
    return (resource.custom or resource.remote) and not resource.existing and not is_provider(resource)


def _list_later_texts(pairs: Iterable[Pair]) -> Iterator[tuple[str, str]]:
    """Made-up outputs of resources with another URN, and the later ones: they follow from it, and mean no change."""
    for old, new in pairs:
        is_moved = make_key(old.urn) != make_key(new.urn)
        for key in sorted((old.state.keys() & new.state.keys()) - new.inputs.keys()) if is_moved else ():
            was, now = old.state[key], new.state[key]
            if isinstance(was, str) and isinstance(now, str) and len(was) >= _SHORTEST:
                yield was, now


def _compare_resource(
    old: Resource, new: Resource, before: Mapping[str, Any], after: Mapping[str, Any], names: Mapping[str, str]
) -> Change | None:
    inputs = [part for part in find_differences(before, after) if not _is_default(new.type, part)]
    if old.region == new.region:  # It may be written out with the region of the provider.
        inputs = [part for part in inputs if part.name != "region"]
    changed = {part.name.partition(".")[0] for part in inputs}
    if "tags" not in changed:  # The provider adds its default tags to those of the resource.
        inputs += find_differences(old.state.get("tagsAll"), new.state.get("tagsAll"), "tagsAll")
    if old.region != new.region and "region" not in changed:
        inputs.append(Input("region", old.region, new.region))
    was, now = list_fates(old), list_fates(new)
    if make_key(old.urn) != make_key(new.urn):
        was["option aliases"] = now.get("option aliases")  # They are why it is the same resource.
    was |= {key: names.get(was[key], was[key]) for key in ("option deleted_with", "option parent") if key in was}
    inputs += [Input(key, was.get(key), now.get(key)) for key in sorted({*was, *now}) if was.get(key) != now.get(key)]
    if not inputs and make_key(old.urn) == make_key(new.urn):
        return None
    names_of_inputs = [part.name for part in inputs]
    keys, omitted = new.options.ignore_changes, list_omitted(old, new)
    staying = {name for name in names_of_inputs if any(f"{name}.".startswith(f"{key}.") or key == "*" for key in keys)}
    staying |= {name for name in names_of_inputs if strip_members(name) in omitted}
    changed_inputs = [name for name in names_of_inputs if not (name in staying or _NO_INPUT.match(name))]
    replacing = find_replacing_inputs(old, new, changed_inputs)
    if _get_class(old) != _get_class(new):
        inputs.append(Input("type", old.type, new.type))
        replacing = replacing or None  # The provider compares the old state by the schema of the new type.
    if any(part.name == _TRIGGER for part in inputs):
        replacing = (*(replacing or ()), _TRIGGER)
    if any(part.name == _IMPORT and part.after is not None for part in inputs):
        replacing = replacing or None
    return Change(old, new, tuple(inputs), replacing, frozenset(staying))


def _get_class(resource: Resource) -> str:
    """The class of a type without what tells its versions apart: `BucketV2` is `Bucket`."""
    return resource.kind.removesuffix("V2")


def _list_equivalents(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    differing = [key for key in sorted({*before, *after}) if not are_identical(before.get(key), after.get(key), key)]
    left = [each for key in differing for each in find_differences(before.get(key), after.get(key), key)]
    told = {each.name.partition(".")[0].partition("[")[0] for each in left if not _is_default(kind, each)}
    return [key for key in differing if key not in told]


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
    # A switch that replaces the resource, and that AWS does not choose, is off by default.
    is_off = facts is not None and name in facts.replaces - set(facts.kept)
    default = "false" if is_off else None
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
