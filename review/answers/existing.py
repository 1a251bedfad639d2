"""Answers to lookups of where one is and of what exists in an account: zones, parameters, images, roles, secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .asked import Answer, Arguments, Asked
from .computed import zone_prefix
from .placeholders import UNTOLD
from .policy_document import render


def _zones(asked: Asked, arguments: Arguments) -> dict[str, Any]:
    region = asked.place.region
    zones = [(f"{region}{letter}", f"{zone_prefix(region)}-az{n}") for n, letter in enumerate(asked.letters(), 1)]
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


def _zone(asked: Asked, arguments: Arguments) -> dict[str, Any]:
    region, prefix = asked.place.region, zone_prefix(asked.place.region)
    letters = asked.letters()
    name, zone_id = arguments.get("name"), arguments.get("zoneId")
    if name is None and zone_id is not None:
        name = f"{region}{letters[(int(zone_id[-1]) - 1) % len(letters)]}"
    name = name or f"{region}a"
    zone_id = zone_id or f"{prefix}-az{letters.find(name[-1]) + 1}"
    return {"name": name, "zoneId": zone_id, "nameSuffix": name[-1], "region": region, "state": "available"}


def _region(asked: Asked, _arguments: Arguments) -> dict[str, Any]:
    region = asked.place.region
    endpoint = f"ec2.{region}.{asked.place.suffix}"
    return {"id": region, "name": region, "region": region, "description": region, "endpoint": endpoint}


def _caller(asked: Asked, _arguments: Arguments) -> dict[str, Any]:
    place = asked.place
    arn = f"arn:{place.partition}:iam::{place.account}:user/deployer"
    return {"id": place.account, "accountId": place.account, "arn": arn, "userId": "AIDAOFFLINEREVIEW"}


def _partition(asked: Asked, _arguments: Arguments) -> dict[str, Any]:
    place = asked.place
    reverse = ".".join(reversed(place.suffix.split(".")))
    return {"id": place.partition, "partition": place.partition, "dnsSuffix": place.suffix, "reverseDnsPrefix": reverse}


def _ssm_parameter(asked: Asked, arguments: Arguments) -> dict[str, Any]:
    name = str(arguments.get("name", ""))
    image = "/ami-" in name or "/image_id" in name or name.startswith("/aws/service/canonical")
    value = f"ami-0{asked.digits(name + asked.place.region)}" if image else UNTOLD
    return {
        "id": name,
        "arn": asked.arn("ssm", f"parameter{name}"),
        "value": value,
        "insecureValue": value,
        "type": "String",
        "version": 1,
    }


def _hosted_zone(asked: Asked, arguments: Arguments) -> dict[str, Any]:
    name = str(arguments.get("name") or "example.com").removesuffix(".")
    zone = arguments.get("zoneId") or "Z0" + asked.digits(name, 18).upper()
    return {
        "id": zone,
        "zoneId": zone,
        "name": name,
        "arn": f"arn:{asked.place.partition}:route53:::hostedzone/{zone}",
        "nameServers": [f"ns-{number}.awsdns-0{number}.org" for number in range(1, 5)],
        "primaryNameServer": "ns-1.awsdns-01.org",
    }


def _certificate(asked: Asked, arguments: Arguments) -> dict[str, Any]:
    digits = asked.digits(arguments.get("domain"), 32)
    arn = asked.arn("acm", f"certificate/{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}")
    return {"id": arn, "arn": arn, "status": "ISSUED"}


def _image(asked: Asked, arguments: Arguments) -> dict[str, Any]:
    place, name = asked.place, arguments.get("repositoryName")
    digest = "sha256:" + asked.digits(str(sorted(arguments.items())), 64)
    uri = f"{place.account}.dkr.ecr.{place.region}.{place.suffix}/{name}@{digest}"
    return {"id": digest, "imageDigest": digest, "imageUri": uri, "registryId": place.account, "imageTags": []}


def _repository(asked: Asked, arguments: Arguments) -> dict[str, Any]:
    place, name = asked.place, arguments.get("name")
    return {
        "id": name,
        "arn": asked.arn("ecr", f"repository/{name}"),
        "registryId": place.account,
        "repositoryUrl": f"{place.account}.dkr.ecr.{place.region}.{place.suffix}/{name}",
    }


def _registry_token(asked: Asked, _arguments: Arguments) -> dict[str, Any]:
    place = asked.place
    endpoint = f"https://{place.account}.dkr.ecr.{place.region}.{place.suffix}"
    return {"id": place.region, "userName": "AWS", "proxyEndpoint": endpoint, "registryId": place.account}


def _function(asked: Asked, arguments: Arguments) -> dict[str, Any]:
    given = str(arguments.get("functionName"))
    name = given.rpartition(":function:")[2].partition(":")[0]
    arn = given if given.startswith("arn:") else asked.arn("lambda", f"function:{name}")
    place = asked.place
    base = f"arn:{place.partition}:apigateway:{place.region}:lambda:path/2015-03-31/functions/{arn}/invocations"
    return {"id": name, "functionName": name, "arn": arn, "invokeArn": base, "qualifiedArn": f"{arn}:$LATEST"}


def _secret(asked: Asked, arguments: Arguments) -> dict[str, Any]:
    name = str(arguments.get("name") or arguments.get("arn"))
    arn = arguments.get("arn") or asked.arn("secretsmanager", f"secret:{name}-{asked.digits(name, 6)}")
    return {"id": arn, "arn": arn, "name": name}


def _role(asked: Asked, arguments: Arguments) -> dict[str, Any]:
    name = arguments.get("name")
    return {"id": name, "arn": f"arn:{asked.place.partition}:iam::{asked.place.account}:role/{name}"}


def _policy(asked: Asked, arguments: Arguments) -> dict[str, Any]:
    place = asked.place
    arn = arguments.get("arn") or f"arn:{place.partition}:iam::{place.account}:policy/{arguments.get('name')}"
    return {"id": arn, "arn": arn}


def _bucket(asked: Asked, arguments: Arguments) -> dict[str, Any]:
    name, place = arguments.get("bucket"), asked.place
    domain = f"{name}.s3.{place.region}.{place.suffix}"
    return {"id": name, "arn": f"arn:{place.partition}:s3:::{name}", "bucketRegionalDomainName": domain}


def _log_group(asked: Asked, arguments: Arguments) -> dict[str, Any]:
    name = arguments.get("name")
    return {"id": name, "arn": asked.arn("logs", f"log-group:{name}")}


def _key(asked: Asked, arguments: Arguments) -> dict[str, Any]:
    arn = _key_arn(asked, str(arguments.get("keyId")))
    return {"id": arn.rpartition("/")[2], "arn": arn}


def _key_alias(asked: Asked, arguments: Arguments) -> dict[str, Any]:
    name = str(arguments.get("name"))
    target = _key_arn(asked, name)
    arn = asked.arn("kms", name)
    return {"id": arn, "arn": arn, "targetKeyArn": target, "targetKeyId": target.rpartition("/")[2]}


def _key_arn(asked: Asked, name: str) -> str:
    return name if name.startswith("arn:") else asked.arn("kms", f"key/{asked.digits(name, 32)}")


def _service(asked: Asked, arguments: Arguments) -> dict[str, Any]:
    region = arguments.get("region") or asked.place.region
    name = arguments.get("serviceId") or str(arguments.get("reverseDnsName")).rpartition(".")[2]
    return {"id": name, "dnsName": f"{name}.{region}.{asked.place.suffix}", "supported": True, "region": region}


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
