"""Resource types that the emulator lacks: the provider validates and plans them, the plugin makes up the rest.

A run counts what it answered so. It proves that the provider accepts such a resource, and nothing about AWS.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from .cty import UNKNOWN, Unknown
from .schema import Block

ACCOUNT: Final = "123456789012"

# Terraform type: why the emulator cannot serve it, and what its identifiers look like.
PRETENDED: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "aws_ec2_instance_connect_endpoint": (
        "moto has no CreateInstanceConnectEndpoint",
        {
            "arn": f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance-connect-endpoint/eice-{{}}",
            "id": "eice-{}",
            "ip_address_type": "ipv4",
        },
    )
}

# Terraform type: attributes that the emulator takes and does not answer with, and why it does not. The plugin puts back
# what was planned, so a run proves nothing of how they are read.
FORGOTTEN: Final[Mapping[str, Mapping[str, str]]] = {}


def recalled(block: Block, type_name: str, answered: Any, expected: Any) -> Any:
    """The state that the provider answered, with what the emulator forgets as it was planned or known."""
    known = made_up(block, expected, type_name, str(answered.get("id")))
    return {**answered, **{name: known[name] for name in FORGOTTEN.get(type_name, ()) if name in known}}


def made_up(block: Block, planned: Any, type_name: str, urn: str) -> Any:
    """A planned state with something in place of what is not known."""
    digits = hashlib.sha256(urn.encode()).hexdigest()[:17]
    shapes = PRETENDED.get(type_name, ("", {}))[1]
    made = {}
    for name, value in planned.items():
        if name in block.blocks:
            nested = block.blocks[name].block
            made[name] = _blocks(nested, value, digits)
        elif isinstance(value, Unknown):
            made[name] = _value(block.attributes[name].type, shapes.get(name), digits)
        else:
            made[name] = value
    return made


def _blocks(block: Block, value: Any, digits: str) -> Any:
    if value is UNKNOWN:
        return []
    if isinstance(value, list):
        return [_blocks(block, item, digits) for item in value]
    if not isinstance(value, dict):
        return value
    made = {}
    for name, item in value.items():
        if name in block.blocks:
            made[name] = _blocks(block.blocks[name].block, item, digits)
        else:
            made[name] = _value(block.attributes[name].type, None, digits) if item is UNKNOWN else item
    return made


def _value(kind: Any, shape: str | None, digits: str) -> Any:
    if kind == "string":
        return (shape or "made-up-{}").format(digits)
    if kind == "number":
        return 0
    if kind == "bool":
        return False
    return {} if kind[0] in ("map", "object") else []
