"""Alarms of what is behind an API: what they watch, whom they notify, and the page that they name."""

import re
from collections.abc import Callable
from typing import Any, Final

import pytest

from components import FargateBackend, PrivateIngress, ServerlessProxy
from components.recording.values import reveal
from components.testing.recorder import Graph
from tests.helpers.declare import declare, names, one
from tests.helpers.stacks import ROOT, graph_with

TOPIC: Final = "arn:aws:sns:eu-west-1:111122223333:alarms"
NETWORK: Final = {"vpc_id": "vpc-00000001", "subnet_ids": ["subnet-00000001", "subnet-00000002"]}
CALLED: Final = {**NETWORK, "url": "http://10.0.0.9:8080", "backend_security_group_id": "sg-d89a7850"}
SERVICE: Final = {**NETWORK, "image": "nginx:1.29", "egress": ["nat-gateway"], "callers": {"one": "sg-d89a7850"}}
SCALING: Final = {"minimum": 3, "maximum": 6, "cpu_percent": 50}
DECLARED: Final[dict[str, Callable[[dict[str, Any]], Any]]] = {
    "alb": lambda more: PrivateIngress("own", {**NETWORK, "kind": "alb", "link": "v2", **more}),
    "nlb": lambda more: PrivateIngress("own", {**NETWORK, "kind": "nlb", "link": "v1", **more}),
    "fargate": lambda more: FargateBackend("own", {**SERVICE, **more}),
    "several-tasks": lambda more: FargateBackend("own", {**SERVICE, "count": 2, **more}),
    "scaled-tasks": lambda more: FargateBackend("own", {**SERVICE, "scaling": SCALING, **more}),
    "proxy": lambda more: ServerlessProxy("own", {**CALLED, **more}),
}
# By part: the alarms with namespace, metric, statistic, comparison and what no data means.
BELOW: Final = ("LessThanThreshold", "breaching")
ABOVE: Final = ("GreaterThanOrEqualToThreshold", "notBreaching")
TASKS: Final = ("AWS/ECS", "CPUUtilization", "SampleCount", *BELOW)


def balanced(namespace: str) -> dict[str, tuple[str, ...]]:
    return {
        "own-unhealthy-targets": (namespace, "UnHealthyHostCount", "Maximum", *ABOVE),
        "own-no-healthy-target": (namespace, "HealthyHostCount", "Maximum", *BELOW),
    }


EXPECTED: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "alb": balanced("AWS/ApplicationELB"),
    "nlb": balanced("AWS/NetworkELB"),
    "fargate": {"own-no-task": TASKS},
    "several-tasks": {"own-no-task": TASKS, "own-missing-tasks": TASKS},
    "scaled-tasks": {"own-no-task": TASKS, "own-missing-tasks": TASKS},
    "proxy": {"own-errors": ("AWS/Lambda", "Errors", "Sum", *ABOVE)},
}
KEYS: Final = ("namespace", "metricName", "statistic", "comparisonOperator", "treatMissingData")


@pytest.mark.parametrize("part", DECLARED)
def test_a_part_with_a_topic_has_its_alarms_and_without_one_none(part: str) -> None:
    graph = declare(lambda: DECLARED[part]({"alarm_topic_arn": TOPIC}))
    alarms = {each.name: each.inputs for each in graph if each.kind == "MetricAlarm"}
    assert {name: tuple(alarm[key] for key in KEYS) for name, alarm in alarms.items()} == EXPECTED[part]
    for alarm in alarms.values():
        assert alarm["alarmActions"] == alarm["okActions"] == [TOPIC]
        assert alarm["period"] == 60
    lasting = {name: alarm for name, alarm in alarms.items() if name != "own-missing-tasks"}
    for alarm in lasting.values():
        assert (alarm["threshold"], alarm["evaluationPeriods"]) == (1, 5)
        assert alarm["datapointsToAlarm"] == (1 if alarm["statistic"] == "Sum" else 5)
    assert names(declare(lambda: DECLARED[part]({})), "MetricAlarm") == []


@pytest.mark.parametrize(("part", "least"), [("several-tasks", 2), ("scaled-tasks", 3)])
def test_the_alarm_of_missing_tasks_counts_those_that_there_should_be(part: str, least: int) -> None:
    alarm = one(declare(lambda: DECLARED[part]({"alarm_topic_arn": TOPIC})), "MetricAlarm", "own-missing-tasks").inputs
    # A replaced task, and one late sample, are no fault.
    assert (alarm["threshold"], alarm["datapointsToAlarm"], alarm["evaluationPeriods"]) == (least, 10, 15)
    assert f"fewer than {least} tasks run" in reveal(alarm["alarmDescription"])


def test_the_metrics_are_those_of_the_declared_resources() -> None:
    balancer = declare(lambda: DECLARED["alb"]({"alarm_topic_arn": TOPIC}))
    place = one(balancer, "MetricAlarm", "own-no-healthy-target").inputs["dimensions"]
    assert place["LoadBalancer"] == one(balancer, "LoadBalancer").state["arnSuffix"]
    assert place["TargetGroup"] == one(balancer, "TargetGroup").state["arnSuffix"]
    # Before the listener, no target is healthy.
    alarm = one(balancer, "MetricAlarm", "own-no-healthy-target")
    assert one(balancer, "Listener", "own-listener").urn in alarm.dependencies
    service = declare(lambda: DECLARED["fargate"]({"alarm_topic_arn": TOPIC}))
    place = one(service, "MetricAlarm").inputs["dimensions"]
    assert place["ClusterName"] == one(service, "Cluster").state["name"]
    assert place["ServiceName"] == one(service, "Service").state["name"]


def stack(protection: dict[str, Any], kind: str = "rest") -> Graph:
    return graph_with(
        {
            "topology": "vpc-link",
            "network": {"egress": "nat-instance"},
            "backend": {"kind": "fargate", "image": "nginx:1.29", "port": 80, "platform": "linux/arm64", "count": 2},
            "ingress": {"kind": "alb"},
            "api": {"kind": kind, "routes": [{"path": "/a"}, {"path": "/b", "target": "proxy"}]},
            "protection": protection,
        }
    )


def described(graph: Graph) -> dict[str, str]:
    """The descriptions of alarms, by name."""
    return {each.name: reveal(each.inputs["alarmDescription"]) for each in graph if each.kind == "MetricAlarm"}


def headings() -> list[str]:
    page = (ROOT / "docs" / "incidents.md").read_text()
    return re.findall(r"^### (.+)$", page.partition("\n## Alarms\n")[2], re.MULTILINE)


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_every_alarm_of_a_stack_names_its_section_in_the_page(kind: str) -> None:
    """The stack has all alarms that the program declares, and the page no section of another."""
    alarms = described(stack({"alarms": {"emails": ["a@example.com"]}}, kind))
    sections = {name: re.findall(r"See docs/incidents\.md#(\S+)$", text) for name, text in alarms.items()}
    assert [name for name, found in sections.items() if not name.endswith(f"-{[*found, None][0]}")] == []
    assert sorted(section for found in sections.values() for section in found) == sorted(headings())


def test_no_other_module_declares_an_alarm() -> None:
    """A new module with alarms belongs into the stack of the test above."""
    modules = (ROOT / "components").rglob("*.py")
    declaring = {path.relative_to(ROOT).as_posix() for path in modules if "MetricAlarm(" in path.read_text()}
    assert declaring == {"components/operations/alarms.py", "components/api/api_alarms.py", "components/nat/alarms.py"}
    graph = stack({"alarms": {"emails": ["a@example.com"]}}, "rest")
    for part, expected in EXPECTED.items():
        ends = {name.removeprefix("own-") for name in expected}
        assert all(any(name.endswith(f"-{end}") for name in described(graph)) for end in ends), part


def test_a_budget_declares_no_alarm() -> None:
    graph = stack({"budget": {"monthlyUsd": 20, "emails": ["a@example.com"]}})
    assert [name for name in names(graph, "MetricAlarm") if not name.startswith("network-nat")] == []
