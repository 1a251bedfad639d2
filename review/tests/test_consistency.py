"""One report, one answer: what reach sees and what the bill counts are the same, for any graph."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from review import cost
from review.aws.catalog import types
from review.aws.catalog.month import HOURS
from review.aws.model.model import AwsModel
from review.aws.network.endpoints import is_interface
from review.aws.network.route import Family
from review.cost import Estimate
from review.evaluate.answers import read as read_answers
from review.evaluate.project_file import load
from review.evaluate.stack_file import read_stack
from review.graph import UNKNOWN, Graph, Resource
from review.report.render.text import format_plain
from review.report.report import Report, report
from review.tests.helpers.draws import draws
from review.tests.helpers.fixture_types import Write
from review.tests.helpers.graph_builder import Builder, Made
from review.tests.helpers.in_process.evaluation import evaluate
from review.tests.helpers.stacks import ALL, PROGRAM, evaluation, evaluation_of, graph_of

_ONE_MACHINE = (*types.INSTANCE, *types.SCALING_GROUP, *types.SERVICE)


def billed(bill: Estimate, resource: Resource, item: str) -> float | None:
    """Units at a time that the bill counts of an item; None if it does not know."""
    lines = [line for line in bill.lines if line.resource.urn == resource.urn and line.label.startswith(item)]
    quantities = [line.quantity for line in lines]
    return None if None in quantities else sum(filter(None, quantities)) / HOURS


def assert_consistent(graph: Graph) -> None:
    model = AwsModel(graph)
    bill = cost.estimate(model)
    elastic = model.nodes.attachments.with_elastic_ip
    for resource in graph.list_by_type(*_ONE_MACHINE):
        public = model.nodes.find(resource).has_public_address(Family.IPV4)
        amount = billed(bill, resource, "public IPv4")
        count = model.containers.count(resource) if resource.type in types.SERVICE else model.machines.count(resource)
        if resource.existing or count == 0:
            continue
        if (
            public
            and resource.urn not in elastic
            and not any(card.urn in elastic for card in model.nodes.attachments.interfaces.get(resource.urn, []))
        ):
            assert amount == count, f"{resource.name} is public and the bill has {amount} addresses"
        elif public is None:
            assert amount is None, f"{resource.name} may be public and the bill has {amount} addresses"
        else:
            assert amount == 0, f"{resource.name} is private, or has an Elastic IP, and the bill has {amount} addresses"
    for endpoint in graph.list_by_type(*types.ENDPOINT):
        if is_interface(endpoint) and not endpoint.existing:
            zones = [line.quantity for line in bill.lines if line.resource.urn == endpoint.urn]
            # Subnets of an adopted VPC are in no graph.
            subnets = model.nodes.find(endpoint).subnets or endpoint.inputs["subnetIds"]
            assert zones == [len(subnets) * HOURS]


@pytest.mark.parametrize("stack", ALL)
def test_addresses_and_zones_of_every_stack(stack: str) -> None:
    assert_consistent(graph_of(stack))


PUBLIC = st.sampled_from([None, True, False, "true", "false", UNKNOWN])


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Machines of every kind in subnets of every kind, with and without Elastic IPs."""
    build = Builder()
    vpc = build("ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16")
    subnets = [
        build(
            "ec2/subnet:Subnet",
            f"subnet-{number}",
            vpcId=vpc.id,
            cidrBlock=f"10.0.{number}.0/24",
            mapPublicIpOnLaunch=draw(st.sampled_from([True, False, UNKNOWN])),
        )
        for number in range(3)
    ]
    some = st.lists(st.sampled_from(subnets), min_size=1, max_size=3, unique_by=lambda resource: resource.urn)
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from([instance, by_template, service, endpoint]))
        kind(build, f"one-{number}", draw, draw(some))
    return build.graph()


def given(draw: st.DrawFn, key: str) -> dict[str, Any]:
    """An input that says whether there is a public address; nothing if it is left out."""
    public = draw(PUBLIC)
    return {} if public is None else {key: public}


def instance(build: Builder, name: str, draw: st.DrawFn, subnets: list[Made]) -> None:
    placed: dict[str, Any] = {"subnetId": subnets[0].id} if draw(st.booleans()) else {}
    public = given(draw, "associatePublicIpAddress")
    made = build("ec2/instance:Instance", name, instanceType="t4g.nano", **public, **placed)
    if draw(st.booleans()):
        build("ec2/eip:Eip", f"{name}-address", instance=made.id)


def by_template(build: Builder, name: str, draw: st.DrawFn, subnets: list[Made]) -> None:
    card = given(draw, "associatePublicIpAddress")
    cards: dict[str, Any] = {"networkInterfaces": [card]} if card else {}
    template = build("ec2/launchTemplate:LaunchTemplate", f"{name}-template", instanceType="t4g.nano", **cards)
    sizes: list[dict[str, Any]] = [{"desiredCapacity": 2}, {"minSize": 1}, {"minSize": 3, "desiredCapacity": 0}]
    placed: dict[str, Any] = {"vpcZoneIdentifiers": [subnet.id for subnet in subnets]} if draw(st.booleans()) else {}
    launched = {"launchTemplate": {"id": template.id}, "maxSize": 4, **draw(st.sampled_from(sizes)), **placed}
    build("autoscaling/group:Group", name, **launched)


def service(build: Builder, name: str, draw: st.DrawFn, subnets: list[Made]) -> None:
    task = build("ecs/taskDefinition:TaskDefinition", f"{name}-task", family=name, cpu="256", memory="512")
    network = {"subnets": [subnet.id for subnet in subnets], **given(draw, "assignPublicIp")}
    counts: list[dict[str, Any]] = [{}, {"desiredCount": 0}, {"desiredCount": 3}]
    runs = {"launchType": "FARGATE", "taskDefinition": task.arn, **draw(st.sampled_from(counts))}
    build("ecs/service:Service", name, networkConfiguration=network, **runs)


def endpoint(build: Builder, name: str, draw: st.DrawFn, subnets: list[Made]) -> None:
    placed = [subnet.id for subnet in draw(st.permutations(subnets))]
    kind: dict[str, Any] = {"vpcEndpointType": "Interface", "serviceName": "com.amazonaws.eu-west-1.ecr.api"}
    build("ec2/vpcEndpoint:VpcEndpoint", name, subnetIds=placed, **kind)


@settings(max_examples=draws(150))
@drawn(graph=graphs())
def test_addresses_and_zones_of_any_graph(graph: Graph) -> None:
    assert_consistent(graph)


def under_another_name(stack: str) -> Report:
    """The review of a stack in a copy of the project with another name."""
    project = load(PROGRAM)
    renamed = {key.replace(f"{project.name}:", "shop:"): value for key, value in project.declarations.items()}
    declarations = {key: replace(declaration, key=key) for key, declaration in renamed.items()}
    copy = replace(project, name="shop", declarations=declarations, answers=read_answers(PROGRAM, "shop"))
    return report(evaluation_of(copy, stack))


@pytest.mark.parametrize("stack", ["dev", "prod", "examples/webhook.yaml"])
def test_a_copy_of_the_project_under_another_name_reviews_the_same(stack: str) -> None:
    title, _, body = format_plain(under_another_name(stack)).partition("\n")
    assert title.startswith("shop")
    assert body.replace("shop:", "gatehouse:") == format_plain(report(evaluation(stack))).partition("\n")[2]


def test_waivers_and_acknowledgements_count_under_any_name() -> None:
    found = under_another_name("examples/open-proxy.yaml")
    assert ([each.acknowledged for each in found.anyone], found.failed) == ([True], False)


BALANCED = """
import pulumi_aws as aws
vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
subnets = [aws.ec2.Subnet(f"s{n}", vpc_id=vpc.id, cidr_block=f"10.0.{n}.0/24") for n in range(2)]
group = aws.ec2.SecurityGroup("web", vpc_id=vpc.id, ingress=[{"protocol": "tcp", "from_port": 80, "to_port": 80,
    "cidr_blocks": ["0.0.0.0/0"]}], egress=[{"protocol": "-1", "from_port": 0, "to_port": 0,
    "cidr_blocks": ["0.0.0.0/0"]}])
gateway = aws.ec2.InternetGateway("gateway", vpc_id=vpc.id)
table = aws.ec2.RouteTable("table", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}])
for n, subnet in enumerate(subnets):
    aws.ec2.RouteTableAssociation(f"a{n}", subnet_id=subnet.id, route_table_id=table.id)
server = aws.ec2.Instance("server", ami="ami-1", instance_type="t4g.nano", subnet_id=subnets[0].id,
    vpc_security_group_ids=[group.id])
for kind in ("application", "network"):
    own = {"security_groups": [group.id]} if kind == "application" else {}
    protocol = "HTTP" if kind == "application" else "TCP"
    balancer = aws.lb.LoadBalancer(f"{kind}-balancer-of-quite-some-length", load_balancer_type=kind,
        subnets=[one.id for one in subnets], **own)
    targets = aws.lb.TargetGroup(f"{kind}-targets", port=80, protocol=protocol, vpc_id=vpc.id)
    aws.lb.Listener(f"{kind}-listener", load_balancer_arn=balancer.arn, port=80, protocol=protocol,
        default_actions=[{"type": "forward", "target_group_arn": targets.arn}])
    aws.lb.TargetGroupAttachment(f"{kind}-attachment", target_group_arn=targets.arn, target_id=server.id)
"""
EVERYTHING = (Path(__file__).parent / "programs" / "everything" / "__main__.py").read_text()


@pytest.mark.parametrize("program", [BALANCED, EVERYTHING], ids=["balanced", "everything"])
def test_a_program_reviews_the_same_as_lb_and_as_alb(write_project: Write, program: str) -> None:
    def of(text: str) -> list[str]:
        project = write_project(text)
        found = report(evaluate(project, read_stack(project, "dev"), strict=False))
        facts = [str(path) for path in found.paths]
        facts += [f"{finding.rule.id} {finding.status} {finding.message}" for finding in found.findings]
        facts += [f"{line.resource.name} {line.label} {line.quantity} {line.amount}" for line in found.bill.lines]
        # The order of the graph is that of URNs, in which the token is.
        return sorted([*facts, *format_plain(found).splitlines()])

    assert "aws.lb." in program
    assert of(program.replace("aws.lb.", "aws.alb.")) == of(program)
