"""Other accounts are outside: whoever a policy, a permission, a trust or a share names has a line of its own."""

from typing import Any

import pytest

from review.graph import UNKNOWN
from review.reach import Kind
from review.tests.graph_builder import ACCOUNT, Builder, Json
from review.tests.parts import paths, trust

OTHER = "111122223333"


def lines(build: Builder) -> list[str]:
    return [str(path) for path in paths(build.graph()) if path.kind is Kind.INBOUND and "other accounts" in path.source]


def allow(action: str, principal: Any, **more: Any) -> Json:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **more}
    return Json({"Version": "2012-10-17", "Statement": [statement]})


WAYS: dict[str, tuple[str, dict[str, Any]]] = {
    "queue": ("sqs/queue:Queue", {"policy": allow("sqs:SendMessage", {"AWS": OTHER})}),
    "queue policy": ("sqs/queuePolicy:QueuePolicy",
                     {"queueUrl": "x", "policy": allow("sqs:SendMessage", {"AWS": f"arn:aws:iam::{OTHER}:root"})}),
    "bucket": ("s3/bucketPolicy:BucketPolicy", {"bucket": "x", "policy": allow("s3:GetObject", {"AWS": OTHER})}),
    "key": ("kms/key:Key", {"policy": allow("kms:Decrypt", {"AWS": f"arn:aws:iam::{OTHER}:role/x"})}),
    "secret": ("secretsmanager/secretPolicy:SecretPolicy",
               {"secretArn": "x", "policy": allow("secretsmanager:GetSecretValue", {"AWS": OTHER})}),
    "bus": ("cloudwatch/eventBusPolicy:EventBusPolicy", {"policy": allow("events:PutEvents", {"AWS": OTHER})}),
    "bus by account": ("cloudwatch/eventPermission:EventPermission", {"principal": OTHER, "statementId": "x"}),
    "role": ("iam/role:Role", {"assumeRolePolicy": allow("sts:AssumeRole", {"AWS": OTHER})}),
    "function": ("lambda/permission:Permission",
                 {"function": "f", "action": "lambda:InvokeFunction", "principal": OTHER}),
    "share": ("ram/principalAssociation:PrincipalAssociation", {"principal": OTHER, "resourceShareArn": "x"}),
    "image": ("ec2/amiLaunchPermission:AmiLaunchPermission", {"imageId": "ami-1", "accountId": OTHER}),
    "snapshot": ("rds/snapshot:Snapshot", {"dbInstanceIdentifier": "x", "sharedAccounts": [OTHER]}),
}  # fmt: skip


@pytest.mark.parametrize(
    "inputs",
    [
        {"policy": allow("sqs:SendMessage", {"AWS": ACCOUNT})},
        {"policy": allow("sqs:SendMessage", {"AWS": f"arn:aws:iam::{ACCOUNT}:role/x"})},
        {"policy": allow("sqs:SendMessage", {"Service": "events.amazonaws.com"})},
        {"policy": allow("sqs:SendMessage", {"AWS": OTHER}, Effect="Deny")},
        {},
    ],
)
def test_own_account_and_services_are_not_others(build: Builder, inputs: dict[str, Any]) -> None:
    build("sqs/queue:Queue", "queue", **inputs)
    build("iam/role:Role", "role", assumeRolePolicy=trust("lambda.amazonaws.com"))
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
