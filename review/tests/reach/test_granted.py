"""Calls to AWS resources that the policies of a role name: drawn, doubted or refused."""

from typing import Any

import pytest

from review.tests.front_parts import endpoint
from review.tests.graph_builder import Builder, Json
from review.tests.parts import allowing, egress, group, machine, network, paths, trust
from review.tests.serve.programs import lambda_function

OWN = "eu-west-1:123456789012"
TABLE = f"arn:aws:dynamodb:{OWN}:table/orders"
QUEUE = f"arn:aws:sqs:{OWN}:jobs"
READ = ("BatchGetItem", "ConditionCheckItem", "DescribeTable", "GetItem", "PartiQLSelect", "Query", "Scan")
SEND = ("GetQueueUrl", "GetQueueAttributes", "SendMessage")


def drawn(of_role: Any, /, *, way: str = "nat", **given: Any) -> list[str]:
    """The paths of a machine to named resources. `way` is `nat`, `none` or the service of an endpoint."""
    build, net = Builder.of(network, egress=way if way in ("nat", "none") else "none")
    members = group(build, net.vpc, "members")
    egress(build, "out", members, 443, cidrIpv4="0.0.0.0/0")
    if way not in ("nat", "none"):
        endpoint(build, net, way, **given)
    role = build("iam/role:Role", "role", assumeRolePolicy=trust("ec2.amazonaws.com"))
    build("iam/rolePolicy:RolePolicy", "own", role=role.name, policy=of_role)
    profile = build("iam/instanceProfile:InstanceProfile", "profile", role=role.name)
    machine(build, "app", subnetId=net.private[0].id, vpcSecurityGroupIds=[members.id], iamInstanceProfile=profile.name)
    known = ("table", "queue", "key", "bucket", "state-machine")
    return [str(path) for path in paths(build.graph()) if path.target.startswith(known)]


def of(service: str, *actions: str, resource: Any) -> Json:
    return allowing(*(f"{service}:{action}" for action in actions), resource=resource)


@pytest.mark.parametrize(
    ("policy", "way", "found"),
    [
        (of("dynamodb", *READ, resource=[TABLE, f"{TABLE}/index/*"]), "nat", ["app → read → table orders"]),
        (of("dynamodb", "GetItem", resource=TABLE), "nat", ["app → GetItem → table orders"]),
        (of("sqs", *SEND, "PurgeQueue", resource=QUEUE), "nat", ["app → send, PurgeQueue → queue jobs"]),
        (of("sqs", *SEND, resource=QUEUE), "sqs", ["app → send → endpoints → queue jobs"]),
        (of("sqs", *SEND, resource="*"), "nat", []),
        (
            allowing("sqs:SendMessage", "dynamodb:GetItem", "s3:*", resource=[QUEUE, TABLE]),
            "nat",
            ["app → SendMessage → queue jobs", "app → GetItem → table orders"],
        ),
        (allowing("*", resource=TABLE), "nat", ["app → * → table orders"]),
        (of("polly", "SynthesizeSpeech", resource="arn:aws:polly:x:1:lexicon/a"), "nat", []),
    ],
)
def test_a_named_resource_is_drawn_with_what_is_allowed(policy: Any, way: str, found: list[str]) -> None:
    assert drawn(policy, way=way) == found


def test_each_word_goes_through_its_own_endpoint() -> None:
    machine = "arn:aws:states:eu-west-1:123456789012:stateMachine:orders"
    policy = of("states", "StartExecution", "StartSyncExecution", resource=machine)
    start, run = drawn(policy, way="states")
    assert start == "app → start → endpoints → state-machine orders"
    assert run.startswith("app → run → state-machine orders: no, ")
    assert run.endswith("there is no endpoint for sync-states")


def test_a_network_without_a_way_refuses() -> None:
    (found,) = drawn(of("sqs", *SEND, resource=QUEUE), way="none")
    assert found.startswith("app → send → queue jobs: no, ")


def test_the_policy_of_an_endpoint_refuses() -> None:
    policy = Json({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:GetQueueUrl", "Resource": "*"}]})
    (found,) = drawn(of("sqs", *SEND, resource=QUEUE), way="sqs", policy=policy)
    assert "does not allow sqs:GetQueueAttributes" in found


def test_a_condition_is_a_doubt_and_a_denial_takes_the_action_away() -> None:
    allow = {"Effect": "Allow", "Action": [f"sqs:{one}" for one in SEND], "Resource": QUEUE}
    conditioned = Json({"Statement": [allow | {"Condition": {"StringEquals": {"aws:PrincipalTag/a": "b"}}}]})
    assert drawn(conditioned) == ["app → send → queue jobs (cannot tell: whether the conditions of own hold)"]
    denied = Json({"Statement": [allow, {"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*"}]})
    assert drawn(denied) == ["app → GetQueueAttributes, GetQueueUrl → queue jobs"]


def test_a_key_of_another_service_is_no_call_of_the_program() -> None:
    key = f"arn:aws:kms:{OWN}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    allow = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key}
    via = {"Condition": {"StringLike": {"kms:ViaService": "sqs.eu-west-1.amazonaws.com*"}}}
    assert drawn(Json({"Statement": [allow | via]})) == []
    assert drawn(Json({"Statement": [allow]})) == [f"app → decrypt → key {key.rpartition('/')[2]}"]


def test_a_function_outside_any_vpc_reaches_them(build: Builder) -> None:
    role = build("iam/role:Role", "role", assumeRolePolicy=trust("lambda.amazonaws.com"))
    build("iam/rolePolicy:RolePolicy", "own", role=role.name, policy=of("sqs", *SEND, resource=QUEUE))
    lambda_function(build, "sender", role=role.arn)
    assert "sender → send → queue jobs" in [str(path) for path in paths(build.graph())]
