"""Permissions of a stack file: the network reaches the services that they name, or the stack is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from components.stack.settings import Settings
from tests.settings.wrong_configs import EXISTING

Read = Callable[..., Settings]
Mistakes = Callable[..., list[Any]]
TABLE: dict[str, Any] = {"kind": "table", "name": "orders", "allow": ["read"]}
BUCKET: dict[str, Any] = {"kind": "bucket", "name": "reports", "allow": ["write"]}
QUEUE: dict[str, Any] = {"kind": "queue", "name": "jobs", "allow": ["send"]}
MODEL: dict[str, Any] = {"kind": "model", "name": "amazon.nova-lite-v1:0", "allow": ["invoke"]}
FAR = {**QUEUE, "name": "arn:aws:sqs:eu-north-1:111122223333:jobs"}


def machine(*allow: str) -> dict[str, Any]:
    return {"kind": "state-machine", "name": "orders", "allow": [*allow]}


def config(*permissions: dict[str, Any], **network: Any) -> dict[str, Any]:
    named = {f"entry-{number}": permission for number, permission in enumerate(permissions)}
    # A script that fetches nothing: only the permissions need the network.
    backend = {"kind": "ec2", "userData": "#!/bin/sh\nserve", "access": "none", "permissions": named}
    return {"topology": "public-proxy", "aws:region": "eu-west-1", "backend": backend, "network": network}


@pytest.mark.parametrize(
    ("permissions", "endpoints", "way", "missing"),
    [
        ((TABLE, BUCKET), [], "s3-packages", ""),
        ((QUEUE,), [], "nat-instance", "sqs"),
        ((QUEUE,), ["sqs"], "s3-packages", ""),
        ((QUEUE, MODEL), ["sqs"], "nat-instance", "bedrock-runtime"),
        ((QUEUE, MODEL), ["sqs", "bedrock-runtime"], "s3-packages", ""),
    ],
)
def test_auto_knows_the_services(permissions: Any, endpoints: list[str], way: str, missing: str, read: Read) -> None:
    # A host that `auto` knows, so that it need not think of the script.
    settings = read(config(*permissions, endpoints=endpoints, requiredHosts=["s3.eu-west-1.amazonaws.com"]))
    assert (settings.network.egress, [*settings.network.endpoints]) == ((way,), endpoints)
    assert not missing or f"ipv6 lacks the AWS service {missing}" in settings.egress_reason


@pytest.mark.parametrize(
    ("permissions", "network", "endpoints"),
    [
        ((QUEUE, TABLE, MODEL), {"egress": "none", "endpoints": ["logs"]}, ("logs", "sqs", "bedrock-runtime")),
        ((QUEUE, TABLE, MODEL), {"egress": "s3-packages", "endpoints": ["logs"]}, ("logs", "sqs", "bedrock-runtime")),
        # The endpoint of S3 admits the buckets.
        ((BUCKET,), {"egress": "none", "endpoints": ["s3"]}, ("s3",)),
        ((FAR,), {"egress": "nat-instance"}, ()),
        # To wait for a state machine needs another endpoint than to start it.
        ((machine("start"),), {"egress": "none"}, ("states",)),
        ((machine("run"),), {"egress": "none"}, ("sync-states",)),
        ((machine("start", "run"),), {"egress": "none"}, ("states", "sync-states")),
    ],
)
def test_a_network_without_internet_gets_the_endpoints(
    permissions: Any, network: dict[str, Any], endpoints: tuple[str, ...], read: Read
) -> None:
    assert read(config(*permissions, **network)).network.endpoints == endpoints


def test_what_the_network_does_not_reach_is_refused(mistakes: Mistakes, read: Read) -> None:
    (over_ipv6,) = mistakes(config(QUEUE, egress="ipv6"))
    assert (over_ipv6.key, str(over_ipv6.got)) == ("gatehouse:backend.permissions.entry-0", "needs the AWS service sqs")
    assert "network.endpoints with sqs added" in over_ipv6.remedy
    (of_another_region,) = mistakes(config(FAR, egress="none"))
    assert "a VPC endpoint reaches only its own region" in of_another_region.allowed

    # An adopted network is held to its routes.
    adopted = config(QUEUE, TABLE, BUCKET, **EXISTING["network"])
    keys = [mistake.key for mistake in mistakes(adopted)]
    assert keys == [f"gatehouse:backend.permissions.entry-{number}" for number in range(3)]
    for more in ({"egress": "nat-gateway"}, {"endpoints": ["sqs", "dynamodb", "s3"]}):
        read(adopted | {"network": {**EXISTING["network"], **more}})


def with_function(**keys: Any) -> dict[str, Any]:
    return config(egress="none") | {
        "api": {"functions": {"own": keys}, "routes": [{"path": "/own", "target": "own"}]},
    }


def test_a_function_needs_no_network(read: Read) -> None:
    settings = read(with_function(folder="handlers/greeter", permissions={"jobs": QUEUE}))
    assert settings.network.endpoints == ()
    assert settings.api.functions["own"].arguments["permissions"]["jobs"]["name"] == "jobs"


@pytest.mark.parametrize(
    ("section", "key", "words"),
    [
        ({"permissions": {"a": {**TABLE, "allow": ["send"]}}}, "permissions.a", "read, write with kind: table"),
        ({"permissions": {"a": TABLE, "b": TABLE}}, "permissions.b", "each resource once"),
        ({"permissions": {"a": {**TABLE, "name": "*"}}}, "permissions.a", "the name or the ARN of one table"),
        ({"permissions": {"a": {**TABLE, "kind": "tabel"}}}, "permissions.a.kind", "one of table"),
        ({"permissions": {"a": {**TABLE, "allow": ["read", "read"]}}}, "permissions.a.allow", "each member once"),
        ({"permissions": {"a": {"kind": "table", "name": "orders"}}}, "permissions.a.allow", "required"),
        ({"policyArns": ["AmazonPollyReadOnlyAccess"]}, "policyArns[0]", "an ARN such as"),
        ({"policyArns": ["arn:aws:iam::aws:policy/A"] * 2}, "policyArns", "each member once"),
    ],
)
def test_wrong_permissions_of_backends_and_functions_are_refused(
    section: dict[str, Any], key: str, words: str, mistakes: Mistakes
) -> None:
    right = config(egress="none")
    for wrong, at in (
        (right | {"backend": right["backend"] | section}, "backend"),
        (with_function(folder="handlers/greeter", **section), "api.functions.own"),
    ):
        (mistake,) = mistakes(wrong)
        assert mistake.key == f"gatehouse:{at}.{key}"
        assert words in mistake.allowed


def test_a_function_that_exists_has_its_own_role(mistakes: Mistakes) -> None:
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:own"
    (mistake,) = mistakes(with_function(arn=arn, permissions={"a": TABLE}))
    assert mistake.key == "gatehouse:api.functions.own.permissions"
