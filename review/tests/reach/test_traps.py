"""Traps of an earlier session, the truth first: `yes`, `no` or `cannot tell` to whether anybody outside gets in."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from review.aws.model.model import AwsModel
from review.reach import Kind, trace, unread
from review.tests.fixtures import Run
from review.tests.graph_builder import Builder, Json, Made
from review.tests.parts import group, ingress, network

EVERYBODY: dict[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}
NOT_ORG: dict[str, Any] = {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}
NOT_RANGE: dict[str, Any] = {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
TEAM = {"aws:PrincipalArn": "arn:aws:iam::*:role/team/*"}
REDIRECT = [{"type": "redirect", "redirect": {"statusCode": "HTTP_301"}}]
FIXED = [{"type": "fixed-response", "fixedResponse": {"contentType": "text/plain"}}]


def policy(*statements: Any, version: str = "2012-10-17") -> Json:
    return Json({"Version": version, "Statement": list(statements)})


def deny(condition: dict[str, Any]) -> dict[str, Any]:
    return {**EVERYBODY, "Effect": "Deny", "Condition": condition}


def api(
    build: Builder, auth: str, *statements: Any, stage: bool = True, version: str = "2012-10-17", **more: Any
) -> None:
    """A REST API whose one method calls a function."""
    limits: dict[str, Any] = {"policy": policy(EVERYBODY, *statements, version=version)} if statements else {}
    made, function = build("apigateway/restApi:RestApi", "api", **limits), build("lambda/function:Function", "f")
    part = build("apigateway/resource:Resource", "r", restApi=made.id, parentId=made.rootResourceId, pathPart="x")
    method: dict[str, Any] = {"restApi": made.id, "resourceId": part.id, "httpMethod": "GET"}
    build("apigateway/method:Method", "m", **method, authorization=auth)
    build("apigateway/integration:Integration", "i", **method, type="AWS_PROXY", uri=function.invokeArn)
    invoke: dict[str, Any] = {"action": "lambda:InvokeFunction", "principal": "apigateway.amazonaws.com"}
    build("lambda/permission:Permission", "p", function=function.name, **invoke)
    deployment = build("apigateway/deployment:Deployment", "d", restApi=made.id, **more)
    if stage:
        build("apigateway/stage:Stage", "s", restApi=made.id, deployment=deployment.id, stageName="v1")


def machine(build: Builder, *rules: tuple[str, int], back: tuple[Any, ...] = (), **more: Any) -> None:
    """A machine with a public address. `back` are the lines of a network ACL for answers: from, to and the action."""
    net = network(build)
    admitted = [{"protocol": "tcp", "fromPort": port, "toPort": port, "cidrBlocks": [cidr]} for cidr, port in rules]
    own = build("ec2/securityGroup:SecurityGroup", "g", vpcId=net.vpc.id, ingress=admitted)
    place = {"subnetId": net.public.id, "associatePublicIpAddress": True, "vpcSecurityGroupIds": [own.id]}
    build("ec2/instance:Instance", "web", ami="ami-1", instanceType="t3.micro", **place, **more)
    if back:
        lines = [line(number, *one) for number, one in enumerate(back, 1)]
        of: dict[str, Any] = {"vpcId": net.vpc.id, "subnetIds": [net.public.id]}
        build("ec2/networkAcl:NetworkAcl", "acl", **of, ingress=[line(1, rules[0][1], rules[0][1])], egress=lines)


def line(number: int, first: int, last: int, action: str = "allow") -> dict[str, Any]:
    asked = {"protocol": "tcp", "cidrBlock": "0.0.0.0/0", "fromPort": first, "toPort": last}
    return {"ruleNo": number, "action": action, **asked}


def front(build: Builder, actions: Any, *, internal: bool = False, **more: Any) -> Made:
    net = network(build)
    own = group(build, net.vpc, "lbg")
    ingress(build, "in", own, 80, cidrIpv4="0.0.0.0/0")
    shape: dict[str, Any] = {"loadBalancerType": "application", "internal": internal, "subnets": [net.public.id]}
    balancer = build("lb/loadBalancer:LoadBalancer", "lb", **shape, securityGroups=[own.id])
    listener: dict[str, Any] = {"port": 80, "protocol": "HTTP", "defaultActions": actions}
    return build("lb/listener:Listener", "l", loadBalancerArn=balancer.arn, **listener, **more)


def shared(build: Builder) -> None:
    build.exports["listener"] = front(build, REDIRECT).outputs["arn"]


ALL, INSIDE, OPEN = ("0.0.0.0/0", 80), ("10.0.0.0/16", 80), ("0.0.0.0/0", 8080)
TRAPS: dict[str, tuple[str, Callable[[Builder], Any]]] = {
    "rest": ("yes", lambda build: api(build, "NONE")),
    "no stage": ("no", lambda build: api(build, "NONE", stage=False)),
    "stage of version 6": ("yes", lambda build: api(build, "NONE", stage=False, stageName="v1")),
    "input of version 9": ("cannot tell", lambda build: api(build, "NONE", stage=False, publishesTo="v1")),
    "organisation": ("yes", lambda build: api(build, "AWS_IAM", deny(NOT_ORG))),
    "organisation, nobody signs": ("no", lambda build: api(build, "NONE", deny(NOT_ORG))),
    "not one user": ("yes", lambda build: api(build, "AWS_IAM", deny({"StringEquals": {"aws:username": "bob"}}))),
    "only an endpoint": ("no", lambda build: api(build, "AWS_IAM", deny({"StringNotEquals": {"aws:SourceVpce": "v"}}))),
    "organisation and range": ("yes", lambda build: api(build, "AWS_IAM", deny(NOT_ORG), deny(NOT_RANGE))),
    "two organisations": ("no", lambda build: api(
        build, "AWS_IAM", deny(NOT_ORG), deny({"StringNotEquals": {"aws:PrincipalOrgID": "o-2"}}))),
    "role by path": ("yes", lambda build: api(build, "AWS_IAM", deny({"ArnNotLike": TEAM}))),
    "version 2008 denies all": ("no", lambda build: api(
        build, "NONE", {**EVERYBODY, "Effect": "Deny"}, version="2008-10-17")),
    "machine": ("yes", lambda build: machine(build, ALL)),
    "closed machine": ("no", lambda build: machine(build, INSIDE)),
    "no address": ("cannot tell", lambda build: machine(build, ("0.0.0.0/O", 80))),
    "no address beside a private one": ("cannot tell", lambda build: machine(build, INSIDE, ("${HOME_IP}/32", 22))),
    "older inputs": ("no", lambda build: machine(build, INSIDE, cpuCoreCount=2, cpuThreadsPerCore=1)),
    "answers to all ports": ("yes", lambda build: machine(build, OPEN, back=((1024, 65535),))),
    "answers to the port": ("cannot tell", lambda build: machine(build, OPEN, back=((8080, 8080),))),
    "answers denied before": ("no", lambda build: machine(build, OPEN, back=((1024, 65535, "deny"), (1024, 65535)))),
    "answers in two": ("yes", lambda build: machine(build, OPEN, back=((0, 30000), (30001, 65535)))),
    "fixed answer": ("yes", lambda build: front(build, FIXED)),
    "fixed answer inside": ("no", lambda build: front(build, FIXED, internal=True)),
    "exported listener": ("cannot tell", shared),
    "tokens at a balancer": ("cannot tell", lambda build: front(
        build, [{**FIXED[0], "jwtValidation": {"issuer": "i"}}])),
}  # fmt: skip


DOUBTED = {"two organisations"}
"""Traps whose answer is a doubt that is not needed: each condition alone may be met."""


@pytest.mark.parametrize("name", TRAPS)
def test_trap(build: Builder, name: str) -> None:
    TRAPS[name][1](build)
    model = AwsModel(build.graph())
    ways = [path for path in trace(model).paths if path.kind in (Kind.INBOUND, Kind.PEOPLE) and path.open]
    ways = [path for path in ways if "internet" in path.source or "other accounts" in path.source]
    doubted = "cannot tell" if ways or unread(model) else "no"
    truth = "cannot tell" if name in DOUBTED else TRAPS[name][0]
    assert ("yes" if any(not path.uncertainty for path in ways) else doubted) == truth, [*map(str, ways)]


WRITTEN: dict[str, Any] = yaml.load(Path(__file__).with_name("programs.yaml").read_text(), yaml.CSafeLoader)
OUTSIDE = ("internet", "other accounts", "any AWS account")


@pytest.mark.parametrize("name", WRITTEN["programs"])
def test_program(run_program: Run, name: str) -> None:
    written = WRITTEN["programs"][name]
    model = AwsModel(run_program(WRITTEN["head"] + written["program"], strict=False))
    sources = (*OUTSIDE, written.get("from", OUTSIDE[0]))
    ways = [path for path in trace(model).paths if path.open and path.kind is not Kind.OUTBOUND]
    ways = [path for path in ways if any(source in path.source for source in sources)]
    sure = [path for path in ways if not path.uncertainty]
    answer = "open" if sure else "cannot tell" if ways or unread(model) else "no"
    assert answer == written.get("answer", written["truth"]), [*map(str, ways)]
    assert written.get("says", "") in " ".join(map(str, ways))
    assert not any(written.get("never", "nobody") in str(path) for path in sure)


def test_truth_of_programs_and_answers() -> None:
    written = WRITTEN["programs"].values()
    assert not any(one.get("answer") == "no" for one in written)
    assert not any(one.get("answer") == "open" for one in written)
    assert sum(one.get("answer", one["truth"]) == one["truth"] for one in written) >= 100
