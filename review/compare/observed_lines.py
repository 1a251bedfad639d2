"""Lines on the target of a deployment, on values from elsewhere, and on what no other line states."""

from collections.abc import Iterator, Sequence, Set
from typing import Any, Final

from ..graph import Graph, Secret, reveal_all
from ..graph.prose import abbreviate_names
from ..graph.reading import as_mapping
from ..graph.value_text import truncate
from ..paths.anyone import group_by_path
from .facts import SIGNATURE, Facts
from .lines import Group, Head, Line, Sign, Topic
from .observed import Difference, Part
from .wording import Wording

_PACKAGES: Final = ("aws", "awsx", "aws-native", "pulumi")
"""Namespaces of the config that choose accounts and plugins also if the program declares nothing of theirs."""
_EDITS_OF_CONFIG: Final = "aws:defaultTags"  # its effect is in the tags of each resource
_EDITS_OF_PROJECT: Final = ("config", "description", "author", "website", "license", "template")
_LONGEST: Final = 110  # letters of a subject
_MOST_PACKAGES: Final = 6  # of a file, that have a line each


def list_observed_lines(
    differences: Sequence[Difference], before: Facts, after: Facts, wording: Wording
) -> Iterator[Line]:
    """A line for each place that differs. Resources that differ alike have one line."""
    packages = {*_PACKAGES, *_list_packages(before.graph), *_list_packages(after.graph)} - {after.graph.project}
    alike: dict[tuple[Group, Topic | None, str, str, str], list[Difference]] = {}
    for each in _fold_packages(differences):
        group, topic = _classify(each, packages)
        words = wording.format_pair(each.before, each.after)
        alike.setdefault((group, topic, _shorten(each, after.graph.project), *words), []).append(each)
    for (group, topic, place, was, now), some in alike.items():
        first = some[0]
        text = _describe(first, place, was, now)
        if first.part is Part.CIPHERTEXTS:
            text = _describe_ciphertext(first, place, after)
        names = dict.fromkeys(each.resource.rpartition("::")[2] for each in some if each.resource)
        if first.part is Part.PROVIDERS and place.startswith("option "):
            text += f" (of {abbreviate_names([*names])})"
        sign = Sign.NEW if first.before is None else Sign.GONE if first.after is None else Sign.CHANGED
        heads = (Head(topic, truncate(_describe_subject(first, place, was, now), _LONGEST)),) if topic else ()
        if (
            isinstance(first.before, Secret)
            and first.part is Part.EXPORTS
            and not isinstance(first.after, Secret | None)
        ):
            heads = (Head(Topic.LOSES, place, "No longer secret: {}"),)
        fails = group is Group.TARGET or (group is Group.ELSEWHERE and first.after is not None)
        yield Line(group, sign, text, heads, fails=fails, place=place)


def _list_packages(graph: Graph) -> Iterator[str]:
    """Packages of providers that the program uses."""
    for resource in graph:
        if resource.custom:
            yield resource.type.removeprefix("pulumi:providers:").partition(":")[0]
    yield from (invoke.token.partition(":")[0] for invoke in graph.invokes)


def _classify(each: Difference, packages: Set[str]) -> tuple[Group, Topic | None]:
    key = each.place.partition(".")[0]
    match each.part:
        case Part.CIPHERTEXTS if each.after is None:
            return Group.EDITS, None
        case Part.CONFIG if key.partition(":")[0] not in packages or key == _EDITS_OF_CONFIG:
            return Group.EDITS, None
        case Part.PROJECT if each.place.split(".")[2] in _EDITS_OF_PROJECT:
            return Group.EDITS, None
        case Part.STACK if each.place.startswith("stack file.environment"):
            return Group.ELSEWHERE, Topic.ELSEWHERE
        case Part.PROVIDERS if ".defaultTags." in f"{each.place}.":
            return Group.ALSO, Topic.ALSO  # labels, which choose no account
        case Part.PROVIDERS | Part.CONFIG | Part.PROJECT | Part.STACK:
            return Group.TARGET, Topic.TARGET
        case Part.PACKAGES:
            return Group.TARGET, Topic.PACKAGES
        case Part.READS | Part.CIPHERTEXTS:
            return Group.ELSEWHERE, Topic.ELSEWHERE
        case Part.EXPORTS:
            return Group.ALSO, Topic.OUTPUTS
        case Part.PROGRAM | Part.RESOURCES:
            return Group.EDITS, None
    return Group.ALSO, Topic.ALSO


def _fold_packages(differences: Sequence[Difference]) -> Iterator[Difference]:
    """The differences, with one for each file that has many packages which differ."""
    by_file: dict[str, list[Difference]] = {}
    for each in differences:
        if each.part is Part.PACKAGES:
            by_file.setdefault(_find_file(each.place), []).append(each)
        else:
            yield each
    for file, some in by_file.items():
        if len(some) <= _MOST_PACKAGES:
            yield from some
        else:
            parts = [f"{each.place.removeprefix(file).lstrip('.')}" for each in some]
            yield Difference(Part.PACKAGES, file, f"{len(some)} other versions", ", ".join(parts))


def _find_file(place: str) -> str:
    for suffix in (".txt", ".lock", ".toml"):
        name, found, _ = place.partition(suffix)
        if found:
            return f"{name}{suffix}"
    return place


def _shorten(each: Difference, project: str) -> str:
    """A place without the namespace that `pulumi config` leaves out too."""
    return each.place.removeprefix(f"{project}:") if each.part in (Part.CONFIG, Part.CIPHERTEXTS) else each.place


def _describe(each: Difference, place: str, was: str, now: str) -> str:
    if each.part is Part.PROGRAM:
        return f"{place} {_choose(each, 'is imported now', 'is imported no longer', 'is another text')}"
    if each.part is Part.READS and place.startswith("look-up "):
        arguments = as_mapping((each.after or each.before)["arguments"])
        named = ", ".join(f"{key}: {value}" for key, value in sorted(arguments.items()))
        return f"{place} ({truncate(named, _LONGEST)}): {_choose(each, 'new', 'removed', f'{was} → {now}')}"
    return f"{place}: {_choose(each, f'{now} (new)', f'{was} (removed)', f'{was} → {now}')}"


def _choose(each: Difference, new: str, removed: str, other: str) -> str:
    return new if each.before is None else removed if each.after is None else other


def _describe_subject(each: Difference, place: str, was: str, now: str) -> str:
    if each.part is Part.CIPHERTEXTS:
        return f"the encrypted {place}"
    if each.part in (Part.READS, Part.EXPORTS):
        return place.removeprefix("output ")
    return f"{place} ({_choose(each, 'new', 'removed', f'{was} → {now}')})"


def _describe_ciphertext(each: Difference, place: str, after: Facts) -> str:
    if each.after is None:
        return f"the encrypted value of {place} is removed"
    state = "new" if each.before is None else "another"
    calls = _list_signed_calls(each.place, after)
    may = f": who has the new one may call {calls}" if calls else ""
    return f"the encrypted value of {place} is {state}; it cannot be read{may}"


def _list_signed_calls(key: str, facts: Facts) -> str:
    """The calls whose signature is checked by a function that has the secret of a key."""
    secret = _find_secret(facts.graph, key)
    calls = {}
    for name, row in facts.calls.items():
        function = row.call.integration.function
        if (
            secret
            and SIGNATURE in row.requires
            and function is not None
            and secret in repr(reveal_all(function.inputs))
        ):
            calls[name.call] = row.call
    return abbreviate_names(group_by_path([*calls.values()], below=" (and below)"))


def _find_secret(graph: Graph, key: str) -> str:
    """The text in place of an encrypted value of the config."""
    name, *path = key.replace("[", ".").replace("]", "").split(".")
    value: Any = graph.config.get(name)
    for part in path:
        value = value[int(part)] if isinstance(value, list) and part.isdigit() else as_mapping(value).get(part)
    return str(value.value) if isinstance(value, Secret) and isinstance(value.value, str) else ""
