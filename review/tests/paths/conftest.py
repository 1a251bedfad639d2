"""A small graph that a test puts together."""

import pytest

from review.tests.helpers.graph_builder import Builder


@pytest.fixture
def build() -> Builder:
    return Builder()
