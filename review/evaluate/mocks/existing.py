"""Answers to lookups of where one is and of what exists in an account: zones, parameters, images, roles, secrets."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

from .location import uuid
from .lookup_context import Answer, Arguments, LookupContext
from .placeholders import UNTOLD
from .policy_document import render


def _zones(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    region = context.location.region
    zones = sorted(context.location.zones.items())
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


def _zone(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    region, known = context.location.region, context.location.zones
    names = {zone_id: name for name, zone_id in known.items()}
    name = arguments.get("name") or names.get(arguments.get("zoneId", ""), f"{region}a")
    zone_id = arguments.get("zoneId") or known.get(name, known[f"{region}a"])
    return {"name": name, "zoneId": zone_id, "nameSuffix": name[-1], "region": region, "state": "available"}


def _region(context: LookupContext, _arguments: Arguments) -> dict[str, Any]:
    region = context.location.region
    endpoint = f"ec2.{region}.{context.location.suffix}"
    return {"id": region, "name": region, "region": region, "description": region, "endpoint": endpoint}


def _caller(context: LookupContext, _arguments: Arguments) -> dict[str, Any]:
    location = context.location
    arn = f"arn:{location.partition}:iam::{location.account}:user/deployer"
    return {"id": location.account, "accountId": location.account, "arn": arn, "userId": "AIDAOFFLINEREVIEW"}


def _partition(context: LookupContext, _arguments: Arguments) -> dict[str, Any]:
    location = context.location
    reverse = ".".join(reversed(location.suffix.split(".")))
    return {
        "id": location.partition,
        "partition": location.partition,
        "dnsSuffix": location.suffix,
        "reverseDnsPrefix": reverse,
    }


def _ssm_parameter(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    name = str(arguments.get("name", ""))
    image = "/ami-" in name or "/image_id" in name or name.startswith("/aws/service/canonical")
    value = f"ami-0{context.digits(name + context.location.region)}" if image else UNTOLD
    return {
        "id": name,
        "arn": context.location.arn("ssm", f"parameter{name}"),
        "value": value,
        "insecureValue": value,
        "type": "String",
        "version": 1,
    }


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


def _certificate(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    arn = context.location.arn("acm", f"certificate/{uuid(context.digits(arguments.get('domain'), 32))}")
    return {"id": arn, "arn": arn, "status": "ISSUED"}


def _image(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    location, name = context.location, arguments.get("repositoryName")
    digest = "sha256:" + context.digits(str(sorted(arguments.items())), 64)
    uri = f"{location.account}.dkr.ecr.{location.region}.{location.suffix}/{name}@{digest}"
    return {"id": digest, "imageDigest": digest, "imageUri": uri, "registryId": location.account, "imageTags": []}


def _repository(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    location, name = context.location, arguments.get("name")
    return {
        "id": name,
        "arn": context.location.arn("ecr", f"repository/{name}"),
        "registryId": location.account,
        "repositoryUrl": f"{location.account}.dkr.ecr.{location.region}.{location.suffix}/{name}",
    }


_TOKEN: Final = base64.b64encode(f"AWS:{UNTOLD}".encode()).decode()
"""Programs decode it to a user and a password, which is unknown.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_AuthorizationData.html
"""


def _registry_token(context: LookupContext, _arguments: Arguments) -> dict[str, Any]:
    location = context.location
    endpoint = f"https://{location.account}.dkr.ecr.{location.region}.{location.suffix}"
    return {
        "id": location.region,
        "userName": "AWS",
        "proxyEndpoint": endpoint,
        "registryId": location.account,
        "authorizationToken": _TOKEN,
        "expiresAt": "2030-01-01T00:00:00Z",
    }


def _registry_credentials(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    found = _registry_token(context, arguments)
    return {key: found[key] for key in ("id", "proxyEndpoint", "authorizationToken")}


def _function(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    given = str(arguments.get("functionName"))
    name = given.rpartition(":function:")[2].partition(":")[0]
    arn = given if given.startswith("arn:") else context.location.arn("lambda", f"function:{name}")
    location = context.location
    base = f"arn:{location.partition}:apigateway:{location.region}:lambda:path/2015-03-31/functions/{arn}/invocations"
    return {"id": name, "functionName": name, "arn": arn, "invokeArn": base, "qualifiedArn": f"{arn}:$LATEST"}


def _secret(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    name = str(arguments.get("name") or arguments.get("arn"))
    arn = arguments.get("arn") or context.location.arn("secretsmanager", f"secret:{name}-{context.digits(name, 6)}")
    return {"id": arn, "arn": arn, "name": name}


def _role(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    name = arguments.get("name")
    return {"id": name, "arn": f"arn:{context.location.partition}:iam::{context.location.account}:role/{name}"}


def _policy(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    location = context.location
    arn = arguments.get("arn") or f"arn:{location.partition}:iam::{location.account}:policy/{arguments.get('name')}"
    return {"id": arn, "arn": arn}


def _bucket(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    name, location = arguments.get("bucket"), context.location
    domain = f"{name}.s3.{location.region}.{location.suffix}"
    return {"id": name, "arn": f"arn:{location.partition}:s3:::{name}", "bucketRegionalDomainName": domain}


def _log_group(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    name = arguments.get("name")
    return {"id": name, "arn": context.location.arn("logs", f"log-group:{name}")}


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


def _service(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    region = arguments.get("region") or context.location.region
    name = arguments.get("serviceId") or str(arguments.get("reverseDnsName")).rpartition(".")[2]
    return {"id": name, "dnsName": f"{name}.{region}.{context.location.suffix}", "supported": True, "region": region}


ANSWERS: Final[Mapping[str, Answer]] = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:index/getAvailabilityZone:getAvailabilityZone": _zone,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getCallerIdentity:getCallerIdentity": _caller,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getService:getService": _service,
    "aws:ssm/getParameter:getParameter": _ssm_parameter,
    "aws:route53/getZone:getZone": _hosted_zone,
    "aws:acm/getCertificate:getCertificate": _certificate,
    "aws:ecr/getImage:getImage": _image,
    "aws:ecr/getRepository:getRepository": _repository,
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": _registry_token,
    "aws:ecr/getCredentials:getCredentials": _registry_credentials,
    "aws:iam/getPolicyDocument:getPolicyDocument": lambda _asked, arguments: render(arguments),
    "aws:iam/getRole:getRole": _role,
    "aws:iam/getPolicy:getPolicy": _policy,
    "aws:lambda/getFunction:getFunction": _function,
    "aws:secretsmanager/getSecret:getSecret": _secret,
    "aws:s3/getBucket:getBucket": _bucket,
    "aws:cloudwatch/getLogGroup:getLogGroup": _log_group,
    "aws:kms/getKey:getKey": _key,
    "aws:kms/getAlias:getAlias": _key_alias,
}
