"""Each pair's first screen says what its truth says, and no green words stand beside an effect of their line."""

import json

import pytest

from review.compare.changes import Changes
from review.compare.effect import Line, Tone
from review.report.render.html import fragment
from review.report.render.json_text import document
from review.report.render.markdown import markdown
from review.report.render.text import plain
from review.report.render.verdict import heading, sentence
from review.tests.compare import test_around_the_paths, test_neighbours, test_pairs
from review.tests.compare.against import PAIRS
from review.tests.compare.test_pairs import report_of
from review.tests.updates import said

EVERY = {
    **{name: pair[:2] for name, pair in PAIRS.items()},
    **{f"{name}, a neighbour": pair[:2] for name, pair in test_neighbours.PAIRS.items()},
    **{f"{name}, around": pair[:2] for name, pair in test_around_the_paths.PAIRS.items()},
    **{f"{name}, differs": pair[:2] for name, pair in test_pairs.DIFFERS.items()},
    **{f"{name}, stays": pair[:2] for name, pair in test_pairs.STAYS.items()},
}
GREEN = {"callers": "the same as before", "calls": ("nothing stops", "not cut"), "data": "nothing that holds data"}


def contradictions(changes: Changes) -> list[str]:
    """Green words beside an effect that is bad or a warning, and effects of a difference that are in no line."""
    found = []
    for line, words in GREEN.items():
        text = sentence(changes, Line(line))[1]
        beside = [one.text for one in changes.consequences if one.line == line and one.tone in (Tone.BAD, Tone.WARN)]
        found += [f"{line}: {text}, beside {each}" for each in beside if text.startswith(words)]
    told = " ".join(one.text for one in changes.consequences)
    facts = [*changes.refused, *changes.interruptions, *changes.broken, *changes.kept]
    facts += [*(one.text for one in changes.data), *(str(after) for _, after in changes.altered)]
    facts += [*changes.callers.anyone, *changes.callers.admitted, *changes.callers.shut_out, *changes.callers.unjudged]
    return [*found, *(f"{one}: in no line" for one in facts if one not in told)]


@pytest.mark.parametrize("name", PAIRS)
def test_the_first_screen_says_the_truth(name: str) -> None:
    before, after, wanted = PAIRS[name]
    screen = said(report_of(before, after))
    for line, parts in wanted.items():
        for part in [parts] if isinstance(parts, str) else parts:
            assert (part.removeprefix("!") in screen.get(line, "")) is not part.startswith("!"), (part, screen)


@pytest.mark.parametrize("name", EVERY)
def test_no_green_words_stand_beside_an_effect(name: str) -> None:
    found = report_of(*EVERY[name])
    assert found.changes is not None
    assert contradictions(found.changes) == []
    tone, _ = heading(found)
    worst = {one.tone for one in found.changes.consequences}
    assert tone is next((one for one in (Tone.BAD, Tone.WARN) if one in worst), Tone.GOOD)
    assert found.changes.bad == (tone is Tone.BAD)


@pytest.mark.parametrize("name", ["a marked value in a policy", "a sign-in", "a sign-in dropped"])
def test_no_secret_is_in_any_format(name: str) -> None:
    found = report_of(*PAIRS[name][:2])
    for form in (plain(found), markdown(found), fragment(found), json.dumps(document(found))):
        assert "S01a-ref" not in form
        assert "plainly-written" not in form
