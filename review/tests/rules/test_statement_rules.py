"""Rules on statements: each finds the fault in a stack file, and leaves the stack without it alone."""

import copy
from typing import Any

import pytest

from review.facts.statements import PACKAGE
from review.rules import RULES, Status, check
from review.tests.helpers.stacks import remembered

PROXY: dict[str, Any] = {
    "topology": "public-proxy",
    "backend": {"image": "traefik/whoami:v1.11.0", "platform": "linux/arm64", "port": 80},
    "api": {"kind": "http", "routes": [{"path": "/v1", "methods": ["GET"], "authorization": "iam"}]},
}
FARGATE: dict[str, Any] = {
    "topology": "vpc-link",
    "backend": {**PROXY["backend"], "kind": "fargate"},
    "ingress": {"kind": "alb"},
    "api": PROXY["api"],
}
OPEN = [{"path": "/v1", "methods": ["GET"]}]


def change(config: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The config with another value at a dotted path."""
    changed = copy.deepcopy(config)
    *above, last = path.split(".")
    at = changed
    for key in above:
        at = at.setdefault(key, {})
    at[last] = value
    return changed


FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("API-01", change(PROXY, "api.routes", OPEN), "GET /v1 and GET /v1/{proxy+} require nothing of their caller"),
    ("API-02", change(PROXY, "api.throttle", "off"), "no throttle limits GET /v1"),
    ("COST-02", change(PROXY, "api.throttle", "off"), "proxy may run as often at once as the account allows"),
    ("BOOT-10", change(PROXY, "backend.image", "traefik/whoami:latest"), "each new instance may fetch another version"),
    ("ECS-03", change(FARGATE, "backend.executeCommand", True), "lets people into its containers"),
]


@pytest.mark.parametrize(("rule", "config", "words"), FAULTS, ids=[row[0] for row in FAULTS])
def test_a_fault_is_found_and_named(rule: str, config: dict[str, Any], words: str) -> None:
    found = [one.message for one in check(remembered(config)) if one.rule.id == rule and one.status is Status.FAILED]
    assert [message for message in found if words in message], found


@pytest.mark.parametrize("config", [PROXY, FARGATE])
def test_a_sound_stack_breaks_no_rule(config: dict[str, Any]) -> None:
    assert [f"{one.rule.id} {one.message}" for one in check(remembered(config)) if one.status is Status.FAILED] == []


def test_an_acknowledged_route_is_no_fault() -> None:
    opened = change(PROXY, "api.routes", OPEN)
    meant = change(opened, "protection.acknowledgePublic", ["GET /v1/*"])
    assert "API-01" not in {one.rule.id for one in check(remembered(meant))}


def test_every_rule_on_statements_is_tested_here_or_with_programs() -> None:
    of_components = {name for name, rule in RULES.items() if any(PACKAGE in kind for kind in rule.types)}
    # Stack files cannot break these: tests/integration/closed_world has programs that do.
    assert of_components - {row[0] for row in FAULTS} == {"FIT-51", "LIVE-01", "NET-06"}
