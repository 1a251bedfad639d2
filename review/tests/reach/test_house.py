"""Paths of a whole program, captured by the runner: as it is, and with one thing changed at a time."""

import pathlib
from dataclasses import replace
from typing import Any

import pytest

from review.evaluate.project_file import load
from review.evaluate.stack_file import read_stack
from review.graph import UNKNOWN, Graph, Resource
from review.reach import Kind, Path
from review.tests.helpers.in_process.evaluation import run
from review.tests.parts import paths
from review.tests.serve.programs import changed, without

PROJECT = pathlib.Path(__file__).parents[1] / "programs" / "house"


@pytest.fixture(scope="module")
def house() -> Graph:
    project = load(PROJECT)
    return run(project, read_stack(project, "dev"))


def adding(graph: Graph, *resources: Resource) -> Graph:
    return replace(graph, resources={**graph.resources, **{resource.urn: resource for resource in resources}})


def named(graph: Graph, name: str) -> Resource:
    return next(resource for resource in graph if resource.name == name)


def rule(name: str, group: Resource, **inputs: Any) -> Resource:
    token = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    values = {"securityGroupId": group.id, "ipProtocol": "tcp", "fromPort": 8080, "toPort": 8080, **inputs}
    return Resource(
        urn=f"urn:{name}",
        type=token,
        name=name,
        parent=None,
        custom=True,
        remote=False,
        inputs=values,
        state={**values, "id": name},
    )


def inbound(graph: Graph) -> list[str]:
    return [str(path) for path in paths(graph) if path.kind is Kind.INBOUND]


def open_ways(graph: Graph) -> list[str]:
    return [str(path) for path in paths(graph) if path.kind is Kind.INBOUND and path.open]


ONLY_PATH = "internet → front (key, 100/s a route) → proxy → tcp 8080 → backend"


def test_the_house_has_one_way_in(house: Graph) -> None:
    assert inbound(house) == [ONLY_PATH, "internet → backend: no, backend has no public address"]


def test_each_hop_names_what_lets_it_pass(house: Graph) -> None:
    hops = [(hop.resource.name if hop.resource else "", hop.label, hop.rule) for hop in paths(house)[0].hops]
    assert hops == [
        ("front-api", "key, 100/s a route", "GET POST /forward of front-api"),
        ("proxy-function", "", "front-may-call"),
        (
            "proxy-to-backend-ingress",
            "tcp 8080",
            "proxy-to-backend-egress (tcp 8080 to backend-group), proxy-to-backend-ingress (tcp 8080 from proxy-group)",
        ),
        ("backend-instance", "", ""),
    ]


def test_a_rule_for_everybody_opens_a_second_path(house: Graph) -> None:
    """From inside, since a machine without a public address is not reached from outside whatever its rules."""
    opened = adding(house, rule("oops", named(house, "backend-group"), cidrIpv4="0.0.0.0/0"))
    assert open_ways(opened) == [ONLY_PATH, "anything in the VPC → tcp 8080 → backend"]
    assert "internet → tcp 8080 → backend: no, backend has no public IPv4 address" in inbound(opened)


def test_with_a_public_address_and_a_route_it_opens_to_the_internet(house: Graph) -> None:
    opened = adding(house, rule("oops", named(house, "backend-group"), cidrIpv4="0.0.0.0/0"))
    addressed = changed(opened, "backend-instance", associatePublicIpAddress=True)
    closed = "internet → tcp 8080 → backend: no, no internet gateway is routed to the subnets of backend"
    assert closed in inbound(addressed)
    moved = changed(addressed, "backend-instance", subnetId=named(house, "network-public-1").id)
    assert "internet → tcp 8080 → backend" in open_ways(moved)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fromPort": 9090, "toPort": 9090}, "backend-group admits no tcp 8080 from there"),
        ({"ipProtocol": "udp"}, "backend-group admits no tcp 8080 from there"),
        ({"referencedSecurityGroupId": None, "cidrIpv4": "10.9.0.0/16"}, "backend-group admits no tcp 8080"),
    ],
)
def test_an_ingress_rule_that_does_not_match_stops_the_path(house: Graph, change: dict[str, Any], message: str) -> None:
    stopped = paths(changed(house, "proxy-to-backend-ingress", **change))[0]
    assert not stopped.open
    assert message in stopped.blocked_by
    assert stopped.blocked_at is not None
    assert stopped.blocked_at.name == "backend-instance"


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("proxy-to-backend-egress", "proxy-group lets out no tcp 8080"),
        ("proxy-to-backend-ingress", "backend-group admits no tcp 8080"),
        ("front-may-call", "no permission lets front invoke proxy"),
        ("front-stage", "no stage of front is deployed"),
    ],
)
def test_what_is_missing_is_said(house: Graph, missing: str, message: str) -> None:
    assert message in paths(without(house, missing))[0].blocked_by


def test_the_rate_is_that_of_the_stage(house: Graph) -> None:
    assert ONLY_PATH.replace(", 100/s a route", "") in inbound(without(house, "front-throttle"))
    slower = changed(house, "front-throttle", settings={"throttlingRateLimit": 2.5})
    assert ONLY_PATH.replace("100/s", "2.5/s") in inbound(slower)


def test_another_member_of_the_callers_group_is_a_path_of_its_own(house: Graph) -> None:
    group = named(house, "proxy-group").id
    stranger = replace(
        named(house, "backend-instance"),
        urn="urn:stranger",
        name="stranger",
        parent=None,
        inputs={**named(house, "backend-instance").inputs, "vpcSecurityGroupIds": [group]},
        state={"id": "i-stranger", "privateIp": "10.0.1.77"},
    )
    assert "stranger → tcp 8080 → backend" in open_ways(adding(house, stranger))


def test_a_group_made_elsewhere_is_named_by_its_id(house: Graph) -> None:
    foreign = rule("foreign", named(house, "backend-group"), referencedSecurityGroupId="sg-elsewhere")
    assert "members of sg-elsewhere → tcp 8080 → backend" in open_ways(adding(house, foreign))


def test_a_member_of_the_called_group_whose_address_is_not_known_may_have_it(house: Graph) -> None:
    server = named(house, "backend-instance")
    moved = replace(server, state={key: value for key, value in server.state.items() if key != "privateIp"})
    path = paths(replace(house, resources={**house.resources, server.urn: moved}))[0]
    assert path.open
    assert path.uncertainty == "whether 10.0.1.232 is in backend-group"


def test_a_group_whose_rules_are_not_here_leaves_a_doubt(house: Graph) -> None:
    adopted = changed(house, "backend-instance", vpcSecurityGroupIds=["sg-elsewhere"])
    path = paths(adopted)[0]
    assert not path.open, "the function's own group lets out to backend-group alone"
    wide = changed(adopted, "proxy-to-backend-egress", referencedSecurityGroupId=None, cidrIpv4="10.0.0.0/8")
    path = paths(wide)[0]
    assert path.open
    assert path.uncertainty == "not all rules of sg-elsewhere are known"


def test_an_unknown_rule_is_a_doubt_and_no_wall(house: Graph) -> None:
    path = paths(changed(house, "proxy-to-backend-ingress", fromPort=UNKNOWN, toPort=UNKNOWN))[0]
    assert path.open
    assert "backend-group" in path.uncertainty


def acl(graph: Graph, name: str, **lines: Any) -> Resource:
    values = {"vpcId": named(graph, "network-vpc").id, **lines}
    return Resource(
        urn=f"urn:{name}",
        type="aws:ec2/networkAcl:NetworkAcl",
        name=name,
        parent=None,
        custom=True,
        remote=False,
        inputs=values,
        state=values,
    )


def line(number: int, action: str, **values: Any) -> dict[str, Any]:
    return {"ruleNo": number, "action": action, "protocol": "-1", "cidrBlock": "0.0.0.0/0", **values}


def test_a_network_acl_stops_what_groups_let_pass(house: Graph) -> None:
    """The function stands in both private subnets; only its way from the second one crosses an ACL of the first."""
    subnet = named(house, "network-private-1").id
    everything = [line(100, "allow")]
    refusing = acl(house, "refusing", subnetIds=[subnet], ingress=[], egress=everything)
    some = "refuses it between some of the subnets"
    assert paths(adding(house, refusing))[0].uncertainty == f"network ACL refusing {some}"
    no_way_back = acl(house, "silent", subnetIds=[subnet], ingress=everything, egress=[])
    assert paths(adding(house, no_way_back))[0].uncertainty == f"network ACL silent {some}"
    back = [line(100, "allow", protocol="tcp", fromPort=1, toPort=9999)]
    partly = acl(house, "partly", subnetIds=[subnet], ingress=everything, egress=back)
    assert "answers to ports 10000-65535 are dropped" in paths(adding(house, partly))[0].uncertainty
    config = named(house, "proxy-function").inputs["vpcConfig"]
    elsewhere = {**config, "subnetIds": [named(house, "network-private-2").id]}
    alone = changed(adding(house, refusing), "proxy-function", vpcConfig=elsewhere)
    assert paths(alone)[0].blocked_by == "network ACL refusing"
    first = [line(50, "deny", protocol="tcp", fromPort=9090, toPort=9090), *everything]
    admitting = acl(house, "admitting", subnetIds=[subnet], ingress=first, egress=everything)
    assert paths(adding(house, admitting))[0].open


def test_the_way_out_is_closed_by_the_group_and_opened_by_a_rule(house: Graph) -> None:
    outbound = [str(path) for path in paths(house) if path.kind is Kind.OUTBOUND]
    assert outbound == ["backend → internet: no, backend-group lets nothing out to the internet"]
    out = rule("out", named(house, "backend-group"), cidrIpv4="0.0.0.0/0", fromPort=443, toPort=443)
    opened = adding(house, replace(out, type="aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"))
    assert [str(path) for path in paths(opened) if path.kind is Kind.OUTBOUND] == [
        "backend → tcp 443 → nat → internet (IPv4)"
    ]
    broken = changed(opened, "network-nat-interface", sourceDestCheck=True)
    assert "source/destination check is on" in way_out(broken).blocked_by
    assert "a black hole" in way_out(without(opened, "network-nat-instance")).blocked_by


def way_out(graph: Graph) -> Path:
    return next(path for path in paths(graph) if path.kind is Kind.OUTBOUND and path.source == "backend")


def test_before_anything_is_known_the_same_ways_are_seen() -> None:
    project = load(PROJECT)
    first = paths(run(project, read_stack(project, "dev"), known=False))[0]
    assert first.open
    assert [hop.name for hop in first.hops if hop.name] == ["front", "proxy", "backend"]
    assert "known only after deployment" in first.uncertainty
