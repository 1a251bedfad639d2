"""The difference of two states in who may call: let in, kept out, or not judged, call by call."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ..aws.demands import METHODS, Demands, Sample, sampled
from ..aws.points import Point, Points, Sense, Values
from ..graph.graph import grouped
from ..graph.prose import few


@dataclass(frozen=True)
class Difference:
    """Callers whom a change lets in, keeps out, or neither for certain. Each text names the subject."""

    let_in: tuple[str, ...] = ()
    kept_out: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()


def difference(before: Demands, after: Demands) -> Difference:
    """The difference of two states, call by call."""
    samples: dict[str, list[Sample]] = {}
    for address in {*before.entries, *after.entries}:
        entries = [one.entries[address] for one in (before, after) if address in one.entries]
        paths = {sampled(path): path for entry in entries for path in sorted(entry.paths)}.values()
        samples[address] = [
            (method, path) for path in paths for method in (METHODS if path != "$default" else METHODS[:1])
        ]
    old, new = before.points(samples), after.points(samples)
    common = {one for one in before.entries if one in after.entries}
    lines: dict[str, list[tuple[tuple[str, str, tuple[str, ...]], str]]] = {"in": [], "out": [], "unsure": []}
    for point in dict.fromkeys((*old, *new)):
        subject, word, sense = point
        address = subject.rpartition(" at ")[2]
        called = " at " in subject
        if (address in before.entries or address in after.entries) and address not in common:
            continue  # the address itself comes or goes
        was, now = old.get(point, {}), new.get(point, {})
        if called and not _taken(subject, old, new):
            continue
        more, fewer = ([one[key] for key in one if key not in other] for one, other in ((now, was), (was, now)))
        for which, values, without in _judged(sense, was, now, more, fewer):
            lines[which].append(((word, without, tuple(sorted(dict.fromkeys(values)))), subject))
    return Difference(*(tuple(_told(found)) for found in lines.values()))


def _taken(subject: str, old: Points, new: Points) -> bool:
    """Whether a call is taken before and after."""
    name, _, address = subject.rpartition(" at ")
    point = Point(address, "call", Sense.ADMITS)
    return name in old.get(point, {}) and name in new.get(point, {})


def _judged(
    sense: Sense, was: Values, now: Values, more: list[str], fewer: list[str]
) -> Iterator[tuple[str, list[str], str]]:
    """Which of the three a difference is, with the values, and a word before them."""
    if sense in (Sense.EITHER, Sense.DETAIL):
        if (more or fewer) and (sense is Sense.EITHER or (was and now)):
            yield "unsure", [*fewer, *more], ""
        return
    asks = sense is Sense.ASKS or (sense is Sense.LIMITS and not (was and now))
    for values, gains in ((more, True), (fewer, False)):
        if values:
            yield (
                "in" if gains is not asks else "out",
                values,
                ("unless with " if gains else "without ") if asks else "",
            )


def _told(found: Sequence[tuple[tuple[str, str, tuple[str, ...]], str]]) -> Iterator[str]:
    """A line for each difference, with all subjects that it is of."""
    for (word, without, values), subjects in grouped(found).items():
        shown = [one if len(one) <= _SHOWN else f"{one[:_SHOWN]}…" for one in values]
        where = few(_folded(subjects)) if any(subjects) else ""
        if word == "call":
            yield f"{few(_folded([f'{one} at {subjects[0]}' for one in values]))}"
        else:
            yield f"{without}{word} {few(shown)}" + (f" of {where}" if where else "")


_SHOWN: Final = 80


def _folded(subjects: Sequence[str]) -> list[str]:
    """`ANY /z at front` in place of every method of a path."""
    parts = [(one.partition(" ")[::2] if one.partition(" ")[0] in METHODS else ("", one)) for one in subjects]
    by_rest = grouped((rest, method) for method, rest in parts)
    return [
        rest if methods == [""] else f"{'ANY' if len(methods) == len(METHODS) else '/'.join(methods)} {rest}"
        for rest, methods in by_rest.items()
    ]
