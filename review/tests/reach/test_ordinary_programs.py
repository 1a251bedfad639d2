"""Doubt is rare: of ordinary programs, whose truth can be computed, nearly every answer is open or no, and right."""

from collections import Counter
from typing import Final

from review.aws.model.model import AwsModel
from review.graph import Graph
from review.reach import Kind, trace, unread
from review.tests.fixtures import Run

HEAD = """
import base64, json
import pulumi
import pulumi_aws as aws

config = pulumi.Config()
role = aws.iam.Role("role", assume_role_policy=json.dumps({"Statement": []}))
every = {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}


def port(number, *ranges):
    return {"protocol": "tcp", "from_port": number, "to_port": number, "cidr_blocks": list(ranges) or ["0.0.0.0/0"]}


def network():
    vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
    gateway = aws.ec2.InternetGateway("gateway", vpc_id=vpc.id)
    out = aws.ec2.RouteTable("out", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}])
    public, private = [], []
    for n, zone in enumerate("ab"):
        one = aws.ec2.Subnet(f"public-{zone}", vpc_id=vpc.id, cidr_block=f"10.0.{n}.0/24",
            availability_zone=f"eu-west-1{zone}", map_public_ip_on_launch=True)
        aws.ec2.RouteTableAssociation(f"public-{zone}", subnet_id=one.id, route_table_id=out.id)
        other = aws.ec2.Subnet(f"private-{zone}", vpc_id=vpc.id, cidr_block=f"10.0.1{n}.0/24",
            availability_zone=f"eu-west-1{zone}")
        inner = aws.ec2.RouteTable(f"private-{zone}", vpc_id=vpc.id)
        aws.ec2.RouteTableAssociation(f"private-{zone}", subnet_id=other.id, route_table_id=inner.id)
        public.append(one)
        private.append(other)
    return vpc, public, private


def function(name, **more):
    code = pulumi.AssetArchive({"index.py": pulumi.StringAsset("")})
    return aws.lambda_.Function(name, role=role.arn, runtime="python3.13", handler="index.h", code=code, **more)


def machine(name, subnet, group, **more):
    return aws.ec2.Instance(name, ami=aws.ec2.get_ami(most_recent=True, owners=["amazon"]).id,
        instance_type="t3.micro", subnet_id=subnet.id, vpc_security_group_ids=[group.id], **more)


def balanced(vpc, subnets, *, internal=False, ranges=()):
    front = aws.ec2.SecurityGroup("front", vpc_id=vpc.id, ingress=[port(443, *ranges)], egress=[every])
    lb = aws.lb.LoadBalancer("lb", load_balancer_type="application", internal=internal,
        subnets=[one.id for one in subnets], security_groups=[front.id])
    targets = aws.lb.TargetGroup("targets", port=8080, protocol="HTTP", vpc_id=vpc.id, target_type="ip")
    aws.lb.Listener("https", load_balancer_arn=lb.arn, port=443, protocol="HTTPS",
        certificate_arn="arn:aws:acm:eu-west-1:123456789012:certificate/c",
        default_actions=[{"type": "forward", "target_group_arn": targets.arn}])
    return front, lb, targets


def service(vpc, subnets, front, targets=None, public=False):
    group = aws.ec2.SecurityGroup("tasks", vpc_id=vpc.id, egress=[every], ingress=[
        {"protocol": "tcp", "from_port": 8080, "to_port": 8080, "security_groups": [front.id]}])
    definition = aws.ecs.TaskDefinition("task", family="task", requires_compatibilities=["FARGATE"], cpu="256",
        memory="512", network_mode="awsvpc", execution_role_arn=role.arn, container_definitions=json.dumps(
            [{"name": "app", "image": "nginx", "portMappings": [{"containerPort": 8080}]}]))
    shown = [{"target_group_arn": targets.arn, "container_name": "app", "container_port": 8080}] if targets else None
    return aws.ecs.Service("service", cluster=aws.ecs.Cluster("cluster").arn, task_definition=definition.arn,
        launch_type="FARGATE", desired_count=2, load_balancers=shown, network_configuration={
            "subnets": [one.id for one in subnets], "security_groups": [group.id], "assign_public_ip": public})


def http(target, **authorization):
    api = aws.apigatewayv2.Api("api", protocol_type="HTTP")
    to = aws.apigatewayv2.Integration("to", api_id=api.id, integration_type="AWS_PROXY",
        integration_uri=target.invoke_arn, payload_format_version="2.0")
    aws.apigatewayv2.Route("route", api_id=api.id, route_key="GET /", **authorization,
        target=to.id.apply(lambda one: f"integrations/{one}"))
    aws.apigatewayv2.Stage("stage", api_id=api.id, name="$default", auto_deploy=True)
    return api


def may(target, api):
    aws.lambda_.Permission("may", action="lambda:InvokeFunction", function=target.name,
        principal="apigateway.amazonaws.com", source_arn=api.execution_arn.apply(lambda arn: f"{arn}/*/*"))


"""
GROUP = 'group = aws.ec2.SecurityGroup("group", vpc_id=vpc.id, ingress=[{}], egress=[every])\n'
PLACED = "vpc, public, private = network()\n"
WEB = PLACED + GROUP + 'web = machine("web", {}, group)\n'
DATA = """
data = aws.ec2.SecurityGroup("data", vpc_id=vpc.id, ingress=[
    {"protocol": "tcp", "from_port": 5432, "to_port": 5432, "security_groups": [group.id]}])
places = aws.rds.SubnetGroup("places", subnet_ids=[one.id for one in private])
db = aws.rds.Instance("db", engine="postgres", instance_class="db.t4g.micro", allocated_storage=20, port=5432,
    db_subnet_group_name=places.name, vpc_security_group_ids=[data.id], username="a", password="b")
pulumi.export("url", pulumi.Output.concat("postgres://", db.endpoint))
pulumi.export("host", db.endpoint.apply(lambda at: at.split(":")[0]))
"""
SITE = """
bucket = aws.s3.Bucket("files")
aws.s3.BucketPublicAccessBlock("closed", bucket=bucket.id, block_public_acls=True, block_public_policy=True,
    ignore_public_acls=True, restrict_public_buckets=True)
aws.s3.BucketVersioning("versions", bucket=bucket.id, versioning_configuration={"status": "Enabled"})
"""

PROGRAMS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "a web server": (WEB.format("port(80), port(443)", "public[0]"), {"web": "open"}),
    "a web server for an office": (WEB.format("port(443, '203.0.113.0/24')", "public[0]"), {"web": "open"}),
    "a bastion": (WEB.format("port(22, '198.51.100.7/32')", "public[0]"), {"web": "open"}),
    "a server without rules": (WEB.format("", "public[0]"), {"web": "no"}),
    "a private server": (WEB.format("port(80)", "private[0]"), {"web": "no"}),
    "a private server and a database": (
        WEB.format("port(80, '10.0.0.0/16')", "private[0]") + DATA,
        {"web": "no", "db": "no"},
    ),
    "a web server and a database": (WEB.format("port(80)", "public[0]") + DATA, {"web": "open", "db": "no"}),
    "an open database": (
        PLACED
        + GROUP.format("port(5432)")
        + DATA.replace('security_groups": [group.id]', 'cidr_blocks": ["0.0.0.0/0"]')
        .replace("for one in private", "for one in public")
        .replace('username="a"', 'publicly_accessible=True, username="a"'),
        {"db": "open"},
    ),
    "a Fargate service behind a load balancer": (
        PLACED + "front, lb, targets = balanced(vpc, public)\nservice(vpc, private, front, targets)\n",
        {"service": "open"},
    ),
    "the same for an office": (
        PLACED
        + "front, lb, targets = balanced(vpc, public, ranges=['203.0.113.0/24'])\n"
        + "service(vpc, private, front, targets)\n",
        {"service": "open"},
    ),
    "an internal load balancer": (
        PLACED + "front, lb, targets = balanced(vpc, private, internal=True)\nservice(vpc, private, front, targets)\n",
        {"service": "no"},
    ),
    "a worker": (
        PLACED + "front = aws.ec2.SecurityGroup('none', vpc_id=vpc.id)\nservice(vpc, private, front)\n",
        {"service": "no"},
    ),
    "a worker with a public address": (
        PLACED + "front = aws.ec2.SecurityGroup('none', vpc_id=vpc.id)\nservice(vpc, public, front, public=True)\n",
        {"service": "no"},
    ),
    "an open HTTP API": ("f = function('f')\nmay(f, http(f))\n", {"f": "open"}),
    "an HTTP API with IAM": ("f = function('f')\nmay(f, http(f, authorization_type='AWS_IAM'))\n", {"f": "open"}),
    "an HTTP API that may not call": ("f = function('f')\nhttp(f)\n", {"f": "no"}),
    "a function's own URL": (
        "f = function('f')\nurl = aws.lambda_.FunctionUrl('url', function_name=f.name, authorization_type='NONE')\n"
        "pulumi.export('url', url.function_url.apply(lambda one: one.rstrip('/')))\n",
        {"f": "open"},
    ),
    "a scheduled function": (
        "f = function('f')\nrule = aws.cloudwatch.EventRule('rule', schedule_expression='rate(1 day)')\n"
        "aws.cloudwatch.EventTarget('target', rule=rule.name, arn=f.arn)\n"
        "aws.lambda_.Permission('may', action='lambda:InvokeFunction', function=f.name, "
        "principal='events.amazonaws.com', source_arn=rule.arn)\n",
        {"f": "no"},
    ),
    "a function of a queue": (
        "f, queue = function('f'), aws.sqs.Queue('queue')\n"
        "aws.lambda_.EventSourceMapping('of', event_source_arn=queue.arn, function_name=f.name)\n",
        {"f": "no"},
    ),
    "a function of a bucket": (
        "f = function('f')\n" + SITE + "may_call = aws.lambda_.Permission('may', action='lambda:InvokeFunction', "
        "function=f.name, principal='s3.amazonaws.com', source_arn=bucket.arn, source_account='123456789012')\n"
        "aws.s3.BucketNotification('on', bucket=bucket.id, lambda_functions=[{'lambda_function_arn': f.arn, "
        "'events': ['s3:ObjectCreated:*']}], opts=pulumi.ResourceOptions(depends_on=[may_call]))\n",
        {"f": "no"},
    ),
    "a function in a network": (
        PLACED + GROUP.format("") + "f = function('f', vpc_config={'subnet_ids': [one.id for one in private], "
        "'security_group_ids': [group.id]})\n",
        {"f": "no"},
    ),
    "a scaling group": (
        PLACED
        + GROUP.format("port(80, '10.0.0.0/16')")
        + "template = aws.ec2.LaunchTemplate('template', image_id='ami-1', instance_type='t3.micro', "
        "vpc_security_group_ids=[group.id], user_data=base64.b64encode(b'#!/bin/sh').decode())\n"
        "aws.autoscaling.Group('fleet', min_size=1, max_size=2, vpc_zone_identifiers=[one.id for one in private], "
        "launch_template={'id': template.id, 'version': '$Latest'})\n",
        {"fleet": "no"},
    ),
    "an Elastic IP": (
        WEB.format("port(443)", "public[0]")
        + "address = aws.ec2.Eip('address', instance=web.id)\n"
        + "pulumi.export('at', address.public_ip.apply(lambda ip: f'https://{ip}'))\n",
        {"web": "open"},
    ),
    "a network load balancer": (
        PLACED + GROUP.format("port(8080, '0.0.0.0/0')") + "web = machine('web', private[0], group)\n"
        "lb = aws.lb.LoadBalancer('lb', load_balancer_type='network', subnets=[one.id for one in public])\n"
        "targets = aws.lb.TargetGroup('targets', port=8080, protocol='TCP', vpc_id=vpc.id)\n"
        "aws.lb.TargetGroupAttachment('attached', target_group_arn=targets.arn, target_id=web.id)\n"
        "aws.lb.Listener('tcp', load_balancer_arn=lb.arn, port=80, protocol='TCP', "
        "default_actions=[{'type': 'forward', 'target_group_arn': targets.arn}])\n",
        {"web": "open"},
    ),
    "a cache": (
        WEB.format("", "private[0]")
        + "places = aws.elasticache.SubnetGroup('places', subnet_ids=[one.id for one in private])\n"
        "cache = aws.elasticache.ReplicationGroup('cache', description='x', engine='redis', port=6379, "
        "node_type='cache.t4g.micro', subnet_group_name=places.name, security_group_ids=[group.id])\n"
        "pulumi.export('at', cache.primary_endpoint_address.apply(lambda at: f'redis://{at}'))\n",
        {"web": "no", "cache": "no"},
    ),
    "files and a queue beside a server": (
        WEB.format("", "private[0]") + SITE + "queue, topic = aws.sqs.Queue('queue'), aws.sns.Topic('topic')\n"
        "aws.sns.TopicSubscription('to', topic=topic.arn, protocol='sqs', endpoint=queue.arn)\n"
        "aws.sqs.QueuePolicy('policy', queue_url=queue.id, policy=pulumi.Output.all(queue.arn, topic.arn).apply("
        "lambda arns: json.dumps({'Statement': [{'Effect': 'Allow', 'Principal': {'Service': 'sns.amazonaws.com'}, "
        "'Action': 'sqs:SendMessage', 'Resource': arns[0], "
        "'Condition': {'ArnEquals': {'aws:SourceArn': arns[1]}}}]})))\n",
        {"web": "no"},
    ),
    "a table and a pool of users": (
        "table = aws.dynamodb.Table('table', hash_key='id', billing_mode='PAY_PER_REQUEST', stream_enabled=True, "
        "stream_view_type='NEW_IMAGE', attributes=[{'name': 'id', 'type': 'S'}])\n"
        "f = function('f', environment={'variables': {'TABLE': table.name}})\n"
        "pool = aws.cognito.UserPool('pool')\naws.cognito.UserPoolClient('client', user_pool_id=pool.id)\n"
        "pulumi.export('stream', table.stream_arn.apply(lambda arn: arn.split('/')[-1]))\n",
        {"f": "no"},
    ),
    "zones, alarms and parameters": (
        WEB.format("", "private[0]") + "zone = aws.route53.Zone('zone', name='example.com')\n"
        "aws.route53.Record('www', zone_id=zone.id, name='www', type='A', ttl=60, records=[web.private_ip])\n"
        "aws.cloudwatch.MetricAlarm('alarm', comparison_operator='GreaterThanThreshold', evaluation_periods=1)\n"
        "aws.ssm.Parameter('servers', type='String', value=zone.name_servers.apply(lambda all: ','.join(all)))\n"
        "aws.kms.Key('key')\naws.secretsmanager.Secret('secret')\naws.backup.Vault('vault')\n"
        "aws.ecr.Repository('images')\naws.budgets.Budget('budget', budget_type='COST', time_unit='MONTHLY')\n",
        {"web": "no"},
    ),
    "a looked-up network": (
        "vpc = aws.ec2.get_vpc(default=True)\n"
        "group = aws.ec2.SecurityGroup('group', vpc_id=vpc.id, ingress=[port(22, vpc.cidr_block)])\n"
        "subnets = aws.ec2.get_subnets(filters=[{'name': 'vpc-id', 'values': [vpc.id]}])\n"
        "web = aws.ec2.Instance('web', ami='ami-1', instance_type='t3.micro', subnet_id=subnets.ids[0],\n"
        "    associate_public_ip_address=False, vpc_security_group_ids=[group.id])\n",
        {"web": "no"},
    ),
    "a component and a hook that writes a line": (
        "class Server(pulumi.ComponentResource):\n"
        "    def __init__(self, name):\n"
        "        super().__init__('acme:index:Server', name)\n"
        "        vpc, public, private = network()\n"
        "        group = aws.ec2.SecurityGroup('group', vpc_id=vpc.id, ingress=[port(443)])\n"
        "        said = pulumi.ResourceHook('said', lambda made: print(made.name))\n"
        "        hooks = pulumi.ResourceHookBinding(after_create=[said])\n"
        "        self.web = machine('web', public[0], group, opts=pulumi.ResourceOptions(parent=self, hooks=hooks))\n"
        "        self.register_outputs({'ip': self.web.public_ip})\n"
        "Server('server')\n",
        {"server": "open"},
    ),
    "an encrypted password": (
        WEB.format("port(443)", "public[0]") + DATA.replace('password="b"', "password=config.require_secret('db')"),
        {"web": "open", "db": "no"},
    ),
}
CONFIG = "config:\n  aws:region: eu-west-1\n  small:db: {secure: v1:a}\n"


def answers(graph: Graph) -> dict[str, str]:
    """By target, whether any path from outside leads there: not from neighbours, and no sessions that IAM allows."""
    model = AwsModel(graph)
    found: dict[str, set[str]] = {}
    for path in trace(model).paths:
        if path.kind is not Kind.OUTBOUND and "internet" in path.source:
            found.setdefault(path.target, set()).add(
                "no" if not path.open else "cannot tell" if path.uncertainty else "open"
            )
    if unread(model):
        found["of anything else"] = {"cannot tell"}
    order = ("open", "cannot tell", "no")
    return {target: next(one for one in order if one in said) for target, said in found.items()}


def test_answers_on_ordinary_programs_are_right_and_rarely_in_doubt(run_program: Run) -> None:
    assert len(PROGRAMS) >= 30
    said: Counter[str] = Counter()
    wrong, doubts = [], []
    for name, (program, truth) in PROGRAMS.items():
        found = answers(run_program(HEAD + program, strict=False, config=CONFIG))
        for target, expected in truth.items():
            answer = found.get(target, "cannot tell" if "of anything else" in found else "no")
            said[answer] += 1
            if answer == "cannot tell":
                doubts.append((name, target))
            elif answer != expected:
                wrong.append((name, target, answer))
    assert wrong == []
    assert said["open"] >= 10
    assert said["no"] >= 10
    assert len(doubts) * 20 <= sum(said.values()), doubts
