"""Resource policies that speak of the caller's identity: routes with IAM send one, others none."""

from typing import Any

import pytest

from review.reach import Kind
from review.tests.graph_builder import Builder
from review.tests.parts import paths
from review.tests.rules.programs import EVERYBODY, private_signed_api, signed_api

ROLE = "arn:aws:iam::123456789012:role/team/caller"
DENIED = {**EVERYBODY, "Effect": "Deny"}


def unless(operator: str, key: str, value: Any) -> dict[str, Any]:
    return {**DENIED, "Condition": {operator: {f"aws:{key}": value}}}


PERIMETERS: dict[str, list[dict[str, Any]]] = {
    "the organisation": [EVERYBODY, unless("StringNotEquals", "PrincipalOrgID", "o-abc")],
    "an account": [EVERYBODY, unless("StringNotEquals", "PrincipalAccount", "123456789012")],
    "another account": [EVERYBODY, unless("StringNotEquals", "PrincipalAccount", "111122223333")],
    "a role": [EVERYBODY, unless("ArnNotEquals", "PrincipalArn", ROLE)],
    "roles by a pattern": [EVERYBODY, unless("StringNotLike", "PrincipalArn", "arn:aws:iam::*:role/team/*")],
    "a user": [EVERYBODY, unless("StringNotEquals", "username", "ann")],
    "all but a user": [EVERYBODY, unless("StringEquals", "username", "ann")],
    "a tag": [EVERYBODY, unless("StringNotEquals", "PrincipalTag/team", "orders")],
    "a unit": [EVERYBODY, unless("ForAllValues:StringNotLike", "PrincipalOrgPaths", "o-abc/r-1/ou-2/*")],
    "NotPrincipal": [EVERYBODY, {**{k: v for k, v in DENIED.items() if k != "Principal"}, "NotPrincipal": {
        "AWS": ["arn:aws:iam::123456789012:user/ann", "arn:aws:iam::123456789012:root"]}}],
    "an allow of the organisation": [{**EVERYBODY, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}}],
    "an allow of a role of another account": [{**EVERYBODY, "Principal": {"AWS": "arn:aws:iam::111122223333:role/x"}}],
}  # fmt: skip


def answer(build: Builder, source: str) -> str:
    (function,) = (urn for urn, made in build.resources.items() if made.type.endswith(":Function"))
    invoked = build.resources[function].state["arn"]
    invoke: dict[str, Any] = {"action": "lambda:InvokeFunction", "principal": "apigateway.amazonaws.com"}
    build("lambda/permission:Permission", "invoke", function=invoked, **invoke)
    found = [path for path in paths(build.graph()) if path.kind is Kind.INBOUND and source in path.source]
    assert found
    if any(path.open and not path.uncertainty for path in found):
        return "yes"
    return "cannot tell" if any(path.open for path in found) else "no"


@pytest.mark.parametrize("name", PERIMETERS)
@pytest.mark.parametrize(
    ("declare", "source"),
    [
        (signed_api, "internet"),
        (private_signed_api, "anything in the VPC"),
        (lambda build, *said: private_signed_api(build, EVERYBODY, through={"Statement": said}), "anything in the VPC"),
    ],
    ids=["an API", "a private API", "its endpoint"],
)
def test_identities_are_admitted_that_a_policy_speaks_of(build: Builder, name: str, declare: Any, source: str) -> None:
    declare(build, *PERIMETERS[name])
    assert answer(build, source) == "yes"


@pytest.mark.parametrize("name", [name for name in PERIMETERS if name != "all but a user"])
def test_caller_of_an_authorizer_has_no_identity(build: Builder, name: str) -> None:
    """With a Lambda authorizer the request is anonymous: AWS's keys of an identity are absent."""
    signed_api(build, *PERIMETERS[name], by="token")
    # A positive allow is silent then, and the authorizer decides.
    assert answer(build, "internet") == ("yes" if name.startswith("an allow") else "no")


@pytest.mark.parametrize(
    "statement",
    [
        unless("Null", "PrincipalAccount", "false"),
        unless("StringLike", "PrincipalArn", "*"),
        unless("StringNotEquals", "SourceVpce", "vpce-0abc"),
        DENIED,
        {**DENIED, "Principal": {"AWS": "*"}},
    ],
)
def test_deny_of_every_identity_admits_nobody(build: Builder, statement: dict[str, Any]) -> None:
    signed_api(build, EVERYBODY, statement)
    assert answer(build, "internet") == "no"
