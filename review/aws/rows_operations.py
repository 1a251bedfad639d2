"""Rows of the catalog: roles, logs, alarms, keys, secrets, storage, queues, and packages beside AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .row import FREE, NO_TRAFFIC, NameLimit, Row, by_use, charged, monthly, named, regional, worldwide

_UUID: Final = "{x8}-{x4}-{x4}-{x4}-{x12}"

ROWS: Final[Mapping[str, Row]] = {
    "budgets.Budget": Row(
        mock={"id": "{account}:{name}", "arn": "arn:{partition}:budgets::{account}:budget/{name}", "name": "{name}"}
    ),
    "cloudwatch.CompositeAlarm": Row(
        cost=FREE, mock={"id": "{alarmName}", "arn": "arn:{partition}:cloudwatch:{region}:{account}:alarm:{alarmName}"}
    ),
    "cloudwatch.Dashboard": Row(
        mock={
            "id": "{dashboardName}",
            "dashboardArn": "arn:{partition}:cloudwatch::{account}:dashboard/{dashboardName}",
        }
    ),
    "cloudwatch.EventRule": Row(cost=FREE, mock=named("events", "rule/{name}")),
    "cloudwatch.EventTarget": Row(cost=FREE, mock={"id": "{rule}-{x10}"}),
    "cloudwatch.LogGroup": Row(cost=charged("log_group"), mock=named("logs", "log-group:{name}")),
    "cloudwatch.LogMetricFilter": Row(cost=FREE, mock={"id": "{name}"}),
    "cloudwatch.LogResourcePolicy": Row(cost=FREE, mock={"id": "{policyName}"}, policy="policyDocument"),
    "cloudwatch.LogStream": Row(
        cost=FREE,
        mock={
            "id": "{name}",
            "arn": "arn:{partition}:logs:{region}:{account}:log-group:{logGroupName}:log-stream:{name}",
        },
    ),
    "cloudwatch.LogSubscriptionFilter": Row(cost=FREE, mock={"id": "cwlsf-{x10}"}),
    "cloudwatch.MetricAlarm": Row(cost=charged("alarm"), mock=named("cloudwatch", "alarm:{name}")),
    "dynamodb.Table": Row(mock=named("dynamodb", "table/{name}")),
    "iam.AccessKey": Row(mock={"id": "AKIA{X16}"}),
    "iam.Group": Row(mock=worldwide("iam", "group/{name}", uniqueId="AGPA{X17}")),
    "iam.InstanceProfile": Row(
        role="instance profile",
        name=NameLimit(longest=128),
        mock=worldwide("iam", "instance-profile/{name}", uniqueId="AIPA{X17}"),
    ),
    "iam.OpenIdConnectProvider": Row(mock={"id": "arn:{partition}:iam::{account}:oidc-provider/{x16}", "arn": "{id}"}),
    "iam.Policy": Row(
        role="policy",
        name=NameLimit(longest=128),
        mock={
            "id": "arn:{partition}:iam::{account}:policy/{name}",
            "arn": "{id}",
            "name": "{name}",
            "policyId": "ANPA{X17}",
        },
    ),
    "iam.PolicyAttachment": Row(role="role attachment", mock={"id": "{name}"}),
    "iam.RolePolicyAttachmentsExclusive": Row(mock={"id": "{roleName}"}),
    "iam.Role": Row(
        role="role",
        name=NameLimit(longest=64),
        mock=worldwide("iam", "role/{name}", uniqueId="AROA{X17}", createDate="2026-01-01T00:00:00Z"),
    ),
    "iam.RolePolicy": Row(
        role="role policy", name=NameLimit(longest=128), mock={"id": "{role}:{name}", "name": "{name}"}
    ),
    "iam.RolePolicyAttachment": Row(role="role attachment", mock={"id": "{role}-{policyArn}"}),
    "iam.ServiceLinkedRole": Row(
        mock={"id": "arn:{partition}:iam::{account}:role/aws-service-role/{awsServiceName}/{x16}", "arn": "{id}"}
    ),
    "iam.User": Row(name=NameLimit(longest=64), mock=worldwide("iam", "user/{name}", uniqueId="AIDA{X17}")),
    "iam.UserPolicy": Row(mock={"id": "{user}:{name}", "name": "{name}"}),
    "iam.UserPolicyAttachment": Row(mock={"id": "{user}-{policyArn}"}),
    "kinesis.FirehoseDeliveryStream": Row(mock=regional("firehose", "deliverystream/{name}", name="{name}")),
    "kms.Alias": Row(
        cost=FREE,
        mock={
            "id": "{name}",
            "name": "{name}",
            "arn": "arn:{partition}:kms:{region}:{account}:{name}",
            "targetKeyArn": "arn:{partition}:kms:{region}:{account}:key/{targetKeyId}",
        },
    ),
    "kms.Key": Row(
        cost=monthly("kms-key"),
        mock={"id": _UUID, "keyId": "{id}", "arn": "arn:{partition}:kms:{region}:{account}:key/{id}"},
        policy="policy",
    ),
    "kms.KeyPolicy": Row(cost=FREE, policy="policy"),
    "rds.Instance": Row(
        role="data store",
        cost=charged("database"),
        name=NameLimit(longest=63, key="identifier"),
        mock={
            "id": "db-{x26}",
            "identifier": "{name}",
            "arn": "arn:{partition}:rds:{region}:{account}:db:{name}",
            "address": "{name}.{x12}.{region}.rds.{suffix}",
        },
    ),
    "resourcegroups.Group": Row(mock=named("resource-groups", "group/{name}")),
    "s3.Bucket": Row(
        cost=by_use("what is stored and fetched"),
        name=NameLimit(longest=63, key="bucket"),
        mock={
            "id": "{name}",
            "bucket": "{name}",
            "arn": "arn:{partition}:s3:::{bucket}",
            "bucketDomainName": "{bucket}.s3.{suffix}",
            "bucketRegionalDomainName": "{bucket}.s3.{region}.{suffix}",
            "hostedZoneId": "Z0{x12}",
        },
        policy="policy",
    ),
    "s3.BucketLifecycleConfiguration": Row(cost=FREE, mock={"id": "{bucket}"}),
    "s3.BucketObject": Row(
        cost=by_use("its size"), mock={"id": "{key}", "arn": "arn:{partition}:s3:::{bucket}/{key}", "etag": "{x32}"}
    ),
    "s3.BucketObjectv2": Row(
        cost=by_use("its size"),
        mock={"id": "{key}", "arn": "arn:{partition}:s3:::{bucket}/{key}", "etag": "{x32}", "versionId": "{x32}"},
    ),
    "s3.BucketOwnershipControls": Row(cost=FREE, mock={"id": "{bucket}"}),
    "s3.BucketPolicy": Row(cost=FREE, mock={"id": "{bucket}"}, policy="policy"),
    "s3.BucketPublicAccessBlock": Row(cost=FREE, mock={"id": "{bucket}"}),
    "s3.BucketServerSideEncryptionConfiguration": Row(cost=FREE, mock={"id": "{bucket}"}),
    "s3.BucketVersioning": Row(cost=FREE, mock={"id": "{bucket}"}),
    "scheduler.Schedule": Row(
        role=NO_TRAFFIC,
        cost=by_use("how often it runs; 14 million times a month are free"),
        name=NameLimit(longest=64),
        mock={"id": "default/{name}", "arn": "arn:{partition}:scheduler:{region}:{account}:schedule/default/{name}"},
    ),
    "secretsmanager.Secret": Row(
        cost=monthly("secret"),
        mock=regional("secretsmanager", "secret:{name}-{x6}", name="{name}"),
        policy="policy",
    ),
    "secretsmanager.SecretPolicy": Row(cost=FREE, mock={"id": "{secretArn}"}, policy="policy"),
    "secretsmanager.SecretVersion": Row(
        cost=FREE, mock={"id": "{secretId}|" + _UUID, "arn": "{secretId}", "versionId": _UUID}
    ),
    "servicecatalog.ProvisionedProduct": Row(),
    "sns.Topic": Row(
        cost=by_use("messages; e-mails are free up to 1,000 a month"),
        mock=regional("sns", "{name}", name="{name}", owner="{account}"),
        policy="policy",
    ),
    "sns.TopicPolicy": Row(cost=FREE, mock={"id": "{arn}", "owner": "{account}"}, policy="policy"),
    "sns.TopicSubscription": Row(cost=FREE, mock={"id": "{topic}:" + _UUID, "arn": "{id}", "ownerId": "{account}"}),
    "sqs.Queue": Row(
        cost=by_use("messages; the first million of a month is free"),
        name=NameLimit(longest=80),
        mock={
            "id": "https://sqs.{region}.{suffix}/{account}/{name}",
            "url": "{id}",
            "name": "{name}",
            "arn": "arn:{partition}:sqs:{region}:{account}:{name}",
        },
        policy="policy",
    ),
    "ssm.Association": Row(
        cost=FREE,
        mock={"id": _UUID, "associationId": "{id}", "arn": "arn:{partition}:ssm:{region}:{account}:association/{id}"},
    ),
    "ssm.Document": Row(cost=FREE, mock=named("ssm", "document/{name}")),
    "ssm.MaintenanceWindow": Row(mock={"id": "mw-0{x16}"}),
    "ssm.Parameter": Row(
        cost=by_use("nothing for standard parameters"), mock=named("ssm", "parameter{name}", version=1)
    ),
    "awsx:ecr:Image": Row(mock={"imageUri": "{repositoryUrl}@sha256:{x64}"}),
    "awsx:ecr:Repository": Row(cost=charged("registry"), mock={"url": "{account}.dkr.ecr.{region}.{suffix}/{name}"}),
    "docker-build:index:Image": Row(mock={"id": "{x32}", "digest": "sha256:{x64}"}),
    "random:index/randomId:RandomId": Row(mock={"id": "{x11}", "hex": "{x8}", "b64Url": "{x11}"}),
    "random:index/randomPassword:RandomPassword": Row(mock={"id": "none", "result": "{x32}"}),
    "random:index/randomPet:RandomPet": Row(mock={"id": "made-up-{x6}"}),
    "random:index/randomString:RandomString": Row(mock={"id": "{x16}", "result": "{id}"}),
    "rds.Cluster": Row(role="data store", cost=charged("cluster")),
    "s3.AccountPublicAccessBlock": Row(cost=FREE),
    "sqs.QueuePolicy": Row(cost=FREE, policy="policy"),
    "iam.GroupPolicy": Row(mock={"id": "{group}:{name}", "name": "{name}"}),
    "iam.GroupPolicyAttachment": Row(),
    "s3.BucketAcl": Row(cost=FREE),
    "s3.BucketWebsiteConfiguration": Row(cost=FREE),
}
