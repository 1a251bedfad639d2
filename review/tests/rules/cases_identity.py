"""Least privilege."""

from typing import Any

from review.graph import UNKNOWN
from review.tests.graph_builder import Builder, Json
from review.tests.parts import allowing, proxy_stack, trust
from review.tests.rules.cases import fault, quiet


def inline(build: Builder, *actions: str, resource: Any = "*") -> None:
    role = build("iam/role:Role", "role", assumeRolePolicy=trust("ec2.amazonaws.com"))
    build("iam/rolePolicy:RolePolicy", "policy", role=role.name, policy=allowing(*actions, resource=resource))


fault("IAM-01", at="policy", message="s3:*")(lambda build: inline(build, "s3:*", resource="arn:aws:s3:::mine/*"))
fault("IAM-01", at="managed", message="allows *")(
    lambda build: build("iam/policy:Policy", "managed", policy=allowing("*"))
)


@fault("IAM-01", at="role", message="every action but iam:*")
def _(build: Builder) -> None:
    document = Json({"Statement": {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}})
    build("iam/role:Role", "role", assumeRolePolicy=trust("ec2.amazonaws.com"), inlinePolicies=[{"policy": document}])


quiet("IAM-01", "IAM-02")(
    lambda build: inline(build, "ssmmessages:*", "ec2:CreateNetworkInterface", "ecr:GetAuthorizationToken")
)
fault("IAM-02", at="policy", message="dynamodb:DeleteItem on every resource")(
    lambda build: inline(build, "dynamodb:DeleteItem", "ecr:GetAuthorizationToken")
)
quiet("IAM-02", "IAM-01")(lambda build: inline(build, "s3:GetObject", resource="arn:aws:s3:::mine/*"))


def trusting(build: Builder, principal: Any, condition: dict[str, Any] | None = None) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    statement |= {"Condition": condition} if condition else {}
    build("iam/role:Role", "role", assumeRolePolicy=Json({"Statement": [statement]}))


fault("IAM-03", at="role", message="every AWS account")(lambda build: trusting(build, {"AWS": "*"}))
fault("IAM-03", at="role", message="every identity of token.actions.githubusercontent.com")(
    lambda build: trusting(build, {"Federated": "token.actions.githubusercontent.com"})
)


GITHUB = "token.actions.githubusercontent.com"
GITHUB_PROVIDER = {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{GITHUB}"}
AUDIENCE = {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}

for _subject in (
    "repo:*",
    "*",
    "repo:*/*",
    "repo:*:ref:refs/heads/main",
    "repo:my-*/infra:*",
    "rep*",
    ["repo:a/b:*", "*"],
):

    @fault("IAM-03", at="role", message="every identity of")
    def _(build: Builder, subject: Any = _subject) -> None:
        trusting(build, GITHUB_PROVIDER, {**AUDIENCE, "StringLike": {f"{GITHUB}:sub": subject}})


fault("IAM-03", at="role", message="every identity of")(lambda build: trusting(build, GITHUB_PROVIDER, AUDIENCE))


for _issuer, _subject in (
    ("app.terraform.io", "organization:*"),
    ("app.terraform.io", "organization:*:project:*"),
    ("gitlab.com", "project_path:*:ref_type:branch:ref:main"),
    ("agent.buildkite.com", "*"),
):

    @fault("IAM-03", at="role", message="every identity of")
    def _(build: Builder, issuer: str = _issuer, subject: str = _subject) -> None:
        audience = {f"{issuer}:aud": "aws.workload.identity"}
        provider = {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{issuer}"}
        trusting(build, provider, {"StringEquals": audience, "StringLike": {f"{issuer}:sub": subject}})


for _issuer, _subject in (
    ("app.terraform.io", "organization:acme:project:*"),
    ("gitlab.com", "project_path:acme/*:ref_type:branch:ref:main"),
    ("oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF", "system:serviceaccount:default:*"),
):

    @quiet("IAM-03")
    def _(build: Builder, issuer: str = _issuer, subject: str = _subject) -> None:
        provider = {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{issuer}"}
        trusting(build, provider, {"StringLike": {f"{issuer}:sub": subject}})


for _subject in (
    "repo:my-org/*",
    "repo:my-org/infra:ref:refs/heads/*",
    "repo:my-org/infra*",
    ["repo:a/b:*", "repo:a/c:*"],
):

    @quiet("IAM-03")
    def _(build: Builder, subject: Any = _subject) -> None:
        trusting(build, GITHUB_PROVIDER, {**AUDIENCE, "StringLike": {f"{GITHUB}:sub": subject}})


@quiet("IAM-03")
def _(build: Builder) -> None:
    exact = {f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": "repo:my-org/infra:environment:prod"}
    trusting(build, GITHUB_PROVIDER, {"StringEquals": exact})


@quiet("IAM-03")
def _(build: Builder) -> None:
    """The audience of a Cognito identity pool is the pool."""
    condition = {"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:1"}}
    trusting(build, {"Federated": "cognito-identity.amazonaws.com"}, condition)


quiet("IAM-03")(lambda build: trusting(build, {"AWS": "*"}, {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}))
quiet("IAM-03")(lambda build: trusting(build, {"AWS": "arn:aws:iam::111122223333:root"}))


def attached(build: Builder, name: str) -> None:
    role = build("iam/role:Role", "role", assumeRolePolicy=trust("ec2.amazonaws.com"))
    arn = f"arn:aws:iam::aws:policy/{name}"
    build("iam/rolePolicyAttachment:RolePolicyAttachment", "attachment", role=role.name, policyArn=arn)


fault("IAM-04", at="attachment", message="AdministratorAccess")(lambda build: attached(build, "AdministratorAccess"))
fault("IAM-04", at="attachment", message="AmazonS3FullAccess")(lambda build: attached(build, "AmazonS3FullAccess"))
quiet("IAM-04")(lambda build: attached(build, "AmazonSSMManagedInstanceCore"))
fault("IAM-05", at="policy", message="any role")(lambda build: inline(build, "iam:PassRole"))
quiet("IAM-05")(lambda build: inline(build, "iam:PassRole", resource="arn:aws:iam::123456789012:role/task"))


def _by_service(build: Builder, service: str = "s3", **more: Any) -> None:
    function = proxy_stack(build).proxy.function
    given = {"action": "lambda:InvokeFunction", "function": function.name, "principal": f"{service}.amazonaws.com"}
    build("lambda/permission:Permission", "wide", **given, **more)


fault("IAM-07", at="wide", message="every API of every account")(lambda build: _by_service(build, "apigateway"))
fault("IAM-07", at="wide", message="more than one API")(
    lambda build: _by_service(build, "apigateway", sourceArn="arn:aws:execute-api:eu-west-1:123456789012:*/*/*")
)
fault("IAM-07", at="wide", message="s3 of every account")(_by_service)


for _source in ({"sourceAccount": "123456789012"}, {"sourceArn": "arn:aws:s3:::b"}, {"sourceArn": UNKNOWN}):

    @quiet("IAM-07")
    def _(build: Builder, source: Any = _source) -> None:
        _by_service(build, **source)


quiet("IAM-07", "IAM-08")(proxy_stack)


@quiet("IAM-07")
def _(build: Builder) -> None:
    """Of one API, whose ID ends where the wildcard begins: no other ID has more characters."""
    stack = proxy_stack(build)
    invoke: dict[str, Any] = {"action": "lambda:InvokeFunction", "principal": "apigateway.amazonaws.com"}
    arn = stack.gate.api.executionArn + "*/*"
    build("lambda/permission:Permission", "wide", function=stack.proxy.function.name, sourceArn=arn, **invoke)


@quiet("IAM-07", "IAM-08")
def _(build: Builder) -> None:
    """AWS takes one principal; a list says nothing that a rule could read."""
    function = proxy_stack(build).proxy.function
    principals = ["events.amazonaws.com", "*"]
    build("lambda/permission:Permission", "several", action="lambda:*", function=function.name, principal=principals)


@fault("IAM-08", at="everybody")
def _(build: Builder) -> None:
    function = proxy_stack(build).proxy.function
    build("lambda/permission:Permission", "everybody", action="lambda:*", function=function.name, principal="*")


@quiet("IAM-08")
def _(build: Builder) -> None:
    stack = proxy_stack(build)
    build(
        "lambda/permission:Permission",
        "organization",
        action="lambda:InvokeFunction",
        function=stack.proxy.function.name,
        principal="*",
        principalOrgId="o-1",
    )
