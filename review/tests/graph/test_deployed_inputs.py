"""Inputs in three values: absent, known and unknown."""

from dataclasses import replace
from typing import Any

import pytest

from review.graph import UNKNOWN, Options, Resource, Secret
from review.graph.deployed_inputs import (
    get_deployed_input,
    get_deployed_inputs,
    resolve_references,
)
from review.tests.helpers.graph_builder import Builder

KIND = "ec2/securityGroup:SecurityGroup"


def resource(options: Options | None = None, *, existing: bool = False, **inputs: Any) -> Resource:
    build = Builder()
    made = build(KIND, "one", options=options, **inputs)
    return replace(build.resources[made.urn], existing=existing)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (resource(), "absent"),
        (resource(name=None), "absent"),
        (resource(name=UNKNOWN), "unknown"),
        (resource(name=Secret(UNKNOWN)), "unknown"),
        (resource(name=""), ""),
        (resource(name=Secret("known")), "known"),
        (resource(name="known", existing=True), "unknown"),
        (resource(existing=True), "unknown"),
        (resource(Options(ignore_changes=("name",)), name="known"), "unknown"),
        (resource(Options(ignore_changes=("*",)), name="known"), "unknown"),
        (resource(Options(ignore_changes=("tags", "nam")), name="known"), "known"),
    ],
)
def test_the_three_values(one: Resource, expected: str) -> None:
    value = get_deployed_input(one, "name")
    assert ("absent" if value is None else "unknown" if value is UNKNOWN else value) == expected


@pytest.mark.parametrize("known", [True, False])
def test_references_know_whether_they_resolve(known: bool) -> None:
    build = Builder(known=known)
    vpc, literal = build("ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16"), "vpc-0123456789abcdef0"
    for name, value, others, is_known in (
        ("declared", vpc.id, [], True),
        ("none", None, [], True),
        ("literal", literal, [literal], True),
        ("unknown", UNKNOWN, [], False),
        ("both", [vpc.id, literal], [literal], True),
    ):
        made = build.resources[build(KIND, name, vpcId=value).urn]
        assert resolve_references(build.graph(), made, ("vpcId",), ("aws:ec2/vpc:Vpc",)) == (others, is_known), name


def test_all_inputs_as_aws_holds_them() -> None:
    ignored = resource(Options(ignore_changes=("tags", "ingress[0].cidrBlocks")), name="a", tags={})
    assert get_deployed_inputs(ignored) == {"name": "a", "tags": UNKNOWN, "ingress": UNKNOWN}
    assert get_deployed_inputs(resource(existing=True, name="a")) == {"name": UNKNOWN}
    assert get_deployed_input(ignored, "tags") is UNKNOWN
    assert get_deployed_input(ignored, "name") == "a"
