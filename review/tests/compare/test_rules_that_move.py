"""A security group's rule that moves between its three forms: AWS has one rule, and takes no second one like it."""

from typing import Any

import pytest

from review.graph import Options
from review.tests.compare.pairs import RETAINED
from review.tests.compare.test_pairs import SAME, first_screen, report_of
from review.tests.graph_builder import Builder, Declare, Made, part
from review.tests.parts import ANYWHERE, group, machine, network, public_front

OWN = "vpc/securityGroupIngressRule:SecurityGroupIngressRule"
CLASSIC = "ec2/securityGroupRule:SecurityGroupRule"
HTTP = {"protocol": "tcp", "fromPort": 80, "toPort": 80}
PARTNER = "203.0.113.0/24"
FAILS = "the update fails: "


@part
def web(
    build: Builder,
    /,
    *forms: str,
    inline: list[Any] | None = None,
    name: str = "http",
    ranges: tuple[str, ...] = (ANYWHERE,),
    options: Options | None = None,
    **members_inputs: Any,
) -> None:
    """A public machine whose group admits ranges to port 80, in these forms. `inline` is the group's argument."""
    net = network(build)
    rules = inline
    if "inline" in forms:
        rules = [{**HTTP, "cidrBlocks": list(ranges)}]
    given: dict[str, Any] = {} if rules is None else {"ingress": rules}
    members: Made = group(build, net.vpc, "web-group", **given, **members_inputs)
    if "own" in forms:
        for number, cidr in enumerate(ranges):
            traffic: dict[str, Any] = {"ipProtocol": "tcp", "fromPort": 80, "toPort": 80, "cidrIpv4": cidr}
            own = f"{name}-{number}" if number else name
            build(OWN, own, options=options, securityGroupId=members.id, **traffic)
    if "classic" in forms:
        peers: dict[str, Any] = {**HTTP, "type": "ingress", "cidrBlocks": list(ranges)}
        build(CLASSIC, name, options=options, securityGroupId=members.id, **peers)
    machine(build, "web", subnetId=net.public.id, vpcSecurityGroupIds=[members.id], associatePublicIpAddress=True)


REFUSED = {
    "inline, left out → own": (web("inline"), web("own"), "http is created while web-group has the same rule"),
    "inline, left out → classic": (web("inline"), web("classic"), "http is created while web-group has the same rule"),
    "inline and own": (web("inline"), web("inline", "own"), "declare it in one of them"),
    "own → inline": (
        web("own"),
        web("inline"),
        "web-group changes while http has the same rule, tcp 80 from 0.0.0.0/0",
    ),
    "classic → inline": (web("classic"), web("inline"), "or after a refresh the deletion of the old one ends both"),
    "own → classic": (web("own"), web("classic"), "while the SecurityGroupIngressRule http has the same rule"),
    "classic → own": (web("classic"), web("own"), "remove the SecurityGroupRule http in an update of its own first"),
    "classic → own, retained": (web("classic", options=RETAINED), web("own"), "the SecurityGroupRule http has"),
    "own, renamed": (web("own"), web("own", name="other"), "other is created while http has the same rule"),
    "classic, renamed": (web("classic"), web("classic", name="other"), "other is created while http has the same"),
    "one of two ranges of a classic rule": (
        web("classic", ranges=(ANYWHERE, PARTNER)),
        web("own", ranges=(PARTNER,)),
        f"same rule, tcp 80 from {PARTNER}",
    ),
    "own rules that change places": (
        web("own", ranges=(ANYWHERE, PARTNER)),
        web("own", ranges=(PARTNER, ANYWHERE)),
        "http changes while http-1 has the same rule",
    ),
}
ENDS_FOR_A_WHILE = {
    "inline → own": (web("inline"), web("own", inline=[])),
    "inline → classic": (web("inline"), web("classic", inline=[])),
}
CARRIES_ON = {
    "another inline range": (web("inline"), web("inline", ranges=(ANYWHERE, PARTNER))),
    "another own rule": (web("own"), web("own", ranges=(ANYWHERE, PARTNER))),
    "another classic range, of a rule that is deleted first": (
        web("classic"),
        web("classic", ranges=(ANYWHERE, PARTNER)),
    ),
    "a replaced group": (web("inline"), web("inline", description="other")),
    "a replaced group and another form": (web("inline"), web("own", inline=[], description="other")),
    "an egress rule": (web("own"), web("own", egress=[{**HTTP, "cidrBlocks": [ANYWHERE]}])),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_same_rule_in_another_form_is_refused(name: str) -> None:
    before, after, words = REFUSED[name]
    said = first_screen(before, after)["calls"]
    assert said.startswith(FAILS), said
    assert words in said


@pytest.mark.parametrize("name", ENDS_FOR_A_WHILE)
def test_an_inline_rule_is_revoked_before_its_other_form_is_made(name: str) -> None:
    screen = first_screen(*ENDS_FOR_A_WHILE[name])
    assert screen["callers"] == SAME
    assert "internet → tcp 80 → web: may fail from “update web-group” until “create http” is done" in screen["calls"]


@pytest.mark.parametrize("name", CARRIES_ON)
def test_what_is_no_second_rule_is_not_refused(name: str) -> None:
    changes = report_of(*CARRIES_ON[name]).changes
    assert changes is not None
    assert changes.refused == ()


def test_a_range_more_ends_no_path() -> None:
    assert first_screen(*CARRIES_ON["another inline range"])["calls"] == "nothing stops"


def test_a_rule_of_more_ports_takes_over_from_one_of_a_port() -> None:
    every = [{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": [ANYWHERE]}]
    said = first_screen(web("inline"), web(inline=every))["calls"]
    assert "may fail for a moment, in which “update web-group” exchanges rules" in said


def test_only_a_rule_that_goes_is_what_a_refresh_would_mistake() -> None:
    assert "refresh" not in first_screen(web("own"), web("inline", "own"))["calls"]


def test_a_rule_that_is_deleted_first_is_named_with_its_gap() -> None:
    said = first_screen(web("classic"), web("classic", ranges=(ANYWHERE, PARTNER)))["calls"]
    assert "may fail from “delete, to replace http” until “create the replacement of http” is done" in said


def test_an_egress_rule_on_the_way_ends_the_path() -> None:
    """A hop between two machines has the rules of both, and the resource of one."""
    sentence = first_screen(behind_a_balancer("inline"), behind_a_balancer("own"))["calls"]
    assert "→ web: may fail from “update front-group” until “create out” is done" in sentence


@part
def behind_a_balancer(build: Builder, egress: str = "inline", description: str = "a", own: bool = False) -> None:
    """A public balancer whose group lets it out to a machine, by a rule of its own or not."""
    net = network(build)
    everything: dict[str, Any] = {"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": [ANYWHERE]}
    inline: dict[str, Any] = {} if own else {"ingress": [{**HTTP, "cidrBlocks": [ANYWHERE]}]}
    out: dict[str, Any] = {"egress": [everything] if egress == "inline" else []}
    front = group(build, net.vpc, "front-group", description=description, **inline, **out)
    place: dict[str, Any] = {"securityGroupId": front.id, "cidrIpv4": ANYWHERE}
    if own:
        build(OWN, "http", **place, ipProtocol="tcp", fromPort=80, toPort=80)
    if egress == "own":
        build("vpc/securityGroupEgressRule:SecurityGroupEgressRule", "out", **place, ipProtocol="-1")
    behind = group(build, net.vpc, "web-group", ingress=[{**HTTP, "cidrBlocks": ["10.0.0.0/16"]}])
    server = machine(build, "web", subnetId=net.private[0].id, vpcSecurityGroupIds=[behind.id])
    public_front(build, net, server, securityGroups=[front.id])


def test_a_replaced_group_of_a_balancer_moves_its_callers_in_one_step() -> None:
    screen = first_screen(behind_a_balancer(), behind_a_balancer(description="b"))
    assert screen["callers"] == SAME
    assert screen["calls"] == "not cut: 2 paths are led another way first"


def test_a_replaced_group_whose_rule_is_made_beside_the_balancers_update_ends_calls_for_a_while() -> None:
    screen = first_screen(behind_a_balancer(own=True), behind_a_balancer(description="b", own=True))
    assert screen["callers"] == SAME
    assert "may fail from “update front” until “create the replacement of http” is done" in screen["calls"]


def test_a_rule_that_changes_and_keeps_its_content_holds_it_for_the_whole_update() -> None:
    @part
    def ruled(build: Builder, *descriptions: str) -> None:
        members = group(build, network(build).vpc, "web-group")
        made: tuple[Made, ...] = ()
        traffic: dict[str, Any] = {"ipProtocol": "tcp", "fromPort": 80, "toPort": 80, "cidrIpv4": ANYWHERE}
        for number, words in enumerate(descriptions):
            inputs = {**traffic, "description": words}
            made = (build(OWN, f"http-{number}", after=made, securityGroupId=members.id, **inputs),)

    assert "http-1 is created while http-0 has the same rule" in first_screen(ruled("a"), ruled("b", "c"))["calls"]


@pytest.mark.parametrize("protocol", ["icmp", "icmpv6"])
def test_two_types_of_icmp_are_no_second_rule(protocol: str) -> None:
    def pinged(*kinds: int) -> Declare:
        rules: list[dict[str, Any]]
        rules = [{"protocol": protocol, "fromPort": kind, "toPort": -1, "cidrBlocks": [ANYWHERE]} for kind in kinds]

        def declare(build: Builder) -> None:
            members = group(build, network(build).vpc, "web-group")
            for number, rule in enumerate(rules):
                build(CLASSIC, f"ping-{number}", securityGroupId=members.id, type="ingress", **rule)

        return declare

    assert FAILS not in first_screen(pinged(8), pinged(8, 3))["calls"]
    assert "ping-1 is created while ping-0 has the same rule" in first_screen(pinged(8), pinged(8, 8))["calls"]
