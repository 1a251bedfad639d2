"""The waits, pauses, retries and periods that the components fix: the setting that moves each, or why nobody needs one.

The test reads the numbers from the code. If you add one, add its row.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from components.facts import limits
from tests.helpers.stacks import ROOT

# By file and name: the number, and the setting or the reason.
FIXED: dict[str, tuple[float, str]] = {
    "api/api_alarms.py _PERIOD_SECONDS": (300, "AWS publishes the metrics each minute; five smooth single failures"),
    "api/custom_domain.py ttl": (60, "a record that proves a certificate; only AWS reads it"),
    "api/web_acl.py _WINDOW_SECONDS": (300, "protection.waf sets the requests in it; AWS's own default"),
    "compute/carried_capacity.py _PAUSE_SECONDS": (5, "between looks; backend.startSeconds sets the whole wait"),
    "compute/carried_capacity.py _BLIND_LOOKS": (12, "a minute without AWS's answer; the update then only warns"),
    "compute/container_host.py _PAUSE_SECONDS": (5, "between attempts; backend.startSeconds sets the whole wait"),
    "compute/fargate_task.py _SPOT_NOTICE_SECONDS": (120, "AWS's notice before it stops a copy, and its limit"),
    "compute/image_build.py _KEPT_IMAGES": (10, "images of `build` for going back; a gigabyte costs $0.10 a month"),
    "compute/readiness.py _PAUSE_SECONDS": (5, "between looks; backend.startSeconds sets the whole wait"),
    "compute/readiness.py _BLIND_LOOKS": (12, "a minute without AWS's answer; the update then only warns"),
    "fargate_backend.py _SPOT_WEIGHT": (99, "backend.spot.onDemand sets the copies that never run on Spot"),
    "function/function_code.py _DAY_SECONDS": (86_400, "a unit"),
    "ingress/cloud_map.py _SECONDS_TO_LIVE": (
        10,
        "AWS's own TTL for services that change; API Gateway looks up itself",
    ),
    "ingress/load_balancer.py _LEAST_IDLE_SECONDS": (
        60,
        "AWS's default; it follows from api.routes[].timeoutMilliseconds",
    ),
    "ingress/load_balancer.py _IDLE_MARGIN_SECONDS": (10, "so that the balancer waits longer than the API"),
    "ingress/load_balancer.py interval": (10, "backend.startSeconds covers a slow start"),
    "ingress/load_balancer.py timeout": (
        5,
        "a health check that takes longer should be a cheaper one: healthCheckPath",
    ),
    "ingress/load_balancer.py healthy_threshold": (2, "AWS's least; a copy serves after 20 seconds"),
    "ingress/load_balancer.py unhealthy_threshold": (2, "AWS's least; a dead copy gets requests for 20 seconds"),
    "nat/alarms.py _STATUS_SECONDS": (60, "how often AWS publishes the metric"),
    "nat/alarms.py _CREDIT_SECONDS": (300, "how often AWS publishes the metric"),
    "nat/alarms.py periods": (6, "minutes before an alarm; the instance repairs itself first"),
    "schedules.py maximum_event_age_in_seconds": (60, "a stack that is started an hour late is not wanted"),
    "user_data/common.sh timeout": (600, "one attempt of ten; a mirror that is slower than this is down"),
    "user_data/container.sh install_packages": (
        10,
        "attempts, 30 seconds apart: a NAT instance boots at the same time",
    ),
    "user_data/container.sh load": (60, "attempts, 30 seconds apart: half an hour, as limits.BOOT_SECONDS has it"),
    "user_data/container.sh pull": (60, "attempts, 30 seconds apart: half an hour, as limits.BOOT_SECONDS has it"),
    "user_data/container.sh timeout": (600, "one attempt; Docker keeps the layers that it has"),
    "user_data/nat_instance.sh install_packages": (5, "attempts; without Session Manager's agent the NAT works"),
    "user_data/nat_instance.sh systemctl": (24, "attempts, 5 seconds apart: until its public address is there"),
    "limits BOOT_SECONDS": (1_800, "network.egress decides how long a boot takes; this is the longest"),
    "limits ANSWER_SECONDS": (2_100, "BOOT_SECONDS and five minutes; backend.startSeconds is added"),
    "limits FAILED_TASKS": (3, "of AWS"),
    "limits NAT_BOOT_SECONDS": (600, "a t4g.nano without CPU credits; network.natInstance.instanceType"),
    "limits SERVICE_SECONDS": (1_200, "of the provider; backend.startSeconds and the draining are added"),
    "limits GROUP_SECONDS": (1_800, "the draining is added"),
    "limits LAMBDA_INTERFACES_SECONDS": (3_600, "of AWS; nothing shortens it"),
}
_SHELL = re.compile(r"(?:retry (\d+) \d+ (\w+)|\b(timeout) (\d+))")
_IS_FIXED = re.compile(r"(?i)seconds|pause|looks|periods?$|ttl|timeout|interval|threshold|kept|weight|age")


def test_each_fixed_number_has_a_setting_or_a_reason() -> None:
    found = {**dict(_of_python()), **dict(_of_shell()), **_of_limits()}
    assert found == {name: number for name, (number, _) in FIXED.items()}
    assert all(reason for _, reason in FIXED.values())


def _of_python() -> Iterator[tuple[str, float]]:
    """Constants of modules, and numbers in arguments of resources. 0 and 1 are no sizes."""
    facts_and_settings = (ROOT / "components/facts", ROOT / "components/stack")
    for path in sorted((ROOT / "components").rglob("*.py")):
        if any(map(path.is_relative_to, facts_and_settings)):
            continue
        file = str(path.relative_to(ROOT / "components"))
        for node in ast.walk(ast.parse(path.read_text())):
            for name, value in _named_values(node):
                number = value.value if isinstance(value, ast.Constant) else None
                if _IS_FIXED.search(name) and isinstance(number, int | float) and number > 1:
                    yield f"{file} {name}", number


def _named_values(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id, node.value
    elif isinstance(node, ast.keyword) and node.arg:
        yield node.arg, node.value
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant):
                yield str(key.value), value


def _of_shell() -> Iterator[tuple[str, float]]:
    for path in sorted((ROOT / "components/user_data").glob("*.sh")):
        for attempts, command, timeout, seconds in _SHELL.findall(path.read_text()):
            yield f"user_data/{Path(path).name} {command or timeout}", int(attempts or seconds)


def _of_limits() -> dict[str, float]:
    waits = (ROOT / "components/facts/limits.py").read_text().partition("# Waits of an update")[2].partition("\n\n")[0]
    names = [*re.findall(r"^([A-Z_]+): Final", waits, re.MULTILINE), "LAMBDA_INTERFACES_SECONDS"]
    return {f"limits {name}": getattr(limits, name) for name in names}
