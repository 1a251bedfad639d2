"""One of each type that has a price, for tests of the bill."""

import pulumi_aws as aws

vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
subnet = aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.1.0/24", map_public_ip_on_launch=True)
aws.ec2.NatGateway("nat", subnet_id=subnet.id, allocation_id=aws.ec2.Eip("address", domain="vpc").id)
aws.ec2.VpcEndpoint(
    "endpoint",
    vpc_id=vpc.id,
    service_name="com.amazonaws.eu-west-1.logs",
    vpc_endpoint_type="Interface",
    subnet_ids=[subnet.id],
)
aws.ec2.Instance(
    "machine",
    ami="ami-1",
    instance_type="t4g.small",
    subnet_id=subnet.id,
    monitoring=True,
    credit_specification={"cpu_credits": "unlimited"},
    root_block_device={"volume_size": 8, "volume_type": "gp3"},
    ebs_block_devices=[{"device_name": "/dev/sdb", "volume_size": 20, "volume_type": "gp2"}],
)
template = aws.ec2.LaunchTemplate(
    "template",
    instance_type="t4g.micro",
    block_device_mappings=[{"device_name": "/dev/xvda", "ebs": {"volume_size": 10}}],
    network_interfaces=[{"associate_public_ip_address": "true"}],
)
aws.autoscaling.Group(
    "group", min_size=1, max_size=3, desired_capacity=2, launch_template={"id": template.id, "version": "$Latest"}
)
aws.ebs.Volume("volume", availability_zone="eu-west-1a", size=5)
balancer = aws.lb.LoadBalancer("balancer", load_balancer_type="network", subnets=[subnet.id])
targets = aws.lb.TargetGroup("targets", port=80, protocol="TCP", vpc_id=vpc.id)
aws.lb.Listener(
    "listener",
    load_balancer_arn=balancer.arn,
    port=80,
    protocol="TCP",
    default_actions=[{"type": "forward", "target_group_arn": targets.arn}],
)
task = aws.ecs.TaskDefinition(
    "task",
    family="task",
    cpu="256",
    memory="512",
    requires_compatibilities=["FARGATE"],
    runtime_platform={"cpu_architecture": "ARM64"},
    container_definitions="[]",
)
namespace = aws.servicediscovery.PrivateDnsNamespace("namespace", vpc=vpc.id, name="inside")
registry = aws.servicediscovery.Service("registry", namespace_id=namespace.id)
aws.ecs.Service(
    "service",
    task_definition=task.arn,
    desired_count=2,
    capacity_provider_strategies=[{"capacity_provider": "FARGATE_SPOT", "weight": 1}],
    network_configuration={"subnets": [subnet.id], "assign_public_ip": True},
    service_registries={"registry_arn": registry.arn},
)
function = aws.lambda_.Function(
    "function", role="arn:aws:iam::123456789012:role/r", memory_size=256, reserved_concurrent_executions=3
)
api = aws.apigatewayv2.Api("api", protocol_type="HTTP")
to = aws.apigatewayv2.Integration(
    "to", api_id=api.id, integration_type="AWS_PROXY", integration_uri=function.invoke_arn
)
aws.apigatewayv2.Route("route", api_id=api.id, route_key="GET /", target=to.id.apply("integrations/{}".format))
aws.apigatewayv2.Stage(
    "stage",
    api_id=api.id,
    name="$default",
    default_route_settings={"throttling_rate_limit": 10, "throttling_burst_limit": 5},
)
rest = aws.apigateway.RestApi("rest", endpoint_configuration={"types": "PRIVATE"})
aws.apigateway.Stage(
    "cached", rest_api=rest.id, deployment="d", stage_name="v1", cache_cluster_enabled=True, cache_cluster_size="0.5"
)
plan = aws.apigateway.UsagePlan(
    "plan", api_stages=[{"api_id": rest.id, "stage": "v1"}], quota_settings={"limit": 100, "period": "WEEK"}
)
aws.apigateway.UsagePlanKey("member", key_id="k", key_type="API_KEY", usage_plan_id=plan.id)
visible = aws.wafv2.WebAclVisibilityConfigArgs(
    cloudwatch_metrics_enabled=True, metric_name="m", sampled_requests_enabled=True
)
of_rule = aws.wafv2.WebAclRuleVisibilityConfigArgs(
    cloudwatch_metrics_enabled=True, metric_name="r", sampled_requests_enabled=True
)
aws.wafv2.WebAcl(
    "acl",
    scope="REGIONAL",
    default_action=aws.wafv2.WebAclDefaultActionArgs(allow=aws.wafv2.WebAclDefaultActionAllowArgs()),
    visibility_config=visible,
    rules=[
        aws.wafv2.WebAclRuleArgs(
            name="r", priority=1, statement=aws.wafv2.WebAclRuleStatementArgs(), visibility_config=of_rule
        )
    ],
)
aws.cloudwatch.MetricAlarm(
    "alarm", comparison_operator="GreaterThanThreshold", evaluation_periods=1, period=10, metric_name="m"
)
aws.cloudwatch.LogGroup("logs", retention_in_days=1)
aws.budgets.Budget("budget", budget_type="COST", time_unit="MONTHLY", limit_amount="50", limit_unit="USD")
aws.kms.Key("key")
aws.secretsmanager.Secret("secret")
aws.route53.Zone("zone", name="a.test")
aws.ecr.Repository("images")
aws.s3.Bucket("bucket")
