"""Each pair's first screen says what its truth says, and no green words stand beside an effect of their line."""

import json
from dataclasses import replace

import pytest

from review.compare.callers.admission import Callers
from review.compare.consequences import consequences
from review.compare.effect import Line, Tone
from review.report.render.html import fragment
from review.report.render.json_text import document
from review.report.render.markdown import markdown
from review.report.render.text import plain
from review.report.render.verdict import heading
from review.report.render.words import tally
from review.tests.compare import against, data_pairs, test_around_the_paths, test_neighbours, test_pairs
from review.tests.compare.test_pairs import report_of
from review.tests.updates import contradictions, said

PAIRS = {**against.PAIRS, **data_pairs.PAIRS}
EVERY = {
    **{name: pair[:2] for name, pair in PAIRS.items()},
    **{f"{name}, a neighbour": pair[:2] for name, pair in test_neighbours.PAIRS.items()},
    **{f"{name}, around": pair[:2] for name, pair in test_around_the_paths.PAIRS.items()},
    **{f"{name}, differs": pair[:2] for name, pair in test_pairs.DIFFERS.items()},
    **{f"{name}, stays": pair[:2] for name, pair in test_pairs.STAYS.items()},
}


@pytest.mark.parametrize("name", EVERY)
def test_the_first_screen_says_the_truth(name: str) -> None:
    report = report_of(*EVERY[name])
    assert report.changes is not None
    tone, words = heading(report)
    screen = {**said(report), "heading": words, "tally": tally(report.changes)}
    for line, parts in PAIRS[name][2].items() if name in PAIRS else ():
        for part in [parts] if isinstance(parts, str) else parts:
            assert (part.removeprefix("!") in screen.get(line, "")) is not part.startswith("!"), (part, screen)
    assert contradictions(report.changes) == []
    worst = {consequence.tone for consequence in report.changes.consequences}
    assert tone is next((one for one in (Tone.BAD, Tone.WARN) if one in worst), Tone.GOOD)
    assert report.changes.bad == (tone is Tone.BAD)


PLANTED = {
    "a webhook's check taken out": "lets in anyone",
    "a database encrypted": "deletes",
    "an input of which nothing is known": "perhaps deletes",
    "a service scaled to zero": "shuts out",
    "a permission for one of two routes": "shuts out",
    "a range widened": "admits",
    "a role without permissions": "closes",
    "a task without the container of its service": "fails",
    "a shorter time-out of a route": "interrupts",
    "a condition of a trust": "shuts out",
    "another certificate, differs": "not judged",
    "an identity with a deployment, differs": "requires",
    "a method removed without a deployment, stays": "keeps",
    "a web ACL off a balancer, differs": "admits",
}
"""By pair, a word whose effects the first screen leaves out."""


@pytest.mark.parametrize("name", PLANTED)
def test_an_effect_that_no_line_has_is_found(name: str) -> None:
    changes = report_of(*EVERY[name]).changes
    assert changes is not None
    left = tuple(consequence for consequence in changes.consequences if consequence.word != PLANTED[name])
    assert left != changes.consequences, [consequence.word for consequence in changes.consequences]
    vars(changes)["consequences"] = left
    assert contradictions(changes) != []


def test_a_way_whose_callers_nothing_accounts_for_is_not_green() -> None:
    changes = report_of(*EVERY["a range widened"]).changes
    assert changes is not None
    bare = replace(changes, callers=Callers(anyone=(), admitted=(), shut_out=(), unjudged=()), moved=())
    effects = [consequence.tone for consequence in consequences(bare) if consequence.line is Line.CALLERS]
    assert effects == [Tone.WARN] * len(effects) != []


@pytest.mark.parametrize("name", ["a marked value in a policy", "a sign-in", "another client of a sign-in"])
def test_no_secret_is_in_any_format(name: str) -> None:
    report = report_of(*PAIRS[name][:2])
    for form in (plain(report), markdown(report), fragment(report), json.dumps(document(report))):
        assert "S01a-ref" not in form
        assert "plainly-written" not in form
