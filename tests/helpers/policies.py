"""Decides requests by the policies that components write, as AWS does.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import enum
import functools
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final


class Decision(enum.Enum):
    """Decision of a policy on one request."""

    ALLOW = "allow"
    DENY = "deny"
    SILENT = "silent"
    """No statement matched."""

    @property
    def allowed(self) -> bool:
        return self is Decision.ALLOW


def allows(
    policy: Any, *, principal: str = "*", action: str, resource: str = "*", context: Mapping[str, str] | None = None
) -> Decision:
    """The decision for an identity by its ARN, for a service by its name, or for a caller without a signature, `*`."""
    document = json.loads(policy) if isinstance(policy, str) else policy
    keys = {key.lower(): value for key, value in (context or {}).items()}
    matching = {
        statement["Effect"]
        for statement in _listed(document["Statement"])
        if _is_of(statement.get("Principal", "*"), principal)
        and any(_fits(pattern.lower(), action.lower()) for pattern in _listed(statement["Action"]))
        and any(_fits(pattern, resource) for pattern in _listed(statement.get("Resource", "*")))
        and _holds(statement.get("Condition", {}), keys)
    }
    return Decision.DENY if "Deny" in matching else Decision.ALLOW if "Allow" in matching else Decision.SILENT


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_of(named: Any, principal: str) -> bool:
    if named == "*":
        return True
    account = principal.split(":")[4] if principal.startswith("arn:") else ""
    every = [one for some in named.values() for one in _listed(some)]
    whole = [f"arn:aws:iam::{account}:root", account] if account else []
    return any(one in ("*", principal, *whole) for one in every)


def _fits(pattern: str, text: str) -> bool:
    return _compile(pattern).fullmatch(text) is not None


@functools.cache
def _compile(pattern: str) -> re.Pattern[str]:
    words = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    # The short form in the resource policy of an API stands for the API's own ARN.
    words = re.sub(r"^execute\\-api:/", r"arn:[^:]+:execute-api:[^:]*:[^:]*:[^/]+/", words)
    return re.compile(words, re.DOTALL)


@functools.cache
def _inside(text: str, network: str) -> bool:
    address, whole = ipaddress.ip_network(text), ipaddress.ip_network(network)
    return address.version == whole.version and address.subnet_of(whole)  # type: ignore[arg-type] # the same version


_OPERATORS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "StringEquals": str.__eq__,
    "StringLike": lambda text, pattern: _fits(pattern, text),
    "ArnLike": lambda text, pattern: _fits(pattern, text),
    "IpAddress": _inside,
}
_NEGATED: Final = {"StringNotEquals": "StringEquals", "NotIpAddress": "IpAddress"}


def _holds(conditions: Mapping[str, Mapping[str, Any]], keys: Mapping[str, str]) -> bool:
    return all(
        _compared(operator, keys.get(key.lower()), _listed(values))
        for operator, asked in conditions.items()
        for key, values in asked.items()
    )


def _compared(operator: str, value: str | None, wanted: list[Any]) -> bool:
    if operator == "Null":
        return (value is None) == (str(wanted[0]).lower() == "true")
    if operator in _NEGATED:
        return not _compared(_NEGATED[operator], value, wanted)
    return value is not None and any(_OPERATORS[operator](value, str(one)) for one in wanted)
