"""Services of AWS that start tasks, call functions or admit their own callers, and what nobody has read."""

import pytest

from review.aws.model.model import AwsModel
from review.graph import Graph
from review.reach import Kind, trace
from review.tests.fixtures import Run

FUNCTION = """
code = pulumi.AssetArchive({"index.py": pulumi.StringAsset("")})
role = "arn:aws:iam::123456789012:role/r"
function = aws.lambda_.Function("function", role=role, runtime="python3.13", handler="index.handler", code=code)
"""
NETWORK = """
vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
gateway = aws.ec2.InternetGateway("gateway", vpc_id=vpc.id)
routes = aws.ec2.RouteTable("routes", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}])
subnet = aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24", map_public_ip_on_launch=True)
aws.ec2.RouteTableAssociation("association", subnet_id=subnet.id, route_table_id=routes.id)
group = aws.ec2.SecurityGroup("group", vpc_id=vpc.id)
unknown = aws.rds.Instance("db", instance_class="db.t3.micro").endpoint
"""
WEB = NETWORK + (
    "web = aws.ec2.Instance('web', ami='a', instance_type='t3.micro', subnet_id=subnet.id,\n"
    "    vpc_security_group_ids=[group.id])\n"
)


def outside(graph: Graph) -> list[str]:
    """Paths from outside, without those from neighbours in the VPC."""
    kinds = (Kind.INBOUND, Kind.PEOPLE)
    found = [str(path) for path in trace(AwsModel(graph)).paths if path.kind in kinds]
    return [line for line in found if not line.startswith(("anything in", "people"))]


def answered(graph: Graph) -> str:
    """`open`, `cannot tell` or `no`: the widest of the paths from outside."""
    paths = outside(graph)
    if any(": no, " not in line and "cannot tell" not in line for line in paths):
        return "open"
    return "cannot tell" if any("cannot tell" in line for line in paths) else "no"


PERMISSION = "aws.lambda_.Permission('p', function=function.name, action='lambda:InvokeFunction', principal='{}'{})"


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (PERMISSION.format("*", ""), "open"),
        (PERMISSION.format("*", ", principal_org_id='o-1'"), "open"),
        (
            PERMISSION.format("*", "").replace("InvokeFunction'", "InvokeFunctionUrl', function_url_auth_type='NONE'"),
            "no",
        ),
        (PERMISSION.format("s3.amazonaws.com", ""), "open"),
        (PERMISSION.format("sns.amazonaws.com", ""), "open"),
        (PERMISSION.format("iot.amazonaws.com", ""), "cannot tell"),
        (PERMISSION.format("events.amazonaws.com", ""), "no"),
        (PERMISSION.format("s3.amazonaws.com", ", source_account='123456789012'"), "no"),
        (PERMISSION.format("sns.amazonaws.com", ", source_arn=aws.sns.Topic('t').arn"), "no"),
        ("", "no"),
    ],
)
def test_a_function_that_a_service_calls_for_others(run_aws: Run, program: str, expected: str) -> None:
    graph = run_aws(FUNCTION + program, strict=False)
    assert answered(graph) == expected, outside(graph)


LISTED = (
    "aws.ec2.SecurityGroupRule('in', type='ingress', security_group_id=group.id, protocol='tcp', from_port={port}, "
    "to_port={port}, prefix_list_ids=[aws.ec2.get_managed_prefix_list(name='{name}').id])"
)
PRIVATE = "subnet_id=subnet.id, associate_public_ip_address=False,\n"


@pytest.mark.parametrize(
    ("name", "public", "expected", "said"),
    [
        ("com.amazonaws.eu-west-1.ec2-instance-connect", False, "no", ""),
        ("office", True, "cannot tell", "internet"),
    ],
)
def test_a_list_of_a_service_names_it(run_aws: Run, name: str, public: bool, expected: str, said: str) -> None:
    machine = WEB if public else WEB.replace("subnet_id=subnet.id,\n", PRIVATE)
    graph = run_aws(machine + LISTED.format(port=22, name=name), strict=False)
    assert answered(graph) == expected, outside(graph)
    assert said in "\n".join(outside(graph))


RULE = (
    "aws.vpc.SecurityGroupIngressRule('in', security_group_id={}, ip_protocol='tcp', from_port=22, to_port=22, "
    "cidr_ipv4='{}')"
)


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (RULE.format("'sg-0123456789abcdef0'", "0.0.0.0/0"), "cannot tell"),
        (RULE.format("aws.ec2.get_security_group(name='web').id", "0.0.0.0/0"), "cannot tell"),
        (RULE.format("aws.ec2.SecurityGroup.get('web', 'sg-0123456789abcdef0').id", "0.0.0.0/0"), "cannot tell"),
        (RULE.format("'sg-0123456789abcdef0'", "10.0.0.0/8"), "no"),
        (NETWORK + RULE.format("group.id", "0.0.0.0/0"), "no"),  # a group of this program, without members
    ],
)
def test_a_group_of_others_that_the_program_opens(run_aws: Run, program: str, expected: str) -> None:
    assert answered(run_aws(program, strict=False)) == expected


def made(token: str) -> str:
    return f"pulumi.CustomResource('{token}', 'other', {{}})"


TARGET = "aws.cloudwatch.EventTarget('other', rule='r', arn='{}')"
SCHEDULE = (
    "aws.scheduler.Schedule('other', schedule_expression='rate(1 day)', flexible_time_window={{'mode': 'OFF'}}, "
    "target={{'role_arn': 'arn:aws:iam::123456789012:role/r', 'arn': 'arn:aws:scheduler:::aws-sdk:{}'}})"
)
MACHINE = "aws.sfn.StateMachine('other', role_arn='arn:aws:iam::123456789012:role/r', definition={})"


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (MACHINE.format("json.dumps({'Resource': 'arn:aws:states:::lambda:invoke'})"), "no"),
        (SCHEDULE.format("ec2:stopInstances"), "no"),
        (SCHEDULE.format("lambda:invoke"), "no"),
        (SCHEDULE.format("rds:stopDBInstance"), "no"),
        (TARGET.format("arn:aws:lambda:eu-west-1:123456789012:function:f"), "no"),
        (made("datadog:index/monitor:Monitor"), "no"),
        (made("cloudflare:index/record:Record"), "no"),
        (made("aws:glue/job:Job"), "no"),
        (made("aws:iam/user:User"), "no"),
    ],
)
def test_only_types_that_are_listed_change_nothing(run_aws: Run, program: str, expected: str) -> None:
    graph = run_aws(WEB + program, strict=False)
    assert answered(graph) == expected, outside(graph)
