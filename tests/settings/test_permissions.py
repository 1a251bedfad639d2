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


def config(*permissions: dict[str, Any], **network: Any) -> dict[str, Any]:
    named = {f"entry-{number}": permission for number, permission in enumerate(permissions)}
    # A script that fetches nothing: only the permissions need the network.
    backend = {"kind": "ec2", "userData": "#!/bin/sh\nserve", "access": "none", "permissions": named}
    return {"topology": "public-proxy", "aws:region": "eu-west-1", "backend": backend, "network": network}


def mentioned(*permissions: dict[str, Any], **network: Any) -> dict[str, Any]:
    """With a host that `auto` knows, so that it need not think of the script."""
    return config(*permissions, requiredHosts=["s3.eu-west-1.amazonaws.com"], **network)


@pytest.mark.parametrize(
    ("permissions", "endpoints", "way"),
    [
        ((TABLE, BUCKET), [], "s3-packages"),
        ((QUEUE,), [], "nat-instance"),
        ((QUEUE,), ["sqs"], "s3-packages"),
        ((QUEUE, MODEL), ["sqs"], "nat-instance"),
        ((QUEUE, MODEL), ["sqs", "bedrock-runtime"], "s3-packages"),
    ],
)
def test_auto_knows_the_services(permissions: Any, endpoints: list[str], way: str, read: Read) -> None:
    settings = read(mentioned(*permissions, endpoints=endpoints))
    assert settings.network.egress == (way,)
    assert [*settings.network.endpoints] == endpoints
    if way == "nat-instance":
        missing = "bedrock-runtime" if MODEL in permissions else "sqs"
        assert f"ipv6 lacks the AWS service {missing}" in settings.egress_reason


@pytest.mark.parametrize("egress", ["none", "s3-packages"])
def test_a_network_without_internet_gets_the_endpoints(egress: str, read: Read) -> None:
    settings = read(config(QUEUE, TABLE, MODEL, egress=egress, endpoints=["logs"]))
    assert settings.network.endpoints == ("logs", "sqs", "bedrock-runtime")


def test_a_network_over_ipv6_alone_is_refused(mistakes: Mistakes) -> None:
    (mistake,) = mistakes(config(QUEUE, egress="ipv6"))
    assert mistake.key == "gatehouse:backend.permissions.entry-0"
    assert "the AWS service sqs" in str(mistake.got)
    assert "network.endpoints with sqs added" in mistake.remedy


def test_an_adopted_network_is_held_to_its_routes(mistakes: Mistakes, read: Read) -> None:
    def adopted(*permissions: dict[str, Any], **network: Any) -> dict[str, Any]:
        return config(*permissions, **EXISTING["network"], **network)

    keys = [mistake.key for mistake in mistakes(adopted(QUEUE, TABLE, BUCKET))]
    assert keys == [f"gatehouse:backend.permissions.entry-{number}" for number in range(3)]
    read(adopted(QUEUE, TABLE, BUCKET, egress="nat-gateway"))
    read(adopted(QUEUE, TABLE, BUCKET, endpoints=["sqs", "dynamodb", "s3"]))


def test_the_endpoint_of_s3_admits_the_buckets(read: Read) -> None:
    read(config(BUCKET, egress="none", endpoints=["s3"]))


def test_a_resource_of_another_region_needs_the_internet(mistakes: Mistakes, read: Read) -> None:
    far = {**QUEUE, "name": "arn:aws:sqs:eu-north-1:111122223333:jobs"}
    (mistake,) = mistakes(config(far, egress="none"))
    assert "a VPC endpoint reaches only its own region" in mistake.allowed
    read(config(far, egress="nat-instance"))


def test_to_wait_for_a_state_machine_needs_another_endpoint_than_to_start_it(read: Read) -> None:
    cases = (["start"], ["states"]), (["run"], ["sync-states"]), (["start", "run"], ["states", "sync-states"])
    for allow, endpoints in cases:
        machine = {"kind": "state-machine", "name": "orders", "allow": allow}
        assert [*read(config(machine, egress="none")).network.endpoints] == endpoints


def test_a_function_needs_no_network(read: Read) -> None:
    function = {"folder": "handlers/greeter", "permissions": {"jobs": QUEUE}}
    api = {"functions": {"own": function}, "routes": [{"path": "/own", "target": "own"}]}
    settings = read(config(egress="none") | {"api": api})
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
    function = {"folder": "handlers/greeter", **section}
    api = {"functions": {"own": function}, "routes": [{"path": "/own", "target": "own"}]}
    for wrong, at in (
        (right | {"backend": right["backend"] | section}, "backend"),
        (right | {"api": api}, "api.functions.own"),
    ):
        (mistake,) = mistakes(wrong)
        assert mistake.key == f"gatehouse:{at}.{key}"
        assert words in mistake.allowed


def test_a_function_that_exists_has_its_own_role(mistakes: Mistakes) -> None:
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:own"
    api = {
        "functions": {"own": {"arn": arn, "permissions": {"a": TABLE}}},
        "routes": [{"path": "/own", "target": "own"}],
    }
    (mistake,) = mistakes(config(egress="none") | {"api": api})
    assert mistake.key == "gatehouse:api.functions.own.permissions"
