"""Logs of an EC2 backend in CloudWatch: who has them by default, and that a boot and a container write theirs."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from components import Ec2Backend
from components.testing.recorder import Graph
from tests.components.boot import Booted, boot, container, started
from tests.helpers.declare import declare, inputs, names, one, refusal

ARGS: dict[str, Any] = {
    "vpc_id": "vpc-00000001",
    "subnet_ids": ["subnet-00000001"],
    "image": "s3://images/app.tar.gz",
    "s3_prefix_list_id": "pl-00000001",
    "access": "none",
    "port": 8080,
}
ENDPOINT = {"endpoint_security_group_id": "sg-00000001", "endpoint_services": ["ecr.api", "logs"]}
EXISTING = {"endpoint_cidr": "10.0.0.0/16", "existing_endpoint_services": ["logs"]}


def backend(**changes: Any) -> Graph:
    return declare(lambda: Ec2Backend("backend", {**ARGS, **changes}))


@pytest.mark.parametrize(
    ("changes", "days"),
    [
        ({"egress": ["nat-instance"]}, 30),
        ({"egress": ["nat-gateway", "ipv6"]}, 30),
        ({"egress": ["ipv6"]}, 30),
        (ENDPOINT, 30),
        (EXISTING, 30),
        ({"egress": ["s3-packages"]}, None),
        ({}, None),
        ({**ENDPOINT, "endpoint_services": ["ecr.api"]}, None),
        ({"egress": ["nat-instance"], "logs": "off"}, None),
        ({"egress": ["nat-instance"], "logs": {"retention_days": 7}}, 7),
        ({"egress": ["nat-instance"], "logs": {}}, 30),
        ({"egress": ["nat-instance"], "image": None, "user_data": "#!/bin/sh"}, None),
    ],
)
def test_a_container_has_logs_where_they_cost_nothing_fixed(changes: dict[str, Any], days: int | None) -> None:
    graph = backend(**changes)
    groups = [one(graph, "LogGroup").inputs["retentionInDays"]] if names(graph, "LogGroup") else []
    assert groups == ([] if days is None else [days])
    script = inputs(graph)["backend-instance"].get("userData") or ""
    assert ("awslogs" in script and "LOG_GROUP=''" not in script) is (days is not None)
    assert ("put-log-events" in script) is (days is not None)


def test_the_role_may_write_to_its_own_log_group_only() -> None:
    graph = backend(egress=["nat-instance"])
    statements = json.loads(one(graph, "RolePolicy").inputs["policy"])["Statement"]
    (logs,) = [one for one in statements if any(action.startswith("logs:") for action in one["Action"])]
    assert logs == {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"{one(graph, 'LogGroup').state['arn']}:*",
    }
    # The instance writes to the group that exists by then.
    assert one(graph, "LogGroup").urn in one(graph, "Instance").dependencies


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"logs": {"retention_days": 7}}, "egress: [ipv6] (free)"),
        ({"logs": {"retention_days": 7}, "egress": ["s3-packages"]}, "endpoints with logs added"),
        ({"logs": {}, "egress": ["nat-instance"], "image": None, "user_data": "#!/bin/sh"}, "only beside image"),
        ({"logs": {"retention_days": 8}, "egress": ["nat-instance"]}, "the nearest is 7 days"),
    ],
)
def test_logs_that_would_be_lost_are_refused(changes: dict[str, Any], said: str) -> None:
    assert said in str(refusal(lambda: Ec2Backend("backend", {**ARGS, **changes})))


def sent(booted: Booted, folder: Path) -> list[str]:
    """The lines of the boot log that reached CloudWatch."""
    events = json.loads((folder / "sent.json").read_text())
    assert [one["timestamp"] for one in events] == sorted({one["timestamp"] for one in events})
    (put,) = booted.called("aws logs put-log-events")
    assert "--log-group-name backend-log-1 --log-stream-name i-0123456789abcdef0/boot" in put
    assert put.startswith("aws logs put-log-events --region eu-west-1")
    return [one["message"] for one in events]


KEEPING = 'for word in "$@"; do case "$word" in file://*) cp "${word#file://}" "$BOOT/sent.json" ;; esac; done\n'


def test_the_log_of_a_boot_reaches_cloudwatch_to_its_last_line(tmp_path: Path) -> None:
    booted = boot(tmp_path, container("nginx:1.27", log_group="backend-log-1"), {"aws": KEEPING})
    assert booted.status == 0, booted.console
    lines = sent(booted, tmp_path)
    assert lines[-1] == "gatehouse: the backend answers on port 8080"
    # The console has the same, for a machine without a network.
    assert all(line in booted.console for line in lines)
    assert booted.calls.index("systemctl enable --now backend") < booted.calls.index(booted.called("aws")[0])


def test_a_failed_boot_leaves_its_words(tmp_path: Path) -> None:
    script = container("nginx:0", log_group="backend-log-1")
    docker = 'echo "manifest unknown: é $(printf %02000d 1)"; exit 1'
    booted = boot(tmp_path, script, {"aws": KEEPING, "docker": docker})
    assert booted.status == 1
    lines = sent(booted, tmp_path)
    assert lines[-1].startswith("gatehouse: the backend does not run: nginx:0 cannot be fetched: manifest unknown: é")
    assert max(map(len, lines)) == 500


def test_a_boot_log_fits_one_batch(tmp_path: Path) -> None:
    noise = 'if [[ "$1" == pull ]]; then for ((n = 0; n < 3000; n++)); do echo "$n ' + "é" * 600 + '"; done; fi'
    booted = boot(tmp_path, container("nginx:1.27", log_group="backend-log-1"), {"aws": KEEPING, "docker": noise})
    lines = sent(booted, tmp_path)
    assert sum(len(line.encode()) + 26 for line in lines) <= 1024 * 1024
    assert len(lines) <= 10_000
    assert lines[-1] == "gatehouse: the backend answers on port 8080"


def test_logs_that_cannot_be_sent_stop_nothing(tmp_path: Path) -> None:
    booted = boot(tmp_path, container("nginx:1.27", log_group="backend-log-1"), {"aws": "exit 255"})
    assert booted.status == 0
    assert booted.console.splitlines()[-1] == "gatehouse: the boot log could not be sent to backend-log-1"
    # A role's permissions take minutes to take effect.
    assert len(booted.called("aws logs put-log-events")) == 5


def test_docker_sends_the_log_of_the_container_without_holding_it_up(tmp_path: Path) -> None:
    booted = boot(tmp_path, container("nginx:1.27", log_group="backend-log-1"))
    (line,) = started(booted, tmp_path).calls
    options = dict(word.split("=", 1) for word in shlex.split(line) if word.startswith("awslogs-") or "=" in word)
    assert "--log-driver awslogs" in line
    assert options["awslogs-stream"] == "i-0123456789abcdef0/container"
    assert (options["awslogs-group"], options["awslogs-region"]) == ("backend-log-1", "eu-west-1")
    # A container of a blocking driver does not start if its stream cannot be created.
    assert options["mode"] == "non-blocking"


def test_over_ipv6_alone_docker_calls_the_dual_stack_names_from_its_first_start(tmp_path: Path) -> None:
    unit = "/etc/systemd/system/docker.service.d/dual-stack.conf"
    seen = f'test -s "$GATEHOUSE_ROOT{unit}" && echo configured >>"$BOOT/calls"'
    script = container("nginx:1.27", dual_stack=True, log_group="backend-log-1")
    booted = boot(tmp_path, script, {"dnf": seen})
    assert "configured" in booted.calls
    assert "Environment=AWS_USE_DUALSTACK_ENDPOINT=true" in booted.file(unit)
    other = boot(tmp_path / "other", container("nginx:1.27", log_group="backend-log-1"))
    assert not (other.root / unit.lstrip("/")).exists()
