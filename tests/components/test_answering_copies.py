"""What the gates of an ECS service and of an Auto Scaling group wait for, also after a refresh forgot a failure."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pulumi
import pytest

from components.compute import answering_copies
from components.compute.answering_copies import is_answering, is_deployed
from components.compute.readiness import NotAnsweringError
from components.resource_hooks.boto3_clients import create_client, run_in_thread
from tests.components.test_fargate_backend import fargate
from tests.components.test_instance_group import SCALING, backend
from tests.helpers.declare import names, one

SERVICE = "arn:aws:ecs:eu-west-1:1:service/cluster/app"
WANTED = "arn:aws:ecs:eu-west-1:1:task-definition/app:2"


def state(monkeypatch: pytest.MonkeyPatch, copies: int = 1, **primary: Any) -> Callable[[str], Any]:
    """A client that finds one deployment, and so many copies that answer."""
    found = {"status": "PRIMARY", "taskDefinition": WANTED, "rolloutState": "COMPLETED", **primary}
    deployments = [found, {**found, "status": "ACTIVE", "taskDefinition": "old"}]
    monkeypatch.setattr(answering_copies, "describe_service", lambda *_: {"deployments": deployments})
    monkeypatch.setattr(answering_copies, "TASKS", type("Copies", (), {"answering": lambda *_: copies}))
    return lambda _: None


def test_a_completed_deployment_of_the_wanted_tasks_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = {"arn": SERVICE, "taskDefinition": WANTED}
    for given, answers in (({}, True), ({"rolloutState": "IN_PROGRESS"}, False), ({"copies": 0}, False)):
        assert is_deployed(state(monkeypatch, **given), watched) is answers


def test_the_number_of_copies_is_set_again_when_scaling_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers: list[int] = []
    client = state(monkeypatch)
    found = answering_copies.describe_service(client, SERVICE) | {"desiredCount": 7}  # type: ignore[attr-defined] # the one of `state`
    monkeypatch.setattr(answering_copies, "describe_service", lambda *_: found)
    monkeypatch.setattr(answering_copies, "set_tasks", lambda _client, _arn, number: numbers.append(number))
    for count in (2, 7, None):
        assert is_deployed(client, {"arn": SERVICE, "taskDefinition": WANTED, "count": count})
    assert numbers == [2]


@pytest.mark.parametrize(
    ("primary", "reason"),
    [
        ({"taskDefinition": WANTED.replace(":2", ":1")}, "rolled back to app:1"),
        ({"rolloutState": "FAILED", "rolloutStateReason": "circuit breaker"}, "circuit breaker"),
        ({"rolloutState": "FAILED"}, "its deployment failed"),
    ],
)
def test_a_failed_deployment_ends_the_update(
    monkeypatch: pytest.MonkeyPatch, primary: dict[str, Any], reason: str
) -> None:
    with pytest.raises(NotAnsweringError, match=reason):
        is_deployed(state(monkeypatch, **primary), {"arn": SERVICE, "taskDefinition": WANTED})


def test_enough_instances_of_a_group_must_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering_copies, "INSTANCES", type("Copies", (), {"answering": lambda *_: 2}))
    watched = {"arn": "arn:aws:autoscaling:eu-west-1:1:autoScalingGroup:x:autoScalingGroupName/g"}
    assert is_answering(lambda _: None, {**watched, "minimum": 2.0})
    assert not is_answering(lambda _: None, {**watched, "minimum": 3.0})


def test_a_service_has_a_gate_on_its_task_definition_and_a_group_unless_its_first_policy_waits() -> None:
    changes: list[dict[str, Any]] = [{}, {"target_group_arn": None}, {"scaling": {"maximum": 3, "cpu_percent": 60}}]
    for graph in (fargate(**each) for each in changes):
        gate = one(graph, "Stash", "backend-answers")
        assert gate.inputs["input"]["taskDefinition"] == one(graph, "TaskDefinition").state["arn"]
        assert one(graph, "Service").urn in gate.dependencies
        assert gate.options.hooks.keys() == {"before_create", "before_update"}
    assert one(backend(count=2), "Stash", "backend-answers").inputs["input"]["minimum"] == 2
    assert names(backend(scaling=SCALING, request_count_label="l"), "Stash") == ["backend-owner"]


def test_a_hook_waits_in_a_thread_of_its_own() -> None:
    """The SDK's are held by registrations: with `--parallel 1` none would be left for the hook."""

    async def all_busy() -> str:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(1))
        held = asyncio.Event()
        release = asyncio.run_coroutine_threadsafe
        blocker = loop.run_in_executor(None, lambda: release(held.wait(), loop).result())
        answer = await asyncio.wait_for(run_in_thread(lambda: "waited"), 30)
        held.set()
        await blocker
        return answer

    assert asyncio.run(all_busy()) == "waited"


def test_a_client_has_the_keys_of_the_providers_config(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions: list[Any] = []

    def session(**named: Any) -> Any:
        sessions.append(named)
        return SimpleNamespace(client=lambda name: name)

    monkeypatch.setattr("boto3.Session", session)
    keys = {"aws_access_key_id": "AKIA", "aws_secret_access_key": "made-up", "aws_session_token": "also"}
    pulumi.runtime.set_all_config({"aws:accessKey": "AKIA", "aws:secretKey": "made-up", "aws:token": "also"})
    try:
        create_client("ec2", "eu-west-1")
    finally:
        pulumi.runtime.set_all_config({})
    assert sessions == [{**keys, "profile_name": None, "region_name": "eu-west-1"}]


def test_a_client_assumes_the_roles_of_the_providers_config(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions: list[Any] = []
    assumed: list[dict[str, Any]] = []

    def assume(**given: Any) -> Any:
        assumed.append(given)
        return {"Credentials": {"AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": given["RoleArn"]}}

    def session(**given: Any) -> Any:
        sessions.append(given.get("aws_session_token"))
        return SimpleNamespace(client=lambda name: SimpleNamespace(assume_role=assume) if name == "sts" else name)

    monkeypatch.setattr("boto3.Session", session)
    roles = '[{"roleArn": "arn:1", "externalId": "x"}, {"roleArn": "arn:2", "sessionName": "ci"}]'
    pulumi.runtime.set_all_config({"aws:assumeRoles": roles})
    try:
        assert create_client("ec2", "eu-west-1") == "ec2"
    finally:
        pulumi.runtime.set_all_config({})
    first = {"RoleArn": "arn:1", "RoleSessionName": "gatehouse", "ExternalId": "x"}
    assert assumed == [first, {"RoleArn": "arn:2", "RoleSessionName": "ci"}]
    assert sessions == [None, "arn:1", "arn:2"]
