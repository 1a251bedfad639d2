"""Exposure."""

from typing import Any

from review.tests.front_parts import link_stack, private_stack
from review.tests.graph_builder import Builder, Declare
from review.tests.parts import (
    ANYWHERE,
    attach,
    backend,
    balancer,
    edge,
    egress,
    forwarder,
    group,
    ingress,
    machine,
    network,
    proxy_stack,
)
from review.tests.rules.cases import fault, quiet


@fault("NET-01", at="backend", message="public IPv4 address")
@fault("NET-06", at="public", message="internet gateway")
def _(build: Builder) -> None:
    net = network(build)
    server = backend(build, net, subnetId=net.public.id, associatePublicIpAddress=True)
    forwarder(build, net, server)


@fault("NET-01", at="service", message="public IPv4 address")
def _(build: Builder) -> None:
    net = network(build)
    members = group(build, net.vpc, "service-group")
    build(
        "ecs/service:Service",
        "service",
        networkConfiguration={"subnets": [net.public.id], "securityGroups": [members.id], "assignPublicIp": True},
    )


@fault("NET-01", at="server", message="public IPv6 address")
def _(build: Builder) -> None:
    net = network(build)
    build(
        "ec2/route:Route",
        "public-out-six",
        routeTableId=net.outside.id,
        destinationIpv6CidrBlock="::/0",
        gatewayId=net.gateway.id,
    )
    members = group(build, net.vpc, "server-group")
    machine(build, "server", subnetId=net.public.id, vpcSecurityGroupIds=[members.id], ipv6AddressCount=1)


@quiet("NET-01", "NET-06")
def _(build: Builder) -> None:
    """A bastion in a public subnet is nobody's backend."""
    stack = proxy_stack(build)
    members = group(build, stack.net.vpc, "bastion-group")
    machine(
        build, "bastion", subnetId=stack.net.public.id, vpcSecurityGroupIds=[members.id], associatePublicIpAddress=True
    )


fault("NET-02", at="backend-in", message="tcp 8080 from 0.0.0.0/0")(
    lambda build: ingress(build, "backend-in", proxy_stack(build).backend.group, 8080, cidrIpv4=ANYWHERE)
)


@fault("NET-02", at="open", message="from ::/0")
def _(build: Builder) -> None:
    net = network(build)
    rule = {"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["10.0.0.0/16"], "ipv6CidrBlocks": ["::/0"]}
    group(build, net.vpc, "open", ingress=[rule])


@quiet("NET-02")
def _(build: Builder) -> None:
    """An internet-facing balancer is open on the port that it listens on."""
    net = network(build)
    front = balancer(build, net, internal=False, subnets=[net.public.id, net.private[0].id])
    ingress(build, "front-in", front.group, 80, cidrIpv4=ANYWHERE)


fault("NET-03", at="ssh", message="SSH from 0.0.0.0/0")(
    lambda build: ingress(build, "ssh", proxy_stack(build).backend.group, 22, cidrIpv4=ANYWHERE)
)


@fault("NET-03", at="rdp", message="RDP from 203.0.113.0/24")
def _(build: Builder) -> None:
    members = proxy_stack(build).backend.group
    ingress(build, "rdp", members, cidrIpv4="203.0.113.0/24", ipProtocol="tcp", fromPort=3000, toPort=4000)


@quiet("NET-03")
def _(build: Builder) -> None:
    """SSH from inside, as an Instance Connect endpoint has it."""
    stack = proxy_stack(build)
    door = group(build, stack.net.vpc, "door-group")
    edge(build, door, stack.backend.group, 22, "door-to-backend")
    ingress(build, "office", stack.backend.group, 22, cidrIpv4="192.168.0.0/24")


@fault("NET-04", at="wide", message="every port from proxy-group")
def _(build: Builder) -> None:
    stack = proxy_stack(build)
    ingress(build, "wide", stack.backend.group, referencedSecurityGroupId=stack.proxy.group.id, ipProtocol="-1")


@fault("NET-04", at="wide", message="every tcp port")
def _(build: Builder) -> None:
    stack = proxy_stack(build)
    ports: dict[str, Any] = {"ipProtocol": "tcp", "fromPort": 0, "toPort": 65535}
    ingress(build, "wide", stack.backend.group, cidrIpv4="10.0.1.0/24", **ports)


@quiet("NET-04", "NET-02", "NET-05")
def _(build: Builder) -> None:
    """A NAT instance passes on every port of the VPC's."""
    proxy_stack(build, egress="instance")


fault("NET-05", at="backend-in", message="open to the whole network 10.0.0.0/16")(
    lambda build: ingress(build, "backend-in", proxy_stack(build).backend.group, 8080, cidrIpv4="10.0.0.0/16")
)
fault("NET-05", at="balancer-in", message="balancer is open to the whole network")(
    lambda build: ingress(build, "balancer-in", link_stack(build).front.group, 80, cidrIpv4="10.0.0.0/8")
)


@quiet("NET-05")
def _(build: Builder) -> None:
    """A balancer without a group can be named by its subnets only."""
    ingress(build, "backend-in", proxy_stack(build).backend.group, 8080, cidrIpv4="10.0.1.0/24")


fault("NET-07", at="balancer", message="internet-facing")(lambda build: _link_to(build, internal=False))
quiet("NET-07")(lambda build: _link_to(build, internal=True))


def _link_to(build: Builder, *, internal: bool) -> None:
    from review.tests.front_parts import private_integration, route
    from review.tests.parts import http

    net = network(build)
    behind = backend(build, net)
    front = balancer(build, net, internal=internal)
    attach(build, front.targets, behind.server)
    members = group(build, net.vpc, "link-group")
    edge(build, members, front.group, 80, "link-to-balancer")
    edge(build, front.group, behind.group, 8080, "balancer-to-backend")
    subnets = [one.id for one in net.private]
    link = build("apigatewayv2/vpcLink:VpcLink", "link", subnetIds=subnets, securityGroupIds=[members.id])
    gate = http(build)
    route(build, gate.api, private_integration(build, gate.api, link, front.listener.arn))


fault("NET-08", at="vpc", message="as AWS made it")(lambda build: build("ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16"))


@fault("NET-08", at="default", message="has rules")
def _(build: Builder) -> None:
    vpc = build("ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16")
    rule = {"protocol": "-1", "fromPort": 0, "toPort": 0, "self": True}
    build("ec2/defaultSecurityGroup:DefaultSecurityGroup", "default", vpcId=vpc.id, ingress=[rule])


@quiet("NET-08")
def _(build: Builder) -> None:
    vpc = build("ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16")
    build("ec2/defaultSecurityGroup:DefaultSecurityGroup", "default", vpcId=vpc.id)


fault("NET-09", at="endpoint-open", message="from 0.0.0.0/0")(
    lambda build: ingress(build, "endpoint-open", private_stack(build).door.group, 443, cidrIpv4=ANYWHERE)
)


@quiet("NET-09")
def _(build: Builder) -> None:
    door = private_stack(build).door
    ingress(build, "from-peer", door.group, 443, cidrIpv4="172.16.0.0/16")


fault("NET-10", at="proxy-out", message="0.0.0.0/0")(
    lambda build: egress(build, "proxy-out", proxy_stack(build).proxy.group, cidrIpv4=ANYWHERE, ipProtocol="-1")
)
quiet("NET-10")(
    lambda build: egress(build, "proxy-out", proxy_stack(build).proxy.group, 443, cidrIpv4="203.0.113.10/32")
)


def _s3(build: Builder, *, way_out: str, **inputs: Any) -> None:
    net = network(build, egress=way_out)
    build(
        "ec2/vpcEndpoint:VpcEndpoint",
        "s3",
        vpcId=net.vpc.id,
        serviceName="com.amazonaws.eu-west-1.s3",
        vpcEndpointType="Gateway",
        routeTableIds=[table.id for table in net.tables],
        **inputs,
    )


fault("NET-12", at="s3", message="only way out")(lambda build: _s3(build, way_out="none"))
fault("NET-12", at="s3", message="only way out")(
    lambda build: _s3(
        build,
        way_out="none",
        policy='{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}',
    )
)
quiet("NET-12")(lambda build: _s3(build, way_out="nat"))


@quiet("NET-12")
def _(build: Builder) -> None:
    policy = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::a/*"}}'
    _s3(build, way_out="none", policy=policy)


def doors(*private: bool, vpcs: int = 1) -> Declare:
    """Endpoints for one service in these networks, with private DNS or without."""

    def declare(build: Builder) -> None:
        homes = [build("ec2/vpc:Vpc", f"vpc-{number}", cidrBlock="10.0.0.0/16") for number in range(vpcs)]
        for number, is_private in enumerate(private):
            given: Any = {"vpcEndpointType": "Interface", "privateDnsEnabled": is_private}
            home = homes[number % vpcs].id
            service = "com.amazonaws.eu-west-1.sqs"
            build("ec2/vpcEndpoint:VpcEndpoint", f"door-{number}", vpcId=home, serviceName=service, **given)

    return declare


fault("FIT-51", at="door-1", message="door-1 has the private names of one service in vpc-0, and so has door-0")(
    doors(True, True)
)
quiet("FIT-51")(doors(True, False))
quiet("FIT-51")(doors(True, True, vpcs=2))
