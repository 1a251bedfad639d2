"""Drawn policies beside a second evaluator, which is written from AWS's pages and shares no code with the review's.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_multi-value-conditions.html
"""

import ipaddress
import itertools
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

from review.aws.identity.callers import make_caller
from review.aws.identity.iam import Decision, evaluate_policy
from review.graph import UNKNOWN
from review.tests.helpers.draws import draws

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
        name == "*" or (caller and name in (caller, role, account, f"arn:aws:iam::{account}:root")) for name in names
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


RESOURCES = ("*", "*", "arn:aws:s3:::data/*", "arn:aws:s3:::data/${aws:username}/*", "arn:aws:sqs:*:*:orders",
             "arn:aws:s3:::data/${aws:PrincipalTag/x, 'bob'}/x", "arn:aws:s3:::dat?/ann/x", *ARNS)  # fmt: skip
PRINCIPALS = ("*", "*", {"AWS": ["*"]}, {"AWS": ["111122223333"]}, {"AWS": ["arn:aws:iam::444455556666:root"]},
              {"AWS": [ROLE, FOREIGN]}, {"AWS": [USER]})  # fmt: skip
CALLERS = ("", USER, ROLE, SESSION, FOREIGN)


def condition(rng: Random) -> tuple[str, str, list[str]]:
    key = rng.choice(sorted(KEYS))
    if key == "aws:SourceIp":
        ranges = rng.choices(("203.0.113.0/24", "0.0.0.0/0", "198.51.100.0/31"), k=rng.randint(1, 2))
        return rng.choice(("IpAddress", "NotIpAddress", "IpAddressIfExists")), key, ranges
    if key == "aws:SecureTransport":
        return rng.choice(("Bool", "BoolIfExists")), key, [rng.choice(("true", "false"))]
    if rng.random() < 0.15:
        return "Null", key, [rng.choice(("true", "false"))]
    return rng.choice(OPERATORS), key, rng.choices((*TEXTS, *KEYS[key], *KEYS[key]), k=rng.randint(1, 2))


def statement(rng: Random) -> dict[str, Any]:
    found: dict[str, Any] = {
        "Effect": rng.choice(("Allow", "Allow", "Deny")),
        "Principal": rng.choice(PRINCIPALS),
        rng.choice(("Action", "Action", "Action", "NotAction")): rng.choices((*ACTIONS, "*", "s3:*", "S3:get*"), k=2),
        rng.choice(("Resource", "Resource", "Resource", "NotResource")): rng.choices(RESOURCES, k=2),
    }
    block: dict[str, dict[str, list[str]]] = {}
    for operator, key, values in (condition(rng) for _ in range(rng.choice((0, 1, 1, 2)))):
        block.setdefault(operator, {})[key] = values
    return {**found, **({"Condition": block} if block else {})}


def drawn(number: int) -> Iterator[tuple[dict[str, Any], str, str, str, dict[str, str | None], Random]]:
    """Policies, each with a caller, an action, a resource and the condition keys of a request."""
    for seed in range(draws(number)):
        rng = Random(seed)  # no secret
        version = rng.choice(({"Version": "2012-10-17"}, {"Version": "2012-10-17"}, {"Version": "2008-10-17"}, {}))
        policy = {**version, "Statement": [statement(rng) for _ in range(rng.randint(1, 3))]}
        context = {key: rng.choice((None, *values)) for key, values in KEYS.items()}
        yield policy, rng.choice(CALLERS), rng.choice(ACTIONS), rng.choice(ARNS), context, rng


def keys_of(context: dict[str, str | None]) -> Keys:
    return {key.lower(): None if value is None else [value] for key, value in context.items()}


def decided(policy: dict[str, Any], who: str, action: str, arn: str, context: dict[str, Any]) -> Decision:
    caller = make_caller(signed=bool(who), arn=who)
    return evaluate_policy(
        policy, caller=caller, action=action, resource=arn, context={**context, "aws:PrincipalTag/x": None}
    )


def test_every_key_known() -> None:
    seen: Counter[Decision] = Counter()
    for policy, who, action, arn, context, _ in drawn(12_000):
        expected = reference(policy, who, action, arn, keys_of(context))
        assert decided(policy, who, action, arn, context) is expected, (policy, who, action, arn, context)
        seen[expected] += 1
    assert min(seen.values()) > 0.05 * seen.total(), "the draws reach every answer"


def test_some_keys_not_known() -> None:
    """A definite answer is that of every request that it may be."""
    certain = 0
    for policy, who, action, arn, context, rng in drawn(6_000):
        hidden = sorted(rng.sample(sorted(KEYS), k=rng.randint(1, 2)))
        ours = decided(policy, who, action, arn, {**context, **dict.fromkeys(hidden, UNKNOWN)})
        if ours is Decision.UNKNOWN:
            continue
        certain += 1
        sent = {"aws:PrincipalAccount", "aws:PrincipalArn"} if who else set()
        for values in itertools.product(*([*KEYS[key], *([] if key in sent else [None])] for key in hidden)):
            completed = keys_of({**context, **dict(zip(hidden, values, strict=True))})
            assert ours is reference(policy, who, action, arn, completed), (policy, who, action, arn, completed)
    assert certain > 0.3 * draws(6_000)
