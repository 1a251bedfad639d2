"""Programs that hide a way in, or whose way in cannot be told: each case was read by hand before its report.

The cases of one program share its evaluation. Each declares something under its own name, and `NET` is common to all.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from review.aws.model.model import AwsModel
from review.evaluate.project_file import load
from review.evaluate.stack_file import read_stack
from review.graph import Graph
from review.reach import Kind, unread
from review.tests.graph_builder import Builder
from review.tests.parts import ANYWHERE, group, ingress, machine, network, paths
from tests.helpers.in_process.evaluation import run

NET = """
import json
import pulumi
import pulumi_aws as aws

vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
gateway = aws.ec2.InternetGateway("gateway", vpc_id=vpc.id)
table = aws.ec2.RouteTable("table", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}])
def subnet(name, number, opts=None, **inputs):
    return aws.ec2.Subnet(name, vpc_id=vpc.id, cidr_block=f"10.0.{number}.0/24", opts=opts, **inputs)
public, bare, private = subnet("public", 1, map_public_ip_on_launch=True), subnet("bare", 2), subnet("private", 3)
for one in (public, bare):
    aws.ec2.RouteTableAssociation(f"{one._name}-table", subnet_id=one.id, route_table_id=table.id)
closed = aws.ec2.RouteTable("closed", vpc_id=vpc.id)
aws.ec2.RouteTableAssociation("private-table", subnet_id=private.id, route_table_id=closed.id)
other = pulumi.StackReference("acme/network/prod")
elsewhere = other.get_output("value")
def ignoring(*keys):
    return pulumi.ResourceOptions(ignore_changes=list(keys))
def group(name, port=None, cidr="0.0.0.0/0", opts=None):
    rules = [{"protocol": "tcp", "from_port": port, "to_port": port, "cidr_blocks": [cidr]}] if port else []
    out = [{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}]
    return aws.ec2.SecurityGroup(f"{name}-group", vpc_id=vpc.id, ingress=rules, egress=out, opts=opts)
def server(name, members, where=public, opts=None, **inputs):
    given = {"ami": "ami-1", "instance_type": "t3.micro", "subnet_id": where.id, "vpc_security_group_ids": members}
    return aws.ec2.Instance(name, opts=opts, **{**given, **inputs})
def database(name, members, where=public, opts=None, **inputs):
    parts = aws.rds.SubnetGroup(f"{name}-subnets", subnet_ids=[where.id])
    given = {"engine": "postgres", "instance_class": "db.t4g.micro", "db_subnet_group_name": parts.name}
    return aws.rds.Instance(name, vpc_security_group_ids=members, opts=opts, **{**given, **inputs})
def behind(name, balancer=None, targets=None, **inputs):
    targets = targets or aws.lb.TargetGroup(f"{name}-targets", port=80, protocol="HTTP", vpc_id=vpc.id)
    if balancer is not None:
        forward = {"type": "forward", "target_group_arn": targets.arn}
        aws.lb.Listener(f"{name}-listener", load_balancer_arn=balancer.arn, port=80, default_actions=[forward])
    one = server(name, [group(name, 80, "10.0.0.0/16").id], private)
    aws.lb.TargetGroupAttachment(f"{name}-target", target_group_arn=targets.arn, target_id=one.id)
    return targets
def balancer(name, members=None, opts=None, **inputs):
    members = [group(name, 80).id] if members is None else members
    return aws.lb.LoadBalancer(name, subnets=[public.id, bare.id], security_groups=members, opts=opts, **inputs)
def kubernetes(name, **access):
    aws.eks.Cluster(name, role_arn=role.arn, vpc_config={"subnet_ids": [private.id], **access})
cluster = aws.ecs.Cluster("cluster")
task = aws.ecs.TaskDefinition("task", family="task", container_definitions="[]")
def service(name, members, opts=None, **inputs):
    aws.ecs.Service(name, cluster=cluster.arn, task_definition=task.arn, opts=opts,
        network_configuration={"subnets": [public.id], "security_groups": members, **inputs})
role = aws.iam.Role("role", assume_role_policy="{}")
theirs = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:"
"""

MACHINES = {
    name: (one["program"], one["truth"])
    for name, one in yaml.load(Path(__file__).with_name("hostile_machines.yaml").read_text(), yaml.CSafeLoader).items()
}


def written(cases: dict[str, tuple[str, str]]) -> str:
    return NET + "".join(f"\nN = {name!r}\n{text}\n" for name, (text, _) in cases.items())


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return evaluated(tmp_path_factory.mktemp("machines"), written(MACHINES))


def evaluated(root: Path, program: str) -> Graph:
    (root / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (root / "Pulumi.dev.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    (root / "__main__.py").write_text(program)
    project = load(root)
    return run(project, read_stack(project, "dev"), strict=False)


def answer(graph: Graph, name: str) -> str:
    """`open`, `no` or `cannot tell` for the ways from the internet to a resource."""
    found = [path for path in paths(graph) if path.kind is not Kind.OUTBOUND and "internet" in path.source]
    ways = [path for path in found if path.open and path.backend is not None and path.backend.name == name]
    if any(not path.uncertainty for path in ways):
        return "open"
    return "cannot tell" if ways else "no"


@pytest.mark.xdist_group("hostile")
@pytest.mark.parametrize("name", MACHINES)
def test_machines(machines: Graph, name: str) -> None:
    assert answer(machines, name) == MACHINES[name][1]


@pytest.mark.parametrize(
    "kind",
    [
        "aws:cloudformation/stack:Stack",
        "aws:cloudcontrol/resource:Resource",
        "aws:cloudfront/vpcOrigin:VpcOrigin",
        "aws:ec2clientvpn/endpoint:Endpoint",
        "aws:elasticbeanstalk/environment:Environment",
        "aws:servicecatalog/provisionedProduct:ProvisionedProduct",
        "aws-native:ec2:SecurityGroupIngress",
        "pulumi-python:dynamic:Resource",
    ],
)
def test_what_may_open_any_machine_leaves_no_flat_no(kind: str) -> None:
    build, net = Builder.of(network)
    machine(build, "server", subnetId=net.private[0].id, vpcSecurityGroupIds=[group(build, net.vpc, "members").id])
    assert answer(build.graph(), "server") == "no"
    build(kind, "theirs")
    assert answer(build.graph(), "server") == "cannot tell"
    assert list(unread(AwsModel(build.graph()))) == [kind]


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("ec2/routeTableAssociation:RouteTableAssociation", {"subnetId": "subnet-1", "routeTableId": "rtb-1"}),
        ("ec2/networkAcl:NetworkAcl", {"subnetIds": ["subnet-1"]}),
        ("ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions", {"internetGatewayBlockMode": "block-ingress"}),
    ],
)
def test_what_may_be_about_any_subnet_is_a_doubt(kind: str, inputs: dict[str, Any]) -> None:
    build, net = Builder.of(network)
    members = group(build, net.vpc, "members")
    ingress(build, "https", members, 443, cidrIpv4=ANYWHERE)
    resource = build("ec2/subnet:Subnet", "one", vpcId=net.vpc.id, cidrBlock="10.0.7.0/24", mapPublicIpOnLaunch=True)
    build(
        "ec2/mainRouteTableAssociation:MainRouteTableAssociation", "main", vpcId=net.vpc.id, routeTableId=net.outside.id
    )
    machine(build, "server", subnetId=resource.id, vpcSecurityGroupIds=[members.id])
    assert answer(build.graph(), "server") == "open"
    build(kind, "theirs", **inputs)
    assert answer(build.graph(), "server") == "cannot tell"


def test_a_rule_of_an_unknown_group_may_be_of_the_default_one() -> None:
    build, net = Builder.of(network)
    other = build("ec2/vpc:Vpc", "other", cidrBlock="10.9.0.0/16")
    resource = build("ec2/subnet:Subnet", "one", vpcId=other.id, cidrBlock="10.9.0.0/24", mapPublicIpOnLaunch=True)
    machine(build, "server", subnetId=resource.id)
    build("ec2/internetGateway:InternetGateway", "way", vpcId=other.id)
    table = build("ec2/routeTable:RouteTable", "ways", vpcId=other.id)
    build("ec2/route:Route", "out", routeTableId=table.id, destinationCidrBlock=ANYWHERE, gatewayId=net.gateway.id)
    build("ec2/routeTableAssociation:RouteTableAssociation", "of", subnetId=resource.id, routeTableId=table.id)
    assert answer(build.graph(), "server") == "no"
    kind = "vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    rule: dict[str, Any] = {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIpv4": ANYWHERE}
    build(kind, "ssh", securityGroupId="sg-0123456789abcdef0", **rule)
    assert answer(build.graph(), "server") == "cannot tell"


@pytest.mark.parametrize(
    ("cidr", "extra", "source"),
    [
        ("10.1.0.0/16", {}, None),
        ("10.0.0.0/8", {}, "anything in the VPC"),
        ("10.1.0.0/16", {"ec2/vpcPeeringConnection:VpcPeeringConnection": {"peerVpcId": "vpc-2"}}, "10.1.0.0/16"),
        (
            "10.1.0.0/16",
            {"ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": {"cidrBlock": "10.1.0.0/16"}},
            "anything in the VPC",
        ),
    ],
)
def test_a_private_range_is_a_neighbour_only_if_a_route_leads_there(
    cidr: str, extra: dict[str, dict[str, Any]], source: str | None
) -> None:
    build, net = Builder.of(network, egress="none")
    members = group(build, net.vpc, "members")
    ingress(build, "ssh", members, 22, cidrIpv4=cidr)
    machine(build, "server", subnetId=net.private[0].id, vpcSecurityGroupIds=[members.id])
    for kind, inputs in extra.items():
        made = build(kind, "joined", vpcId=net.vpc.id, **inputs)
        if "eering" in kind:
            way: dict[str, Any] = {"destinationCidrBlock": cidr, "vpcPeeringConnectionId": made.id}
            build("ec2/route:Route", "to-them", routeTableId=net.tables[0].id, **way)
    sources = [path.source for path in paths(build.graph()) if path.open and path.target == "server"]
    assert sources == ([source] if source else [])
