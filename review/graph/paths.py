"""Values at a path in the inputs of a resource, through secrets and through lists with one block."""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from .graph import Secret, reveal


def inner(at: Any, key: str) -> Any:
    """The part of a block or a list; of a list with one block also by the block's key. Secrets stay marked."""
    if isinstance(at, Secret):
        secret = inner(at.value, key)
        return secret if secret is None or isinstance(secret, Secret) else Secret(secret)
    if isinstance(at, list) and key.isdigit():
        return at[int(key)] if int(key) < len(at) else None
    if isinstance(at, list) and len(at) == 1:
        return inner(at[0], key)
    return at.get(key) if isinstance(at, Mapping) else None


def put(inputs: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """Sets an input at a path, or takes it out for None, if the block is there that holds it."""
    at = reveal(reduce(inner, path[:-1], inputs))
    at = reveal(at[0]) if isinstance(at, list) and len(at) == 1 and not path[-1].isdigit() else at
    if isinstance(at, list) and path[-1].isdigit() and int(path[-1]) < len(at):
        at[int(path[-1])] = value
    elif isinstance(at, dict) and value is None:
        at.pop(path[-1], None)
    elif isinstance(at, dict):
        at[path[-1]] = value
