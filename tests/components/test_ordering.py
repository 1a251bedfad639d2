"""Order that no value expresses."""

import pulumi
import pytest

from components.ordering import after
from tests.helpers.declare import declare, one
from tests.helpers.declared import UNKNOWN, Secret


@pytest.mark.parametrize("known", [True, False])
def test_a_known_value_stays_known_and_its_user_waits(known: bool) -> None:
    def program() -> None:
        route = pulumi.CustomResource("aws:ec2/route:Route", "route", {"routeTableId": "rtb-1"})
        pulumi.CustomResource("aws:ec2/instance:Instance", "app", {"subnetId": after("subnet-1", route)})

    graph = declare(program, known=known)
    app = one(graph, "Instance")
    assert app.inputs["subnetId"] == "subnet-1"
    assert one(graph, "Route").urn in app.property_dependencies["subnetId"]


def test_an_unknown_value_stays_unknown() -> None:
    def program() -> None:
        subnet = pulumi.CustomResource("aws:ec2/subnet:Subnet", "subnet", {})
        route = pulumi.CustomResource("aws:ec2/route:Route", "route", {})
        pulumi.CustomResource("aws:ec2/instance:Instance", "app", {"subnetId": after(subnet.id, route)})

    graph = declare(program, known=False)
    app = one(graph, "Instance")
    assert app.inputs["subnetId"] is UNKNOWN
    assert {one(graph, "Route").urn, one(graph, "Subnet").urn} <= set(app.dependencies)


def test_a_secret_stays_secret() -> None:
    def program() -> None:
        route = pulumi.CustomResource("aws:ec2/route:Route", "route", {})
        pulumi.export("value", after(pulumi.Output.secret("open sesame"), route))

    assert declare(program).exports["value"] == Secret("open sesame")
