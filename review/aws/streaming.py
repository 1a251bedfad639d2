"""Whether a function can pass its answer on as it comes."""

from __future__ import annotations

from typing import Final

from ..facts import limits
from ..graph import Resource
from ..graph.reading import peek, text

WRAPPER: Final = "AWS_LAMBDA_EXEC_WRAPPER"
"""Starts a loop of the function's own. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html"""


def answers_whole(function: Resource) -> bool:
    """Whether its runtime is known to answer whole, by a loop that is Lambda's own."""
    variables = peek(function, "environment", "variables")
    replaced = variables is not None and (not isinstance(variables, dict) or WRAPPER in variables)
    return text(peek(function, "runtime")).startswith(limits.LAMBDA_RUNTIMES_WITHOUT_STREAMS) and not replaced
