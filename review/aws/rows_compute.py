"""Rows of the catalog: machines, functions, containers, scaling and images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .row import FREE, NO_TRAFFIC, NameLimit, Row, charged, ec2, named, regional

_INVOKE: Final = "arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"
_STREAM: Final = (
    "arn:{partition}:apigateway:{region}:lambda:path/2021-11-15/functions/{arn}/response-streaming-invocations"
)
_SCALING: Final = "arn:{partition}:autoscaling:{region}:{account}:scalingPolicy:"

ROWS: Final[Mapping[str, Row]] = {
    "appautoscaling.Policy": Row(
        mock={"id": "{name}", "arn": _SCALING + "{x8}:resource/{resourceId}:policyName/{name}"}
    ),
    "appautoscaling.ScheduledAction": Row(mock={"id": "{name}"}),
    "appautoscaling.Target": Row(
        mock={
            "id": "{resourceId}",
            "arn": "arn:{partition}:application-autoscaling:{region}:{account}:scalable-target/{x20}",
        }
    ),
    "autoscaling.Attachment": Row(role="scaling attachment", mock={"id": "{autoscalingGroupName}-{x20}"}),
    "autoscaling.Group": Row(
        role="scaling group",
        cost=charged("instance"),
        mock=named("autoscaling", "autoScalingGroup:{x8}-{x4}-{x4}-{x4}-{x12}:autoScalingGroupName/{name}"),
    ),
    "autoscaling.LifecycleHook": Row(role=NO_TRAFFIC, mock={"id": "{name}"}),
    "autoscaling.Notification": Row(role=NO_TRAFFIC),
    "autoscaling.Policy": Row(role=NO_TRAFFIC, mock={"id": "{name}", "arn": _SCALING + "{x8}:policyName/{name}"}),
    "autoscaling.Schedule": Row(role=NO_TRAFFIC, mock={"id": "{scheduledActionName}"}),
    "autoscaling.Tag": Row(role=NO_TRAFFIC),
    "autoscaling.TrafficSourceAttachment": Row(role="scaling traffic source"),
    "ebs.EncryptionByDefault": Row(cost=FREE),
    "ebs.Volume": Row(cost=charged("volume"), mock=ec2("vol", "volume")),
    "ec2.Ami": Row(
        role=NO_TRAFFIC, cost=FREE, mock={"id": "ami-0{x16}", "arn": "arn:{partition}:ec2:{region}::image/{id}"}
    ),
    "ec2.AmiCopy": Row(role=NO_TRAFFIC),
    "ec2.Instance": Row(
        role="instance",
        cost=charged("instance"),
        mock=ec2("i", "instance", primaryNetworkInterfaceId="eni-0{x16}", instanceState="running", passwordData=""),
    ),
    "ec2.InstanceMetadataDefaults": Row(role=NO_TRAFFIC, cost=FREE),
    "ec2.KeyPair": Row(
        role=NO_TRAFFIC, cost=FREE, mock={"id": "{name}", "keyName": "{name}", "keyPairId": "key-0{x16}"}
    ),
    "ec2.LaunchConfiguration": Row(role="launch template", cost=FREE),
    "ec2.LaunchTemplate": Row(
        role="launch template",
        cost=FREE,
        name=NameLimit(longest=128),
        mock=ec2("lt", "launch-template", name="{name}", latestVersion=1, defaultVersion=1),
    ),
    "ec2.PlacementGroup": Row(role=NO_TRAFFIC, cost=FREE),
    "ec2.SpotInstanceRequest": Row(
        role="instance", cost=charged("instance"), mock={"id": "sir-{x8}", "spotInstanceId": "i-0{x16}"}
    ),
    "ec2.VolumeAttachment": Row(role=NO_TRAFFIC, cost=FREE, mock={"id": "vai-{x10}"}),
    "ecr.LifecyclePolicy": Row(cost=FREE, mock={"id": "{repository}", "registryId": "{account}"}),
    "ecr.Repository": Row(
        cost=charged("registry"),
        mock={
            **named("ecr", "repository/{name}"),
            "registryId": "{account}",
            "repositoryUrl": "{account}.dkr.ecr.{region}.{suffix}/{name}",
        },
    ),
    "ecr.RepositoryPolicy": Row(cost=FREE, mock={"id": "{repository}", "registryId": "{account}"}, policy="policy"),
    "ecs.AccountSettingDefault": Row(role=NO_TRAFFIC, cost=FREE),
    "ecs.CapacityProvider": Row(
        role=NO_TRAFFIC, cost=FREE, mock=regional("ecs", "capacity-provider/{name}", name="{name}")
    ),
    "ecs.Cluster": Row(
        role=NO_TRAFFIC, cost=FREE, name=NameLimit(longest=255), mock=regional("ecs", "cluster/{name}", name="{name}")
    ),
    "ecs.ClusterCapacityProviders": Row(role=NO_TRAFFIC, cost=FREE, mock={"id": "{clusterName}"}),
    "ecs.Service": Row(
        role="service",
        cost=charged("ecs_service"),
        mock={
            "id": "arn:{partition}:ecs:{region}:{account}:service/{x8}/{name}",
            "arn": "{id}",
            "name": "{name}",
            "iamRole": "arn:{partition}:iam::{account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
        },
    ),
    "ecs.TaskDefinition": Row(
        role="task definition",
        cost=FREE,
        mock={
            "id": "{family}",
            "arn": "arn:{partition}:ecs:{region}:{account}:task-definition/{family}:1",
            "arnWithoutRevision": "arn:{partition}:ecs:{region}:{account}:task-definition/{family}",
            "revision": 1,
        },
    ),
    "lambda.Alias": Row(
        role="alias",
        cost=FREE,
        mock={
            "id": "arn:{partition}:lambda:{region}:{account}:function:{functionName}:{name}",
            "arn": "{id}",
            "name": "{name}",
            "invokeArn": _INVOKE,
        },
    ),
    "lambda.CodeSigningConfig": Row(role=NO_TRAFFIC),
    "lambda.EventSourceMapping": Row(
        role=NO_TRAFFIC, cost=FREE, mock={"id": "{x8}-{x4}-{x4}-{x4}-{x12}", "uuid": "{id}"}
    ),
    "lambda.Function": Row(
        role="function",
        cost=charged("function"),
        name=NameLimit(longest=64),
        mock=named(
            "lambda",
            "function:{name}",
            invokeArn=_INVOKE,
            responseStreamingInvokeArn=_STREAM,
            version="$LATEST",
            qualifiedArn="{arn}:{version}",
            qualifiedInvokeArn=_INVOKE.replace("{arn}", "{qualifiedArn}"),
            lastModified="2026-01-01T00:00:00.000+0000",
            codeSha256="{x64}",
        ),
    ),
    "lambda.FunctionEventInvokeConfig": Row(role=NO_TRAFFIC, cost=FREE, mock={"id": "{functionName}"}),
    "lambda.FunctionRecursionConfig": Row(role=NO_TRAFFIC, cost=FREE),
    "lambda.FunctionUrl": Row(
        role="function url",
        cost=FREE,
        mock={
            "id": "{functionName}",
            "functionArn": "arn:{partition}:lambda:{region}:{account}:function:{functionName}",
            "urlId": "{x32}",
            "functionUrl": "https://{urlId}.lambda-url.{region}.on.aws/",
        },
    ),
    "lambda.Invocation": Row(cost=FREE),
    "lambda.LayerVersion": Row(
        role=NO_TRAFFIC,
        cost=FREE,
        mock={
            "id": "arn:{partition}:lambda:{region}:{account}:layer:{layerName}:1",
            "arn": "{id}",
            "layerArn": "arn:{partition}:lambda:{region}:{account}:layer:{layerName}",
            "version": "1",
        },
    ),
    "lambda.Permission": Row(role="permission", cost=FREE, mock={"id": "{name}", "statementId": "{name}"}),
    "lambda.ProvisionedConcurrencyConfig": Row(role=NO_TRAFFIC, mock={"id": "{functionName},{qualifier}"}),
    "lambda.RuntimeManagementConfig": Row(role=NO_TRAFFIC),
}
