"""Waivers: a reason is printed, a wrong or needless one is a finding itself."""

from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.graph import UNKNOWN, Graph, Secret
from review.paths import trace_paths
from review.rules import RULES, Finding, Status, check, count_rules
from review.tests.helpers.api_programs import open_api
from review.tests.helpers.graph_builder import Builder


def graph(*waive: Any) -> Graph:
    """Two log groups that never expire, and waivers."""
    build = Builder()
    build.config["small:protection"] = {"waive": list(waive)}
    build("cloudwatch/logGroup:LogGroup", "audit-logs")
    build("cloudwatch/logGroup:LogGroup", "debug-logs")
    return build.graph()


def summary(findings: list[Finding]) -> dict[str, tuple[Status, str]]:
    """Statuses and reasons by the names of resources."""
    return {one.resource.name if one.resource else "-": (one.status, one.reason) for one in findings}


FAILED, WAIVED = (Status.FAILED, ""), (Status.WAIVED, "the law asks for it")


@pytest.mark.parametrize(
    ("waivers", "found"),
    [
        ([], {"audit-logs": FAILED, "debug-logs": FAILED}),
        ([{"rule": "LOG-01", "reason": "the law asks for it"}], {"audit-logs": WAIVED, "debug-logs": WAIVED}),
        (
            [{"rule": "LOG-01", "reason": "the law asks for it", "resource": "audit-*"}],
            {"audit-logs": WAIVED, "debug-logs": FAILED},
        ),
    ],
)
def test_a_waiver_covers_the_resources_that_it_names(waivers: list[Any], found: dict[str, Any]) -> None:
    assert summary(check(graph(*waivers))) == found


@pytest.mark.parametrize(
    ("waiver", "message"),
    [
        ({"rule": "LOG-1", "reason": "x"}, "there is no rule 'LOG-1': did you mean LOG-01?"),
        ({"rule": "banana", "reason": "x"}, "there is no rule 'banana'"),
        ({"rule": "LOG-01"}, "LOG-01 is waived without a reason"),
        ({"rule": "NET-01", "reason": "x"}, "NET-01 is waived, but nothing breaks it"),
        ({"rule": "LOG-01", "reason": "x", "resource": "web-*"}, "LOG-01 for web-* is waived, but nothing breaks it"),
    ],
)
def test_a_waiver_that_does_nothing_is_a_finding(waiver: dict[str, str], message: str) -> None:
    findings = check(graph(waiver))
    about = [finding for finding in findings if finding.rule.id == "WAIVER-01"]
    assert [finding.status for finding in about] == [Status.FAILED]
    assert about[0].message.startswith(message)
    assert summary(findings)["debug-logs"] == (Status.FAILED, ""), "what is not waived rightly is not waived"


def test_config_that_is_secret_or_odd_is_read_all_the_same() -> None:
    build = Builder()
    build.config["small:protection"] = Secret({"waive": [{"rule": "LOG-01", "reason": "x"}, "LOG-01", None]})
    build("cloudwatch/logGroup:LogGroup", "logs")
    assert summary(check(build.graph())) == {"logs": (Status.WAIVED, "x")}


def test_rules_without_a_finding_passed_or_had_nothing_to_look_at() -> None:
    reach = trace_paths(AwsModel(graph()))
    found = count_rules(reach, check(reach.model.graph, reach))
    looking = {rule.id for rule in RULES.values() if not rule.types or "aws:cloudwatch/logGroup:LogGroup" in rule.types}
    assert found.passed == len(looking - {"LOG-01", "WAIVER-01"})
    assert found.passed + found.nothing == len(RULES) - len({"LOG-01", "WAIVER-01"})
    assert found.nothing > 80


def test_an_acknowledgement_says_nothing_of_routes_that_are_not_known() -> None:
    build = Builder()
    build.config["small:protection"] = {"acknowledgePublic": ["GET /health"]}
    api = build("apigateway/restApi:RestApi", "api", body=UNKNOWN)
    build("apigateway/stage:Stage", "stage", restApi=api.id, stageName="live")
    statuses = {finding.rule.id: finding.status for finding in check(build.graph())}
    assert statuses["API-01"] is Status.INCONCLUSIVE
    assert "WAIVER-01" not in statuses, "whether the entry is needed is not known either"


def test_an_acknowledgement_says_nothing_of_a_url_whose_authorization_is_not_known() -> None:
    build = Builder()
    build.config["small:protection"] = {"acknowledgePublic": ["side"]}
    function = build("lambda/function:Function", "greeter")
    build("lambda/functionUrl:FunctionUrl", "side", functionName=function.name, authorizationType=UNKNOWN)
    assert "WAIVER-01" not in {finding.rule.id for finding in check(build.graph())}


def acknowledging(*entries: Any) -> dict[str, str]:
    """Findings about a stack with two open APIs, by the names of the resources."""
    build = Builder()
    build.config["small:protection"] = {"acknowledgePublic": list(entries)}
    for name in ("front", "back"):
        build.prefix = f"{name}-"
        open_api()(build)
    wanted = ("API-01", "WAIVER-01")
    findings = [finding for finding in check(build.graph()) if finding.rule.id in wanted]
    return {finding.resource.name if finding.resource else "stack": finding.message for finding in findings}


def test_routes_of_several_apis_are_acknowledged_with_the_name_of_the_api() -> None:
    found = acknowledging("GET /greeting of front-api", {"route": "GET /other of back-api", "reason": "a partner"})
    assert set(found) == {"back-api", "stack"}
    assert found["back-api"] == "anyone can call GET /greeting of back-api"
    assert set(acknowledging("GET /greeting")) == {"front-api", "back-api", "stack"}
