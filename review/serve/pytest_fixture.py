"""Fixtures for pytest that serve stacks: `serve_stack` until a test ends, `serve_stack_session` until the last one.

pytest_plugins = ["gatehouse_review.serve.pytest_fixture"]  # in conftest.py

def test_orders(serve_stack) -> None:
    stack = serve_stack("dev", backend="http://127.0.0.1:8080")
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from .testing import Served, served


@pytest.fixture
def serve_stack() -> Iterator[Callable[..., Served]]:
    """`serve_stack("dev", backend="http://…")` serves a stack; it takes what `served` takes, and raises the same."""
    with ExitStack() as stacks:
        yield lambda stack, **options: stacks.enter_context(served(stack, **options))


@pytest.fixture(scope="session")
def serve_stack_session() -> Iterator[Callable[..., Served]]:
    """The same for all tests: a stack is evaluated and served once for each set of arguments."""
    with ExitStack() as stacks:
        running: dict[str, Served] = {}

        def serve(stack: str, **options: Any) -> Served:
            key = repr((stack, sorted(options.items())))
            if key not in running:
                running[key] = stacks.enter_context(served(stack, **options))
            return running[key]

        yield serve
