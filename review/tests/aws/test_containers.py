"""Containers of ECS services: on whose machines their tasks run."""

from typing import Any

import pytest

from review.aws.compute.containers import Containers, Runs
from review.graph import UNKNOWN
from review.tests.helpers.graph_builder import Builder


@pytest.mark.parametrize(
    ("inputs", "runs"),
    [
        ({"capacityProviderStrategies": [{"capacityProvider": "FARGATE_SPOT"}]}, Runs.FARGATE),
        ({"capacityProviderStrategies": [{"capacityProvider": "mine"}]}, Runs.EC2),
        ({"capacityProviderStrategies": UNKNOWN}, Runs.UNKNOWN),
        ({"capacityProviderStrategies": [{"capacityProvider": UNKNOWN}]}, Runs.UNKNOWN),
        ({"launchType": "EXTERNAL"}, Runs.EXTERNAL),
        ({"launchType": UNKNOWN}, Runs.UNKNOWN),
        ({}, Runs.FARGATE),
        ({"taskDefinition": "of-another-stack"}, Runs.UNKNOWN),
    ],
)
def test_machines_of_tasks(inputs: dict[str, Any], runs: Runs) -> None:
    build = Builder()
    tasks = build("ecs/taskDefinition:TaskDefinition", "tasks", family="tasks", requiresCompatibilities=["FARGATE"])
    service = build("ecs/service:Service", "service", **{"taskDefinition": tasks.arn, **inputs})
    graph = build.graph()
    assert Containers(graph).resolve_launch_type(graph.resources[service.urn]) is runs
