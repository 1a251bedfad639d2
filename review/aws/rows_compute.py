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
    "aws:appautoscaling/policy:Policy": Row(
        mock={
            "id": "{name}",
            "arn": _SCALING + "{x8}:resource/{resourceId}:policyName/{name}",
        },
    ),
    "aws:appautoscaling/scheduledAction:ScheduledAction": Row(mock={"id": "{name}"}),
    "aws:appautoscaling/target:Target": Row(
        mock={
            "id": "{resourceId}",
            "arn": "arn:{partition}:application-autoscaling:{region}:{account}:scalable-target/{x20}",
        },
    ),
    "aws:autoscaling/attachment:Attachment": Row(
        role="scaling attachment", mock={"id": "{autoscalingGroupName}-{x20}"}
    ),
    "aws:autoscaling/group:Group": Row(
        role="scaling group",
        cost=charged("scaling_group"),
        mock=named("autoscaling", "autoScalingGroup:{x8}-{x4}-{x4}-{x4}-{x12}:autoScalingGroupName/{name}"),
    ),
    "aws:autoscaling/lifecycleHook:LifecycleHook": Row(role=NO_TRAFFIC, mock={"id": "{name}"}),
    "aws:autoscaling/notification:Notification": Row(role=NO_TRAFFIC),
    "aws:autoscaling/policy:Policy": Row(
        role=NO_TRAFFIC,
        mock={
            "id": "{name}",
            "arn": _SCALING + "{x8}:policyName/{name}",
        },
    ),
    "aws:autoscaling/schedule:Schedule": Row(role=NO_TRAFFIC, mock={"id": "{scheduledActionName}"}),
    "aws:autoscaling/tag:Tag": Row(role=NO_TRAFFIC),
    "aws:autoscaling/trafficSourceAttachment:TrafficSourceAttachment": Row(role="scaling traffic source"),
    "aws:ebs/encryptionByDefault:EncryptionByDefault": Row(cost=FREE),
    "aws:ebs/volume:Volume": Row(cost=charged("volume"), mock=ec2("vol", "volume")),
    "aws:ec2/ami:Ami": Row(
        role=NO_TRAFFIC, cost=FREE, mock={"id": "ami-0{x16}", "arn": "arn:{partition}:ec2:{region}::image/{id}"}
    ),
    "aws:ec2/amiCopy:AmiCopy": Row(role=NO_TRAFFIC),
    "aws:ec2/instance:Instance": Row(
        role="instance",
        cost=charged("instance"),
        mock=ec2("i", "instance", primaryNetworkInterfaceId="eni-0{x16}", instanceState="running", passwordData=""),
    ),
    "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults": Row(role=NO_TRAFFIC, cost=FREE),
    "aws:ec2/keyPair:KeyPair": Row(
        role=NO_TRAFFIC,
        cost=FREE,
        mock={"id": "{name}", "keyName": "{name}", "keyPairId": "key-0{x16}"},
    ),
    "aws:ec2/launchConfiguration:LaunchConfiguration": Row(role="launch template", cost=FREE),
    "aws:ec2/launchTemplate:LaunchTemplate": Row(
        role="launch template",
        cost=FREE,
        name=NameLimit(longest=128),
        mock=ec2("lt", "launch-template", name="{name}", latestVersion=1, defaultVersion=1),
    ),
    "aws:ec2/placementGroup:PlacementGroup": Row(role=NO_TRAFFIC, cost=FREE),
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest": Row(
        role="instance", cost=charged("instance"), mock={"id": "sir-{x8}", "spotInstanceId": "i-0{x16}"}
    ),
    "aws:ec2/volumeAttachment:VolumeAttachment": Row(role=NO_TRAFFIC, cost=FREE, mock={"id": "vai-{x10}"}),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": Row(cost=FREE, mock={"id": "{repository}", "registryId": "{account}"}),
    "aws:ecr/repository:Repository": Row(
        cost=charged("registry"),
        mock={
            **named("ecr", "repository/{name}"),
            "registryId": "{account}",
            "repositoryUrl": "{account}.dkr.ecr.{region}.{suffix}/{name}",
        },
    ),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": Row(cost=FREE, mock={"id": "{repository}", "registryId": "{account}"}),
    "aws:ecs/accountSettingDefault:AccountSettingDefault": Row(role=NO_TRAFFIC, cost=FREE),
    "aws:ecs/capacityProvider:CapacityProvider": Row(
        role=NO_TRAFFIC, cost=FREE, mock=regional("ecs", "capacity-provider/{name}", name="{name}")
    ),
    "aws:ecs/cluster:Cluster": Row(
        role=NO_TRAFFIC,
        cost=FREE,
        name=NameLimit(longest=255),
        mock=regional("ecs", "cluster/{name}", name="{name}"),
    ),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": Row(
        role=NO_TRAFFIC, cost=FREE, mock={"id": "{clusterName}"}
    ),
    "aws:ecs/service:Service": Row(
        role="service",
        cost=charged("ecs_service"),
        mock={
            "id": "arn:{partition}:ecs:{region}:{account}:service/{x8}/{name}",
            "arn": "{id}",
            "name": "{name}",
            "iamRole": "arn:{partition}:iam::{account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
        },
    ),
    "aws:ecs/taskDefinition:TaskDefinition": Row(
        role="task definition",
        cost=FREE,
        mock={
            "id": "{family}",
            "arn": "arn:{partition}:ecs:{region}:{account}:task-definition/{family}:1",
            "arnWithoutRevision": "arn:{partition}:ecs:{region}:{account}:task-definition/{family}",
            "revision": 1,
        },
    ),
    "aws:lambda/alias:Alias": Row(
        role="alias",
        cost=FREE,
        mock={
            "id": "arn:{partition}:lambda:{region}:{account}:function:{functionName}:{name}",
            "arn": "{id}",
            "name": "{name}",
            "invokeArn": _INVOKE,
        },
    ),
    "aws:lambda/codeSigningConfig:CodeSigningConfig": Row(role=NO_TRAFFIC),
    "aws:lambda/eventSourceMapping:EventSourceMapping": Row(
        role=NO_TRAFFIC, cost=FREE, mock={"id": "{x8}-{x4}-{x4}-{x4}-{x12}", "uuid": "{id}"}
    ),
    "aws:lambda/function:Function": Row(
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
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": Row(
        role=NO_TRAFFIC, cost=FREE, mock={"id": "{functionName}"}
    ),
    "aws:lambda/functionRecursionConfig:FunctionRecursionConfig": Row(role=NO_TRAFFIC, cost=FREE),
    "aws:lambda/functionUrl:FunctionUrl": Row(
        role="function url",
        cost=FREE,
        mock={
            "id": "{functionName}",
            "functionArn": "arn:{partition}:lambda:{region}:{account}:function:{functionName}",
            "urlId": "{x32}",
            "functionUrl": "https://{urlId}.lambda-url.{region}.on.aws/",
        },
    ),
    "aws:lambda/invocation:Invocation": Row(cost=FREE),
    "aws:lambda/layerVersion:LayerVersion": Row(
        role=NO_TRAFFIC,
        cost=FREE,
        mock={
            "id": "arn:{partition}:lambda:{region}:{account}:layer:{layerName}:1",
            "arn": "{id}",
            "layerArn": "arn:{partition}:lambda:{region}:{account}:layer:{layerName}",
            "version": "1",
        },
    ),
    "aws:lambda/permission:Permission": Row(
        role="permission",
        cost=FREE,
        mock={"id": "{name}", "statementId": "{name}"},
    ),
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": Row(
        role=NO_TRAFFIC, mock={"id": "{functionName},{qualifier}"}
    ),
    "aws:lambda/runtimeManagementConfig:RuntimeManagementConfig": Row(role=NO_TRAFFIC),
}
