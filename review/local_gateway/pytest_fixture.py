"""A fixture for pytest that serves stacks until a test ends.

pytest_plugins = ["gatehouse_review.local_gateway.pytest_fixture"]  # in conftest.py

def test_orders(serve_stack) -> None:
    stack = serve_stack("dev", backend="http://127.0.0.1:8080")
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from .testing import Served, served


@pytest.fixture
def serve_stack() -> Iterator[Callable[..., Served]]:
    """`serve_stack("dev", backend="http://…")` serves a stack; it takes what `served` takes, and raises the same."""
    with ExitStack() as stacks:
        yield lambda stack, **options: stacks.enter_context(served(stack, **options))
