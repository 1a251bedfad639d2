"""Made-up outputs of instances, functions, containers, and the queues, buckets and keys beside them."""

from __future__ import annotations

from typing import Final

from .shape import Shape, ec2, named, regional

_INVOKE: Final = "arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"
_STREAM: Final = (
    "arn:{partition}:apigateway:{region}:lambda:path/2021-11-15/functions/{arn}/response-streaming-invocations"
)
_SCALING: Final = "arn:{partition}:autoscaling:{region}:{account}:scalingPolicy:"

SHAPES: Final[dict[str, Shape]] = {
    "aws:ec2/instance:Instance": ec2(
        "i", "instance", primaryNetworkInterfaceId="eni-0{x16}", instanceState="running", passwordData=""
    ),
    "aws:ec2/launchTemplate:LaunchTemplate": ec2("lt", "launch-template", name="{name}"),
    "aws:ec2/keyPair:KeyPair": {"id": "{name}", "keyName": "{name}", "keyPairId": "key-0{x16}"},
    "aws:ec2/ami:Ami": {"id": "ami-0{x16}", "arn": "arn:{partition}:ec2:{region}::image/{id}"},
    "aws:ebs/volume:Volume": ec2("vol", "volume"),
    "aws:ec2/volumeAttachment:VolumeAttachment": {"id": "vai-{x10}"},
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest": {"id": "sir-{x8}", "spotInstanceId": "i-0{x16}"},
    "aws:autoscaling/group:Group": named(
        "autoscaling", "autoScalingGroup:{x8}-{x4}-{x4}-{x4}-{x12}:autoScalingGroupName/{name}"
    ),
    "aws:autoscaling/policy:Policy": {
        "id": "{name}",
        "arn": _SCALING + "{x8}:policyName/{name}",
    },
    "aws:autoscaling/attachment:Attachment": {"id": "{autoscalingGroupName}-{x20}"},
    "aws:autoscaling/lifecycleHook:LifecycleHook": {"id": "{name}"},
    "aws:autoscaling/schedule:Schedule": {"id": "{scheduledActionName}"},
    "aws:appautoscaling/target:Target": {
        "id": "{resourceId}",
        "arn": "arn:{partition}:application-autoscaling:{region}:{account}:scalable-target/{x20}",
    },
    "aws:appautoscaling/policy:Policy": {
        "id": "{name}",
        "arn": _SCALING + "{x8}:resource/{resourceId}:policyName/{name}",
    },
    "aws:appautoscaling/scheduledAction:ScheduledAction": {"id": "{name}"},
    "aws:lambda/function:Function": named(
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
    "aws:lambda/alias:Alias": {
        "id": "arn:{partition}:lambda:{region}:{account}:function:{functionName}:{name}",
        "arn": "{id}",
        "name": "{name}",
        "invokeArn": _INVOKE,
    },
    "aws:lambda/permission:Permission": {"id": "{name}", "statementId": "{name}"},
    "aws:lambda/functionUrl:FunctionUrl": {
        "id": "{functionName}",
        "functionArn": "arn:{partition}:lambda:{region}:{account}:function:{functionName}",
        "urlId": "{x32}",
        "functionUrl": "https://{urlId}.lambda-url.{region}.on.aws/",
    },
    "aws:lambda/layerVersion:LayerVersion": {
        "id": "arn:{partition}:lambda:{region}:{account}:layer:{layerName}:1",
        "arn": "{id}",
        "layerArn": "arn:{partition}:lambda:{region}:{account}:layer:{layerName}",
        "version": "1",
    },
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {"id": "{functionName}"},
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": {"id": "{functionName},{qualifier}"},
    "aws:lambda/eventSourceMapping:EventSourceMapping": {"id": "{x8}-{x4}-{x4}-{x4}-{x12}", "uuid": "{id}"},
    "aws:ecs/cluster:Cluster": regional("ecs", "cluster/{name}", name="{name}"),
    "aws:ecs/service:Service": {
        "id": "arn:{partition}:ecs:{region}:{account}:service/{x8}/{name}",
        "arn": "{id}",
        "name": "{name}",
        "iamRole": "arn:{partition}:iam::{account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
    },
    "aws:ecs/taskDefinition:TaskDefinition": {
        "id": "{family}",
        "arn": "arn:{partition}:ecs:{region}:{account}:task-definition/{family}:1",
        "arnWithoutRevision": "arn:{partition}:ecs:{region}:{account}:task-definition/{family}",
        "revision": 1,
    },
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": {"id": "{clusterName}"},
    "aws:ecs/capacityProvider:CapacityProvider": regional("ecs", "capacity-provider/{name}", name="{name}"),
    "aws:ecr/repository:Repository": {
        **named("ecr", "repository/{name}"),
        "registryId": "{account}",
        "repositoryUrl": "{account}.dkr.ecr.{region}.{suffix}/{name}",
    },
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": {"id": "{repository}", "registryId": "{account}"},
    "aws:ecr/repositoryPolicy:RepositoryPolicy": {"id": "{repository}", "registryId": "{account}"},
    "awsx:ecr:Repository": {"url": "{account}.dkr.ecr.{region}.{suffix}/{name}"},
    "awsx:ecr:Image": {"imageUri": "{repositoryUrl}@sha256:{x64}"},
    "docker-build:index:Image": {"id": "{x32}", "digest": "sha256:{x64}"},
    "aws:s3/bucket:Bucket": {
        "id": "{name}",
        "bucket": "{name}",
        "arn": "arn:{partition}:s3:::{bucket}",
        "bucketDomainName": "{bucket}.s3.{suffix}",
        "bucketRegionalDomainName": "{bucket}.s3.{region}.{suffix}",
        "hostedZoneId": "Z0{x12}",
    },
    "aws:s3/bucketPolicy:BucketPolicy": {"id": "{bucket}"},
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {"id": "{bucket}"},
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": {"id": "{bucket}"},
    "aws:s3/bucketVersioning:BucketVersioning": {"id": "{bucket}"},
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {"id": "{bucket}"},
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {"id": "{bucket}"},
    "aws:s3/bucketObject:BucketObject": {"id": "{key}", "arn": "arn:{partition}:s3:::{bucket}/{key}", "etag": "{x32}"},
    "aws:s3/bucketObjectv2:BucketObjectv2": {
        "id": "{key}",
        "arn": "arn:{partition}:s3:::{bucket}/{key}",
        "etag": "{x32}",
        "versionId": "{x32}",
    },
    "aws:sqs/queue:Queue": {
        "id": "https://sqs.{region}.{suffix}/{account}/{name}",
        "url": "{id}",
        "name": "{name}",
        "arn": "arn:{partition}:sqs:{region}:{account}:{name}",
    },
    "aws:dynamodb/table:Table": named("dynamodb", "table/{name}"),
    "aws:rds/instance:Instance": {
        "id": "db-{x26}",
        "identifier": "{name}",
        "arn": "arn:{partition}:rds:{region}:{account}:db:{name}",
        "address": "{name}.{x12}.{region}.rds.{suffix}",
    },
}
