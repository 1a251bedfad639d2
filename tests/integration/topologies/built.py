"""Configs that may be wrong, on the review's evaluator."""

from typing import Any

from review.evaluate.problems import ProgramError
from review.graph import Graph
from review.tests.helpers.stacks import graph_with

# Rules about what AWS refuses, or answers with an error; the others judge what the config chose.
DEPLOYABLE = ("BOOT", "DOC", "FIT", "GATE", "LIMIT", "LIVE", "ROUTE", "TRAP")


def built(config: dict[str, Any], *, known: bool) -> Graph | None:
    """The graph of a config; None if the settings refuse it."""
    try:
        return graph_with(config, known=known)
    except ProgramError as error:
        if "nothing was declared" not in str(error):
            raise
        return None
