"""The statements of a policy, taken apart so that two policies can be compared value by value.

A statement that allows is the same as one for each combination of its principals, actions, resources and values of its
conditions. A statement that denies all but some values is a list of what callers may show.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
"""

import itertools
import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...aws.identity.iam import statements
from ...graph import UNKNOWN
from ...graph.reading import CannotTell, MalformedDocument, items, mapping
from .points import Point, Sense

_CALLS: Final = ("execute-api:", "lambda:invoke", "sts:assume", "ssm:startsession", "ssm:sendcommand")
_MORE_CALLS: Final = ("ecs:executecommand", "ec2-instance-connect:")
"""Actions by which somebody calls a backend, or gets onto a machine."""
_MOST: Final = 500
"""Combinations above which a statement is compared as a whole."""


def terms(subject: str, policy: Any) -> Iterator[tuple[Point, str, str]]:
    """Points of a policy. One that cannot be read is compared as a whole."""
    whole = "a policy that is not known" if policy is UNKNOWN else str(policy)
    limits: Counter[str] = Counter()
    try:
        found = list(statements(policy))
    except (CannotTell, MalformedDocument):
        found = []
        yield Point(subject, "policy", Sense.EITHER), whole, whole
    for statement in found:
        if statement.get("Effect") == "Deny" and (only := _exception(statement)) is not None:
            word, values = only
            limits[word] += 1
            word += f" ({limits[word]})" if limits[word] > 1 else ""
            yield from ((Point(subject, word, Sense.LIMITS), value, value) for value in values)
        elif _concerns_callers(statement):
            allows = statement.get("Effect") == "Allow"
            point = Point(subject, "grant" if allows else "denial", Sense.ADMITS if allows else Sense.ASKS)
            yield from ((point, json.dumps(one, default=str), _shown(one)) for one in _combinations(statement))


def _exception(statement: Mapping[str, Any]) -> tuple[str, list[str]] | None:
    """The condition key of a denial for all but some of its values, and these; None for any other denial."""
    given = [(op, key, values) for op, found in _conditions(statement) for key, values in found.items()]
    if len(given) != 1 or "Not" not in given[0][0] or ":" in given[0][0]:
        return None
    operator, key, values = given[0]
    rest = {name: part for name, part in statement.items() if name not in ("Condition", "Sid", "Effect")}
    place = "" if _is_whole(rest) else f" in {json.dumps(rest, sort_keys=True, default=str)}"
    return f"{key} ({operator}){place}", sorted(map(str, items(values)))


def _is_whole(rest: Mapping[str, Any]) -> bool:
    """Whether a statement is about everybody and every call of an API."""
    plain = {key: items(value) for key, value in rest.items()}
    return plain.get("Principal") in (["*"], [{"AWS": "*"}]) and plain.get("Action") == ["execute-api:Invoke"]


def _conditions(statement: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return [(op, mapping(found)) for op, found in mapping(statement.get("Condition")).items()]


def _principals(statement: Mapping[str, Any], key: str) -> list[tuple[str, str]]:
    written = statement.get(key)
    if not isinstance(written, Mapping):
        return [(key, str(one)) for one in items(written)]
    return [(f"{key} {kind}", str(one)) for kind, values in written.items() for one in items(values)]


def _concerns_callers(statement: Mapping[str, Any]) -> bool:
    """Whether it is about somebody beside AWS's own services, or, of a role, about calls."""
    named = [*_principals(statement, "Principal"), *_principals(statement, "NotPrincipal")]
    if named:
        services = all(kind.endswith(" Service") for kind, _ in named)
        # A service that assumes a role calls nothing by that; elsewhere, other accounts may use it without a condition.
        return not services or not (statement.get("Condition") or "sts:AssumeRole" in items(statement.get("Action")))
    actions = [str(one).lower() for one in items(statement.get("Action"))] or ["*"]
    return any(_overlaps(one) for one in actions)


def _overlaps(action: str) -> bool:
    """Whether an action, perhaps with a `*`, is one by which somebody calls."""
    stem = action.partition("*")[0]
    return any(stem.startswith(one) or ("*" in action and one.startswith(stem)) for one in (*_CALLS, *_MORE_CALLS))


def _combinations(statement: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    lists: list[list[tuple[str, Any]]] = []
    for key in ("Principal", "NotPrincipal"):
        lists += [found] if (found := _principals(statement, key)) else []
    for key in ("Action", "NotAction", "Resource", "NotResource"):
        names = sorted(str(one) for one in items(statement.get(key)))
        # All of a negated list holds together.
        together = [json.dumps(names)] if key.startswith("Not") else names
        lists += [[(key, one) for one in together]] if names else []
    for operator, asked in _conditions(statement):
        for key, written in asked.items():
            listed = sorted(map(str, items(written)))
            whole = "Not" in operator or operator.startswith("ForAll")
            lists.append([(f"{operator} {key}", one) for one in ([json.dumps(listed)] if whole else listed)])
    if math.prod(map(len, lists)) > _MOST:
        lists = [[("statement", json.dumps(statement, sort_keys=True, default=str))]]
    yield from itertools.product(*lists)


def _shown(parts: tuple[tuple[str, str], ...]) -> str:
    """`123456789012 (execute-api:Invoke, StringEquals aws:SourceVpce vpce-1)`."""
    who = [value for kind, value in parts if "rincipal" in kind]
    rest = [
        value if kind in ("Action", "statement") else f"{kind} {value}"
        for kind, value in parts
        if "rincipal" not in kind
    ]
    rest = [one for one in rest if one != "Resource *"]
    return f"{who[0]} ({', '.join(rest)})" if who else ", ".join(rest)
