"""Answers to lookups of where one is and of what exists in an account: zones, parameters, images, roles, secrets."""

import base64
from collections.abc import Mapping
from typing import Any, Final

from ..host.types import UNTOLD
from .lookup_context import Answer, Arguments, LookupContext
from .policy_document import render


def _zones(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    region = context.location.region
    left_out = {*(arguments.get("excludeNames") or []), *(arguments.get("excludeZoneIds") or [])}
    wanted = {entry["name"]: entry["values"] for entry in arguments.get("filters") or []}
    zones = [
        (name, zone_id)
        for name, zone_id in sorted(context.location.zones.items())
        if not left_out & {name, zone_id}
        and name in wanted.get("zone-name", [name])
        and zone_id in wanted.get("zone-id", [zone_id])
    ]
    ids = [zone_id for _, zone_id in zones]
    return {"id": region, "names": [name for name, _ in zones], "zoneIds": ids, "groupNames": [region]}


def _zone(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    region, known = context.location.region, context.location.zones
    names = {zone_id: name for name, zone_id in known.items()}
    name = arguments.get("name") or names.get(arguments.get("zoneId", ""), f"{region}a")
    zone_id = arguments.get("zoneId") or known.get(name, known[f"{region}a"])
    return {"name": name, "zoneId": zone_id, "nameSuffix": name[-1], "region": region, "state": "available"}


def _partition(context: LookupContext, _arguments: Arguments) -> dict[str, Any]:
    partition, suffix = context.location.partition, context.location.suffix
    reverse = ".".join(reversed(suffix.split(".")))
    return {"id": partition, "partition": partition, "dnsSuffix": suffix, "reverseDnsPrefix": reverse}


def _ssm_parameter(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    name = str(arguments.get("name", ""))
    image = "/ami-" in name or "/image_id" in name or name.startswith("/aws/service/canonical")
    value = f"ami-0{context.digits(name + context.location.region)}" if image else UNTOLD
    arn = context.location.arn("ssm", f"parameter{name}")
    return {"id": name, "arn": arn, "value": value, "insecureValue": value, "type": "String", "version": 1}


def _hosted_zone(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    name = str(arguments.get("name") or "example.com").removesuffix(".")
    zone = arguments.get("zoneId") or "Z0" + context.digits(name, 18).upper()
    return {
        "id": zone,
        "zoneId": zone,
        "name": name,
        "arn": f"arn:{context.location.partition}:route53:::hostedzone/{zone}",
        "nameServers": [f"ns-{number}.awsdns-0{number}.org" for number in range(1, 5)],
        "primaryNameServer": "ns-1.awsdns-01.org",
    }


def _function(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    given = str(arguments.get("functionName"))
    name = given.rpartition(":function:")[2].partition(":")[0]
    arn = given if given.startswith("arn:") else context.location.arn("lambda", f"function:{name}")
    location = context.location
    base = f"arn:{location.partition}:apigateway:{location.region}:lambda:path/2015-03-31/functions/{arn}/invocations"
    return {"id": name, "functionName": name, "arn": arn, "invokeArn": base, "qualifiedArn": f"{arn}:$LATEST"}


def _key(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    arn = _key_arn(context, str(arguments.get("keyId")))
    return {"id": arn.rpartition("/")[2], "arn": arn}


def _key_alias(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    name = str(arguments.get("name"))
    target = _key_arn(context, name)
    arn = context.location.arn("kms", name)
    return {"id": arn, "arn": arn, "targetKeyArn": target, "targetKeyId": target.rpartition("/")[2]}


def _key_arn(context: LookupContext, name: str) -> str:
    return name if name.startswith("arn:") else context.location.arn("kms", f"key/{context.digits(name, 32)}")


_TOKEN: Final = base64.b64encode(f"AWS:{UNTOLD}".encode()).decode()
"""Programs decode it to a user and a password, which is unknown.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_AuthorizationData.html
"""
_REGISTRY: Final = "{account}.dkr.ecr.{region}.{suffix}"
_CREDENTIALS: Final = {"id": "{region}", "proxyEndpoint": f"https://{_REGISTRY}", "authorizationToken": _TOKEN}

ANSWERS: Final[Mapping[str, Answer]] = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:index/getAvailabilityZone:getAvailabilityZone": _zone,
    "aws:index/getRegion:getRegion": {
        **dict.fromkeys(("id", "name", "region", "description"), "{region}"),
        "endpoint": "ec2.{region}.{suffix}",
    },
    "aws:index/getCallerIdentity:getCallerIdentity": {
        "id": "{account}",
        "accountId": "{account}",
        "arn": "arn:{partition}:iam::{account}:user/deployer",
        "userId": "AIDAOFFLINEREVIEW",
    },
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getService:getService": {
        "id": ("{serviceId}", "{reverseDnsName:last}"),
        "dnsName": "{id}.{region}.{suffix}",
        "supported": True,
        "region": "{region}",
    },
    "aws:ssm/getParameter:getParameter": _ssm_parameter,
    "aws:route53/getZone:getZone": _hosted_zone,
    "aws:acm/getCertificate:getCertificate": {
        "id": "arn:{partition}:acm:{region}:{account}:certificate/{domain:uuid}",
        "arn": "{id}",
        "status": "ISSUED",
    },
    "aws:ecr/getImage:getImage": {
        "id": "sha256:{all:x64}",
        "imageDigest": "{id}",
        "imageUri": f"{_REGISTRY}/{{repositoryName}}@{{id}}",
        "registryId": "{account}",
        "imageTags": [],
    },
    "aws:ecr/getRepository:getRepository": {
        "id": "{name}",
        "arn": "arn:{partition}:ecr:{region}:{account}:repository/{name}",
        "registryId": "{account}",
        "repositoryUrl": f"{_REGISTRY}/{{name}}",
    },
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": {
        **_CREDENTIALS,
        "userName": "AWS",
        "registryId": "{account}",
        "expiresAt": "2030-01-01T00:00:00Z",
    },
    "aws:ecr/getCredentials:getCredentials": _CREDENTIALS,
    "aws:iam/getPolicyDocument:getPolicyDocument": lambda _asked, arguments: render(arguments),
    "aws:iam/getRole:getRole": {"id": "{name}", "arn": "arn:{partition}:iam::{account}:role/{name}"},
    "aws:iam/getPolicy:getPolicy": {"id": ("{arn}", "arn:{partition}:iam::{account}:policy/{name}"), "arn": "{id}"},
    "aws:lambda/getFunction:getFunction": _function,
    "aws:secretsmanager/getSecret:getSecret": {
        "name": ("{name}", "{arn}"),
        "id": ("{arn}", "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-{name:x6}"),
        "arn": "{id}",
    },
    "aws:s3/getBucket:getBucket": {
        "id": "{bucket}",
        "arn": "arn:{partition}:s3:::{bucket}",
        "bucketRegionalDomainName": "{bucket}.s3.{region}.{suffix}",
    },
    "aws:cloudwatch/getLogGroup:getLogGroup": {
        "id": "{name}",
        "arn": "arn:{partition}:logs:{region}:{account}:log-group:{name}",
    },
    "aws:kms/getKey:getKey": _key,
    "aws:kms/getAlias:getAlias": _key_alias,
}
