"""The size of YAML, in which a few aliases of aliases may stand for any number of values."""

from typing import Final

import yaml

MOST_VALUES: Final = 100_000


def is_too_large(node: yaml.Node) -> bool:
    """Whether a node's aliases stand for more values than anybody writes."""
    return _values(node, {}) > MOST_VALUES


def _values(node: yaml.Node, counted: dict[int, float]) -> float:
    """Number of values in a node with its aliases expanded; infinite if it contains itself."""
    if id(node) not in counted:
        counted[id(node)] = float("inf")
        pairs = node.value if isinstance(node, yaml.CollectionNode) else []
        inner = [one for pair in pairs for one in (pair if isinstance(pair, tuple) else (pair,))]
        counted[id(node)] = 1 + sum(_values(one, counted) for one in inner)
    return counted[id(node)]
