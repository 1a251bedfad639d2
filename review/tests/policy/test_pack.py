"""The policy pack refuses what the review refuses, also while outputs are unknown."""

import inspect
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from pulumi.runtime.proto import analyzer_pb2 as proto
from pulumi_policy import EnforcementLevel, PolicyResource, ResourceValidationPolicy, StackValidationPolicy

from review.graph import Graph
from review.policy.adapter import Inputs, graph_of_stack
from review.policy.pack import policies
from review.rules import RULES, Severity, Status
from review.tests.front_parts import link_stack, private_stack
from review.tests.graph_builder import Builder, Declare
from review.tests.parts import ANYWHERE, ingress, machine, proxy_stack
from review.tests.policy.wire import Pack, in_one_call
from review.tests.rules.cases import CASES, Planted, built, findings
from review.tests.rules.programs import open_api

pytestmark = pytest.mark.xdist_group("rules")
ROOT = Path(__file__).parents[3]

IN_PACK = [planted for planted in CASES.planted if RULES[planted.rule].in_pack]


@pytest.fixture(scope="module")
def pack() -> Pack:
    return Pack(policies())


@pytest.fixture(scope="module")
def every() -> Pack:
    return Pack(in_one_call(policies()))


@pytest.fixture
def found_by(every: Pack, monkeypatch: pytest.MonkeyPatch) -> Callable[[Graph], set[str]]:
    """The names of the policies that a graph violates, which is unpacked once for all of them."""
    unpacked: list[tuple[object, Graph]] = []

    def once(resources: list[PolicyResource], inputs: Inputs) -> Graph:
        if not unpacked or unpacked[0][0] is not resources:
            unpacked[:] = [(resources, graph_of_stack(resources, inputs))]
        return unpacked[0][1]

    monkeypatch.setattr("review.policy.pack.graph_of_stack", once)
    return lambda graph: {diagnostic.message.split()[-1] for diagnostic in every.judge(graph)}


@pytest.fixture(autouse=True)
def no_config(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_CONFIG", raising=False)


def failing(declare: Declare, *, known: bool) -> set[str]:
    found = findings(declare, known=known)
    return {finding.rule.id for finding in found if finding.status is Status.FAILED and finding.rule.in_pack}


@pytest.mark.parametrize("known", [True, False], ids=["deployed", "in a first preview"])
@pytest.mark.parametrize("planted", IN_PACK, ids=lambda planted: planted.rule)
def test_the_pack_finds_what_the_review_finds(
    found_by: Callable[[Graph], set[str]], planted: Planted, known: bool
) -> None:
    graph = built(planted.declare, known=known)
    found, expected = found_by(graph), failing(planted.declare, known=known)
    # Which values are secret is not told to a pack.
    assert found <= expected if graph.secret_texts else found == expected


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("declare", [proxy_stack, link_stack, private_stack])
def test_good_stacks_pass(pack: Pack, declare: Declare, known: bool) -> None:
    assert pack.judge(built(declare, known=known)) == []


def test_a_violation_names_the_resource_and_says_what_to_do(pack: Pack) -> None:
    build, stack = Builder.of(proxy_stack)
    open_rule = ingress(build, "oops", stack.backend.group, 8080, cidrIpv4=ANYWHERE)
    (diagnostic,) = [one for one in pack.judge(build.graph()) if one.policyName == "NET-02"]
    assert diagnostic.urn == open_rule.urn
    assert diagnostic.enforcementLevel == proto.MANDATORY
    assert diagnostic.severity == proto.POLICY_SEVERITY_CRITICAL
    assert RULES["NET-02"].title in diagnostic.message
    assert "tcp 8080 from 0.0.0.0/0" in diagnostic.message
    assert RULES["NET-02"].remedy in diagnostic.message


def test_what_a_preview_cannot_tell_is_no_violation_and_no_excuse(pack: Pack) -> None:
    """An unknown input silences its own rule, not the next resource nor the next rule."""
    build = Builder(known=False)
    unknown = build("ssm/parameter:Parameter", "unknown", type="String", value="x")
    machine(build, "unclear", metadataOptions={"httpTokens": unknown.value})
    machine(build, "careless", metadataOptions={"httpTokens": "optional"}, rootBlockDevice={"encrypted": False})
    names = [(diagnostic.policyName, diagnostic.urn.rpartition("::")[2]) for diagnostic in pack.judge(build.graph())]
    assert ("EC2-01", "careless") in names
    assert ("EC2-01", "unclear") not in names


def test_waivers_of_the_stack_count(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    build = Builder()
    build("cloudwatch/logGroup:LogGroup", "audit-logs")
    assert [diagnostic.policyName for diagnostic in pack.judge(build.graph())] == ["LOG-01"]
    protection = {"waive": [{"rule": "LOG-01", "reason": "the law asks for it", "resource": "audit-*"}]}
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"small:protection": json.dumps(protection)}))
    assert pack.judge(build.graph()) == []


def test_only_the_acknowledged_route_may_be_open(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    build = Builder()
    open_api(build)
    for entry, reported in (("GET /greeting", []), ("GET /health", ["API-01"]), (True, ["API-01"])):
        protection = {"acknowledgePublic": [entry] if isinstance(entry, str) else entry}
        monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"small:protection": json.dumps(protection)}))
        assert [one.policyName for one in pack.judge(build.graph()) if one.policyName == "API-01"] == reported


def test_levels_and_exceptions_are_configurable() -> None:
    build = Builder()
    build("cloudwatch/logGroup:LogGroup", "audit-logs")
    build("cloudwatch/logGroup:LogGroup", "debug-logs")
    build("ec2/launchTemplate:LaunchTemplate", "careless", blockDeviceMappings=[{"deviceName": "/dev/xvda", "ebs": {}}])
    configured = Pack(policies())
    waive = {"waive": [{"resource": "audit-*", "reason": "the law asks for it"}]}
    configured.configure(LOG_01={"level": proto.MANDATORY, "properties": waive}, ENC_01={"level": proto.DISABLED})
    (diagnostic,) = configured.judge(build.graph())
    assert (diagnostic.policyName, diagnostic.urn.rpartition("::")[2]) == ("LOG-01", "debug-logs")
    assert diagnostic.enforcementLevel == proto.MANDATORY


def test_a_second_call_with_other_rules_judges_the_stack_of_that_call() -> None:
    """The engine leaves out the rules that are disabled."""
    configured = Pack(policy for policy in policies() if policy.name in ("LOG-01", "NET-02", "NET-06"))
    build = Builder()
    group = proxy_stack(build).backend.group
    off, on = {"level": proto.DISABLED}, {"level": proto.MANDATORY}
    configured.configure(NET_02=off, NET_06=on)
    assert configured.judge(build.graph()) == []
    ingress(build, "oops", group, 8080, cidrIpv4=ANYWHERE)
    configured.configure(NET_02=on, NET_06=off)
    assert [diagnostic.policyName for diagnostic in configured.judge(build.graph())] == ["NET-02"]


def test_no_rule_that_reads_dependencies_judges_a_resource_alone() -> None:
    """The engine hands them to policies of a stack, not to those of a resource."""
    checks = {
        rule.id: inspect.getsource(inspect.getclosurevars(rule.violations).nonlocals["check"])
        for rule in RULES.values()
        if rule.alone and rule.in_pack
    }
    assert [name for name, source in checks.items() if "property_dependencies" in source] == []


def test_each_rule_is_a_policy_of_its_kind() -> None:
    made = {policy.name: policy for policy in policies()}
    for rule in RULES.values():
        if not rule.in_pack:
            assert rule.id not in made
            continue
        policy = made[rule.id]
        assert isinstance(policy, ResourceValidationPolicy if rule.alone else StackValidationPolicy)
        grave = rule.severity in (Severity.HIGH, Severity.CRITICAL)
        assert policy.enforcement_level is (EnforcementLevel.MANDATORY if grave else EnforcementLevel.ADVISORY)
        assert policy.url == rule.source


def test_few_rules_are_left_out_and_each_for_a_reason() -> None:
    left_out = {rule.id for rule in RULES.values() if not rule.in_pack}
    assert left_out == {
        "DOC-06",  # a policy does not see the files of a package
        "FIT-18",  # a policy does not see the folder that the path of a package starts from
        "LIMIT-01",  # names are the provider's by then, which has refused too long ones
        "SEC-01",  # policies get secrets unwrapped
        "SEC-05",
        "SEC-06",
        "SEC-07",
        "SEC-08",
        "TRAP-02",  # whether policies see ignoreChanges as the program gave it was not tried on the engine
        "WAIVER-01",
    }


def test_the_packs_files_are_what_the_cli_wants() -> None:
    project = yaml.safe_load((ROOT / "review/policy/PulumiPolicy.yaml").read_text())
    assert project["runtime"]["name"] == "python"
    assert (ROOT / "review/policy/__main__.py").is_file()
    wanted = (ROOT / "review/policy/requirements.txt").read_text()
    assert "pulumi-policy==" in wanted
