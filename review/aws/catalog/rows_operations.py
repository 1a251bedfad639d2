"""Rows of the catalog: roles, logs, alarms, keys, secrets, storage, queues, and packages beside AWS."""

from collections.abc import Mapping
from typing import Final

from .row import (
    NO_TRAFFIC,
    UUID,
    NameLimit,
    Row,
    arn,
    by_use,
    charged,
    monthly,
    named,
    regional,
    worldwide,
)

_POLICY_ARN: Final = " or ".join(arn("iam", f"policy{path}{{name}}", region="") for path in ("{path}", "/"))
ROWS: Final[Mapping[str, Row]] = {
    "cloudwatch.LogGroup": Row(cost=charged("log_group"), mock=named("logs", "log-group:{name}")),
    "cloudwatch.MetricAlarm": Row(cost=charged("alarm"), mock=named("cloudwatch", "alarm:{name}")),
    "iam.InstanceProfile": Row(
        "instance profile", name=NameLimit(128), mock=worldwide("iam", "instance-profile/{name}", uniqueId="AIPA{X17}")
    ),
    "iam.Policy": Row(
        "policy",
        name=NameLimit(128),
        mock={"id": _POLICY_ARN, "arn": "{id}", "name": "{name}", "policyId": "ANPA{X17}"},
    ),
    "iam.Role": Row(
        "role",
        name=NameLimit(64),
        mock=worldwide("iam", "role/{name}", uniqueId="AROA{X17}", createDate="2026-01-01T00:00:00Z"),
    ),
    "iam.RolePolicy": Row("role policy", name=NameLimit(128), mock={"id": "{role}:{name}", "name": "{name}"}),
    "iam.User": Row(name=NameLimit(64), mock=worldwide("iam", "user/{name}", uniqueId="AIDA{X17}")),
    "kms.Key": Row(
        cost=monthly("kms-key"), policy="policy", mock={"id": UUID, "keyId": "{id}", "arn": arn("kms", "key/{id}")}
    ),
    "rds.Instance": Row(
        "data store",
        cost=charged("database"),
        name=NameLimit(63, key="identifier"),
        mock={
            "id": "db-{x26}",
            "identifier": "{name}",
            "arn": arn("rds", "db:{name}"),
            "address": "{name}.{x12}.{region}.rds.{suffix}",
        },
    ),
    "s3.Bucket": Row(
        cost=by_use("what is stored and fetched"),
        name=NameLimit(63, key="bucket"),
        policy="policy",
        mock={
            "id": "{name}",
            "bucket": "{name}",
            "arn": "arn:{partition}:s3:::{bucket}",
            "bucketDomainName": "{bucket}.s3.{suffix}",
            "bucketRegionalDomainName": "{bucket}.s3.{region}.{suffix}",
            "hostedZoneId": "Z0{x12}",
        },
    ),
    "s3.BucketObject": Row(
        cost=by_use("its size"), mock={"id": "{key}", "arn": "arn:{partition}:s3:::{bucket}/{key}", "etag": "{x32}"}
    ),
    "s3.BucketObjectv2": Row(
        cost=by_use("its size"),
        mock={"id": "{key}", "arn": "arn:{partition}:s3:::{bucket}/{key}", "etag": "{x32}", "versionId": "{x32}"},
    ),
    "scheduler.Schedule": Row(
        "task starter",
        cost=by_use("how often it runs; 14 million times a month are free"),
        name=NameLimit(64),
        mock={"id": "default/{name}", "arn": arn("scheduler", "schedule/default/{name}")},
    ),
    "secretsmanager.Secret": Row(
        cost=monthly("secret"), policy="policy", mock=regional("secretsmanager", "secret:{name}-{x6}", name="{name}")
    ),
    "sns.Topic": Row(
        cost=by_use("messages; e-mails are free up to 1,000 a month"),
        policy="policy",
        mock=regional("sns", "{name}", name="{name}", owner="{account}"),
    ),
    "sqs.Queue": Row(
        cost=by_use("messages; the first million of a month is free"),
        name=NameLimit(80),
        policy="policy",
        mock={
            "id": "https://sqs.{region}.{suffix}/{account}/{name}",
            "url": "{id}",
            "name": "{name}",
            "arn": arn("sqs", "{name}"),
        },
    ),
    "ssm.Parameter": Row(
        cost=by_use("nothing for standard parameters"), mock=named("ssm", "{name:parameter}", version=1)
    ),
    "awsx:ecr:Repository": Row(
        NO_TRAFFIC, cost=charged("registry"), mock={"url": "{account}.dkr.ecr.{region}.{suffix}/{name}"}
    ),
    "rds.Cluster": Row("data store", cost=charged("cluster")),
}
