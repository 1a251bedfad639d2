"""Compares two versions: resources added, removed, changed and replaced; money; reach; and what it interrupts."""

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import fields, replace
from typing import Any, Final

from ..aws.catalog import types
from ..aws.catalog.tables import table
from ..cost import Usage
from ..cost.estimate import Estimate, total
from ..graph import Graph
from ..graph.graph import grouped
from ..graph.judged import Judged
from ..graph.prose import few
from ..reach.path import Kind, Path
from .alarms import quieter
from .backend_view import seen_differently
from .callers.admission import Callers
from .callers.calls import callers
from .callers.paths import ways_of
from .consequences import consequences
from .data import HOLDS_DATA, data_lost
from .difference import Changes as Changes
from .egress_changes import in_some_subnets, other_networks, to_others, without_address
from .engine.after_update import after_update, keep_old_tasks
from .engine.outcome import Outcome
from .engine.pairs import at_home, named_as_later
from .engine.refusals import refusals
from .engine.side import Evaluated, Judge, Side, key_of, side
from .engine.update import Update, is_looked_up, simulated
from .grants import grants, is_allowed, role_rights
from .interruptions import effects, left_running, pinned_aliases
from .passages import passages
from .settings import altered, other_limits
from .vanished_names import readdressed, vanished_outputs

_ANYONE: Final = "API-01 "  # the rule on routes that anyone may call
_LIMITS: Final = "COST-02 "  # the rule on how many calls of a function run at once
_SIZES: Final = "FIT-49"  # the rule on settings that fit together, the numbers of a scaling group among them
_Ways = Mapping[str, Path]
_Finding = tuple[str, str, str]  # a finding without its resource's name, with it, and the resource's URN


def compare_update(
    before: Evaluated,
    wanted: Evaluated,
    usage: Usage,
    judge: Judge,
    against: str,
    updates: Callable[[Evaluated, Evaluated], Update] = simulated,
) -> tuple[Changes, Side]:
    """The changes that an update makes, and the state after it. `updates` finds the update from one to the other."""
    before = _with_imports(named_as_later(at_home(before, wanted.program), wanted.graph), wanted.graph)
    update = updates(before, wanted)
    outcome = after_update(before.graph, wanted.graph, update)
    old, new = (side(*pair, usage, judge) for pair in ((before.graph, before.program), (outcome.graph, wanted.program)))
    if keep_old_tasks(outcome, old, new):
        new = replace(side(outcome.graph, wanted.program, usage, judge), bill=new.bill, judged=new.judged)
    return compare(old, new, against, update, outcome), new


def _with_imports(before: Evaluated, wanted: Graph) -> Evaluated:
    """With what the program takes over, as the program has it: what AWS has there is not known."""
    # https://www.pulumi.com/docs/iac/concepts/resources/options/import/
    known = before.graph.resources
    taken = {urn: new for urn, new in wanted.resources.items() if new.options.import_id and urn not in known}
    return replace(before, graph=replace(before.graph, resources={**known, **taken})) if taken else before


def _money(before: Estimate, after: Estimate, update: Update) -> dict[str, Any]:
    """The sums, and the names of what differs and has no price, or a part without one that differs."""
    touched = [*update.removed, *update.touched]
    alike = {one.resource.urn for one in update.changed if not (one.inputs - {"tags", "tagsAll"} or one.replacing)}
    differing = {key_of(resource.urn) for resource in touched if resource.urn not in alike}
    whole = (resource.name for resource in (*before.unpriced, *after.unpriced) if key_of(resource.urn) in differing)
    # The number of these groups and services follows another schedule than before.
    schedules = [resource for resource in touched if resource.type in table("interruptions")["pauses"]]
    scheduled = (schedule.property_dependencies.get(key, ())
                 for schedule in schedules for key in ("autoscalingGroupName", "resourceId"))  # fmt: skip
    # What is priced as something dearer differs by an amount that is not known.
    was, now = (
        {(line.resource.name, line.label, line.quantity, line.note)
         for line in bill.fixed() if line.amount is None or line.note.startswith("priced as")}
        for bill in (before, after)
    )  # fmt: skip
    unpriced = {*whole, *(name for name, *_ in was ^ now)}
    unpriced |= {urn.rpartition("::")[2] for urns in scheduled for urn in urns}
    # One of these may have a price on one side alone.
    rest = ([line for line in bill.fixed() if line.resource.name not in unpriced] for bill in (before, after))
    return {
        "fixed": (before.fixed_total(), after.fixed_total()),
        "known": tuple(map(total, rest)),
        "per_million": (before.per_million, after.per_million),
        "unpriced": tuple(sorted(unpriced)),
    }


def compare(
    before: Side, after: Side, against: str, update: Update, outcome: Outcome, carried: Side | None = None
) -> Changes:
    """The difference between the states before and after an update.

    `carried` is the later state with what only carries calls put back, if any of it is gone: that opens nothing.
    """
    effective = replace(simulated(before, after), past=update.past)
    names = {new.urn: before.reach.model.names.of(old) for old, new in effective.renamed}
    sides = (before, after), (after, before)
    ways, others = ({str(way.renamed(names)): way for way in ways_of(*pair) if way.open} for pair in sides)
    closed = {_course(way, {}): way for text, way in ways.items() if text not in others}
    opened = _opened(ways, others, carried or after, names)
    standing = [way for way in opened.values() if is_allowed(way, after, before)]
    now = {old.urn: new.urn for old, new in (*effective.pairs, *effective.renamed)}
    # Data that is deleted is not thereby safe.
    emptied = {resource.urn for resource in update.removed if resource.type in HOLDS_DATA}
    both = before.reach, after.reach
    beside = [*grants(before, after), *role_rights(before, after), *in_some_subnets(*both)]
    beside += [*to_others(*both, "revoked"), *to_others(*both[::-1], "granted")]
    beside += (("unjudged", text) for text in (*outcome.unclear, *_unclear(update, before, after)))
    who = callers(before, after, effective, names, beside)
    let_in = callers(before, carried, simulated(before, carried), names, beside) if carried else who
    # A narrower route neither opens nor closes an API that anyone could call and can.
    still = () if let_in.anyone else (_ANYONE,)
    broken = _more(after.judged, before.judged, now, still)
    mended = _more(before.judged, after.judged, {new: old for old, new in now.items()}, still, emptied)
    admits = bool(who.anyone or who.admitted or who.undenied or who.unjudged)
    _settle(broken, mended, before.graph, after.graph, now, admits=admits)
    broken = broken if admits else _first_declared(broken, before.judged, after.graph, now)
    mended = _safer(mended, broken, now, update, opens=bool(let_in.anyone))
    limits = other_limits(before.reach, after.reach)
    changes = Changes(
        against=against,
        **{field.name: tuple(getattr(update, field.name)) for field in fields(update) if field.name != "past"},
        past=update.past,
        data=tuple(data_lost(update, before.reach.model.machines)),
        **_money(before.bill, after.bill, update),
        altered=tuple((way, opened[course]) for course, way in closed.items() if course in opened),
        opened=tuple(way for course, way in opened.items() if course not in closed and way not in standing),
        closed=tuple(way for at, way in closed.items() if at not in opened and not is_allowed(way, before, after)),
        calls_out=(*standing, *(way for text, way in others.items() if way.kind is Kind.OUTBOUND and text in ways)),
        callers=replace(who, anyone=let_in.anyone, admitted=let_in.admitted),
        seen=tuple(seen_differently(before, after, names)),
        moved=tuple(replace(passage, past=update.past) for passage in passages(update, before, after, names)),
        effects=(*effects(update, before, after), *limits[0]),
        settings=tuple(_settings(update, before, after, who)),
        lifted=tuple((other_limits(before.reach, carried.reach) if carried else limits)[1]),
        quieter=tuple(quieter(update, before, after)),
        refused=() if update.past else (*refusals(update, before, after), *_refused(broken, after.judged, update)),
        broken=tuple(text for _, text, _ in broken),
        displacing=after.judged.displacing.intersection(text.partition(":")[0] for _, text, _ in broken),
        mended=tuple(text for _, text, _ in mended if text.split()[0] not in after.judged.unsure),
        kept=(*outcome.kept, *left_running(update, after), *pinned_aliases(update, after)),
        undone=tuple(outcome.undone),
    )
    return replace(changes, consequences=tuple(consequences(changes)))


def _unclear(update: Update, before: Side, after: Side) -> Iterator[str]:
    """Encrypted values, what AWS has of what is taken over, networks by other filters, and ways out."""
    was, now, both = before.graph.ciphertexts, after.graph.ciphertexts, (before.reach, after.reach)
    yield from (f"{key} (encrypted)" for key in sorted(was.keys() & now.keys()) if was[key] != now[key])
    if names := few([resource.name for resource in update.imported]):
        yield f"what AWS has of {names}: the engine takes it over and changes what differs, or refuses that"
    steady = (change for change in update.changed if not change.replacing)
    sought = (one.resource.name for one in steady for part in one.properties if is_looked_up(part, (before, after)))
    if names := few([*dict.fromkeys(sought)]):
        yield f"the network of {names}: a lookup by other filters may find another one, which AWS may refuse"
    yield from without_address(*both)
    yield from other_networks(*both, update.renewed)


def _settings(update: Update, before: Side, after: Side, who: Callers) -> Iterator[str]:
    """Sentences on what is called by another name, has other settings, or is no output any more."""
    # Paths have the addresses that they lead by.
    moved = {text.partition(" (")[0] for text in who.moved}
    yield from (words for urn, words in readdressed(update).items() if urn.rpartition("::")[2] not in moved)
    yield from altered(update, before, after)
    yield from vanished_outputs(before.graph, after.graph)
    if before.graph.stack == after.graph.stack and before.graph.project != after.graph.project:
        name = after.graph.project
        first = f"pulumi stack rename ORGANIZATION/{name}/{after.graph.stack}"
        yield f"the project is called {name}: unless `{first}` comes first, all is created once more"


def _opened(ways: _Ways, others: _Ways, carried: Side, names: Mapping[str, str]) -> dict[tuple[str, ...], Path]:
    """By course, the others that are not among these, and no part of one of them, as far as they are carried."""
    there = {(_course(way, names), way.asks) for way in carried.reach.paths if way.open}
    more = ((_course(way, names), way) for text, way in others.items() if text not in ways)
    new = {at: way for at, way in more if (at, way.asks) in there}
    return {at: way for at, way in new.items() if not any(map(way.renamed(names).is_part_of, ways.values()))}


def _refused(broken: list[_Finding], judged: Judged, update: Update) -> Iterator[str]:
    """What AWS refuses by a rule, of resources that the update makes or changes."""
    inputs = {change.resource.urn: change.inputs for change in update.changed if not change.replacing}
    groups = {urn for urn in inputs if update.olds[urn].type in types.SCALING_GROUP}
    inputs |= {new.urn: {*new.inputs} for new in (*update.added, *(change.resource for change in update.replaced))}
    for _, text, urn in broken:
        rule = text.partition(" ")[0]
        # AWS keeps the capacity of a group within its new limits, unless the update sets it.
        asked = {"desiredCapacity"} if rule == _SIZES and urn in groups else {*judged.refused.get(rule, ())}
        if urn in inputs and ("*" in asked or asked & inputs[urn]):
            name, said = urn.rpartition("::")[2], text.partition(": ")[2]
            yield f"{said if said.startswith((f'{name} ', f'{name}: ')) else f'{name}: {said}'} ({rule})"


def _more(
    these: Judged, others: Judged, urns: Mapping[str, str], still: tuple[str, ...], without: Set[str] = frozenset()
) -> list[_Finding]:
    """Findings of a rule and a resource of which the others have fewer; another message is no other finding.

    `urns` has the URN here of each resource of the others; `still` has rules of which a resource that has findings in
    both has no others, and `without` the URNs of resources to leave out.
    """
    # Findings of an older version that the state after an update has beside a resource are the resource's own.
    own, had = (
        grouped(((rule, now.get(urn.partition("#")[0], urn.partition("#")[0])), text)
                for (rule, urn), all_of in judged.broken.items() for text in all_of)
        for judged, now in ((these, {}), (others, urns))
    )  # fmt: skip
    same = {urn for rule, urn in had if rule.startswith(still)}
    missing = ((key, texts, had.get(key, [])) for key, texts in sorted(own.items()) if key[1] not in without)
    return [
        (text.replace(f" {urn.rpartition('::')[2]}: ", " ", 1), text, urn)
        for (_, urn), texts, before in missing
        if len(texts) > len(before) and not (urn in same and texts[0].startswith(still))
        for text in sorted(text for text in texts if text not in before)
    ]


def _first_declared(broken: list[_Finding], was: Judged, graph: Graph, now: Mapping[str, str]) -> list[_Finding]:
    """Without what a group admitted or a role had before, and what is now declared once more, apart from it."""
    # Nobody else gets in: a group that had a finding before admits a part of what it did.
    wide = {now.get(urn) for rule, urn in was.broken if rule.startswith("NET-")}
    broken = [finding for finding in broken if not (finding[0].startswith("NET-") and finding[2] in wide)]
    had = {
        (*_rule_and_words(text), key_of(now.get(urn, urn)))
        for (rule, urn), texts in was.broken.items() if rule.startswith(("NET-", "IAM-")) for text in texts
    }  # fmt: skip
    return [one for one in broken if had.isdisjoint((*_rule_and_words(one[0]), at) for at in _named(graph, one[2], {}))]


def _rule_and_words(text: str) -> tuple[str, str]:
    """The rule of a finding and, of one on a role, its words without the name of what it is about."""
    rule = text.partition(" ")[0]
    return rule, text.partition(": ")[2].partition(" ")[2] if rule.startswith("IAM-") else ""


def _settle(
    broken: list[_Finding], mended: list[_Finding], was: Graph, graph: Graph, now: Mapping[str, str], *, admits: bool
) -> None:
    """Takes out what one resource takes over from another in the same words, such as a rule that is declared elsewhere.

    Both name the same resources, or the one that comes or goes names the other, which stays. If nobody else is
    admitted, other words of one are the same.
    """
    both = [(new, old) for new in broken for old in mended if new[0].split()[0] == old[0].split()[0]]
    for new, old in [one for one in both if one[0][0] == one[1][0] or (not admits and one[0][0].startswith("NET-"))]:
        here, there, lasting = _named(graph, new[2], {}), _named(was, old[2], now), now.get(old[2])
        same = key_of(lasting) in here if lasting else here == there != set()
        if new[2] in now.values():
            same = lasting is None and key_of(new[2]) in there
        same = same or (new[0] != old[0] and bool(here & there))
        if same and new in broken and old in mended:
            broken.remove(new)
            mended.remove(old)


def _safer(
    mended: list[_Finding], broken: list[_Finding], now: Mapping[str, str], update: Update, *, opens: bool
) -> list[_Finding]:
    """Findings without those of what stays as it is, and only lost its callers or is open to anyone now."""
    own = {resource.urn for resource in (*update.removed, *(change.resource for change in update.changed))}
    idle = (_LIMITS, "NET-") if opens else (_LIMITS,)
    opened = {urn for _, text, urn in broken if text.startswith("NET-")}
    # No NET rule of a group counts as mended beside one that it newly breaks: who admits others is not thereby safer.
    mended = [one for one in mended if now.get(one[2], one[2]) not in opened or not one[1].startswith("NET-")]
    return [finding for finding in mended if finding[2] in own or not finding[1].startswith(idle)]


def _named(graph: Graph, urn: str, now: Mapping[str, str]) -> set[str]:
    urns = graph.resources[urn].property_dependencies.values() if urn in graph.resources else ()
    return {key_of(now.get(urn, urn)) for named in urns for urn in named}


def _course(way: Path, names: Mapping[str, str]) -> tuple[str, ...]:
    """Target of a path, without the conditions on the way. `names` has the names to use for resources, by URN."""
    same = way.renamed(names)
    # Resources of several types may have one name.
    hops = (
        part for hop in same.hops for part in (hop.name or hop.label, hop.name and hop.resource and hop.resource.type)
    )
    return (way.kind.value, same.source, *(part for part in hops if part), same.target)
