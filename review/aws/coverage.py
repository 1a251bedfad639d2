"""How much the actions, ARNs and conditions of a policy cover. What is written with wildcards alone covers everything.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ..graph.addresses import is_internet_wide
from ..graph.reading import items, text

_TYPE: Final = re.compile(r"^[A-Za-z-]+[:/]")
_WITHOUT_TYPE: Final = ("s3", "execute-api", "sqs", "sns")
"""Services whose ARNs begin with the name itself: a bucket, an API, a queue, a topic."""
_VERB: Final = re.compile(r"(?:[A-Z]?[a-z]*)[*?]+", re.ASCII)
_LETTERS: Final = re.compile(r"[A-Za-z0-9$]")
_NEGATED: Final = re.compile(r"(?:string|arn|numeric|date)not|notipaddress")
_ACCOUNT: Final = re.compile(r"\*|arn:[^:]*:(?:iam|sts)::[^:]*\*[^:]*:")
"""Principals of any account."""
_LIKE: Final = ("stringlike", "arnlike", "arnequals")
_GITHUB: Final = "token.actions.githubusercontent.com"
_ANY_OWNER: Final = re.compile(r"[^:/]*[*?][*?:/]*|repo:[^/]*[*?].*")
"""Subjects of GitHub's tokens that repositories of more than one owner have."""


def covers_all(arn: str) -> bool:
    """Whether an ARN names no resource: `*`, `arn:aws:s3:::*`, `arn:aws:secretsmanager:*:*:secret:*`."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return "*" in arn and (arn == "*" or not _LETTERS.search(arn.removeprefix("arn:").partition(":")[2]))
    named = parts[5] if parts[2] in _WITHOUT_TYPE else _TYPE.sub("", parts[5])
    return "*" in parts[5] and _LETTERS.search(named) is None


def covers_verb(action: str) -> bool:
    """Whether an action covers all of a service, or all that begin with one verb: `*`, `s3:*`, `s3*`, `s3:Get*`."""
    service, colon, name = action.partition(":")
    if not colon:
        return "*" in service
    return _VERB.fullmatch(name) is not None


def binds(condition: Any) -> bool:
    """Whether a condition restricts anything: one that every request meets, such as StringLike `*`, does not."""
    if not isinstance(condition, Mapping):
        return condition is not None
    return any(
        not _is_met_by_all(str(operator), str(key), values)
        for operator, block in condition.items()
        for key, values in (block.items() if isinstance(block, Mapping) else (("", block),))
    )


def _is_met_by_all(operator: str, key: str, values: Any) -> bool:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    qualifier, _, plain = operator.lower().rpartition(":")
    name = plain.removesuffix("ifexists")
    if qualifier == "forallvalues" or _NEGATED.match(name):
        # Requests without the key meet the first; all but a few meet the second.
        return True
    if key.lower() == "aws:principalarn" and any(_ACCOUNT.match(text(value)) for value in items(values)):
        return True
    provider, _, claim = key.lower().rpartition(":")
    if provider == _GITHUB and claim == "aud":  # every workflow chooses the audience of its token
        return True
    if provider == _GITHUB and claim == "sub" and name == "stringlike":
        return any(_ANY_OWNER.fullmatch(text(value)) for value in items(values))
    if name in _LIKE:
        return any(set(text(value)) <= {"*"} and text(value) for value in items(values))
    if key.lower() == "aws:securetransport":  # every caller may use TLS
        return any(str(value).lower() == "true" for value in items(values))
    if name == "ipaddress":
        return is_internet_wide(map(text, items(values)))
    return False
