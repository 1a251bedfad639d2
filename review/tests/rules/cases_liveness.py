"""Requests that never get through, health checks that never pass, routes that end nowhere."""

from types import SimpleNamespace
from typing import Any

from review.tests.front_parts import endpoint, link_stack, private_integration, route
from review.tests.graph_builder import Builder
from review.tests.parts import (
    ANYWHERE,
    attach,
    backend,
    balancer,
    calls,
    edge,
    egress,
    group,
    http,
    ingress,
    machine,
    nat_machine,
    network,
    permission,
    proxy_stack,
    rest,
)
from review.tests.rules.cases import doubt, fault, quiet


@fault("LIVE-01", at="proxy", message="no permission lets api invoke proxy")
def _(build: Builder) -> None:
    function = build("lambda/function:Function", "proxy")
    rest(build, {"/forward": {"get": calls(function)}})


@fault("LIVE-01", at="proxy", message="no permission")
def _(build: Builder) -> None:
    function = build("lambda/function:Function", "proxy")
    gate = rest(build, {"/forward": {"get": calls(function)}})
    permission(build, gate.api, function, sourceArn=gate.api.executionArn + "/*/POST/forward")


@fault("LIVE-01", at="server", message="admits no tcp 8081")
def _(build: Builder) -> None:
    """A rule for another port than the function calls."""
    net = network(build)
    behind, caller = group(build, net.vpc, "behind-group"), group(build, net.vpc, "caller-group")
    edge(build, caller, behind, 8080, "edge")
    egress(build, "also", caller, 8081, referencedSecurityGroupId=behind.id)
    server = machine(build, "server", subnetId=net.private[0].id, vpcSecurityGroupIds=[behind.id])
    function = build(
        "lambda/function:Function",
        "proxy",
        environment={"variables": {"BACKEND_URL": "http://" + server.privateIp + ":8081"}},
        vpcConfig={"subnetIds": [net.private[0].id], "securityGroupIds": [caller.id]},
    )
    gate = rest(build, {"/forward": {"get": calls(function)}})
    permission(build, gate.api, function)


@fault("LIVE-01", at="balancer", message="link-group lets out no tcp 80")
def _(build: Builder) -> None:
    """A listener without a rule from the link."""
    net = network(build)
    front = balancer(build, net)
    attach(build, front.targets, backend(build, net).server)
    _gate(build, net, front)


quiet("LIVE-01", "LIVE-02", "LIVE-07", "LIVE-08")(link_stack)
quiet("LIVE-01")(proxy_stack)


def _gate(build: Builder, net: SimpleNamespace, front: SimpleNamespace, *, wrong: bool = False) -> None:
    members = group(build, net.vpc, "link-group")
    subnets = [one.id for one in net.private]
    link = build("apigatewayv2/vpcLink:VpcLink", "link", subnetIds=subnets, securityGroupIds=[members.id])
    gate = http(build)
    target = front.balancer.arn if wrong else front.listener.arn
    route(build, gate.api, private_integration(build, gate.api, link, target))


def checked(build: Builder, port: str) -> None:
    net = network(build)
    behind, front = backend(build, net), balancer(build, net)
    edge(build, front.group, behind.group, 8080, "balancer-to-backend")
    targets = build("lb/targetGroup:TargetGroup", "checked", port=8080, healthCheck={"port": port})
    build(
        "lb/listener:Listener",
        "second",
        loadBalancerArn=front.balancer.arn,
        port=81,
        defaultActions=[{"type": "forward", "forward": {"targetGroups": [{"arn": targets.arn}]}}],
    )
    attach(build, targets, behind.server)


fault("LIVE-02", at="backend", message="health check of checked on port 9000")(lambda build: checked(build, "9000"))
quiet("LIVE-02")(lambda build: checked(build, "8080"))


def virginia_link(build: Builder, **zone: Any) -> None:
    there: dict[str, Any] = {"region": "us-east-1"}
    vpc = build("ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16", **there)
    resource = build("ec2/subnet:Subnet", "somewhere", vpcId=vpc.id, cidrBlock="10.0.7.0/24", **zone, **there)
    build("apigatewayv2/vpcLink:VpcLink", "link", subnetIds=[resource.id], securityGroupIds=["sg-1"], **there)


fault("LIVE-03", at="somewhere", message="use1-az3")(lambda build: virginia_link(build, availabilityZoneId="use1-az3"))
quiet("LIVE-03")(lambda build: virginia_link(build, availabilityZoneId="use1-az4"))


@quiet("LIVE-03")
def _(build: Builder) -> None:
    # The zone's id is AWS's to choose: the mock's would be use1-az1 to use1-az6, one of which serves no links.
    virginia_link(build)


@fault("LIVE-04", at="balancer", message="eu-west-1a")
def _(build: Builder) -> None:
    net = network(build)
    balancer(build, net, subnets=[net.public.id, net.private[0].id])


@fault("LIVE-04", at="balancer")
def _(build: Builder) -> None:
    net = network(build)
    balancer(build, net, subnets=[net.private[0].id])


@doubt("LIVE-04")
def _(build: Builder) -> None:
    # Two subnets without a zone of their own may be in two.
    net = network(build)
    ids = [
        build("ec2/subnet:Subnet", name, vpcId=net.vpc.id, cidrBlock=f"10.0.{number}.0/24").id
        for number, name in ((8, "one"), (9, "two"))
    ]
    balancer(build, net, subnets=ids)


@quiet("LIVE-04")
def _(build: Builder) -> None:
    net = network(build)
    balancer(build, net)
    build("lb/loadBalancer:LoadBalancer", "network-one", loadBalancerType="network", subnets=[net.private[0].id])


fault("LIVE-05", at="vpc", message="DNS host names")(
    lambda build: endpoint(build, network(build, enableDnsHostnames=False), "ssm")
)
fault("LIVE-05", at="vpc", message="DNS support")(
    lambda build: endpoint(build, network(build, enableDnsSupport=False), "ssm")
)
quiet("LIVE-05")(lambda build: endpoint(build, network(build), "ssm"))


fault("LIVE-07", at="targets")(lambda build: balancer(build, network(build)))


@fault("LIVE-08", at="listener", message="admits port 80 from anybody")
def _(build: Builder) -> None:
    front = balancer(build, network(build))
    ingress(build, "other", front.group, 443, cidrIpv4="10.0.1.0/24")


@quiet("LIVE-08")
def _(build: Builder) -> None:
    net = network(build)
    balancer(build, net, "network", securityGroups=None)


def second_listener(build: Builder, target_group_arn: object) -> None:
    front = balancer(build, network(build))
    ingress(build, "called", front.group, 80, cidrIpv4="10.0.1.0/24")
    build(
        "lb/listener:Listener",
        "second",
        loadBalancerArn=front.balancer.arn,
        port=65535,
        protocol="HTTP",
        defaultActions=[{"type": "forward", "targetGroupArn": target_group_arn or front.targets.arn}],
    )


@quiet("LIVE-08")
def _(build: Builder) -> None:
    """A listener that no group admits keeps the health checks of a group running, to which another one leads."""
    second_listener(build, None)


@fault("LIVE-08", at="second", message="admits port 65535 from anybody")
def _(build: Builder) -> None:
    other = build("lb/targetGroup:TargetGroup", "other", port=8081, protocol="HTTP", vpcId="vpc-1", targetType="ip")
    second_listener(build, other.arn)


def private_link(build: Builder, kind: str = "network", **inputs: Any) -> None:
    net = network(build)
    front = balancer(build, net, kind, **inputs)
    build("apigateway/vpcLink:VpcLink", "link", targetArn=front.balancer.arn)


UNENFORCED = {"enforceSecurityGroupInboundRulesOnPrivateLinkTraffic": "off"}


quiet("LIVE-08")(lambda build: private_link(build, **UNENFORCED))


@fault("LIVE-10", at="integration", message="wants a listener")
def _(build: Builder) -> None:
    net = network(build)
    _gate(build, net, balancer(build, net), wrong=True)


fault("LIVE-10", at="api", message="names no integration target")(lambda build: _rest_link(build))
quiet("LIVE-10")(lambda build: _rest_link(build, target=True))


def _rest_link(build: Builder, *, target: bool = False) -> None:
    net = network(build)
    front = balancer(build, net)
    link = build("apigatewayv2/vpcLink:VpcLink", "link", subnetIds=["subnet-1"], securityGroupIds=["sg-1"])
    integration = {
        "type": "http_proxy",
        "httpMethod": "GET",
        "uri": "http://app.internal:80/x",
        "connectionType": "VPC_LINK",
        "connectionId": link.id,
        **({"integrationTarget": front.balancer.arn} if target else {}),
    }
    rest(build, {"/x": {"get": {"x-amazon-apigateway-integration": integration}}})


fault("ROUTE-01", at="private-1-out", message="black hole")(lambda build: network(build, egress="instance"))


@fault("ROUTE-01", at="private-1-out", message="source/destination check is on")
def _(build: Builder) -> None:
    net = network(build, egress="none")
    card = build("ec2/networkInterface:NetworkInterface", "card", subnetId=net.public.id)
    machine(build, "nat", primaryNetworkInterface={"networkInterfaceId": card.id})
    build(
        "ec2/route:Route",
        "private-1-out",
        routeTableId=net.tables[0].id,
        destinationCidrBlock=ANYWHERE,
        networkInterfaceId=card.id,
    )


quiet("ROUTE-01")(lambda build: nat_machine(build, network(build, egress="instance").interface))
quiet("ROUTE-01")(lambda build: network(build, egress="nat"))


def dual_stack(build: Builder) -> SimpleNamespace:
    net = network(build)
    six = build("ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway", "six", vpcId=net.vpc.id)
    build(
        "ec2/route:Route",
        "six-out",
        routeTableId=net.tables[0].id,
        destinationIpv6CidrBlock="::/0",
        egressOnlyGatewayId=six.id,
    )
    return backend(build, net)


fault("ROUTE-05", at="backend")(dual_stack)
quiet("ROUTE-05")(lambda build: egress(build, "six-too", dual_stack(build).group, 443, cidrIpv6="::/0"))


@fault("LIVE-04", at="balancer", message="balancer has no subnets")
def _no_subnets(build: Builder) -> None:
    build("lb/loadBalancer:LoadBalancer", "balancer", subnets=[])
