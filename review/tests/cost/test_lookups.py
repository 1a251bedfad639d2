"""Costs that hang on answers of lookups: a made-up list has no length, and an image may be one of Windows."""

from dataclasses import replace
from typing import Any

import pytest

from review.graph import Graph, Invoke
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.graph_reports import estimate


def quantities(graph: Graph, name: str) -> dict[str, float | None]:
    return {line.item: line.quantity for line in estimate(graph).lines if line.resource.name == name}


@pytest.mark.parametrize("made_up", [True, False])
def test_zones_of_a_made_up_list(made_up: bool) -> None:
    build = Builder()
    subnets = ["subnet-0a", "subnet-0b"]
    shape: dict[str, Any] = {"loadBalancerType": "application", "internal": False}
    build("lb/loadBalancer:LoadBalancer", "front", subnets=subnets, **shape)
    for name, its in {"every": subnets, "one": subnets[:1]}.items():
        shape = {"vpcEndpointType": "Interface", "serviceName": f"com.amazonaws.eu-west-1.{name}", "subnetIds": its}
        build("ec2/vpcEndpoint:VpcEndpoint", name, vpcId="vpc-0a", **shape)
    answer = Invoke("aws:ec2/getSubnets:getSubnets", {}, {"ids": subnets}, made_up=made_up)
    graph = replace(build.graph(), invokes=(answer,))
    assert (quantities(graph, "front")["public-ipv4"] is None) is made_up
    assert (quantities(graph, "every")["interface-endpoint"] is None) is made_up
    assert quantities(graph, "one")["interface-endpoint"] == 730  # an hour of each
    # What has no price is no part of a sum.
    assert any("(every, one)" in line for line in estimate(graph).cheaper) is not made_up


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ({"filters": [{"name": "name", "values": ["Windows_Server-2022-English-Full-Base-*"]}]}, True),
        ({"filters": [{"name": "platform", "values": ["windows"]}]}, True),
        ({"filters": [{"name": "name", "values": ["al2023-ami-*"]}]}, False),
    ],
)
def test_machine_with_windows_has_no_price(image: dict[str, Any], expected: bool) -> None:
    build = Builder()
    build("ec2/instance:Instance", "web", ami="ami-0a", instanceType="t3.large", associatePublicIpAddress=False)
    answer = Invoke("aws:ec2/getAmi:getAmi", image, {"id": "ami-0a"}, made_up=True)
    found = quantities(replace(build.graph(), invokes=(answer,)), "web")
    assert found == ({"ec2-windows": None, "ebs-gp3": None} if expected else found)
    assert ("ec2-t3.large" in found) is not expected


def test_parameter_of_a_windows_image() -> None:
    build = Builder()
    image = "resolve:ssm:/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-Base"
    build("ec2/instance:Instance", "web", ami=image, instanceType="t3.large", subnetId="subnet-1")
    assert quantities(build.graph(), "web")["ec2-windows"] is None
