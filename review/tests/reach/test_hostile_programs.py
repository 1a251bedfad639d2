"""Programs that hide a way in, or whose way in cannot be told: each case was read by hand before its report.

The cases of one program share its evaluation. Each declares something under its own name, and `NET` is common to all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.evaluate.project_file import load
from review.evaluate.runner import run
from review.evaluate.stack_file import read_stack
from review.graph import Graph
from review.reach import Kind, unread
from review.tests.graph_builder import Builder
from review.tests.parts import ANYWHERE, group, ingress, machine, network, paths

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
    "ignored-groups": ('server(N, [group(N).id], opts=ignoring("vpcSecurityGroupIds"))', "cannot tell"),
    "ignored-user-data": ('server(N, [group(N).id], opts=ignoring("userData"))', "no"),
    "ignored-subnet": ('server(N, [group(N, 443).id], private, opts=ignoring("subnetId"))', "cannot tell"),
    "ignored-address": (
        'server(N, [group(N, 443).id], bare, opts=ignoring("associatePublicIpAddress"))',
        "cannot tell",
    ),
    "ignored-address-in-a-private-subnet": (
        'server(N, [group(N, 443).id], private, opts=ignoring("associatePublicIpAddress"))',
        "no",
    ),
    "ignored-everything": ('server(N, [group(N).id], private, opts=ignoring("*"))', "cannot tell"),
    "ignored-rules": ('server(N, [group(N, opts=ignoring("ingress[0].cidrBlocks")).id])', "cannot tell"),
    "subnet-of-another-stack": ("server(N, [group(N, 443).id], subnet_id=elsewhere)", "cannot tell"),
    "group-of-another-stack": ('server(N, [group(N, 22, "10.0.0.0/16").id, elsewhere])', "cannot tell"),
    "template-of-another-stack": (
        'aws.ec2.Instance(N, launch_template={"id": elsewhere}, subnet_id=public.id)',
        "cannot tell",
    ),
    "template-with-ignored-groups": (
        """
template = aws.ec2.LaunchTemplate(f"{N}-template", image_id="ami-1", instance_type="t3.micro",
    vpc_security_group_ids=[group(N).id], opts=ignoring("vpcSecurityGroupIds"))
aws.autoscaling.Group(N, min_size=1, max_size=1, vpc_zone_identifiers=[public.id], launch_template={"id": template.id})
""",
        "cannot tell",
    ),
    "one-subnet-of-two-is-elsewhere": (
        """
template = aws.ec2.LaunchTemplate(f"{N}-template", image_id="ami-1", instance_type="t3.micro",
    network_interfaces=[{"security_groups": [group(N, 443).id], "associate_public_ip_address": "true"}])
aws.autoscaling.Group(N, min_size=1, max_size=1, vpc_zone_identifiers=[private.id, elsewhere],
    launch_template={"id": template.id})
""",
        "cannot tell",
    ),
    "an-instance-that-is-only-read": ('aws.ec2.Instance.get(N, "i-0123456789abcdef0")', "cannot tell"),
    "service-with-an-ignored-network": (
        'service(N, [group(N).id], ignoring("networkConfiguration"), assign_public_ip=True)',
        "cannot tell",
    ),
    "service-without-a-public-address": ("service(N, [group(N, 80).id])", "no"),
    "public-database": ("database(N, [group(N, 5432).id], publicly_accessible=True)", "open"),
    "database-with-ignored-groups": (
        'database(N, [group(N).id], publicly_accessible=True, opts=ignoring("vpcSecurityGroupIds"))',
        "cannot tell",
    ),
    "database-with-an-ignored-address": (
        'database(N, [group(N, 5432).id], opts=ignoring("publiclyAccessible"))',
        "cannot tell",
    ),
    "private-database": ("database(N, [group(N, 5432).id], private, publicly_accessible=True)", "no"),
    "rule-of-another-balancer": (
        """
forward = {"type": "forward", "target_group_arn": behind(N).arn}
aws.lb.ListenerRule(f"{N}-rule", listener_arn=theirs + "listener/app/shared/1/2", actions=[forward],
    conditions=[{"path_pattern": {"values": ["/x"]}}])
""",
        "cannot tell",
    ),
    "balancer-of-a-lookup": ('behind(N, aws.lb.get_load_balancer(name="shared"))', "cannot tell"),
    "balancer-that-is-only-read": (
        'behind(N, aws.lb.LoadBalancer.get(f"{N}-lb", theirs + "loadbalancer/app/shared/1"))',
        "cannot tell",
    ),
    "targets-that-are-only-read": (
        'behind(N, targets=aws.lb.TargetGroup.get(f"{N}-tg", theirs + "targetgroup/shared/1"))',
        "cannot tell",
    ),
    "service-behind-targets-elsewhere": (
        """
aws.ecs.Service(N, cluster=cluster.arn, task_definition=task.arn,
    network_configuration={"subnets": [private.id], "security_groups": [group(N, 80, "10.0.0.0/16").id]},
    load_balancers=[{"target_group_arn": elsewhere, "container_name": "x", "container_port": 80}])
""",
        "cannot tell",
    ),
    "balancer-that-may-be-internal": (
        'behind(N, balancer(f"{N}-lb", internal=True, opts=ignoring("internal")))',
        "cannot tell",
    ),
    "balancer-of-an-unknown-kind": ('behind(N, balancer(f"{N}-lb", [], load_balancer_type=elsewhere))', "cannot tell"),
    "internal-balancer": ('behind(N, balancer(f"{N}-lb", internal=True))', "no"),
    "kubernetes-by-default": (
        "kubernetes(N)",
        "open",
    ),
    "kubernetes-in-private": (
        "kubernetes(N, endpoint_public_access=False)",
        "no",
    ),
    "kubernetes-of-another-stack": (
        "kubernetes(N, endpoint_public_access=elsewhere)",
        "cannot tell",
    ),
    "kubernetes-nodes-with-a-key": (
        """
aws.eks.NodeGroup(N, cluster_name="c", node_role_arn=role.arn, subnet_ids=[public.id],
    scaling_config={"desired_size": 1, "max_size": 1, "min_size": 1}, remote_access={"ec2_ssh_key": "me"})
""",
        "open",
    ),
    "kubernetes-nodes": (
        """
aws.eks.NodeGroup(N, cluster_name="c", node_role_arn=role.arn, subnet_ids=[private.id],
    scaling_config={"desired_size": 1, "max_size": 1, "min_size": 1})
""",
        "cannot tell",
    ),
    "search-for-everybody": (
        """
aws.opensearch.Domain(N, access_policies=json.dumps(
    {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "es:*", "Resource": "*"}]}))
""",
        "open",
    ),
    "search-for-one-role": (
        """
aws.opensearch.Domain(N, access_policies=json.dumps(
    {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "es:*", "Resource": "*"}]}))
""",
        "no",
    ),
    "search-with-an-unknown-policy": ("aws.opensearch.Domain(N, access_policies=elsewhere)", "cannot tell"),
    "search-in-a-vpc": (
        """
aws.opensearch.Domain(N, vpc_options={"subnet_ids": [public.id], "security_group_ids": [group(N, 443).id]})
""",
        "no",
    ),
    "public-broker": (
        """
aws.mq.Broker(N, engine_type="ActiveMQ", engine_version="5.18", host_instance_type="mq.t3.micro", users=[],
    publicly_accessible=True, security_groups=[group(N, 61617).id], subnet_ids=[public.id])
""",
        "cannot tell",
    ),
    "function-of-an-api-elsewhere": (
        """
code = pulumi.AssetArchive({"index.py": pulumi.StringAsset("")})
one = aws.lambda_.Function(N, role=role.arn, runtime="python3.13", handler="index.handler", code=code)
aws.lambda_.Permission(f"{N}-permission", function=one.name, principal="apigateway.amazonaws.com",
    action="lambda:InvokeFunction", source_arn="arn:aws:execute-api:eu-west-1:123456789012:abc/*/*/*")
""",
        "cannot tell",
    ),
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
    build = Builder()
    net = network(build)
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
    build = Builder()
    net = network(build)
    members = group(build, net.vpc, "members")
    ingress(build, "https", members, 443, cidrIpv4=ANYWHERE)
    one = build("ec2/subnet:Subnet", "one", vpcId=net.vpc.id, cidrBlock="10.0.7.0/24", mapPublicIpOnLaunch=True)
    build(
        "ec2/mainRouteTableAssociation:MainRouteTableAssociation", "main", vpcId=net.vpc.id, routeTableId=net.outside.id
    )
    machine(build, "server", subnetId=one.id, vpcSecurityGroupIds=[members.id])
    assert answer(build.graph(), "server") == "open"
    build(kind, "theirs", **inputs)
    assert answer(build.graph(), "server") == "cannot tell"


def test_a_rule_of_an_unknown_group_may_be_of_the_default_one() -> None:
    build = Builder()
    net = network(build)
    other = build("ec2/vpc:Vpc", "other", cidrBlock="10.9.0.0/16")
    one = build("ec2/subnet:Subnet", "one", vpcId=other.id, cidrBlock="10.9.0.0/24", mapPublicIpOnLaunch=True)
    machine(build, "server", subnetId=one.id)
    build("ec2/internetGateway:InternetGateway", "way", vpcId=other.id)
    table = build("ec2/routeTable:RouteTable", "ways", vpcId=other.id)
    build("ec2/route:Route", "out", routeTableId=table.id, destinationCidrBlock=ANYWHERE, gatewayId=net.gateway.id)
    build("ec2/routeTableAssociation:RouteTableAssociation", "of", subnetId=one.id, routeTableId=table.id)
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
    build = Builder()
    net = network(build, egress="none")
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
