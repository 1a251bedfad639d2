"""The drift, by what the engine's refresh printed, and the checks of what runs, by AWS's answers."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from review.cli import verify as command
from review.graph import Graph
from review.plan_files.plan import Plan, read_refresh
from review.tests.helpers.stacks import REVIEW, ROOT, graph_of
from review.tests.plan_files import writer
from review.verify import calls, images
from review.verify.calls import Caller
from review.verify.check import Status
from review.verify.cloud import Cloud, NotRead
from review.verify.health import PROBES
from review.verify.verification import AccountError, Verification, verify

ACCOUNT = "123456789012"


def image_of(days: float) -> dict[str, Any]:
    """AWS's answer about an image that was made so long ago."""
    made = datetime.now(UTC) - timedelta(days=days)
    return {"Images": [{"ImageId": "ami-1", "CreationDate": f"{made:%Y-%m-%dT%H:%M:%S}.000Z"}]}


WELL: dict[str, Any] = {
    "sts.get_caller_identity": {"Account": ACCOUNT},
    "elbv2.describe_target_health": {"TargetHealthDescriptions": [{"TargetHealth": {"State": "healthy"}}]},
    "ssm.describe_instance_information": {"InstanceInformationList": [{"PingStatus": "Online"}]},
    "ecs.describe_services": {"services": [{"runningCount": 2, "desiredCount": 2}]},
    "sns.list_subscriptions_by_topic": {"Subscriptions": [{"SubscriptionArn": "arn:aws:sns:eu-west-1:1:a:b"}]},
    "acm.describe_certificate": {"Certificate": {"Status": "ISSUED"}},
    "ec2.describe_images": image_of(12.5),
}


class Session:
    """A session of boto3 whose clients give these answers. An answer that is an error is raised."""

    def __init__(self, answers: Mapping[str, Any], credentials: object = "some") -> None:
        self._answers, self._credentials = answers, credentials

    def get_credentials(self) -> object:
        return self._credentials

    def client(self, service: str, **_: Any) -> Any:
        return Client(service, self._answers)


class Client:
    def __init__(self, service: str, answers: Mapping[str, Any]) -> None:
        self._service, self._answers = service, answers

    def can_paginate(self, _: str) -> bool:
        return False

    def __getattr__(self, method: str) -> Any:
        answer = self._answers[f"{self._service}.{method}"]

        def call(**_: Any) -> Any:
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


def refresh(graph: Graph, changes: Mapping[str, Any] | None = None) -> Plan:
    return read_refresh("refresh", json.dumps(writer.refresh(graph, changes)).encode())


def verified(stack: str, changes: Mapping[str, Any] | None = None, **answers: Any) -> Verification:
    given = WELL | {name.replace("__", "."): answer for name, answer in answers.items()}
    return verify(refresh(graph_of(stack), changes), Cloud(Session(given)), Caller(), offline=True)


def test_a_stack_as_declared_has_no_drift_and_passes_each_check() -> None:
    found = verified("prod")
    assert (found.failed, found.drift) == (False, ())
    assert {check.status for check in found.checks} == {Status.PASSED}
    assert "no resource drifted of" in found.as_text()
    assert "Drift, as" not in found.as_text()
    about = {check.message for check in found.checks}
    assert about >= {"1 of 1 target healthy", "1 of 1 service running tasks"}


def test_drift_is_what_the_engine_names() -> None:
    found = verified("examples/nat-instance.yaml", {"network-nat-interface": {"sourceDestCheck": True}})
    (line,) = found.drift
    assert line == "network-nat-interface (aws:ec2/networkInterface:NetworkInterface): changed: sourceDestCheck"
    assert found.failed
    _, _, below = found.as_text().partition("\nDrift, as `pulumi refresh --preview-only` names it\n")
    assert below.splitlines()[0] == f"  {line}"
    assert "pulumi up --refresh" in below
    gone = verified("examples/nat-instance.yaml", {"network-nat-interface": None})
    assert gone.drift == ("network-nat-interface (aws:ec2/networkInterface:NetworkInterface): gone",)


UNWELL: tuple[tuple[str, str, Any, str], ...] = (
    ("prod", "elbv2__describe_target_health",
     {"TargetHealthDescriptions": [{"TargetHealth": {"State": "unhealthy", "Reason": "Target.Timeout"}}]},
     "0 of 1 target healthy: unhealthy Target.Timeout"),
    ("prod", "ecs__describe_services", {"services": [{"runningCount": 0, "desiredCount": 2}]},
     "0 of 1 service running tasks: 0 of 2"),
    ("prod", "sns__list_subscriptions_by_topic", {"Subscriptions": [{"SubscriptionArn": "PendingConfirmation"}]},
     "0 of 1 subscription confirmed: PendingConfirmation"),
    ("dev", "ssm__describe_instance_information", {"InstanceInformationList": []},
     "0 of 0 agents online in Systems Manager"),
)  # fmt: skip


@pytest.mark.parametrize(("stack", "call", "answer", "message"), UNWELL)
def test_what_is_not_well_fails_with_its_reason(stack: str, call: str, answer: Any, message: str) -> None:
    failed = verified(stack, **{call: answer}).list_checks(Status.FAILED)
    assert (message in [check.message for check in failed], all(check.remedy for check in failed)) == (True, True)


def ages(stack: str, answer: Any) -> dict[str, tuple[Status, str]]:
    """By instance or template, what the check of its machine image says, without the ID."""
    checks = verified(stack, ec2__describe_images=answer).checks
    images = [check for check in checks if "machine image" in check.message or "DescribeImages" in check.message]
    return {check.about: (check.status, check.message.rpartition(" is ")[2]) for check in images}


@pytest.mark.parametrize(
    ("stack", "machines"),
    [
        ("examples/nat-instance.yaml", {"backend-instance", "network-nat-instance"}),
        ("examples/http-alb-ec2.yaml", {"backend-template"}),
        ("prod", set()),
    ],
)
def test_an_image_of_more_than_ninety_days_fails_with_its_age(stack: str, machines: set[str]) -> None:
    for days, status in ((0.5, Status.PASSED), (90.5, Status.PASSED), (91.5, Status.FAILED)):
        found = ages(stack, image_of(days))
        old = f"{int(days)} days old"
        assert found == dict.fromkeys(machines, (status, old)), days


@pytest.mark.parametrize("answer", [{"Images": []}, {"Images": [{"CreationDate": "long ago"}]}, {}])
def test_an_image_without_a_date_is_not_read(answer: Any) -> None:
    assert {status for status, _ in ages("dev", answer).values()} == {Status.NOT_READ}


def test_an_image_that_the_state_does_not_name_is_not_read() -> None:
    graph = graph_of("dev")
    (instance,) = (one for one in graph if one.name == "backend-instance")
    for ami in (None, "resolve:ssm:/a", ""):
        state = {key: value for key, value in instance.state.items() if key != "ami"} | ({"ami": ami} if ami else {})
        other = replace(graph, resources=graph.resources | {instance.urn: replace(instance, state=state)})
        (check,) = (one for one in images.check_images(other, Cloud(Session(WELL))) if one.about == instance.name)
        assert check.status is Status.NOT_READ


def test_the_page_lists_the_actions_of_all_calls() -> None:
    page = (REVIEW / "docs" / "verify.md").read_text(encoding="utf-8")
    operations = {probe.call.partition(".")[2] for probe in PROBES.values()} | {"DescribeImages"}
    assert {operation for operation in operations if f':{operation}"' not in page} == set()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("AccessDeniedException", "denied (AccessDeniedException): review/docs/verify.md lists"),
        ("Throttling", "throttled"),
        ("Odd", "Odd"),
    ],
)
def test_a_call_that_aws_refuses_is_not_read_and_shows_no_text_of_it(code: str, words: str) -> None:
    error = ClientError({"Error": {"Code": code, "Message": "what was sent"}}, "DescribeServices")
    found = verified("prod", ecs__describe_services=error)
    (check,) = found.list_checks(Status.NOT_READ)
    assert words in check.message
    assert "what was sent" not in found.as_text() + found.as_json()
    assert not found.failed


def test_only_calls_that_read_are_made() -> None:
    with pytest.raises(ValueError, match="does not only read"):
        Cloud(Session(WELL)).ask("ec2.TerminateInstances", {}, "eu-west-1")


def test_other_credentials_are_refused() -> None:
    made = refresh(replace(graph_of("dev"), account=ACCOUNT))
    with pytest.raises(AccountError, match="aws sso login"):
        verify(made, Cloud(Session(WELL, None)), Caller())
    other = WELL | {"sts.get_caller_identity": {"Account": "999999999999"}}
    with pytest.raises(AccountError, match="of account 999999999999"):
        verify(made, Cloud(Session(other)), Caller())


def test_no_secret_of_the_state_is_in_the_report() -> None:
    changes = {"proxy-function": {"environment": {"variables": {"WEBHOOK_SECRET": "hunter2-of-a-test"}}}}
    found = verified("examples/webhook.yaml", changes)
    assert found.drift
    assert "hunter2" not in found.as_text() + found.as_json()


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CLI that prints a file."""
    printed = tmp_path / "printed"
    program = tmp_path / "pulumi"
    program.write_text(f'#!/bin/sh\necho "$@" >"{tmp_path}/arguments"\ncat "{printed}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(command, "Cloud", lambda _: Cloud(Session(WELL)))
    monkeypatch.setattr(calls, "check_calls", lambda *_: ())
    return printed


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_command_runs_the_engines_refresh(
    form: str, pulumi: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    changes = {"network-nat-interface": {"sourceDestCheck": True}}
    pulumi.write_text(json.dumps(writer.refresh(graph_of("examples/nat-instance.yaml"), changes)))
    arguments = ["--stack", "prod", "--format", form, "--project", str(ROOT)]
    assert [command.main([*arguments, *more], "verify") for more in ((), ("--strict",))] == [0, 1]
    assert "sourceDestCheck" in capsys.readouterr().out
    ran = (tmp_path / "arguments").read_text()
    assert ran == f"refresh --preview-only --json --non-interactive --cwd {ROOT} --stack prod\n"


def test_a_refresh_that_fails_is_one_line(pulumi: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pulumi.write_text("")
    assert command.main([], "verify") == 2
    assert capsys.readouterr().err == "the refresh failed: it printed nothing\n"


def test_without_a_cli_the_remedy_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert command.main([], "verify") == 2
    assert "the Pulumi CLI is not on the PATH" in capsys.readouterr().err


def test_a_machine_that_does_not_reach_aws_says_so() -> None:
    error = ClientError({"Error": {"Code": "EndpointConnectionError"}}, "x")
    cloud = Cloud(Session({"sns.list_subscriptions_by_topic": error}))
    with pytest.raises(NotRead, match="not reachable"):
        cloud.ask("sns.ListSubscriptionsByTopic", {}, "eu-west-1")
