"""The order in which a program makes its lookups. Their requests come from a thread pool, in any order."""

import functools
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from pulumi import runtime

from .modules import replaced

Asked = Callable[[str, Mapping[str, Any]], None]
"""Is called with the token and the arguments of each lookup, in the program's order."""


def in_order(asked: Asked) -> AbstractContextManager[None]:
    """Within, `asked` is called for each lookup when the program makes it."""
    # An older SDK lacks one.
    names = [name for name in ("invoke", "invoke_output") if hasattr(runtime, name)]
    return replaced(*((runtime, name, _noted(getattr(runtime, name), asked)) for name in names))


def _noted(call: Callable[..., Any], asked: Asked) -> Callable[..., Any]:
    @functools.wraps(call)
    def noted(token: str, arguments: Any, *more: Any, **options: Any) -> Any:
        asked(token, arguments if isinstance(arguments, Mapping) else {})
        return call(token, arguments, *more, **options)

    return noted
