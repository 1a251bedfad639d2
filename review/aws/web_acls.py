"""Web ACLs: whether one restricts who may call.

A rate limit, a managed rule group or a block of bad requests admits every caller who behaves.
https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-processing.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..graph import UNKNOWN, Resource
from ..graph.reading import items, peek, within

_BY_CALLER: Final = ("ipSetReferenceStatement", "geoMatchStatement", "asnMatchStatement")
"""Statements about who calls, and not about what is sent."""


def restricts_callers(acl: Resource) -> bool | None:
    """Whether callers are blocked unless a rule admits them. None if that is not known."""
    default, rules = peek(acl, "defaultAction"), peek(acl, "rules")
    if UNKNOWN in (default, rules) or peek(acl, "ruleJson") is not None:
        return None
    if within(default, "block") is not None:
        return not any(_admits_all(rule) for rule in items(rules))
    return any(_blocks_others(rule) for rule in items(rules))


def _blocks_others(rule: Any) -> bool:
    """Whether a rule blocks every caller but those of its ranges or countries."""
    inverted = within(rule, "statement", "notStatement", "statement")
    return within(rule, "action", "block") is not None and _is_by_caller(inverted)


def _is_by_caller(statement: Any) -> bool:
    found = items(statement)
    return any(isinstance(one, Mapping) and any(one.get(key) is not None for key in _BY_CALLER) for one in found)


def _admits_all(rule: Any) -> bool:
    """Whether an allowing rule matches whoever calls: it has a statement about neither caller nor request."""
    return within(rule, "action", "allow") is not None and not within(rule, "statement")
