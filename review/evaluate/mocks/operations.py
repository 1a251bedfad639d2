"""Made-up outputs of roles, logs, alarms, keys, secrets and budgets."""

from __future__ import annotations

from typing import Final

from .shape import Shape, named, regional

_UUID: Final = "{x8}-{x4}-{x4}-{x4}-{x12}"


def _global(service: str, resource: str, **more: str | int) -> Shape:
    return {
        "id": "{name}",
        "name": "{name}",
        "arn": f"arn:{{partition}}:{service}::{{account}}:{resource}",
        **more,
    }


SHAPES: Final[dict[str, Shape]] = {
    "aws:iam/role:Role": _global("iam", "role/{name}", uniqueId="AROA{X17}", createDate="2026-01-01T00:00:00Z"),
    "aws:iam/user:User": _global("iam", "user/{name}", uniqueId="AIDA{X17}"),
    "aws:iam/group:Group": _global("iam", "group/{name}", uniqueId="AGPA{X17}"),
    "aws:iam/instanceProfile:InstanceProfile": _global("iam", "instance-profile/{name}", uniqueId="AIPA{X17}"),
    "aws:iam/policy:Policy": {
        "id": "arn:{partition}:iam::{account}:policy/{name}",
        "arn": "{id}",
        "name": "{name}",
        "policyId": "ANPA{X17}",
    },
    "aws:iam/rolePolicy:RolePolicy": {"id": "{role}:{name}", "name": "{name}"},
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {"id": "{role}-{policyArn}"},
    "aws:iam/policyAttachment:PolicyAttachment": {"id": "{name}"},
    "aws:iam/userPolicy:UserPolicy": {"id": "{user}:{name}", "name": "{name}"},
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": {"id": "{user}-{policyArn}"},
    "aws:iam/serviceLinkedRole:ServiceLinkedRole": {
        "id": "arn:{partition}:iam::{account}:role/aws-service-role/{awsServiceName}/{x16}",
        "arn": "{id}",
    },
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
        "id": "arn:{partition}:iam::{account}:oidc-provider/{x16}",
        "arn": "{id}",
    },
    "aws:iam/accessKey:AccessKey": {"id": "AKIA{X16}"},
    "aws:cloudwatch/logGroup:LogGroup": named("logs", "log-group:{name}"),
    "aws:cloudwatch/logStream:LogStream": {
        "id": "{name}",
        "arn": "arn:{partition}:logs:{region}:{account}:log-group:{logGroupName}:log-stream:{name}",
    },
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": {"id": "{policyName}"},
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": {"id": "{name}"},
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": {"id": "cwlsf-{x10}"},
    "aws:cloudwatch/metricAlarm:MetricAlarm": named("cloudwatch", "alarm:{name}"),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": {
        "id": "{alarmName}",
        "arn": "arn:{partition}:cloudwatch:{region}:{account}:alarm:{alarmName}",
    },
    "aws:cloudwatch/dashboard:Dashboard": {
        "id": "{dashboardName}",
        "dashboardArn": "arn:{partition}:cloudwatch::{account}:dashboard/{dashboardName}",
    },
    "aws:cloudwatch/eventRule:EventRule": named("events", "rule/{name}"),
    "aws:cloudwatch/eventTarget:EventTarget": {"id": "{rule}-{x10}"},
    "aws:sns/topic:Topic": regional("sns", "{name}", name="{name}", owner="{account}"),
    "aws:sns/topicSubscription:TopicSubscription": {
        "id": "{topic}:" + _UUID,
        "arn": "{id}",
        "ownerId": "{account}",
    },
    "aws:sns/topicPolicy:TopicPolicy": {"id": "{arn}", "owner": "{account}"},
    "aws:budgets/budget:Budget": {
        "id": "{account}:{name}",
        "arn": "arn:{partition}:budgets::{account}:budget/{name}",
        "name": "{name}",
    },
    "aws:ssm/parameter:Parameter": named("ssm", "parameter{name}", version=1),
    "aws:ssm/document:Document": named("ssm", "document/{name}"),
    "aws:ssm/association:Association": {
        "id": _UUID,
        "associationId": "{id}",
        "arn": "arn:{partition}:ssm:{region}:{account}:association/{id}",
    },
    "aws:ssm/maintenanceWindow:MaintenanceWindow": {"id": "mw-0{x16}"},
    "aws:kms/key:Key": {"id": _UUID, "keyId": "{id}", "arn": "arn:{partition}:kms:{region}:{account}:key/{id}"},
    "aws:kms/alias:Alias": {
        "id": "{name}",
        "name": "{name}",
        "arn": "arn:{partition}:kms:{region}:{account}:{name}",
        "targetKeyArn": "arn:{partition}:kms:{region}:{account}:key/{targetKeyId}",
    },
    "aws:secretsmanager/secret:Secret": regional("secretsmanager", "secret:{name}-{x6}", name="{name}"),
    "aws:secretsmanager/secretVersion:SecretVersion": {
        "id": "{secretId}|" + _UUID,
        "arn": "{secretId}",
        "versionId": _UUID,
    },
    "aws:secretsmanager/secretPolicy:SecretPolicy": {"id": "{secretArn}"},
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": regional(
        "firehose", "deliverystream/{name}", name="{name}"
    ),
    "aws:resourcegroups/group:Group": named("resource-groups", "group/{name}"),
    "aws:scheduler/schedule:Schedule": {
        "id": "default/{name}",
        "arn": "arn:{partition}:scheduler:{region}:{account}:schedule/default/{name}",
    },
    "random:index/randomPassword:RandomPassword": {"id": "none", "result": "{x32}"},
    "random:index/randomId:RandomId": {"id": "{x11}", "hex": "{x8}", "b64Url": "{x11}"},
    "random:index/randomString:RandomString": {"id": "{x16}", "result": "{id}"},
    "random:index/randomPet:RandomPet": {"id": "made-up-{x6}"},
}
