"""The first screen beside an independent judge, over drawn programs with one drawn change: "the same" is true.

`GATEHOUSE_DRAWS=20000 pytest review/tests/compare/test_drawn_callers.py -s` draws more and prints the numbers.
"""

import os
import random
from collections import Counter

import pytest

from review.compare.effect import Line
from review.report.render.verdict import sentence
from review.tests.compare.drawn_callers import Drawn, admits, after, callers, changed, declared, drawn
from review.tests.updates import contradictions, updated

DRAWS = int(os.environ.get("GATEHOUSE_DRAWS", "80"))
_SAME = "the same as before, and no others"


def retained(old: Drawn, new: Drawn) -> str:
    """The range of a rule that AWS keeps although the program has it no more."""
    return old.rule if old.retains and not new.rule else ""


@pytest.mark.parametrize("seed", range(4))
def test_callers_that_are_the_same_get_the_same_answers(seed: int) -> None:
    draw = random.Random(seed)
    counted: Counter[tuple[str, bool]] = Counter()
    for _ in range(DRAWS // 4):
        old = drawn(draw)
        new = changed(draw, old)
        made, stays = after(old, new), retained(old, new)
        asked = callers(draw, 50)
        differ = [caller for caller in asked if admits(old, "", caller) != admits(made, stays, caller)]
        changes = updated(declared(old).graph(), declared(new).graph(), rules=False)
        said = sentence(changes, Line.CALLERS)[1]
        assert contradictions(changes) == [], (old, new)
        counted["same" if said == _SAME else "differs", bool(differ)] += 1
        assert said != _SAME or not differ, (old, new, differ[:3])
        opened = [caller for caller in differ if admits(made, stays, caller)]
        if said != _SAME and differ and "not judged" not in said:
            assert "can now call" in said or not opened, (said, old, new, opened[:3])
            assert "no longer" in said or len(opened) == len(differ), (said, old, new, differ[:3])
    print(dict(counted))
    assert counted["same", False] > DRAWS // 40
