"""What to ask the AWS price API for each item of the price table.

Service codes, product families and usage types as infracost asks for them (https://github.com/infracost/infracost,
internal/resources/aws, August 2026). The ones that are marked `confirmed=False` are not in there and were never asked:
an answer that is not exactly one product changes nothing, so a wrong one does no harm.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetProducts.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_PREFIX: Final = r"(?:[A-Z]{2,4}[0-9]?-|[a-z]{2}-[a-z]+-[0-9]-)?"
"""What usage types begin with outside us-east-1: `EU-`, `APN1-`, `eu-west-1-`."""


@dataclass(frozen=True)
class Query:
    """One product of the price API in each region."""

    service: str
    usage: str
    """Usage type without the region's prefix, as a regular expression."""
    filters: Mapping[str, str] = field(default_factory=dict)
    """Attributes of the product that must be equal."""
    region_key: str = "regionCode"
    """Attribute that holds the region; empty for services with one price everywhere."""
    per: float = 1.0
    """Units of the API in one unit of the table: a million calls."""
    first: bool = False
    """Whether only the first tier is kept: our stacks stay in it, or the table's unit says so."""
    confirmed: bool = True

    def has(self, usage_type: str) -> bool:
        """Whether a usage type is the one that is meant."""
        return re.fullmatch(f"{_PREFIX}{self.usage}", usage_type) is not None


_MILLION: Final = 1e6
_BALANCER: Final = {"locationType": "AWS Region"}
_ALB: Final = {"productFamily": "Load Balancer-Application", **_BALANCER}
_NLB: Final = {"productFamily": "Load Balancer-Network", **_BALANCER}
_NAT: Final = {"productFamily": "NAT Gateway"}
_ENDPOINT: Final = {"productFamily": "VpcEndpoint"}
_CALLS: Final = {"productFamily": "API Calls"}
_FIREWALL: Final = {"productFamily": "Web Application Firewall"}
_TASK: Final = {"productFamily": "Compute"}
_TRANSFER: Final = {"productFamily": "Data Transfer"}


def _ec2(kind: str) -> Query:
    machine = {
        "productFamily": "Compute Instance",
        "instanceType": kind,
        "tenancy": "Shared",
        "operatingSystem": "Linux",
        "preInstalledSw": "NA",
        "licenseModel": "No License required",
        "capacitystatus": "Used",
    }
    return Query("AmazonEC2", rf"BoxUsage:{re.escape(kind)}", machine)


def _credits(family: str) -> Query:
    burst = {"productFamily": "CPU Credits", "operatingSystem": "Linux"}
    return Query("AmazonEC2", f"CPUCredits:{re.escape(family)}", burst)


def _disk(kind: str) -> Query:
    return Query("AmazonEC2", rf"EBS:VolumeUsage\.{kind}", {"productFamily": "Storage", "volumeApiName": kind})


def _function(group: str, usage: str, per: float = 1.0) -> Query:
    return Query("AWSLambda", usage, {"productFamily": "Serverless", "group": group}, per=per)


def _alarm(resolution: str, usage: str) -> Query:
    return Query("AmazonCloudWatch", usage, {"productFamily": "Alarm", "alarmType": resolution}, first=True)


def _watched(family: str, usage: str, **more: str) -> Query:
    return Query("AmazonCloudWatch", usage, {"productFamily": family, **more}, first=True)


_QUERIES: Final[Mapping[str, Query]] = {
    "nat-gateway": Query("AmazonEC2", "NatGateway-Hours", _NAT),
    "nat-gateway-data": Query("AmazonEC2", "NatGateway-Bytes", _NAT),
    "public-ipv4": Query("AmazonVPC", "PublicIPv4:InUseAddress", confirmed=False),
    "interface-endpoint": Query("AmazonVPC", "VpcEndpoint-Hours", _ENDPOINT),
    "interface-endpoint-data": Query("AmazonVPC", "VpcEndpoint-Bytes", _ENDPOINT, first=True),
    "alb": Query("AWSELB", "LoadBalancerUsage", _ALB),
    "alb-capacity": Query("AWSELB", "LCUUsage", _ALB),
    "nlb": Query("AWSELB", "LoadBalancerUsage", _NLB),
    "nlb-capacity": Query("AWSELB", "LCUUsage", _NLB),
    "http-api-call": Query("AmazonApiGateway", "ApiGatewayHttpRequest", _CALLS, per=_MILLION),
    "rest-api-call": Query("AmazonApiGateway", "ApiGatewayRequest", _CALLS, per=_MILLION),
    "rest-api-cache-0.5": Query(
        "AmazonApiGateway", ".*", {"productFamily": "Amazon API Gateway Cache", "cacheMemorySizeGb": "0.5"}
    ),
    "lambda-request": _function("AWS-Lambda-Requests", "Request", _MILLION),
    "lambda-x86_64": _function("AWS-Lambda-Duration", "Lambda-GB-Second"),
    "lambda-arm64": _function("AWS-Lambda-Duration-ARM", "Lambda-GB-Second-ARM"),
    "lambda-streamed": Query("AWSLambda", ".*Stream.*Bytes.*", confirmed=False),
    "fargate-cpu-x86_64": Query("AmazonECS", "Fargate-vCPU-Hours:perCPU", _TASK),
    "fargate-memory-x86_64": Query("AmazonECS", "Fargate-GB-Hours", _TASK),
    "fargate-cpu-arm64": Query("AmazonECS", "Fargate-ARM-vCPU-Hours:perCPU", _TASK, confirmed=False),
    "fargate-memory-arm64": Query("AmazonECS", "Fargate-ARM-GB-Hours", _TASK, confirmed=False),
    "logs-ingested": _watched("Data Payload", "DataProcessing-Bytes"),
    "logs-kept": _watched("Storage Snapshot", "TimedStorage-ByteHrs"),
    "alarm": _alarm("Standard", "CW:AlarmMonitorUsage"),
    "alarm-high-resolution": _alarm("High Resolution", "CW:.*AlarmMonitorUsage"),
    # Seven metrics of an instance, each priced as one of one's own.
    "detailed-monitoring": Query(
        "AmazonCloudWatch", "CW:MetricMonitorUsage", {"productFamily": "Metric", "group": "Metric"}, per=7, first=True
    ),
    "internet-out": Query(
        "AWSDataTransfer",
        "DataTransfer-Out-Bytes",
        {**_TRANSFER, "transferType": "AWS Outbound", "toLocation": "External"},
        region_key="fromRegionCode",
        first=True,
        confirmed=False,
    ),
    "cross-zone": Query(
        "AWSDataTransfer",
        "DataTransfer-Regional-Bytes",
        {**_TRANSFER, "transferType": "IntraRegion"},
        region_key="fromRegionCode",
        first=True,
        confirmed=False,
    ),
    "waf-acl": Query("awswaf", "WebACLV2", _FIREWALL),
    "waf-rule": Query("awswaf", "RuleV2", _FIREWALL),
    "waf-request": Query("awswaf", "RequestV2-Tier1", _FIREWALL, per=_MILLION),
    "cloud-map-instance": Query("AWSCloudMap", ".*Resource.*", confirmed=False),
    "cloud-map-discovery": Query("AWSCloudMap", ".*Discover.*", per=_MILLION, confirmed=False),
    "hosted-zone": Query("AmazonRoute53", "HostedZone", {"productFamily": "DNS Zone"}, region_key="", first=True),
    "kms-key": Query("awskms", "KMS-Keys", {"productFamily": "Encryption Key"}),
    "secret": Query("AWSSecretsManager", ".*", {"productFamily": "Secret"}),
    "ecr-storage": Query("AmazonECR", "TimedStorage-ByteHrs", {"productFamily": "EC2 Container Registry"}, first=True),
    "s3-storage": Query(
        "AmazonS3", "TimedStorage-ByteHrs", {"productFamily": "Storage", "volumeType": "Standard"}, first=True
    ),
}


def query(item: str) -> Query | None:
    """How to ask for an item's price; None for an item that nobody wrote down how to."""
    if item.startswith("cpu-credits-"):
        return _credits(item.removeprefix("cpu-credits-"))
    kind, _, rest = item.partition("-")
    if kind == "ec2" and rest:
        return _ec2(rest)
    return _disk(rest) if kind == "ebs" and rest else _QUERIES.get(item)
