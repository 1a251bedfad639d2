"""The state that a program asks for: its config, and the prior state where the provider computes a value itself.

This is what Terraform hands its providers before they plan; blocks of a set are matched by their content.
https://developer.hashicorp.com/terraform/plugin/framework/resources/plan-modification
"""

from __future__ import annotations

from typing import Any

from .cty import Unknown
from .schema import Block, Nested


def proposed(block: Block, prior: dict[str, Any] | None, config: dict[str, Any]) -> dict[str, Any]:
    """The proposed new state of a block."""
    known = block.empty() if prior is None else prior
    made = {
        name: known.get(name) if attribute.computed and config.get(name) is None else config.get(name)
        for name, attribute in block.attributes.items()
    }
    for name, nested in block.blocks.items():
        made[name] = _nested(nested, known.get(name), config.get(name))
    return made


def _nested(nested: Nested, prior: Any, config: Any) -> Any:
    if config is None or isinstance(config, Unknown):
        return config
    if nested.nesting in ("single", "group"):
        return proposed(nested.block, prior, config)
    if nested.nesting == "map":
        return {key: proposed(nested.block, (prior or {}).get(key), item) for key, item in config.items()}
    before = prior if isinstance(prior, list) else []
    if nested.nesting == "list":
        olds = [*before, *[None] * (len(config) - len(before))]
        return [_each(nested.block, old, item) for old, item in zip(olds, config, strict=False)]
    left = [old for old in before if isinstance(old, dict)]
    return [_each(nested.block, _taken(nested.block, left, item), item) for item in config]


def _each(block: Block, prior: Any, config: Any) -> Any:
    return config if isinstance(config, Unknown) else proposed(block, prior, config)


def _taken(block: Block, olds: list[dict[str, Any]], config: Any) -> dict[str, Any] | None:
    """The first of the old blocks that this config could have made; it serves no other."""
    for position, old in enumerate(olds):
        if isinstance(config, dict) and _from_config(block, old, config):
            return olds.pop(position)
    return None


def _from_config(block: Block, prior: dict[str, Any], config: dict[str, Any]) -> bool:
    for name, attribute in block.attributes.items():
        wanted, found = config.get(name), prior.get(name)
        if wanted is None and (attribute.computed or found in (None, "", 0, False)):
            continue
        if wanted != found:
            return False
    return all(_same_blocks(nested, prior.get(name), config.get(name)) for name, nested in block.blocks.items())


def _same_blocks(nested: Nested, prior: Any, config: Any) -> bool:
    if not isinstance(prior, list) or not isinstance(config, list):
        return (prior or None) == (config or None) or isinstance(prior, dict) == isinstance(config, dict)
    return len(prior) == len(config) and all(
        isinstance(old, dict) and isinstance(new, dict) and _from_config(nested.block, old, new)
        for old, new in zip(prior, config, strict=True)
    )
