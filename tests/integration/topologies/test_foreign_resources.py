"""Resources of another account in a stack file: the report says what that account must allow."""

from typing import Any

import pytest
from review.report.foreign_resources import list_foreign_resources

from review.aws.model.model import AwsModel
from review.tests.helpers.stack_parts import paths
from review.tests.helpers.stacks import graph_with

OWN, OTHER = "111122223333", "444455556666"
KEY = "12345678-1234-1234-1234-123456789012"
ROUTE = {"path": "/", "methods": ["GET"], "authorization": "iam"}


def build_config(account: str, kind: str, **more: Any) -> dict[str, Any]:
    backend = {
        "kind": kind,
        "image": f"{account}.dkr.ecr.eu-west-1.amazonaws.com/shop:1",
        "secrets": {
            "DATABASE": f"arn:aws:secretsmanager:eu-west-1:{account}:secret:database-AbCdEf",
            "OWN": f"arn:aws:ssm:eu-west-1:{OWN}:parameter/own",
        },
        "kmsKeyArns": [f"arn:aws:kms:eu-west-1:{account}:key/{KEY}"],
    }
    config = {
        "topology": "vpc-link",
        "backend": backend,
        "network": {"egress": "nat-instance"},
        "ingress": {"kind": "alb"},
        "api": {"kind": "http", "routes": [ROUTE]},
        "protection": {"alarms": {"topicArn": f"arn:aws:sns:eu-west-1:{account}:ops"}},
    }
    return {"aws:allowedAccountIds": [OWN], **config, **more}


def list_words(config: dict[str, Any]) -> list[str]:
    return list_foreign_resources(AwsModel(graph_with(config)))


@pytest.mark.parametrize("kind", ["ec2", "fargate"])
def test_the_other_account_must_allow_images_keys_secrets_and_topics(kind: str) -> None:
    image, key, secret, topic = list_words(build_config(OTHER, kind))
    assert image.startswith(f"image shop of account {OTHER}: the policy of its repository must let this account pull")
    assert key.startswith(f"key {KEY} of account {OTHER}: its key policy")
    assert secret.startswith(f"secret database-AbCdEf of account {OTHER}: its resource policy must let the role")
    assert topic.startswith(f"topic ops of account {OTHER}: its policy must let this account's alarms")


def test_a_function_needs_the_image_and_layers_of_the_other_account() -> None:
    image = {"image": f"{OTHER}.dkr.ecr.eu-west-1.amazonaws.com/orders:1"}
    layered = {"folder": "handlers/greeter", "layers": [f"arn:aws:lambda:eu-west-1:{OTHER}:layer:tools:3"]}
    routes = [{**ROUTE, "target": "first"}, {**ROUTE, "path": "/second", "target": "second"}]
    config = {"topology": "public-proxy", "api": {"functions": {"first": image, "second": layered}, "routes": routes}}
    pulled, layer = list_words({"aws:allowedAccountIds": [OWN], **config})
    assert pulled.startswith(f"image orders of account {OTHER}: ")
    assert layer.startswith(f"layer tools:3 of account {OTHER}: a permission of its version must admit this account")


def test_nothing_is_said_of_own_resources_and_without_a_known_account() -> None:
    assert list_words(build_config(OWN, "fargate")) == []
    assert list_words(build_config(OTHER, "fargate", **{"aws:allowedAccountIds": None})) == []
    assert list_words(build_config(OTHER, "fargate", **{"aws:allowedAccountIds": [OWN, OTHER]})) == []


@pytest.mark.parametrize(("kind", "action"), [("ec2", "GetParameter"), ("fargate", "GetParameters")])
def test_the_report_lists_the_secrets_of_both_kinds_of_backend(kind: str, action: str) -> None:
    listed = [str(path) for path in paths(graph_with(build_config(OWN, kind))) if path.open]
    assert f"backend → {action} → parameter own" in listed
    assert "backend → GetSecretValue → secret database-AbCdEf" in listed
