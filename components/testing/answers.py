"""Outputs of resources and results of lookups, as AWS gives them and as far as the components read them."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi

from ..facts import defaults, limits
from ..facts.regions import find_partition
from .arns import build_arn

Values = Mapping[str, Any]
"""Outputs of a resource or the result of a lookup, by the provider's names (camelCase)."""

_MAIN_TABLE: Final = "rtb-0123456789abcdef0"
_ZONE_LETTERS: Final = "abcdef"
_ZONES: Final = {"us-east-1": 6, "us-west-2": 4, "ap-northeast-2": 4}
_USUAL_ZONES: Final = 3
"""Zones of a region that is not in _ZONES. https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html"""
_IMAGE: Final = "ami-0123456789abcdef0"
_VPC_CIDR: Final = "10.0.0.0/16"
_ID_PREFIXES: Final = {
    "aws:ec2/securityGroup:SecurityGroup": "sg",
    "aws:ec2/subnet:Subnet": "subnet",
    "aws:ec2/vpc:Vpc": "vpc",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "vpce",
}
"""IDs that arguments of components take in no other form."""


class Answers:
    """The answers of one account in one region."""

    def __init__(self, region: str, account: str, vpc_id: str) -> None:
        self.region, self.account, self.vpc_id = region, account, vpc_id
        self._partition = find_partition(region)
        self._subnets: list[str] = []

    def resource_id(self, args: pulumi.runtime.MockResourceArgs) -> str:
        """Returns the ID of a resource: that of an existing one, or a made-up one in AWS's form."""
        if args.resource_id:
            return args.resource_id
        prefix = _ID_PREFIXES.get(args.typ)
        return f"{prefix}-0{zlib.crc32(args.name.encode()):08x}" if prefix else f"{args.name}-id"

    def outputs(self, args: pulumi.runtime.MockResourceArgs) -> Values:
        """Returns outputs of a resource: its ARN, its name, and those that the components read."""
        arn = build_arn(args.typ, args.name, self.region, self.account)
        return {"arn": arn, "name": args.name, **self._type_outputs(args)}

    def _arn(self, service: str, name: str) -> str:
        return f"arn:{self._partition.name}:{service}:{self.region}:{self.account}:{name}"

    def _type_outputs(self, args: pulumi.runtime.MockResourceArgs) -> Values:
        """Outputs that the components read, besides ARN, name and inputs."""
        name, inputs, domain = args.name, args.inputs, f"{self.region}.{self._partition.dns_suffix}"
        gateway = f"arn:{self._partition.name}:apigateway:{self.region}"
        invoke = f"{gateway}:lambda:path/2015-03-31/functions/{name}/invocations"
        api = {"executionArn": self._arn("execute-api", name), "apiEndpoint": f"https://{name}.execute-api.{domain}"}
        match args.typ:
            case "aws:acm/certificate:Certificate":
                proof = {"resourceRecordName": f"_{name}", "resourceRecordType": "CNAME", "resourceRecordValue": "_x."}
                return {"domainValidationOptions": [{"domainName": inputs.get("domainName"), **proof}]}
            case "aws:apigateway/account:Account":
                return {"cloudwatchRoleArn": ""}
            case "aws:apigateway/domainName:DomainName":
                regional = {"regionalDomainName": f"d-{name}.execute-api.{domain}", "regionalZoneId": "Z0REGIONAL"}
                return {"domainNameId": f"{name}-id", **regional}
            case "aws:apigateway/restApi:RestApi" | "aws:apigatewayv2/api:Api":
                return api
            case "aws:apigateway/stage:Stage":
                url = f"https://{inputs.get('restApi')}.execute-api.{domain}/{inputs.get('stageName')}"
                return {"invokeUrl": url}
            case "aws:ec2/eip:Eip":
                return {"publicIp": _make_address(name), "allocationId": f"{name}-id"}
            case "aws:ec2/instance:Instance":
                return {"privateIp": "10.0.0.10"}
            case "aws:ec2/launchTemplate:LaunchTemplate":
                return {"latestVersion": 1}
            case "aws:ec2/natGateway:NatGateway":
                return {"publicIp": _make_address(name)}
            case "aws:ec2/subnet:Subnet":
                return {
                    "availabilityZoneId": self._zone_ids()[_ZONE_LETTERS.find(str(inputs.get("availabilityZone"))[-1])]
                }
            case "aws:ec2/vpc:Vpc":
                return {"ipv6CidrBlock": "2001:db8:1234:1a00::/56", "mainRouteTableId": _MAIN_TABLE}
            case "aws:ec2/vpcEndpoint:VpcEndpoint":
                return {
                    "prefixListId": _make_prefix_list_id(inputs.get("serviceName")),
                    "dnsEntries": [self._dns_entry(name)],
                }
            case "awsx:ecr:Image":
                return {"imageUri": f"{inputs.get('repositoryUrl')}@sha256:{'0' * 64}"}
            case "aws:ecr/repository:Repository":
                return {"repositoryUrl": f"{self.account}.dkr.ecr.{domain}/{name}"}
            case "aws:lambda/alias:Alias" | "aws:lambda/function:Function":
                return {"invokeArn": invoke, "version": "1"}
            case "aws:lb/loadBalancer:LoadBalancer":
                hosts = {"dnsName": f"internal-{name}.elb.{domain}", "zoneId": "Z0BALANCER"}
                return {"arnSuffix": f"app/{name}/0123456789abcdef", **hosts}
            case "aws:lb/targetGroup:TargetGroup":
                return {"arnSuffix": f"targetgroup/{name}/0123456789abcdef"}
            case "aws:servicediscovery/service:Service":
                return {"arn": self._arn("servicediscovery", f"service/{name}-id")}
            case "pulumi:index:Stash":
                return {"output": inputs.get("input")}
            case "aws:route53/record:Record":
                return {"fqdn": inputs.get("name")}
            case "aws:route53/zone:Zone":
                return {"zoneId": "Z0PRIVATE"}
        return {}

    def _dns_entry(self, name: str) -> Values:
        host = f"{name}.execute-api.{self.region}.vpce.{self._partition.dns_suffix}"
        return {"dnsName": host, "hostedZoneId": "Z0ENDPOINT"}

    def lookup(self, token: str, args: Values) -> Values | None:
        """Returns the result of a lookup. None if the components do not use it.

        A network that exists is private and has a NAT gateway. A listener is that of an internal ALB.
        """
        zones = [self.region + letter for letter in _ZONE_LETTERS[: _ZONES.get(self.region, _USUAL_ZONES)]]
        match token:
            case "aws:index/getRegion:getRegion":
                return {"id": self.region, "name": self.region, "region": self.region}
            case "aws:index/getPartition:getPartition":
                own = self._partition
                return {"id": own.name, "partition": own.name, "dnsSuffix": own.dns_suffix}
            case "aws:index/getCallerIdentity:getCallerIdentity":
                return {"id": self.account, "accountId": self.account, "arn": self._arn("sts", "caller")}
            case "aws:index/getAvailabilityZones:getAvailabilityZones":
                return {"id": self.region, "names": zones, "zoneIds": list(self._zone_ids()[: len(zones)])}
            case "aws:ssm/getParameter:getParameter":
                return {
                    "id": args.get("name"),
                    "insecureValue": _IMAGE,
                    "value": _IMAGE,
                }
            case "aws:ec2/getAmi:getAmi":
                image_id = next((value for one in args.get("filters") or () for value in one["values"]), _IMAGE)
                root = {"deviceName": "/dev/xvda", "ebs": {"volume_size": str(defaults.NAT_INSTANCE_DISK_GIB)}}
                disk = {"rootDeviceName": "/dev/xvda", "rootDeviceType": "ebs", "blockDeviceMappings": [root]}
                return {"id": image_id, "imageId": image_id, **disk}
            case "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings":
                return {"id": self.region, "locations": [self.region + letter for letter in "abcdef"]}
            case "aws:ec2/getPrefixList:getPrefixList":
                return {"id": _make_prefix_list_id(args.get("name")), "cidrBlocks": ["192.0.2.0/24"]}
            case "aws:ec2/getVpc:getVpc":
                ranges = {"cidrBlock": _VPC_CIDR, "ipv6CidrBlockAssociations": []}
                dns = {"enableDnsSupport": True, "enableDnsHostnames": True}
                return {"id": args.get("id") or self.vpc_id, "mainRouteTableId": _MAIN_TABLE, **ranges, **dns}
            case "aws:ec2/getSubnet:getSubnet":
                return self._find_subnet(args.get("id") or "subnet-0123456789abcdef0", zones)
            case "aws:ec2/getRouteTables:getRouteTables":
                return {"id": self.region, "ids": [_MAIN_TABLE]}
            case "aws:ec2/getRouteTable:getRouteTable":
                route = {"cidrBlock": "0.0.0.0/0", "natGatewayId": "nat-0123456789abcdef0", "gatewayId": ""}
                return {"id": args.get("routeTableId"), "routes": [route]}
            case "aws:ec2/getVpcEndpoint:getVpcEndpoint":
                return self._find_endpoint(args)
            case "aws:ec2/getVpcEndpointService:getVpcEndpointService":
                return {
                    "id": args.get("serviceName"),
                    "serviceName": args.get("serviceName"),
                    "availabilityZones": zones,
                }
            case "aws:vpc/getSecurityGroupRules:getSecurityGroupRules":
                return {"id": self.region, "ids": ["sgr-0123456789abcdef0"]}
            case "aws:vpc/getSecurityGroupRule:getSecurityGroupRule":
                source = {"cidrIpv4": _VPC_CIDR, "ipProtocol": "-1", "isEgress": False}
                return {"id": args.get("securityGroupRuleId"), **source}
            case "aws:lb/getListener:getListener":
                # The ARN of a listener has that of its load balancer in it.
                balancer = str(args.get("arn")).replace(":listener/", ":loadbalancer/").rpartition("/")[0]
                return {**args, "id": args.get("arn"), "port": 80, "protocol": "HTTP", "loadBalancerArn": balancer}
            case "aws:lb/getLoadBalancer:getLoadBalancer":
                host = f"internal-found.elb.{self.region}.{self._partition.dns_suffix}"
                place = {"dnsName": host, "vpcId": self.vpc_id, "securityGroups": ["sg-0123456789abcdef0"]}
                return {**args, "id": args.get("arn"), "internal": True, **place}
            case "aws:apigatewayv2/getVpcLink:getVpcLink":
                return {"id": args.get("vpcLinkId"), "subnetIds": ["subnet-0123456789abcdef0"]}
        return None

    def _find_subnet(self, subnet_id: str, zones: Sequence[str]) -> Values:
        """Each subnet is in another zone, as AWS requires of subnets of one load balancer."""
        if subnet_id not in self._subnets:
            self._subnets.append(subnet_id)
        at = self._subnets.index(subnet_id) % len(zones)
        zone = {"availabilityZone": zones[at], "availabilityZoneId": self._zone_ids()[at]}
        return {"id": subnet_id, "vpcId": self.vpc_id, "cidrBlock": f"10.0.{at}.0/24", "ipv6CidrBlock": "", **zone}

    def _find_endpoint(self, args: Values) -> Values:
        """An endpoint that exists is available, and everything in its VPC may call it."""
        kinds = [value for asked in args.get("filters") or () for value in asked.get("values") or ()]
        endpoint_id = args.get("id") or "vpce-0123456789abcdef0"
        return {
            "id": endpoint_id,
            "vpcId": args.get("vpcId") or self.vpc_id,
            "serviceName": args.get("serviceName") or f"com.amazonaws.{self.region}.execute-api",
            "vpcEndpointType": kinds[0] if kinds else "Interface",
            "state": "available",
            "privateDnsEnabled": True,
            "policy": "",
            "dnsEntries": [self._dns_entry(str(endpoint_id))],
            "securityGroupIds": ["sg-0123456789abcdef0"],
            "subnetIds": ["subnet-0123456789abcdef0"],
            "routeTableIds": [_MAIN_TABLE],
            "prefixListId": _make_prefix_list_id(args.get("serviceName")),
        }

    def _zone_ids(self) -> Sequence[str]:
        """Returns the ID of each letter's zone, also of letters that the region has no zone for."""
        served = limits.VPC_LINK_ZONE_IDS.get(self.region, ())
        prefix = served[0].partition("-")[0] if served else self.region
        others = (f"{prefix}-az{number}" for number in range(1, 2 * len(_ZONE_LETTERS)))
        return [*served, *(zone for zone in others if zone not in served)][: len(_ZONE_LETTERS)]


def _make_address(name: str) -> str:
    """Returns a public address. Each name has another one."""
    return f"203.0.113.{zlib.crc32(name.encode()) % 254 + 1}"


def _make_prefix_list_id(service: object) -> str:
    """Returns the ID of AWS's list of a service's addresses."""
    return f"pl-{zlib.crc32(str(service).encode()):08x}"
