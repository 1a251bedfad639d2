"""Programs as others write them, with members declared inside of their parents: the stack's name chooses one."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws

AMI = "ami-0abcdef1234567890"


def _trust(service: str) -> str:
    allowed = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": f"{service}.amazonaws.com"}}
    return json.dumps({"Version": "2012-10-17", "Statement": [allowed]})


def _network(zones: int = 1) -> tuple[aws.ec2.Vpc, list[aws.ec2.Subnet]]:
    vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", enable_dns_hostnames=True)
    gateway = aws.ec2.InternetGateway("gateway", vpc_id=vpc.id)
    way: Any = {"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}
    table = aws.ec2.RouteTable("table", vpc_id=vpc.id, routes=[way])
    subnets = []
    for number in range(zones):
        zone, block = f"eu-west-1{'abc'[number]}", f"10.0.{number}.0/24"
        subnet = aws.ec2.Subnet(f"subnet-{number}", vpc_id=vpc.id, cidr_block=block, availability_zone=zone)
        aws.ec2.RouteTableAssociation(f"way-{number}", subnet_id=subnet.id, route_table_id=table.id)
        subnets.append(subnet)
    return vpc, subnets


def _group(vpc: aws.ec2.Vpc, port: int, *sources: str) -> aws.ec2.SecurityGroup:
    inwards: Any = {"protocol": "tcp", "from_port": port, "to_port": port, "cidr_blocks": list(sources)}
    outwards: Any = {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}
    return aws.ec2.SecurityGroup("web", vpc_id=vpc.id, ingress=[inwards], egress=[outwards])


def _function(**more: Any) -> aws.lambda_.Function:
    role = aws.iam.Role("role", assume_role_policy=_trust("lambda"), managed_policy_arns=[
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"])  # fmt: skip
    code = pulumi.AssetArchive({"index.py": pulumi.StringAsset("def handler(event, context):\n    return {}\n")})
    return aws.lambda_.Function("fn", role=role.arn, runtime="python3.13", handler="index.handler", code=code, **more)


def machine() -> None:
    """An instance with IMDSv2 only. The rules of its group are inline."""
    vpc, (subnet,) = _network()
    group = _group(vpc, 443, "192.0.2.0/24")
    aws.ec2.Instance(
        "box",
        ami=AMI,
        instance_type="t3.micro",
        subnet_id=subnet.id,
        vpc_security_group_ids=[group.id],
        metadata_options={"http_tokens": "required"},
    )


def quick_api() -> None:
    """An HTTP API of one line."""
    function = _function()
    api = aws.apigatewayv2.Api("api", protocol_type="HTTP", target=function.arn)
    source = api.execution_arn.apply(lambda arn: f"{arn}/*")
    aws.lambda_.Permission("may", action="lambda:InvokeFunction", function=function.name,
                           principal="apigateway.amazonaws.com", source_arn=source)  # fmt: skip


def http_api() -> None:
    """An HTTP API of parts, whose route is open."""
    function = _function(environment={"variables": {"A": "b"}})
    api = aws.apigatewayv2.Api("api", protocol_type="HTTP", cors_configuration={"allow_origins": ["*"]})
    integration = aws.apigatewayv2.Integration(
        "to-fn", api_id=api.id, integration_type="AWS_PROXY", integration_uri=function.invoke_arn
    )
    target = integration.id.apply(lambda name: f"integrations/{name}")
    aws.apigatewayv2.Route("route", api_id=api.id, route_key="GET /", target=target)
    aws.apigatewayv2.Stage("stage", api_id=api.id, name="$default", auto_deploy=True)


def rest_api() -> None:
    """A REST API of resources and methods, with a policy in AWS's short form."""
    whom = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    where = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**whom, "Condition": where}]})
    function = _function()
    api = aws.apigateway.RestApi("api", policy=policy)
    orders = aws.apigateway.Resource("orders", rest_api=api.id, parent_id=api.root_resource_id, path_part="orders")
    method = aws.apigateway.Method(
        "get", rest_api=api.id, resource_id=orders.id, http_method="GET", authorization="AWS_IAM"
    )
    integration = aws.apigateway.Integration(
        "to-fn",
        rest_api=api.id,
        resource_id=orders.id,
        http_method=method.http_method,
        type="AWS_PROXY",
        integration_http_method="POST",
        uri=function.invoke_arn,
    )
    depends = pulumi.ResourceOptions(depends_on=[integration])
    deployment = aws.apigateway.Deployment("deployment", rest_api=api.id, opts=depends)
    aws.apigateway.Stage("stage", rest_api=api.id, deployment=deployment.id, stage_name="v1")


def queues() -> None:
    """Queue, topic and table with policies, and a role with its policies inside."""
    queue = aws.sqs.Queue("jobs", visibility_timeout_seconds=60)
    topic = aws.sns.Topic("news")
    aws.sns.TopicSubscription("to-jobs", topic=topic.arn, protocol="sqs", endpoint=queue.arn)
    allowed = {"Effect": "Allow", "Action": "sqs:SendMessage", "Principal": {"Service": "sns.amazonaws.com"}}
    policy = pulumi.Output.all(queue.arn, topic.arn).apply(lambda arns: json.dumps({
        "Version": "2012-10-17", "Statement": [
            {**allowed, "Resource": arns[0], "Condition": {"ArnEquals": {"aws:SourceArn": arns[1]}}}]}))  # fmt: skip
    aws.sqs.QueuePolicy("may-send", queue_url=queue.url, policy=policy)
    aws.dynamodb.Table("table", attributes=[{"name": "id", "type": "S"}], hash_key="id", billing_mode="PAY_PER_REQUEST")
    read = {"Effect": "Allow", "Action": "sqs:ReceiveMessage", "Resource": "*"}
    inside: Any = {"name": "read", "policy": json.dumps({"Version": "2012-10-17", "Statement": [read]})}
    aws.iam.Role("worker", assume_role_policy=_trust("ec2"), inline_policies=[inside])


def balancer() -> None:
    """A public load balancer in front of a machine that is registered by name."""
    vpc, subnets = _network(2)
    group = _group(vpc, 80, "0.0.0.0/0")
    box = aws.ec2.Instance("box", ami=AMI, instance_type="t3.micro", subnet_id=subnets[0].id,
                           vpc_security_group_ids=[group.id])  # fmt: skip
    public = aws.lb.LoadBalancer("public", security_groups=[group.id], subnets=[subnet.id for subnet in subnets])
    targets = aws.lb.TargetGroup("targets", port=80, protocol="HTTP", vpc_id=vpc.id)
    aws.lb.TargetGroupAttachment("to-box", target_group_arn=targets.arn, target_id=box.id)
    forward: Any = {"type": "forward", "target_group_arn": targets.arn}
    aws.lb.Listener("listener", load_balancer_arn=public.arn, port=80, default_actions=[forward])


def service() -> None:
    """A service of Fargate without a load balancer, in Cloud Map."""
    vpc, (subnet,) = _network()
    group = _group(vpc, 80, "10.0.0.0/16")
    cluster = aws.ecs.Cluster("cluster")
    execution = aws.iam.Role("execution", assume_role_policy=_trust("ecs-tasks"))
    task = aws.ecs.TaskDefinition(
        "task",
        family="web",
        cpu="256",
        memory="512",
        network_mode="awsvpc",
        requires_compatibilities=["FARGATE"],
        execution_role_arn=execution.arn,
        container_definitions=json.dumps([{"name": "web", "image": "nginx", "portMappings": [{"containerPort": 80}]}]),
    )
    space = aws.servicediscovery.PrivateDnsNamespace("space", name="local.test", vpc=vpc.id)
    record: Any = {"namespace_id": space.id, "dns_records": [{"ttl": 10, "type": "A"}]}
    names = aws.servicediscovery.Service("names", dns_config=record)
    where: Any = {"subnets": [subnet.id], "security_groups": [group.id], "assign_public_ip": True}
    aws.ecs.Service(
        "web",
        cluster=cluster.arn,
        task_definition=task.arn,
        desired_count=1,
        launch_type="FARGATE",
        network_configuration=where,
        service_registries={"registry_arn": names.arn},
    )


def secrets() -> None:
    """A key, a secret, a log group with an alarm, and a schedule."""
    key = aws.kms.Key("key", enable_key_rotation=True)
    aws.secretsmanager.Secret("secret", kms_key_id=key.arn)
    aws.cloudwatch.LogGroup("log", retention_in_days=7)
    aws.cloudwatch.MetricAlarm("alarm", comparison_operator="GreaterThanThreshold", evaluation_periods=1,
                               metric_name="Errors", namespace="AWS/Lambda", period=60, statistic="Sum",
                               threshold=1)  # fmt: skip
    function = _function(memory_size=256, timeout=10)
    rule = aws.cloudwatch.EventRule("hourly", schedule_expression="rate(1 hour)")
    aws.cloudwatch.EventTarget("to-fn", rule=rule.name, arn=function.arn)
    aws.lambda_.Permission("may", action="lambda:InvokeFunction", function=function.name,
                           principal="events.amazonaws.com", source_arn=rule.arn)  # fmt: skip


def elsewhere() -> None:
    """Members that other resources declare than those that Gatehouse uses, for several parents at once."""
    vpc, (subnet,) = _network()
    group = aws.ec2.SecurityGroup("classic", vpc_id=vpc.id, egress=[])
    ends: Any = {"type": "ingress", "protocol": "tcp", "security_group_id": group.id}
    aws.ec2.SecurityGroupRule("web", from_port=80, to_port=80, cidr_blocks=["10.0.0.0/16", "192.0.2.0/24"], **ends)
    aws.ec2.SecurityGroupRule("own", from_port=8080, to_port=8080, self=True, **ends)
    box = aws.ec2.Instance("box", ami=AMI, instance_type="t3.micro", subnet_id=subnet.id,
                           vpc_security_group_ids=[group.id])  # fmt: skip
    targets = aws.lb.TargetGroup("targets", port=80, protocol="HTTP", vpc_id=vpc.id)
    aws.lb.TargetGroupAttachment("to-box", target_group_arn=targets.arn, target_id=box.id, port=8080)
    read = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
    policy = aws.iam.Policy("read", policy=json.dumps({"Version": "2012-10-17", "Statement": [read]}))
    reader, user = aws.iam.Role("reader", assume_role_policy=_trust("ec2")), aws.iam.User("user")
    aws.iam.PolicyAttachment("to-both", policy_arn=policy.arn, roles=[reader.name], users=[user.name])
    people = aws.iam.Group("people")
    aws.iam.UserGroupMembership("in-people", user=user.name, groups=[people.name])
    function = _function(publish=True)
    bus = aws.cloudwatch.EventBus("bus")
    aws.cloudwatch.EventPermission("may-put", event_bus_name=bus.name, principal="222222222222", statement_id="may")
    live = aws.lambda_.Alias("live", name="live", function_name=function.name, function_version=function.version)
    aws.lambda_.Permission("may", action="lambda:InvokeFunction", function=function.name, qualifier=live.name,
                           principal="events.amazonaws.com", statement_id="may")  # fmt: skip


PROGRAMS = {program.__name__.replace("_", "-"): program for program in (
    machine, quick_api, http_api, rest_api, queues, balancer, service, secrets, elsewhere)}  # fmt: skip

if __name__ == "__main__":
    PROGRAMS[pulumi.get_stack()]()
