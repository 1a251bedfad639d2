"""The table of the provider's traps: each is found in a comparison where the comparison is what finds it."""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from review.aws.catalog.provider_facts import all_facts, provider_facts
from review.aws.catalog.traps import TRAPS, Kind, Trap
from review.compare.changes import Changes
from review.compare.data import HOLDS_DATA
from review.compare.engine.side import top
from review.graph import Options
from review.tests.fixtures import Compare
from review.tests.graph_builder import Builder
from review.tests.updates import updated
from tests.helpers.draws import sampled
from tests.helpers.stacks import ALL, ROOT, graph_of

FIXED = [trap for trap in TRAPS if trap.kind in (Kind.FIXED_NAME, Kind.FIXED_PLACE, Kind.ONE_OBJECT)]
GROWING = [trap for trap in TRAPS if trap.kind is Kind.ONLY_GROWS]
NEVER = [trap for trap in TRAPS if trap.kind is Kind.NEVER_IN_PLACE]
SPOT = {"capacityProvider": "FARGATE_SPOT", "weight": 1}
# Together they have most types with such an input.
SEVERAL = ("dev", "own-domain", "http-cloudmap-fargate", "rest-nlb-ec2", "fortress", "private-cross-account")
LEFT_OUT = [
    (token, facts.kept[0]) for token, facts in all_facts().items() if facts.kept and top(facts.kept[0]) != "options"
]


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    both = {key: _merged(one[key], other[key]) for key in one.keys() & other.keys()}
    return {**one, **other, **both}


def inputs_with(keys: tuple[str, ...], value: object) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in keys:
        at = found
        *blocks, last = key.split(".")
        for block in blocks:
            at = at.setdefault(block, {})
        at[last] = value
    return found


def compared(*states: tuple[str, str, dict[str, Any]]) -> Changes:
    """Two graphs of one resource each: its type, its name and its inputs."""
    graphs = []
    for token, name, inputs in states:
        build = Builder()
        build(token.removeprefix("aws:"), name, **inputs)
        graphs.append(build.graph())
    return updated(graphs[0], graphs[1], ROOT, rules=False)


@pytest.mark.parametrize("trap", FIXED, ids=lambda trap: trap.type)
def test_what_aws_admits_once_under_a_name_is_refused_beside_the_old_one(trap: Trap) -> None:
    # The provider deletes no database of which it does not know what becomes of the data.
    inputs = {
        **inputs_with(trap.inputs, "same"),
        **({"skipFinalSnapshot": True} if "skipFinalSnapshot" in str(HOLDS_DATA.get(trap.type)) else {}),
    }
    changes = compared((trap.type, "old", inputs), (trap.type, "new", inputs))
    (said,) = changes.undone if trap.kind is Kind.ONE_OBJECT else changes.refused
    assert "new is created while old has the same" in said
    # An old one that stays is declared twice, and one that is left in AWS is not deleted.
    old, new, kind = Builder(), Builder(), trap.type.removeprefix("aws:")
    old(kind, "old", options=Options(retain_on_delete=True), **inputs)
    new(kind, "new", **inputs)
    assert not updated(old.graph(), new.graph(), ROOT, rules=False).undone


RULE = {"securityGroupId": "sg-1", "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"


def graphs_compared(*states: Mapping[str, tuple[str, dict[str, Any]]]) -> Changes:
    """Two graphs of several resources each: by name, the type and the inputs. Changed rules are replaced."""
    graphs = []
    for resources in states:
        build = Builder()
        for name, (token, inputs) in resources.items():
            build(token.removeprefix("aws:"), name, options=Options(replace_on_changes=("cidrIpv4",)), **inputs)
        graphs.append(build.graph())
    return updated(graphs[0], graphs[1], ROOT, rules=False)


def rules(*ranges: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Rules named by their positions."""
    return {f"from-{at}": (INGRESS, {**RULE, "cidrIpv4": cidr}) for at, cidr in enumerate(ranges, 1)}


def test_a_rule_that_moves_to_its_neighbours_name_is_refused() -> None:
    first, second, third = "10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"
    found = graphs_compared(rules(first, second, third), rules(second, third)).refused
    assert [text.partition(" has the same")[0] for text in found] == [
        "from-1 is created while from-2",
        "from-2 is created while from-3",
    ]
    assert graphs_compared(rules(first, second), rules(first, second, third)).refused == ()


ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"


def test_the_end_of_a_replaced_association_ends_the_new_one() -> None:
    (undone,) = compared(
        (ASSOCIATION, "guard", {"resourceArn": "arn:a", "webAclArn": "arn:b"}),
        (ASSOCIATION, "guard", {"resourceArn": "arn:a", "webAclArn": "arn:c"}),
    ).undone
    assert "guard is created while guard has the same resourceArn: the deletion of the old one ends both" in undone


def test_a_second_association_takes_the_first_ones_place() -> None:
    first = {"guard": (ASSOCIATION, {"resourceArn": "arn:a", "webAclArn": "arn:b"})}
    both = {**first, "other": (ASSOCIATION, {"resourceArn": "arn:a", "webAclArn": "arn:c"})}
    assert graphs_compared(first, both).refused == ()


def test_a_subscription_under_another_name_ends_with_the_old_one() -> None:
    token, inputs = (
        "aws:sns/topicSubscription:TopicSubscription",
        {"topic": "t", "protocol": "email", "endpoint": "a@b.c"},
    )
    (said,) = compared((token, "email-2", inputs), (token, "email-1", inputs)).undone
    assert "the deletion of the old one ends both" in said


@pytest.mark.parametrize("trap", GROWING, ids=lambda trap: f"{trap.type} {trap.inputs[0]}")
def test_a_size_that_falls_is_refused(trap: Trap) -> None:
    small, large = ((trap.type, "it", inputs_with(trap.inputs, value)) for value in (8, 20))
    (refused,) = compared(large, small).refused
    assert "falls from 20 to 8, which AWS refuses" in refused
    assert not any("falls" in one for one in compared(small, large).refused)


def test_inputs_are_ignored_by_the_options_of_the_new_program(changes: Compare) -> None:
    """The engine reads these options only: an image that is named now replaces the instance."""
    program = "aws.ec2.Instance('i', ami='{ami}', instance_type='t4g.nano', opts=pulumi.ResourceOptions({options}))"
    ignored = "ignore_changes=['ami']"
    before, after = program.format(ami="ami-1", options=ignored), program.format(ami="ami-2", options="")
    assert [change.resource.name for change in changes(before, after).replaced] == ["i"]
    assert changes(program.format(ami="ami-1", options=""), program.format(ami="ami-2", options=ignored)).changed == ()


@pytest.mark.parametrize("trap", NEVER, ids=lambda trap: trap.type)
def test_what_aws_never_changes_in_place_is_refused(trap: Trap) -> None:
    def found(*beside: str) -> Changes:
        others: dict[str, tuple[str, dict[str, Any]]] = {token: (token, {}) for token in beside}
        states = ({**others, "it": (trap.type, inputs_with(trap.inputs, value))} for value in ("REGIONAL", "PRIVATE"))
        return graphs_compared(*states)

    (refused,) = found(*trap.beside[:1]).refused
    assert f"cannot change {trap.inputs[0]} in place" in refused
    # A gateway of a network in which nothing has a public address can be detached.
    assert bool(found().refused) is not bool(trap.beside)


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        ({"launchType": "FARGATE"}, {"capacityProviderStrategies": [SPOT]}, True),
        ({"capacityProviderStrategies": [SPOT]}, {"launchType": "FARGATE"}, True),
        ({"capacityProviderStrategies": [SPOT]}, {"capacityProviderStrategies": [SPOT | {"weight": 2}]}, True),
        ({"launchType": "FARGATE"}, {"capacityProviderStrategies": [SPOT], "forceNewDeployment": True}, False),
        ({"capacityProviderStrategies": [SPOT]}, {"launchType": "FARGATE", "forceNewDeployment": True}, False),
    ],
)
def test_another_strategy_of_a_service_is_refused_unless_a_deployment_is_forced(
    before: dict[str, Any], after: dict[str, Any], refused: bool
) -> None:
    """Of terraform-provider-aws 6.34, asked for each of them."""
    service = "aws:ecs/service:Service"
    found = compared((service, "it", before), (service, "it", after)).refused
    assert ["cannot change capacityProviderStrategies" in line for line in found] == [True] * refused


def test_what_is_left_out_keeps_its_value_and_changes_nothing() -> None:
    assert len(LEFT_OUT) > 50
    for token, key in sampled(LEFT_OUT, 7):
        # The blocks that it stands in stay.
        block = inputs_with((f"{key.rpartition('.')[0]}.other",), "same") if "." in key else {}
        found = compared((token, "it", _merged(block, inputs_with((key,), "old"))), (token, "it", block))
        assert found.kept == (f"it: {key} is left out and keeps its value, old; write the value that is wanted",), token
        assert found.updated == [], token


def test_a_route_that_gets_another_target_keeps_none() -> None:
    route = "aws:ec2/route:Route"
    before, after = ({"routeTableId": "rtb-1", key: "made"} for key in ("networkInterfaceId", "natGatewayId"))
    assert compared((route, "it", before), (route, "it", after)).kept == ()
    assert compared((route, "it", before), (route, "it", {"routeTableId": "rtb-1"})).kept != ()


@pytest.mark.parametrize("stack", [case for case in ALL if Path(str(case.values[0])).stem in SEVERAL])
def test_what_a_component_writes_would_stay_if_it_were_left_out(stack: str) -> None:
    """Planted: the lines of the components that write such inputs, taken out."""
    before = graph_of(stack)
    after = copy.deepcopy(before)
    planted = {
        (resource.name, key)
        for resource in after
        for key in _kept(resource.type)
        if _take_out(resource.inputs, key.split("."))
    }
    kept = updated(before, after, ROOT, rules=False).kept
    missing = {(name, key) for name, key in planted if not any(line.startswith(f"{name}: {key} ") for line in kept)}
    assert planted
    assert not missing


def _take_out(inputs: Any, path: list[str]) -> bool:
    """Whether there was an input at the path."""
    *blocks, last = path
    at: Any = inputs
    for block in blocks:
        at = at.get(block) if isinstance(at, dict) else None
    return isinstance(at, dict) and at.pop(last, None) is not None


def _kept(token: str) -> tuple[str, ...]:
    facts = provider_facts(token)
    return facts.kept if facts else ()
