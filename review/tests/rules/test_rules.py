"""Every rule finds the fault that is planted for it, at the right resource, and stays quiet on what is sound."""

import importlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi_aws as aws
import pytest

from review.aws.compute.functions import missing_handler, unzipped_size
from review.graph import UNKNOWN, Asset
from review.rules import RULES, Finding, Severity, Status
from review.tests.front_parts import link_stack, private_stack
from review.tests.graph_builder import Builder, Declare, Made
from review.tests.parts import balancer, machine, network, proxy_stack
from review.tests.rules.cases import CASES, Planted, doubt, findings
from review.tests.rules.cases_api import open_api, own_domain
from review.tests.rules.cases_artifacts import function, pulled, role
from review.tests.rules.cases_coverage import firewall_rule, guarded

pytestmark = pytest.mark.xdist_group("rules")
for module in sorted(Path(__file__).parent.glob("cases_*.py")):
    importlib.import_module(f"review.tests.rules.{module.stem}")


def places(found: list[Finding], rule: str) -> list[tuple[str, str]]:
    mine = [finding for finding in found if finding.rule.id == rule and finding.status is Status.FAILED]
    return [(finding.resource.name if finding.resource else "-", finding.message) for finding in mine]


@pytest.mark.parametrize("planted", CASES.planted, ids=lambda planted: planted.rule)
def test_a_planted_fault_is_found_and_named(planted: Planted) -> None:
    found = places(findings(planted.declare), planted.rule)
    assert [message for at, message in found if at == planted.at and planted.message in message], found


@pytest.mark.parametrize(("rule", "declare"), CASES.sound, ids=[rule for rule, _ in CASES.sound])
def test_a_sound_graph_is_left_alone(rule: str, declare: Declare) -> None:
    assert not places(findings(declare), rule)


@pytest.mark.parametrize("planted", CASES.planted, ids=lambda planted: planted.rule)
def test_unknown_outputs_make_no_new_fault(planted: Planted) -> None:
    """In a first preview less is known: a rule may not be able to tell, and must not invent."""
    found = findings(planted.declare, known=False)
    # The planted fault is found with known outputs as well: the test above.
    failed = {finding.rule.id for finding in found if finding.status is Status.FAILED} - {planted.rule}
    assert not failed or failed <= {finding.rule.id for finding in findings(planted.declare)}, found


def test_whether_certificates_protect_an_api_may_be_unknown() -> None:
    found = findings(lambda build: own_domain(build, closed=UNKNOWN))
    assert {finding.rule.id for finding in found if finding.status is Status.INCONCLUSIVE} == {"API-01", "API-04"}
    unknown = {"mutualTlsAuthentication": UNKNOWN}
    found = findings(lambda build: own_domain(build, closed=True, certificates=unknown))
    assert {finding.rule.id for finding in found if finding.status is Status.INCONCLUSIVE} == {"API-01"}


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("apigateway/basePathMapping:BasePathMapping", lambda api: {"restApi": api}),
        ("apigatewayv2/apiMapping:ApiMapping", lambda api: {"apiId": api}),
    ],
)
@pytest.mark.parametrize("own", [False, True])
def test_a_domain_of_another_stack_may_let_anybody_in(
    kind: str, inputs: Callable[[str], dict[str, Any]], own: bool
) -> None:
    def declare(build: Builder) -> None:
        gate = own_domain(build, closed=True) if own else open_api(build, disableExecuteApiEndpoint=True)
        build(kind, "link", domainName="shared.example.com", **inputs(gate.api.id))

    (found,) = (finding for finding in findings(declare) if finding.rule.id == "API-01")
    assert found.status is Status.INCONCLUSIVE
    assert "link leads from shared.example.com, which another stack may open to anybody, to api" in found.message


@doubt("API-01")
def _(build: Builder) -> None:
    gate = open_api(build, disableExecuteApiEndpoint=True)
    domain = build("apigatewayv2/domainName:DomainName", "domain", domainName="shared.example.com")
    build.resources[domain.urn] = replace(build.resources[domain.urn], existing=True)
    build("apigatewayv2/apiMapping:ApiMapping", "link", apiId=gate.api.id, domainName=domain.domainName)


@doubt("FIT-21", at="server", message="lists no t9g.large (did you mean")
def _(build: Builder) -> None:
    machine(build, "server", instanceType="t9g.large")
    machine(build, "listed", instanceType=aws.ec2.InstanceType.T4G_LARGE.value)


def handed_on(build: Builder, how: str) -> None:
    """A target group that others may register with, since they know of it."""
    balancer(build, network(build))
    targets = next(resource for resource in build.resources.values() if resource.name == "targets")
    if how == "export":
        build.exports["targets"] = targets.state["arn"]
    else:
        build("ssm/parameter:Parameter", "shown", value=Made(targets.urn, targets.state).arn)


def admitted(build: Builder, arn: Any) -> None:
    guarded(build, "block", firewall_rule("allow", {"ipSetReferenceStatement": {"arn": arn}}))


doubt("LIVE-07")(lambda build: handed_on(build, "export"))
doubt("LIVE-07")(lambda build: handed_on(build, "parameter"))
doubt("API-01")(lambda build: admitted(build, UNKNOWN))
doubt("API-01")(lambda build: admitted(build, "arn:aws:wafv2:eu-west-1:1:regional/ipset/elsewhere/1"))
doubt("FIT-19", message="task needs nginx:1.29 to be built for arm64, which the review does not know; ")(pulled)
doubt("FIT-19", message="set backend.platform")(pulled)
doubt("IAM-03")(lambda build: build("iam/role:Role", "role", assumeRolePolicy=UNKNOWN))


@pytest.mark.parametrize("doubted", CASES.doubted, ids=lambda doubted: doubted.rule)
def test_what_is_not_known_is_a_doubt(doubted: Planted) -> None:
    (found,) = (finding for finding in findings(doubted.declare) if finding.rule.id == doubted.rule)
    assert found.status is Status.INCONCLUSIVE
    assert doubted.message in found.message
    assert not doubted.at or (found.resource is not None and found.resource.name == doubted.at)


def test_every_rule_is_planted_has_a_sound_neighbour_and_a_doubt() -> None:
    rules = set(RULES) - {"WAIVER-01"}  # of which test_waivers.py treats
    assert rules - {planted.rule for planted in CASES.planted} == set()
    assert rules - {rule for rule, _ in CASES.sound} == set()
    # Rules that are older than this: the list only shrinks.
    allowed = Path(__file__).with_name("without_doubt.txt").read_text(encoding="utf-8").split()
    assert rules - {doubted.rule for doubted in CASES.doubted} == set(allowed), "plant a @doubt, and shorten the list"


@pytest.mark.parametrize("declare", [proxy_stack, link_stack, private_stack])
def test_good_stacks_break_no_rule(declare: Declare) -> None:
    assert [finding for finding in findings(declare) if finding.status is not Status.WAIVED] == []


@pytest.mark.parametrize("declare", [proxy_stack, link_stack, private_stack])
def test_good_stacks_fail_no_rule_before_anything_is_known(declare: Declare) -> None:
    assert [finding for finding in findings(declare, known=False) if finding.status is Status.FAILED] == []


def test_rules_are_written_to_be_read() -> None:
    assert len(RULES) >= 40
    for rule in RULES.values():
        assert rule.source.startswith("https://"), rule.id
        assert rule.why.endswith((".", "!")), rule.id
        assert rule.remedy.endswith("."), rule.id
        assert not rule.title.endswith("."), rule.id
        assert isinstance(rule.severity, Severity)


def test_what_a_policy_of_another_stack_allows_is_not_known() -> None:
    def declare(build: Builder) -> None:
        own = role(build, "lambda.amazonaws.com", attached="arn:aws:iam::123456789012:policy/own")
        function(build, own, vpcConfig={"subnetIds": ["subnet-0a"], "securityGroupIds": ["sg-0a"]})

    found = {finding.rule.id for finding in findings(declare) if finding.status is Status.INCONCLUSIVE}
    assert {"FIT-15", "FIT-16"} <= found


def test_without_the_option_image_and_account_decide_about_tokens() -> None:
    def declare(build: Builder) -> None:
        machine(build, "server", metadataOptions=None)
        template = build("ec2/launchTemplate:LaunchTemplate", "template", metadataOptions={"httpEndpoint": "enabled"})
        machine(build, "copy", metadataOptions=None, launchTemplate={"id": template.id})

    said = {one.resource and one.resource.name: one for one in findings(declare) if one.rule.id == "EC2-01"}
    assert said.keys() == {"server", "template", "copy"}
    assert {finding.status for finding in said.values()} == {Status.INCONCLUSIVE}
    assert all("set metadata_options.http_tokens to required" in finding.message for finding in said.values())


def test_a_damaged_zip_ends_no_rule(tmp_path: Path) -> None:
    package = tmp_path / "code.zip"
    package.write_bytes(b"PK\5\6" + b"\xff" * 18)
    build = Builder()
    code = Asset(path=str(package), base=str(tmp_path), archive=True)
    build("lambda/function:Function", "f", name="f", runtime="nodejs22.x", handler="index.handler", code=code)
    (resource,) = build.graph()
    assert (missing_handler(resource), unzipped_size(code)) == ("", package.stat().st_size)
