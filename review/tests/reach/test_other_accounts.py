"""Other accounts are outside: whoever a policy, a permission, a trust or a share names has a line of its own."""

from typing import Any

import pytest

from review.graph import UNKNOWN
from review.reach import Kind
from review.tests.graph_builder import ACCOUNT, Builder, Json
from review.tests.parts import paths

OTHER = "111122223333"


def lines(build: Builder) -> list[str]:
    return [str(path) for path in paths(build.graph()) if path.kind is Kind.INBOUND and "other accounts" in path.source]


def allow(action: str, principal: Any, **more: Any) -> Json:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **more}
    return Json({"Version": "2012-10-17", "Statement": [statement]})


OWN: list[Any] = [{"AWS": ACCOUNT}, {"AWS": f"arn:aws:iam::{ACCOUNT}:role/x"}, {"Service": "lambda.amazonaws.com"}]


@pytest.mark.parametrize("principal", OWN)
def test_own_account_and_services_are_not_others(build: Builder, principal: Any) -> None:
    build("iam/role:Role", "role", assumeRolePolicy=allow("sts:AssumeRole", principal))
    assert lines(build) == []


MEMBERS = {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}}
UNREAD: list[dict[str, Any]] = [
    {"Condition": UNKNOWN},
    {"Condition": {"StringEquals": UNKNOWN}},
    {"Condition": {"StringEquals": {"aws:PrincipalOrgID": UNKNOWN}}},
    {"Principal": {"AWS": UNKNOWN}},
]


def trusting(*statements: dict[str, Any] | Any) -> list[str]:
    build = Builder()
    build.config["aws:allowedAccountIds"] = [ACCOUNT]
    allowed = [{"Effect": "Allow", "Action": "sts:AssumeRole", **one} if one else UNKNOWN for one in statements]
    build("iam/role:Role", "role", assumeRolePolicy={"Version": "2012-10-17", "Statement": allowed})
    return lines(build)


def test_a_statement_for_an_organisation_hides_no_statement_for_everybody() -> None:
    everybody = {"Principal": {"AWS": "*"}}
    assert [line.partition(" → ")[0] for line in trusting({**everybody, **MEMBERS}, everybody)] == [
        "other accounts: o-abc",
        "other accounts: every account",
    ]


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("unread", [*UNREAD, {}])
def test_a_statement_that_cannot_be_read_is_a_doubt_and_hides_no_other(unread: dict[str, Any], is_first: bool) -> None:
    both = [{"Principal": "*", **unread} if unread else {}, {"Principal": {"AWS": OTHER}}]
    assert sorted(trusting(*both) if is_first else trusting(*reversed(both))) == [
        f"other accounts: {OTHER} → role (may sts:AssumeRole)",
        "other accounts: every account → role (may use it) (cannot tell: whom the policy of role admits)",
    ]


def test_an_issuer_of_identities_is_named_and_no_other() -> None:
    build, issuer = Builder(), "token.actions.githubusercontent.com"
    provider = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}"}
    build("iam/role:Role", "role", assumeRolePolicy=allow("sts:AssumeRoleWithWebIdentity", provider))
    assert [path.source for path in paths(build.graph())] == [f"{issuer} (internet)"]


def test_a_policy_that_is_not_known_may_admit_every_account(build: Builder) -> None:
    build("iam/role:Role", "role", assumeRolePolicy=UNKNOWN)
    (line,) = lines(build)
    assert "cannot tell: whom the policy of role admits" in line
