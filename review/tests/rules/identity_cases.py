"""Cases of roles and of permissions."""

from typing import Final

from review.graph import UNKNOWN
from review.tests.helpers.graph_builder import Json
from review.tests.helpers.stack_parts import allowing
from review.tests.helpers.steps import each, invoke, proxy_stack, resource, role
from review.tests.rules.case import Case, cannot_tell, fails, sound
from review.tests.rules.programs import by_issuer, by_service, inline, trusting, with_role

ROLE = "arn:aws:iam::123456789012:role/task"

# fmt: off
CASES: Final[dict[str, list[Case]]] = {
    "IAM-01": [
        fails("policy", "s3:*", inline(actions=["s3:*"], resource="arn:aws:s3:::mine/*")),
        fails("policy", "s3:Get*", inline(actions=["s3:Get*"], resource="arn:aws:s3:::mine/*")),
        fails("policy", "dynamodb:Put*", inline(actions=["dynamodb:Put*"], resource="arn:aws:s3:::mine/*")),
        fails("policy", "kms:*", inline(actions=["kms:*"], resource="arn:aws:s3:::mine/*")),
        fails("managed", "allows *", resource("iam/policy", "managed", policy=allowing("*"))),
        fails("role", "every action but iam:*", role("role", inlinePolicies=[{"policy": Json({"Statement": {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}})}])),
        sound(inline(actions=["ssmmessages:*", "ec2:CreateNetworkInterface", "ecr:GetAuthorizationToken"]), also=["IAM-02"]),
        sound(inline(actions=["s3:GetObject"], resource="arn:aws:s3:::mine/*"), also=["IAM-02"]),
        sound(inline(actions=["logs:CreateLogStream"], resource="arn:aws:logs:eu-west-1:123456789012:log-group:mine:*"), also=["IAM-02"]),
    ],
    "IAM-02": [
        fails("policy", "dynamodb:DeleteItem on every resource", inline(actions=["dynamodb:DeleteItem", "ecr:GetAuthorizationToken"])),
        *(fails("policy", "secretsmanager:GetSecretValue on every resource",
            inline(actions=["secretsmanager:GetSecretValue"], resource=it)) for it in each("arn:aws:s3:::*", "arn:aws:secretsmanager:*:*:secret:*",
            "arn:aws:dynamodb:*:*:table/*")),
    ],
    "IAM-03": [
        fails("role", "every AWS account", trusting(principal={"AWS": "*"})),
        fails("role", "every identity of token.actions.githubusercontent.com", trusting(principal={"Federated": "token.actions.githubusercontent.com"})),
        *(fails("role", "every identity of", by_issuer(StringLike=it)) for it in each("repo:*", "*", "repo:*/*", "repo:*:ref:refs/heads/main",
            "repo:my-*/infra:*", "rep*", ["repo:a/b:*", "*"])),
        fails("role", "every identity of", by_issuer()),
        *(fails("role", "every identity of", by_issuer(**it)) for it in each({"issuer": "app.terraform.io", "StringLike": "organization:*"},
            {"issuer": "app.terraform.io", "StringLike": "organization:*:project:*"},
            {"issuer": "gitlab.com", "StringLike": "project_path:*:ref_type:branch:ref:main"}, {"issuer": "agent.buildkite.com", "StringLike": "*"})),
        *(sound(by_issuer(**it)) for it in each({"issuer": "app.terraform.io", "StringLike": "organization:acme:project:*"},
            {"issuer": "gitlab.com", "StringLike": "project_path:acme/*:ref_type:branch:ref:main"},
            {"issuer": "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF", "StringLike": "system:serviceaccount:default:*"})),
        *(sound(by_issuer(StringLike=it)) for it in each("repo:my-org/*", "repo:my-org/infra:ref:refs/heads/*", "repo:my-org/infra*", ["repo:a/b:*", "repo:a/c:*"])),
        sound(by_issuer(StringEquals="repo:my-org/infra:environment:prod")),
        # the audience is the pool
        sound(trusting(principal={"Federated": "cognito-identity.amazonaws.com"}, condition={"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:1"}})),
        sound(trusting(principal={"AWS": "*"}, condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})),
        sound(trusting(principal={"AWS": "arn:aws:iam::111122223333:root"})),
        cannot_tell("role", "", resource("iam/role", "role", assumeRolePolicy=UNKNOWN)),
    ],
    "IAM-04": [
        fails("attached", "AdministratorAccess", with_role(service="ec2.amazonaws.com", attached="arn:aws:iam::aws:policy/AdministratorAccess")),
        fails("attached", "AmazonS3FullAccess", with_role(service="ec2.amazonaws.com", attached="arn:aws:iam::aws:policy/AmazonS3FullAccess")),
        sound(with_role(service="ec2.amazonaws.com", attached="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")),
    ],
    "IAM-05": [
        fails("policy", "any role", inline(actions=["iam:PassRole"])),
        sound(inline(actions=["iam:PassRole"], resource=ROLE)),
    ],
    "IAM-07": [
        cannot_tell("wide", "which API wide is for", by_service(service="apigateway", sourceArn=UNKNOWN)),
        fails("wide", "every API of every account", by_service(service="apigateway")),
        fails("wide", "more than one API", by_service(service="apigateway", sourceArn="arn:aws:execute-api:eu-west-1:123456789012:*/*/*")),
        fails("wide", "s3 of every account", by_service()),
        *(sound(by_service(**it)) for it in each({"sourceAccount": "123456789012"}, {"sourceArn": "arn:aws:s3:::b"}, {"sourceArn": UNKNOWN})),
        sound(proxy_stack(), also=["IAM-08"]),
        # no other ID has more characters
        sound(proxy_stack(), invoke("wide", api="api", function="proxy", path="*/*")),
        # AWS takes one principal
        sound(by_service(principal=["events.amazonaws.com", "*"], action="lambda:*"), also=["IAM-08"]),
    ],
    "IAM-08": [
        fails("wide", "lets everybody call the function's URL", by_service(principal="*", action="lambda:InvokeFunctionUrl", functionUrlAuthType="NONE")),
        fails("wide", "lets every AWS account call the function's URL", by_service(principal="*", action="lambda:InvokeFunctionUrl", functionUrlAuthType="AWS_IAM")),
        fails("wide", "", by_service(principal="*", action="lambda:*")),
        sound(by_service(principal="*", principalOrgId="o-1")),
    ],
}
