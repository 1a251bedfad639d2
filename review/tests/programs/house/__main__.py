"""A house by hand: what a public proxy declares, small enough to check every number of its review."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws


class Component(pulumi.ComponentResource):
    def __init__(
        self, kind: str, name: str, inputs: dict[str, Any] | None = None, parent: pulumi.Resource | None = None
    ) -> None:
        super().__init__(f"gatehouse:index:{kind}", name, inputs or {}, pulumi.ResourceOptions(parent=parent))
        self.opts = pulumi.ResourceOptions(parent=self)


network = Component("PrivateNetwork", "network", {"cidr": "10.0.0.0/16"})
vpc = aws.ec2.Vpc("network-vpc", cidr_block="10.0.0.0/16", enable_dns_hostnames=True, opts=network.opts)
gateway = aws.ec2.InternetGateway("network-internet", vpc_id=vpc.id, opts=network.opts)
public = aws.ec2.Subnet("network-public-1", vpc_id=vpc.id, cidr_block="10.0.0.0/26", opts=network.opts)
zones = aws.get_availability_zones(state="available").names[:2]
private = [
    aws.ec2.Subnet(
        f"network-private-{n}", vpc_id=vpc.id, cidr_block=f"10.0.{n}.0/24", availability_zone=zone, opts=network.opts
    )
    for n, zone in enumerate(zones, 1)
]
outside = aws.ec2.RouteTable("network-public", vpc_id=vpc.id, opts=network.opts)
aws.ec2.Route(
    "network-public-out",
    route_table_id=outside.id,
    destination_cidr_block="0.0.0.0/0",
    gateway_id=gateway.id,
    opts=network.opts,
)
aws.ec2.RouteTableAssociation(
    "network-public-1-table", subnet_id=public.id, route_table_id=outside.id, opts=network.opts
)
nat = Component("NatInstance", "network-nat", parent=network)
nat_group = aws.ec2.SecurityGroup("network-nat-group", vpc_id=vpc.id, opts=nat.opts)
interface = aws.ec2.NetworkInterface(
    "network-nat-interface", subnet_id=public.id, source_dest_check=False, security_groups=[nat_group.id], opts=nat.opts
)
address = aws.ec2.Eip("network-nat-address", domain="vpc", opts=nat.opts)
aws.ec2.EipAssociation(
    "network-nat-address-of-interface", allocation_id=address.id, network_interface_id=interface.id, opts=nat.opts
)
image = aws.ssm.get_parameter_output(
    name="/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-arm64"
).value
aws.ec2.Instance(
    "network-nat-instance",
    ami=image,
    instance_type="t4g.nano",
    primary_network_interface={"network_interface_id": interface.id},
    root_block_device={"volume_size": 2, "volume_type": "gp3", "encrypted": True},
    credit_specification={"cpu_credits": "standard"},
    metadata_options={"http_tokens": "required"},
    opts=nat.opts,
)
for n, subnet in enumerate(private, 1):
    table = aws.ec2.RouteTable(f"network-private-{n}-routes", vpc_id=vpc.id, opts=network.opts)
    aws.ec2.Route(
        f"network-private-{n}-out",
        route_table_id=table.id,
        destination_cidr_block="0.0.0.0/0",
        network_interface_id=interface.id,
        opts=network.opts,
    )
    aws.ec2.RouteTableAssociation(
        f"network-private-{n}-table", subnet_id=subnet.id, route_table_id=table.id, opts=network.opts
    )

backend = Component("Ec2Backend", "backend")
group = aws.ec2.SecurityGroup("backend-group", vpc_id=vpc.id, opts=backend.opts)
server = aws.ec2.Instance(
    "backend-instance",
    ami=image,
    instance_type="t4g.micro",
    subnet_id=private[0].id,
    vpc_security_group_ids=[group.id],
    root_block_device={"volume_size": 8, "volume_type": "gp3", "encrypted": True},
    metadata_options={"http_tokens": "required"},
    opts=backend.opts,
)

proxy = Component("ServerlessProxy", "proxy")
caller = aws.ec2.SecurityGroup("proxy-group", vpc_id=vpc.id, opts=proxy.opts)
edge: dict[str, Any] = {"ip_protocol": "tcp", "from_port": 8080, "to_port": 8080, "opts": proxy.opts}
aws.vpc.SecurityGroupEgressRule(
    "proxy-to-backend-egress", security_group_id=caller.id, referenced_security_group_id=group.id, **edge
)
aws.vpc.SecurityGroupIngressRule(
    "proxy-to-backend-ingress", security_group_id=group.id, referenced_security_group_id=caller.id, **edge
)
lambdas = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
trust = json.dumps({"Version": "2012-10-17", "Statement": [lambdas]})
role = aws.iam.Role("proxy-role", assume_role_policy=trust, opts=proxy.opts)
logs = aws.cloudwatch.LogGroup("proxy-logs", retention_in_days=14, opts=proxy.opts)
function = aws.lambda_.Function(
    "proxy-function",
    role=role.arn,
    runtime="python3.13",
    handler="handler.handle",
    code=pulumi.AssetArchive({"handler.py": pulumi.StringAsset("def handle(event, context): ...")}),
    architectures=["arm64"],
    memory_size=512,
    timeout=1,
    environment={"variables": {"URL": server.private_ip.apply("http://{}:8080".format)}},
    vpc_config={"subnet_ids": [subnet.id for subnet in private], "security_group_ids": [caller.id]},
    opts=proxy.opts,
)

way = {"rate": {"rate": 100, "burst": 50}, "needs": {"keys": {"k": True}}, "to": "proxy"}
reach = {
    "version": 1,
    "kind": "rest",
    "at": {"own": True, "stage": "v1"},
    "ways": {"GET /forward": way, "POST /forward": way},
    "to": {"proxy": {"function": {"of": [function.urn]}}},
    "keys": {"k": {"value": "generated"}},
}
front = Component("ApiFront", "front", {"reach": reach})
body = {
    "openapi": "3.0.1",
    "info": {"title": "house", "version": "1"},
    "paths": {
        "/forward": {
            method: {
                "security": [{"key": []}],
                "x-amazon-apigateway-integration": {
                    "type": "aws_proxy",
                    "httpMethod": "POST",
                    "uri": function.invoke_arn,
                },
            }
            for method in ("get", "post")
        }
    },
    "components": {"securitySchemes": {"key": {"type": "apiKey", "name": "x-api-key", "in": "header"}}},
}
document = pulumi.Output.json_dumps(body)
api = aws.apigateway.RestApi("front-api", body=document, endpoint_configuration={"types": "REGIONAL"}, opts=front.opts)
deployment = aws.apigateway.Deployment(
    "front-deployment", rest_api=api.id, triggers={"body": document}, opts=front.opts
)
stage = aws.apigateway.Stage("front-stage", rest_api=api.id, deployment=deployment.id, stage_name="v1", opts=front.opts)
staged = aws.apigateway.UsagePlanApiStageArgs(api_id=api.id, stage=stage.stage_name)
plan = aws.apigateway.UsagePlan("front-plan", api_stages=[staged], opts=front.opts)
aws.apigateway.UsagePlanKey("front-key", key_id="k", key_type="API_KEY", usage_plan_id=plan.id, opts=front.opts)
aws.apigateway.MethodSettings(
    "front-throttle",
    rest_api=api.id,
    stage_name=stage.stage_name,
    method_path="*/*",
    settings={"throttling_rate_limit": 100, "throttling_burst_limit": 50},
    opts=front.opts,
)
aws.lambda_.Permission(
    "front-may-call",
    action="lambda:InvokeFunction",
    function=function.name,
    principal="apigateway.amazonaws.com",
    source_arn=api.execution_arn.apply("{}/*".format),
    opts=front.opts,
)

pulumi.export("apiUrl", stage.invoke_url)
pulumi.export("token", pulumi.Config().require_secret("token"))
pulumi.export("tenancy", vpc.instance_tenancy)
