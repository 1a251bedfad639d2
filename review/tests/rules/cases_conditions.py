"""Conditions that bind nobody, and principals that are everybody, in resource policies and permissions."""

from typing import Any

from review.tests.graph_builder import Builder
from review.tests.parts import proxy_stack
from review.tests.rules.cases import fault, quiet
from review.tests.rules.cases_identity import bucket_policy

for _condition in (
    {"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}},
    {"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}},
    {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    {"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": ["o-1/"]}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}},
    {"StringLike": {"aws:PrincipalArn": ["arn:aws:iam::123456789012:role/a", "*"]}},
):

    @fault("IAM-10", at="policy", message="to every principal of any account")
    def _(build: Builder, condition: Any = _condition) -> None:
        bucket_policy(build, Condition=condition)


for _condition in (
    {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "198.51.100.0/24"]}},
    {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-1/*"]}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/*"}},
    {"StringNotEquals": {"aws:PrincipalAccount": "1"}, "StringEquals": {"aws:PrincipalOrgID": "o-1"}},
):

    @quiet("IAM-10")
    def _(build: Builder, condition: Any = _condition) -> None:
        bucket_policy(build, Condition=condition)


fault("IAM-10", at="policy", message="to every principal of any account")(
    lambda build: bucket_policy(build, Principal=None, NotPrincipal={"AWS": "arn:aws:iam::123456789012:root"})
)


for _principal, _register in (
    ("*", fault("IAM-10", at="bus", message="every principal of any account")),
    ("1", quiet("IAM-10")),
):

    @_register
    def _(build: Builder, principal: str = _principal) -> None:
        build("cloudwatch/eventPermission:EventPermission", "bus", principal=principal, statementId="s")


def _url_permission(build: Builder, kind: Any) -> None:
    function = proxy_stack(build).proxy.function
    given: dict[str, Any] = {"action": "lambda:InvokeFunctionUrl", "function": function.name, "principal": "*"}
    build("lambda/permission:Permission", "url", functionUrlAuthType=kind, **given)


fault("IAM-08", at="url", message="every AWS account call the function's URL")(
    lambda build: _url_permission(build, "AWS_IAM")
)
quiet("IAM-08")(lambda build: _url_permission(build, "NONE"))
