"""The rule of an application load balancer that takes a request, and the rule's action.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...graph import UNKNOWN, Resource
from ...graph.answers import all_of, any_of
from ...graph.given import held
from ...graph.reading import integer, items, number, text, within
from ..identity.iam import glob
from ..network.load_balancers import actions


def priority(rule: Resource) -> float | None:
    """The place of a rule. None if it is not known."""
    written = held(rule, "priority")
    return math.inf if written is None else number(written)


Pairs = list[tuple[str, str]]
_FIELDS: Final = ("hostHeader", "pathPattern", "httpRequestMethod", "httpHeader", "queryStrings", "sourceIp")
FOLDED: Final = ("hostHeader", "httpHeader", "queryStrings")
"""Those that hold in small letters and capitals alike."""


@dataclass(frozen=True)
class Sent:
    """A request as the load balancer receives it. The path is encoded."""

    method: str
    host: str
    """Empty if it is not known."""
    path: str
    query: Pairs
    headers: Pairs
    fits: Callable[[str, str], bool] = lambda expression, value: re.fullmatch(expression, value) is not None
    """Whether an expression of the author fits a whole text, which may take forever."""


@dataclass(frozen=True)
class Choice:
    """The listener or rule that takes a request."""

    listener: Resource
    holder: Resource
    action: Mapping[str, Any]
    """Its last action, which ends the request; empty if it is not known."""
    doubt: str = ""
    """The rule before it of which that is not known."""

    @property
    def kind(self) -> str:
        """`forward`, `fixed-response`, `redirect`; empty if it is not known."""
        return text(self.action.get("type"))


def chosen(listener: Resource, rules: Iterable[Resource], sent: Sent) -> Choice:
    """The rule with the lowest priority whose conditions all hold, else the listener's default action."""
    doubt = ""
    for rule in sorted(rules, key=lambda rule: math.inf if (place := priority(rule)) is None else place):
        if fits := _fits(rule, sent):
            return Choice(listener, rule, _action(rule), doubt)
        if fits is None:
            doubt = doubt or f"whether {rule.name} takes the request"
    return Choice(listener, listener, _action(listener), doubt)


def _action(holder: Resource) -> Mapping[str, Any]:
    """The last of its actions: those before it sign the caller in."""
    known = [action for action in actions(holder) if isinstance(action, Mapping)]
    return max(known, key=lambda action: number(action.get("order")) or known.index(action) + 1, default={})


def _fits(rule: Resource, sent: Sent) -> bool | None:
    """Whether every condition of a rule holds. None if that is not known."""
    conditions = held(rule, "conditions")
    if conditions is UNKNOWN:
        return None
    return all_of(_holds(condition, sent) for condition in items(conditions))


def _holds(condition: Any, sent: Sent) -> bool | None:
    if not isinstance(condition, Mapping):
        return None
    return all_of(
        any_of(_matches(key, inner, sent) for inner in items(value))
        for key, value in condition.items()
        if key in _FIELDS and value is not None
    )


def _matches(key: str, inner: Any, sent: Sent) -> bool | None:
    """Whether one condition holds. The load balancer sees the link's address, which nobody knows before."""
    unseen = key == "sourceIp" or (key == "hostHeader" and not sent.host)
    if inner is UNKNOWN or unseen or (isinstance(inner, Mapping) and UNKNOWN in inner.values()):
        return None
    if key == "queryStrings":
        name, value = within(inner, "key"), text(within(inner, "value"))
        return any((not name or _like(text(name), key)) and _like(value, given) for key, given in sent.query)
    name = text(within(inner, "httpHeaderName")).lower()
    seen = {
        "hostHeader": [sent.host.partition(":")[0]],
        "pathPattern": [sent.path],
        "httpRequestMethod": [sent.method],
        "httpHeader": [value for header, value in sent.headers if header.lower() == name],
    }[key]
    return any_of(
        None if pattern is UNKNOWN else any(_like(str(pattern), value, folds=key in FOLDED) for value in seen)
        for pattern in items(within(inner, "values"))
    ) or any(sent.fits(str(expression), value) for expression in items(within(inner, "regexValues")) for value in seen)


def _like(pattern: str, value: str, *, folds: bool = True) -> bool:
    return glob(pattern.lower(), value.lower()) if folds else glob(pattern, value)


def fixed(action: Mapping[str, Any]) -> tuple[int, str, str]:
    """Status, media type and body of a fixed response."""
    told = action.get("fixedResponse")
    media = text(within(told, "contentType")) or "text/plain"
    return integer(within(told, "statusCode")) or 200, media, text(within(told, "messageBody"))
