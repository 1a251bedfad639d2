"""The size of YAML after its aliases are expanded: a short text may expand without limit."""

from typing import Final

import yaml

MOST_VALUES: Final = 100_000
DEEPEST: Final = 200


def is_too_large(node: yaml.Node) -> bool:
    """Whether a node expands to more values, or to deeper values, than people write."""
    values, depth = _measure(node, {})
    return values > MOST_VALUES or depth > DEEPEST


def _measure(node: yaml.Node, counted: dict[int, tuple[float, float]]) -> tuple[float, float]:
    """Number and depth of values in a node with its aliases expanded; infinite if it contains itself."""
    if id(node) not in counted:
        counted[id(node)] = float("inf"), float("inf")
        pairs = node.value if isinstance(node, yaml.CollectionNode) else []
        inner = [_measure(part, counted) for pair in pairs for part in (pair if isinstance(pair, tuple) else (pair,))]
        counted[id(node)] = 1 + sum(values for values, _ in inner), 1 + max((depth for _, depth in inner), default=0)
    return counted[id(node)]
