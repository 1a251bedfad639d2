"""The answer of all rules on a graph, for those who compare two graphs."""

from collections.abc import Collection, Mapping
from typing import NamedTuple


class Judged(NamedTuple):
    """The answer of all rules."""

    broken: Mapping[tuple[str, str], Collection[str]] = {}
    """Findings that fail, `ID (severity): message`, by rule with the finding's route, and by URN."""
    unsure: Collection[str] = ()
    """IDs of rules that are inconclusive."""
    refused: Mapping[str, Collection[str]] = {}
    """Inputs whose change AWS refuses, `*` for any, by the IDs of rules that fail."""
    displacing: frozenset[str] = frozenset()
    """Rules, `ID (severity)`, that fail by what takes the place of another resource in AWS."""
