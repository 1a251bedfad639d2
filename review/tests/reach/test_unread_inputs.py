"""Inputs that no reader knows, such as those of a later version of the SDK, put the answers in doubt."""

import importlib
import json
import os
import re
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pulumi import _types

import review
from review.aws.catalog.catalog import ROWS
from review.graph import unread
from review.reach import Kind
from review.tests.graph_builder import Builder
from review.tests.parts import ANYWHERE, group, ingress, network, paths

READERS = ("aws", "reach", "rules", "graph", "cost")
FILE = Path(unread.__file__).with_name("inputs.json")


def answers(build: Builder, end: str) -> list[str]:
    found = [path for path in paths(build.graph()) if path.kind is Kind.INBOUND and path.source == "internet"]
    found = [path for path in found if path.target == end]
    return sorted({"no" if not path.open else "cannot tell" if path.uncertainty else "yes" for path in found})


def machine(build: Builder, **inputs: Any) -> None:
    net = network(build)
    own = group(build, net.vpc, "own")
    ingress(build, "in", own, cidrIpv4="10.0.0.0/16", ipProtocol="tcp", fromPort=80, toPort=80)
    place: dict[str, Any] = {"subnetId": net.private[0].id, "vpcSecurityGroupIds": [own.id]}
    build("ec2/instance:Instance", "web", ami="ami-1", instanceType="t3.micro", **place, **inputs)


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({}, ["no"]),
        ({"tenancy": "dedicated", "hibernation": True}, ["no"]),
        ({"worldwideAddress": True}, ["cannot tell"]),
        ({"worldwideAddress": None}, ["no"]),
        ({"secondaryNetworkInterfaces": [{"networkCardIndex": 1}]}, ["cannot tell"]),
        ({"metadataOptions": {"httpTokens": "required", "worldwide": True}}, ["cannot tell"]),
        ({"networkInterfaces": [{"deviceIndex": 1, "publicName": "x"}]}, ["cannot tell"]),
        ({"tags": {"worldwide": "yes"}, "metadataOptions": {"httpTokens": "required"}}, ["no"]),
    ],
)
def test_input_that_nobody_reads_may_open_a_way(build: Builder, inputs: dict[str, object], expected: list[str]) -> None:
    machine(build, **inputs)
    assert answers(build, "web") == expected


def test_doubt_names_the_input(build: Builder) -> None:
    machine(build, worldwideAddress=True)
    assert any("the review does not read web.worldwideAddress" in str(path) for path in paths(build.graph()))


def test_input_that_may_refuse_callers() -> None:
    build, net = Builder.of(network)
    own = group(build, net.vpc, "own")
    ingress(build, "in", own, cidrIpv4=ANYWHERE, ipProtocol="tcp", fromPort=443, toPort=443)
    shape: dict[str, Any] = {"loadBalancerType": "application", "internal": False, "subnets": [net.public.id]}
    front = build("lb/loadBalancer:LoadBalancer", "front", **shape, securityGroups=[own.id])
    function = build("lambda/function:Function", "lister")
    group_ = build("lb/targetGroup:TargetGroup", "targets", targetType="lambda")
    build("lb/targetGroupAttachment:TargetGroupAttachment", "target", targetGroupArn=group_.arn, targetId=function.arn)
    invoke: dict[str, Any] = {"action": "lambda:InvokeFunction", "principal": "elasticloadbalancing.amazonaws.com"}
    build("lambda/permission:Permission", "invoke", function=function.name, sourceArn=group_.arn, **invoke)
    forward = [{"type": "forward", "targetGroupArn": group_.arn}]
    listener: dict[str, Any] = {
        "loadBalancerArn": front.arn,
        "port": 443,
        "protocol": "HTTPS",
        "defaultActions": forward,
    }
    build("lb/listener:Listener", "https", **listener)
    assert answers(build, "lister") == ["yes"]
    certified = {"mutualAuthentication": {"mode": "verify", "trustStoreArn": "s"}}
    build("lb/listener:Listener", "https", **listener | certified)
    assert "client certificate" in str(next(one for one in paths(build.graph()) if one.kind is Kind.INBOUND))
    build("lb/listener:Listener", "https", **listener | {"defaultActions": [{**forward[0], "jwtValidation": {}}]})
    assert answers(build, "lister") == ["cannot tell"]


# The table


PARTS = unread.table()
HARMLESS = {name for names in PARTS["harmless"].values() for name in names}


def inputs_of(token: str) -> Iterator[str]:
    service, kind = token.split(":")[1].split("/")[0], token.rpartition(":")[2]
    module = importlib.import_module(f"pulumi_aws.{'lambda_' if service == 'lambda' else service}")
    arguments = getattr(module, f"{kind}Args")
    unread_blocks = HARMLESS | PARTS["opens"].get(token, frozenset()) | PARTS["closes"].get(token, frozenset())
    yield from set(_types.input_type_py_to_pulumi_names(arguments).values())
    for key, kinds in _types.input_type_types(arguments).items():
        if key not in unread_blocks:
            yield from inner_inputs(kinds, f"{key}.", set())


def inner_inputs(kinds: Any, block: str, seen: set[Any], name: str = "") -> Iterator[str]:
    blocks = [*blocks_in(kinds)]
    if blocks:
        yield f"{block}{name}." if name else block
    for trace in blocks:
        if trace not in seen:
            seen.add(trace)
            for key, inner in _types.input_type_types(trace).items():
                yield f"{block}{key}"
                yield from inner_inputs(inner, block, seen, key)


def blocks_in(kinds: Any) -> Iterator[Any]:
    if isinstance(kinds, type) and _types.is_input_type(kinds):
        yield kinds
    for one in typing.get_args(kinds):
        yield from blocks_in(one)


def test_table_has_the_inputs_of_the_sdk() -> None:
    """`UPDATE_SNAPSHOTS=1` writes them; then a new input is read, or gets its reason."""
    roles = {token for token, row in ROWS.items() if row.role and token.startswith("aws:")}
    found = {token: " ".join(sorted(set(inputs_of(token)))) for token in sorted(roles)}
    parts = json.loads(FILE.read_text())
    if os.environ.get("UPDATE_SNAPSHOTS"):
        FILE.write_text(json.dumps({**parts, "types": found}, indent=1) + "\n")
    assert json.loads(FILE.read_text())["types"] == found


def test_every_input_is_read_or_harmless_or_in_doubt() -> None:
    root = Path(review.__file__).parent
    files = [path for folder in READERS for path in (root / folder).rglob("*.py")]
    source = (path.read_text() for path in files)
    words = {word for text in source for word in re.findall(r"\w+", text)}
    inner = {name for names in PARTS["inner"].values() for name in names}
    for token, names in PARTS["types"].items():
        doubted = PARTS["opens"].get(token, frozenset()) | PARTS["closes"].get(token, frozenset())
        left = {name for name in names - doubted if not name.endswith(".")}
        left -= {name for name in left if "." in name and name.partition(".")[2] in HARMLESS | inner}
        assert not {name.rpartition(".")[2] for name in left} - words - HARMLESS, token
        assert not {name.rpartition(".")[2] for name in doubted} & words, f"{token}: what is read needs no doubt"
        assert doubted <= names, token
    assert not (HARMLESS | inner) & words
