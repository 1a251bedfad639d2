"""Waivers: a reason is printed, a wrong or needless one is a finding itself."""

from typing import Any

import pytest

from review.graph import Graph, Secret
from review.rules import RULES, Finding, Status, check
from review.tests.helpers.graph_builder import Builder


def graph(*waive: Any) -> Graph:
    """Two functions with a secret in plain, and waivers."""
    build = Builder()
    build.config["small:protection"] = {"waive": list(waive)}
    for name in ("audit", "debug"):
        build("lambda/function:Function", name, environment={"variables": {"DB_PASSWORD": "correct-horse-battery"}})
    return build.graph()


def summary(findings: list[Finding]) -> dict[str, tuple[Status, str]]:
    """Statuses and reasons by the names of resources."""
    return {one.resource.name if one.resource else "-": (one.status, one.reason) for one in findings}


FAILED, WAIVED = (Status.FAILED, ""), (Status.WAIVED, "the law asks for it")


@pytest.mark.parametrize(
    ("waivers", "found"),
    [
        ([], {"audit": FAILED, "debug": FAILED}),
        ([{"rule": "SEC-01", "reason": "the law asks for it"}], {"audit": WAIVED, "debug": WAIVED}),
        (
            [{"rule": "SEC-01", "reason": "the law asks for it", "resource": "aud*"}],
            {"audit": WAIVED, "debug": FAILED},
        ),
    ],
)
def test_a_waiver_covers_the_resources_that_it_names(waivers: list[Any], found: dict[str, Any]) -> None:
    assert summary(check(graph(*waivers))) == found


@pytest.mark.parametrize(
    ("waiver", "message"),
    [
        ({"rule": "SEC-1", "reason": "x"}, "there is no rule 'SEC-1': did you mean SEC-01?"),
        ({"rule": "banana", "reason": "x"}, "there is no rule 'banana'"),
        ({"rule": "SEC-01"}, "SEC-01 is waived without a reason"),
        ({"rule": "BOOT-10", "reason": "x"}, "BOOT-10 is waived, but nothing breaks it"),
        ({"rule": "SEC-01", "reason": "x", "resource": "web-*"}, "SEC-01 for web-* is waived, but nothing breaks it"),
    ],
)
def test_a_waiver_that_does_nothing_is_a_finding(waiver: dict[str, str], message: str) -> None:
    findings = check(graph(waiver))
    about = [finding for finding in findings if finding.rule.id == "WAIVER-01"]
    assert [finding.status for finding in about] == [Status.FAILED]
    assert about[0].message.startswith(message)
    assert summary(findings)["debug"] == (Status.FAILED, ""), "what is not waived rightly is not waived"


def test_config_that_is_secret_or_odd_is_read_all_the_same() -> None:
    build = Builder()
    build.config["small:protection"] = Secret({"waive": [{"rule": "SEC-01", "reason": "x"}, "SEC-01", None]})
    build("lambda/function:Function", "logs", environment={"variables": {"DB_PASSWORD": "correct-horse-battery"}})
    assert summary(check(build.graph())) == {"logs": (Status.WAIVED, "x")}


def test_a_rule_that_is_gone_says_why() -> None:
    (finding,) = [one for one in check(graph({"rule": "NET-02", "reason": "x"})) if one.rule.id == "WAIVER-01"]
    assert finding.message.startswith("there is no rule NET-02 any more, since the tests of the components prove it")


def test_no_rule_is_both_there_and_gone() -> None:
    from review.rules.check import _load_gone

    assert RULES.keys().isdisjoint(_load_gone())
