"""The provider's schema of a resource type: attributes, blocks, and how often a block may occur."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

NESTINGS: Final = {1: "single", 2: "list", 3: "set", 4: "map", 5: "group"}


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """One attribute."""

    type: Any
    required: bool
    optional: bool
    computed: bool
    sensitive: bool
    write_only: bool

    @property
    def settable(self) -> bool:
        """Whether a program may give it."""
        return self.required or self.optional


@dataclass(frozen=True)
class Nested:
    """A block inside a block."""

    block: Block
    nesting: str
    max_items: int

    @property
    def many(self) -> bool:
        """Whether Terraform writes it as a list, a set or a map."""
        return self.nesting in ("list", "set", "map")


@dataclass(frozen=True)
class Block:
    """The attributes and blocks of a resource type, or of a block in it."""

    attributes: dict[str, Attribute]
    blocks: dict[str, Nested]

    def empty(self) -> dict[str, Any]:
        """The value of a block in which nothing is given."""
        lists: dict[str, Any] = {
            name: [] if nested.nesting in ("list", "set") else None for name, nested in self.blocks.items()
        }
        return {**dict.fromkeys(self.attributes), **lists}


@dataclass(frozen=True)
class Schema:
    """A resource type or a data source."""

    version: int
    block: Block


def read_schema(message: Any) -> Schema:
    """A schema as the provider sent it."""
    return Schema(message.version, _block(message.block))


def _block(message: Any) -> Block:
    return Block(
        {
            each.name: Attribute(
                type=json.loads(each.type),
                required=each.required,
                optional=each.optional,
                computed=each.computed,
                sensitive=each.sensitive,
                write_only=each.write_only,
            )
            for each in message.attributes
            if each.type
        },
        {
            each.type_name: Nested(_block(each.block), NESTINGS[each.nesting], each.max_items)
            for each in message.block_types
        },
    )
