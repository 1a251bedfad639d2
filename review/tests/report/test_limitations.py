"""What a way out gives up is read off the routes, gateways and endpoint policies of any network."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from review.aws.gateway.api import SLASH_LOST
from review.aws.model.model import AwsModel
from review.cost.prices import Prices, load_prices
from review.evaluate.runner import Evaluation
from review.graph import UNKNOWN
from review.paths import trace_paths
from review.report.limitations import list_limitations
from review.report.render.json_report import build_document
from review.report.render.markdown import format_markdown
from review.report.render.text import format_plain
from review.report.report import report
from review.tests.helpers.graph_builder import Builder, Json, Made
from review.tests.helpers.private_stacks import endpoint
from review.tests.helpers.stack_parts import egress, group, machine, nat_machine, network, proxy_stack
from review.tests.helpers.stacks import graph_of


def losses(build: Builder, prices: Prices | None = None) -> list[str]:
    return list_limitations(trace_paths(AwsModel(build.graph())), prices or load_prices())


def service(build: Builder, net: SimpleNamespace) -> Made:
    """Tasks in both private subnets that may call anything. Returns their security group."""
    members = group(build, net.vpc, "tasks")
    egress(build, "tasks-out", members, ipProtocol="-1", cidrIpv4="0.0.0.0/0")
    configuration = {"subnets": [subnet.id for subnet in net.private], "securityGroups": [members.id]}
    build("ecs/service:Service", "tasks", launchType="FARGATE", networkConfiguration=configuration)
    return members


def with_ipv6(build: Builder, net: SimpleNamespace, members: Made) -> None:
    """A way out over IPv6 for the private subnets and for a group."""
    gateway = build("ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway", "six", vpcId=net.vpc.id)
    for number, routes in enumerate(net.tables):
        to: dict[str, Any] = {"destinationIpv6CidrBlock": "::/0", "egressOnlyGatewayId": gateway.id}
        build("ec2/route:Route", f"six-{number}", routeTableId=routes.id, **to)
    egress(build, "six-out", members, ipProtocol="-1", cidrIpv6="::/0")
    for subnet in net.private:
        old = build.resources[subnet.urn]
        addressed = {"assignIpv6AddressOnCreation": True, "ipv6CidrBlock": "2001:db8::/64"}
        build.resources[subnet.urn] = replace(old, inputs={**old.inputs, **addressed})


IPV4_ONLY = "backend: hosts that have only IPv4 cannot be reached, such as GitHub and most services of other companies"
CROSSING = "crosses zones, at $0.01 a gigabyte each way"
ZONES = (
    "AWS offers some services in some zones only; whether the endpoint's zones are among them is not known here. The"
    " deployment fails if they are not"
)


@pytest.mark.parametrize(
    ("stack", "said"),
    [
        pytest.param(stack, said, marks=pytest.mark.xdist_group(stack))
        for stack, said in (
            # The forwarder is in both zones and the only instance in the first.
            ("dev", [IPV4_ONLY, f"proxy: data between eu-west-1b and backend (eu-west-1a) {CROSSING}"]),
            ("prod", ["backend-task: whether traefik/whoami:v1.11.0 is built for arm64 is not known here"]),
            ("examples/nothing-out.yaml",
             ["backend: nothing outside the network can be reached but DynamoDB (this account's only) "
              "and S3 (6 buckets)"]),
            ("examples/private-greeter.yaml",
             ["consumer: nothing outside the network can be reached but execute-api, ssm, ssmmessages",
              f"execute-api endpoint, ssm endpoint and ssmmessages endpoint: {ZONES}",
              "execute-api endpoint: inside its VPC all execute-api names of the region lead to it, and public APIs"]),
            # A backend in the gateway's own zone goes down with it anyway, and a forwarder calls nobody else.
            ("examples/existing-backend.yaml", []),
            ("examples/rest-nlb-fargate.yaml", [f"ingress nlb: data to copies in other zones {CROSSING}", SLASH_LOST]),
            # An ALB spreads calls over zones for free.
            ("examples/rest-alb-fargate.yaml",
             ["backend: out through one machine, nat (t4g.nano, eu-west-1a): no more than 32 Mbit/s sustained"]),
        )
    ],
)  # fmt: skip
def test_the_ways_out_of_the_examples(stack: str, said: list[str]) -> None:
    found = list_limitations(trace_paths(AwsModel(graph_of(stack))), load_prices())
    assert [line for line in said if not any(line in each for each in found)] == []
    assert any("copies in other zones" in line for line in found) is (stack == "examples/rest-nlb-fargate.yaml")
    assert said or not [line for line in found if ZONES not in line and SLASH_LOST not in line]


@pytest.mark.parametrize("private_dns", [True, False])
def test_private_dns_takes_the_names_of_public_apis(private_dns: bool) -> None:
    build, net = Builder.of(network)
    endpoint(build, net, "execute-api", privateDnsEnabled=private_dns)
    assert any("public APIs answer 403" in line for line in losses(build)) is private_dns


def test_one_gateway_for_two_zones() -> None:
    build = Builder()
    service(build, network(build))
    assert losses(build) == [
        "tasks: out of 2 zones through one NAT gateway (eu-west-1a): data crosses zones, at $0.01 a gigabyte each way, "
        "and a failure of that zone cuts all of them off"
    ]
    unpriced = Prices({"items": {}, "sources": {}, "as_of": ""})
    assert losses(build, unpriced)[0].endswith("data crosses zones, and a failure of that zone cuts all of them off")


@pytest.mark.parametrize(
    ("kind", "speed"), [("t4g.nano", "32 Mbit/s sustained"), ("c7gn.medium", "what c7gn.medium sustains")]
)
def test_the_speed_of_a_nat_instance_is_its_types(kind: str, speed: str) -> None:
    build, net = Builder.of(network, egress="instance")
    nat_machine(build, net.interface, instanceType=kind)
    service(build, net)
    (said,) = losses(build)
    assert f"({kind}, eu-west-1a): no more than {speed}, and nothing while it is down" in said


@pytest.mark.parametrize(("way", "lost"), [("none", "hosts that have only IPv4"), ("nat", "out of 2 zones through")])
def test_ipv6_alone_and_ipv6_beside_a_nat(way: str, lost: str) -> None:
    build, net = Builder.of(network, egress=way)
    with_ipv6(build, net, service(build, net))
    (said,) = losses(build)
    assert said.startswith(f"tasks: {lost}")


def test_a_closed_network_and_the_buckets_that_its_endpoint_admits() -> None:
    build, net = Builder.of(network, egress="none")
    service(build, net)
    assert losses(build) == ["tasks: nothing outside the network can be reached"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::parts/*"}
    build(
        "ec2/vpcEndpoint:VpcEndpoint",
        "s3",
        vpcId=net.vpc.id,
        serviceName="com.amazonaws.eu-west-1.s3",
        routeTableIds=[one.id for one in net.tables],
        policy=Json({"Statement": [statement]}),
    )
    assert losses(build) == ["tasks: nothing outside the network can be reached but S3 (parts)"]


def test_every_form_says_it() -> None:
    build = Builder()
    proxy_stack(build, egress="instance")
    graph = build.graph()
    found = report(Evaluation(known=graph, unknown=graph))
    said, _ = sorted(found.limitations)
    text = format_plain(found, 200)
    assert text.index("limitations") < text.index(said)
    assert f"- limitation: {said}" in format_markdown(found)
    assert build_document(found)["limitations"] == [*found.limitations]


def test_only_traffic_without_ports_leaves() -> None:
    build, net = Builder.of(network, egress="none")
    members = group(build, net.vpc, "members")
    egress(build, "ping", members, ipProtocol="icmp", fromPort=-1, toPort=-1, cidrIpv4="0.0.0.0/0")
    public: dict[str, Any] = {"subnetId": net.public.id, "associatePublicIpAddress": True}
    machine(build, "server", vpcSecurityGroupIds=[members.id], **public)
    assert losses(build) == ["server: nothing outside the network can be reached but internet (IPv4) (icmp)"]


@pytest.mark.parametrize(
    ("script", "stays"),
    [
        ("#!/bin/bash\nLOG_GROUP=''\ndocker run app\n", True),
        ("#!/bin/bash\nLOG_GROUP=\n", True),
        ("#!/bin/bash\nLOG_GROUP=backend-log-0a1b2c3\n", False),
        ("#!/bin/bash\ndocker run app\n", False),  # what such a script does with its log is not known
        (UNKNOWN, False),
    ],
)
def test_a_log_that_leaves_the_machine_nowhere_is_named(script: Any, *, stays: bool) -> None:
    build = Builder()
    machine(build, "server", subnetId=network(build).private[0].id, userData=script)
    assert any("its log stays on the instance" in line for line in losses(build)) == stays
