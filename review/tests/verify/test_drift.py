"""Drift: what the refresh read from AWS and what somebody added by hand is found and named, and nothing else is."""

import importlib
import inspect
import json
import random
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from review.engine_files.document import EngineFileError
from review.engine_files.plan import read_refresh
from review.graph import Graph, Options, Secret
from review.report.render import verification as report
from review.tests.engine_files import writer
from review.tests.graph_builder import Builder
from review.tests.verify.fake_aws import FakeAws, deployed, refreshed
from review.tests.verify.strangers import id_of
from review.verify.calls import Caller
from review.verify.cloud import Cloud
from review.verify.table import load
from review.verify.verification import Verification, verify
from tests.helpers.stacks import ALL, graph_of

JSON = dict[str, Any]
FORTRESS, NAT, WEBHOOK, ALB, MAP, JWT = (
    f"examples/{name}.yaml"
    for name in ("fortress", "nat-instance", "webhook", "http-alb-ec2", "http-cloudmap-fargate", "jwt-http")
)
CARRIERS = ("front-domain", "front-stage", "ingress-alb", "ingress-targets", "ingress-link", "backend-service")
MOVING = ("id", "code", "createDate", "createdDate", "desiredCapacity", "instanceState", "lastModified", "tagsAll")
"""Outputs that change while a stack runs, and those that the engine writes otherwise."""


def verified(graph: Graph, aws: FakeAws | None = None, changes: Mapping[str, Any] | None = None) -> Verification:
    return verify(refreshed(graph, changes), Cloud(aws or FakeAws(graph)), Caller(), offline=True)


def drift(verification: Verification) -> list[JSON]:
    listed: list[JSON] = report.document(verification)["drift"]
    return listed


@pytest.mark.parametrize("stack", ALL)
def test_nothing_drifts_from_what_was_just_deployed(stack: str) -> None:
    graph = deployed(graph_of(stack))
    found = verified(graph)
    assert (drift(found), report.document(found)["effects"], found.unread) == ([], [], ())
    assert found.compared == sum(one.custom and not one.existing and one.type.startswith("aws:") for one in graph)


@pytest.mark.parametrize(
    "condition",
    [
        {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
        {"StringEquals": {"aws:SourceVpce": "vpce-0"}},
        {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
        {},
    ],
    ids=str,
)
def test_each_change_of_a_condition_of_a_policy_is_drift(condition: JSON) -> None:
    """Conditions on AWS's own keys are what Gatehouse admits callers by."""

    def policy(where: JSON) -> str:
        allowed = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}
        return json.dumps({"Version": "2012-10-17", "Statement": [{**allowed, "Condition": where}]})

    build = Builder()
    build("apigateway/restApi:RestApi", "api", policy=policy({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}))
    graph = deployed(build.graph())
    (only,) = drift(verified(graph, changes={"api": {"policy": policy(condition)}}))
    assert (only["resource"], only["kind"]) == ("api", "changed")
    assert all(difference["input"].startswith("policy") for difference in only["differences"])


def test_a_policy_that_the_program_does_not_declare_is_drift_if_it_changes() -> None:
    """A key has one all the same. The engine's own difference does not name it."""
    build = Builder()
    build("kms/key:Key", "key")
    graph = deployed(build.graph())
    (key,) = (resource for resource in graph if resource.name == "key")
    graph = replace(graph, resources={**graph.resources, key.urn: replace(key, state={**key.state, "policy": "{}"})})
    opened = {"key": {"policy": '{"Statement": []}', "lastRotationTime": "now"}}
    refresh = read_refresh("refresh", json.dumps(writer.refresh(graph, opened, named=())).encode())
    verification = verify(refresh, Cloud(FakeAws(graph)), Caller(), offline=True)
    assert [difference["input"].partition(".")[0] for difference in drift(verification)[0]["differences"]] == ["policy"]


def test_what_aws_writes_otherwise_than_the_program_is_no_drift() -> None:
    """The engine compares AWS with the program's words: a policy with a short ARN, a block in part."""
    build = Builder()
    build("apigateway/restApi:RestApi", "api", policy='{"Resource": "execute-api:/*"}')
    graph = deployed(build.graph())
    (api,) = (resource for resource in graph if resource.name == "api")
    kept = {"policy": '{"Resource": "arn:aws:execute-api:eu-west-1:1:a/*"}'}
    graph = replace(graph, resources={**graph.resources, api.urn: replace(api, state={**api.state, **kept})})
    assert drift(verified(graph, changes={"api": kept})) == []


def another(value: Any, choice: random.Random) -> Any:
    """The value with one of its leaves changed."""
    if isinstance(value, dict) and value:
        key = choice.choice(sorted(value))
        return {**value, key: another(value[key], choice)}
    if isinstance(value, list) and value:
        at = choice.randrange(len(value))
        return [*value[:at], another(value[at], choice), *value[at + 1 :]]
    if isinstance(value, bool):
        return not value
    return f"{value} otherwise" if isinstance(value, str) else 4321


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("stack", [FORTRESS, NAT, ALB, JWT])
def test_any_leaf_that_aws_has_otherwise_is_drift(stack: str, seed: int) -> None:
    """One leaf of each resource, whether the program declares it or not."""
    graph = deployed(graph_of(stack))
    choice = random.Random(f"{stack} {seed}")
    changes = {}
    for one in graph:
        keys = [key for key, value in sorted(one.state.items()) if key not in MOVING and not isinstance(value, Secret)]
        if one.custom and not one.existing and keys:
            key = choice.choice(keys)
            changes[one.name] = {key: another(one.state[key], choice)}
    found = {one["resource"]: one["differences"] for one in drift(verified(graph, changes=changes))}
    assert [name for name, change in changes.items() if not found.get(name)] == []


def test_an_inline_rule_that_opens_a_machine_is_drift_and_a_path() -> None:
    """A group of another program that declares its rules itself, and a table with its routes."""
    build = Builder()
    vpc = build("ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16")
    subnet = build("ec2/subnet:Subnet", "subnet", vpcId=vpc.id, cidrBlock="10.0.1.0/24")
    gateway = build("ec2/internetGateway:InternetGateway", "gateway", vpcId=vpc.id)
    table = build(
        "ec2/routeTable:RouteTable", "table", vpcId=vpc.id, routes=[{"cidrBlock": "0.0.0.0/0", "gatewayId": gateway.id}]
    )
    build("ec2/routeTableAssociation:RouteTableAssociation", "link", subnetId=subnet.id, routeTableId=table.id)
    rule = {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["192.0.2.0/24"]}
    group = build("ec2/securityGroup:SecurityGroup", "group", vpcId=vpc.id, ingress=[rule])
    build(
        "ec2/instance:Instance",
        "machine",
        subnetId=subnet.id,
        vpcSecurityGroupIds=[group.id],
        associatePublicIpAddress=True,
        ami="ami-1",
        instanceType="t4g.nano",
    )
    graph = deployed(build.graph())
    opened = [rule, {"protocol": "tcp", "fromPort": 3389, "toPort": 3389, "cidrBlocks": ["0.0.0.0/0"]}]
    verification = verified(graph, changes={"group": {"ingress": opened}})
    assert [one["resource"] for one in drift(verification)] == ["group"]
    assert any("internet" in line and "machine" in line for line in report.document(verification)["opens"])


def test_what_aws_lost_is_gone_and_what_follows_from_it_is_judged() -> None:
    graph = deployed(graph_of(NAT))
    name = next(resource.name for resource in graph if resource.kind == "RolePolicy")
    (only,) = drift(verified(graph, changes={name: None}))
    assert (only["resource"], only["kind"]) == (name, "gone")
    assert only["remedy"]


def test_a_secret_that_differs_is_drift_without_its_value() -> None:
    graph = deployed(graph_of(WEBHOOK))
    name = next(resource.name for resource in graph if resource.kind == "Function")
    verification = verified(graph, changes={name: {"environment": Secret("hunter2")}})
    assert [one["resource"] for one in drift(verification)] == [name]
    assert "hunter2" not in json.dumps(report.document(verification))


def statement(sid: str) -> str:
    """A policy with one statement, which admits everybody."""
    allowed = {"Sid": sid, "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [allowed]})


def test_a_condition_that_looks_like_a_list_is_its_text() -> None:
    build = Builder()
    build("sqs/queue:Queue", "it")
    aws = FakeAws(graph := deployed(build.graph()))
    condition = {"StringLike": {"aws:UserAgent": "[bot]*"}}
    text = json.dumps({"Statement": [{**json.loads(statement("a"))["Statement"][0], "Condition": condition}]})
    aws.more["sqs.GetQueueAttributes"] = {"Attributes": {"Policy": text}}
    assert "[bot]*" in "".join(report.document(verified(graph, aws))["effects"])


def test_a_refresh_of_nothing_is_not_read() -> None:
    document = report.document(verified(deployed(Builder().graph())))
    assert document["compared"] == 0
    assert report.undecided(document)


def test_an_input_that_the_engine_names_is_drift_though_outputs_of_its_name_move() -> None:
    build = Builder()
    build("cloudfront/function:Function", "edge", code="a", runtime="cloudfront-js-2.0")
    graph = deployed(build.graph())
    assert [one["resource"] for one in drift(verified(graph, changes={"edge": {"code": "b"}}))] == ["edge"]


@pytest.mark.parametrize(("hidden", "drifts"), [("[secret]", False), ("x [secret] y", True)])
def test_only_a_whole_value_is_hidden(hidden: str, *, drifts: bool) -> None:
    """A secret is hidden on both sides, so it is the engine's to compare. A text may have the word in it."""
    build = Builder()
    build("sqs/queue:Queue", "it")
    graph = deployed(build.graph())
    held = {one.urn: replace(one, state={**one.state, "policy": {"a": hidden, "b": "1"}}) for one in graph}
    graph = replace(graph, resources=held)
    document = writer.refresh(graph, {"it": {"policy": {"a": hidden, "b": "2"}}}, named=())
    verification = verify(
        read_refresh("refresh", json.dumps(document).encode()), Cloud(FakeAws(graph)), Caller(), offline=True
    )
    assert bool([one for one in drift(verification) if one["resource"] == "it"]) is drifts


def test_a_declared_policy_is_the_engines_to_compare() -> None:
    build = Builder()
    queue = build("sqs/queue:Queue", "it")
    build("sqs/queue:Queue", "other")
    build("sqs/queuePolicy:QueuePolicy", "own", queueUrl=queue.id, policy=statement("own"))
    graph = deployed(build.graph())
    aws = FakeAws(graph)
    aws.more["sqs.GetQueueAttributes"] = {"Attributes": {"Policy": statement("own")}}
    assert [one["resource"] for one in drift(verified(graph, aws))] == ["policy of other"]


@pytest.mark.parametrize(("stack", "name"), [(FORTRESS, carrier) for carrier in CARRIERS] + [(JWT, "front-api")])
def test_what_carried_calls_and_is_gone_opens_nothing(stack: str, name: str) -> None:
    document = report.document(verified(deployed(graph_of(stack)), changes={name: None}))
    assert (document["opens"], "can now call" in str(document["effects"])) == ([], False)
    assert any(word in str(document["effects"]) for word in (f"ended, with {name} gone", "may no longer call"))


def test_a_gateway_passes_nothing_of_a_machine_without_a_public_address() -> None:
    gateway = id_of(graph := deployed(graph_of(NAT)), "network-internet")
    moved = {"network-private-1-ipv4": {"networkInterfaceId": "", "gatewayId": gateway}}
    effects = str(report.document(verified(graph, changes=moved))["effects"])
    assert "internet (IPv4): ended" in effects
    assert "new ones pass" not in effects


def test_groups_that_become_known_end_nothing_for_certain() -> None:
    build = Builder()
    build("ec2/securityGroup:SecurityGroup", "group")
    build("ec2/instance:Instance", "box", launchTemplate={"id": "lt-1", "version": "1"})
    known = {"box": {"vpcSecurityGroupIds": [id_of(graph := deployed(build.graph()), "group")]}}
    effects = " ".join(report.document(verified(graph, changes=known))["effects"])
    assert "not judged: internet → box (cannot tell" in effects
    assert not re.search("may no longer call|(?<!perhaps) ended", effects)


def test_an_input_that_the_provider_does_not_read_back_is_named() -> None:
    notes = report.document(verified(deployed(graph_of(FORTRESS))))["notes"]
    assert any(note.startswith("body of front-api: not compared") for note in notes)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"steps": [{"op": "create", "urn": "a::b::c"}]}, "so it is no refresh; write it with `pulumi refresh"),
        ({"diagnostics": [{"severity": "error", "message": "AccessDenied"}]}, "the refresh failed"),
        ({"steps": [{"op": "update", "urn": "a::b::c"}]}, "an update of nothing, so it is no refresh"),
        ({"steps": [{"op": "same", "urn": "a::b::c"}]}, "it has same, so it is no refresh"),
        ({"version": 3, "deployment": {}}, "pulumi refresh --preview-only"),
    ],
)
def test_another_document_is_refused(document: JSON, words: str, tmp_path: Path) -> None:
    with pytest.raises(EngineFileError, match="(?s)" + words.replace("`", ".")):
        read_refresh(writer.saved(document, tmp_path / "file.json"))


@pytest.mark.parametrize("token", load("not_read_back.json"))
def test_every_input_that_is_not_read_back_is_one_of_its_type(token: str) -> None:
    folder, _, kind = token.partition(".")
    home = importlib.import_module(f"pulumi_aws.{'lambda_' if folder == 'lambda' else folder}")
    arguments = inspect.signature(getattr(home, f"{kind}Args").__init__).parameters
    known = {re.sub(r"_+(\w)", lambda match: match[1].upper(), name) for name in arguments}
    assert {*load("not_read_back.json")[token]} <= known


@pytest.mark.parametrize(
    ("token", "inputs", "change", "effect"),
    [
        ("rds/instance:Instance", {"deletionProtection": True}, None, "data: it (Instance) was deleted; everything in"),
        ("lb/loadBalancer:LoadBalancer", {"enableDeletionProtection": True}, None,
         "callers: not judged: it (LoadBalancer), which is gone"),
        ("ecs/service:Service", {"taskDefinition": "app:1"}, {"taskDefinition": "evil:9"},
         "calls: it runs the tasks of evil:9, before of app:1: what they do is not judged"),
        ("lambda/function:Function", {"handler": "app.main"}, {"handler": "evil.main"},
         "calls: it starts at another handler, and what that does is not judged"),
        ("cloudwatch/metricAlarm:MetricAlarm", {"actionsEnabled": True, "alarmActions": ["arn:aws:sns:x:1:t"]},
         {"actionsEnabled": False}, "alarms: it notifies nobody"),
        ("cloudwatch/metricAlarm:MetricAlarm", {"actionsEnabled": True, "alarmActions": ["arn:aws:sns:x:1:t"]},
         None, "alarms: it notifies nobody"),
        ("iam/rolePolicyAttachment:RolePolicyAttachment", {"role": "logs", "policyArn": "arn:aws:iam::aws:policy/P"},
         None, "callers: not judged: managed policy arn:aws:iam::aws:policy/P of logs"),
        ("apigateway/account:Account", {"cloudwatchRoleArn": "logs"}, None,
         "callers: not judged: it (Account), which is gone"),
        ("sns/topic:Topic", {"tags": {"a": "b"}}, {"tags": {"a": "c"}}, ""),
        ("ec2/instance:Instance", {"userData": "a"}, {"userData": "b"}, "calls: it was stopped (userData)"),
        ("rds/instance:Instance", {"engineVersion": "1"}, {"engineVersion": "2"}, "calls: it has restarted"),
        ("iam/rolePolicy:RolePolicy", {"role": "app", "policy": '{"Statement": []}'},
         {"policy": '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'},
         "callers: can now call: app → every action")
    ]
)  # fmt: skip
def test_each_difference_has_an_effect_or_is_not_judged(
    token: str, inputs: JSON, change: JSON | None, effect: str
) -> None:
    """What no update did is refused by nobody, and nothing of it is expected or kept."""
    build = Builder()
    build(token, "it", options=Options(retain_on_delete=True), **inputs)
    graph = deployed(build.graph())
    refresh = read_refresh("refresh", json.dumps(writer.refresh(graph, {"it": change})).encode())
    shown = report.document(verify(refresh, Cloud(FakeAws(graph)), Caller(), offline=True))
    assert len(shown["drift"]) == 1
    assert [line for line in shown["effects"] if line.startswith(effect)] if effect else shown["effects"] == []
