"""Rows of the catalog: machines, functions, containers, scaling and images."""

from collections.abc import Mapping
from typing import Final

from .row import NO_TRAFFIC, UUID, NameLimit, Row, alike, arn, charged, ec2, free, named, regional
from .template_versions import DEFAULT, LATEST

_INVOKE: Final = "arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"
_STREAM: Final = (
    "arn:{partition}:apigateway:{region}:lambda:path/2021-11-15/functions/{arn}/response-streaming-invocations"
)

ROWS: Final[Mapping[str, Row]] = {
    **alike(
        Row(NO_TRAFFIC),
        "autoscaling.Notification autoscaling.Tag ec2.AmiCopy lambda.CodeSigningConfig lambda.RuntimeManagementConfig",
    ),
    **alike(
        free(NO_TRAFFIC),
        "ec2.InstanceMetadataDefaults ec2.PlacementGroup ecs.AccountSettingDefault lambda.FunctionRecursionConfig",
    ),
    "appautoscaling.Policy": Row(
        mock={"id": "{name}", "arn": arn("autoscaling", "scalingPolicy:{x8}:resource/{resourceId}:policyName/{name}")}
    ),
    "appautoscaling.ScheduledAction": Row(mock={"id": "{name}"}),
    "appautoscaling.Target": Row(
        mock={"id": "{resourceId}", "arn": arn("application-autoscaling", "scalable-target/{x20}")}
    ),
    "autoscaling.Attachment": Row("scaling attachment", mock={"id": "{autoscalingGroupName}-{x20}"}),
    "autoscaling.Group": Row(
        "scaling group",
        cost=charged("instance"),
        mock=named("autoscaling", "autoScalingGroup:" + UUID + ":autoScalingGroupName/{name}"),
    ),
    "autoscaling.LifecycleHook": Row(NO_TRAFFIC, mock={"id": "{name}"}),
    "autoscaling.Policy": Row(
        NO_TRAFFIC, mock={"id": "{name}", "arn": arn("autoscaling", "scalingPolicy:{x8}:policyName/{name}")}
    ),
    "autoscaling.Schedule": Row(NO_TRAFFIC, mock={"id": "{scheduledActionName}"}),
    "autoscaling.TrafficSourceAttachment": Row("scaling traffic source"),
    "ebs.EncryptionByDefault": free(),
    "ebs.Volume": Row(cost=charged("volume"), mock=ec2("vol", "volume")),
    "ec2.Ami": free(NO_TRAFFIC, mock={"id": "ami-0{x16}", "arn": "arn:{partition}:ec2:{region}::image/{id}"}),
    "ec2.Instance": Row(
        "instance",
        cost=charged("instance"),
        mock=ec2("i", "instance", primaryNetworkInterfaceId="eni-0{x16}", instanceState="running", passwordData=""),
    ),
    "ec2.KeyPair": free(NO_TRAFFIC, mock={"id": "{name}", "keyName": "{name}", "keyPairId": "key-0{x16}"}),
    "ec2.LaunchConfiguration": free("launch template"),
    "ec2.LaunchTemplate": free(
        "launch template",
        name=NameLimit(128),
        mock=ec2("lt", "launch-template", name="{name}", latestVersion=LATEST, defaultVersion=DEFAULT),
    ),
    "ec2.SpotInstanceRequest": Row(
        "instance", cost=charged("instance"), mock={"id": "sir-{x8}", "spotInstanceId": "i-0{x16}"}
    ),
    "ec2.VolumeAttachment": free(NO_TRAFFIC, mock={"id": "vai-{x10}"}),
    "ecr.LifecyclePolicy": free(mock={"id": "{repository}", "registryId": "{account}"}),
    "ecr.Repository": Row(
        cost=charged("registry"),
        mock=named(
            "ecr",
            "repository/{name}",
            registryId="{account}",
            repositoryUrl="{account}.dkr.ecr.{region}.{suffix}/{name}",
        ),
    ),
    "ecr.RepositoryPolicy": free(policy="policy", mock={"id": "{repository}", "registryId": "{account}"}),
    "ecs.CapacityProvider": free(NO_TRAFFIC, mock=regional("ecs", "capacity-provider/{name}", name="{name}")),
    "ecs.Cluster": Row(
        NO_TRAFFIC,
        cost=charged("ecs_cluster"),
        name=NameLimit(255),
        mock=regional("ecs", "cluster/{name}", name="{name}"),
    ),
    "ecs.ClusterCapacityProviders": free(NO_TRAFFIC, mock={"id": "{clusterName}"}),
    "ecs.Service": Row(
        "service",
        cost=charged("ecs_service"),
        mock=regional(
            "ecs",
            "service/{x8}/{name}",
            name="{name}",
            iamRole=arn("iam", "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS", region=""),
        ),
    ),
    "ecs.TaskDefinition": free(
        "task definition",
        mock={
            "id": "{family}",
            "arn": arn("ecs", "task-definition/{family}:1"),
            "arnWithoutRevision": arn("ecs", "task-definition/{family}"),
            "revision": 1,
        },
    ),
    "lambda.Alias": free(
        "alias", mock=regional("lambda", "function:{functionName}:{name}", name="{name}", invokeArn=_INVOKE)
    ),
    "lambda.EventSourceMapping": free(NO_TRAFFIC, mock={"id": UUID, "uuid": "{id}"}),
    "lambda.Function": Row(
        "function",
        cost=charged("function"),
        name=NameLimit(64),
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
    "lambda.FunctionEventInvokeConfig": free(NO_TRAFFIC, mock={"id": "{functionName}"}),
    "lambda.FunctionUrl": free(
        "function url",
        mock={
            "id": "{functionName}",
            "functionArn": arn("lambda", "function:{functionName}"),
            "urlId": "{x32}",
            "functionUrl": "https://{urlId}.lambda-url.{region}.on.aws/",
        },
    ),
    "lambda.LayerVersion": free(
        NO_TRAFFIC,
        mock=regional("lambda", "layer:{layerName}:1", layerArn=arn("lambda", "layer:{layerName}"), version="1"),
    ),
    "lambda.Permission": free("permission", mock={"id": "{name}", "statementId": "{name}"}),
    "lambda.ProvisionedConcurrencyConfig": Row(NO_TRAFFIC, mock={"id": "{functionName},{qualifier}"}),
}
