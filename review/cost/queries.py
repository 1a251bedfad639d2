"""Queries of the AWS price API for each item of the price table.

Service codes, product families and usage types as infracost queries them (https://github.com/infracost/infracost,
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
"""Prefix of usage types outside us-east-1: `EU-`, `APN1-`, `eu-west-1-`."""


@dataclass(frozen=True, kw_only=True)
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
    """Whether only the first tier is kept: our stacks stay in it, or the table's unit names it."""
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
_KAFKA: Final = {"productFamily": "Managed Streaming for Apache Kafka (MSK)", **_BALANCER}
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
    return Query(service="AmazonEC2", usage=rf"BoxUsage:{re.escape(kind)}", filters=machine)


def _credits(family: str) -> Query:
    burst = {"productFamily": "CPU Credits", "operatingSystem": "Linux"}
    return Query(service="AmazonEC2", usage=f"CPUCredits:{re.escape(family)}", filters=burst)


def _disk(kind: str) -> Query:
    return Query(
        service="AmazonEC2",
        usage=rf"EBS:VolumeUsage\.{kind}",
        filters={"productFamily": "Storage", "volumeApiName": kind},
    )


def _cache(size: str) -> Query:
    family = {"productFamily": "Amazon API Gateway Cache", "cacheMemorySizeGb": size}
    return Query(service="AmazonApiGateway", usage=".*", filters=family)


def _function(group: str, usage: str, per: float = 1.0) -> Query:
    return Query(service="AWSLambda", usage=usage, filters={"productFamily": "Serverless", "group": group}, per=per)


def _alarm(resolution: str, usage: str) -> Query:
    return Query(
        service="AmazonCloudWatch", usage=usage, filters={"productFamily": "Alarm", "alarmType": resolution}, first=True
    )


def _watched(family: str, usage: str, **more: str) -> Query:
    return Query(service="AmazonCloudWatch", usage=usage, filters={"productFamily": family, **more}, first=True)


_QUERIES: Final[Mapping[str, Query]] = {
    "nat-gateway": Query(service="AmazonEC2", usage="NatGateway-Hours", filters=_NAT),
    "nat-gateway-data": Query(service="AmazonEC2", usage="NatGateway-Bytes", filters=_NAT),
    "public-ipv4": Query(service="AmazonVPC", usage="PublicIPv4:InUseAddress", confirmed=False),
    "interface-endpoint": Query(service="AmazonVPC", usage="VpcEndpoint-Hours", filters=_ENDPOINT),
    "interface-endpoint-data": Query(service="AmazonVPC", usage="VpcEndpoint-Bytes", filters=_ENDPOINT, first=True),
    "alb": Query(service="AWSELB", usage="LoadBalancerUsage", filters=_ALB),
    "alb-capacity": Query(service="AWSELB", usage="LCUUsage", filters=_ALB),
    "nlb": Query(service="AWSELB", usage="LoadBalancerUsage", filters=_NLB),
    "nlb-capacity": Query(service="AWSELB", usage="LCUUsage", filters=_NLB),
    "http-api-call": Query(service="AmazonApiGateway", usage="ApiGatewayHttpRequest", filters=_CALLS, per=_MILLION),
    "rest-api-call": Query(service="AmazonApiGateway", usage="ApiGatewayRequest", filters=_CALLS, per=_MILLION),
    "lambda-request": _function("AWS-Lambda-Requests", "Request", _MILLION),
    "lambda-x86_64": _function("AWS-Lambda-Duration", "Lambda-GB-Second"),
    "lambda-arm64": _function("AWS-Lambda-Duration-ARM", "Lambda-GB-Second-ARM"),
    "lambda-streamed": Query(service="AWSLambda", usage=".*Stream.*Bytes.*", confirmed=False),
    "fargate-cpu-x86_64": Query(service="AmazonECS", usage="Fargate-vCPU-Hours:perCPU", filters=_TASK),
    "fargate-memory-x86_64": Query(service="AmazonECS", usage="Fargate-GB-Hours", filters=_TASK),
    "fargate-cpu-arm64": Query(
        service="AmazonECS", usage="Fargate-ARM-vCPU-Hours:perCPU", filters=_TASK, confirmed=False
    ),
    "fargate-memory-arm64": Query(service="AmazonECS", usage="Fargate-ARM-GB-Hours", filters=_TASK, confirmed=False),
    "logs-ingested": _watched("Data Payload", "DataProcessing-Bytes"),
    "logs-kept": _watched("Storage Snapshot", "TimedStorage-ByteHrs"),
    "alarm": _alarm("Standard", "CW:AlarmMonitorUsage"),
    "alarm-high-resolution": _alarm("High Resolution", "CW:.*AlarmMonitorUsage"),
    "custom-metric": Query(
        service="AmazonCloudWatch",
        usage="CW:MetricMonitorUsage",
        filters={"productFamily": "Metric", "group": "Metric"},
        first=True,
    ),
    # Seven metrics of an instance, each priced as one of one's own.
    "detailed-monitoring": Query(
        service="AmazonCloudWatch",
        usage="CW:MetricMonitorUsage",
        filters={"productFamily": "Metric", "group": "Metric"},
        per=7,
        first=True,
    ),
    "internet-out": Query(
        service="AWSDataTransfer",
        usage="DataTransfer-Out-Bytes",
        filters={**_TRANSFER, "transferType": "AWS Outbound", "toLocation": "External"},
        region_key="fromRegionCode",
        first=True,
        confirmed=False,
    ),
    "cross-zone": Query(
        service="AWSDataTransfer",
        usage="DataTransfer-Regional-Bytes",
        filters={**_TRANSFER, "transferType": "IntraRegion"},
        region_key="fromRegionCode",
        first=True,
        confirmed=False,
    ),
    "waf-acl": Query(service="awswaf", usage="WebACLV2", filters=_FIREWALL),
    "waf-rule": Query(service="awswaf", usage="RuleV2", filters=_FIREWALL),
    "waf-request": Query(service="awswaf", usage="RequestV2-Tier1", filters=_FIREWALL, per=_MILLION),
    "cloud-map-instance": Query(service="AWSCloudMap", usage=".*Resource.*", confirmed=False),
    "cloud-map-discovery": Query(service="AWSCloudMap", usage=".*Discover.*", per=_MILLION, confirmed=False),
    "hosted-zone": Query(
        service="AmazonRoute53", usage="HostedZone", filters={"productFamily": "DNS Zone"}, region_key="", first=True
    ),
    "kms-key": Query(service="awskms", usage="KMS-Keys", filters={"productFamily": "Encryption Key"}),
    "secret": Query(service="AWSSecretsManager", usage=".*", filters={"productFamily": "Secret"}),
    "ecr-storage": Query(
        service="AmazonECR",
        usage="TimedStorage-ByteHrs",
        filters={"productFamily": "EC2 Container Registry"},
        first=True,
    ),
    "eks-cluster": Query(service="AmazonEKS", usage="AmazonEKS-Hours:perCluster", filters=_TASK),
    "msk-serverless": Query(service="AmazonMSK", usage="KafkaServerless-ClusterHours", filters=_KAFKA),
    "msk-storage": Query(service="AmazonMSK", usage=r"Kafka\.Storage\.GP2", filters=_KAFKA),
    "aurora-storage": Query(
        service="AmazonRDS", usage="Aurora:StorageUsage", filters={"productFamily": "Database Storage"}
    ),
    "aurora-storage-io-optimized": Query(
        service="AmazonRDS",
        usage="Aurora:IO-OptimizedStorageUsage",
        filters={"productFamily": "Database Storage"},
    ),
    "aurora-capacity": Query(
        service="AmazonRDS",
        usage="Aurora:ServerlessV2Usage",
        filters={"productFamily": "ServerlessV2", "databaseEngine": "Aurora MySQL"},
    ),
    "aurora-capacity-io-optimized": Query(
        service="AmazonRDS",
        usage="Aurora:ServerlessV2IOOptimizedUsage",
        filters={"productFamily": "ServerlessV2", "databaseEngine": "Aurora MySQL"},
    ),
    "efs-storage": Query(service="AmazonEFS", usage="TimedStorage-ByteHrs", filters={"productFamily": "Storage"}),
    "efs-storage-one-zone": Query(
        service="AmazonEFS", usage="TimedStorage-Z-ByteHrs", filters={"productFamily": "Storage"}
    ),
    "efs-throughput": Query(
        service="AmazonEFS", usage="ProvisionedTP-MiBpsHrs", filters={"productFamily": "Provisioned Throughput"}
    ),
    "s3-storage": Query(
        service="AmazonS3",
        usage="TimedStorage-ByteHrs",
        filters={"productFamily": "Storage", "volumeType": "Standard"},
        first=True,
    ),
}


_ENGINES: Final = {
    "mysql": "MySQL",
    "postgres": "PostgreSQL",
    "mariadb": "MariaDB",
    "aurora-mysql": "Aurora MySQL",
    "aurora-postgresql": "Aurora PostgreSQL",
}
_VOLUMES: Final = {"gp2": "GP2", "gp3": "GP3", "io1": "PIOPS", "standard": ""}
_SEARCH_VOLUMES: Final = {"gp2": "GP2", "gp3": "GP3", "io1": "PIOPS-Storage", "standard": "Magnetic"}


def _database(rest: str) -> Query | None:
    """`multi-az-mysql-db.t3.large`, `storage-gp3`, `storage-multi-az-gp2`."""
    what = rest.removeprefix("storage-")
    plain = what.removeprefix("multi-az-")
    zones = "Single-AZ" if what == plain else "Multi-AZ"
    filters = {"deploymentOption": zones}
    if what != rest:
        parts = ("" if what == plain else zones, _VOLUMES.get(plain, plain), "Storage")
        filters |= {"productFamily": "Database Storage", "databaseEngine": "Any"}
        return Query(service="AmazonRDS", usage=re.escape(f"RDS:{'-'.join(filter(None, parts))}"), filters=filters)
    engine, _, size = plain.rpartition("-db.")
    if engine not in _ENGINES:
        return None
    filters |= {"productFamily": "Database Instance", "instanceType": f"db.{size}", "databaseEngine": _ENGINES[engine]}
    # Usage types have sizes in short, `db.r4.8xl`: the filter has the size.
    usage = "Instance" if what == plain else zones
    return Query(service="AmazonRDS", usage=rf"{usage}Usage:db\..*", filters=filters)


def _store(kind: str, rest: str) -> Query | None:
    """Databases, caches, search domains and file systems."""
    if kind == "rds":
        return _database(rest)
    if kind == "elasticache":
        engine, _, size = rest.partition("-")
        node = {"productFamily": "Cache Instance", "instanceType": size, "cacheEngine": engine.title()}
        return Query(service="AmazonElastiCache", usage="NodeUsage:.*", filters=node)
    if kind == "opensearch" and rest.startswith("storage-"):
        media = _SEARCH_VOLUMES[rest.removeprefix("storage-")]
        disk = {"productFamily": "Amazon OpenSearch Service Volume", "storageMedia": media}
        return Query(service="AmazonES", usage="ES.+-Storage", filters=disk)
    if kind == "opensearch":
        node = {"productFamily": "Amazon OpenSearch Service Instance", "instanceType": f"{rest}.search"}
        return Query(service="AmazonES", usage="ESInstance:.*", filters=node)
    return None


def query(item: str) -> Query | None:
    """Query for an item's price; None for an item without one."""
    if item.startswith("cpu-credits-"):
        return _credits(item.removeprefix("cpu-credits-"))
    if item.startswith("rest-api-cache-"):
        return _cache(item.removeprefix("rest-api-cache-"))
    kind, _, rest = item.partition("-")
    if kind == "ec2" and rest:
        return _ec2(rest)
    if kind == "redshift":
        node = {"productFamily": "Compute Instance", "instanceType": rest}
        return Query(service="AmazonRedshift", usage=".*", filters=node)
    if kind == "msk" and item not in _QUERIES:
        usage = rest.capitalize() if rest.startswith("express.") else f"Kafka.{rest}"
        return Query(service="AmazonMSK", usage=re.escape(usage), filters=_KAFKA)
    if (found := _store(kind, rest)) is not None:
        return found
    return _disk(rest) if kind == "ebs" and rest else _QUERIES.get(item)
