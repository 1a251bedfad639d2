"""An API in front of an internal load balancer that awsx made, through a VPC link."""

import pulumi
import pulumi_aws as aws
import pulumi_awsx as awsx
from gatehouse import ApiFront, ApiFrontArgs, RouteArgs, TargetArgs, ThrottleArgs

PORT = 80

vpc = awsx.ec2.Vpc(
    "vpc",
    number_of_availability_zones=2,
    nat_gateways=awsx.ec2.NatGatewayConfigurationArgs(strategy=awsx.ec2.NatGatewayStrategy.NONE),
)

# By default awsx creates a security group that is open to everyone, so we pass one.
link_group = aws.ec2.SecurityGroup("link", vpc_id=vpc.vpc_id, description="VPC link: to the balancer alone")
balancer_group = aws.ec2.SecurityGroup("balancer", vpc_id=vpc.vpc_id, description="Balancer: from the VPC link alone")
aws.vpc.SecurityGroupEgressRule(
    "link-to-balancer",
    security_group_id=link_group.id,
    referenced_security_group_id=balancer_group.id,
    ip_protocol="tcp",
    from_port=PORT,
    to_port=PORT,
)
aws.vpc.SecurityGroupIngressRule(
    "balancer-from-link",
    security_group_id=balancer_group.id,
    referenced_security_group_id=link_group.id,
    ip_protocol="tcp",
    from_port=PORT,
    to_port=PORT,
)
balancer = awsx.lb.ApplicationLoadBalancer(
    "balancer",
    internal=True,
    subnet_ids=vpc.private_subnet_ids,
    security_groups=[balancer_group.id],
    listener=awsx.lb.ListenerArgs(port=PORT, protocol="HTTP"),
)
link = aws.apigatewayv2.VpcLink("link", subnet_ids=vpc.private_subnet_ids, security_group_ids=[link_group.id])

# In awsx's types the list is optional.
listener_arn = balancer.listeners.apply(lambda listeners: listeners[0].arn if listeners else "")

front = ApiFront(
    "front",
    ApiFrontArgs(
        kind="http",
        routes=[RouteArgs(path="/", methods=["ANY"], target="shop", authorization="iam")],
        targets={"shop": TargetArgs(link_id=link.id, listener_arn=listener_arn)},
        throttle=ThrottleArgs(rate=50, burst=25),
    ),
)

pulumi.export("url", front.url)
