"""No resource that the review does not read makes a "no" false, each doubt names it, and harmless ones cause none."""

import fnmatch
import functools
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from review.aws.model.model import AwsModel
from review.aws.model.unread import referring
from review.graph import Graph
from review.graph.unread import referrers
from review.rules import check
from review.tests.front_parts import endpoint, link_stack, policy_of, private_stack
from review.tests.graph_builder import Builder, Json, Ref
from review.tests.parts import (
    ANYWHERE,
    backend,
    calls,
    forwarder,
    group,
    ingress,
    machine,
    network,
    paths,
    permission,
    proxy_stack,
    rest,
    subnet,
)

CASES: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("foreign.yaml").read_text(encoding="utf-8"))
STEP = re.compile(r"(\w+)(?:\[(\d+)])?")


def hidden(build: Builder) -> SimpleNamespace:
    """An API whose default address is off, without a domain."""
    net = network(build)
    behind = backend(build, net)
    proxy = forwarder(build, net, behind)
    gate = rest(build, {"/forward": {"get": calls(proxy.function)}}, disableExecuteApiEndpoint=True)
    permission(build, gate.api, proxy.function)
    return SimpleNamespace(net=net, backend=behind, proxy=proxy, gate=gate)


def exposed(build: Builder) -> SimpleNamespace:
    """A backend with a public address and a route to the internet, whose group alone keeps strangers out."""
    net = network(build)
    return SimpleNamespace(net=net, backend=backend(build, net, subnetId=net.public.id, associatePublicIpAddress=True))


def walled(build: Builder) -> SimpleNamespace:
    """The same with a group that admits everybody, behind an ACL that admits nobody."""
    stack = exposed(build)
    ingress(build, "everybody", stack.backend.group, 22, cidrIpv4=ANYWHERE)
    place = {"vpcId": stack.net.vpc.id, "subnetIds": [stack.net.public.id]}
    stack.acl = build("ec2/networkAcl:NetworkAcl", "acl", ingress=[], egress=[], **place)
    return stack


def unrouted(build: Builder) -> SimpleNamespace:
    """A backend with a public address that its routes alone keep from the internet."""
    stack = proxy_stack(build, associatePublicIpAddress=True)
    ingress(build, "everybody", stack.backend.group, 22, cidrIpv4=ANYWHERE)
    return stack


def in_main(build: Builder) -> SimpleNamespace:
    """The same in a subnet that has no route table of its own."""
    vpc = build("ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16")
    place = subnet(build, vpc, "private", "10.0.1.0/24", "a")
    members = group(build, vpc, "backend-group")
    ingress(build, "everybody", members, 22, cidrIpv4=ANYWHERE)
    given = {"subnetId": place.id, "vpcSecurityGroupIds": [members.id], "associatePublicIpAddress": True}
    machine(build, "backend", **given)
    return SimpleNamespace(net=SimpleNamespace(vpc=vpc))


def narrow(build: Builder) -> SimpleNamespace:
    """A private API behind an endpoint whose group has no rules and whose policy refuses everything."""
    net = network(build, egress="none")
    members = group(build, net.vpc, "closed")
    denied = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}
    policy = Json({"Version": "2012-10-17", "Statement": [denied]})
    door = endpoint(build, net, "execute-api", securityGroupIds=[members.id], policy=policy)
    function = build("lambda/function:Function", "greeter")
    gate = rest(
        build,
        {"/greeting": {"get": calls(function, key=False)}},
        body={"x-amazon-apigateway-policy": policy_of(door.endpoint.id)},
        endpointConfiguration={"types": "PRIVATE", "vpcEndpointIds": [door.endpoint.id]},
    )
    permission(build, gate.api, function)
    return SimpleNamespace(net=net, door=door, gate=gate)


STACKS: dict[str, Callable[[Builder], SimpleNamespace]] = {
    "proxy": proxy_stack,
    "link": link_stack,
    "private": private_stack,
    "quiet": functools.partial(proxy_stack, egress="none"),
    "hidden": hidden,
    "exposed": exposed,
    "walled": walled,
    "unrouted": unrouted,
    "main": in_main,
    "narrow": narrow,
}


def value(written: Any, stack: SimpleNamespace) -> Any:
    """What is written of an input: `$net.tables[0].id` is an output of the stack's."""
    if isinstance(written, dict):
        return {key: value(inner, stack) for key, inner in written.items()}
    if isinstance(written, list):
        return [value(inner, stack) for inner in written]
    return output(written[1:], stack) if str(written).startswith("$") else written


def output(path: str, stack: SimpleNamespace) -> Ref:
    found: Any = stack
    for name, index in STEP.findall(path):
        found = getattr(found, name)
        found = found[int(index)] if index else found
    assert isinstance(found, Ref), path
    return found


def both(case: dict[str, Any], *, known: bool) -> tuple[Graph, Graph]:
    """The stack without the stranger, and with it."""
    build = Builder(known=known)
    STACKS[case["stack"]](build)
    # A resource remembers what it was asked, so the second graph has others.
    again = Builder(known=known)
    beside = STACKS[case["stack"]](again)
    again(case["kind"], "stranger", **value(case["inputs"], beside))
    return build.graph(), again.graph()


def lines(graph: Graph) -> dict[str, Any]:
    return {str(path): path for path in paths(graph)}


def findings(graph: Graph) -> set[tuple[str, str, str]]:
    return {(one.rule.id, one.status.value, one.message) for one in check(graph)}


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("name", CASES)
def test_a_stranger_beside_a_stack(name: str, known: bool) -> None:
    case = CASES[name]
    before, after = both(case, known=known)
    said = lines(after)
    named = [*referring(after)]
    assert named == (["stranger"] if case["truth"] == "doubt" else [])
    if case["truth"] == "none":
        assert said.keys() == lines(before).keys()
        assert findings(after) == findings(before)
    if wanted := case.get("line"):
        # The brackets of a line are no set of characters.
        assert fnmatch.filter(said, wanted), [*said]
    if rule := case.get("rule"):
        assert rule in {identity for identity, status, _ in findings(after) if status == "failed"}
    referred = {resource.urn for resource in after if referrers(resource)}
    wrong = [line for line, path in said.items() if {fact.resource.urn for fact in path.because} & referred]
    assert wrong == []


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case["truth"] == "doubt"])
def test_no_answer_rests_on_what_a_stranger_refers_to(name: str, known: bool) -> None:
    before, after = both(CASES[name], known=known)
    AwsModel(after)
    referred = {resource.urn for resource in after if referrers(resource)}
    rested = {line for line, path in lines(before).items() if {fact.resource.urn for fact in path.because} & referred}
    closed = {line for line, path in lines(after).items() if not path.open}
    assert rested.isdisjoint(closed)
