"""Order that no value expresses."""

from typing import Any

import pulumi
import pytest

from components.recording.values import UNKNOWN, Secret
from components.resource_options.ordering import add_dependencies
from tests.helpers.declare import declare, one


@pytest.mark.parametrize(
    ("given", "known", "found"),
    [
        (lambda _: "subnet-00000001", True, "subnet-00000001"),
        (lambda _: "subnet-00000001", False, "subnet-00000001"),
        (lambda subnet: subnet.id, False, UNKNOWN),
        (lambda _: pulumi.Output.secret("open sesame"), True, Secret("open sesame")),
    ],
    ids=["known", "known in a first preview", "unknown", "secret"],
)
def test_a_value_stays_as_it_is_and_its_user_waits(given: Any, known: bool, found: object) -> None:
    def program() -> None:
        subnet = pulumi.CustomResource("aws:ec2/subnet:Subnet", "subnet", {})
        route = pulumi.CustomResource("aws:ec2/route:Route", "route", {"routeTableId": "rtb-00000001"})
        pulumi.CustomResource("aws:ec2/instance:Instance", "app", {"subnetId": add_dependencies(given(subnet), route)})

    graph = declare(program, known=known)
    app = one(graph, "Instance")
    assert app.inputs["subnetId"] == found
    assert one(graph, "Route").urn in app.property_dependencies["subnetId"]
