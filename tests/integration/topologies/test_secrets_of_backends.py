"""Secrets in a stack file: the report lists what each kind of backend reads."""

import pytest

from review.reach import trace
from review.tests.helpers.stacks import graph_with

OWN, OTHER = "111122223333", "444455556666"


@pytest.mark.parametrize("account", [OWN, OTHER])
@pytest.mark.parametrize("kind", ["ec2", "fargate"])
def test_the_report_lists_the_secrets_of_both_kinds_of_backend(kind: str, account: str) -> None:
    parameter = f"arn:aws:ssm:eu-west-1:{OWN}:parameter/own"
    secret = f"arn:aws:secretsmanager:eu-west-1:{account}:secret:database-AbCdEf"
    graph = graph_with(
        {
            "aws:allowedAccountIds": [OWN],
            "topology": "vpc-link",
            "backend": {"kind": kind, "image": "nginx:1.29", "secrets": {"DATABASE": secret, "PARAMETER": parameter}},
            "network": {"egress": "nat-instance"},
            "ingress": {"kind": "alb"},
            "api": {"kind": "http", "routes": [{"path": "/", "methods": ["GET"], "authorization": "iam"}]},
        }
    )
    listed = {str(path) for path in trace(graph).paths if path.open}
    assert f"backend → read → {parameter}" in listed
    assert "backend → GetSecretValue → secret database-AbCdEf" in listed
