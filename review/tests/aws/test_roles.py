"""What the policies of a role decide together, and what stays unknown of them."""

from collections.abc import Callable
from typing import Any

import pytest

from review.aws.identity.iam import Decision
from review.aws.model.model import AwsModel
from review.graph import UNKNOWN
from review.tests.helpers.graph_builder import Builder, Json, Made
from review.tests.helpers.stack_parts import allowing, trust

PUT = "s3:PutObject"
DENYING = Json({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": PUT, "Resource": "*"}]})
UNCLEAR = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": UNKNOWN, "Resource": "*"}]}


@pytest.fixture
def build() -> Builder:
    return Builder()


def role_with(build: Builder, *policies: Any, **inputs: Any) -> Made:
    role = build("iam/role:Role", "role", assumeRolePolicy=trust("lambda.amazonaws.com"), **inputs)
    for number, policy in enumerate(policies):
        build("iam/rolePolicy:RolePolicy", f"policy-{number}", role=role.name, policy=policy)
    return role


def bounded(build: Builder) -> Made:
    boundary = build("iam/policy:Policy", "boundary", policy=allowing("s3:GetObject"))
    return role_with(build, allowing(PUT), permissionsBoundary=boundary.arn)


def attached_to_several(build: Builder) -> Made:
    role = role_with(build)
    policy = build("iam/policy:Policy", "policy", policy=allowing(PUT))
    build("iam/policyAttachment:PolicyAttachment", "several", roles=[role.name], policyArn=policy.arn)
    return role


def attached(build: Builder) -> Made:
    role = role_with(build)
    kind = "iam/rolePolicyAttachment:RolePolicyAttachment"
    build(kind, "attached", role=role.name, policyArn="arn:aws:iam::123456789012:policy/elsewhere")
    return role


DECISIONS: dict[str, tuple[Callable[[Builder], Made], Decision]] = {
    "a policy allows it": (lambda build: role_with(build, allowing(PUT)), Decision.ALLOW),
    "no policy speaks of it": (lambda build: role_with(build, allowing("s3:GetObject")), Decision.SILENT),
    "a denial wins": (lambda build: role_with(build, allowing(PUT), DENYING), Decision.DENY),
    "the boundary does not allow it": (bounded, Decision.DENY),
    "a policy elsewhere may allow it": (attached, Decision.UNKNOWN),
    "a policy is not known in part": (lambda build: role_with(build, UNCLEAR), Decision.UNKNOWN),
    "an attachment to several roles allows it": (attached_to_several, Decision.ALLOW),
}


@pytest.mark.parametrize(("declare", "wanted"), DECISIONS.values(), ids=DECISIONS)
def test_policies_decide_together(build: Builder, declare: Callable[[Builder], Made], wanted: Decision) -> None:
    role = declare(build)
    model = AwsModel(build.graph())
    assert model.roles.decide(model.graph.resources[role.urn], PUT, "arn:aws:s3:::files/*") is wanted
