"""How long a new copy may take until it answers, and the waits that follow from it."""

from pathlib import Path
from typing import Any

import pytest

from components.testing.recorder import Graph
from tests.components.boot import boot, container
from tests.helpers.declare import ProgramError, one
from tests.helpers.stacks import graph_with

FARGATE: dict[str, Any] = {
    "topology": "vpc-link",
    "backend": {"kind": "fargate", "image": "quay.io/keycloak/keycloak:26.0", "platform": "linux/arm64", "port": 8080},
    "ingress": {"kind": "alb"},
    "api": {"kind": "http", "routes": [{"path": "/", "authorization": "iam"}]},
}
EC2: dict[str, Any] = {**FARGATE, "backend": {"image": "nginx:1.29", "platform": "linux/arm64", "count": 2}}


def stack(config: dict[str, Any], **backend: Any) -> Graph:
    return graph_with({**config, "backend": {**config["backend"], **backend}})


@pytest.mark.parametrize(("given", "grace", "limit"), [({}, 300, "2130s"), ({"startSeconds": 900}, 900, "3930s")])
def test_fargate_waits_for_a_slow_start(given: dict[str, int], grace: int, limit: str) -> None:
    """ECS stops copies that fail health checks after the grace period, and rolls back after three.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
    """
    graph = stack({**FARGATE, "network": {"egress": "nat-gateway"}}, **given)
    service = one(graph, "Service")
    assert service.inputs["healthCheckGracePeriodSeconds"] == grace
    # The provider's 20 minutes, three starts, and the draining of the old copies.
    assert set(service.options.custom_timeouts.values()) == {limit}
    assert one(graph, "Stash").inputs["input"]["seconds"] == 2_100 + grace


@pytest.mark.parametrize(("given", "grace"), [({}, 2_100), ({"startSeconds": 900}, 2_700)])
def test_a_group_of_instances_waits_for_boot_and_start(given: dict[str, int], grace: int) -> None:
    """https://docs.aws.amazon.com/autoscaling/ec2/userguide/health-check-grace-period.html"""
    graph = stack({**EC2, "network": {"egress": "nat-gateway"}}, **given)
    group = one(graph, "Group").inputs
    assert group["healthCheckGracePeriod"] == grace
    assert group["waitForCapacityTimeout"] == f"{grace + 300}s"


def test_a_start_of_no_time_or_of_hours_is_refused() -> None:
    for seconds in (0, 3_601):
        with pytest.raises(ProgramError, match="startSeconds"):
            stack(FARGATE, startSeconds=seconds)


@pytest.mark.slow
def test_the_boot_script_tries_for_as_long(tmp_path: Path) -> None:
    script = container("nginx:1.27").replace("START_ATTEMPTS=60\n", "START_ATTEMPTS=3\n")
    booted = boot(tmp_path, script, {"curl": "exit 7"})
    assert len(booted.called("curl")) == 3
    assert "raise start_seconds (backend.startSeconds)" in booted.console
