"""A program that is only written otherwise changes nothing: no effect, no doubt, no broken or mended rule."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from review.compare.effect import Line
from review.graph import Graph
from review.tests.compare.data_pairs import PAIRS
from review.tests.compare.rewritten import FORMS, namesakes
from review.tests.compare.test_pairs import built
from review.tests.updates import updated


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
@pytest.mark.parametrize("name", PAIRS)
def test_a_program_in_another_form_is_the_same(name: str, form: Callable[[Graph], Graph]) -> None:
    before = built(PAIRS[name][0])
    changes = updated(before, form(before))
    # An API that is not deployed again keeps the other form of its policy, and the comparison says so.
    texts = [consequence.text for consequence in changes.consequences if consequence.word != "keeps"]
    assert texts == [], form.__name__


@pytest.mark.parametrize("name", PAIRS)
def test_resources_of_one_name_are_told_apart(name: str) -> None:
    """Many programs give a role, a function, a group and a table the same name."""
    before, after = (built(one) for one in PAIRS[name][:2])
    apart = updated(before, after)
    old, new = namesakes(before, after)
    assert [consequence.text for consequence in updated(old, old).consequences] == []
    # A rule's sentence has names only, so that one of another resource may read the same.
    words = [{(effect.line, effect.word, effect.tone) for effect in each.consequences if effect.line is not Line.RULES}
             for each in (apart, updated(old, new))]  # fmt: skip
    assert words[1] == words[0] or apart.renamed
