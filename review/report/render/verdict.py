"""The verdict on a stack, before any number, and on a change: a heading, and a sentence for each kind of effect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ...aws.catalog.catalog import is_read
from ...compare.effect import Effect, Line, Tone
from ...graph.graph import grouped
from ...graph.prose import NOW_DENIED, count
from ..report import Report
from . import costs, outside, words

if TYPE_CHECKING:
    from ...compare.changes import Changes
    from ...rules import Rule

_CALLERS: Final = 4
"""Callers that are named; the others are counted."""
_GRAVEST: Final = (Tone.BAD, Tone.WARN, Tone.GOOD, Tone.PLAIN)


@dataclass(frozen=True)
class Callers:
    """A sentence on callers, and the paths that it lists, if it lists any."""

    tone: Tone
    said: str
    paths: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The sentence and its list as one line."""
        return f"{self.said}: {', '.join(self.paths)}" if self.paths else self.said


@dataclass(frozen=True)
class Banner:
    """A headline, callers by sentence, and the rules that failed."""

    tone: Tone
    headline: str
    callers: tuple[Callers, ...]
    failed: tuple[Rule, ...]
    """The gravest first."""


def banner(report: Report) -> Banner:
    callers = tuple(_who_calls(report))
    failed = tuple(findings[0].rule for findings, _ in words.by_rule(report, "failed"))
    unsure = words.rules_of(report, "inconclusive")
    headline = f"{count(len(failed), 'rule')} failed" if failed else "No rule failed"
    headline += f", {unsure} inconclusive" if unsure else ""
    tones = {caller.tone for caller in callers} | {Tone.BAD if failed else Tone.WARN if report.undecided else Tone.GOOD}
    return Banner(next(tone for tone in _GRAVEST if tone in tones), headline, callers, failed)


def rule_names(found: Banner) -> str:
    """`NET-02 (critical), ENC-02 (high)`."""
    return ", ".join(f"{rule.id} ({rule.severity.value})" for rule in found.failed)


def _who_calls(report: Report) -> Iterator[Callers]:
    open_to_all = {endpoint.name for endpoint in report.anyone}
    for endpoint, line in zip(report.anyone, words.open_to_anyone(report), strict=True):
        yield Callers(Tone.WARN if endpoint.acknowledged else Tone.BAD, line)
    ways = outside.open_paths(report)
    for doubt in (False, True):
        names: dict[str, None] = {}
        for way in ways:
            hops = [hop for hop in way.hops if hop.name]
            counted = way.source == "internet" and bool(hops) and hops[0].name in open_to_all
            if bool(way.uncertainty) is doubt and not counted:
                demands = " → ".join(str(hop) for hop in hops if hop.label)
                names[f"{way.source} → {demands or (hops[0] if hops else way.target)}"] = None
        if names:
            more = [f"{len(names) - _CALLERS} more"] if len(names) > _CALLERS else []
            listed = (*list(names)[:_CALLERS], *more)
            doubted = Callers(Tone.WARN, "cannot tell whether a call arrives", listed)
            yield doubted if doubt else Callers(Tone.GOOD, "callers", listed)
    if not ways or report.referring:
        yield Callers(Tone.WARN if report.referring else Tone.GOOD, outside.from_outside(report))


_NAMED: Final = 3
"""Things that a sentence names; the others are counted."""
_NOTHING: Final = {
    Line.DATA: "nothing that holds data is deleted",
    Line.CALLERS: "the same as before, and no others",
    Line.CALLS: "nothing stops",
}
"""Text of a line without an effect."""
_CALLER_WORDS: Final = {
    "lets in anyone": "anyone on the internet can now call",
    "admits": "can now call:",
    "denies no longer": "no longer denied, so that callers' own policies decide:",
    "admits more": "can now call more often:",
    "shuts out": "may no longer call:",
    "not judged": "not judged:",
}
_HEADINGS: Final = {
    "fails": "AWS refuses the update",
    "undoes": "Takes away what it creates",
    "deletes": "Deletes data",
    "lets in anyone": "Opens to anyone on the internet",
    "admits": "Lets in",
    "denies no longer": "Denies no longer",
    "refused": "AWS may refuse to delete",
    "perhaps deletes": "Perhaps deletes data",
    "empties": "Begins without data",
    "perhaps replaces": "Perhaps replaces",
    "rebuilds": "Builds again",
    "shuts out": "Shuts out",
    "interrupts": "Interrupts",
    "closes": "Ends",
    "perhaps closes": "May end",
    "admits more": "Raises limits",
    "breaks": "Breaks",
    "alters": "Changes",
    "moves": "Moves",
    "opens": "Opens another way",
    "silences": "Changes alarms",
    "requires": "Asks for something else",
    "sees": "Same callers",
    "keeps": "AWS keeps what the program changes",
    "not judged": "Cannot judge",
}
"""By word, the gravest first: the words of a heading, before what the effect is about."""


def heading(report: Report) -> tuple[Tone, str]:
    """The verdict on a change in a few words: its gravest effects; money if there is none that is bad or a warning."""
    changes = report.changes
    assert changes is not None
    for tone in (Tone.BAD, Tone.WARN):
        for word, said in _HEADINGS.items():
            if briefs := [one.brief for one in changes.consequences if (one.word, one.tone) == (word, tone)]:
                both = _beside(changes) if word in ("lets in anyone", "admits", "denies no longer") else ""
                return tone, f"{said}: {_some(list(dict.fromkeys(briefs)))}{both}"
    before, after = changes.known
    money = ""
    if changes.unpriced:
        money = "; money not known"
    elif round(before, 2) != round(after, 2):
        money = f"; {'+' if after > before else '-'}{costs.money(abs(after - before))} a month"
    return Tone.GOOD, f"Same callers, no data deleted, no calls stop{money}"


def _beside(changes: Changes) -> str:
    """The end of a heading on new callers, if calls end as well."""
    stop = any(effect.line is Line.CALLS and effect.word in ("closes", "interrupts") for effect in changes.consequences)
    return "; shuts out others" if changes.callers.shut_out else "; calls stop" if stop else ""


def verdict(report: Report) -> Iterator[tuple[str, Tone, str]]:
    """A word, its tone and a sentence each, the gravest first; nothing if there is nothing to compare with.

    Each effect of the change is in one line. A line without an effect states that nothing changes there.
    """
    changes = report.changes
    if changes is None:
        return
    lines = [(line.value, *sentence(changes, line)) for line in Line if line is not Line.RULES]
    lines.append((Line.RULES.value, *_rules(report, changes)))
    yield from sorted((line for line in lines if line[2]), key=lambda line: _GRAVEST.index(line[1]))
    calls = costs.difference(*changes.per_million, "per million requests")
    yield "money", Tone.PLAIN, f"{costs.fixed_difference(report.bill, changes)}; {calls}"


def sentence(changes: Changes, line: Line) -> tuple[Tone, str]:
    """Text of a line of the first screen for its own effects."""
    effects = [consequence for consequence in changes.consequences if consequence.line is line]
    tone = next((tone for tone in _GRAVEST[:2] if any(effect.tone is tone for effect in effects)), Tone.GOOD)
    grave = [effect.text for effect in effects if effect.tone is tone]
    once = "once the update succeeds: " if effects and changes.refused and line is not Line.CALLS else ""
    if line is Line.CALLERS and tone is not Tone.GOOD:
        return tone, once + _of_callers([effect for effect in effects if effect.tone is not Tone.GOOD])
    if line is Line.CALLS and tone is Tone.BAD:
        return tone, f"the update fails: {_some(grave)}"
    if line is Line.CALLS and tone is Tone.GOOD:
        on = sum(effect.word == "carries on" for effect in effects)
        # Who may no longer call has calls that stop, and so may what was not judged.
        beside = {consequence.word for consequence in changes.consequences if consequence.line is Line.CALLERS}
        nothing = "nothing else stops" if "shuts out" in beside else _NOTHING[line]
        said = f"not cut: {count(on, 'path is', 'paths are')} led another way first" if on else nothing
        said += f", but for what {', '.join(sorted(changes.displacing))} names" if changes.displacing else ""
        # The stack's own calls may be among those that a policy denies, and among the uses of a key that services make.
        lost = [effect.text for effect in changes.consequences if effect.word == "shuts out"]
        shut = any(word in text for text in lost for word in ("kms:", NOW_DENIED))
        return tone, said + (", as far as it was judged" if shut or "not judged" in beside else "")
    if tone is Tone.GOOD:
        # Machines of the stack's own are callers as well, of which the line on calls speaks.
        inside = line is Line.CALLERS and any(passage.cut and passage.way.origin for passage in changes.moved)
        gone = (*changes.removed, *(change.old for change in changes.changed if change.replacing))
        unread = line is Line.DATA and not all(is_read(resource.type) for resource in gone)
        unread |= any(effect.word == "not judged" for effect in effects)
        doubt = ", as far as it was judged" if unread else ""
        return tone, ("from outside " if inside else "") + _NOTHING.get(line, "") + doubt
    rest = [effect.text for effect in effects if effect.tone is not tone and effect.tone is not Tone.GOOD]
    return tone, once + _some([*grave, *rest], "; ")


def _of_callers(effects: Sequence[Effect]) -> str:
    by_word = grouped((effect.word, effect.text) for effect in effects)
    said = [f"{words} {_some(by_word[word])}" for word, words in _CALLER_WORDS.items() if word in by_word]
    # Where callers change, other ways of theirs are details.
    others = [text for word, texts in by_word.items() if word not in _CALLER_WORDS for text in texts]
    return "; ".join(said) or f"reached in another way: {_some(others)}"


def _rules(report: Report, changes: Changes) -> tuple[Tone, str]:
    said = []
    if changes.broken:
        said.append(f"newly broken: {_some(changes.broken, '; ')}")
    if changes.mended:
        said.append(f"{'once the update succeeds, ' if changes.refused else ''}mended: {_some(changes.mended, '; ')}")
    failing = report.of_status("failed")
    if not said and failing:
        rules = list(dict.fromkeys(f"{finding.rule.id} ({finding.rule.severity.value})" for finding in failing))
        said.append(f"as before, {count(len(rules), 'rule fails', 'rules fail')}: {_some(rules)}")
    grave = [consequence.tone for consequence in changes.consequences if consequence.word == "breaks"]
    tone = min(grave, key=_GRAVEST.index) if grave else Tone.PLAIN if failing and not changes.mended else Tone.GOOD
    return tone, "; ".join(said) or f"none is newly broken; {report.tally.passed} passed"


def _some(things: Sequence[str], between: str = ", ") -> str:
    more = len(things) - _NAMED
    return between.join(things[:_NAMED]) + (f"{between}and {more} more" if more > 0 else "")
