"""Lines on the target of a deployment, on values from elsewhere, and on what no other line states."""

from collections.abc import Iterator, Sequence, Set
from typing import Any, Final

from ..graph import Graph, Secret, reveal_all
from ..graph.prose import abbreviate_names
from ..graph.reading import as_mapping
from ..graph.value_text import truncate
from ..reach.inbound import Inbound
from ..reach.ways import complete_needs, group_by_path
from ..reach.ways import list_calls as list_api_calls
from .facts import Facts
from .lines import Line, Sign, Topic
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
    alike: dict[tuple[Topic, str, str, str], list[Difference]] = {}
    for each in _fold_packages(differences):
        words = wording.format_pair(each.before, each.after)
        place = each.place.removeprefix(f"{after.graph.project}:") if each.part in _OF_CONFIG else each.place
        alike.setdefault((_find_topic(each, packages), place, *words), []).append(each)
    for (topic, place, was, now), some in alike.items():
        first = some[0]
        text = _describe_ciphertext(first, place, after) if first.part is Part.CIPHERTEXTS else ""
        text = text or _describe(first, place, was, now)
        if first.part is Part.PROVIDERS and place.startswith("option "):
            text += f" (of {abbreviate_names([*dict.fromkeys(each.resource.rpartition('::')[2] for each in some)])})"
        is_target = topic in (Topic.TARGET, Topic.PACKAGES)
        yield Line(
            topic=topic,
            sign=Sign.NEW if first.before is None else Sign.GONE if first.after is None else Sign.CHANGED,
            subject=""
            if topic in (Topic.EDITS, Topic.OUTPUTS)
            else truncate(_describe_subject(first, place, text), _LONGEST),
            text=text,
            fails=is_target or (topic is Topic.ELSEWHERE and first.after is not None),
            place=place,
        )


_OF_CONFIG: Final = (Part.CONFIG, Part.CIPHERTEXTS)
"""Parts whose places lose the namespace that `pulumi config` leaves out too."""


def _list_packages(graph: Graph) -> Iterator[str]:
    """Packages of providers that the program uses."""
    for resource in graph:
        if resource.custom:
            yield resource.type.removeprefix("pulumi:providers:").partition(":")[0]
    yield from (invoke.token.partition(":")[0] for invoke in graph.invokes)


def _find_topic(each: Difference, packages: Set[str]) -> Topic:
    key = each.place.partition(".")[0]
    match each.part:
        case Part.CIPHERTEXTS:
            return Topic.EDITS if each.after is None else Topic.ELSEWHERE
        case Part.CONFIG if key.partition(":")[0] not in packages or key == _EDITS_OF_CONFIG:
            return Topic.EDITS
        case Part.PROJECT if each.place.split(".")[2] in _EDITS_OF_PROJECT:
            return Topic.EDITS
        case Part.STACK if each.place.startswith("stack file.environment"):
            return Topic.ELSEWHERE
        case Part.PROVIDERS if each.same_target:
            return Topic.EDITS
        case Part.PROVIDERS if ".defaultTags." in f"{each.place}.":
            return Topic.OUTPUTS  # labels, which choose no account
        case Part.PROVIDERS | Part.CONFIG | Part.PROJECT | Part.STACK:
            return Topic.TARGET
        case Part.PACKAGES:
            return Topic.PACKAGES
        case Part.READS:
            return Topic.ELSEWHERE
        case Part.EXPORTS:
            is_bare = isinstance(each.before, Secret) and not isinstance(each.after, Secret | None)
            return Topic.UNPROTECTED if is_bare else Topic.OUTPUTS
    return Topic.EDITS


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


def _describe(each: Difference, place: str, was: str, now: str) -> str:
    if each.part is Part.PROGRAM:
        return f"{place} {_choose(each, 'is imported now', 'is imported no longer', 'is another text')}"
    if isinstance(each.before, Secret) and each.part is Part.EXPORTS and not isinstance(each.after, Secret | None):
        return f"{place} (no longer secret)"
    if each.part is Part.EXPORTS:  # Outputs follow from the resources, and many are stand-ins.
        return f"{place} {_choose(each, 'is new', 'is removed', 'differs')}"
    if each.part is Part.READS and place.startswith("look-up "):
        arguments = as_mapping((each.after or each.before)["arguments"])
        named = ", ".join(f"{key}: {value}" for key, value in sorted(arguments.items()))
        return f"{place} ({truncate(named, _LONGEST)}): {_choose(each, 'new', 'removed', f'{was} → {now}')}"
    return f"{place}: {_choose(each, f'{now} (new)', f'{was} (removed)', f'{was} → {now}')}"


def _choose(each: Difference, new: str, removed: str, other: str) -> str:
    return new if each.before is None else removed if each.after is None else other


def _describe_subject(each: Difference, place: str, text: str) -> str:
    if each.part is Part.CIPHERTEXTS:
        return text.removesuffix("; it cannot be read").replace("; it cannot be read: ", ": ")
    return place.removeprefix("output ") if each.part is Part.READS else text


def _describe_ciphertext(each: Difference, place: str, after: Facts) -> str:
    if each.after is None:
        return f"the encrypted value of {place} is removed"
    state = "new" if each.before is None else "another"
    calls = _list_signed_calls(each.place, after)
    may = f": who has the new one may call {calls}" if calls else ""
    return f"the encrypted value of {place} is {state}; it cannot be read{may}"


def _list_signed_calls(key: str, facts: Facts) -> str:
    """The calls for which a component checks the secret of a key of the config."""
    secret = _find_secret(facts.graph, key)
    if not secret:
        return ""
    statements, found = facts.reach.statements, []
    checks = Inbound(statements).find_checks
    for api in statements.list_of("ApiFront"):
        for call in list_api_calls(api, checks):
            needs = complete_needs(api, call.way, checks(api, call.way))
            target = statements.find(api.get("to", call.way["to"], "function"))
            holders = [api] if "keys" in needs else [target] if "signature" in needs and target is not None else []
            if any(secret in repr(reveal_all(part.resource.inputs)) for part in holders):
                found.append(call)
    return abbreviate_names(group_by_path(found, below=" (and below)"))


def _find_secret(graph: Graph, key: str) -> str:
    """The text in place of an encrypted value of the config."""
    name, *path = key.replace("[", ".").replace("]", "").split(".")
    value: Any = graph.config.get(name)
    for part in path:
        value = value[int(part)] if isinstance(value, list) and part.isdigit() else as_mapping(value).get(part)
    return str(value.value) if isinstance(value, Secret) and isinstance(value.value, str) else ""
