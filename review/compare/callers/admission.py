"""The difference of two states in who may call: let in, kept out, or not judged, call by call."""

from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from os.path import commonprefix
from typing import NamedTuple

from ...graph.graph import grouped
from ...graph.prose import few
from ...graph.shown import cut, one_line
from .demands import METHODS, Demands, Sample, sampled
from .points import Point, Points, Range, Sense, Values, beyond

_MOST, _LEAD = 100, 30
"""Letters of a value that are shown, and of them those before the first that differs."""


class _Words(NamedTuple):
    """What a difference is in, the values that differ, and what there was instead of them."""

    word: str
    values: tuple[str, ...]
    before: tuple[str, ...] = ()


@dataclass(frozen=True)
class Callers:
    """Callers whom a change lets in or keeps out, and what differs and may do either. Each text names its subject."""

    anyone: tuple[str, ...]
    """What the change opens to anyone on the internet."""
    admitted: tuple[str, ...]
    shut_out: tuple[str, ...]
    unjudged: tuple[str, ...]
    moved: tuple[str, ...] = ()
    """Addresses that become others, of what stays open to the same callers."""
    covered: frozenset[str] = frozenset()
    """Paths that come or go and whose callers others have."""


def difference(before: Demands, after: Demands, followed: Collection[str] = ()) -> Callers:
    """The difference of two states, call by call. `followed` has the balancers that only the program calls."""
    samples: dict[str, list[Sample]] = {}
    for address in (addresses := {*before.entries, *after.entries}):
        entries = [one.entries[address] for one in (before, after) if address in one.entries]
        paths = {sampled(path): path for entry in entries for path in sorted(entry.paths)}.values()
        samples[address] = [
            (method, path) for path in paths for method in (METHODS if path != "$default" else METHODS[:1])
        ]
    old, new = before.points(samples), after.points(samples)
    for state, mine, other, theirs in ((before, old, after, new), (after, new, before, old)):
        for address, call in state.unanswered - other.unanswered:
            point = Point(address, "call", Sense.ADMITS)
            if call in theirs.get(point, ()):  # answered there
                del mine[point][call]
    lines: dict[str, list[tuple[_Words, str]]] = {one: [] for one in ("anyone", "in", "out", "unsure")}
    whole = set()
    for subject in dict.fromkeys(point.subject for point in (*old, *new) if " at " in point.subject):
        if (found := _opened_or_closed(subject, (before, old), (after, new))) is not None:
            which, words = found
            whole.add(subject)
            # With one address there is none to tell it from.
            lines[which].append((words, subject if len(addresses) > 1 else subject.rpartition(" at ")[0]))
    for point in dict.fromkeys((*old, *new)):
        call, at, address = point.subject.rpartition(" at ")
        if point.subject in whole or (
            address in addresses and not (address in before.entries and address in after.entries)
        ):
            continue  # the address itself comes or goes
        if at and not all(call in each.get(Point(address, "call", Sense.ADMITS), ()) for each in (old, new)):
            continue  # the call does
        traced = [Point(point.subject, "traced", Sense.DETAIL) in each for each in (old, new)]
        if point.word == "peer" and any(traced) and (all(traced) or point not in old or point not in new):
            continue  # paths have the callers of machines
        there = Point(point.subject, "", Sense.DETAIL)
        if (there in old) is not (there in new) and point.sense in (Sense.ASKS, Sense.LIMITS):
            continue  # likewise, of a listener or a rule: paths follow it
        if point.sense is Sense.SPEAKS and after.balancers_of(point.subject) & {*followed}:
            continue  # only the program calls it, and follows
        unknown = point.word == "peer" and any(
            Point(point.subject, "not all known", Sense.DETAIL) in one for one in (old, new)
        )
        sense = Sense.EITHER if unknown else point.sense
        for which, without, values, was in _judged(sense, old.get(point, {}), new.get(point, {})):
            if point.word == "call" and which == "in":
                # Each new call by itself: some may need nothing.
                for value in values:
                    opened = after.who.get(at := f"{value} at {point.subject}") == "" and not _needs(at, new)
                    lines["anyone" if opened else "in"].append((_Words("call", (value,)), point.subject))
            else:
                lines[which].append(
                    (_Words(f"{without}{point.word}", tuple(sorted(dict.fromkeys(values))), was), point.subject)
                )
    anyone, admitted, shut_out, unjudged = (tuple(_told(found)) for found in lines.values())
    return Callers(anyone, admitted, shut_out, unjudged)


def _needs(subject: str, points: Points) -> tuple[str, ...]:
    """What a call asks for, in words: `JWT of login.example.com`."""
    mine = {point.word: list(values.values()) for point, values in points.items() if point.subject == subject}
    asks = [*mine.get("requirement", ()), *mine.get("signature", ())]
    of = [one for word in ("issuer", "user pool", "authorizer function") for one in mine.get(word, ())]
    return (
        (" and ".join(asks) + (f" of {few([one.removeprefix('https://') for one in of])}" if of else ""),)
        if asks
        else ()
    )


def _opened_or_closed(
    subject: str, before: tuple[Demands, Points], after: tuple[Demands, Points]
) -> tuple[str, _Words] | None:
    """A call that needs nothing any more, or something at last, in one sentence; None for another difference."""
    (old, was), (new, now) = before, after
    if subject not in old.who or subject not in new.who:
        return None
    had, has = _needs(subject, was), _needs(subject, now)
    if bool(had) is bool(has):
        return None
    if has:
        return "out", _Words("whole call", has)
    return ("in" if new.who[subject] else "anyone"), _Words("whole call", (new.who[subject],), had)


def _judged(sense: Sense, was: Values, now: Values) -> Iterator[tuple[str, str, list[str], tuple[str, ...]]]:
    """Which of the lists a difference is for, a word before its values, these, and what there was of the same kind."""
    more, fewer = beyond(now, was), beyond(was, now)
    texts = [_distinct(keys, mine, theirs) for keys, mine, theirs in ((more, now, was), (fewer, was, now))]
    if sense in (Sense.EITHER, Sense.DETAIL):
        if (more or fewer) and (sense is Sense.EITHER or (was and now)):
            yield "unsure", "", [*texts[1], *texts[0]], ()
        return
    if sense is Sense.SPEAKS:
        if more and fewer:
            yield "out", "callers by ", texts[1], ()
        return
    if sense is Sense.MEETS and not (was and now):
        return
    asks = sense is Sense.ASKS or (sense is Sense.LIMITS and not (was and now))
    if more:
        yield ("out", "unless with ", texts[0], ()) if asks else ("in", "", texts[0], _kin(more, was))
    if fewer:
        yield ("in", "without ", texts[1], ()) if asks else ("out", "", texts[1], ())


def _kin(keys: Sequence[Hashable], others: Values) -> tuple[str, ...]:
    """Ranges of the other state that meet those of the keys."""
    return tuple(text for key, text in others.items() if any(isinstance(one, Range) and one.meets(key) for one in keys))


def _distinct(keys: Sequence[Hashable], mine: Values, theirs: Values) -> list[str]:
    """Values in words. Long ones are cut around what they have and the other state's nearest value has not."""
    found = []
    for text in (one_line(mine[key]) for key in keys):
        near = max(
            (
                len(commonprefix([text, one_line(one)]))  # noqa: RUF071 # these are no paths
                for one in theirs.values()
            ),
            default=0,
        )
        start = near - _LEAD if len(text) > _MOST and near > _MOST - _LEAD else 0
        found.append(("…" if start else "") + cut(text[start:], _MOST))
    return found


def _told(found: Sequence[tuple[_Words, str]]) -> Iterator[str]:
    """A line for each difference, with all subjects that it is of."""
    groups = grouped((words._replace(values=()) if words.word == "call" else words, (words, at)) for words, at in found)
    for (word, values, before), pairs in groups.items():
        subjects = [at for _, at in pairs]
        if word == "call":
            yield few(_folded([f"{one} at {at}" for words, at in pairs for one in words.values]))
        elif word == "whole call":
            who = f"{values[0]}: " if before and values[0] else ""
            calls = few(_folded(subjects))
            yield f"{who}{calls} (before: {before[0]})" if before else f"{calls} without {values[0]}"
        else:
            was = f" (before: {few(before)})" if before else ""
            yield f"{word} {few(values)}{was}".strip() + (f" of {few(_folded(subjects))}" if any(subjects) else "")


def _folded(subjects: Sequence[str]) -> list[str]:
    """`ANY /z at front` in place of every method of a path."""
    parts = [(one.partition(" ")[::2] if one.partition(" ")[0] in METHODS else ("", one)) for one in subjects]
    by_rest = grouped((rest, method) for method, rest in parts)
    return [
        rest if methods == [""] else f"{'ANY' if len(methods) == len(METHODS) else '/'.join(methods)} {rest}"
        for rest, methods in by_rest.items()
    ]
