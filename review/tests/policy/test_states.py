"""The pack over whole stacks in four states: new, deployed and unchanged, changed, destroyed."""

import json
from dataclasses import replace

import pytest

from review.graph import Graph, Resource
from review.policy.pack import policies
from review.rules import Status, check
from review.tests.front_parts import link_stack
from review.tests.graph_builder import Builder, Declare
from review.tests.helpers.stacks import ALL, graph_of
from review.tests.parts import ANYWHERE, ingress, proxy_stack
from review.tests.policy.wire import Pack, in_one_call


@pytest.fixture
def pack(monkeypatch: pytest.MonkeyPatch) -> Pack:
    monkeypatch.delenv("PULUMI_CONFIG", raising=False)
    return Pack(in_one_call(policies()))


def changed(stack: Graph, planned: Graph, kind: str) -> Graph:
    """The graph in a preview that replaces the resources of a kind: their outputs are unknown."""
    replaced = {resource.urn for resource in stack if resource.type == kind}
    assert replaced, f"the stack has no {kind}"

    def known(resource: Resource) -> Resource:
        other = planned.resources[resource.urn]
        open_inputs = {key for key, urns in other.property_dependencies.items() if replaced & set(urns)}
        inputs = {key: other.inputs.get(key) if key in open_inputs else value for key, value in resource.inputs.items()}
        state = {**(other.state if resource.urn in replaced else resource.state), **inputs}
        return replace(resource, inputs=inputs, state=state)

    return replace(
        stack, resources={urn: known(resource) for urn, resource in stack.resources.items() if urn in planned.resources}
    )


def verdict(graph: Graph) -> list[str]:
    """The rules of the pack that fail in the review."""
    return [finding.message for finding in check(graph) if finding.status is Status.FAILED and finding.rule.in_pack]


@pytest.mark.parametrize("stack", ALL)
def test_a_good_stack_passes_in_every_state(stack: str, pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
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
        assert [diagnostic.message for diagnostic in pack.judge(graph, planned=planned)] == [], state
    # The processor of an image whose platform is not named is known to its registry alone, and whether subnets that the
    # program only names give out IPv6 addresses to AWS.
    unclear = [line.message for line in pack.unclear(states["unchanged"][0], planned=False)]
    expected = ("\nFIT-19 cannot tell: ", "over IPv6 depends on its subnets")
    assert [line for line in unclear if not any(each in line for each in expected)] == []


@pytest.mark.parametrize("declare", [proxy_stack, link_stack])
def test_a_fault_is_found_in_every_state(declare: Declare, pack: Pack) -> None:
    for known in (True, False):
        build = Builder(known=known)
        declare(build)
        group = next(one for one in build.resources.values() if one.type == "aws:ec2/securityGroup:SecurityGroup")
        build("vpc/securityGroupIngressRule:SecurityGroupIngressRule", "oops", securityGroupId=group.id,
              ipProtocol="tcp", fromPort=22, toPort=22, cidrIpv4=ANYWHERE)  # fmt: skip
        assert verdict(build.graph()) or not known
        assert len(pack.judge(build.graph(), planned=not known)) == len(verdict(build.graph()))
        assert pack.judge(replace(build.graph(), resources={})) == []


def test_values_that_the_provider_plans_as_unknown_as_a_whole_are_judged_by_the_inputs(pack: Pack) -> None:
    """One unknown value in a mapping leaves its other values known in the inputs."""
    build = Builder(known=False)
    topic = build("sns/topic:Topic", "topic")
    build(
        "lambda/function:Function",
        "worker",
        runtime="nodejs14.x",
        environment={"variables": {"PLAIN": "known", "TOPIC": topic.arn}},
        role="arn:aws:iam::123456789012:role/worker",
        handler="index.handler",
    )
    messages = {diagnostic.message for diagnostic in pack.judge(build.graph(), planned=True)}
    assert {message for message in verdict(build.graph()) if not any(message in text for text in messages)} == set()
    assert any("nodejs14.x" in text for text in messages)


def test_what_cannot_be_told_is_advice_with_the_rules_that_ask(pack: Pack) -> None:
    build = Builder(known=False)
    unknown = build("ssm/parameter:Parameter", "unknown", type="String", value="x")
    build("ec2/instance:Instance", "unclear", metadataOptions={"httpTokens": unknown.value})
    lines = pack.unclear(build.graph(), planned=True)
    (line,) = (diagnostic for diagnostic in lines if "metadataOptions.httpTokens" in diagnostic.message)
    assert line.message.endswith(
        "EC2-01 cannot tell: unclear: metadataOptions.httpTokens is known only after deployment"
    )
    assert line.urn.endswith("::unclear")
    assert line.enforcementLevel == 0


def test_a_resource_that_went_away_is_told_of_no_more(pack: Pack) -> None:
    build = Builder(known=False)
    unknown = build("ssm/parameter:Parameter", "unknown", type="String", value="x")
    gone = build("ec2/instance:Instance", "unclear", metadataOptions={"httpTokens": unknown.value})
    assert pack.unclear(build.graph(), planned=True)
    del build.resources[gone.urn]
    assert pack.unclear(build.graph(), planned=True) == []


def test_a_resource_that_is_only_read_is_not_judged(pack: Pack) -> None:
    build = Builder()
    group = build("ec2/securityGroup:SecurityGroup", "theirs", vpcId="vpc-1")
    rule = ingress(build, "oops", group, 22, cidrIpv4=ANYWHERE)
    build.resources[rule.urn] = replace(build.resources[rule.urn], existing=True)
    assert pack.judge(build.graph()) == []
