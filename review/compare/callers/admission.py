"""The difference of two states in who may call: let in, kept out, or not judged, call by call."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...graph.graph import grouped
from ...graph.prose import few
from ...graph.shown import shown
from .demands import METHODS, Demands, Sample, sampled
from .points import Point, Sense, Values

_Words = tuple[str, tuple[str, ...]]
"""What a difference is in, and the values that differ."""


@dataclass(frozen=True)
class Callers:
    """Callers whom a change lets in or keeps out, and what differs and may do either. Each text names its subject."""

    admitted: tuple[str, ...]
    shut_out: tuple[str, ...]
    unjudged: tuple[str, ...]


def difference(before: Demands, after: Demands) -> Callers:
    """The difference of two states, call by call."""
    samples: dict[str, list[Sample]] = {}
    for address in (addresses := {*before.entries, *after.entries}):
        entries = [one.entries[address] for one in (before, after) if address in one.entries]
        paths = {sampled(path): path for entry in entries for path in sorted(entry.paths)}.values()
        samples[address] = [
            (method, path) for path in paths for method in (METHODS if path != "$default" else METHODS[:1])
        ]
    old, new = before.points(samples), after.points(samples)
    lines: dict[str, list[tuple[_Words, str]]] = {"in": [], "out": [], "unsure": []}
    for point in dict.fromkeys((*old, *new)):
        call, at, address = point.subject.rpartition(" at ")
        if address in addresses and not (address in before.entries and address in after.entries):
            continue  # the address itself comes or goes
        if at and not all(call in each.get(Point(address, "call", Sense.ADMITS), ()) for each in (old, new)):
            continue  # the call does
        traced = [Point(point.subject, "traced", Sense.DETAIL) in each for each in (old, new)]
        if point.word == "peer" and any(traced) and (all(traced) or point not in old or point not in new):
            continue  # paths have the callers of machines
        there = Point(point.subject, "", Sense.DETAIL)
        if (there in old) is not (there in new) and point.sense in (Sense.ASKS, Sense.LIMITS):
            continue  # likewise, of a listener or a rule: paths follow it
        for which, without, values in _judged(point.sense, old.get(point, {}), new.get(point, {})):
            words = f"{without}{point.word}", tuple(sorted(dict.fromkeys(values)))
            lines[which].append((words, point.subject))
    return Callers(*(tuple(_told(found)) for found in lines.values()))


def _judged(sense: Sense, was: Values, now: Values) -> Iterator[tuple[str, str, list[str]]]:
    """Which of the three a difference is, a word before its values, and these."""
    more, fewer = ([one[key] for key in one if key not in other] for one, other in ((now, was), (was, now)))
    if sense in (Sense.EITHER, Sense.DETAIL):
        if (more or fewer) and (sense is Sense.EITHER or (was and now)):
            yield "unsure", "", [*fewer, *more]
        return
    if sense is Sense.MEETS and not (was and now):
        return
    asks = sense is Sense.ASKS or (sense is Sense.LIMITS and not (was and now))
    if more:
        yield ("out", "unless with ", more) if asks else ("in", "", more)
    if fewer:
        yield ("in", "without ", fewer) if asks else ("out", "", fewer)


def _told(found: Sequence[tuple[_Words, str]]) -> Iterator[str]:
    """A line for each difference, with all subjects that it is of."""
    for (word, values), subjects in grouped(found).items():
        if word == "call":
            yield few(_folded([f"{one} at {subjects[0]}" for one in values]))
        else:
            named = few([shown(one, most=80) for one in values])
            yield f"{word} {named}" + (f" of {few(_folded(subjects))}" if any(subjects) else "")


def _folded(subjects: Sequence[str]) -> list[str]:
    """`ANY /z at front` in place of every method of a path."""
    parts = [(one.partition(" ")[::2] if one.partition(" ")[0] in METHODS else ("", one)) for one in subjects]
    by_rest = grouped((rest, method) for method, rest in parts)
    return [
        rest if methods == [""] else f"{'ANY' if len(methods) == len(METHODS) else '/'.join(methods)} {rest}"
        for rest, methods in by_rest.items()
    ]
