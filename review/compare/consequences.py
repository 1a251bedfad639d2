"""Every effect of a change, once, with the line of the first screen that tells it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..reach.path import Kind, Path
from .effect import Effect, Line, Tone

if TYPE_CHECKING:
    from .changes import Changes


def consequences(changes: Changes) -> Iterator[Effect]:
    """Effects in the order of the list below the first screen: for each line the gravest first."""
    for text in changes.refused:
        yield Effect(Line.CALLS, "fails", Tone.BAD, text, text.partition(" ")[0])
    yield from changes.data
    yield from _of_callers(changes)
    for text in changes.broken:
        yield Effect(Line.RULES, "breaks", Tone.BAD, text, text.partition(":")[0])
    yield from _of_calls(changes)
    for text in changes.seen:
        yield Effect(Line.BACKEND, "sees", Tone.WARN, f"it sees {text}", "the backend sees other calls")
    had = {_ends(way) for way in (*changes.closed, *changes.calls_out) if way.kind is Kind.OUTBOUND}
    fresh = {one.name for one in changes.added}
    for way in changes.opened:
        if way.kind is Kind.OUTBOUND and way.source not in fresh and _ends(way) not in had:
            yield Effect(Line.BACKEND, "opens", Tone.WARN, f"it may now call: {way}", f"opens {_ends(way)}")
    yield from (Effect(Line.RULES, "mends", Tone.GOOD, text) for text in changes.mended)
    yield from (Effect(Line.STAYS, "keeps", Tone.WARN, text, text.partition(":")[0]) for text in changes.kept)
    for one in changes.retained:
        yield Effect(Line.STAYS, "keeps", Tone.PLAIN, f"{one.name} leaves the stack and stays in AWS")


def _of_callers(changes: Changes) -> Iterator[Effect]:
    callers = changes.callers
    for word, tone, texts in (
        ("lets in anyone", Tone.BAD, callers.anyone),
        ("admits", Tone.WARN, callers.admitted),
        ("shuts out", Tone.WARN, callers.shut_out),
        ("not judged", Tone.WARN, callers.unjudged),
    ):
        yield from (Effect(Line.CALLERS, word, tone, text, text) for text in texts)
    # A way that takes over from another is described where the other carries on or is cut.
    successors, left = [one.successor for one in changes.moved], [one.way for one in changes.moved]
    inward = [way for way in changes.opened if way.kind is not Kind.OUTBOUND and way not in successors]
    yield from (Effect(Line.CALLERS, "opens", Tone.WARN, str(way), _ends(way)) for way in inward)
    gone = [way for way in changes.closed if way.kind is not Kind.OUTBOUND and way not in left]
    yield from (Effect(Line.CALLERS, "closes", Tone.WARN, str(way), _ends(way)) for way in gone)
    for before, after in changes.altered:
        text = f"{after}, before: {before}"
        if before.kind is Kind.OUTBOUND:
            yield Effect(Line.CALLS, "requires", Tone.WARN, text, _ends(after))
        elif before.asks == after.asks:  # rates, which `limits` compares
            yield Effect(Line.CALLS, "requires", Tone.GOOD, text)
        else:
            yield Effect(Line.CALLERS, "requires", Tone.WARN, text, _ends(after))


def _of_calls(changes: Changes) -> Iterator[Effect]:
    for text in changes.interruptions:
        yield Effect(Line.CALLS, "interrupts", Tone.WARN, text, text.partition(": ")[0])
    for text in changes.callers.moved:
        yield Effect(Line.CALLS, "moves", Tone.WARN, f"{text}: callers must use the new one", text)
    removed = {one.name for one in changes.removed}
    lasting = {_ends(way) for way in (*changes.opened, *changes.calls_out) if way.kind is Kind.OUTBOUND}
    for way in changes.closed:
        if way.kind is Kind.OUTBOUND and (way.source in removed or _ends(way) in lasting):
            yield Effect(Line.CALLS, "closes", Tone.GOOD, str(way))
        elif way.kind is Kind.OUTBOUND:
            yield Effect(Line.CALLS, "closes", Tone.WARN, f"{way}: ends with the update", _ends(way))
    for one in changes.changed:
        if one.replacing is None and not any(each.brief == one.resource.name for each in changes.data):
            inputs = ", ".join(sorted(one.inputs))
            text = f"{one.resource.name} ({one.resource.kind}) is perhaps replaced, for {inputs}: it is not known"
            yield Effect(Line.CALLS, "perhaps replaces", Tone.WARN, text, one.resource.name)
    yield from (Effect(Line.CALLS, "carries on", Tone.GOOD, str(one)) for one in changes.moved if not one.cut)


def _ends(way: Path) -> str:
    return f"{way.source} → {way.target}"
