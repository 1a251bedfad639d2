"""The policy pack refuses what the review refuses, in each state of a stack, also while outputs are unknown."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2 as proto
from pulumi.runtime.proto import analyzer_pb2_grpc
from pulumi_policy import EnforcementLevel, PolicyResource, ResourceValidationPolicy, StackValidationPolicy

from review.graph import Asset, Graph, Resource
from review.policy.adapter import Inputs, build_stack_graph
from review.policy.pack import NAME, make_policies
from review.rules import RULES, Severity, Status, check
from review.tests.helpers.stacks import REVIEW, VARIED, graph_of, remembered
from review.tests.policy.wire import Pack, in_one_call
from review.tests.rules.cases import CASES, RuleCase


@pytest.fixture(scope="module")
def pack() -> Pack:
    return Pack(make_policies())


@pytest.fixture(scope="module")
def every() -> Pack:
    return Pack(in_one_call(make_policies()))


@pytest.fixture(autouse=True)
def no_config(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_CONFIG", raising=False)


# Rules


@pytest.fixture
def found_by(every: Pack, monkeypatch: pytest.MonkeyPatch) -> Callable[[Graph], set[str]]:
    """The names of the policies that a graph violates, which is unpacked once for all of them."""
    unpacked: list[tuple[object, Graph]] = []

    def once(resources: list[PolicyResource], inputs: Inputs) -> Graph:
        if not unpacked or unpacked[0][0] is not resources:
            unpacked[:] = [(resources, build_stack_graph(resources, inputs))]
        return unpacked[0][1]

    monkeypatch.setattr("review.policy.pack.build_stack_graph", once)
    return lambda graph: {diagnostic.message.split()[-1] for diagnostic in every.judge(graph)}


IN_PACK = [faulty for faulty in CASES.faulty if RULES[faulty.rule].in_pack]


@pytest.mark.xdist_group("rules")
@pytest.mark.parametrize("known", [True, False], ids=["deployed", "in a first preview"])
@pytest.mark.parametrize("faulty", IN_PACK, ids=lambda faulty: faulty.rule)
def test_the_pack_finds_what_the_review_finds(
    found_by: Callable[[Graph], set[str]], faulty: RuleCase, known: bool
) -> None:
    graph = faulty.build(known=known)
    failed = [one for one in faulty.find(known=known) if one.status is Status.FAILED]
    found, expected = found_by(graph), {finding.rule.id for finding in failed if finding.rule.in_pack}
    # Which values are secret is not told to a pack.
    assert found <= expected if graph.secret_texts else found == expected


def test_each_rule_is_a_policy_of_its_kind() -> None:
    made = {policy.name: policy for policy in make_policies()}
    assert made.keys() >= {rule.id for rule in RULES.values() if rule.in_pack}
    for rule in RULES.values():
        if rule.in_pack:
            policy = made[rule.id]
            assert isinstance(policy, ResourceValidationPolicy if rule.alone else StackValidationPolicy)
            grave = rule.severity in (Severity.HIGH, Severity.CRITICAL)
            assert policy.enforcement_level is (EnforcementLevel.MANDATORY if grave else EnforcementLevel.ADVISORY)


@pytest.mark.parametrize("replaced", [False, True])
def test_another_code_in_place_of_the_forwarders_is_undecided(pack: Pack, tmp_path: Path, *, replaced: bool) -> None:
    graph = graph_of("examples/webhook.yaml")
    function = next(one for one in graph.list_by_type("aws:lambda/function:Function") if "proxy" in one.name)
    (tmp_path / "other.zip").write_bytes(b"another program")
    code = Asset(path=str(tmp_path / "other.zip"), archive=True) if replaced else function.inputs["code"]
    changed = replace(function, inputs={**function.inputs, "code": code})
    lines = pack.unclear(replace(graph, resources={**graph.resources, function.urn: changed}), planned=True)
    told = [
        one.message
        for one in lines
        if "code of proxy-function, which the forwarder of this version has not" in one.message
    ]
    assert bool(told) is replaced
    assert not replaced or "API-01" in " ".join(told)


# Settings


_API = {"kind": "http", "routes": [{"path": "/v1", "methods": ["GET"]}]}
OPEN: dict[str, Any] = {
    "topology": "public-proxy",
    "backend": {"image": "traefik/whoami:latest", "platform": "linux/arm64", "port": 80},
    "api": _API,
}
"""Everyone may call it, and its image has no version: API-01 and BOOT-10."""


def test_a_violation_names_the_resource_and_says_what_to_do(pack: Pack) -> None:
    graph = remembered(OPEN)
    (diagnostic,) = [one for one in pack.judge(graph) if one.policyName == "API-01"]
    assert graph.resources[diagnostic.urn].type == "gatehouse:index:ApiFront"
    assert (diagnostic.enforcementLevel, diagnostic.severity) == (proto.MANDATORY, proto.POLICY_SEVERITY_HIGH)
    for words in (RULES["API-01"].title, "GET /v1", RULES["API-01"].remedy):
        assert words in diagnostic.message


def test_waivers_and_acknowledged_routes_of_the_stack_count(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    waive = [{"rule": "BOOT-10", "reason": "a test of new versions", "resource": "backend*"}]
    for protection, reported in (
        ({}, {"API-01", "BOOT-10"}),
        ({"waive": waive}, {"API-01"}),
        ({"waive": waive, "acknowledgePublic": ["GET /health"]}, {"API-01"}),
        ({"waive": waive, "acknowledgePublic": True}, {"API-01"}),
        ({"waive": waive, "acknowledgePublic": ["GET /v1", "GET /v1/*"]}, set()),
    ):
        monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"gatehouse:protection": json.dumps(protection)}))
        found = {one.policyName for one in pack.judge(remembered(OPEN))} & {"API-01", "BOOT-10"}
        assert found == reported, protection


def test_levels_and_exceptions_are_configurable() -> None:
    configured = Pack(make_policies())
    for waived, reported in ((False, {"BOOT-10": proto.MANDATORY}), (True, {})):
        waive = {"waive": [{"resource": "backend*", "reason": "a test of new versions"}]} if waived else {}
        configured.configure(API_01={"level": proto.DISABLED}, BOOT_10={"level": proto.MANDATORY, "properties": waive})
        found = {one.policyName: one.enforcementLevel for one in configured.judge(remembered(OPEN))}
        assert found == reported


# States of a stack: new, deployed and unchanged, changed, destroyed


def changed(stack: Graph, planned: Graph, kind: str) -> Graph:
    """The graph in a preview that replaces the resources of a kind: their outputs are unknown."""
    replaced = {resource.urn for resource in stack if resource.type == kind}

    def known(resource: Resource) -> Resource:
        other = planned.resources[resource.urn]
        open_inputs = {key for key, urns in other.property_dependencies.items() if replaced & set(urns)}
        inputs = {key: other.inputs.get(key) if key in open_inputs else value for key, value in resource.inputs.items()}
        state = {**(other.state if resource.urn in replaced else resource.state), **inputs}
        return replace(resource, inputs=inputs, state=state)

    kept = {urn: known(resource) for urn, resource in stack.resources.items() if urn in planned.resources}
    return replace(stack, resources=kept)


def verdict(graph: Graph) -> list[str]:
    """The rules of the pack that fail in the review."""
    return [finding.message for finding in check(graph) if finding.status is Status.FAILED and finding.rule.in_pack]


@pytest.mark.parametrize("stack", VARIED)
def test_a_good_stack_passes_in_every_state(stack: str, every: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    deployed, new = graph_of(stack), graph_of(stack, known=False)
    config = {key: json.dumps(value, default=str) for key, value in new.config.items() if "protection" in key}
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(config))
    # The engine gives resources in the order in which they were registered, which is not the program's.
    other_way = replace(new, resources=dict(reversed(new.resources.items())))
    states = {"new": (other_way, True), "unchanged": (deployed, False)}
    for kind in ("aws:ec2/instance:Instance", "aws:ec2/securityGroup:SecurityGroup"):
        if any(resource.type == kind for resource in deployed):
            states[f"another {kind}"] = (changed(deployed, new, kind), False)
            assert verdict(states[f"another {kind}"][0]) == []
    states["destroyed"] = (replace(deployed, resources={}), False)
    for state, (graph, planned) in states.items():
        assert [diagnostic.message for diagnostic in every.judge(graph, planned=planned)] == [], state
    # The processor of an image whose platform is not named is known to its registry alone, and whether subnets that the
    # program only names give out IPv6 addresses to AWS. Whether anybody watches silent alarms no program shows.
    unclear = [line.message for line in every.unclear(states["unchanged"][0], planned=False)]
    expected = ("\nFIT-19 cannot tell: ", "\nLOG-07 cannot tell: ", "over IPv6 depends on its subnets")
    assert [line for line in unclear if not any(each in line for each in expected)] == []


def test_the_program_serves_every_policy() -> None:
    """The CLI starts it unbuffered: it prints its port and serves until it is ended."""
    command = [sys.executable, "-u", "."]
    process = subprocess.Popen(command, cwd=REVIEW / "policy", stdout=-1, stdin=-3, text=True)
    assert process.stdout is not None
    try:
        with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
            info = analyzer_pb2_grpc.AnalyzerStub(channel).GetAnalyzerInfo(empty_pb2.Empty(), timeout=120)
    finally:
        process.terminate()
        process.communicate(timeout=120)
    assert (info.name, info.supportsConfig) == (NAME, True)
    assert [policy.name for policy in info.policies] == [policy.name for policy in make_policies()]
