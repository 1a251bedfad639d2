"""Every rule finds the fault that is planted for it, at the right resource, and stays quiet on what is sound."""

from pathlib import Path
from typing import Any

import pytest

from review.aws.compute.functions import find_missing_handler
from review.graph import Asset
from review.ledger.ways import Way
from review.paths.claims import find_falsifying, load_falsifying
from review.rules import RULES, Finding, Status, check
from review.tests.helpers.graph_builder import Builder, Declare
from review.tests.helpers.private_stacks import link_stack, private_stack
from review.tests.helpers.stack_parts import proxy_stack
from review.tests.helpers.stacks import graph_with
from review.tests.rules.cases import CASES, RuleCase, findings

pytestmark = pytest.mark.xdist_group("rules")


def places(found: list[Finding], rule: str) -> list[tuple[str, str]]:
    mine = [finding for finding in found if finding.rule.id == rule and finding.status is Status.FAILED]
    return [(finding.resource.name if finding.resource else "-", finding.message) for finding in mine]


@pytest.mark.parametrize("faulty", CASES.faulty, ids=str)
def test_a_fault_is_found_and_named(faulty: RuleCase) -> None:
    found = places(findings(faulty.declare), faulty.rule)
    assert [message for at, message in found if at == faulty.at and faulty.message in message], found


@pytest.mark.parametrize("sound", CASES.sound, ids=str)
def test_a_sound_graph_is_left_alone(sound: RuleCase) -> None:
    assert not places(findings(sound.declare), sound.rule)


@pytest.mark.parametrize("faulty", CASES.faulty, ids=str)
def test_unknown_outputs_make_no_new_fault(faulty: RuleCase) -> None:
    """In a first preview less is known: a rule may not be able to tell, and must not invent."""
    found = findings(faulty.declare, known=False)
    # The planted fault is found with known outputs as well: the test above.
    failed = {finding.rule.id for finding in found if finding.status is Status.FAILED} - {faulty.rule}
    assert not failed or failed <= {finding.rule.id for finding in findings(faulty.declare)}, found


@pytest.mark.parametrize("undecided", CASES.undecided, ids=str)
def test_what_is_not_known_is_undecided(undecided: RuleCase) -> None:
    of_rule = [finding for finding in findings(undecided.declare) if finding.rule.id == undecided.rule]
    assert {finding.status for finding in of_rule} == {Status.INCONCLUSIVE}
    messages = [one.message for one in of_rule if one.resource is not None and one.resource.name == undecided.at]
    assert [message for message in messages if undecided.message in message], of_rule


def test_every_rule_has_a_faulty_a_sound_and_an_undecided_case() -> None:
    rules = set(RULES) - {"WAIVER-01"}  # of which test_waivers.py treats
    folder = "review/tests/rules/cases/"
    assert rules - {faulty.rule for faulty in CASES.faulty} == set(), f"write a case with `fails` in {folder}"
    assert rules - {sound.rule for sound in CASES.sound} == set(), f"write a case that follows the rule in {folder}"
    # Rules that are older than this: the list only shrinks.
    allowed = {*Path(__file__).with_name("always_decided.txt").read_text(encoding="utf-8").split()}
    undecided = {undecided.rule for undecided in CASES.undecided}
    assert rules - undecided - allowed == set(), f"write a case with `cannot tell` in {folder}"
    assert allowed & undecided == set(), "always_decided.txt names rules that have a case with `cannot tell`"


def test_each_rule_has_its_ways_and_each_row_a_rule() -> None:
    rows = load_falsifying()
    themes = {rule.partition("-")[0] for rule in RULES}
    assert rows.keys() <= RULES.keys() | themes
    for rule in RULES:
        assert set(find_falsifying(rule)) <= {way.name.lower() for way in Way} | {"network", "rights"}


@pytest.mark.parametrize("declare", [proxy_stack, link_stack, private_stack])
def test_good_stacks_break_no_rule(declare: Declare) -> None:
    assert findings(declare) == []
    assert [finding for finding in findings(declare, known=False) if finding.status is Status.FAILED] == []


def test_a_damaged_zip_ends_no_rule(tmp_path: Path) -> None:
    package = tmp_path / "code.zip"
    package.write_bytes(b"PK\5\6" + b"\xff" * 18)
    build = Builder()
    code = Asset(path=str(package), base=str(tmp_path), archive=True)
    build("lambda/function:Function", "f", name="f", runtime="nodejs22.x", handler="index.handler", code=code)
    (resource,) = build.graph()
    assert find_missing_handler(resource) == ""


ENCRYPTED = {"secure": "v1:abcdef"}
ROUTE = {"path": "/v1/items", "methods": ["GET"], "authorization": "iam"}
LINKED = {"kind": "fargate", "image": "traefik/whoami:v1.11.0", "port": 80, "healthCheckPath": "/health/ready"}


@pytest.mark.parametrize(
    "config",
    [
        {
            "topology": "vpc-link",
            "backend": {**LINKED, "environment": {"LICENSE": ENCRYPTED}},
            "ingress": {"kind": "alb"},
            "api": {"kind": "http", "routes": [ROUTE]},
        },
        {
            "topology": "public-proxy",
            "backend": {"image": "traefik/whoami:v1.11.0", "port": 80},
            "api": {"routes": [{**ROUTE, "keyRequired": True}], "plans": {"gold": {"keyValues": {"a": ENCRYPTED}}}},
        },
    ],
)
def test_what_is_beside_an_encrypted_value_is_plain(config: dict[str, Any]) -> None:
    assert [one.message for one in check(graph_with(config)) if one.rule.id == "SEC-05"] == []
