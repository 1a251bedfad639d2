"""`egress: auto` takes the cheapest way that serves what the config names, and gives the reason."""

from collections.abc import Callable
from typing import Any

import pytest

from components.stack.settings import Settings
from tests.settings.wrong_configs import BASE, ECR, FARGATE, PRIVATE

Read = Callable[..., Settings]
SCRIPT: dict[str, Any] = {"kind": "ec2", "image": None, "userData": "#!/bin/sh\necho ready"}


QUEUE: dict[str, Any] = {"jobs": {"kind": "queue", "name": "jobs", "allow": ["send"]}}
MODEL: dict[str, Any] = {"writer": {"kind": "model", "name": "amazon.nova-lite-v1:0", "allow": ["invoke"]}}


def with_backend(base: dict[str, Any] = BASE, **keys: Any) -> dict[str, Any]:
    backend = {key: value for key, value in {**base["backend"], **keys}.items() if value is not None}
    return base | {"backend": backend}


def hosts(host: str) -> dict[str, Any]:
    """A backend that needs nothing else but packages, and calls this host."""
    backend = with_backend(image="s3://images-of-mine/a.tar.gz", access="none")
    return backend | {"network": {"requiredHosts": [host]}, "aws:region": "eu-west-1"}


@pytest.mark.parametrize(
    ("config", "way", "reason"),
    [
        (BASE, "ipv6", "s3-packages lacks nginx:1.29, Session Manager"),
        (with_backend(image="ghcr.io/a/b:1"), "nat-instance", "ipv6 lacks ghcr.io/a/b:1"),
        (with_backend(image="quay.io/a/b:1", access="none"), "ipv6", "serves quay.io/a/b:1, the Amazon Linux package"),
        (
            with_backend(image="s3://images-of-mine/a.tar.gz", access="none"),
            "s3-packages",
            "none lacks the Amazon Linux",
        ),
        # Hosts of AWS in each written form, of the stack's region and of another.
        (hosts("a.s3.eu-west-1.amazonaws.com"), "s3-packages", "none lacks a.s3.eu-west-1.amazonaws.com"),
        (hosts("s3.dualstack.eu-west-1.amazonaws.com"), "s3-packages", "none lacks s3.dualstack.eu-west-1"),
        (hosts("s3.dualstack.us-east-1.amazonaws.com"), "ipv6", "s3-packages lacks s3.dualstack.us-east-1"),
        (hosts("a.s3.us-east-1.amazonaws.com"), "nat-instance", "ipv6 lacks a.s3.us-east-1.amazonaws.com"),
        (hosts("111122223333.ddb.eu-west-1.amazonaws.com"), "s3-packages", "none lacks 111122223333.ddb"),
        (hosts("dynamodb.us-east-1.amazonaws.com"), "nat-instance", "ipv6 lacks dynamodb.us-east-1.amazonaws.com"),
        (hosts("sqs.eu-west-1.amazonaws.com"), "ipv6", "s3-packages lacks sqs.eu-west-1.amazonaws.com"),
        (hosts("states.eu-west-1.amazonaws.com"), "nat-instance", "ipv6 lacks states.eu-west-1.amazonaws.com"),
        (with_backend(FARGATE), "nat-instance", "ipv6 lacks nginx:1.29"),
        # Names with IPv6 addresses: AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dual-stack.html.
        (with_backend(permissions=QUEUE), "ipv6", "s3-packages lacks nginx:1.29"),
        (with_backend(permissions=MODEL), "nat-instance", "ipv6 lacks the AWS service bedrock-runtime"),
        (with_backend(FARGATE, image=ECR, permissions=QUEUE), "nat-instance", f"ipv6 lacks {ECR}"),
        (
            with_backend(permissions=QUEUE, environment={"AWS_USE_DUALSTACK_ENDPOINT": "false"}),
            "nat-instance",
            "ipv6 lacks the AWS service sqs",
        ),
        (with_backend(FARGATE, image=ECR), "nat-instance", f"ipv6 lacks {ECR}, CloudWatch Logs over IPv4"),
        (
            with_backend(FARGATE, image=ECR, secrets={"KEY": "arn:aws:ssm:eu-west-1:111122223333:parameter/x"})
            | {"network": {"endpoints": ["ecr.api", "ecr.dkr", "logs"]}},
            "nat-instance",
            "ipv6 lacks Systems Manager parameters over IPv4",
        ),
        (
            with_backend(FARGATE, image="111122223333.dkr-ecr.eu-west-1.on.aws/app:1.0")
            | {"network": {"endpoints": ["logs"]}},
            "nat-instance",
            "ipv6 lacks 111122223333.dkr-ecr.eu-west-1.on.aws/app:1.0",
        ),
        (
            with_backend(FARGATE, image=ECR) | {"network": {"endpoints": ["ecr.api", "ecr.dkr", "logs"]}},
            "none",
            "nothing in the network has to reach anything outside it",
        ),
        (with_backend(**SCRIPT), "nat-instance", "what backend.userData fetches is not known"),
        (with_backend(**SCRIPT, access="none") | {"network": {"requiredHosts": ["quay.io"]}}, "ipv6", "serves quay.io"),
        # Nothing makes the agent of a machine with a script of its own call AWS over IPv6.
        (
            with_backend(**SCRIPT) | {"network": {"requiredHosts": ["quay.io"]}},
            "nat-instance",
            "lacks Session Manager over IPv4",
        ),
        (
            with_backend(image="s3://images-of-mine/a.tar.gz", access="none")
            | {"network": {"requiredHosts": ["s3.eu-west-1.amazonaws.com", "dynamodb.eu-west-1.amazonaws.com"]}},
            "s3-packages",
            "serves s3.eu-west-1.amazonaws.com",
        ),
        (
            with_backend(image="s3://images-of-mine/a.tar.gz", access="none")
            | {"network": {"requiredHosts": ["api.ecr.eu-west-1.amazonaws.com"], "endpoints": ["ecr.api"]}},
            "s3-packages",
            "serves the Amazon Linux",
        ),
        (BASE | {"network": {"requiredHosts": ["api.github.com"]}}, "nat-instance", "ipv6 lacks api.github.com"),
        (
            BASE | {"network": {"requiredHosts": ["a.invalid"]}},
            "nat-instance",
            "a.invalid (whether over IPv6 is not known)",
        ),
        (BASE | {"network": {"requiredHosts": ["sqs.eu-west-1.api.aws"]}}, "ipv6", "serves sqs.eu-west-1.api.aws"),
        (with_backend(secrets={"KEY": "arn:aws:ssm:eu-west-1:111122223333:parameter/x"}), "ipv6", "parameters"),
        (
            with_backend(image="s3://images-of-mine/a.tar.gz") | {"network": {"endpoints": ["ssm", "ssmmessages"]}},
            "s3-packages",
            "serves the Amazon Linux package repositories, Session Manager",
        ),
        (PRIVATE, "none", "nothing in the network has to reach anything outside it"),
        (PRIVATE | {"consumer": {"access": "session-manager"}}, "ipv6", "serves Session Manager"),
    ],
)
def test_the_cheapest_way_that_serves_everything_is_taken(
    read: Read, config: dict[str, Any], way: str, reason: str
) -> None:
    settings = read(config)
    assert settings.network.egress == (way,)
    assert reason in settings.egress_reason


@pytest.mark.parametrize("egress", ["none", "nat-gateway", ["ipv6", "nat-instance"]])
def test_what_the_stack_file_names_is_taken(read: Read, egress: Any) -> None:
    settings = read(PRIVATE | {"network": {"egress": egress}})
    assert [*settings.network.egress] == ([egress] if isinstance(egress, str) else egress)
    assert settings.egress_reason == ""
