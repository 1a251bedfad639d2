"""A program that is only written otherwise changes nothing: no effect, no doubt, no broken or mended rule."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from review.graph import Graph
from review.tests.compare.data_pairs import PAIRS
from review.tests.compare.rewritten import FORMS
from review.tests.compare.test_pairs import built
from review.tests.updates import updated


@pytest.mark.alike(12)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
@pytest.mark.parametrize("name", PAIRS)
def test_a_program_in_another_form_is_the_same(name: str, form: Callable[[Graph], Graph]) -> None:
    before = built(PAIRS[name][0])
    changes = updated(before, form(before))
    # An API that is not deployed again keeps the other form of its policy, and the comparison says so.
    found = [one.text for one in changes.consequences if one.word != "keeps"]
    assert found == [], form.__name__
