"""Comparisons for tests: the changes that an update from one graph to another makes, and its first screen."""

from dataclasses import replace
from pathlib import Path

from review.compare.changes import Changes, compare_update
from review.compare.consequences import services
from review.compare.effect import Line, Tone
from review.compare.engine.side import Evaluated
from review.cost import Usage
from review.evaluate.runner import Evaluation
from review.graph import Graph
from review.graph.judged import Judged
from review.reach.path import Kind
from review.report.render.verdict import sentence, verdict
from review.report.report import Report, report
from review.rules.check import judged


def unjudged(*_: object) -> Judged:
    """In place of the rules, where a test does not need them."""
    return Judged()


def updated(before: Graph, after: Graph, program: Path = Path(), *, rules: bool = True) -> Changes:
    """The changes of an update to another graph of a program in one folder."""
    judge = judged if rules else unjudged
    return compare_update(Evaluated(before, program), Evaluated(after, program), Usage(), judge, "before")[0]


def reported(before: Graph, evaluation: Evaluation, program: Path = Path()) -> Report:
    """The report on an update."""
    sides = Evaluated(before, program), Evaluated(evaluation.known, program)
    changes, after = compare_update(*sides, Usage(), judged, "main")
    return replace(report(evaluation, None, after), changes=changes)


def said(found: Report) -> dict[str, str]:
    """The sentences of the first screen, by their word."""
    return {word: text for word, _, text in verdict(found)}


GREEN = {"callers": "the same as before", "calls": "nothing stops", "data": "nothing that holds data"}


def contradictions(changes: Changes) -> list[str]:
    """Green words beside an effect that is bad or a warning, and effects of a difference that are in no line."""
    found = []
    for line, words in GREEN.items():
        text = sentence(changes, Line(line))[1]
        beside = [one.text for one in changes.consequences if one.line == line and one.tone in (Tone.BAD, Tone.WARN)]
        found += [f"{line}: {text}, beside {each}" for each in beside if text.startswith(words)]
    let_in = {*changes.callers.anyone, *changes.callers.admitted}
    found += [f"{one}: lets in and shuts out" for one in let_in & {*changes.callers.shut_out}]
    texts = " ".join(consequence.text for consequence in changes.consequences)
    facts = [*changes.refused, *changes.interruptions, *changes.broken, *changes.kept, *changes.callers.granted]
    facts += [*(one.text for one in changes.data), *(str(after) for _, after in changes.altered)]
    facts += [*changes.callers.anyone, *changes.callers.admitted, *changes.callers.shut_out, *changes.callers.unjudged]
    facts += [*changes.callers.revoked, *(one.resource.name for one in changes.changed if one.replacing is None)]
    told_of = [*(passage.way for passage in changes.moved), *(passage.successor for passage in changes.moved)]
    facts += [
        str(way) for way in (*changes.opened, *changes.closed) if way.kind is not Kind.OUTBOUND and way not in told_of
    ]
    after = {(one.source, f"{one.target}/") for way in (*changes.opened, *changes.calls_out) for one in services(way)}
    gone = {resource.name for resource in changes.removed}
    # The internet has AWS's own services, and a bucket its prefixes.
    ends = [
        way
        for way in (service for each in changes.closed for service in services(each))
        if way.kind is Kind.OUTBOUND
        and not any(one == way.source and f"{way.target}/".startswith(to) for one, to in after)
        and not (
            all("endpoint" in hop.name for hop in way.hops)
            and "vpce-svc" not in str(way)
            and (way.source, "internet (IPv4)/") in after
        )
    ]
    facts += [str(way) for way in ends if way.source not in gone]
    return [*found, *(f"{fact}: in no line" for fact in facts if fact not in texts)]
