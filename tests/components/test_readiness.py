"""What the gates of an instance and of its registration wait for, and what ends an update."""

import asyncio
import contextlib
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pulumi
import pytest

from components.compute import readiness
from components.compute.readiness import NotAnsweringError, declare_instance_gate, declare_target_gate
from components.resource_options.scope import Scope
from tests.components.boot import boot, container

INSTANCE = SimpleNamespace(id="i-1", arn="arn:aws:ec2:eu-west-1:123456789012:instance/i-1")
TARGET = SimpleNamespace(
    id="registration-1",
    target_group_arn="arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/x/1",
    target_id="i-1",
    port=8080.0,
)


class RefusedError(Exception):
    """As boto3 reports an error of AWS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.response = {"Error": {"Code": code}}


class Client:
    """EC2's and the balancers', with one answer after the other; the last one stays."""

    class exceptions:  # noqa: N801 # boto3's name
        """Where boto3 has its errors."""

        ClientError = RefusedError

    def __init__(self, *answers: Any) -> None:
        self._answers = [*answers]
        self.asked: list[dict[str, Any]] = []

    def _next(self, **arguments: Any) -> Any:
        self.asked.append(arguments)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def get_console_output(self, **arguments: Any) -> Any:
        answer = self._next(**arguments)
        return {} if answer is None else {"Output": answer}

    def describe_target_health(self, **arguments: Any) -> Any:
        return {"TargetHealthDescriptions": [{"TargetHealth": {"State": self._next(**arguments)}}]}


@pytest.fixture(autouse=True)
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", said.append)
    monkeypatch.setattr("time.sleep", lambda _: None)
    return said


def waits(client: Client, watched: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Run the hook of the gate; returns what clients were made."""
    monkeypatch.setattr(pulumi, "ResourceHook", lambda _name, callback, **_: callback)
    monkeypatch.setattr(pulumi, "Stash", lambda _name, **given: SimpleNamespace(**given))
    made: list[tuple[str, str]] = []

    def connect(service: str, region: str) -> Client:
        made.append((service, region))
        return client

    declare: Any = declare_target_gate if watched is TARGET else declare_instance_gate
    gate = declare(Scope("backend", None, {}), watched, connect, seconds=2_400)  # type: ignore[arg-type] # no parent in this test
    hooks = gate.opts.hooks
    # Nothing after a creation: the engine would treat the gate as complete at the next update.
    assert not hooks.after_create
    assert not hooks.after_update
    assert hooks.before_create == hooks.before_update
    args = pulumi.ResourceHookArgs(
        urn="urn", id="", name="backend-answers", type="pulumi:index:Stash", new_inputs={"input": gate.input}
    )
    asyncio.run(hooks.before_create[0](args))
    return made


def test_an_instance_is_awaited_until_its_console_says_that_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(None, "booting", f"booting\n{readiness.ANSWERS} on port 80\n")
    assert waits(client, INSTANCE, monkeypatch) == [("ec2", "eu-west-1")]
    assert client.asked == 3 * [{"InstanceId": "i-1", "Latest": True}]


def test_the_boot_script_says_what_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits(Client(boot(tmp_path, container("nginx:1.27")).console), INSTANCE, monkeypatch)


def test_a_boot_script_that_gives_up_ends_the_update(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    console = boot(tmp_path, container("nginx:1.27"), {"docker": '[[ "$1" != pull ]]'}).console
    with pytest.raises(NotAnsweringError, match=r"i-1 does not answer: .* nginx:1.27 could not be pulled"):
        waits(Client(console), INSTANCE, monkeypatch)


def test_a_registration_is_awaited_until_its_health_checks_pass(
    monkeypatch: pytest.MonkeyPatch, warnings: list[str]
) -> None:
    # One look that fails is followed by another.
    client = Client("initial", RefusedError("RequestTimeout"), "unhealthy", "healthy")
    assert waits(client, TARGET, monkeypatch) == [("elbv2", "eu-west-1")]
    assert client.asked[-1] == {"TargetGroupArn": TARGET.target_group_arn, "Targets": [{"Id": "i-1", "Port": 8080}]}
    assert (len(client.asked), warnings) == (4, [])


class WithoutNitro(Client):
    """A type that shows its console later."""

    def get_console_output(self, **arguments: Any) -> Any:
        if "Latest" in arguments:
            self.asked.append(arguments)
            raise RefusedError("UnsupportedOperation")
        return super().get_console_output(**arguments)


TRIES = "booting\ngatehouse: attempt 20 of 60 failed: pull\n"


@pytest.mark.parametrize(
    ("client", "watched", "ends", "warns"),
    [
        (Client("unhealthy"), TARGET, "no answer in 40 minutes", ""),
        (Client(TRIES), INSTANCE, "i-1 does not answer: no answer in 40 minutes", ""),
        (Client("booting"), INSTANCE, "", "the console of i-1 had no line of the boot script in 40 minutes; check"),
        (WithoutNitro(readiness.ANSWERS), INSTANCE, "", ""),
        # An old console tells nothing.
        (WithoutNitro(TRIES), INSTANCE, "", "backend-answers: "),
        (Client(RefusedError("UnauthorizedOperation")), INSTANCE, "", "did not wait.*UnauthorizedOperation"),
    ],
)
def test_what_does_not_answer_ends_the_update_and_what_is_unknown_is_a_warning(
    client: Client,
    watched: SimpleNamespace,
    ends: str,
    warns: str,
    monkeypatch: pytest.MonkeyPatch,
    warnings: list[str],
) -> None:
    with pytest.raises(NotAnsweringError, match=ends) if ends else contextlib.nullcontext():
        waits(client, watched, monkeypatch)
    assert len(warnings) == bool(warns)
    assert re.search(warns, "".join(warnings))
