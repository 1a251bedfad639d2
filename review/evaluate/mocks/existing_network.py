"""Answers to lookups of networks that exist: VPCs, subnets, route tables, groups, balancers, images."""

from collections.abc import Mapping
from typing import Any, Final

from ...aws.compute.architecture import of_instance_type
from .lookup_context import Answer, Arguments, LookupContext


def _subnet(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    named = context.configured("subnet")
    subnet_id = arguments.get("id") or next(iter(named), f"subnet-0{context.digits('default subnet')}")
    at = named.index(subnet_id) if subnet_id in named else int(context.digits(subnet_id, 4), 16)
    zones = context.location.zones
    # Each subnet that the config names is in a zone of its own, which is what a list of them means.
    zone = arguments.get("availabilityZone") or list(zones)[at % len(zones)]
    return {
        "id": subnet_id,
        "arn": context.location.arn("ec2", f"subnet/{subnet_id}"),
        "vpcId": arguments.get("vpcId") or context.vpc,
        "cidrBlock": arguments.get("cidrBlock") or f"10.0.{at % 256}.0/24",
        "availabilityZone": zone,
        "availabilityZoneId": zones.get(zone, ""),
        "availableIpAddressCount": 250,
        "mapPublicIpOnLaunch": False,
        "ipv6CidrBlock": f"2001:db8:0:{at % 256:x}::/64" if context.has_ipv6 else "",
        "ipv6CidrBlockAssociationId": "",
        "ownerId": context.location.account,
        "state": "available",
    }


def _subnets(context: LookupContext, _arguments: Arguments) -> dict[str, Any]:
    made = [f"subnet-0{context.digits(f'subnet {number}')}" for number in range(2)]
    return {"id": context.location.region, "ids": context.configured("subnet") or made}


def _route_table(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    seed = arguments.get("routeTableId") or arguments.get("subnetId") or arguments.get("vpcId") or "main"
    table_id = arguments.get("routeTableId") or f"rtb-0{context.digits(seed)}"
    # Of a private subnet: its own network, and a NAT gateway for other addresses. With a route to an internet gateway
    # the subnet would be public, and nothing in the config makes it so.
    ways_out = [{"cidrBlock": "0.0.0.0/0", "natGatewayId": f"nat-0{context.digits('nat')}"}]
    if context.has_ipv6:
        ways_out.append({"ipv6CidrBlock": "::/0", "egressOnlyGatewayId": f"eigw-0{context.digits('egress')}"})
    return {
        "id": table_id,
        "routeTableId": table_id,
        "arn": context.location.arn("ec2", f"route-table/{table_id}"),
        "vpcId": arguments.get("vpcId") or context.vpc,
        "routes": [{**dict.fromkeys(_ROUTE_FIELDS.split(), ""), **way_out} for way_out in ways_out],
        "ownerId": context.location.account,
    }


_ROUTE_FIELDS: Final = (
    "carrierGatewayId cidrBlock coreNetworkArn destinationPrefixListId egressOnlyGatewayId gatewayId instanceId "
    "ipv6CidrBlock localGatewayId natGatewayId networkInterfaceId transitGatewayId vpcEndpointId vpcPeeringConnectionId"
)


def _balancer(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    name, location = arguments.get("name") or "existing", context.location
    own = f"loadbalancer/app/{name}/{context.digits(name)}"
    arn = arguments.get("arn") or location.arn("elasticloadbalancing", own)
    kind = "network" if "/net/" in arn else "application"
    dns = f"internal-{name}-{int(context.digits(arn, 8), 16)}.{location.region}.elb.{location.suffix}"
    made = {"id": arn, "arn": arn, "loadBalancerType": kind, "dnsName": dns}
    groups = context.configured("sg") or [f"sg-0{context.digits(arn)}"]
    return {**made, "internal": True, "vpcId": context.vpc, "securityGroups": groups, "idleTimeout": _LONGEST_IDLE}


def _listener(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    arn = arguments.get("arn")
    if arn is None:
        parent = str(arguments.get("loadBalancerArn"))
        arn = parent.replace(":loadbalancer/", ":listener/") + "/" + context.digits(parent)
    else:
        parent = arn.replace(":listener/", ":loadbalancer/").rpartition("/")[0]
    # The protocol that a listener of its kind most often has; a name of a certificate means TLS.
    network, encrypted = "/net/" in parent, "serverName" in context.config
    protocol = ("TLS" if encrypted else "TCP") if network else ("HTTPS" if encrypted else "HTTP")
    # Two listeners of one balancer have two ports.
    own = 1024 + int(context.digits(arn, 4), 16) % 64_000
    port = arguments.get("port") or own
    return {"id": arn, "arn": arn, "loadBalancerArn": parent, "port": port, "protocol": protocol}


def _instance_type(_asked: LookupContext, arguments: Arguments) -> dict[str, Any]:
    kind = str(arguments.get("instanceType"))
    return {"id": kind, "supportedArchitectures": [of_instance_type(kind)]}


_LONGEST_IDLE: Final = 4000
"""The most that AWS takes: a made-up number must not refuse a route that a real balancer carries."""
_LIST_ID: Final = ("{prefixListId}", "{id}", "pl-{name:x8}")
_LIST: Final = {"name": ("{name}", "{filter-prefix-list-name}", "com.amazonaws.{region}.s3"), "id": _LIST_ID}

ANSWERS: Final[Mapping[str, Answer]] = {
    "aws:ec2/getPrefixList:getPrefixList": {**_LIST, "prefixListId": "{id}", "cidrBlocks": ["192.0.2.0/24"]},
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": {
        **_LIST,
        "entries": [{"cidr": "192.0.2.0/24", "description": ""}],
        "ownerId": "AWS",
        "addressFamily": "IPv4",
    },
    "aws:ec2/getVpc:getVpc": {
        "id": ("{id}", "{vpc}"),
        "arn": "arn:{partition}:ec2:{region}:{account}:vpc/{id}",
        "cidrBlock": ("{cidrBlock}", "10.0.0.0/16"),
        "cidrBlockAssociations": [
            {"associationId": "vpc-cidr-assoc-0{id:x16}", "cidrBlock": "10.0.0.0/16", "state": "associated"}
        ],
        "ipv6CidrBlock": "",
        "ipv6AssociationId": "",
        "enableDnsHostnames": True,
        "enableDnsSupport": True,
        "instanceTenancy": "default",
        "mainRouteTableId": "rtb-0{id:x16}",
        "ownerId": "{account}",
        "state": "available",
    },
    "aws:ec2/getSubnet:getSubnet": _subnet,
    "aws:ec2/getSubnets:getSubnets": _subnets,
    "aws:ec2/getRouteTable:getRouteTable": _route_table,
    "aws:ec2/getRouteTables:getRouteTables": {"id": "{region}", "ids": "{tables}"},
    "aws:ec2/getSecurityGroup:getSecurityGroup": {
        "id": ("{id}", "{sg}", "sg-0{all:x16}"),
        "arn": "arn:{partition}:ec2:{region}:{account}:security-group/{id}",
        "name": ("{name}", "existing"),
        "vpcId": ("{vpcId}", "{vpc}"),
    },
    # A prefix list: the review does not know its ranges.
    "aws:vpc/getSecurityGroupRules:getSecurityGroupRules": {"id": "{region}", "ids": ["sgr-0{all:x16}"]},
    "aws:vpc/getSecurityGroupRule:getSecurityGroupRule": {
        "id": "{securityGroupRuleId}",
        "ipProtocol": "-1",
        "isEgress": False,
        "prefixListId": "pl-{id:x8}",
    },
    "aws:ec2/getAmi:getAmi": {
        "id": "ami-0{all:x16}",
        "imageId": "{id}",
        "arn": "arn:{partition}:ec2:{region}::image/{id}",
        "architecture": ("{filter-architecture}", "x86_64"),
        "rootDeviceName": "/dev/xvda",
        "rootDeviceType": "ebs",
        "state": "available",
        "ownerId": "137112412989",
    },
    "aws:ec2/getInstanceType:getInstanceType": _instance_type,
    "aws:ec2/getVpcEndpoint:getVpcEndpoint": {
        "id": ("{id}", "vpce-0{all:x16}"),
        "arn": "arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{id}",
        "serviceName": ("{serviceName}", "com.amazonaws.{region}.execute-api"),
        "vpcEndpointType": ("{filter-vpc-endpoint-type}", "Interface"),
        "vpcId": ("{vpcId}", "{vpc}"),
        "dnsEntries": [
            {"dnsName": "{id}-{id:x8}.{serviceName:last}.{region}.vpce.{suffix}", "hostedZoneId": "Z{region:X12}"}
        ],
        "securityGroupIds": ["sg-0{id:x16}"],
        "subnetIds": "{subnets}",
        "networkInterfaceIds": [],
        "routeTableIds": "{tables}",
        "prefixListId": "pl-{serviceName:x8}",
        "privateDnsEnabled": True,
        "requesterManaged": False,
        "policy": "",
        "ownerId": "{account}",
        "state": "available",
    },
    "aws:ec2/getVpcEndpointService:getVpcEndpointService": {
        "id": ("{serviceName}", "com.amazonaws.{region}.{service}"),
        "serviceName": "{id}",
        "availabilityZones": "{zones}",
        "owner": "amazon",
    },
    "aws:apigatewayv2/getVpcLink:getVpcLink": {
        "id": "{vpcLinkId}",
        "arn": "arn:{partition}:apigateway:{region}::/vpclinks/{id}",
        "name": "existing",
        "securityGroupIds": ["sg-0{id:x16}"],
        "subnetIds": "{subnets}",
    },
    "aws:lb/getLoadBalancer:getLoadBalancer": _balancer,
    "aws:lb/getListener:getListener": _listener,
}
