"""What an update deletes, or may delete, that holds something: databases, buckets, disks, keys, logs, users."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ..aws.catalog import types
from ..aws.catalog.catalog import is_understood
from ..aws.catalog.tables import table
from ..aws.compute.machines import Machines, refresh_of
from ..graph import UNKNOWN, Resource
from ..graph.given import held
from ..graph.json_text import opened
from ..graph.prose import listed
from ..graph.reading import items, mapping, number, peek, spread, text, within
from .effect import Effect, Line, Tone
from .engine.refusals import protected, trapped
from .engine.replacements import kept
from .engine.side import IMPORT, Changed, top
from .engine.update import Update

_TABLE: Final = table("holds_data")
"""Of inputs in `restored` a new resource gets the data of a backup or of another one; parts of a lifecycle rule in
`no_scope` do not limit what it is for."""
HOLDS_DATA: Final[Mapping[str, Mapping[str, Any]]] = _TABLE["types"]
"""By type: what is lost with it, what is left of it, and whether AWS deletes it while it holds something."""
_EMPTY: Final = ": the new one is empty"  # what is in a new resource
_GIVEN: Final = ": the new one has what the program gives it, and the old one is deleted"


def data_lost(update: Update, machines: Machines) -> Iterator[Effect]:
    """Data that an update deletes, or may; what AWS keeps or refuses to delete is no loss. `machines`: those before."""
    for resource in update.removed:
        yield from _unseen(resource, "is deleted")
        if update.past or not resource.options.retain_on_delete:
            yield from _of_group(resource, machines, "was deleted" if update.past else "is deleted")
        if not update.past:
            yield from _lost(resource, "is deleted", "")
        elif row := HOLDS_DATA.get(resource.type):
            # No update deleted it: which protection it had, and what was kept, is not known.
            said = f" was deleted; {row['holds']} is gone, but for copies that are not known"
            yield _effect(resource, "deletes", said, Tone.WARN if row.get("notice") else Tone.BAD)
    for change in update.changed:
        old = change.old
        if change.replacing:
            fate = f"is replaced for {listed(dict.fromkeys(change.replacing))}"
            then = _then(change, update)
            lost = _lost(old, fate, then)
            if then == _GIVEN:
                named = next((f" with its {key}" for key in ("name", "key") if key in change.replacing), "")
                lost = (_effect(old, each.word, f" {fate}{_GIVEN}{named}") for each in lost if each.word == "deletes")
            yield from (*lost, *(() if old.options.retain_on_delete else _of_group(old, machines, fate)))
        else:
            yield from _unseen(old, "changes")
            yield from _lost_in_place(change)
            yield from _parts_lost(old, change.resource)
            if not update.past and refresh_of(change.resource, change.inputs):
                yield from _of_group(old, machines, "replaces every machine")
        yield from () if any(trapped(change)) else _expired(change.resource, update)
    added = {resource.urn for resource in update.added}
    for resource in update.added:
        holder = _TABLE["expires"].get(resource.type, {}).get("holder", "")
        if holder and added.isdisjoint(resource.property_dependencies.get(holder, ())):
            yield from _expired(resource, update)


def is_emptied(change: Changed, update: Update) -> bool:
    """Whether another one without the data takes the place of what holds some."""
    return bool(change.replacing) and change.resource.type in HOLDS_DATA and _then(change, update) == _EMPTY


def _then(change: Changed, update: Update) -> str:
    """What is in a new resource, in words."""
    if IMPORT in (change.replacing or ()):
        return f": {change.resource.options.import_id} takes its place as it is"
    if source := next((key for key in _TABLE["restored"] if peek(change.resource, key) is not None), ""):
        return f": the new one is made from its {source}"
    inputs: Mapping[str, Sequence[str]] = HOLDS_DATA.get(change.resource.type, {}).get("given", {})
    others = (resource for resource in (*(new for _, new in update.pairs), *update.added) if resource.type in inputs)
    near = (other for other in others if change.resource.urn in (other.urn, *other.dependencies))
    by = (other.inputs.get(key) for other in near for key in inputs[other.type])
    return _GIVEN if any(value is not None for value in by) else _EMPTY


def _of_group(group: Resource, machines: Machines, fate: str) -> Iterator[Effect]:
    """Disks that end with the machines of a group: those beside the root disk, on which an image is."""
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/preserving-volumes-on-termination.html
    if group.type in types.SCALING_GROUP and (disks := machines.more_disks(group)):
        yield _effect(group, "deletes", f" {fate}; the disks of its machines ({listed(disks)}) are deleted with them")


def _unseen(component: Resource, fate: str) -> Iterator[Effect]:
    """Data in a component of another process that no reader knows."""
    if component.remote and not is_understood(component.type):
        yield _effect(component, "perhaps deletes", f" {fate}: what it makes is not seen here, and may hold data")


def _lost(resource: Resource, fate: str, then: str) -> Iterator[Effect]:
    row = HOLDS_DATA.get(resource.type)
    if row is None or resource.options.retain_on_delete or ("kept" in row and _left(resource, row["kept"])):
        return
    if (full := row.get("refused")) and peek(resource, full["unless"]) is not True:
        empties = "empty it first" + (f", or set {full['unless']}" if full["unless"] else "")
        yield _effect(resource, "refused", f" {fate}: AWS refuses to delete it if {full['words']}; {empties}")
        return
    left = [words for soft in row.get("softens", ()) if (words := _left(resource, soft))]
    ends = f" is deleted, {listed(left)}" if left else " is deleted for good"
    guard = ", once it is no longer protected" if any(protected(resource, fate)) else ""
    tone = Tone.WARN if left or guard or row.get("notice") else Tone.BAD
    yield _effect(resource, "refused" if guard else "deletes", f" {fate}{then}; {row['holds']}{ends}{guard}", tone)


def _left(resource: Resource, soft: Mapping[str, Any]) -> str:
    """What is left of the data after a deletion, in words; empty if nothing is, or that is not known."""
    value = held(resource, *soft["input"].split("."))
    words: str = soft["words"]
    if "unless" in soft:
        return words if value is None or value is False else ""
    if "default" in soft:
        days = number(soft["default"] if value is None else value)
        return words.format(f"{days:g}") if days else ""
    return words if (value == soft["value"] if "value" in soft else isinstance(value, str)) else ""


def _lost_in_place(change: Changed) -> Iterator[Effect]:
    """What is lost if it is replaced after all, and logs, messages and backups that a shorter retention deletes."""
    row = HOLDS_DATA.get(change.old.type, {})
    kept_for = {limit["input"]: limit for limit in row.get("shortens", ())}
    inputs = sorted(change.inputs - {*map(top, kept_for)})
    if row and inputs and change.replacing is None:
        said = f" is perhaps replaced for {listed(inputs)}: if it is, {row['holds']} is deleted"
        yield _effect(change.old, "perhaps deletes", said)
    for key, limit in kept_for.items():
        was, now = (_retention(state, limit) for state in (change.old, change.resource))
        if top(key) in change.inputs and now < was:
            said = limit["words"].format(f"{now:g}").replace(" 1 days", " 1 day") if now else limit["off"]
            yield _effect(change.old, "deletes", f": {said}")


def _parts_lost(old: Resource, new: Resource) -> Iterator[Effect]:
    """Copies and indexes that something no longer has, or that are made again for another key."""
    keeps = kept(old, new)
    for row in (row for row in HOLDS_DATA.get(old.type, {}).get("parts", ()) if row["input"] not in keeps):
        had, has = (
            {within(part, row["name"]): [within(part, key) for key in row.get("keys", ())] for part in parts}
            for parts in (items(held(resource, row["input"])) for resource in (old, new))
        )
        if again := [str(name) for name, keys in had.items() if keys != has.get(name, keys)]:
            yield _effect(old, "rebuilds", f": {row['again'].format(listed(again))}")
            yield _calls_fail(old, row["until"], again)
        if gone := [str(name) for name in had if name is not UNKNOWN and name not in has]:
            doubt = "perhaps " if UNKNOWN in has else ""
            yield _effect(old, f"{doubt}deletes", f": {doubt}{row['words'].format(listed(gone))}")
            yield from [_calls_fail(old, row["calls"], gone)] if "calls" in row and not doubt else []


def _calls_fail(old: Resource, words: str, parts: Sequence[str]) -> Effect:
    return Effect(Line.CALLS, "interrupts", Tone.WARN, f"{old.name}: {words.format(listed(parts))}", old.name)


def _retention(resource: Resource, row: Mapping[str, Any]) -> float:
    """How long a resource keeps something: infinite if 0 does not switch it off, not a number if it is not known."""
    value = held(resource, *row["input"].split("."))
    value = row.get("default", 0) if value is None else value
    days = float(value) if isinstance(value, bool) else number(value)
    return math.nan if days is None else days or (0 if "off" in row else math.inf)


def _expired(resource: Resource, update: Update) -> Iterator[Effect]:
    """Objects and images that a new rule deletes, or archives, once they are old enough: a bucket's own as well."""
    row = _TABLE["expires"].get(resource.type)
    if row is not None:
        own, olds = _about(resource), (*update.olds.values(), *update.removed)
        near = [old for old in olds if old.type in _TABLE["expires"] and not own.isdisjoint(_about(old))]
        rules = ([rule for holder in some for rule in items(held(holder, _TABLE["expires"][holder.type]["input"]))]
                 for some in (near, [resource]))  # fmt: skip
        had, has = ([rule for rule in some if _is_on(rule) is not False] for some in rules)
        if row.get("document"):
            had, has = ([*map(_counted, spread([*map(opened, some)], "rules"))] for some in (had, has))
        new = [rule for rule in has if rule not in had]
        sooner = [r for r in new if not row["by"] or any(_is_sooner(r, had, key, row["by"]) for key in row["by"])]
        if sooner:
            doubt = "perhaps " if all(_is_on(rule) is None for rule in sooner) else ""
            stays = "versioned" in row and not any(within(rule, "noncurrentVersionExpiration") for rule in has)
            if stays and _keeps_versions(resource, update):
                yield _calls_fail(resource, f"{doubt}{row['versioned']}", ())
            else:
                yield _effect(resource, f"{doubt}deletes", f": {doubt}{row['words']}")
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html
        before, after = ({*map(text, spread(some, "transitions", "storageClass"))} for some in (had, has))
        if archives := sorted((after - before) & {"GLACIER", "DEEP_ARCHIVE"}):
            words = "objects move to {}, where nobody reads them before they are restored"
            yield _calls_fail(resource, words, archives)


def _keeps_versions(resource: Resource, update: Update) -> bool:
    """Whether versions are switched on for a bucket, or for that of a rule."""
    own, others = _about(resource), (*(new for _, new in update.pairs), *update.added)
    near = [other for other in others if not own.isdisjoint(_about(other))]
    on = ((held(other, "versioningConfiguration", "status"), held(other, "versioning", "enabled")) for other in near)
    return any(status == "Enabled" or enabled is True for status, enabled in on)


def _about(resource: Resource) -> set[str]:
    """URNs of a resource and of what its rules are for."""
    holder = _TABLE["expires"].get(resource.type, {}).get("holder", "bucket")
    return {resource.urn, *resource.property_dependencies.get(holder, ())}


def _counted(rule: Any) -> Any:
    """A rule for images, with its number as the time of an expiration: fewer images, or younger ones, go sooner."""
    selection = mapping(within(rule, "selection"))
    named = {key: one for key, one in mapping(rule).items() if key not in ("rulePriority", "description", "selection")}
    rest = {key: value for key, value in selection.items() if key != "countNumber"}
    return {**named, **rest, "expiration": {"days": selection.get("countNumber")}} if selection else rule


def _is_on(rule: Any) -> bool | None:
    values = within(rule, "status"), within(rule, "enabled")
    return False if "Disabled" in values or False in values else None if UNKNOWN in values else True


def _is_sooner(rule: Any, had: Sequence[Any], key: str, keys: Sequence[str]) -> bool:
    """Whether a rule expires something that none of the rules before did as soon: those of as wide a scope."""
    (prefix, own), *others = (_scope(one, keys) for one in (rule, *had))
    wider = (one for one, (begins, rest) in zip(had, others, strict=True) if rest == own and prefix.startswith(begins))
    return _days(within(rule, key)) < min((_days(within(earlier, key)) for earlier in wider), default=math.inf)


def _scope(rule: Any, keys: Sequence[str]) -> tuple[str, Mapping[str, Any]]:
    """The prefix of what a rule is for, and what else it is for: all but its name, and the times of `keys`."""
    rest = {**mapping(rule), **mapping(within(rule, "filter"))}
    rest |= mapping(within(rest, "and"))
    rest = {name: part for name, part in rest.items() if name not in (*keys, *_TABLE["no_scope"])}
    return text(rest.pop("prefix", "")), rest


def _days(expiration: Any) -> float:
    """The time of an expiration. Infinite without one, and nothing for a date or a value that is not known."""
    if not expiration or within(expiration, "expiredObjectDeleteMarker") is True:  # which takes no object
        return math.inf
    times = [number(mapping(expiration).get(name)) for name in ("days", "noncurrentDays")]
    return next((days for days in times if days is not None), -math.inf)


def _effect(resource: Resource, word: str, said: str, tone: Tone = Tone.WARN) -> Effect:
    """An effect on the data of a resource, in words that follow its name."""
    return Effect(Line.DATA, word, tone, f"{resource.name} ({resource.kind}){said}", resource.name)
