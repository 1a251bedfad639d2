"""Every rule finds the fault that is planted for it, at the right resource, and stays quiet on what is sound."""

from typing import Any

import pytest

from review.facts.statements import PACKAGE
from review.ledger.ways import Way
from review.rules import RULES, Finding, Status, check
from review.rules.claims import find_falsifying, load_falsifying
from review.tests.helpers.stacks import graph_with
from review.tests.rules.cases import CASES, RuleCase

pytestmark = pytest.mark.xdist_group("rules")


def places(found: list[Finding], rule: str) -> list[tuple[str, str]]:
    mine = [finding for finding in found if finding.rule.id == rule and finding.status is Status.FAILED]
    return [(finding.resource.name if finding.resource else "-", finding.message) for finding in mine]


@pytest.mark.parametrize("faulty", CASES.faulty, ids=str)
def test_a_fault_is_found_and_named(faulty: RuleCase) -> None:
    found = places(faulty.find(), faulty.rule)
    assert [message for at, message in found if at == faulty.at and faulty.message in message], found


@pytest.mark.parametrize("sound", CASES.sound, ids=str)
def test_a_sound_graph_is_left_alone(sound: RuleCase) -> None:
    assert not places(sound.find(), sound.rule)


@pytest.mark.parametrize("faulty", CASES.faulty, ids=str)
def test_unknown_outputs_make_no_new_fault(faulty: RuleCase) -> None:
    """In a first preview less is known: a rule may not be able to tell, and must not invent."""
    found = faulty.find(known=False)
    # The planted fault is found with known outputs as well: the test above.
    failed = {finding.rule.id for finding in found if finding.status is Status.FAILED} - {faulty.rule}
    assert not failed or failed <= {finding.rule.id for finding in faulty.find()}, found


@pytest.mark.parametrize("undecided", CASES.undecided, ids=str)
def test_what_is_not_known_is_undecided(undecided: RuleCase) -> None:
    of_rule = [finding for finding in undecided.find() if finding.rule.id == undecided.rule]
    assert {finding.status for finding in of_rule} == {Status.INCONCLUSIVE}
    messages = [one.message for one in of_rule if one.resource is not None and one.resource.name == undecided.at]
    assert [message for message in messages if undecided.message in message], of_rule


def test_every_rule_has_a_faulty_and_a_sound_case() -> None:
    rules = {name for name, rule in RULES.items() if not any(PACKAGE in kind for kind in rule.types)} - {"WAIVER-01"}
    folder = "review/tests/rules/cases/"
    assert rules - {faulty.rule for faulty in CASES.faulty} == set(), f"write a case with `fails` in {folder}"
    assert rules - {sound.rule for sound in CASES.sound} == set(), f"write a case that follows the rule in {folder}"


def test_each_rule_has_its_ways_and_each_row_a_rule() -> None:
    rows = load_falsifying()
    themes = {rule.partition("-")[0] for rule in RULES}
    assert rows.keys() <= RULES.keys() | themes
    for rule in RULES:
        assert set(find_falsifying(rule)) <= {way.name.lower() for way in Way}


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
