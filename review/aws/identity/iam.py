"""Evaluates IAM policies: whether a policy allows a request.

It reads resource policies of APIs, endpoint policies, trust policies and role policies alike. The rules it follows:
a matching Deny wins, then a matching Allow, then silence, which is no.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html

Values that are known only after deployment give `Decision.UNKNOWN`, unless the answer is the same either way.
"""

import enum
import functools
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...graph import UNKNOWN
from ...graph.addresses import covers
from ...graph.answers import Truth, all_of, any_of, negate
from ...graph.reading import (
    Doubt,
    MalformedDocument,
    as_list,
    as_mapping,
    get_value,
    parse_document,
    require_known,
)
from ..catalog.tables import load_table
from .callers import ALWAYS_SENT, Caller, list_principals, matches_principal
from .wildcards import match_expression

_KEYS: Final = {key.lower(): key for key in load_table("condition_keys")}
"""AWS's global condition keys, in its own letters.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""


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

    @property
    def refused(self) -> bool:
        return self in (Decision.DENY, Decision.SILENT)


def evaluate_policy(
    policy: Any, *, caller: Caller, action: str, resource: str = "*", context: Mapping[str, Any] | None = None
) -> Decision:
    """Evaluate `policy`, JSON text or a mapping, for one request.

    A policy without principals (a role's) admits every caller. Leave `resource` out only if it does not matter: a
    statement about named resources then has no answer. `context` holds condition keys such as `aws:SourceVpce` beside
    those of the caller: one that is None is absent, one that is `UNKNOWN` has no answer, and `aws:SourceIp` may be a
    whole network, which matches where all of it does. Raises MalformedDocument for text that is no policy.
    """
    try:
        parsed = list(read_statements(policy))
        version = get_value(parse_document(policy, "the policy"), "Version")
        more = {key.lower(): value for key, value in (context or {}).items()}
        request = _Request(caller, action, resource, more, has_variables=version == _WITH_VARIABLES)
    except Doubt:
        return Decision.UNKNOWN
    answers = [(statement.get("Effect"), _match_statement(statement, request)) for statement in parsed]
    for effect, decision in (("Deny", Decision.DENY), ("Allow", Decision.ALLOW)):
        matched = any_of(answer for written, answer in answers if written == effect)
        if matched is not False:
            return decision if matched else Decision.UNKNOWN
    return Decision.SILENT


def read_statements(policy: Any) -> Iterator[Mapping[str, Any]]:
    """The statements of a policy, each with services and condition keys in the letters that AWS writes.

    Raises Doubt if it is unknown, MalformedDocument if it is none.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
    """
    parsed = parse_document(policy, "the policy")
    if not isinstance(parsed, Mapping):
        raise MalformedDocument("the policy is not a JSON object")
    for statement in as_list(parsed.get("Statement")):
        if not isinstance(require_known(statement, "a statement of the policy"), Mapping):
            raise MalformedDocument("a statement of the policy is not a JSON object")
        condition = statement.get("Condition") or {}
        if not all(
            part is UNKNOWN or isinstance(part, Mapping) for part in (condition, *as_mapping(condition).values())
        ):
            raise MalformedDocument("a condition of the policy is not a JSON object")
        actions = {key: _normalize_actions(statement[key]) for key in ("Action", "NotAction") if key in statement}
        spelled = {op: _normalize_keys(block) for op, block in as_mapping(condition).items()}
        yield {**statement, **actions, **({"Condition": spelled} if spelled else {})}


def _normalize_actions(actions: Any) -> Any:
    """Actions with the names of their services in small letters, which IAM takes in any."""
    if isinstance(actions, list):
        return [_normalize_actions(action) for action in actions]
    service, colon, name = actions.partition(":") if isinstance(actions, str) else (actions, "", "")
    return f"{service.lower()}:{name}" if colon else actions


def _normalize_keys(block: Any) -> Any:
    return {_KEYS.get(key.lower(), key): value for key, value in block.items()} if isinstance(block, Mapping) else block


def list_allow_statements(policy: Any) -> Iterator[Mapping[str, Any]]:
    """The statements of a policy that allow something. Raises as `read_statements` does."""
    return (statement for statement in read_statements(policy) if statement.get("Effect") == "Allow")


def match_glob(pattern: str, value: str) -> bool:
    """IAM's wildcards: `*` for any characters, `?` for one; everything else, brackets too, is itself."""
    return bool(match_expression(_build_expression(pattern, 0, len(pattern), _translate_anywhere), value, re.DOTALL))


_Wild = Callable[[str, int], str]
"""Gives the regular expression of one character of a pattern, by its index."""


@dataclass(frozen=True)
class _Request:
    """One request, with its condition keys in lower case: AWS compares their names without case."""

    caller: Caller
    action: str
    resource: str
    context: Mapping[str, Any]
    has_variables: bool

    def find_value(self, key: str) -> Any:
        return self.context[key] if key in self.context else self.caller.find_value(key)

    def match_pattern(self, pattern: str, value: str, wild: _Wild, flags: re.RegexFlag = re.DOTALL) -> Truth:
        """Whether `value` matches `pattern` after its variables are replaced.

        A variable without a value matches nothing, and one that is not known may stand for any text.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
        """
        expression, end, certain = "", 0, True
        for match in _VARIABLE.finditer(pattern) if self.has_variables else ():
            expression += _build_expression(pattern, end, match.start(), wild)
            end = match.end()
            literal = match["literal"] or self.find_value(match["key"].lower())
            literal = match["default"] if literal is None else literal
            if literal is None:
                return False
            certain &= literal is not UNKNOWN
            expression += ".*" if literal is UNKNOWN else re.escape(_to_text(literal))
        expression += _build_expression(pattern, end, len(pattern), wild)
        hit = match_expression(expression, value, flags)
        return None if hit and not certain else hit


_Compare = Callable[[str, str, _Request], Truth]
"""Whether a condition's value fits the request's, each as text."""
_WITH_VARIABLES: Final = "2012-10-17"
"""The version of the policy language whose policies may hold variables.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html"""
_VARIABLE: Final = re.compile(r"\$\{(?:(?P<literal>[*?$])|(?P<key>[^{},*?$]+?)(?:,\s*'(?P<default>[^'}]*)')?)}")


@functools.lru_cache(maxsize=4096)
def _build_expression(pattern: str, start: int, end: int, wild: _Wild) -> str:
    return "".join(wild(pattern, index) for index in range(start, end))


def _escape_literal(pattern: str, index: int) -> str:
    return re.escape(pattern[index])


def _translate_anywhere(pattern: str, index: int) -> str:
    """IAM's wildcards in text."""
    return {"*": ".*", "?": "."}.get(pattern[index]) or _escape_literal(pattern, index)


def _translate_in_segment(pattern: str, index: int) -> str:
    """IAM's wildcards in a resource: `*` reaches over a colon only as the last character of a segment."""
    inner = pattern[index] == "*" and pattern[index + 1 : index + 2] not in ("", ":")
    return "[^:]*" if inner else _translate_anywhere(pattern, index)


def _translate_in_part(pattern: str, index: int) -> str:
    """IAM's wildcards in a condition on an ARN: each of its six parts by itself."""
    wild = _translate_anywhere(pattern, index)
    return wild.replace(".", "[^:]") if pattern[index] in "*?" and index < _find_last_part(pattern) else wild


@functools.lru_cache(maxsize=64)
def _find_last_part(pattern: str) -> int:
    """Where the sixth part of an ARN begins: after the fifth colon outside of its variables."""
    parts = _VARIABLE.sub(lambda match: "-" * len(match[0]), pattern).split(":", 5)
    return len(pattern) - sum(map(len, parts[5:]))


def _match_statement(statement: Mapping[str, Any], request: _Request) -> Truth:
    return all_of(
        (
            _match_principals(statement, request.caller),
            _match_element(statement, "Action", lambda pattern: _match_action(pattern.lower(), request.action.lower())),
            _match_element(statement, "Resource", lambda pattern: _match_resource(pattern, request)),
            _match_conditions(statement.get("Condition"), request),
        )
    )


def _match_principals(statement: Mapping[str, Any], caller: Caller) -> Truth:
    for key in ("Principal", "NotPrincipal"):
        if key in statement:
            answer = any_of(
                None
                if principal is UNKNOWN
                else matches_principal(kind, str(principal), caller, named=key == "Principal")
                for kind, principal in list_principals(statement)
            )
            return answer if key == "Principal" else negate(answer)
    return True


def _match_action(pattern: str, action: str) -> Truth:
    """AWS refuses a pattern for the service except `*`. Its effect is not documented."""
    hit = match_glob(pattern, action)
    return None if hit and pattern != "*" and "*" in pattern.partition(":")[0] else hit


def _match_element(statement: Mapping[str, Any], name: str, match: Callable[[str], Truth]) -> Truth:
    """Action or Resource, in its positive or its `Not` form; an absent one matches."""
    for key in (name, f"Not{name}"):
        if key in statement:
            answer = any_of(None if pattern is UNKNOWN else match(str(pattern)) for pattern in as_list(statement[key]))
            return answer if key == name else negate(answer)
    return True


def _match_resource(pattern: str, request: _Request) -> Truth:
    # API Gateway's short form leaves out region, account and API: it writes them in when the policy is stored.
    if pattern.startswith("execute-api:/"):
        pattern = f"arn:*:execute-api:*:*:*{pattern.removeprefix('execute-api:')}"
    if request.resource == "*":
        return True if pattern == "*" else None
    hit = request.match_pattern(pattern, request.resource, _translate_in_segment)
    if hit is not False:
        return hit
    return any_of(
        (_may_match_unknown_account(pattern, request.resource), _may_match_unknown_secret(pattern, request.resource))
    )


def _may_match_unknown_account(pattern: str, resource: str) -> Truth:
    """Whether a pattern may name an API whose account is not known, as in the plan of a new stack; else no."""
    written, parts = pattern.split(":"), resource.split(":")
    if parts[2:3] != ["execute-api"] or parts[4] or len(written) <= 4:
        return False
    return None if match_glob(pattern, ":".join([*parts[:4], written[4], *parts[5:]])) else False


def _may_match_unknown_secret(pattern: str, resource: str) -> Truth:
    """Whether a pattern may name a secret whose last six characters are not known (`secret:name-??????`); else no."""
    known_part = resource.removesuffix("-??????")
    return None if known_part != resource and match_glob(pattern.rpartition("-")[0], known_part) else False


def _match_conditions(condition: Any, request: _Request) -> Truth:
    if condition is UNKNOWN:
        return None
    if not condition:
        return True
    tests = ((name, key, as_list(values)) for name, block in condition.items() for key, values in block.items())
    return all_of(_match_condition(*parts, request) for parts in tests)


def _match_condition(declared: str, key: str, values: list[Any], request: _Request) -> Truth:
    quantifier, _, name = declared.rpartition(":")
    base = name.removesuffix("IfExists")
    dated, actual = key.lower() in _IN_EVERY_REQUEST, request.find_value(key.lower())
    actual = UNKNOWN if dated and actual is None else actual
    sent = dated or (request.caller.arn is not None and key.lower() in ALWAYS_SENT)
    if actual is UNKNOWN and base == "Null" and sent:
        return any_of(None if value is UNKNOWN else not _is_true(value) for value in values)
    if actual is UNKNOWN:
        return ("Not" not in base) if sent and "Like" in base and "*" in values else None
    if base == "Null":
        return any_of(None if value is UNKNOWN else (actual is None) == _is_true(value) for value in values)
    # `StringNotLike` holds where `StringLike` does not, and where the key is absent.
    positive = base.replace("Not", "")
    inverted, compare = positive != base, _COMPARE.get(positive)
    if actual is None and (compare is not None or positive in _NOT_COMPARED):
        return name != base or quantifier == "ForAllValues" or (inverted and quantifier != "ForAnyValue")
    if compare is None:
        return None
    answers = [_match_any_value(compare, values, item, request) for item in as_list(actual)]
    if inverted:
        answers = [*map(negate, answers)]
    return any_of(answers) if quantifier == "ForAnyValue" else all_of(answers)


def _match_any_value(compare: _Compare, values: list[Any], actual: Any, request: _Request) -> Truth:
    """Does one value of the request match any of the condition's?"""
    if actual is UNKNOWN:
        return None
    if compare is _match_range and actual in values:  # lists of ranges are long, and a range lies in itself
        return True
    return any_of(None if value is UNKNOWN else compare(_to_text(value), _to_text(actual), request) for value in values)


def _to_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_true(value: Any) -> bool:
    return _to_text(value).lower() == "true"


def _match_range(pattern: str, value: str, _: _Request) -> Truth:
    return covers(pattern, value)


def _match_arn(pattern: str, value: str, request: _Request) -> Truth:
    """Part by part; `*` matches all."""
    return (
        None if _lacks_parts(pattern) else pattern == "*" or request.match_pattern(pattern, value, _translate_in_part)
    )


def _make_text_comparison(wild: _Wild, flags: re.RegexFlag = re.DOTALL) -> _Compare:
    return lambda pattern, value, request: request.match_pattern(pattern, value, wild, flags)


def _make_number_comparison(compare: Callable[[float, float], bool]) -> _Compare:
    def answer(pattern: str, value: str, _: _Request) -> Truth:
        try:
            return compare(float(value), float(pattern))
        except ValueError:
            return False

    return answer


_ORDERS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "Equals": operator.eq, "LessThan": operator.lt, "LessThanEquals": operator.le,
    "GreaterThan": operator.gt, "GreaterThanEquals": operator.ge,
}  # fmt: skip
_COMPARE: Final[Mapping[str, _Compare]] = {
    "StringEquals": _make_text_comparison(_escape_literal),
    "StringEqualsIgnoreCase": _make_text_comparison(_escape_literal, re.DOTALL | re.IGNORECASE),
    "StringLike": _make_text_comparison(_translate_anywhere),
    "ArnEquals": _match_arn,
    "ArnLike": _match_arn,
    "IpAddress": _match_range,
    "Bool": _make_text_comparison(_escape_literal, re.DOTALL | re.IGNORECASE),
    **{f"Numeric{name}": _make_number_comparison(compare) for name, compare in _ORDERS.items()},
}
"""Operators this evaluator knows; of any other (dates, binary) there is no answer if the key is sent.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""

_NOT_COMPARED: Final = (*(f"Date{name}" for name in _ORDERS), "BinaryEquals")
"""Operators whose values are not compared. If the key is absent, they have an answer like the others."""
_IN_EVERY_REQUEST: Final = ("aws:currenttime", "aws:epochtime")


def _lacks_parts(pattern: str) -> bool:
    """Whether a pattern of an ARN has fewer than six parts. AWS documents its matches only for `*`."""
    return "*" in pattern and pattern != "*" and pattern.count(":") < 5
