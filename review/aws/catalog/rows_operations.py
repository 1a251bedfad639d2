"""Rows of the catalog: roles, logs, alarms, keys, secrets, storage, queues, and packages beside AWS."""

from collections.abc import Mapping
from typing import Final

from .row import (
    NO_TRAFFIC,
    UUID,
    NameLimit,
    Row,
    alike,
    arn,
    by_use,
    charged,
    free,
    monthly,
    named,
    regional,
    worldwide,
)

ROWS: Final[Mapping[str, Row]] = {
    **alike(
        free(mock={"id": "{bucket}"}),
        "s3.BucketLifecycleConfiguration s3.BucketOwnershipControls s3.BucketPublicAccessBlock "
        "s3.BucketServerSideEncryptionConfiguration s3.BucketVersioning",
    ),
    "budgets.Budget": Row(
        mock={"id": "{account}:{name}", "arn": arn("budgets", "budget/{name}", region=""), "name": "{name}"}
    ),
    "cloudwatch.CompositeAlarm": free(mock={"id": "{alarmName}", "arn": arn("cloudwatch", "alarm:{alarmName}")}),
    "cloudwatch.Dashboard": Row(
        mock={"id": "{dashboardName}", "dashboardArn": arn("cloudwatch", "dashboard/{dashboardName}", region="")}
    ),
    "cloudwatch.EventRule": free(mock=named("events", "rule/{name}")),
    "cloudwatch.EventTarget": free("task starter", mock={"id": "{rule}-{x10}"}),
    "cloudwatch.LogGroup": Row(cost=charged("log_group"), mock=named("logs", "log-group:{name}")),
    "cloudwatch.LogMetricFilter": free(mock={"id": "{name}"}),
    "cloudwatch.LogResourcePolicy": free(policy="policyDocument", mock={"id": "{policyName}"}),
    "cloudwatch.LogStream": free(
        mock={"id": "{name}", "arn": arn("logs", "log-group:{logGroupName}:log-stream:{name}")}
    ),
    "cloudwatch.LogSubscriptionFilter": free(mock={"id": "cwlsf-{x10}"}),
    "cloudwatch.MetricAlarm": Row(cost=charged("alarm"), mock=named("cloudwatch", "alarm:{name}")),
    "dynamodb.Table": Row(mock=named("dynamodb", "table/{name}")),
    "iam.AccessKey": Row(mock={"id": "AKIA{X16}"}),
    "iam.Group": Row(mock=worldwide("iam", "group/{name}", uniqueId="AGPA{X17}")),
    "iam.InstanceProfile": Row(
        "instance profile", name=NameLimit(128), mock=worldwide("iam", "instance-profile/{name}", uniqueId="AIPA{X17}")
    ),
    "iam.OpenIdConnectProvider": Row(mock={"id": arn("iam", "oidc-provider/{x16}", region=""), "arn": "{id}"}),
    "iam.Policy": Row(
        "policy",
        name=NameLimit(128),
        mock={"id": arn("iam", "policy/{name}", region=""), "arn": "{id}", "name": "{name}", "policyId": "ANPA{X17}"},
    ),
    "iam.PolicyAttachment": Row("role attachment", mock={"id": "{name}"}),
    "iam.RolePolicyAttachmentsExclusive": Row(mock={"id": "{roleName}"}),
    "iam.Role": Row(
        "role",
        name=NameLimit(64),
        mock=worldwide("iam", "role/{name}", uniqueId="AROA{X17}", createDate="2026-01-01T00:00:00Z"),
    ),
    "iam.RolePolicy": Row("role policy", name=NameLimit(128), mock={"id": "{role}:{name}", "name": "{name}"}),
    "iam.RolePolicyAttachment": Row("role attachment", mock={"id": "{role}-{policyArn}"}),
    "iam.ServiceLinkedRole": Row(
        mock={"id": arn("iam", "role/aws-service-role/{awsServiceName}/{x16}", region=""), "arn": "{id}"}
    ),
    "iam.User": Row(name=NameLimit(64), mock=worldwide("iam", "user/{name}", uniqueId="AIDA{X17}")),
    "iam.UserPolicy": Row(mock={"id": "{user}:{name}", "name": "{name}"}),
    "iam.UserPolicyAttachment": Row(mock={"id": "{user}-{policyArn}"}),
    "kinesis.FirehoseDeliveryStream": Row(mock=regional("firehose", "deliverystream/{name}", name="{name}")),
    "kms.Alias": free(mock=named("kms", "{name}", targetKeyArn=arn("kms", "key/{targetKeyId}"))),
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
    "resourcegroups.Group": Row(mock=named("resource-groups", "group/{name}")),
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
    "s3.BucketPolicy": free(policy="policy", mock={"id": "{bucket}"}),
    "pipes.Pipe": Row("task starter", mock=named("pipes", "pipe/{name}")),
    "scheduler.Schedule": Row(
        "task starter",
        cost=by_use("how often it runs; 14 million times a month are free"),
        name=NameLimit(64),
        mock={"id": "default/{name}", "arn": arn("scheduler", "schedule/default/{name}")},
    ),
    "secretsmanager.Secret": Row(
        cost=monthly("secret"), policy="policy", mock=regional("secretsmanager", "secret:{name}-{x6}", name="{name}")
    ),
    "secretsmanager.SecretPolicy": free(policy="policy", mock={"id": "{secretArn}"}),
    "secretsmanager.SecretVersion": free(mock={"id": "{secretId}|" + UUID, "arn": "{secretId}", "versionId": UUID}),
    "sns.Topic": Row(
        cost=by_use("messages; e-mails are free up to 1,000 a month"),
        policy="policy",
        mock=regional("sns", "{name}", name="{name}", owner="{account}"),
    ),
    "sns.TopicPolicy": free(policy="policy", mock={"id": "{arn}", "owner": "{account}"}),
    "sns.TopicSubscription": free(
        "topic subscription", mock={"id": "{topic}:" + UUID, "arn": "{id}", "ownerId": "{account}"}
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
    "ssm.Association": free(mock={"id": UUID, "associationId": "{id}", "arn": arn("ssm", "association/{id}")}),
    "ssm.Document": free(mock=named("ssm", "document/{name}")),
    "ssm.MaintenanceWindow": Row(mock={"id": "mw-0{x16}"}),
    "ssm.Parameter": Row(
        cost=by_use("nothing for standard parameters"), mock=named("ssm", "parameter{name}", version=1)
    ),
    "awsx:ecr:Image": Row(NO_TRAFFIC, mock={"imageUri": "{repositoryUrl}@sha256:{x64}"}),
    "awsx:ecr:Repository": Row(
        NO_TRAFFIC, cost=charged("registry"), mock={"url": "{account}.dkr.ecr.{region}.{suffix}/{name}"}
    ),
    "docker-build:index:Image": Row(mock={"id": "{x32}", "digest": "sha256:{x64}"}),
    "pulumi:index:Stash": Row(mock={"id": "{x8}-{x4}-{x4}-{x4}-{x12}"}),
    "random:index/randomId:RandomId": Row(mock={"id": "{x11}", "hex": "{x8}", "b64Url": "{x11}"}),
    "random:index/randomPassword:RandomPassword": Row(mock={"id": "none", "result": "{x32}"}),
    "random:index/randomPet:RandomPet": Row(mock={"id": "made-up-{x6}"}),
    "random:index/randomString:RandomString": Row(mock={"id": "{x16}", "result": "{id}"}),
    "rds.Cluster": Row("data store", cost=charged("cluster")),
    "iam.GroupPolicy": Row(mock={"id": "{group}:{name}", "name": "{name}"}),
}
