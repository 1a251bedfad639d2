"""The nodes of an EKS cluster in the bill."""

from collections.abc import Mapping
from typing import Any

import pytest

from review.aws.catalog.month import HOURS
from review.aws.model.model import AwsModel
from review.cost import estimate
from review.graph import UNKNOWN
from review.tests.graph_builder import Builder


def quantities(
    *, public: Any = False, template: Mapping[str, Any] | None = None, **inputs: Any
) -> dict[str, float | None]:
    """Hours of machines and addresses, and gigabytes, of a node group by item; None where they are not known."""
    build = Builder()
    vpc = build("ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16")
    subnet = build("ec2/subnet:Subnet", "subnet", vpcId=vpc.id, cidrBlock="10.0.1.0/24", mapPublicIpOnLaunch=public)
    if template:
        made = build("ec2/launchTemplate:LaunchTemplate", "template", **template)
        inputs["launchTemplate"] = {"id": made.id, "version": "1"}
    build("eks/nodeGroup:NodeGroup", "nodes", clusterName="c", subnetIds=[subnet.id], **inputs)
    lines = estimate(AwsModel(build.graph())).lines
    return {line.item: line.quantity for line in lines if line.resource.name == "nodes"}


THREE = {"scalingConfig": {"desiredSize": 3, "minSize": 1, "maxSize": 9}}
ALL_MONTH = 3 * HOURS
DISK = {"blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"volumeSize": 100, "volumeType": "gp2"}}]}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (THREE, {"ec2-t3.medium": ALL_MONTH, "ebs-gp3": 60}),
        (
            {**THREE, "instanceTypes": ["m7g.large", "m7g.xlarge"], "diskSize": 50},
            {"ec2-m7g.large": ALL_MONTH, "ebs-gp3": 150},
        ),
        ({**THREE, "template": {"instanceType": "c7g.large"}}, {"ec2-c7g.large": ALL_MONTH, "ebs-gp3": 60}),
        ({**THREE, "template": {"instanceType": "c7g.large", **DISK}}, {"ec2-c7g.large": ALL_MONTH, "ebs-gp2": 300}),
        ({**THREE, "public": True}, {"ec2-t3.medium": ALL_MONTH, "ebs-gp3": 60, "public-ipv4": ALL_MONTH}),
        ({**THREE, "public": UNKNOWN}, {"ec2-t3.medium": ALL_MONTH, "ebs-gp3": 60, "public-ipv4": None}),
        ({**THREE, "launchTemplate": {"id": UNKNOWN, "version": "1"}}, {"ec2-": ALL_MONTH, "ebs-gp3": None}),
        ({"scalingConfig": {"desiredSize": UNKNOWN}}, {"ec2-t3.medium": None, "ebs-gp3": None}),
    ],
)
def test_nodes_run_all_month(given: dict[str, Any], expected: dict[str, float | None]) -> None:
    assert quantities(**given) == expected
