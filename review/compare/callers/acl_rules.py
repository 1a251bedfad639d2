"""Rules of a web ACL that only count what they blocked, or block what they only counted.

https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-rule-actions.html
"""

from typing import Any, Final

from ...aws.catalog import types
from ...graph.given import held
from ...graph.reading import items, mapping, text, within
from ..engine.side import Changed
from .other_demands import as_text


def switched(change: Changed) -> list[tuple[str, str]]:
    """What passes from now on, with `in`, and what no longer does, with `out`; nothing if more of the ACL differs."""
    acl, states = change.resource, (change.old, change.resource)
    lenient = all(held(state, "defaultAction", "allow") is not None for state in states)
    if acl.type not in types.WEB_ACL or change.replacing or change.inputs - {"rules", "tags", "tagsAll"} or not lenient:
        return []
    was, now = ({text(within(rule, "name")): _read(rule) for rule in items(held(state, "rules"))} for state in states)
    differing = [name for name in {**was, **now} if was.get(name) != now.get(name)]
    both = [(name, was.get(name, _NONE), now.get(name, _NONE)) for name in differing]
    if any(had[0] != has[0] or {had[1], has[1]} != {"block", "count"} for _, had, has in both):
        return []
    words = {
        "count": ("in", "what only {} of {} blocked, and now counts"),
        "block": ("out", "what {} of {} now blocks"),
    }
    return [(words[has[1]][0], words[has[1]][1].format(name, acl.name)) for name, _, has in both]


_NONE: Final[tuple[str, str]] = "", ""


def _read(rule: Any) -> tuple[str, str]:
    """A rule without its action, and whether that is to `block` or to `count`; empty for another one."""
    rest = {key: value for key, value in mapping(rule).items() if key not in ("action", "overrideAction")}
    managed = within(rule, "statement", "managedRuleGroupStatement") is not None
    asked = [("block", "action", "block"), ("count", "action", "count")]
    asked += [("block", "overrideAction", "none"), ("count", "overrideAction", "count")] if managed else []
    return as_text(rest), next((does for does, *path in asked if within(rule, *path) is not None), "")
