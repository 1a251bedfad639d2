"""Anybody's program is reviewed: whatever its habits, and in its own environment."""

import pytest

from review.report.render.text import Parts, format_plain
from review.tests.helpers.fixture_types import Review

INLINE = """
vpc = aws.ec2.Vpc("main", cidr_block="10.0.0.0/16")
gateway = aws.ec2.InternetGateway("out", vpc_id=vpc.id)
subnet = aws.ec2.Subnet("public", vpc_id=vpc.id, cidr_block="10.0.1.0/24", map_public_ip_on_launch=True)
table = aws.ec2.RouteTable("routes", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}])
aws.ec2.RouteTableAssociation("public", subnet_id=subnet.id, route_table_id=table.id)
group = aws.ec2.SecurityGroup("web", vpc_id=vpc.id,
    ingress=[{"protocol": "tcp", "from_port": 80, "to_port": 80, "cidr_blocks": ["0.0.0.0/0"]}],
    egress=[{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}])
aws.ec2.Instance("web", ami="ami-1", instance_type="t3.micro", subnet_id=subnet.id, vpc_security_group_ids=[group.id])
"""
REMOTE = """
import pulumi_awsx as awsx
net = awsx.ec2.Vpc("net", awsx.ec2.VpcArgs(cidr_block="10.0.0.0/16"))
pulumi.export("vpc", net.vpc_id)
"""
UNPLANNED = """
broker = aws.mq.get_broker(broker_name="queue")
aws.sns.Topic("t", tags={"broker": broker.arn, "other": aws.mq.get_broker_output(broker_name="other").arn})
aws.memorydb.Cluster("db", node_type="db.t4g.small", acl_name="open-access")
pulumi.CustomResource("exotic:index:Thing", "thing", {"size": 3})
"""
HIDDEN = """
vpc = aws.ec2.Vpc("v", cidr_block="10.0.0.0/16")
vpc.id.apply(lambda vpc_id: [aws.ec2.Subnet(f"s{n}", vpc_id=vpc_id, cidr_block=f"10.0.{n}.0/24") for n in range(2)])
"""
PERMISSION = """
f = aws.lambda_.Function("f", role="arn:aws:iam::123456789012:role/r", runtime="python3.13", handler="a.b",
    code=pulumi.AssetArchive({"a.py": pulumi.StringAsset("")}))
api = aws.apigatewayv2.Api("api", protocol_type="HTTP", target=f.arn, route_key="GET /")
aws.lambda_.Permission("p", action="lambda:InvokeFunction", function=f.name, principal="apigateway.amazonaws.com",
    source_arn=api.execution_arn.apply(lambda arn: arn + "*/*"))
"""
LOOKED_UP = """
vpc = aws.ec2.get_vpc(default=True)
subnets = aws.ec2.get_subnets(filters=[{"name": "vpc-id", "values": [vpc.id]}])
aws.ec2.VpcEndpoint("e", vpc_id=vpc.id, service_name="com.amazonaws.eu-west-1.ssm", vpc_endpoint_type="Interface",
    subnet_ids=subnets.ids)
"""
WINDOWS = """
ami = aws.ec2.get_ami(most_recent=True, owners=["amazon"], filters=[
    {"name": "name", "values": ["Windows_Server-2022-English-Full-Base-*"]}])
aws.ec2.Instance("w", ami=ami.id, instance_type="t3.large")
"""
NO_SUM = "in none of these sums, which are of what components declare"
PASSED_ON = """
import json
aws.iam.Policy("p", policy={"Statement": [{"Effect": "Allow", "Action": "*", "Resource": aws.s3.Bucket("b").arn}]})
aws.sns.Topic("t", opts=pulumi.ResourceOptions(parent=pulumi.StackReference("o/p/s")))
aws.sns.Topic("u", name=json.loads(aws.secretsmanager.get_secret_version(secret_id="x").secret_string)["user"])
"""
DYNAMIC = """
class Mine(pulumi.dynamic.ResourceProvider):
    def create(self, props):
        return pulumi.dynamic.CreateResult('1', props)
class Made(pulumi.dynamic.Resource):
    def __init__(self, name):
        super().__init__(Mine(), name, {})
Made('m')
"""


@pytest.mark.parametrize(
    ("program", "said"),
    [
        # What begins with - once was said, and was wrong.
        (PERMISSION, ["-IAM-07", "-$0.00", "+ ? for calls of api, which are in none of these sums"]),
        ("vpc = aws.ec2.Vpc('v', cidr_block='10.0.0.0/16')\nprint(f'VPC: {vpc.id}')", ["-rror"]),
        # What no component declares is in no sum, and is named.
        (LOOKED_UP, [f"e (aws:ec2/vpcEndpoint:VpcEndpoint): {NO_SUM}", "-the whole stack $"]),
        (WINDOWS, [f"w (aws:ec2/instance:Instance): {NO_SUM}", "-t3.large 6"]),
        (INLINE, [f"web (aws:ec2/instance:Instance): {NO_SUM}", "-t3.micro 8.32"]),
        (REMOTE, ["a component of another process: what is inside it cannot be seen here", "known after deployment",
                  f"? net (awsx:ec2:Vpc): {NO_SUM}"]),
        (UNPLANNED, ["aws:mq/getBroker:getBroker: the review has no answer for this lookup, so its result is unknown",
                     "db (aws:memorydb/cluster:Cluster)", f"thing (exotic:index:Thing): {NO_SUM}"]),
        (HIDDEN, ["3 resources", "s0"]),
        (DYNAMIC, []),
        (PASSED_ON, ["4 resources"]),
        ("pulumi.require_pulumi_version('>=3.0.0')", []),
        ("pulumi.runtime.register_stack_transformation(lambda args: None)", []),
        ("async def main():\n    aws.sns.Topic('t')\npulumi.run(main)", ["Topic"]),
        ("other = pulumi.StackReference('o/p/s')\naws.ec2.Subnet('s', vpc_id=other.require_output('vpc'))", []),
        ("aws.ec2.Vpc.get('v', 'vpc-1')", []),
        ("far = aws.Provider('far', region='ap-south-1')\n"
         "aws.sns.Topic('t', opts=pulumi.ResourceOptions(provider=far))", []),
        ("aws.iam.get_policy_document_output(statements=[{'actions': ['*'], 'resources': [aws.sqs.Queue('t').arn]}])",
         []),
        ("pulumi.log.info('hello')\npulumi.log.error('this is not an exception')", []),
        ("pulumi.export('nested', {'a': [1, {'b': aws.sns.Topic('t')}]})", ["nested"]),
    ],
)  # fmt: skip
def test_a_habit_does_not_stop_the_review(review_of: Review, program: str, said: list[str]) -> None:
    text = " ".join(format_plain(review_of(program), width=200, parts=Parts(verbose=True)).split())
    assert [words for words in said if (words.removeprefix("-") in text) is words.startswith("-")] == []
