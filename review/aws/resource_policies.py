"""Resource policies: the statements that allow every AWS account, such as those of buckets, queues and tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..graph import Resource
from ..graph.given import settled
from ..graph.reading import CannotTell, MalformedDocument
from .catalog import ROWS
from .coverage import binds
from .iam import names_everybody, statements

POLICIES: Final[Mapping[str, str]] = {token: one.policy for token, one in ROWS.items() if one.policy}
"""The input with a resource's own policy, by type."""

_PERMISSION: Final = "aws:cloudwatch/eventPermission:EventPermission"

TYPES: Final = (*POLICIES, _PERMISSION)
"""Resources that say which principals may use something."""

_OTHER_INPUTS: Final = ("policy", "accessPolicy", "accessPolicies", "policyDocument", "resourcePolicy")
"""Inputs that hold the policy of a type that `POLICIES` does not list."""


def admits_all(resource: Resource) -> bool:
    """Whether a policy admits every AWS account, or may do so because it cannot be read.

    A type that is not listed counts only if its policy can be read, since its inputs may hold something else.
    """
    listed = resource.type in TYPES
    keys = ("",) if listed else _OTHER_INPUTS
    try:
        return any(True for key in keys for _ in open_statements(resource, key))
    except (CannotTell, MalformedDocument):
        return listed


def open_statements(resource: Resource, key: str = "") -> Iterator[Mapping[str, Any]]:
    """Statements that admit every AWS account, of the input `key` or of the one that the type has.

    Raises CannotTell or MalformedDocument if the policy cannot be read.
    """
    if resource.type == _PERMISSION:
        if settled(resource, "principal") == "*" and settled(resource, "condition") is None:
            yield {"Action": settled(resource, "action") or "events:PutEvents"}
        return
    path = (key or POLICIES[resource.type]).split(".")
    policy = settled(resource, *path)
    for statement in statements(policy) if policy else ():
        bound = binds(statement.get("Condition"), statement.get("Action", "*"))
        if statement.get("Effect") == "Allow" and names_everybody(statement) and not bound:
            yield statement
