"""Rows of the catalog: roles, logs, alarms, keys, secrets, storage, queues, and packages beside AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .row import FREE, NO_TRAFFIC, NameLimit, Row, by_use, charged, monthly, named, regional, worldwide

_UUID: Final = "{x8}-{x4}-{x4}-{x4}-{x12}"

ROWS: Final[Mapping[str, Row]] = {
    "aws:budgets/budget:Budget": Row(
        mock={
            "id": "{account}:{name}",
            "arn": "arn:{partition}:budgets::{account}:budget/{name}",
            "name": "{name}",
        },
    ),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": Row(
        cost=FREE,
        mock={
            "id": "{alarmName}",
            "arn": "arn:{partition}:cloudwatch:{region}:{account}:alarm:{alarmName}",
        },
    ),
    "aws:cloudwatch/dashboard:Dashboard": Row(
        mock={
            "id": "{dashboardName}",
            "dashboardArn": "arn:{partition}:cloudwatch::{account}:dashboard/{dashboardName}",
        }
    ),
    "aws:cloudwatch/eventRule:EventRule": Row(cost=FREE, mock=named("events", "rule/{name}")),
    "aws:cloudwatch/eventTarget:EventTarget": Row(cost=FREE, mock={"id": "{rule}-{x10}"}),
    "aws:cloudwatch/logGroup:LogGroup": Row(cost=charged("log_group"), mock=named("logs", "log-group:{name}")),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Row(
        cost=FREE,
        mock={"id": "{name}"},
    ),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": Row(cost=FREE, mock={"id": "{policyName}"}),
    "aws:cloudwatch/logStream:LogStream": Row(
        cost=FREE,
        mock={
            "id": "{name}",
            "arn": "arn:{partition}:logs:{region}:{account}:log-group:{logGroupName}:log-stream:{name}",
        },
    ),
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": Row(cost=FREE, mock={"id": "cwlsf-{x10}"}),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Row(cost=charged("alarm"), mock=named("cloudwatch", "alarm:{name}")),
    "aws:dynamodb/table:Table": Row(mock=named("dynamodb", "table/{name}")),
    "aws:iam/accessKey:AccessKey": Row(mock={"id": "AKIA{X16}"}),
    "aws:iam/group:Group": Row(mock=worldwide("iam", "group/{name}", uniqueId="AGPA{X17}")),
    "aws:iam/instanceProfile:InstanceProfile": Row(
        role="instance profile",
        name=NameLimit(longest=128),
        mock=worldwide("iam", "instance-profile/{name}", uniqueId="AIPA{X17}"),
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": Row(
        mock={
            "id": "arn:{partition}:iam::{account}:oidc-provider/{x16}",
            "arn": "{id}",
        }
    ),
    "aws:iam/policy:Policy": Row(
        role="policy",
        name=NameLimit(longest=128),
        mock={
            "id": "arn:{partition}:iam::{account}:policy/{name}",
            "arn": "{id}",
            "name": "{name}",
            "policyId": "ANPA{X17}",
        },
    ),
    "aws:iam/policyAttachment:PolicyAttachment": Row(mock={"id": "{name}"}),
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": Row(mock={"id": "{roleName}"}),
    "aws:iam/role:Role": Row(
        role="role",
        name=NameLimit(longest=64),
        mock=worldwide("iam", "role/{name}", uniqueId="AROA{X17}", createDate="2026-01-01T00:00:00Z"),
    ),
    "aws:iam/rolePolicy:RolePolicy": Row(
        role="role policy",
        name=NameLimit(longest=128),
        mock={"id": "{role}:{name}", "name": "{name}"},
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Row(role="role attachment", mock={"id": "{role}-{policyArn}"}),
    "aws:iam/serviceLinkedRole:ServiceLinkedRole": Row(
        mock={
            "id": "arn:{partition}:iam::{account}:role/aws-service-role/{awsServiceName}/{x16}",
            "arn": "{id}",
        }
    ),
    "aws:iam/user:User": Row(name=NameLimit(longest=64), mock=worldwide("iam", "user/{name}", uniqueId="AIDA{X17}")),
    "aws:iam/userPolicy:UserPolicy": Row(mock={"id": "{user}:{name}", "name": "{name}"}),
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": Row(mock={"id": "{user}-{policyArn}"}),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": Row(
        mock=regional("firehose", "deliverystream/{name}", name="{name}")
    ),
    "aws:kms/alias:Alias": Row(
        cost=FREE,
        mock={
            "id": "{name}",
            "name": "{name}",
            "arn": "arn:{partition}:kms:{region}:{account}:{name}",
            "targetKeyArn": "arn:{partition}:kms:{region}:{account}:key/{targetKeyId}",
        },
    ),
    "aws:kms/key:Key": Row(
        cost=monthly("kms-key"),
        mock={"id": _UUID, "keyId": "{id}", "arn": "arn:{partition}:kms:{region}:{account}:key/{id}"},
    ),
    "aws:kms/keyPolicy:KeyPolicy": Row(cost=FREE),
    "aws:rds/instance:Instance": Row(
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
    "aws:resourcegroups/group:Group": Row(mock=named("resource-groups", "group/{name}")),
    "aws:s3/bucket:Bucket": Row(
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
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": Row(cost=FREE, mock={"id": "{bucket}"}),
    "aws:s3/bucketObject:BucketObject": Row(
        cost=by_use("its size"), mock={"id": "{key}", "arn": "arn:{partition}:s3:::{bucket}/{key}", "etag": "{x32}"}
    ),
    "aws:s3/bucketObjectv2:BucketObjectv2": Row(
        cost=by_use("its size"),
        mock={
            "id": "{key}",
            "arn": "arn:{partition}:s3:::{bucket}/{key}",
            "etag": "{x32}",
            "versionId": "{x32}",
        },
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": Row(cost=FREE, mock={"id": "{bucket}"}),
    "aws:s3/bucketPolicy:BucketPolicy": Row(cost=FREE, mock={"id": "{bucket}"}),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": Row(cost=FREE, mock={"id": "{bucket}"}),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": Row(
        cost=FREE, mock={"id": "{bucket}"}
    ),
    "aws:s3/bucketVersioning:BucketVersioning": Row(cost=FREE, mock={"id": "{bucket}"}),
    "aws:scheduler/schedule:Schedule": Row(
        role=NO_TRAFFIC,
        cost=by_use("how often it runs; 14 million times a month are free"),
        name=NameLimit(longest=64),
        mock={
            "id": "default/{name}",
            "arn": "arn:{partition}:scheduler:{region}:{account}:schedule/default/{name}",
        },
    ),
    "aws:secretsmanager/secret:Secret": Row(
        cost=monthly("secret"),
        mock=regional("secretsmanager", "secret:{name}-{x6}", name="{name}"),
    ),
    "aws:secretsmanager/secretPolicy:SecretPolicy": Row(cost=FREE, mock={"id": "{secretArn}"}),
    "aws:secretsmanager/secretVersion:SecretVersion": Row(
        cost=FREE,
        mock={
            "id": "{secretId}|" + _UUID,
            "arn": "{secretId}",
            "versionId": _UUID,
        },
    ),
    "aws:servicecatalog/provisionedProduct:ProvisionedProduct": Row(),
    "aws:sns/topic:Topic": Row(
        cost=by_use("messages; e-mails are free up to 1,000 a month"),
        mock=regional("sns", "{name}", name="{name}", owner="{account}"),
    ),
    "aws:sns/topicPolicy:TopicPolicy": Row(cost=FREE, mock={"id": "{arn}", "owner": "{account}"}),
    "aws:sns/topicSubscription:TopicSubscription": Row(
        cost=FREE,
        mock={
            "id": "{topic}:" + _UUID,
            "arn": "{id}",
            "ownerId": "{account}",
        },
    ),
    "aws:sqs/queue:Queue": Row(
        cost=by_use("messages; the first million of a month is free"),
        name=NameLimit(longest=80),
        mock={
            "id": "https://sqs.{region}.{suffix}/{account}/{name}",
            "url": "{id}",
            "name": "{name}",
            "arn": "arn:{partition}:sqs:{region}:{account}:{name}",
        },
    ),
    "aws:ssm/association:Association": Row(
        cost=FREE,
        mock={
            "id": _UUID,
            "associationId": "{id}",
            "arn": "arn:{partition}:ssm:{region}:{account}:association/{id}",
        },
    ),
    "aws:ssm/document:Document": Row(cost=FREE, mock=named("ssm", "document/{name}")),
    "aws:ssm/maintenanceWindow:MaintenanceWindow": Row(mock={"id": "mw-0{x16}"}),
    "aws:ssm/parameter:Parameter": Row(
        cost=by_use("nothing for standard parameters"), mock=named("ssm", "parameter{name}", version=1)
    ),
    "awsx:ecr:Image": Row(mock={"imageUri": "{repositoryUrl}@sha256:{x64}"}),
    "awsx:ecr:Repository": Row(cost=charged("registry"), mock={"url": "{account}.dkr.ecr.{region}.{suffix}/{name}"}),
    "docker-build:index:Image": Row(mock={"id": "{x32}", "digest": "sha256:{x64}"}),
    "random:index/randomId:RandomId": Row(mock={"id": "{x11}", "hex": "{x8}", "b64Url": "{x11}"}),
    "random:index/randomPassword:RandomPassword": Row(mock={"id": "none", "result": "{x32}"}),
    "random:index/randomPet:RandomPet": Row(mock={"id": "made-up-{x6}"}),
    "random:index/randomString:RandomString": Row(mock={"id": "{x16}", "result": "{id}"}),
    "aws:rds/cluster:Cluster": Row(role="data store", cost=charged("cluster")),
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": Row(cost=FREE),
    "aws:sqs/queuePolicy:QueuePolicy": Row(cost=FREE),
    "aws:iam/groupPolicy:GroupPolicy": Row(mock={"id": "{group}:{name}", "name": "{name}"}),
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": Row(),
    "aws:s3/bucketAcl:BucketAcl": Row(cost=FREE),
    "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration": Row(cost=FREE),
}
