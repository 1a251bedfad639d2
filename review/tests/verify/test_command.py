"""The command: what it refuses, its forms and status, its policy, and that no secret leaves it."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError

from review.cli import verify as command
from review.graph import Graph
from review.graph.prose import few
from review.report.render import verification as report
from review.tests.engine_files import writer
from review.tests.verify.fake_aws import FakeAws, deployed, refreshed
from review.verify import calls
from review.verify.calls import Caller
from review.verify.check import Status
from review.verify.cloud import Cloud, NotRead, action
from review.verify.verification import policy, verify
from tests.helpers.stacks import graph_of

FORTRESS, NAT, WEBHOOK = (f"examples/{name}.yaml" for name in ("fortress", "nat-instance", "webhook"))
SECRET = "hunter2-of-a-test"


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """`ran(graph, aws, *arguments)` runs the command on the refresh of a graph: status, output, errors."""

    def run(graph: Graph, aws: Any, *arguments: str, changes: Any = None) -> tuple[int, str, str]:
        monkeypatch.setattr(command, "Cloud", lambda _: Cloud(aws))
        monkeypatch.setattr(calls, "checks", lambda *_: ())
        monkeypatch.setattr(calls, "unreachable", lambda *_: ())
        file = writer.saved(writer.refresh(graph, changes), tmp_path / "refresh.json")
        status = command.main(["--refresh", file, *arguments], "gatehouse verify")
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.mark.parametrize("form", ["text", "markdown", "html", "json"])
def test_each_form_has_the_drift_with_its_remedy(ran: Any, form: str) -> None:
    graph = deployed(graph_of(NAT))
    moved = {"network-nat-interface": {"sourceDestCheck": True}}
    status, out, _ = ran(graph, FakeAws(graph), "--format", form, "--strict", changes=moved)
    assert status == 1
    for words in ("network-nat-interface", "sourceDestCheck", "pulumi up --refresh", "AWS answered"):
        assert words in out or (form == "text" and words == "AWS answered"), words


def test_no_drift_is_no_fault(ran: Any) -> None:
    graph = deployed(graph_of("examples/greeter-in-the-open.yaml"))
    status, out, _ = ran(graph, FakeAws(graph), "--strict=unknown")
    assert "no resource drifted of" in out
    assert status == 0


def test_another_account_is_refused(ran: Any) -> None:
    graph = deployed(graph_of(NAT))
    status, out, err = ran(graph, FakeAws(graph, account="999999999999"))
    assert (status, out) == (2, "")
    assert "the credentials are of account 999999999999, and the stack is in 123456789012" in err


def test_no_credentials_are_refused(ran: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = deployed(graph_of(NAT))
    aws = FakeAws(graph)
    monkeypatch.setattr(aws, "get_credentials", lambda: None)
    status, _, err = ran(graph, aws)
    assert status == 2
    assert "there are no AWS credentials here" in err


@pytest.mark.parametrize(
    ("code", "words"),
    [("UnauthorizedOperation", "denied"), ("ThrottlingException", "throttled"), ("InternalError", "AWS failed")],
)
def test_a_call_that_fails_is_one_line_and_ends_nothing(ran: Any, code: str, words: str) -> None:
    graph = deployed(graph_of(NAT))
    aws = FakeAws(graph)
    aws.errors = dict.fromkeys(("ec2.DescribeNetworkInterfaces", "iam.ListRolePolicies"), code)
    status, out, err = ran(graph, aws, "--strict=unknown")
    assert status == 1
    for call, kind in (("ec2.DescribeNetworkInterfaces", "Instance"), ("iam.ListRolePolicies", "Role")):
        (line,) = [line for line in out.splitlines() if f"{call}: {words}" in line]
        assert line.endswith(f"): {few([resource.name for resource in graph if resource.kind == kind])}"), line
    unread = [line.strip() for line in out.partition("\nNot read\n")[2].partition("\n\n")[0].splitlines()]
    assert unread == sorted(unread)
    assert "secret of the message" not in out + err


def test_aws_that_is_not_reachable(ran: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = deployed(graph_of(NAT))
    aws = FakeAws(graph)

    def answer(*_: Any) -> Any:
        raise EndpointConnectionError(endpoint_url="https://ec2.invalid")

    monkeypatch.setattr(aws, "answer", answer)
    status, out, _ = ran(graph, aws, "--strict")
    assert status == 0
    assert "no resource drifted of" in out
    assert "AWS is not reachable from here" in out


@pytest.mark.parametrize(
    ("error", "times"),
    [
        (EndpointConnectionError(endpoint_url="https://ec2.invalid"), 1),
        (ConnectionClosedError(endpoint_url="https://ec2.invalid", request=Mock(), response=None), 1),
        (ClientError({"Error": {"Code": "AccessDenied"}}, "DescribeVpcs"), 2),
    ],
)
def test_a_service_that_does_not_answer_is_not_called_again(error: Exception, times: int) -> None:
    """Each of its calls may wait for a minute. What AWS denies may be one call of several."""
    asked: list[str] = []

    def client(*_: Any, region_name: str, **__: Any) -> Any:
        def describe(**_: Any) -> None:
            asked.append(region_name)
            raise error

        return Mock(can_paginate=lambda _: False, describe_vpcs=describe)

    cloud = Cloud(Mock(client=client))
    for region in ("eu-west-1", "eu-west-1", "us-east-1"):
        with pytest.raises(NotRead):
            cloud.ask("ec2.DescribeVpcs", {"VpcIds": [str(len(asked))]}, region)
    assert asked == ["eu-west-1"] * times + ["us-east-1"]


def test_only_reading_calls_leave() -> None:
    graph = deployed(graph_of(NAT))
    client = Cloud(FakeAws(graph))._client("ec2", "eu-west-1")
    with pytest.raises(RuntimeError, match="RunInstances does not only read"):
        client.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)


@pytest.mark.parametrize("stack", [FORTRESS, NAT, "examples/webhook.yaml", "examples/http-cloudmap-fargate.yaml"])
def test_the_policy_has_every_call_and_nothing_else(stack: str) -> None:
    graph = deployed(graph_of(stack))
    aws = FakeAws(graph)
    verify(refreshed(graph), Cloud(aws), Caller(), offline=True)
    statements = [statement for document in policy(graph)[0] for statement in document["Statement"]]
    allowed = {each for statement in statements for each in statement["Action"]}
    # The rest is what the provider reads.
    assert allowed >= {action(call) for call in aws.calls}
    only_reads = re.compile(r"[a-z0-9-]+:(Describe|Get|List|Head|Filter|Search|View|GET|BatchGet)")
    assert [each for each in allowed - {"execute-api:Invoke"} if not only_reads.match(each)] == []
    assert all(statement["Effect"] == "Allow" for statement in statements)


def test_the_policy_has_the_calls_for_other_accounts_too() -> None:
    """`--policy` does not know with whose credentials the command will run."""
    graph = deployed(graph_of(FORTRESS))
    topics = [topic for topic in graph if topic.kind == "Topic"]
    arn = "arn:aws:sns:eu-west-1:222222222222:alarms"
    elsewhere = {topic.urn: replace(topic, state={**topic.state, "arn": arn}) for topic in topics}
    documents, _ = policy(replace(graph, resources={**graph.resources, **elsewhere}))
    actions = {each for document in documents for statement in document["Statement"] for each in statement["Action"]}
    assert {"sns:ListSubscriptionsByTopic", "sns:GetTopicAttributes"} <= actions


def test_the_policy_calls_nothing(ran: Any) -> None:
    graph = deployed(graph_of(FORTRESS))
    aws = FakeAws(graph)
    status, out, _ = ran(graph, aws, "--policy")
    assert (status, aws.calls) == (0, [])
    assert json.loads(out)


@pytest.mark.parametrize("stack", [WEBHOOK, "examples/http-alb-ec2.yaml"])
def test_only_addresses_that_aws_answered_with_are_called(stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = deployed(graph_of(stack))
    aws = FakeAws(graph)
    addresses = {"PublicIpAddress": "203.0.113.9", "PrivateIpAddress": "10.0.0.9"}
    aws.change("ec2.DescribeInstances", lambda answer: [
        each["Instances"][0].update(addresses) for each in answer.get("Reservations", ())])  # fmt: skip
    aws.change("elbv2.DescribeLoadBalancers", lambda answer: answer["LoadBalancers"][0].update(DNSName="lb.invalid"))
    forged = {
        "publicIp": "192.0.2.66",
        "privateIp": "10.6.6.6",
        "ipv6Addresses": ["2001:db8::66"],
        "dnsName": "no.invalid",
    }
    changed = {resource.urn: replace(resource, state={**resource.state, **forged}) for resource in graph}
    called: set[str] = set()
    monkeypatch.setattr(calls, "_answers", lambda host, _: called.add(host))
    monkeypatch.setattr(calls, "_send", lambda *_: (403, b""))
    verify(refreshed(replace(graph, resources=changed)), Cloud(aws), Caller())
    assert called <= {"203.0.113.9", "10.0.0.9", "lb.invalid"}
    assert {"203.0.113.9", "10.0.0.9"} <= called if stack == WEBHOOK else "lb.invalid" in called


def health(graph: Graph, aws: FakeAws) -> dict[str, Status]:
    return {one.message: one.status for one in verify(refreshed(graph), Cloud(aws), Caller(), offline=True).checks}


def test_targets_and_recipients() -> None:
    graph = deployed(graph_of(FORTRESS))
    aws = FakeAws(graph)
    assert health(graph, aws)["0 of 0 targets healthy"] is Status.FAILED
    aws.more["ecs.ListTasks"] = {"taskArns": ["arn:aws:ecs:eu-west-1:1:task/c/abc"]}
    details = [{"name": "privateIPv4Address", "value": "10.0.0.9"}]
    aws.more["ecs.DescribeTasks"] = {"tasks": [{"taskArn": "arn:x/abc", "attachments": [{"details": details}]}]}
    described = [
        {"Target": {"Id": "10.0.0.9", "Port": 80}, "TargetHealth": {"State": state}}
        for state in ("healthy", "draining")
    ]
    aws.more["elbv2.DescribeTargetHealth"] = {"TargetHealthDescriptions": described}
    assert health(graph, aws)["1 of 2 targets healthy"] is Status.PASSED
    described[1]["TargetHealth"] = {"State": "initial"}
    assert health(graph, aws)["1 of 2 targets healthy"] is Status.PASSED
    described[1]["TargetHealth"] = {"State": "unhealthy", "Reason": "Target.Timeout"}
    assert health(graph, aws)["1 of 2 targets healthy: unhealthy Target.Timeout"] is Status.FAILED
    described[1]["TargetHealth"] = {}
    assert health(graph, aws)["1 of 2 targets healthy"] is Status.FAILED
    # A stranger's health is none of the stack's.
    described[0] = {"Target": {"Id": "10.9.9.9"}, "TargetHealth": {"State": "healthy"}}
    assert health(graph, aws)["0 of 1 target healthy"] is Status.FAILED
    aws.change(
        "sns.ListSubscriptionsByTopic",
        lambda answer: answer["Subscriptions"][0].update(SubscriptionArn="PendingConfirmation"),
    )
    assert health(graph, aws)["0 of 1 recipient confirmed: PendingConfirmation"] is Status.FAILED


def test_only_recipients_of_alarms_are_checked() -> None:
    graph = deployed(graph_of(FORTRESS))
    aws = FakeAws(graph)
    aws.change(
        "sns.ListSubscriptionsByTopic", lambda found: found["Subscriptions"][0].update(SubscriptionArn="Deleted")
    )
    assert health(graph, aws)["0 of 1 recipient confirmed: Deleted"] is Status.FAILED
    silent = {resource.urn: replace(resource, inputs={**resource.inputs, "alarmActions": []}) for resource in graph}
    quiet = replace(graph, resources=silent)
    assert not [message for message in health(quiet, aws) if "recipient" in message]


def test_equal_calls_are_made_once() -> None:
    graph = deployed(graph_of(NAT))
    aws = FakeAws(graph)
    cloud = Cloud(aws)
    for region in ("eu-west-1", "eu-west-1", "us-east-1"):
        cloud.ask("ec2.DescribeVpcs", {}, region)
    aws.errors = {"ec2.DescribeSubnets": "UnauthorizedOperation"}
    for _ in range(2):
        with pytest.raises(NotRead):
            cloud.ask("ec2.DescribeSubnets", {}, "eu-west-1")
    assert aws.calls == ["ec2.DescribeVpcs", "ec2.DescribeVpcs", "ec2.DescribeSubnets"]


def test_an_account_that_is_not_known_is_no_other() -> None:
    graph = replace(deployed(graph_of(NAT)), account="")
    verify(refreshed(graph), Cloud(FakeAws(graph)), Caller(), offline=True)


def test_sessions_and_consoles() -> None:
    graph = deployed(graph_of(NAT))
    aws = FakeAws(graph)
    assert health(graph, aws)["0 of 0 agents online in Systems Manager"] is Status.FAILED
    assert (
        health(graph, aws)["its console is empty: AWS keeps it for an hour, and some types show it later"]
        is Status.NOT_READ
    )
    aws.more["ssm.DescribeInstanceInformation"] = {"InstanceInformationList": [{"PingStatus": "Online"}]}
    aws.more["ec2.GetConsoleOutput"] = {"Output": "…\nthe NAT works for 10.0.0.0/16"}
    statuses = health(graph, aws)
    assert statuses["1 of 1 agent online in Systems Manager"] is Status.PASSED
    assert statuses["1 of 1 boot script at its last line on the console"] is Status.PASSED
    aws.more["ssm.DescribeInstanceInformation"] = {"InstanceInformationList": [{"PingStatus": "ConnectionLost"}]}
    assert health(graph, aws)["0 of 1 agent online in Systems Manager: ConnectionLost"] is Status.FAILED


def test_a_profile_that_is_not_there_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    file = writer.saved(writer.refresh(deployed(graph_of(NAT))), tmp_path / "refresh.json")
    assert command.main(["--refresh", file], "gatehouse verify") == 2
    assert "the AWS credentials cannot be read (ProfileNotFound)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("shown", "failed", "undecided"),
    [
        ({}, False, False),
        ({"drift": [{}]}, True, False),
        ({"notRead": ["x"]}, False, True),
        ({"checks": [{"status": "failed"}]}, True, False),
        ({"checks": [{"status": "passed"}, {"status": "not read"}]}, False, True),
    ],
)
def test_what_fails_and_what_is_undecided(shown: dict[str, Any], *, failed: bool, undecided: bool) -> None:
    whole = {"drift": [], "checks": [], "notRead": [], **shown}
    assert (report.failed(whole), report.undecided(whole)) == (failed, undecided)


def test_what_is_not_read_fails_only_where_it_is_asked_for(ran: Any) -> None:
    graph = deployed(graph_of("examples/greeter-in-the-open.yaml"))
    aws = FakeAws(graph)
    aws.errors = {"iam.ListRolePolicies": "AccessDenied"}
    assert [ran(graph, aws, *options)[0] for options in ((), ("--strict",), ("--strict=unknown",))] == [0, 0, 1]


def test_the_command_starts_the_engine_s_refresh(
    ran: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    graph = deployed(graph_of(NAT))
    ran(graph, FakeAws(graph))
    stub = tmp_path / "pulumi"
    stub.write_text(f'#!/bin/sh\necho "$@" > "{tmp_path}/asked"\ncat "{tmp_path}/refresh.json"\n')
    stub.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert command.main(["--stack", "prod"], "gatehouse verify") == 0
    assert "no resource drifted of" in capsys.readouterr().out
    assert (tmp_path / "asked").read_text().split() == [
        *("refresh", "--preview-only", "--json", "--non-interactive"),
        *("--stack", "prod"),
    ]


def test_no_cli_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert command.main([], "gatehouse verify") == 2
    assert "the Pulumi CLI is not on the PATH" in capsys.readouterr().err
