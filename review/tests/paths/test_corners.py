"""What is said of a way beside its ends: what each hop rests on, names, and callers that a change may add."""

from dataclasses import replace
from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.compare.lines import Group
from review.graph import UNKNOWN, Invoke
from review.paths import Kind, trace_paths
from review.tests.helpers import steps
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.graph_reports import compare_graphs
from review.tests.helpers.private_stacks import link_stack, private_stack
from review.tests.helpers.stack_parts import egress, network, paths, proxy_stack

REGION = "execute-api.eu-west-1.amazonaws.com"


def test_each_hop_names_what_lets_it_pass(build: Builder) -> None:
    proxy_stack(build)
    hops = [(hop.resource.name if hop.resource else "", hop.label, hop.rule) for hop in paths(build.graph())[0].hops]
    rules = "proxy-to-backend-egress (tcp 8080 to backend-group), proxy-to-backend-ingress (tcp 8080 from proxy-group)"
    assert hops == [
        ("api", "key, 100/s a method", "GET POST /forward of api"),
        ("proxy", "", "api-invokes-function"),
        ("proxy-to-backend-ingress", "tcp 8080", rules),
        ("backend", "", ""),
    ]


def names_of_endpoint(build: Builder) -> str:
    """The names by which the API is called through the endpoint of the VPC."""
    inside = next(path for path in paths(build.graph()) if path.source == "anything in the VPC" and path.open)
    return next(hop.rule for hop in inside.hops if hop.name == "execute-api endpoint")


@pytest.mark.parametrize(
    ("private_dns", "associated", "names"),
    [
        (True, True, f"{{apiId}}.{REGION} and {{apiId}}-{{endpointId}}.{REGION}"),
        (True, False, f"{{apiId}}.{REGION}"),
        (False, True, f"{{apiId}}-{{endpointId}}.{REGION}"),
        (False, False, "the endpoint's own DNS name"),
    ],
)
def test_a_private_api_is_called_by_the_names_that_resolve(private_dns: bool, associated: bool, names: str) -> None:
    build = Builder()
    inputs: dict[str, Any] = {} if associated else {"endpointConfiguration": {"types": "PRIVATE"}}
    private_stack(build, private_dns=private_dns, **inputs)
    assert names_of_endpoint(build) == f"execute-api-endpoint, by {names}"


@pytest.mark.parametrize(
    ("source", "ours"), [(steps.output("execute-api-endpoint.id"), True), ("vpce-0f1e2d3c4b5a69788", False)]
)
def test_a_private_domain_is_a_name_where_the_endpoint_has_access(build: Builder, source: Any, ours: bool) -> None:
    domain = {key: steps.output(f"domain.{key}") for key in ("domainName", "domainNameId")}
    access = {"accessAssociationSource": source, "accessAssociationSourceType": "VPCE"}
    program = [
        steps.private_stack(private_dns=False),
        steps.resource("apigateway/domainName", "domain", domainName="api.example.com"),
        steps.resource("apigateway/basePathMapping", "mapping", restApi=steps.output("api.id"), **domain),
        steps.resource(
            "apigateway/domainNameAccessAssociation", "access", domainNameArn=steps.output("domain.arn"), **access
        ),
    ]
    steps.declare_steps(program)(build)
    assert ("by api.example.com and" in names_of_endpoint(build)) is ours


def test_names_come_from_components(build: Builder) -> None:
    link_stack(build)
    homes = {"link": "ingress", "balancer": "ingress", "api": "front", "backend": "server"}
    made = {home: build("gatehouse:index:Part", home).urn for home in ("ingress", "front", "server")}
    build.resources = {
        urn: replace(one, parent=made[homes[one.name]]) if one.name in homes else one
        for urn, one in build.resources.items()
    }
    expected = "internet → front (IAM, 100/s) → ingress link → tcp 80 → ingress alb → tcp 8080 → server"
    assert str(paths(build.graph())[0]) == expected


def test_the_rule_that_lets_out_is_the_one_for_the_internet(build: Builder) -> None:
    """A rule for the list of a service on the same port, which comes first, is no evidence for the internet."""
    stack = proxy_stack(build)
    egress(build, "a-list", stack.backend.group, 443, prefixListId="pl-1")
    lookup = Invoke("aws:ec2/getPrefixList:getPrefixList", {}, {"id": "pl-1", "name": "com.amazonaws.x.s3"})
    resources = dict(sorted(build.resources.items(), key=lambda one: one[1].name != "a-list"))
    graph = replace(build.graph(), invokes=(lookup,), resources=resources)
    (way,) = [path for path in paths(graph) if path.kind is Kind.OUTBOUND and "internet (IPv4)" in str(path)]
    assert way.hops[0].rule == "backend-out"


def test_without_a_way_in_the_targets_of_balancers_are_the_backends(build: Builder) -> None:
    """And not the machines on which they run: else what closes a way would newly break a rule about them."""
    net = network(build)
    build("autoscaling/group:Group", "hosts", minSize=1, maxSize=1, vpcZoneIdentifiers=[net.public.id])
    targets = build("lb/targetGroup:TargetGroup", "balanced", port=80, protocol="HTTP", targetType="ip")
    served = [{"targetGroupArn": targets.arn, "containerName": "w", "containerPort": 80}]
    build("ecs/service:Service", "web", launchType="EC2", desiredCount=1, loadBalancers=served)
    assert [urn.rpartition("::")[2] for urn in trace_paths(AwsModel(build.graph())).backends] == ["web"]


FOREIGN_TARGET_GROUP = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/elsewhere/0123456789abcdef"
FORWARD = [{"type": "forward", "targetGroupArn": FOREIGN_TARGET_GROUP}]
ADDED: dict[str, steps.Step] = {
    "rule": steps.ingress("rule", of="members", port=443, cidrIpv4=UNKNOWN),
    "profile": steps.change("server", iamInstanceProfile="elsewhere"),
    "listener": steps.resource(
        "lb/listener",
        "one",
        loadBalancerArn=steps.output("front.arn"),
        port=80,
        protocol="TCP",
        defaultActions=FORWARD,
    ),
}


@pytest.mark.parametrize("adds", ADDED)
def test_a_change_that_adds_what_is_not_known_may_add_callers(adds: str) -> None:
    program = [
        steps.private(egress="nat"),
        steps.egress("out", of="members", ipProtocol="-1", cidrIpv4="0.0.0.0/0"),
        steps.resource("lb/loadBalancer", "front", loadBalancerType="network", subnets=[steps.output("public.id")]),
    ]
    old, new = Builder(), Builder()
    steps.declare_steps(program)(old)
    steps.declare_steps([*program, ADDED[adds]])(new)
    found = [line.text for line in compare_graphs(old.graph(), new.graph()).lines if line.group is Group.PATHS]
    assert found
    assert all("cannot tell" in line for line in found), found


@pytest.mark.parametrize(("own", "leads"), [("10.0.0.0/16", False), ("10.1.0.0/16", True), (UNKNOWN, None)])
def test_a_range_that_may_be_the_vpcs_own_is_not_said_to_be_out_of_reach(own: Any, leads: bool | None) -> None:
    build = Builder()
    vpc = build("ec2/vpc:Vpc", "vpc", cidrBlock=own)
    subnet = build("ec2/subnet:Subnet", "subnet", vpcId=vpc.id, cidrBlock="10.0.0.0/24")
    table = build("ec2/routeTable:RouteTable", "table", vpcId=vpc.id)
    build("ec2/routeTableAssociation:RouteTableAssociation", "association", subnetId=subnet.id, routeTableId=table.id)
    graph = build.graph()
    assert AwsModel(graph).network.leads_to(graph.resources[subnet.urn], "10.1.2.0/24") is leads
