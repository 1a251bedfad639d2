"""The paths of every example, as a reader sees them, and that every rule holds there."""

from dataclasses import replace
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from review.aws.catalog import types
from review.aws.model.model import AwsModel
from review.graph import Graph
from review.paths import Kind, trace_paths
from review.rules import Status, check
from review.tests.helpers.stack_parts import paths
from review.tests.helpers.stacks import ALL, graph_of, graph_with
from review.tests.helpers.yaml_tables import read_table

WAYS = read_table(Path(__file__).with_name("examples.yml"))


def file_of(example: str) -> str:
    return f"examples/{example}.yaml"


def on_one_worker(example: str, *values: object) -> ParameterSet:
    """A case whose example is evaluated by one worker only, for all tests about it."""
    return pytest.param(example, *values, marks=pytest.mark.xdist_group(file_of(example)))


def lines(example: str, kind: Kind) -> list[str]:
    """Open paths of a kind."""
    return [str(path) for path in paths(graph_of(file_of(example))) if path.kind is kind and path.open]


@pytest.mark.parametrize(("example", "ways"), [on_one_worker(*item) for item in WAYS["in"].items()])
def test_the_ways_in_from_the_internet(example: str, ways: list[str]) -> None:
    assert lines(example, Kind.INBOUND) == [f"internet → {way}" for way in ways]


def test_a_backend_whose_group_gets_our_rule_is_reached_if_it_is_in_the_group() -> None:
    config = {
        "topology": "public-proxy",
        "network": {"vpcId": "vpc-0a1b2c3d4e5f60718", "subnetIds": ["subnet-0a1b2c3d4e5f60718"]},
        "backend": {"url": "http://10.20.30.40:8080", "securityGroupId": "sg-0a1b2c3d4e5f60718"},
        "api": {"throttle": {"rate": 10, "burst": 5}},
    }
    ways = [str(path) for path in paths(graph_with(config)) if path.kind is Kind.INBOUND and path.open]
    assert ways == [
        "internet → front (anyone, 10/s a method) → proxy → tcp 8080 → http://10.20.30.40:8080 "
        "(cannot tell: whether 10.20.30.40 is in sg-0a1b2c3d4e5f60718, a group outside this stack)"
    ]


@pytest.mark.parametrize("stack", [case for case in ALL if str(case.values[0]).startswith("examples/private")])
def test_a_private_api_has_no_way_in_from_the_internet(stack: str) -> None:
    inbound = [path for path in paths(graph_of(stack)) if path.kind is Kind.INBOUND]
    assert [path for path in inbound if path.open and "internet" in path.source] == []
    closed = [path.blocked_by for path in inbound if path.source == "internet"]
    assert "front is private: it has no address outside its endpoints" in closed


@pytest.mark.xdist_group(file_of("private-greeter"))
def test_a_private_api_is_reached_from_its_vpc_and_by_its_consumer() -> None:
    way = "tcp 443 → execute-api endpoint (private DNS, Route 53 alias) → front (100/s, named endpoints only) → backend"
    found = lines("private-greeter", Kind.INBOUND)
    assert found == [f"anything in the VPC → {way}", f"consumer → {way}"]


def test_a_backend_by_name_may_turn_the_forwarder_away_as_one_by_address() -> None:
    config = {
        "topology": "public-proxy",
        "network": {"vpcId": "vpc-0a1b2c3d4e5f60718", "subnetIds": ["subnet-0a1b2c3d4e5f60718"]},
        "backend": {"url": "https://orders.internal.example"},
        "api": {"routes": [{"path": "/", "authorization": "iam"}]},
    }
    (way,) = (path for path in paths(graph_with(config)) if path.kind is Kind.INBOUND)
    assert "the security group of orders.internal.example is not in this stack" in way.uncertainty


@pytest.mark.xdist_group(file_of("private-cross-account"))
def test_an_endpoint_of_another_account_is_named() -> None:
    assert [line for line in lines("private-cross-account", Kind.INBOUND) if "outside this stack" in line]


@pytest.mark.parametrize(("example", "ways"), [on_one_worker(*item) for item in WAYS["out"].items()])
def test_ways_out_by_egress(example: str, ways: list[str]) -> None:
    found = [line for line in lines(example, Kind.OUTBOUND) if line.startswith("backend") and "internet" in line]
    assert found == [f"backend → {way}" for way in ways]


@pytest.mark.xdist_group(file_of("ipv6-out"))
def test_a_network_acl_without_egress_leaves_no_way_out_of_our_own_network() -> None:
    graph = graph_of(file_of("ipv6-out"))
    (vpc,) = graph.list_by_type(*types.VPC)
    subnets = [resource.id for resource in graph.list_by_type(*types.SUBNET)]
    everything = {"protocol": "-1", "ruleNo": 1, "action": "allow", "cidrBlock": "0.0.0.0/0"}
    inputs = {"vpcId": vpc.id, "subnetIds": subnets, "ingress": [everything], "egress": []}
    acl = replace(vpc, urn="acl", type="aws:ec2/networkAcl:NetworkAcl", name="acl", inputs=inputs, state=inputs)
    closed = replace(graph, resources={**graph.resources, "acl": acl})
    ways = [path for path in paths(closed) if path.kind is Kind.OUTBOUND and path.target.startswith("internet")]
    assert ways
    assert not any(way.open for way in ways)
    failed = {finding.rule.id for finding in check(closed) if finding.status is Status.FAILED}
    assert any(rule.startswith("BOOT") for rule in failed), failed


@pytest.mark.parametrize(("example", "ways"), [on_one_worker(*item) for item in WAYS["people"].items()])
def test_people_come_by_session_manager_or_by_the_free_endpoint(example: str, ways: list[str]) -> None:
    assert lines(example, Kind.PEOPLE) == [f"people → {way}" for way in ways]


@pytest.mark.parametrize("stack", ALL)
def test_every_rule_holds_and_every_type_is_understood(stack: str) -> None:
    # Only its registry knows the processor of an image whose platform is not named, and only its owner who watches an
    # alarm that notifies nobody.
    found = [
        f"{finding.rule.id} {finding.message}"
        for finding in check(graph_of(stack))
        if finding.status is not Status.WAIVED and finding.rule.id not in ("FIT-19", "LOG-07")
    ]
    # Subnets that the program only names may give out IPv6 addresses.
    adopting = {file_of(name): "backend-instance" for name in ("second-stack", "two-webhooks")}
    adopting[file_of("existing-vpc")] = "backend-service"
    doubt = (
        f"NET-01 whether {adopting.get(stack)} is public over IPv6 depends on its subnets; `gatehouse answers` asks AWS"
        " for them"
    )
    assert found == ([doubt] if stack in adopting else [])
    assert trace_paths(AwsModel(graph_of(stack))).ledger.lines == []


@pytest.mark.parametrize("stack", ALL)
def test_a_first_preview_sees_the_same_ways_and_breaks_no_rule(stack: str) -> None:
    """Nothing known: fewer words on the hops, and the same ends."""
    unknown = graph_of(stack, known=False)
    assert [finding for finding in check(unknown) if finding.status is Status.FAILED] == []

    def ways(whole: Graph) -> set[tuple[str, str]]:
        open_paths = [path for path in paths(whole) if path.open and path.kind is Kind.INBOUND]
        return {(path.source, path.target) for path in open_paths if "outside this stack" not in path.source}

    assert ways(unknown) == ways(graph_of(stack))
