"""The order in which a program makes its lookups. Their requests come from a thread pool, in any order."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pulumi

Asked = Callable[[str, Mapping[str, Any]], None]
"""Is called with the token and the arguments of each lookup, in the program's order."""


@contextmanager
def in_order(asked: Asked) -> Iterator[None]:
    """Within, `asked` is called for each lookup when the program makes it."""
    runtime = vars(pulumi.runtime)
    before = {name: runtime[name] for name in ("invoke", "invoke_output")}
    try:
        for name, call in before.items():
            runtime[name] = _noted(call, asked)
        yield
    finally:
        runtime.update(before)


def _noted(call: Callable[..., Any], asked: Asked) -> Callable[..., Any]:
    @functools.wraps(call)
    def noted(token: str, arguments: Any, *more: Any, **options: Any) -> Any:
        asked(token, arguments if isinstance(arguments, Mapping) else {})
        return call(token, arguments, *more, **options)

    return noted
