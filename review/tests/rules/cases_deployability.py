"""What a deployment or a boot would show."""

from typing import Any

from review.tests.graph_builder import Builder
from review.tests.parts import allowing, group, network, subnet, trust
from review.tests.rules.cases import fault, quiet

fault("FIT-01", at="lonely", message="no IPv4 route out")(lambda build: two_zones(build, routed=False))
quiet("FIT-01")(lambda build: two_zones(build, routed=True))


def two_zones(build: Builder, *, routed: bool) -> None:
    net = network(build)
    lonely = subnet(build, net.vpc, "lonely", "10.0.77.0/24", "b")
    table = build("ec2/routeTable:RouteTable", "lonely-table", vpcId=net.vpc.id)
    build("ec2/routeTableAssociation:RouteTableAssociation", "join", subnetId=lonely.id, routeTableId=table.id)
    if routed:
        nat = build("ec2/natGateway:NatGateway", "second-nat", subnetId=net.public.id)
        inputs: dict[str, Any] = {"destinationCidrBlock": "0.0.0.0/0", "natGatewayId": nat.id}
        build("ec2/route:Route", "out", routeTableId=table.id, **inputs)
    members = group(build, net.vpc, "members")
    build(
        "ecs/service:Service",
        "service",
        networkConfiguration={"subnets": [net.private[0].id, lonely.id], "securityGroups": [members.id]},
    )


fault("FIT-10", at="listener", message="is of us-east-1")(
    lambda build: build(
        "lb/listener:Listener", "listener", certificateArn="arn:aws:acm:us-east-1:123456789012:certificate/a"
    )
)


@quiet("FIT-10")
def _(build: Builder) -> None:
    build("lb/listener:Listener", "listener", certificateArn="arn:aws:acm:eu-west-1:123456789012:certificate/a")
    edge = "arn:aws:acm:us-east-1:123456789012:certificate/b"
    build("apigateway/domainName:DomainName", "edge", domainName="a.example.com", certificateArn=edge)
    build(
        "apigateway/domainName:DomainName",
        "private",
        domainName="b.example.com",
        certificateArn="arn:aws:acm:eu-west-1:123456789012:certificate/c",
        endpointConfiguration={"types": "PRIVATE"},
    )


fault("FIT-10", at="private", message="is of us-east-1")(
    lambda build: build(
        "apigateway/domainName:DomainName",
        "private",
        domainName="b.example.com",
        certificateArn="arn:aws:acm:us-east-1:123456789012:certificate/c",
        endpointConfiguration={"types": "PRIVATE"},
    )
)


fault("FIT-13", at="old", message="python3.8")(
    lambda build: build("lambda/function:Function", "old", runtime="python3.8")
)


@quiet("FIT-13")
def _(build: Builder) -> None:
    build("lambda/function:Function", "new", runtime="python3.13")
    build("lambda/function:Function", "image", packageType="Image")


def in_vpc(build: Builder, *actions: str, attached: str = "") -> None:
    role = build("iam/role:Role", "role", assumeRolePolicy=trust("lambda.amazonaws.com"))
    build("iam/rolePolicy:RolePolicy", "policy", role=role.name, policy=allowing(*actions))
    if attached:
        arn = f"arn:aws:iam::aws:policy/service-role/{attached}"
        build("iam/rolePolicyAttachment:RolePolicyAttachment", "attached", role=role.name, policyArn=arn)
    net = network(build)
    members = group(build, net.vpc, "members")
    config = {"subnetIds": [net.private[0].id], "securityGroupIds": [members.id]}
    build("lambda/function:Function", "function", role=role.arn, vpcConfig=config)


fault("FIT-15", at="function", message="role does not allow ec2:CreateNetworkInterface")(
    lambda build: in_vpc(build, "logs:PutLogEvents", attached="AWSLambdaBasicExecutionRole")
)


@fault("FIT-15", at="function", message="role does not trust Lambda")
def _(build: Builder) -> None:
    own = build("iam/role:Role", "role", assumeRolePolicy=trust("ec2.amazonaws.com"))
    build("lambda/function:Function", "function", role=own.arn)


quiet("FIT-15")(lambda build: in_vpc(build, "ec2:CreateNetworkInterface"))
quiet("FIT-15")(lambda build: in_vpc(build, "logs:PutLogEvents", attached="AWSLambdaVPCAccessExecutionRole"))
