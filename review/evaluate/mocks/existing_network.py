"""Answers to lookups of networks that exist: VPCs, subnets, route tables, groups, balancers, images."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ...aws.architecture import of_instance_type
from .lookup_context import Answer, Arguments, LookupContext


def _prefix_list(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    list_id, name = _named_list(context, arguments)
    return {"id": list_id, "prefixListId": list_id, "name": name, "cidrBlocks": ["192.0.2.0/24"]}


def _managed_list(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    list_id, name = _named_list(context, arguments)
    entries = [{"cidr": "192.0.2.0/24", "description": ""}]
    return {"id": list_id, "name": name, "entries": entries, "ownerId": "AWS", "addressFamily": "IPv4"}


def _named_list(context: LookupContext, arguments: Arguments) -> tuple[str, str]:
    wanted = {entry["name"]: entry["values"][0] for entry in arguments.get("filters") or [] if entry.get("values")}
    name = arguments.get("name") or wanted.get("prefix-list-name") or f"com.amazonaws.{context.location.region}.s3"
    return arguments.get("prefixListId") or arguments.get("id") or f"pl-{context.digits(name, 8)}", name


def _vpc(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    vpc_id = arguments.get("id") or _vpc_id(context)
    return {
        "id": vpc_id,
        "arn": context.location.arn("ec2", f"vpc/{vpc_id}"),
        "cidrBlock": arguments.get("cidrBlock") or "10.0.0.0/16",
        "cidrBlockAssociations": [
            {
                "associationId": f"vpc-cidr-assoc-0{context.digits(vpc_id)}",
                "cidrBlock": "10.0.0.0/16",
                "state": "associated",
            }
        ],
        "ipv6CidrBlock": "",
        "ipv6AssociationId": "",
        "enableDnsHostnames": True,
        "enableDnsSupport": True,
        "instanceTenancy": "default",
        "mainRouteTableId": f"rtb-0{context.digits(vpc_id)}",
        "ownerId": context.location.account,
        "state": "available",
    }


def _vpc_id(context: LookupContext) -> str:
    return context.vpc_id or next(iter(context.configured("vpc")), f"vpc-0{context.digits('default vpc')}")


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
        "vpcId": arguments.get("vpcId") or _vpc_id(context),
        "cidrBlock": arguments.get("cidrBlock") or f"10.0.{at % 256}.0/24",
        "availabilityZone": zone,
        "availabilityZoneId": zones.get(zone, ""),
        "availableIpAddressCount": 250,
        "mapPublicIpOnLaunch": False,
        "ipv6CidrBlock": f"2001:db8:0:{at % 256:x}::/64" if _has_ipv6(context) else "",
        "ipv6CidrBlockAssociationId": "",
        "ownerId": context.location.account,
        "state": "available",
    }


def _subnets(context: LookupContext, _arguments: Arguments) -> dict[str, Any]:
    made = [f"subnet-0{context.digits(f'subnet {number}')}" for number in range(2)]
    return {"id": context.location.region, "ids": context.configured("subnet") or made}


def _has_ipv6(context: LookupContext) -> bool:
    """Whether the config means a network with IPv6: it has the word, or a URL with an IPv6 address."""
    return re.search(r"\bipv6\b|://\[", context.config) is not None


def _route_table(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    seed = arguments.get("routeTableId") or arguments.get("subnetId") or arguments.get("vpcId") or "main"
    table_id = arguments.get("routeTableId") or f"rtb-0{context.digits(seed)}"
    # Of a private subnet: its own network, and a NAT gateway for other addresses. With a route to an internet gateway
    # the subnet would be public, and nothing in the config makes it so.
    ways_out = [{"cidrBlock": "0.0.0.0/0", "natGatewayId": f"nat-0{context.digits('nat')}"}]
    if _has_ipv6(context):
        ways_out.append({"ipv6CidrBlock": "::/0", "egressOnlyGatewayId": f"eigw-0{context.digits('egress')}"})
    return {
        "id": table_id,
        "routeTableId": table_id,
        "arn": context.location.arn("ec2", f"route-table/{table_id}"),
        "vpcId": arguments.get("vpcId") or _vpc_id(context),
        "routes": [{**dict.fromkeys(_ROUTE_FIELDS, ""), **way_out} for way_out in ways_out],
        "ownerId": context.location.account,
    }


_ROUTE_FIELDS: Final = (
    "carrierGatewayId",
    "cidrBlock",
    "coreNetworkArn",
    "destinationPrefixListId",
    "egressOnlyGatewayId",
    "gatewayId",
    "instanceId",
    "ipv6CidrBlock",
    "localGatewayId",
    "natGatewayId",
    "networkInterfaceId",
    "transitGatewayId",
    "vpcEndpointId",
    "vpcPeeringConnectionId",
)


def _route_tables(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    ids = context.configured("rtb") or [f"rtb-0{context.digits(arguments.get('vpcId', 'main'))}"]
    return {"id": context.location.region, "ids": ids}


def _security_group(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    group = arguments.get("id") or next(iter(context.configured("sg")), f"sg-0{context.digits(str(arguments))}")
    return {
        "id": group,
        "arn": context.location.arn("ec2", f"security-group/{group}"),
        "name": arguments.get("name") or "existing",
        "vpcId": arguments.get("vpcId") or _vpc_id(context),
    }


def _ami(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    image = f"ami-0{context.digits(str(sorted(arguments.items(), key=str)))}"
    wanted = {entry["name"]: entry["values"][0] for entry in arguments.get("filters") or [] if entry.get("values")}
    return {
        "id": image,
        "imageId": image,
        "arn": f"arn:{context.location.partition}:ec2:{context.location.region}::image/{image}",
        "architecture": wanted.get("architecture", "x86_64"),
        "rootDeviceName": "/dev/xvda",
        "rootDeviceType": "ebs",
        "state": "available",
        "ownerId": "137112412989",
    }


def _balancer(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    name = arguments.get("name") or "existing"
    arn = arguments.get("arn") or context.location.arn(
        "elasticloadbalancing", f"loadbalancer/app/{name}/{context.digits(name)}"
    )
    kind = "network" if "/net/" in arn else "application"
    dns = f"internal-{name}-{int(context.digits(arn, 8), 16)}.{context.location.region}.elb.{context.location.suffix}"
    return {
        "id": arn,
        "arn": arn,
        "loadBalancerType": kind,
        "dnsName": dns,
        "internal": True,
        "vpcId": _vpc_id(context),
    }


def _listener(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    arn = arguments.get("arn")
    if arn is None:
        parent = str(arguments.get("loadBalancerArn"))
        arn = parent.replace(":loadbalancer/", ":listener/") + "/" + context.digits(parent)
    return {"id": arn, "arn": arn, "port": arguments.get("port") or 80, "protocol": "HTTP"}


def _endpoint_service(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    name = arguments.get("serviceName") or f"com.amazonaws.{context.location.region}.{arguments.get('service')}"
    zones = sorted(context.location.zones)
    return {"id": name, "serviceName": name, "availabilityZones": zones, "owner": "amazon"}


def _endpoint(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    endpoint_id = arguments.get("id") or f"vpce-0{context.digits(str(arguments))}"
    region = context.location.region
    name = arguments.get("serviceName") or f"com.amazonaws.{region}.execute-api"
    service = name.rpartition(".")[2]
    host = f"{endpoint_id}-{context.digits(endpoint_id, 8)}.{service}.{region}.vpce.{context.location.suffix}"
    return {
        "id": endpoint_id,
        "arn": context.location.arn("ec2", f"vpc-endpoint/{endpoint_id}"),
        "serviceName": name,
        "vpcEndpointType": "Interface",
        "vpcId": arguments.get("vpcId") or _vpc_id(context),
        "dnsEntries": [{"dnsName": host, "hostedZoneId": f"Z{context.digits(region, 12).upper()}"}],
        "securityGroupIds": [f"sg-0{context.digits(endpoint_id)}"],
        "subnetIds": context.configured("subnet"),
        "networkInterfaceIds": [],
        "routeTableIds": [],
        "privateDnsEnabled": True,
        "requesterManaged": False,
        "policy": "",
        "ownerId": context.location.account,
        "state": "available",
    }


def _instance_type(_asked: LookupContext, arguments: Arguments) -> dict[str, Any]:
    kind = str(arguments.get("instanceType"))
    return {"id": kind, "supportedArchitectures": [of_instance_type(kind)]}


ANSWERS: Final[Mapping[str, Answer]] = {
    "aws:ec2/getPrefixList:getPrefixList": _prefix_list,
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": _managed_list,
    "aws:ec2/getVpc:getVpc": _vpc,
    "aws:ec2/getSubnet:getSubnet": _subnet,
    "aws:ec2/getSubnets:getSubnets": _subnets,
    "aws:ec2/getRouteTable:getRouteTable": _route_table,
    "aws:ec2/getRouteTables:getRouteTables": _route_tables,
    "aws:ec2/getSecurityGroup:getSecurityGroup": _security_group,
    "aws:ec2/getAmi:getAmi": _ami,
    "aws:ec2/getInstanceType:getInstanceType": _instance_type,
    "aws:ec2/getVpcEndpoint:getVpcEndpoint": _endpoint,
    "aws:ec2/getVpcEndpointService:getVpcEndpointService": _endpoint_service,
    "aws:lb/getLoadBalancer:getLoadBalancer": _balancer,
    "aws:lb/getListener:getListener": _listener,
}
