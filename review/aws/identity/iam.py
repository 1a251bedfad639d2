"""Does an IAM policy allow this request? A small evaluator for the policies that decide who reaches what.

It reads resource policies of APIs, endpoint policies, trust policies and role policies alike. The rules it follows:
a matching Deny wins, then a matching Allow, then silence, which is no.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html

Values that are known only after deployment give `Decision.UNKNOWN`, unless the answer is the same either way.
"""

import enum
import fnmatch
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...graph import UNKNOWN
from ...graph.addresses import covers
from ...graph.answers import all_of, any_of, negated
from ...graph.reading import CannotTell, MalformedDocument, document, items, known, within

Answer = bool | None
"""Yes, no, or cannot tell."""


class Decision(enum.Enum):
    """Decision of a policy on one request."""

    ALLOW = "allow"
    DENY = "deny"
    SILENT = "silent"
    """No statement matched. Alone, that refuses the request."""
    UNKNOWN = "unknown"

    @property
    def allowed(self) -> bool:
        return self is Decision.ALLOW


def allows(
    policy: Any, *, principal: str = "*", action: str, resource: str = "*", context: Mapping[str, Any] | None = None
) -> Decision:
    """Evaluate `policy`, JSON text or a mapping, for one request.

    `principal` is an ARN, an account id, a service such as `apigateway.amazonaws.com`, or `*` for an anonymous caller;
    a policy without principals (a role's) ignores it. Leave `resource` out only if it does not matter: a statement
    about named resources then have no answer. `context` holds condition keys such as `aws:SourceVpce`: a key
    that is absent is absent in the request, one that is `UNKNOWN` has no answer, and `aws:SourceIp` may be a whole
    network, which matches where all of it does. Raises MalformedDocument for text that is no policy.
    """
    request = _Request(principal, action, resource, {key.lower(): value for key, value in (context or {}).items()})
    try:
        parsed = list(statements(policy))
    except CannotTell:
        return Decision.UNKNOWN
    answers = [(statement.get("Effect"), _matches(statement, request)) for statement in parsed]
    for effect, decision in (("Deny", Decision.DENY), ("Allow", Decision.ALLOW)):
        matched = any_of(answer for written, answer in answers if written == effect)
        if matched is not False:
            return decision if matched else Decision.UNKNOWN
    return Decision.SILENT


def statements(policy: Any) -> Iterator[Mapping[str, Any]]:
    """The statements of a policy. Raises CannotTell if it is unknown, MalformedDocument if it is none."""
    parsed = document(policy, "the policy")
    if not isinstance(parsed, Mapping):
        raise MalformedDocument("the policy is not a JSON object")
    for statement in items(parsed.get("Statement")):
        if not isinstance(known(statement, "a statement of the policy"), Mapping):
            raise MalformedDocument("a statement of the policy is not a JSON object")
        yield statement


def allowing(policy: Any) -> Iterator[Mapping[str, Any]]:
    """The statements of a policy that allow something. Raises as `statements` does."""
    return (statement for statement in statements(policy) if statement.get("Effect") == "Allow")


def names_everybody(statement: Mapping[str, Any]) -> bool:
    """Whether a statement is about every principal. `NotPrincipal` is, since it leaves out only those it names."""
    principal = statement.get("Principal")
    return "*" in (*items(principal), *items(within(principal, "AWS"))) or statement.get("NotPrincipal") is not None


def glob(pattern: str, value: str) -> bool:
    """IAM's wildcards: `*` for any characters, `?` for one; everything else, brackets too, is itself."""
    return fnmatch.fnmatchcase(value, pattern.replace("[", "[[]"))


@dataclass(frozen=True)
class _Request:
    """One request, with its condition keys in lower case: AWS compares their names without case."""

    principal: str
    action: str
    resource: str
    context: Mapping[str, Any]

    def filled(self, pattern: str) -> str | None:
        """`pattern` with policy variables replaced from the context; None if one cannot be."""

        def value(match: re.Match[str]) -> str:
            found = self.context.get(match[1].lower())
            return found if isinstance(found, str) else match[0]

        result = _VARIABLE.sub(value, pattern)
        return None if _VARIABLE.search(result) else result


_VARIABLE: Final = re.compile(r"\$\{([A-Za-z0-9:/_.-]+)(?:,[^}]*)?}")


def _matches(statement: Mapping[str, Any], request: _Request) -> Answer:
    return all_of(
        (
            _element(statement, "Principal", lambda pattern: _principal(pattern, request.principal)),
            _element(statement, "Action", lambda pattern: glob(pattern.lower(), request.action.lower())),
            _element(statement, "Resource", lambda pattern: _resource(pattern, request)),
            _conditions(statement.get("Condition"), request),
        )
    )


def _element(statement: Mapping[str, Any], name: str, match: Callable[[str], Answer]) -> Answer:
    """One of Principal, Action and Resource, in its positive or its `Not` form; an absent one matches."""
    for key in (name, f"Not{name}"):
        if key in statement:
            value = statement[key]
            kinds = value.values() if name == "Principal" and isinstance(value, Mapping) else [value]
            patterns = (pattern for kind in kinds for pattern in items(kind))
            answer = any_of(None if pattern is UNKNOWN else match(str(pattern)) for pattern in patterns)
            return answer if key == name else negated(answer)
    return True


def _principal(pattern: str, caller: str) -> Answer:
    account = re.fullmatch(r"(?:arn:[a-z-]+:iam::)?(\d{12})(?::root)?", pattern)
    by_account = account is not None and (caller == account[1] or f"::{account[1]}:" in caller)
    return pattern in ("*", caller) or by_account


def _resource(pattern: str, request: _Request) -> Answer:
    if (filled := request.filled(pattern)) is None:
        return None
    # API Gateway's short form leaves out region, account and API: it writes them in when the policy is stored.
    if filled.startswith("execute-api:/"):
        filled = f"arn:*:execute-api:*:*:*{filled.removeprefix('execute-api:')}"
    if request.resource == "*":
        return True if filled == "*" else None
    if glob(filled, request.resource):
        return True
    return any_of((_of_unknown_account(filled, request.resource), _of_unknown_secret(filled, request.resource)))


def _of_unknown_account(pattern: str, resource: str) -> Answer:
    """Whether a pattern may name an API whose account is not known, as in the plan of a new stack; else no."""
    written, parts = pattern.split(":"), resource.split(":")
    if parts[2:3] != ["execute-api"] or parts[4] or len(written) <= 4:
        return False
    return None if glob(pattern, ":".join([*parts[:4], written[4], *parts[5:]])) else False


def _of_unknown_secret(pattern: str, resource: str) -> Answer:
    """Whether a pattern may name a secret whose last six characters are not known (`secret:name-??????`); else no."""
    known_part = resource.removesuffix("-??????")
    return None if known_part != resource and glob(pattern.rpartition("-")[0], known_part) else False


def _conditions(condition: Any, request: _Request) -> Answer:
    if condition is UNKNOWN:
        return None
    if not condition:
        return True
    asked = ((name, key, items(values)) for name, block in condition.items() for key, values in block.items())
    return all_of(_condition(*each, request) for each in asked)


def _condition(written: str, key: str, values: list[Any], request: _Request) -> Answer:
    quantifier, _, name = written.rpartition(":")
    base = name.removesuffix("IfExists")
    found = request.context.get(key.lower(), UNKNOWN if key.lower() in _IN_EVERY_REQUEST else None)
    if found is UNKNOWN and base == "Null" and key.lower() in _IN_EVERY_REQUEST:
        return any_of(None if value is UNKNOWN else not _truth(value) for value in values)
    if found is UNKNOWN:
        return None
    if base == "Null":
        return any_of(None if value is UNKNOWN else (found is None) == _truth(value) for value in values)
    # `StringNotLike` holds where `StringLike` does not, and where the key is absent.
    positive = base.replace("Not", "")
    inverted, compare = positive != base, _COMPARE.get(positive)
    if found is None and (compare is not None or positive in _NOT_COMPARED):
        return name != base or quantifier == "ForAllValues" or (inverted and quantifier != "ForAnyValue")
    if compare is None:
        return None
    each = [_compared(compare, values, item, request) for item in items(found)]
    if inverted:
        each = [*map(negated, each)]
    return any_of(each) if quantifier == "ForAnyValue" else all_of(each)


def _compared(compare: Callable[[str, str], Answer], values: list[Any], found: Any, request: _Request) -> Answer:
    """Does one value of the request match any of the condition's?"""
    if found is UNKNOWN:
        return None
    if compare is covers and found in values:  # lists of ranges are long, and a range lies in itself
        return True

    def one(value: Any) -> Answer:
        filled = None if value is UNKNOWN else request.filled(_written(value))
        return None if filled is None else compare(filled, _written(found))

    return any_of(one(value) for value in values)


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _truth(value: Any) -> bool:
    return _written(value).lower() == "true"


def _arn_like(pattern: str, value: str) -> bool:
    """Each of an ARN's six parts by itself: a `*` does not reach over a colon, save in the last."""
    patterns, parts = pattern.split(":", 5), value.split(":", 5)
    return len(patterns) == len(parts) and all(map(glob, patterns, parts))


def _numeric(compare: Callable[[float, float], bool]) -> Callable[[str, str], Answer]:
    def answer(pattern: str, value: str) -> Answer:
        try:
            return compare(float(value), float(pattern))
        except ValueError:
            return False

    return answer


_ORDERS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}
_COMPARE: Final[Mapping[str, Callable[[str, str], Answer]]] = {
    "StringEquals": lambda pattern, value: pattern == value,
    "StringEqualsIgnoreCase": lambda pattern, value: pattern.lower() == value.lower(),
    "StringLike": glob,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "IpAddress": covers,
    "Bool": lambda pattern, value: pattern.lower() == value.lower(),
    **{f"Numeric{name}": _numeric(compare) for name, compare in _ORDERS.items()},
}
"""Operators this evaluator knows; of any other (dates, binary) there is no answer if the key is sent.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""

_NOT_COMPARED: Final = (*(f"Date{name}" for name in _ORDERS), "BinaryEquals")
"""Operators whose values are not compared here. Without the key they hold, or not, as the others do."""
_IN_EVERY_REQUEST: Final = ("aws:currenttime", "aws:epochtime")
