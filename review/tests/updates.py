"""Comparisons for tests."""

from review.compare.comparison import Comparison, compare
from review.cost import Usage
from review.graph import Graph


def compared(before: Graph, after: Graph) -> Comparison:
    """The comparison of two versions of a stack."""
    return compare(before, after, Usage(), "before")
