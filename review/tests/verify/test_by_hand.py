"""What somebody added by hand is found and named, and nothing else is."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from review.graph import Graph, Secret
from review.report.render import verification as report
from review.tests.graph_builder import Builder
from review.tests.verify.fake_aws import FakeAws, deployed
from review.tests.verify.test_drift import JSON, NAT, WEBHOOK, drift, statement, verified
from tests.helpers.stacks import graph_of


def put(*path: str | int, value: Any) -> Callable[[JSON], None]:
    """Add a member to a list deep in an answer."""

    def change(answer: Any) -> None:
        for key in path[:-1]:
            answer = answer[key]
        answer.setdefault(path[-1], []).append(value) if isinstance(answer, dict) else answer[path[-1]].append(value)

    return change


def permitted_to_all(answer: JSON) -> None:
    policy = json.loads(str(answer.get("Policy") or '{"Statement": []}'))
    policy["Statement"] = [*getattr(answer.get("Policy"), "statements", policy["Statement"])]
    policy["Statement"].append({"Sid": "hand", "Action": "lambda:InvokeFunction", "Principal": "*"})
    answer["Policy"] = json.dumps(policy)


BY_HAND: Mapping[str, JSON] = yaml.safe_load(Path(__file__).with_name("by_hand.yaml").read_text())


def test_a_method_by_hand_is_found_and_others_are_not_by_hand() -> None:
    build = Builder()
    api = build("apigateway/restApi:RestApi", "api")
    root = build("apigateway/resource:Resource", "orders", restApi=api.id, parentId="root", pathPart="orders")
    build("apigateway/method:Method", "get", restApi=api.id, resourceId=root.id, httpMethod="GET", authorization="NONE")
    graph = deployed(build.graph())
    aws = FakeAws(graph)
    assert drift(verified(graph, aws)) == []
    method = {"ANY": {"authorizationType": "NONE", "apiKeyRequired": False}}
    aws.change("apigateway.GetResources", put("items", value={"id": "r", "path": "/", "resourceMethods": method}))
    assert drift(verified(graph, aws))[0].items() >= {"resource": "ANY / of api", "kind": "not declared"}.items()
    aws.change("apigateway.GetResources", put("items", value={"resourceMethods": method}))
    assert any("apigateway:GET" in line or "GetResources" in line for line in verified(graph, aws).unread)


@pytest.mark.parametrize(
    ("kind", "call", "answer"),
    [
        ("sqs/queue:Queue", "sqs.GetQueueAttributes", lambda text: {"Attributes": {"Policy": text}}),
        ("sns/topic:Topic", "sns.GetTopicAttributes", lambda text: {"Attributes": {"Policy": text}}),
        ("kms/key:Key", "kms.GetKeyPolicy", lambda text: {"Policy": text}),
        ("secretsmanager/secret:Secret", "secretsmanager.GetResourcePolicy", lambda text: {"ResourcePolicy": text}),
        ("s3/bucket:Bucket", "s3.GetBucketPolicy", lambda text: {"Policy": text}),
        ("ecr/repository:Repository", "ecr.GetRepositoryPolicy", lambda text: {"policyText": text}),
        ("efs/fileSystem:FileSystem", "efs.DescribeFileSystemPolicy", lambda text: {"Policy": text}),
        ("dynamodb/table:Table", "dynamodb.GetResourcePolicy", lambda text: {"Policy": text})
    ]
)  # fmt: skip
def test_a_policy_that_no_resource_declares_is_made_by_hand(
    kind: str, call: str, answer: Callable[[str], JSON]
) -> None:
    """The engine's refresh compares what the program declares, and a topic's policy may not be."""
    build = Builder()
    build(kind, "it")
    graph = deployed(build.graph())
    aws = FakeAws(graph)
    assert drift(verified(graph, aws)) == []
    for usual in USUAL.get(call, ()):
        aws.more[call] = answer(json.dumps({"Statement": [usual]}))
        assert drift(verified(graph, aws)) == []
        for key in usual.keys() & {"Principal", "Action", "Condition"}:
            aws.more[call] = answer(json.dumps({"Statement": [{**usual, key: {} if key == "Condition" else "*"}]}))
            assert drift(verified(graph, aws))
    aws.more[call] = answer(statement("hand"))
    (only,) = drift(verified(graph, aws))
    assert (only["resource"], only["kind"]) == ("policy of it", "not declared")


USUAL: Mapping[str, list[JSON]] = {
    "kms.GetKeyPolicy": [{"Sid": "Enable IAM User Permissions", "Effect": "Allow", "Action": "kms:*", "Resource": "*",
                          "Principal": {"AWS": "arn:aws:iam::123456789012:root"}}],
    "sns.GetTopicAttributes": [{"Sid": "__default_statement_ID", "Effect": "Allow", "Action": "SNS:Publish",
                                "Principal": {"AWS": "*"}, "Resource": "arn:aws:sns:eu-west-1:123456789012:it",
                                "Condition": {"StringEquals": {"AWS:SourceOwner": "123456789012"}}}],
    "s3.GetBucketPolicy": [{"Sid": "AWSLogDeliveryWrite", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*",
                            "Principal": {"Service": "delivery.logs.amazonaws.com"},
                            "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}}]
}  # fmt: skip
"""Statements that AWS writes by itself."""


def test_what_the_provider_permits_for_an_open_function_url_is_not_by_hand() -> None:
    graph = deployed(graph_of(WEBHOOK))
    aws = FakeAws(graph)
    conditions = (
        {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}},
        {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}},
    )
    its = (
        {"Sid": "FunctionURLAllowPublicAccess", "Action": "lambda:InvokeFunctionUrl"},
        {"Sid": "FunctionURLAllowInvokeAction", "Action": "lambda:InvokeFunction"},
    )
    for whom, count in (("*", 0), ({"AWS": "arn:aws:iam::999999999999:root"}, 2)):
        listed = [{**one, "Principal": whom, "Condition": where} for one, where in zip(its, conditions, strict=True)]
        aws.more["lambda.GetPolicy"] = {"Policy": json.dumps({"Statement": listed})}
        found = [one for one in drift(verified(graph, aws)) if one["type"].endswith(":Permission")]
        assert len(found) == count


def test_a_default_statement_that_was_opened_is_made_by_hand() -> None:
    build = Builder()
    build("sns/topic:Topic", "it")
    graph = deployed(build.graph())
    held = {one.urn: replace(one, state={**one.state, "policy": statement("other")}) for one in graph}
    aws = FakeAws(graph := replace(graph, resources=held))
    for sid, count in (("other", 1), ("__default_statement_ID", 1)):
        aws.more["sns.GetTopicAttributes"] = {"Attributes": {"Policy": statement(sid)}}
        assert len(drift(verified(graph, aws))) == count


def test_code_that_was_changed_by_hand_fails_a_check() -> None:
    graph = deployed(graph_of(NAT))
    aws = FakeAws(graph)
    aws.more["lambda.GetFunctionConfiguration"] = {"CodeSha256": "other"}
    failed = [check for check in report.document(verified(graph, aws))["checks"] if check["status"] == "failed"]
    assert "0 of 1 function with the code of the last update" in [one["message"] for one in failed]


@pytest.mark.parametrize("name", BY_HAND)
def test_what_was_added_by_hand_is_found_and_has_an_effect(name: str) -> None:
    row = BY_HAND[name]
    graph = deployed(graph_of(f"examples/{row['stack']}.yaml"))
    ids = {resource.name: str(resource.id) for resource in graph}
    member = re.sub(r"<([\w-]+)>", lambda name: ids[name[1]], json.dumps(row["member"]))
    aws = FakeAws(graph)
    aws.change(row["call"], put(*row["at"], value=json.loads(member)))
    document = report.document(verified(graph, aws))
    found = [one for one in document["drift"] if one["type"].endswith(f":{row['type']}")]
    assert found
    assert {one["kind"] for one in found} == {"not declared"}
    assert all(one["remedy"] for one in found)
    assert row["effect"] in "\n".join(document["effects"] + document["opens"] + document["breaks"])


def test_a_permission_by_hand_is_found_and_has_an_effect() -> None:
    aws = FakeAws(graph := deployed(graph_of(WEBHOOK)))
    aws.change("lambda.GetPolicy", permitted_to_all)
    document = report.document(verified(graph, aws))
    assert {one["type"] for one in document["drift"]} == {"aws:lambda/permission:Permission"}
    assert any("anyone → proxy-function" in line for line in document["effects"])


def changed(graph: Graph, kind: str, **fields: Any) -> Graph:
    """A graph whose resources of a kind have other options, inputs or outputs."""
    resources = {one.urn: replace(one, **fields) if one.kind == kind else one for one in graph}
    return replace(graph, resources=resources)


def test_members_of_existing_parents_and_of_those_that_declare_them_themselves_are_not_looked_for() -> None:
    graph = deployed(graph_of(WEBHOOK))
    aws = FakeAws(graph)
    aws.change("iam.ListRolePolicies", put("PolicyNames", value="hand"))
    assert {one["type"].rpartition(":")[2] for one in drift(verified(graph, aws))} == {"RolePolicy"}
    inline = changed(graph, "Role", inputs={"inlinePolicies": [{"name": "hand"}]})
    assert drift(verified(inline, aws)) == []
    assert drift(verified(changed(graph, "Role", existing=True), aws)) == []


def test_members_of_parents_without_a_known_id_are_a_gap_and_not_made_by_hand() -> None:
    graph = deployed(graph_of(WEBHOOK))
    policies = [policy for policy in graph if policy.kind == "RolePolicy"]
    hidden = {policy.urn: replace(policy, state={**policy.state, "name": Secret("x")}) for policy in policies}
    verification = verified(replace(graph, resources={**graph.resources, **hidden}))
    assert not drift(verification)
    assert any("so others than these cannot be found" in line for line in verification.unread)
