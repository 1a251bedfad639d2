"""Paths of small programs that know nothing of Gatehouse, each with its own habits."""

import pytest

from review.aws.model.model import AwsModel
from review.graph import Graph
from review.reach import Kind, unread
from review.tests.fixtures import Run
from review.tests.parts import paths, public

NETWORK = """
vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
gateway = aws.ec2.InternetGateway("gateway", vpc_id=vpc.id)
public = [
    aws.ec2.Subnet(f"public-{z}", vpc_id=vpc.id, cidr_block=f"10.0.{n}.0/24", availability_zone=f"eu-west-1{z}",
                   map_public_ip_on_launch=True)
    for n, z in enumerate("ab")
]
private = [
    aws.ec2.Subnet(f"private-{z}", vpc_id=vpc.id, cidr_block=f"10.0.{n}.0/24", availability_zone=f"eu-west-1{z}")
    for n, z in enumerate("ab", 10)
]
routes = aws.ec2.RouteTable("routes", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}])
for n, subnet in enumerate(public):
    aws.ec2.RouteTableAssociation(f"association-{n}", subnet_id=subnet.id, route_table_id=routes.id)
everything = {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}
"""

FUNCTION = """
role = aws.iam.Role("role", assume_role_policy="{}")
code = pulumi.AssetArchive({"index.py": pulumi.StringAsset("")})
function = aws.lambda_.Function("function", role=role.arn, runtime="python3.13", handler="index.handler", code=code)
"""


def lines(graph: Graph, kind: Kind = Kind.INBOUND) -> list[str]:
    return [str(path) for path in paths(graph) if path.kind is kind]


def test_a_machine_in_a_public_subnet_with_rules_inline(run_aws: Run) -> None:
    graph = run_aws(
        NETWORK
        + """
web = aws.ec2.SecurityGroup("web", vpc_id=vpc.id, egress=[everything], ingress=[
    {"protocol": "tcp", "from_port": 80, "to_port": 80, "cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": ["::/0"]},
    {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["203.0.113.7/32"]},
])
aws.ec2.Instance("server", ami="ami-1", instance_type="t3.micro", subnet_id=public[0].id,
                 vpc_security_group_ids=[web.id])
"""
    )
    assert lines(graph) == ["internet → tcp 80 → server", "anything in the VPC → tcp 80 → server"]
    assert lines(graph, Kind.PEOPLE) == ["203.0.113.7/32 (internet) → tcp 22 → server"]
    assert lines(graph, Kind.OUTBOUND) == ["server → internet (IPv4)"]


def test_an_address_that_aws_gives_later_is_named_by_what_gets_it(run_aws: Run) -> None:
    """It is made up before that, and would be read as somebody's."""
    graph = run_aws(
        NETWORK
        + """
office = aws.ec2.Eip("office")
bastion = aws.ec2.Instance("bastion", ami="ami-1", instance_type="t3.micro", subnet_id=public[0].id)
def line(port, address):
    ranges = [pulumi.Output.concat(address, "/32")]
    return {"protocol": "tcp", "from_port": port, "to_port": port, "cidr_blocks": ranges}
ingress = [line(22, office.public_ip), line(443, bastion.private_ip)]
group = aws.ec2.SecurityGroup("group", vpc_id=vpc.id, ingress=ingress)
aws.ec2.Instance("web", ami="ami-1", instance_type="t3.micro", subnet_id=public[0].id,
                 vpc_security_group_ids=[group.id], associate_public_ip_address=True)
"""
    )
    ways = [str(path) for path in paths(graph) if path.target == "web"]
    assert "the address of office (internet) → tcp 22 → web" in ways
    assert "the address of bastion → tcp 443 → web" in ways


def test_a_machine_of_the_default_vpc_with_classic_rules(run_aws: Run) -> None:
    graph = run_aws("""
web = aws.ec2.SecurityGroup("web")
aws.ec2.SecurityGroupRule("http", type="ingress", security_group_id=web.id, protocol="tcp", from_port=80, to_port=80,
                          cidr_blocks=["0.0.0.0/0"])
aws.ec2.Instance("server", ami="ami-1", instance_type="t3.micro", vpc_security_group_ids=[web.id])
""")
    assert "internet → tcp 80 → server" in lines(graph)


def test_an_internet_facing_balancer_and_a_fleet(run_aws: Run) -> None:
    graph = run_aws(
        NETWORK
        + """
front = aws.ec2.SecurityGroup("front", vpc_id=vpc.id, egress=[everything], ingress=[
    {"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["0.0.0.0/0"]}])
fleet_group = aws.ec2.SecurityGroup("fleet-group", vpc_id=vpc.id, egress=[everything], ingress=[
    {"protocol": "tcp", "from_port": 8080, "to_port": 8080, "security_groups": [front.id]}])
balancer = aws.alb.LoadBalancer("balancer", subnets=[s.id for s in public], security_groups=[front.id])
targets = aws.alb.TargetGroup("targets", port=8080, protocol="HTTP", vpc_id=vpc.id)
aws.alb.Listener("listener", load_balancer_arn=balancer.arn, port=443, protocol="HTTPS",
                 default_actions=[{"type": "forward", "target_group_arn": targets.arn}])
template = aws.ec2.LaunchTemplate("template", image_id="ami-1", vpc_security_group_ids=[fleet_group.id])
aws.autoscaling.Group("fleet", min_size=1, max_size=3, vpc_zone_identifiers=[s.id for s in private],
                      launch_template={"id": template.id}, target_group_arns=[targets.arn])
"""
    )
    assert lines(graph) == [
        "internet → tcp 443 → balancer → tcp 8080 → fleet",
        "anything in the VPC → tcp 443 → balancer → tcp 8080 → fleet",
        "internet → fleet: no, fleet has no public address",
    ]
    assert lines(graph, Kind.OUTBOUND) == ["fleet → internet: no, no IPv4 route leads out of the subnets of fleet"]


def test_a_rest_api_of_discrete_resources(run_aws: Run) -> None:
    graph = run_aws(
        FUNCTION
        + """
api = aws.apigateway.RestApi("api")
part = aws.apigateway.Resource("part", rest_api=api.id, parent_id=api.root_resource_id, path_part="items")
for method, auth, key in (("GET", "NONE", False), ("POST", "AWS_IAM", False), ("PUT", "NONE", True)):
    made = aws.apigateway.Method(f"{method}-items", rest_api=api.id, resource_id=part.id, http_method=method,
                                 authorization=auth, api_key_required=key)
    aws.apigateway.Integration(f"{method}-function", rest_api=api.id, resource_id=part.id,
                               http_method=made.http_method, type="AWS_PROXY", integration_http_method="POST",
                               uri=function.invoke_arn)
deployment = aws.apigateway.Deployment("deployment", rest_api=api.id)
aws.apigateway.Stage("stage", rest_api=api.id, deployment=deployment.id, stage_name="v1")
aws.lambda_.Permission("permission", action="lambda:InvokeFunction", function=function.name,
                       principal="apigateway.amazonaws.com", source_arn=pulumi.Output.concat(api.execution_arn, "/*"))
"""
    )
    assert lines(graph) == [
        "internet → api (GET /items, anyone) → function",
        "internet → api (POST /items, IAM) → function",
        "internet → api (PUT /items, key) → function: no, api requires keys and is in no usage plan",
    ]


def test_an_http_api_made_with_a_target_and_a_function_url(run_aws: Run) -> None:
    graph = run_aws(
        FUNCTION
        + """
aws.apigatewayv2.Api("api", protocol_type="HTTP", target=function.arn)
aws.lambda_.Permission("permission", action="lambda:InvokeFunction", function=function.name,
                       principal="apigateway.amazonaws.com")
aws.lambda_.FunctionUrl("url", function_name=function.name, authorization_type="NONE")
"""
    )
    doubt = "whether the policy of function admits everyone, without which AWS answers 403"
    by_url = f"internet → function (its own URL, anyone) (cannot tell: {doubt})"
    assert lines(graph) == ["internet → api (anyone) → function", by_url]


def test_an_aliased_function(run_aws: Run) -> None:
    graph = run_aws(
        FUNCTION
        + """
alias = aws.lambda_.Alias("alias", name="live", function_name=function.name, function_version="1")
api = aws.apigatewayv2.Api("api", protocol_type="HTTP")
integration = aws.apigatewayv2.Integration("integration", api_id=api.id, integration_type="AWS_PROXY",
                                           integration_uri=alias.invoke_arn)
aws.apigatewayv2.Route("route", api_id=api.id, route_key="GET /x", authorization_type="JWT", authorizer_id="a",
                       target=pulumi.Output.concat("integrations/", integration.id))
aws.apigatewayv2.Stage("stage", api_id=api.id, name="$default", auto_deploy=True)
aws.lambda_.Permission("permission", action="lambda:InvokeFunction", function=function.name, qualifier=alias.name,
                       principal="apigateway.amazonaws.com", source_arn=pulumi.Output.concat(api.execution_arn, "/*/*"))
"""
    )
    assert lines(graph) == ["internet → api (JWT) → function"]


def test_a_bastion_and_a_backend_that_people_reach_from_it(run_aws: Run) -> None:
    graph = run_aws(
        NETWORK
        + """
gate = aws.ec2.SecurityGroup("gate", vpc_id=vpc.id, egress=[everything], ingress=[
    {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["203.0.113.0/24"]}])
inner = aws.ec2.SecurityGroup("inner", vpc_id=vpc.id, ingress=[
    {"protocol": "tcp", "from_port": 22, "to_port": 22, "security_groups": [gate.id]}])
aws.ec2.Instance("bastion", ami="ami-1", instance_type="t3.nano", subnet_id=public[0].id,
                 vpc_security_group_ids=[gate.id])
aws.ec2.Instance("server", ami="ami-1", instance_type="t3.nano", subnet_id=private[0].id,
                 vpc_security_group_ids=[inner.id])
"""
    )
    assert lines(graph, Kind.PEOPLE) == ["203.0.113.0/24 (internet) → tcp 22 → bastion", "bastion → tcp 22 → server"]


def test_dns_names_are_followed_to_what_answers_there(run_aws: Run) -> None:
    graph = run_aws(
        NETWORK
        + FUNCTION.replace(
            "code=code)",
            """code=code,
    vpc_config={"subnet_ids": [private[0].id], "security_group_ids": [caller.id]},
    environment={"variables": {"UPSTREAM": "https://app.internal.example.com/base"}})""",
        ).replace(
            "role = aws", 'caller = aws.ec2.SecurityGroup("caller", vpc_id=vpc.id, egress=[everything])\nrole = aws'
        )
        + """
zone = aws.route53.Zone("zone", name="internal.example.com", vpcs=[{"vpc_id": vpc.id}])
members = aws.ec2.SecurityGroup("members", vpc_id=vpc.id, ingress=[
    {"protocol": "tcp", "from_port": 443, "to_port": 443, "security_groups": [caller.id]}])
balancer = aws.lb.LoadBalancer("balancer", internal=True, subnets=[s.id for s in private],
                               security_groups=[members.id])
aws.route53.Record("record", zone_id=zone.id, name="app", type="A", aliases=[
    {"name": balancer.dns_name, "zone_id": balancer.zone_id, "evaluate_target_health": False}])
targets = aws.lb.TargetGroup("targets", target_type="lambda")
answering = aws.lambda_.Function("answering", role=role.arn, runtime="python3.13", handler="i.h", code=code)
aws.lb.TargetGroupAttachment("attachment", target_group_arn=targets.arn, target_id=answering.arn)
aws.lb.Listener("listener", load_balancer_arn=balancer.arn, port=443, protocol="HTTPS",
                default_actions=[{"type": "forward", "target_group_arn": targets.arn}])
aws.lambda_.FunctionUrl("url", function_name=function.name, authorization_type="AWS_IAM")
"""
    )
    assert lines(graph) == ["internet → function (its own URL, IAM) → tcp 443 → balancer → answering"]


def test_types_that_hide_traffic_are_named(run_aws: Run) -> None:
    graph = run_aws(
        """
aws.cloudfront.Distribution("cdn", enabled=True, origins=[], restrictions={}, viewer_certificate={},
                            default_cache_behavior={})
aws.s3.Bucket("data")
aws.iam.Role("role", assume_role_policy="{}")
aws.cloudformation.Stack("stack", template_body="{}")
""",
        strict=False,
    )
    assert unread(AwsModel(graph)) == {"aws:cloudformation/stack:Stack": ["stack"]}


def test_open_resource_policies_and_other_stacks_are_named(run_aws: Run) -> None:
    graph = run_aws("""
import json
def policy(principal, **more):
    return json.dumps({"Statement": {"Effect": "Allow", "Principal": principal, "Action": "*", **more}})
aws.ecr.RepositoryPolicy("images", repository="r", policy=policy("*"))
aws.sns.Topic("topic", policy=policy({"AWS": "*"}))
aws.sns.Topic("bound", policy=policy("*", Condition={"StringEquals": {"aws:SourceAccount": "123456789012"}}))
aws.sqs.Queue("closed")
aws.kms.Key("key", policy=policy({"AWS": "arn:aws:iam::123456789012:root"}))
pulumi.StackReference("o/p/s")
""")
    assert unread(AwsModel(graph)) == {"pulumi:pulumi:StackReference": ["o/p/s"]}
    assert public(graph) == {"images": "yes", "topic": "yes"}


@pytest.mark.parametrize("known", [True, False])
def test_an_empty_program_has_no_paths(run_program: Run, known: bool) -> None:
    assert paths(run_program("", known=known)) == []
