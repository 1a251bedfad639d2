"""Lambda functions: what AWS takes if an input is not given, and whether an answer is streamed.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
"""

from __future__ import annotations

from typing import Final

from ..facts import limits
from ..graph import Resource
from ..graph.reading import items, number, peek, text, whole_number

DEFAULT_MEMORY: Final = 128
"""Megabytes."""
DEFAULT_TIMEOUT: Final = 3
"""Seconds."""
WRAPPER: Final = "AWS_LAMBDA_EXEC_WRAPPER"
"""Starts a loop of the function's own. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html"""


def memory(function: Resource) -> float | None:
    """Megabytes; None if that is not known."""
    return _number(function, "memorySize", DEFAULT_MEMORY)


def timeout(function: Resource) -> float | None:
    """Seconds; None if that is not known."""
    return _number(function, "timeout", DEFAULT_TIMEOUT)


def architecture(function: Resource) -> str:
    """`arm64` or `x86_64`."""
    return text(next(iter(items(peek(function, "architectures"))), "")) or "x86_64"


def reserved(function: Resource) -> int | None:
    """How many calls may run at once; None if nothing limits them, or that is not known."""
    found = whole_number(peek(function, "reservedConcurrentExecutions"))
    return found if found is not None and found >= 0 else None


def answers_whole(function: Resource) -> bool:
    """Whether its runtime is known to answer whole, by a loop that is Lambda's own."""
    variables = peek(function, "environment", "variables")
    replaced = variables is not None and (not isinstance(variables, dict) or WRAPPER in variables)
    return text(peek(function, "runtime")).startswith(limits.LAMBDA_RUNTIMES_WITHOUT_STREAMS) and not replaced


def _number(function: Resource, key: str, default: float) -> float | None:
    value = peek(function, key)
    return default if value is None else number(value)
