"""Drawn policies beside a second evaluator, which is written from AWS's pages and shares no code with the review's.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_multi-value-conditions.html
"""

from __future__ import annotations

import ipaddress
import itertools
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from review.aws.identity.callers import caller_of
from review.aws.identity.iam import Decision, allows
from review.graph import UNKNOWN
from tests.draws import draws

USER = "arn:aws:iam::111122223333:user/ann"
ROLE = "arn:aws:iam::111122223333:role/app"
SESSION = "arn:aws:sts::111122223333:assumed-role/app/one"
FOREIGN = "arn:aws:iam::444455556666:role/app"
ARNS = ("arn:aws:s3:::data/ann/x", "arn:aws:s3:::data/bob/x", "arn:aws:s3:::logs", "arn:aws:sqs:eu:1:orders")
ACTIONS = ("s3:GetObject", "s3:PutObject", "sqs:SendMessage")
Keys = dict[str, list[str] | None]
"""The values of each key; None for an absent one."""


# The reference: plain text in, yes or no out. A pattern is a list of characters with a mark for wildcards.


def pattern_of(text: str, keys: Keys, *, variables: bool) -> list[tuple[str, bool]] | None:
    """None if a variable has no value."""
    found: list[tuple[str, bool]] = []
    while text:
        if variables and text.startswith("${"):
            name, _, text = text[2:].partition("}")
            name, _, default = name.partition(", ")
            value = [name] if name in ("*", "?", "$") else keys.get(name.lower())
            value = [default.strip("'")] if value is None and default else value
            if value is None:
                return None
            found += [(one, False) for one in value[0]]
        else:
            found.append((text[0], text[0] in "*?"))
            text = text[1:]
    return found


def fits(pattern: list[tuple[str, bool]] | None, text: str) -> bool:
    if pattern is None:
        return False
    reached = {0}
    for char, is_wild in pattern:
        if is_wild and char == "*":
            reached = {end for start in reached for end in range(start, len(text) + 1)}
        else:
            reached = {at + 1 for at in reached if at < len(text) and (is_wild or text[at] == char)}
    return len(text) in reached


def one_value(operator: str, wanted: str, found: str, keys: Keys, *, variables: bool) -> bool:
    match operator:
        case "StringEquals":
            pattern = pattern_of(wanted, keys, variables=variables)
            return fits(pattern and [(char, False) for char, _ in pattern], found)
        case "StringLike":
            return fits(pattern_of(wanted, keys, variables=variables), found)
        case "IpAddress":
            return ipaddress.ip_address(found) in ipaddress.ip_network(wanted)
    return wanted.lower() == found.lower()


def condition_holds(written: str, key: str, wanted: list[str], keys: Keys, *, variables: bool) -> bool:
    quantifier, _, operator = written.rpartition(":")
    optional, operator = operator.endswith("IfExists"), operator.removesuffix("IfExists")
    found = keys.get(key.lower())
    if operator == "Null":
        return any((one == "true") is (found is None) for one in wanted)
    negative, operator = "Not" in operator, operator.replace("Not", "")
    if found is None:
        return optional or quantifier == "ForAllValues" or (negative and quantifier != "ForAnyValue")
    results = [any(one_value(operator, one, value, keys, variables=variables) for one in wanted) for value in found]
    results = [result is not negative for result in results]
    return any(results) if quantifier == "ForAnyValue" else all(results)


def principal_fits(principal: Any, caller: str) -> bool:
    names = ["*"] if principal == "*" else principal.get("AWS", [])
    account = caller.split(":")[4] if caller else ""
    role = f"arn:aws:iam::{account}:role/{caller.split('/')[1]}" if ":assumed-role/" in caller else caller
    return any(
        one == "*" or (caller and one in (caller, role, account, f"arn:aws:iam::{account}:root")) for one in names
    )


def reference(policy: dict[str, Any], caller: str, action: str, resource: str, keys: Keys) -> Decision:
    variables = policy.get("Version") == "2012-10-17"
    effects = set()
    for one in policy["Statement"]:
        by_resource = [fits(pattern_of(arn, keys, variables=variables), resource)
                       for arn in one.get("Resource", one.get("NotResource"))]  # fmt: skip
        by_action = [fits(pattern_of(name.lower(), {}, variables=False), action.lower())
                     for name in one.get("Action", one.get("NotAction"))]  # fmt: skip
        conditions = [(operator, key, wanted) for operator, block in one.get("Condition", {}).items()
                      for key, wanted in block.items()]  # fmt: skip
        if (
            principal_fits(one["Principal"], caller)
            and any(by_resource) is ("Resource" in one)
            and any(by_action) is ("Action" in one)
            and all(condition_holds(*each, keys, variables=variables) for each in conditions)
        ):
            effects.add(one["Effect"])
    return Decision.DENY if "Deny" in effects else Decision.ALLOW if effects else Decision.SILENT


# What is drawn: without NotPrincipal and unique IDs, of which the pages say too little.

KEYS = {
    "aws:SourceVpce": ["vpce-1", "vpce-2"],
    "aws:SourceIp": ["203.0.113.7", "198.51.100.1"],
    "aws:PrincipalAccount": ["111122223333", "444455556666"],
    "aws:PrincipalArn": [USER, ROLE, FOREIGN],
    "aws:PrincipalOrgID": ["o-a", "o-b"],
    "aws:username": ["ann", "bob"],
    "aws:SecureTransport": ["true", "false"],
    "aws:TagKeys": ["team", "cost"],
}
TEXTS = ("*", "a*", "ann", "vpce-?", "o-a", "team", "${aws:username}", "${aws:PrincipalTag/x, 'ann'}", "${*}", "true",
         "arn:aws:iam::*:role/app", ROLE)  # fmt: skip
OPERATORS = ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIfExists",
             "StringNotEqualsIfExists", "ForAnyValue:StringEquals", "ForAllValues:StringLike",
             "ForAnyValue:StringNotLike", "ForAllValues:StringNotEquals")  # fmt: skip


@st.composite
def conditions(draw: Any) -> tuple[str, str, list[str]]:
    key = draw(st.sampled_from(sorted(KEYS)))
    if key == "aws:SourceIp":
        ranges = draw(
            st.lists(st.sampled_from(("203.0.113.0/24", "0.0.0.0/0", "198.51.100.0/31")), min_size=1, max_size=2)
        )
        return draw(st.sampled_from(("IpAddress", "NotIpAddress", "IpAddressIfExists"))), key, ranges
    if key == "aws:SecureTransport":
        return draw(st.sampled_from(("Bool", "BoolIfExists"))), key, [draw(st.sampled_from(("true", "false")))]
    if draw(st.integers(0, 5)) == 0:
        return "Null", key, [draw(st.sampled_from(("true", "false")))]
    values = st.lists(st.sampled_from((*TEXTS, *KEYS[key])), min_size=1, max_size=2)
    return draw(st.sampled_from(OPERATORS)), key, draw(values)


RESOURCES = (*ARNS, "*", "arn:aws:s3:::data/*", "arn:aws:s3:::data/${aws:username}/*", "arn:aws:sqs:*:*:orders",
             "arn:aws:s3:::data/${aws:PrincipalTag/x, 'bob'}/x", "arn:aws:s3:::dat?/ann/x")  # fmt: skip
PRINCIPALS = ("*", {"AWS": ["*"]}, {"AWS": ["111122223333"]}, {"AWS": ["arn:aws:iam::444455556666:root"]},
              {"AWS": [ROLE, FOREIGN]}, {"AWS": [USER]})  # fmt: skip


@st.composite
def statements(draw: Any) -> dict[str, Any]:
    actions = draw(st.lists(st.sampled_from((*ACTIONS, "*", "s3:*", "S3:get*")), min_size=1, max_size=2))
    arns = draw(st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2))
    found: dict[str, Any] = {
        "Effect": draw(st.sampled_from(("Allow", "Allow", "Deny"))),
        "Principal": draw(st.sampled_from(PRINCIPALS)),
        draw(st.sampled_from(("Action", "Action", "NotAction"))): actions,
        draw(st.sampled_from(("Resource", "Resource", "NotResource"))): arns,
    }
    block: dict[str, dict[str, list[str]]] = {}
    for operator, key, values in draw(st.lists(conditions(), max_size=2)):
        block.setdefault(operator, {})[key] = values
    return {**found, **({"Condition": block} if block else {})}


POLICIES = st.fixed_dictionaries(
    {"Statement": st.lists(statements(), min_size=1, max_size=3)},
    optional={"Version": st.sampled_from(("2012-10-17", "2012-10-17", "2008-10-17"))},
)
CALLERS = st.sampled_from(("", USER, ROLE, SESSION, FOREIGN))
REQUESTS = st.fixed_dictionaries({key: st.sampled_from([None, *values]) for key, values in KEYS.items()})


def keys_of(context: dict[str, str | None]) -> Keys:
    return {key.lower(): None if value is None else [value] for key, value in context.items()}


@settings(max_examples=draws(600), deadline=None)
@given(POLICIES, CALLERS, st.sampled_from(ACTIONS), st.sampled_from(ARNS), REQUESTS)
def test_every_key_known(
    policy: dict[str, Any], who: str, action: str, arn: str, context: dict[str, str | None]
) -> None:
    ours = allows(policy, caller=caller_of(signed=bool(who), arn=who), action=action, resource=arn,
                  context={**context, "aws:PrincipalTag/x": None})  # fmt: skip
    assert ours is reference(policy, who, action, arn, keys_of(context))


@settings(max_examples=draws(300), deadline=None)
@given(POLICIES, CALLERS, st.sampled_from(ACTIONS), st.sampled_from(ARNS), REQUESTS,
       st.sets(st.sampled_from(sorted(KEYS)), min_size=1, max_size=2))  # fmt: skip
def test_some_keys_not_known(
    policy: dict[str, Any], who: str, action: str, arn: str, context: dict[str, str | None], hidden: set[str]
) -> None:
    """A definite answer is that of every request that it may be."""
    blurred: dict[str, Any] = {**context, **dict.fromkeys(hidden, UNKNOWN), "aws:PrincipalTag/x": None}
    ours = allows(policy, caller=caller_of(signed=bool(who), arn=who), action=action, resource=arn, context=blurred)
    if ours is Decision.UNKNOWN:
        return
    sent = {"aws:PrincipalAccount", "aws:PrincipalArn"} if who else set()
    choices = [
        [value for value in (None, *KEYS[key]) if value is not None or key not in sent] for key in sorted(hidden)
    ]
    for values in itertools.product(*choices):
        completed = {**context, **dict(zip(sorted(hidden), values, strict=True))}
        assert ours is reference(policy, who, action, arn, keys_of(completed)), completed
