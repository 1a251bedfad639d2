"""A group or service that replaces a scaled-out one starts with as many copies, and the old one waits for them."""

import asyncio
from typing import Any

import pulumi
import pytest

from components.compute import carried_capacity
from components.compute.carried_capacity import INSTANCES, OWNER_TAG, TASKS, Copies
from components.compute.readiness import NotAnsweringError

GROUPS = "arn:aws:autoscaling:eu-west-1:1:autoScalingGroup:{0}:autoScalingGroupName/{0}"
SERVICES = "arn:aws:ecs:eu-west-1:1:service/cluster/{0}"


class Cloud:
    """Groups and services by name, each with its number; what is wanted answers at the next look."""

    def __init__(self, **numbers: int) -> None:
        self.numbers = numbers
        self.sick: set[str] = set()
        self.refuses: Exception | None = None
        self.balanced = True

    def client(self, service: str, region: str) -> "Cloud":
        assert (service in ("autoscaling", "elbv2", "ecs"), region) == (True, "eu-west-1")
        if self.refuses:
            raise self.refuses
        return self

    def get_paginator(self, operation: str) -> Any:
        cloud = self

        class Pages:
            def paginate(self, **named: Any) -> Any:
                if operation == "list_services":
                    assert named == {"cluster": "cluster"}
                    return [{"serviceArns": [SERVICES.format(name)]} for name in cloud.numbers]
                if operation == "list_tasks":
                    name = named["serviceName"].rpartition("/")[2]
                    return [{"taskArns": [f"{name}-{index}" for index in range(cloud.numbers[name])]}]
                names = named.get("AutoScalingGroupNames") or [*cloud.numbers, "foreign"]
                groups = [cloud.group(name) for name in names]
                for wanted in named.get("Filters", []):
                    assert wanted["Name"] == f"tag:{OWNER_TAG}"
                    groups = [group for group in groups if group["Tags"][0]["Value"] in wanted["Values"]]
                return [{"AutoScalingGroups": [group]} for group in groups]

        return Pages()

    def group(self, name: str) -> dict[str, Any]:
        number = self.numbers.get(name, 9)
        owner = "gate/dev/other" if name == "foreign" else "gate/dev/backend"
        return {
            # Neither template nor target group of the old group need be those of the new one.
            "LaunchTemplate": {"LaunchTemplateId": f"lt-{name}"},
            "Tags": [{"Key": OWNER_TAG, "Value": owner}],
            "AutoScalingGroupName": name,
            "AutoScalingGroupARN": GROUPS.format(name),
            "MinSize": 2,
            "MaxSize": 6,
            "DesiredCapacity": number,
            "Instances": [{"InstanceId": f"{name}-{index}"} for index in range(number)],
            "TargetGroupARNs": ["arn:of:targets"],
        }

    def describe_target_health(self, TargetGroupArn: str) -> Any:  # noqa: N803 # boto3's name
        assert TargetGroupArn == "arn:of:targets"
        return {
            "TargetHealthDescriptions": [
                {
                    "Target": {"Id": f"{name}-{index}"},
                    "TargetHealth": {"State": "unhealthy" if name in self.sick else "healthy"},
                }
                for name, number in self.numbers.items()
                for index in range(number)
            ]
        }

    def set_desired_capacity(self, AutoScalingGroupName: str, DesiredCapacity: int, HonorCooldown: bool) -> None:  # noqa: N803 # boto3's own names
        assert not HonorCooldown
        self.numbers[AutoScalingGroupName] = DesiredCapacity

    def describe_services(self, cluster: str, services: list[str]) -> Any:
        assert (cluster, len(services) <= 10) == ("cluster", True)
        return {
            "services": [
                {
                    "serviceArn": arn,
                    "status": "ACTIVE",
                    "desiredCount": self.numbers[name],
                    "runningCount": self.numbers[name],
                    "loadBalancers": [{"targetGroupArn": "arn:of:targets"}] if self.balanced else [],
                }
                for arn in services
                for name in [arn.rpartition("/")[2]]
            ]
        }

    def describe_tasks(self, cluster: str, tasks: list[str]) -> Any:
        interfaces = [[{"privateIpv4Address": task}] for task in tasks]
        return {"tasks": [{"containers": [{"networkInterfaces": one}]} for one in interfaces]}

    def update_service(self, cluster: str, service: str, desiredCount: int) -> None:  # noqa: N803 # boto3's own names
        self.numbers[service.rpartition("/")[2]] = desiredCount


@pytest.fixture(autouse=True)
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", said.append)
    monkeypatch.setattr("time.sleep", lambda _: None)
    return said


def carry(cloud: Cloud, copies: Copies, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the hook for the group or service `new`, of at least two copies."""
    monkeypatch.setattr(pulumi, "ResourceHook", lambda _name, callback, **_: callback)
    arn = (GROUPS if copies is INSTANCES else SERVICES).format("new")

    class Known:
        async def future(self) -> str:
            return arn

    known: Any = Known()
    hooks = carried_capacity.build_capacity_hooks("backend-scale-by-cpu", known, 2, copies, cloud.client, seconds=2_400)
    (hook,) = hooks.before_create or []
    args = pulumi.ResourceHookArgs(urn="urn", id="", name="backend-scale-by-cpu", type="aws:autoscaling/policy:Policy")
    asyncio.run(hook(args))  # type: ignore[arg-type] # it is a coroutine


KINDS = pytest.mark.parametrize("copies", [INSTANCES, TASKS], ids=["instances", "tasks"])


@KINDS
def test_the_new_one_gets_the_number_that_runs_within_its_bounds(
    copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound = 6 if copies is INSTANCES else 20
    for old, new in ((5, 5), (2, 2), (1, 2), (0, 2), (20, bound)):
        cloud = Cloud(old=old, new=2)
        carry(cloud, copies, monkeypatch)
        assert cloud.numbers == {"old": old, "new": new}
    first = Cloud(new=2)
    carry(first, copies, monkeypatch)
    assert first.numbers == {"new": 2}


@KINDS
def test_copies_that_do_not_answer_end_the_update(copies: Copies, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Cloud(old=5, new=2)
    cloud.sick = {"new"}
    with pytest.raises(NotAnsweringError, match=r"0 of 5 copies do after 40 minutes.*the old copies go on answering"):
        carry(cloud, copies, monkeypatch)


@KINDS
def test_missing_permissions_are_a_warning(
    copies: Copies, monkeypatch: pytest.MonkeyPatch, warnings: list[str]
) -> None:
    cloud = Cloud(old=5, new=2)
    cloud.refuses = RuntimeError("AccessDenied")
    carry(cloud, copies, monkeypatch)
    assert warnings == [
        "backend-scale-by-cpu: the update did not wait until 2 copies answer, so calls may fail until they do: "
        "AccessDenied"
    ]


def test_tasks_behind_cloud_map_answer_once_they_run(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Cloud(old=5, new=2)
    cloud.balanced, cloud.sick = False, {"new"}
    carry(cloud, TASKS, monkeypatch)
    assert cloud.numbers["new"] == 5
