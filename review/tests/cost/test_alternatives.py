"""Interface endpoints beside what a NAT costs in the same region, multiplied out by hand."""

import pytest

from review.cost.charge import Basis
from review.cost.estimate import add_known
from review.cost.prices import Prices
from review.report.render.costs import list_caveats
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.graph_reports import estimate
from review.tests.helpers.stacks import graph_with


def cheaper(build: Builder, **services: int) -> list[str]:
    """The hints on interface endpoints in so many zones each."""
    for service, zones in services.items():
        build(
            "ec2/vpcEndpoint:VpcEndpoint",
            service,
            vpcId="vpc-1",
            serviceName=f"com.amazonaws.eu-west-1.{service.replace('_', '-')}",
            vpcEndpointType="Interface",
            subnetIds=[f"subnet-{number}" for number in range(zones)],
        )
    return list(estimate(build.graph()).cheaper)


# 0.0046 * 730 + 2 * 0.088 + 0.005 * 730 + 3 * 0.10 + 0.30
INSTANCE = "a NAT instance (t4g.nano) for $7.78"
GATEWAY = "a NAT gateway for $38.69"  # (0.048 + 0.005) * 730
TOO = "the same is reachable, but so is every other host of the internet"


@pytest.mark.parametrize(
    ("services", "said"),
    [
        # 0.011 * 730 for each endpoint and zone
        ({"ssm": 1}, [f"interface endpoints (ssm): $8.03 a month; through {INSTANCE} {TOO}"]),
        (
            {"ssm": 2, "ssmmessages": 2, "logs": 1},
            [f"interface endpoints (logs, ssm, ssmmessages): $40.15 a month; through {INSTANCE} and {GATEWAY} {TOO}"],
        ),
        # A private API is reached by its endpoint and by nothing else.
        ({"execute_api": 2}, []),
        ({"execute_api": 2, "ssm": 1}, [f"interface endpoints (ssm): $8.03 a month; through {INSTANCE} {TOO}"]),
        ({}, []),
    ],
)
def test_endpoints_beside_a_nat(services: dict[str, int], said: list[str]) -> None:
    assert cheaper(Builder(), **services) == said


def test_the_price_of_the_alternative_is_what_the_review_prints_for_it() -> None:
    graph = graph_with(
        {"topology": "public-proxy", "network": {"egress": "nat-instance"}, "backend": {"image": "nginx:1.29"}}
    )
    lines = [line for line in estimate(graph).lines if line.component == "network" and line.basis is Basis.FIXED]
    assert f"${add_known(lines):.2f}" in INSTANCE


def test_a_vpc_that_has_a_nat_needs_no_endpoints_and_no_other_nat() -> None:
    build = Builder()
    table = build("ec2/routeTable:RouteTable", "private", vpcId="vpc-1")
    build("ec2/route:Route", "out", routeTableId=table.id, destinationCidrBlock="0.0.0.0/0", natGatewayId="nat-1")
    (said,) = cheaper(build, ssm=2)
    assert said == "interface endpoints (ssm): $16.06 a month; the VPC's NAT reaches the same without them"


def test_gateway_endpoints_are_free_and_not_compared() -> None:
    build = Builder()
    build("ec2/vpcEndpoint:VpcEndpoint", "s3", vpcId="vpc-1", serviceName="com.amazonaws.eu-west-1.s3")
    assert estimate(build.graph()).cheaper == ()


def test_it_stands_under_the_cost() -> None:
    build = Builder()
    (said,) = cheaper(build, ssm=1)
    assert said in list_caveats(estimate(build.graph()))


def test_without_all_prices_of_a_nat_nothing_is_claimed() -> None:
    build = Builder()
    cheaper(build, ssm=1)
    only = {"what": "endpoint", "unit": "hour", "prices": {"eu-west-1": {"usd": 0.011, "source": "a"}}}
    table = Prices({"items": {"interface-endpoint": only}, "sources": {"a": {"text": "", "sure": True}}, "as_of": ""})
    assert estimate(build.graph(), prices=table).cheaper == ()
