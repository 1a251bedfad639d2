"""The statements of a policy, taken apart so that two policies can be compared value by value.

A statement that allows is the same as one for each combination of its principals, actions, resources and values of its
conditions. A statement that denies all but some values is a list of what callers may show.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
"""

import itertools
import json
import math
from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from ...aws.identity.iam import glob, statements
from ...graph import UNKNOWN, Resource, Secret, revealed
from ...graph.addresses import network, share
from ...graph.reading import CannotTell, MalformedDocument, items, mapping
from ..engine.tables import table
from .points import Found, Point, Range, Sense

SECRET: Final = str(Secret(None))
_CALLS: Final = table("caller_inputs")["actions"]
"""Actions that call a backend, or open a session on a machine."""
_WORDS: Final = table("caller_inputs")["contextKeys"]
_OPERATORS: Final = table("caller_inputs")["operators"]
_MOST: Final = 500
"""Combinations above which a statement is compared as a whole."""


class Statement(NamedTuple):
    """One combination of a statement's principals, actions, resources and values of its conditions."""

    parts: tuple[tuple[str, str], ...]

    def covered(self, others: Collection[Hashable]) -> bool:
        """Whether others allow, or deny, all of it: perhaps several, each for some of its addresses."""
        wider = [one for one in others if isinstance(one, Statement) and one._includes(self)]
        if any(not one._addresses() or {*one._addresses()} <= {*self._addresses()} for one in wider):
            return True
        ranges = [cidr for one in wider for cidr in one._addresses()]
        return bool(wider) and all(share(ranges, cidr) == 1 for cidr in self._addresses())

    def _addresses(self) -> list[str]:
        return [value for kind, value in self.parts if kind.startswith("IpAddress ") and network(value)]

    def _includes(self, other: "Statement") -> bool:
        """Whether each of its parts includes one of the other's. Addresses are compared together."""
        mine = [part for part in self.parts if not (part[0].startswith("IpAddress ") and network(part[1]))]
        same = {kind for kind, _ in self.parts if kind.startswith("IpAddress ")} <= {kind for kind, _ in other.parts}
        return same and all(any(_part_includes(part, one) for one in other.parts) for part in mine)


def _part_includes(part: tuple[str, str], other: tuple[str, str]) -> bool:
    (kind, value), (its_kind, its_value) = part, other
    if kind.startswith("Principal"):
        return its_kind.startswith("Principal") and (value == "*" or part == other)
    if kind != its_kind:
        return False
    if kind.startswith("Not") or ("Not" in kind.split()[0] and " " in kind):
        # What the list names is left out: a shorter one leaves out less.
        return value == its_value or (
            value[:1] == its_value[:1] == "[" and {*json.loads(value)} <= {*json.loads(its_value)}
        )
    wild = kind in ("Action", "Resource") or kind.partition(" ")[0] in ("StringLike", "ArnLike", "ArnEquals")
    if kind == "Action":
        return glob(value.lower(), its_value.lower())
    return value == its_value or (wild and glob(value, its_value))


def terms(subject: str, policy: Any) -> Iterator[Found]:
    """Points of a policy. One that cannot be read is compared as a whole. Of a secret one no value is shown."""
    hidden, policy = holds_secret(policy), revealed(policy)
    whole = "a policy that is not known" if policy is UNKNOWN else str(policy)
    limits: Counter[str] = Counter()
    try:
        found = list(statements(policy))
    except (CannotTell, MalformedDocument):
        found = []
        yield Point(subject, "policy", Sense.EITHER), whole, ""
    for statement in found:
        if statement.get("Effect") == "Deny" and (only := _exception(statement)) is not None:
            word, values = only
            limits[word] += 1
            word += f" ({limits[word]})" if limits[word] > 1 else ""
            for value in values:
                key = Range(value) if network(value) else value
                yield Point(subject, word, Sense.LIMITS), key, SECRET if hidden else value
        elif _concerns_callers(statement):
            allows = statement.get("Effect") == "Allow"
            point = Point(subject, "" if allows else "denial", Sense.ADMITS if allows else Sense.ASKS)
            parts = _parts(statement)
            if math.prod(map(len, parts)) > _MOST:
                long = json.dumps(statement, sort_keys=True, default=str)
                yield Point(subject, "long statement", Sense.EITHER), long, ""
            else:
                yield from ((point, Statement(one), _shown(one, hidden)) for one in itertools.product(*parts))


def terms_of(subject: str, resource: Resource, key: str, policy: Any) -> Iterator[Found]:
    """Points of a policy that an input holds, as it is in force."""
    yield from terms(subject, Secret(policy) if holds_secret(resource.inputs.get(key)) else policy)


def _exception(statement: Mapping[str, Any]) -> tuple[str, list[str]] | None:
    """The condition key of a denial for all but some of its values, and these; None for any other denial."""
    given = [(op, key, values) for op, found in _conditions(statement) for key, values in found.items()]
    if len(given) != 1 or "Not" not in given[0][0] or ":" in given[0][0]:
        return None
    operator, key, values = given[0]
    rest = {name: part for name, part in statement.items() if name not in ("Condition", "Sid", "Effect")}
    together = [(lists[0][0], _either([value for _, value in lists])) for lists in _parts(rest)]
    place = "" if _is_whole(rest) else f" for {_shown(together, hidden=False)}"
    how = "" if operator in ("NotIpAddress", "StringNotEquals") else f" ({operator})"
    return f"{_WORDS.get(key.lower(), key)}{how}{place}", sorted(map(str, items(values)))


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
    """Whether it is about principals beside AWS's own services, or, of a role, about calls."""
    named = [*_principals(statement, "Principal"), *_principals(statement, "NotPrincipal")]
    if named:
        services = all(kind.endswith(" Service") for kind, _ in named)
        # A service that assumes a role calls nothing by that; elsewhere, other accounts may use it without a condition.
        return not services or not (statement.get("Condition") or "sts:AssumeRole" in items(statement.get("Action")))
    actions = [str(one).lower() for one in items(statement.get("Action"))] or ["*"]
    return any(_overlaps(one) for one in actions)


def _overlaps(action: str) -> bool:
    """Whether an action, perhaps with a `*`, is one that calls."""
    stem = action.partition("*")[0]
    return any(stem.startswith(one) or ("*" in action and one.startswith(stem)) for one in _CALLS)


def _parts(statement: Mapping[str, Any]) -> list[list[tuple[str, str]]]:
    """The alternatives of each part of a statement, of which every combination is a statement of its own."""
    lists: list[list[tuple[str, Any]]] = []
    for key in ("Principal", "NotPrincipal"):
        lists += [found] if (found := _principals(statement, key)) else []
    for key in ("Action", "NotAction", "Resource", "NotResource"):
        names = sorted(str(one) for one in items(statement.get(key)))
        # All of a negated list holds together.
        together = [_Together(json.dumps(names))] if key.startswith("Not") else names
        lists += [[(key, one) for one in together]] if names else []
    for operator, asked in _conditions(statement):
        for key, written in asked.items():
            listed = sorted(map(str, items(written)))
            whole = "Not" in operator or operator.startswith("ForAll")
            lists.append([(f"{operator} {key}", one) for one in ([_Together(json.dumps(listed))] if whole else listed)])
    return lists


class _Together(str):
    """A list that holds together, as JSON. A policy's own text may look like one."""


def _either(values: Sequence[str]) -> str:
    """Several texts, or those of a list that holds together, as one: `a or b`."""
    return " or ".join(one for text in values for one in (json.loads(text) if isinstance(text, _Together) else [text]))


def _shown(parts: Sequence[tuple[str, str]], hidden: bool) -> str:
    """`123456789012 (execute-api:Invoke, if aws:SourceVpce is vpce-1)`."""
    who, conditions, rest = [], [], []
    for kind, value in parts:
        own = kind == "Action" or value == "*" or kind.endswith(" Service")
        text = SECRET if hidden and not own else _either([value])
        text = f"all but {text}" if kind.startswith("Not") else text
        operator, _, key = kind.partition(" ")
        if operator in ("Principal", "NotPrincipal"):
            who.append("anyone" if text == "*" else text)
        elif key:
            conditions.append(f"if {key} {_OPERATORS.get(operator, operator)} {text}")
        elif kind != "Resource" or value not in ("*", "execute-api:/*"):
            rest.append(text)
    # Conditions tell one statement from another.
    rest = [*conditions, *rest]
    return f"{who[0]} ({', '.join(rest)})" if who and rest else (who or [", ".join(rest)])[0]


def holds_secret(value: Any) -> bool:
    """Whether a value, or a part of it, is marked secret."""
    return value is not UNKNOWN and revealed(value) is not value
