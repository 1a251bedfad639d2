"""Answers to the lookups of a program: what AWS would say of zones, images and networks that exist, made up.

Something looked up by an id from the stack's config keeps that id; the rest follows from it or is left unknown.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pulumi import RunError

from .computed import zone_prefix
from .declared import Place
from .placeholders import UNTOLD, placeholders
from .policy_document import render

ZONE_LETTERS: Final[Mapping[str, str]] = {
    "us-east-1": "abcdef",
    "us-west-1": "ab",
    "us-west-2": "abcd",
    "ap-northeast-1": "acd",
    "ap-northeast-2": "abcd",
    "ca-central-1": "abd",
}
"""Zones that an account of today sees, where they are not a, b and c.

https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
"""


class UnplannedLookupError(RunError):
    """A lookup that no answer is known for: a guess would be reported as fact."""

    def __init__(self, token: str) -> None:
        super().__init__(
            f"{token}: the review has no answer for this lookup; "
            "add one to review/answers/lookups.py, shaped like the provider's"
        )


@dataclass
class Lookups:
    """Answers to the lookups of one run."""

    place: Place
    config: str = ""
    """The stack's config as text: ids in it are of things that exist."""
    strict: bool = True
    """Whether a lookup without an answer is an error; otherwise all it tells is unknown."""
    made: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """State of the run's own resources by id, which may be looked up as well."""
    unplanned: list[str] = field(default_factory=list)

    def answer(self, token: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The lookup's result. Raises UnplannedLookupError when strict and the token is not known."""
        base = placeholders(token)
        base.update({key: value for key, value in arguments.items() if value is not None})
        planned = ANSWERS.get(token)
        if planned is None:
            if self.strict:
                raise UnplannedLookupError(token)
            self.unplanned.append(token)
            return base
        base.update(planned(self, arguments))
        own = self.made.get(str(base.get("id")), {})
        base.update({key: value for key, value in own.items() if key in base})
        return base

    def digits(self, what: Any, length: int = 16) -> str:
        return hashlib.sha256(str(what).encode()).hexdigest()[:length]

    def configured(self, prefix: str) -> list[str]:
        """Ids of one kind that the stack's config names, in its order."""
        return list(dict.fromkeys(re.findall(rf"\b{prefix}-[0-9a-f]{{8,17}}\b", self.config)))

    def letters(self) -> str:
        return ZONE_LETTERS.get(self.place.region, "abc")

    def arn(self, service: str, resource: str) -> str:
        return f"arn:{self.place.partition}:{service}:{self.place.region}:{self.place.account}:{resource}"


Arguments = Mapping[str, Any]


def _zones(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    region = lookups.place.region
    zones = [(f"{region}{letter}", f"{zone_prefix(region)}-az{n}") for n, letter in enumerate(lookups.letters(), 1)]
    left_out = {*(arguments.get("excludeNames") or []), *(arguments.get("excludeZoneIds") or [])}
    wanted = {entry["name"]: entry["values"] for entry in arguments.get("filters") or []}
    zones = [
        (name, zone_id)
        for name, zone_id in zones
        if not left_out & {name, zone_id}
        and name in wanted.get("zone-name", [name])
        and zone_id in wanted.get("zone-id", [zone_id])
    ]
    return {
        "id": region,
        "names": [name for name, _ in zones],
        "zoneIds": [zone_id for _, zone_id in zones],
        "groupNames": [region],
    }


def _zone(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    region, prefix = lookups.place.region, zone_prefix(lookups.place.region)
    letters = lookups.letters()
    name, zone_id = arguments.get("name"), arguments.get("zoneId")
    if name is None and zone_id is not None:
        name = f"{region}{letters[(int(zone_id[-1]) - 1) % len(letters)]}"
    name = name or f"{region}a"
    zone_id = zone_id or f"{prefix}-az{letters.find(name[-1]) + 1}"
    return {"name": name, "zoneId": zone_id, "nameSuffix": name[-1], "region": region, "state": "available"}


def _region(lookups: Lookups, _arguments: Arguments) -> dict[str, Any]:
    region = lookups.place.region
    endpoint = f"ec2.{region}.{lookups.place.suffix}"
    return {"id": region, "name": region, "region": region, "description": region, "endpoint": endpoint}


def _caller(lookups: Lookups, _arguments: Arguments) -> dict[str, Any]:
    place = lookups.place
    arn = f"arn:{place.partition}:iam::{place.account}:user/deployer"
    return {"id": place.account, "accountId": place.account, "arn": arn, "userId": "AIDAOFFLINEREVIEW"}


def _partition(lookups: Lookups, _arguments: Arguments) -> dict[str, Any]:
    place = lookups.place
    reverse = ".".join(reversed(place.suffix.split(".")))
    return {"id": place.partition, "partition": place.partition, "dnsSuffix": place.suffix, "reverseDnsPrefix": reverse}


def _prefix_list(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    wanted = {entry["name"]: entry["values"][0] for entry in arguments.get("filters") or [] if entry.get("values")}
    name = arguments.get("name") or wanted.get("prefix-list-name") or f"com.amazonaws.{lookups.place.region}.s3"
    list_id = arguments.get("prefixListId") or arguments.get("id") or f"pl-{lookups.digits(name, 8)}"
    return {"id": list_id, "prefixListId": list_id, "name": name, "cidrBlocks": ["192.0.2.0/24"], "ownerId": "AWS"}


def _vpc(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    vpc_id = arguments.get("id") or _vpc_id(lookups)
    return {
        "id": vpc_id,
        "arn": lookups.arn("ec2", f"vpc/{vpc_id}"),
        "cidrBlock": arguments.get("cidrBlock") or "10.0.0.0/16",
        "cidrBlockAssociations": [
            {
                "associationId": f"vpc-cidr-assoc-0{lookups.digits(vpc_id)}",
                "cidrBlock": "10.0.0.0/16",
                "state": "associated",
            }
        ],
        "ipv6CidrBlock": "",
        "ipv6AssociationId": "",
        "enableDnsHostnames": True,
        "enableDnsSupport": True,
        "instanceTenancy": "default",
        "mainRouteTableId": f"rtb-0{lookups.digits(vpc_id)}",
        "ownerId": lookups.place.account,
        "state": "available",
    }


def _vpc_id(lookups: Lookups) -> str:
    return next(iter(lookups.configured("vpc")), f"vpc-0{lookups.digits('default vpc')}")


def _subnet(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    named = lookups.configured("subnet")
    subnet_id = arguments.get("id") or next(iter(named), f"subnet-0{lookups.digits('default subnet')}")
    at = named.index(subnet_id) if subnet_id in named else int(lookups.digits(subnet_id, 4), 16)
    letters, region = lookups.letters(), lookups.place.region
    # Subnets that the config names lie one to a zone, as whoever listed them will have meant.
    zone = arguments.get("availabilityZone") or f"{region}{letters[at % len(letters)]}"
    return {
        "id": subnet_id,
        "arn": lookups.arn("ec2", f"subnet/{subnet_id}"),
        "vpcId": arguments.get("vpcId") or _vpc_id(lookups),
        "cidrBlock": arguments.get("cidrBlock") or f"10.0.{at % 256}.0/24",
        "availabilityZone": zone,
        "availabilityZoneId": f"{zone_prefix(region)}-az{letters.find(zone[-1]) + 1}",
        "availableIpAddressCount": 250,
        "mapPublicIpOnLaunch": False,
        "ipv6CidrBlock": "",
        "ipv6CidrBlockAssociationId": "",
        "ownerId": lookups.place.account,
        "state": "available",
    }


def _subnets(lookups: Lookups, _arguments: Arguments) -> dict[str, Any]:
    made = [f"subnet-0{lookups.digits(f'subnet {number}')}" for number in range(2)]
    return {"id": lookups.place.region, "ids": lookups.configured("subnet") or made}


def _route_table(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    seed = arguments.get("routeTableId") or arguments.get("subnetId") or arguments.get("vpcId") or "main"
    table_id = arguments.get("routeTableId") or f"rtb-0{lookups.digits(seed)}"
    # A private subnet's: its own network, and a NAT gateway for the rest. One to an internet gateway would say that
    # the subnet is public, which nothing in the config does.
    way_out = {"cidrBlock": "0.0.0.0/0", "natGatewayId": f"nat-0{lookups.digits('nat')}"}
    return {
        "id": table_id,
        "routeTableId": table_id,
        "arn": lookups.arn("ec2", f"route-table/{table_id}"),
        "vpcId": arguments.get("vpcId") or _vpc_id(lookups),
        "routes": [{**dict.fromkeys(_ROUTE_FIELDS, ""), **way_out}],
        "ownerId": lookups.place.account,
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


def _route_tables(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    ids = lookups.configured("rtb") or [f"rtb-0{lookups.digits(arguments.get('vpcId', 'main'))}"]
    return {"id": lookups.place.region, "ids": ids}


def _security_group(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    group = arguments.get("id") or next(iter(lookups.configured("sg")), f"sg-0{lookups.digits(str(arguments))}")
    return {
        "id": group,
        "arn": lookups.arn("ec2", f"security-group/{group}"),
        "name": arguments.get("name") or "existing",
        "vpcId": arguments.get("vpcId") or _vpc_id(lookups),
    }


def _ami(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    image = f"ami-0{lookups.digits(str(sorted(arguments.items(), key=str)))}"
    wanted = {entry["name"]: entry["values"][0] for entry in arguments.get("filters") or [] if entry.get("values")}
    return {
        "id": image,
        "imageId": image,
        "arn": f"arn:{lookups.place.partition}:ec2:{lookups.place.region}::image/{image}",
        "architecture": wanted.get("architecture", "x86_64"),
        "rootDeviceName": "/dev/xvda",
        "rootDeviceType": "ebs",
        "state": "available",
        "ownerId": "137112412989",
    }


def _ssm_parameter(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    name = str(arguments.get("name", ""))
    image = "/ami-" in name or "/image_id" in name or name.startswith("/aws/service/canonical")
    value = f"ami-0{lookups.digits(name + lookups.place.region)}" if image else UNTOLD
    return {
        "id": name,
        "arn": lookups.arn("ssm", f"parameter{name}"),
        "value": value,
        "insecureValue": value,
        "type": "String",
        "version": 1,
    }


def _hosted_zone(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    name = str(arguments.get("name") or "example.com").removesuffix(".")
    zone = arguments.get("zoneId") or "Z0" + lookups.digits(name, 18).upper()
    return {
        "id": zone,
        "zoneId": zone,
        "name": name,
        "arn": f"arn:{lookups.place.partition}:route53:::hostedzone/{zone}",
        "nameServers": [f"ns-{number}.awsdns-0{number}.org" for number in range(1, 5)],
        "primaryNameServer": "ns-1.awsdns-01.org",
    }


def _certificate(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    digits = lookups.digits(arguments.get("domain"), 32)
    arn = lookups.arn("acm", f"certificate/{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}")
    return {"id": arn, "arn": arn, "status": "ISSUED"}


def _image(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    place, name = lookups.place, arguments.get("repositoryName")
    digest = "sha256:" + lookups.digits(str(sorted(arguments.items())), 64)
    uri = f"{place.account}.dkr.ecr.{place.region}.{place.suffix}/{name}@{digest}"
    return {"id": digest, "imageDigest": digest, "imageUri": uri, "registryId": place.account, "imageTags": []}


def _repository(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    place, name = lookups.place, arguments.get("name")
    return {
        "id": name,
        "arn": lookups.arn("ecr", f"repository/{name}"),
        "registryId": place.account,
        "repositoryUrl": f"{place.account}.dkr.ecr.{place.region}.{place.suffix}/{name}",
    }


def _registry_token(lookups: Lookups, _arguments: Arguments) -> dict[str, Any]:
    place = lookups.place
    endpoint = f"https://{place.account}.dkr.ecr.{place.region}.{place.suffix}"
    return {"id": place.region, "userName": "AWS", "proxyEndpoint": endpoint, "registryId": place.account}


def _function(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    given = str(arguments.get("functionName"))
    name = given.rpartition(":function:")[2].partition(":")[0]
    arn = given if given.startswith("arn:") else lookups.arn("lambda", f"function:{name}")
    place = lookups.place
    base = f"arn:{place.partition}:apigateway:{place.region}:lambda:path/2015-03-31/functions/{arn}/invocations"
    return {"id": name, "functionName": name, "arn": arn, "invokeArn": base, "qualifiedArn": f"{arn}:$LATEST"}


def _balancer(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    name = arguments.get("name") or "existing"
    arn = arguments.get("arn") or lookups.arn("elasticloadbalancing", f"loadbalancer/app/{name}/{lookups.digits(name)}")
    kind = "network" if "/net/" in arn else "application"
    dns = f"internal-{name}-{int(lookups.digits(arn, 8), 16)}.{lookups.place.region}.elb.{lookups.place.suffix}"
    return {
        "id": arn,
        "arn": arn,
        "loadBalancerType": kind,
        "dnsName": dns,
        "internal": True,
        "vpcId": _vpc_id(lookups),
    }


def _listener(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    arn = arguments.get("arn")
    if arn is None:
        parent = str(arguments.get("loadBalancerArn"))
        arn = parent.replace(":loadbalancer/", ":listener/") + "/" + lookups.digits(parent)
    return {"id": arn, "arn": arn, "port": arguments.get("port") or 80, "protocol": "HTTP"}


def _endpoint_service(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    region = lookups.place.region
    name = arguments.get("serviceName") or f"com.amazonaws.{region}.{arguments.get('service')}"
    zones = [f"{region}{letter}" for letter in lookups.letters()]
    return {"id": name, "serviceName": name, "availabilityZones": zones, "owner": "amazon"}


def _secret(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    name = str(arguments.get("name") or arguments.get("arn"))
    arn = arguments.get("arn") or lookups.arn("secretsmanager", f"secret:{name}-{lookups.digits(name, 6)}")
    return {"id": arn, "arn": arn, "name": name}


def _role(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    name = arguments.get("name")
    return {"id": name, "arn": f"arn:{lookups.place.partition}:iam::{lookups.place.account}:role/{name}"}


def _policy(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    place = lookups.place
    arn = arguments.get("arn") or f"arn:{place.partition}:iam::{place.account}:policy/{arguments.get('name')}"
    return {"id": arn, "arn": arn}


def _bucket(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    name, place = arguments.get("bucket"), lookups.place
    domain = f"{name}.s3.{place.region}.{place.suffix}"
    return {"id": name, "arn": f"arn:{place.partition}:s3:::{name}", "bucketRegionalDomainName": domain}


def _log_group(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    name = arguments.get("name")
    return {"id": name, "arn": lookups.arn("logs", f"log-group:{name}")}


def _key(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    name = str(arguments.get("keyId") or arguments.get("name"))
    arn = name if name.startswith("arn:") else lookups.arn("kms", f"key/{lookups.digits(name, 32)}")
    return {"id": arn, "arn": arn, "targetKeyArn": arn, "targetKeyId": arn.rpartition("/")[2]}


def _instance_type(_lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    kind = str(arguments.get("instanceType"))
    family = kind.partition(".")[0]
    # The letter after the generation's digit says who made the processor; g is AWS's own, arm64.
    arm = re.fullmatch(r"[a-z]+[0-9]+g[a-z]*(-.*)?", family) is not None or family == "a1"
    return {"id": kind, "supportedArchitectures": ["arm64" if arm else "x86_64"]}


def _service(lookups: Lookups, arguments: Arguments) -> dict[str, Any]:
    region = arguments.get("region") or lookups.place.region
    name = arguments.get("serviceId") or str(arguments.get("reverseDnsName")).rpartition(".")[2]
    return {"id": name, "dnsName": f"{name}.{region}.{lookups.place.suffix}", "supported": True, "region": region}


ANSWERS: Final[dict[str, Callable[[Lookups, Arguments], dict[str, Any]]]] = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:index/getAvailabilityZone:getAvailabilityZone": _zone,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getCallerIdentity:getCallerIdentity": _caller,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getService:getService": _service,
    "aws:ec2/getPrefixList:getPrefixList": _prefix_list,
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": _prefix_list,
    "aws:ec2/getVpc:getVpc": _vpc,
    "aws:ec2/getSubnet:getSubnet": _subnet,
    "aws:ec2/getSubnets:getSubnets": _subnets,
    "aws:ec2/getRouteTable:getRouteTable": _route_table,
    "aws:ec2/getRouteTables:getRouteTables": _route_tables,
    "aws:ec2/getSecurityGroup:getSecurityGroup": _security_group,
    "aws:ec2/getAmi:getAmi": _ami,
    "aws:ec2/getInstanceType:getInstanceType": _instance_type,
    "aws:ec2/getVpcEndpointService:getVpcEndpointService": _endpoint_service,
    "aws:ssm/getParameter:getParameter": _ssm_parameter,
    "aws:route53/getZone:getZone": _hosted_zone,
    "aws:acm/getCertificate:getCertificate": _certificate,
    "aws:ecr/getImage:getImage": _image,
    "aws:ecr/getRepository:getRepository": _repository,
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": _registry_token,
    "aws:iam/getPolicyDocument:getPolicyDocument": lambda _lookups, arguments: render(arguments),
    "aws:iam/getRole:getRole": _role,
    "aws:iam/getPolicy:getPolicy": _policy,
    "aws:lambda/getFunction:getFunction": _function,
    "aws:lb/getLoadBalancer:getLoadBalancer": _balancer,
    "aws:lb/getListener:getListener": _listener,
    "aws:secretsmanager/getSecret:getSecret": _secret,
    "aws:s3/getBucket:getBucket": _bucket,
    "aws:cloudwatch/getLogGroup:getLogGroup": _log_group,
    "aws:kms/getKey:getKey": _key,
    "aws:kms/getAlias:getAlias": _key,
}
