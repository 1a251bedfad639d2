"""Encryption, and machines and tasks as they are set up."""

from typing import Any

from review.graph import UNKNOWN, Options
from review.tests.graph_builder import Builder, Json
from review.tests.parts import balancer, http, machine, network
from review.tests.rules.cases import fault, quiet

fault("ENC-01", at="server", message="root disk")(
    lambda build: machine(build, "server", rootBlockDevice={"volumeSize": 8})
)
fault("ENC-01", at="server", message="/dev/sdf")(
    lambda build: machine(build, "server", ebsBlockDevices=[{"deviceName": "/dev/sdf"}])
)
fault("ENC-01", at="volume")(lambda build: build("ebs/volume:Volume", "volume", availabilityZone="eu-west-1a", size=8))
fault("ENC-01", at="template", message="as the image has them")(
    lambda build: build("ec2/launchTemplate:LaunchTemplate", "template", metadataOptions={"httpTokens": "required"})
)


@fault("ENC-01", at="template", message="/dev/xvda")
def _(build: Builder) -> None:
    disk = {"deviceName": "/dev/xvda", "ebs": {"volumeSize": 8, "encrypted": "false"}}
    build("ec2/launchTemplate:LaunchTemplate", "template", blockDeviceMappings=[disk])


@quiet("ENC-01")
def _(build: Builder) -> None:
    disk = {"deviceName": "/dev/xvda", "ebs": {"encrypted": "true"}}
    template = build("ec2/launchTemplate:LaunchTemplate", "template", blockDeviceMappings=[disk])
    machine(build, "server", rootBlockDevice=None, launchTemplate={"id": template.id})


@quiet("ENC-01")
def _(build: Builder) -> None:
    build("ebs/encryptionByDefault:EncryptionByDefault", "default", enabled=True)
    machine(build, "server", rootBlockDevice=None)


@fault("ENC-01", at="server", message="root disk")
def _(build: Builder) -> None:
    build("ebs/encryptionByDefault:EncryptionByDefault", "default", enabled=True, region="us-west-2")
    machine(build, "server", rootBlockDevice=None)


fault("ENC-02", at="listener", message="plain HTTP")(lambda build: balancer(build, network(build), internal=False))
quiet("ENC-02")(lambda build: balancer(build, network(build)))


def tls(build: Builder, **inputs: Any) -> None:
    front = build("lb/loadBalancer:LoadBalancer", "front", subnets=[subnet.id for subnet in network(build).private])
    build("lb/listener:Listener", "tls", loadBalancerArn=front.arn, port=443, protocol="HTTPS", **inputs)


fault("ENC-03", at="tls", message="2016")(tls)
quiet("ENC-03")(lambda build: tls(build, sslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06"))
fault("ENC-03", at="tls", message="TLS13-1-0")(
    lambda build: tls(build, sslPolicy="ELBSecurityPolicy-TLS13-1-0-2021-06")
)


def integration(build: Builder, *, skips: bool) -> None:
    build(
        "apigateway/integration:Integration",
        "integration",
        restApi="api",
        resourceId="r",
        httpMethod="GET",
        type="HTTP_PROXY",
        uri="https://backend.example.com/",
        tlsConfig={"insecureSkipVerification": skips},
    )


fault("ENC-04", at="integration")(lambda build: integration(build, skips=True))
quiet("ENC-04")(lambda build: integration(build, skips=False))


def settings(build: Builder, **values: Any) -> None:
    build(
        "apigateway/methodSettings:MethodSettings",
        "settings",
        restApi="api",
        stageName="live",
        methodPath="*/*",
        settings=values,
    )


fault("ENC-05", at="settings")(lambda build: settings(build, cachingEnabled=True))
quiet("ENC-05")(lambda build: settings(build, cachingEnabled=True, cacheDataEncrypted=True))


def bucket(build: Builder, *, closed: bool, **inputs: Any) -> None:
    made = build("s3/bucket:Bucket", "bucket", **inputs)
    build(
        "s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "block",
        bucket=made.id,
        blockPublicAcls=True,
        blockPublicPolicy=closed,
        ignorePublicAcls=True,
        restrictPublicBuckets=True,
    )


fault("FIT-23", at="policy", message="which its own BucketPublicAccessBlock blocks")(
    lambda build: opened(build, blockPublicPolicy=True)
)


def opened(build: Builder, **switches: Any) -> None:
    made = build("s3/bucket:Bucket", "bucket")
    allowing = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    build("s3/bucketPolicy:BucketPolicy", "policy", bucket=made.id, policy=Json({"Statement": [allowing]}))
    build("s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "block", bucket=made.id, **switches)


def granting(build: Builder, group: Any) -> None:
    made = build("s3/bucket:Bucket", "bucket")
    uri = f"http://acs.amazonaws.com/groups/{group}"
    grants = [{"permission": "READ", "grantee": {"type": "Group", "uri": uri}}]
    build("s3/bucketAcl:BucketAcl", "acl", bucket=made.id, accessControlPolicy={"grants": grants})


fault("ENC-06", at="acl", message="acl grants access to everybody on bucket")(
    lambda build: granting(build, "global/AllUsers")
)
fault("ENC-06", at="acl", message="acl grants access to every AWS account on bucket")(
    lambda build: granting(build, "global/AuthenticatedUsers")
)


quiet("ENC-06", "FIT-23")(lambda build: granting(build, "s3/LogDelivery"))
quiet("FIT-23")(lambda build: opened(build, blockPublicPolicy=False))


quiet("ENC-06")(lambda build: bucket(build, closed=True))
fault("DEL-04", at="bucket")(lambda build: bucket(build, closed=True, forceDestroy=True))
quiet("DEL-04")(lambda build: bucket(build, closed=True))
fault("ENC-07", at="database", message="not encrypted")(
    lambda build: build("rds/instance:Instance", "database", instanceClass="db.t4g.micro")
)
fault("ENC-07", at="database", message="public address")(
    lambda build: build("rds/instance:Instance", "database", storageEncrypted=True, publiclyAccessible=True)
)
quiet("ENC-07")(lambda build: build("rds/instance:Instance", "database", storageEncrypted=True))
fault("EC2-01", at="server", message="without a token")(
    lambda build: machine(build, "server", metadataOptions={"httpTokens": "optional"})
)


@fault("EC2-01", at="server")
def _(build: Builder) -> None:
    template = build("ec2/launchTemplate:LaunchTemplate", "template", metadataOptions={"httpTokens": "optional"})
    machine(build, "server", metadataOptions=None, launchTemplate={"id": template.id})


fault("EC2-01", at="template")(
    lambda build: build("ec2/launchTemplate:LaunchTemplate", "template", metadataOptions={"httpTokens": "optional"})
)


@quiet("EC2-01")
def _(build: Builder) -> None:
    template = build("ec2/launchTemplate:LaunchTemplate", "template", metadataOptions={"httpTokens": "required"})
    machine(build, "server", metadataOptions=None, launchTemplate={"id": template.id})
    machine(build, "silent", metadataOptions={"httpEndpoint": "disabled"})


fault("EC2-02", at="server", message="laptop")(lambda build: machine(build, "server", keyName="laptop"))
fault("EC2-03", at="server")(lambda build: machine(build, "server", userData="#!/bin/bash\n"))
quiet("EC2-02", "EC2-03")(
    lambda build: machine(build, "server", userData="#!/bin/bash\n", userDataReplaceOnChange=True)
)


@quiet("EC2-03")
def _(build: Builder) -> None:
    """The option of the engine does the same."""
    machine(build, "server", userData="#!/bin/bash\n", options=Options(replace_on_changes=("userData",)))
    machine(build, "any", userDataBase64="IyE=", options=Options(replace_on_changes=("*",)))


fault("EC2-03", at="server")(
    lambda build: machine(build, "server", userData="#!/bin/bash\n", options=Options(replace_on_changes=("ami",)))
)


def task(build: Builder, *containers: dict[str, Any], **inputs: Any) -> None:
    build(
        "ecs/taskDefinition:TaskDefinition",
        "task",
        **{"family": "task", "containerDefinitions": Json(list(containers)), **inputs},
    )


LOGS = {"logDriver": "awslogs", "options": {"awslogs-group": "task"}}


fault("ECS-01", at="task", message="web")(
    lambda build: task(build, {"name": "web", "privileged": True, "logConfiguration": LOGS})
)
fault("LOG-06", at="task", message="web")(lambda build: task(build, {"name": "web"}))
quiet("ECS-01", "LOG-06")(lambda build: task(build, {"name": "web", "logConfiguration": LOGS}))


def service(build: Builder, **inputs: Any) -> None:
    build("ecs/service:Service", "service", **inputs)


fault("ECS-02", at="service")(lambda build: service(build, deploymentCircuitBreaker={"enable": True}))
quiet("ECS-02")(lambda build: service(build, deploymentCircuitBreaker={"enable": True, "rollback": True}))
fault("ECS-03", at="service")(lambda build: service(build, enableExecuteCommand=True))
quiet("ECS-03")(lambda build: service(build, enableExecuteCommand=False))
fault("LIMIT-02", at="task", message="256 units and 4096 MiB")(
    lambda build: task(build, requiresCompatibilities=["FARGATE"], cpu="256", memory="4096")
)
quiet("LIMIT-02")(lambda build: task(build, requiresCompatibilities=["FARGATE"], cpu=".25 vCPU", memory="0.5 GB"))
quiet("LIMIT-02")(lambda build: task(build, requiresCompatibilities=["EC2"], cpu="100", memory="100"))
fault("LIMIT-01", at="a-balancer-with-quite-a-long-name", message="41 characters, and AWS allows 32")(
    lambda build: build("lb/loadBalancer:LoadBalancer", "a-balancer-with-quite-a-long-name")
)


@quiet("LIMIT-01")
def _(build: Builder) -> None:
    build("lb/loadBalancer:LoadBalancer", "a-balancer-with-quite-a-long-name", name="short")
    build("lb/targetGroup:TargetGroup", "exactly-twenty-four-long", port=80)


fault("COST-01", at="server")(lambda build: machine(build, "server", creditSpecification=None))
quiet("COST-01")(lambda build: machine(build, "server", creditSpecification=None, instanceType="m7g.large"))
fault("COST-03", at="plan", message="neither a throttle nor a quota")(
    lambda build: build("apigateway/usagePlan:UsagePlan", "plan")
)
quiet("COST-03")(
    lambda build: build("apigateway/usagePlan:UsagePlan", "plan", throttleSettings={"rateLimit": 1, "burstLimit": 1})
)
quiet("COST-03")(
    lambda build: build("apigateway/usagePlan:UsagePlan", "plan", quotaSettings={"limit": 1, "period": "DAY"})
)


@quiet("COST-03")
def _(build: Builder) -> None:
    per_route = [{"apiId": "a", "stage": "s", "throttles": [{"path": "/x/GET", "rateLimit": 1}]}]
    build("apigateway/usagePlan:UsagePlan", "plan", quotaSettings={"limit": 1}, apiStages=per_route)


fault("COST-04", at="images")(lambda build: build("ecr/repository:Repository", "images"))


fault("LOG-02", at="stage")(lambda build: http(build, accessLogSettings=None))


@quiet("LOG-02", "LOG-03")
def _(build: Builder) -> None:
    written = '{"id": "$context.extendedRequestId", "key": "$context.identity.apiKeyId"}'
    http(build, accessLogSettings={"destinationArn": "arn:aws:logs:::x", "format": written})


@fault("LOG-03", at="stage", message="whole API keys")
def _(build: Builder) -> None:
    written = '{"id": "$context.requestId", "key": "$context.identity.apiKey"}'
    http(build, accessLogSettings={"destinationArn": "arn:aws:logs:::x", "format": written})


fault("LOG-03", at="stage", message="no request id")(
    lambda build: http(build, accessLogSettings={"destinationArn": "arn:aws:logs:::x", "format": "$context.status"})
)
fault("LOG-04", at="settings")(lambda build: settings(build, dataTraceEnabled=True))
quiet("LOG-04")(lambda build: settings(build, loggingLevel="ERROR"))
fault("LIMIT-01", at="bucket", message="64 characters, and AWS allows 63")(
    lambda build: build("s3/bucket:Bucket", "bucket", bucket="b" * 64)
)


@quiet("LIMIT-01")
def _(build: Builder) -> None:
    build("s3/bucket:Bucket", "b" * 60, bucketPrefix="reports-")
    build("sqs/queue:Queue", "q" * 76, name=UNKNOWN)
    build.config["pulumi:autonaming"] = {"providers": {"aws": {"mode": "verbatim"}}}
    build("lb/targetGroup:TargetGroup", "of-just-thirty-two-characters-ok", port=80)


@fault("LIMIT-01", at="targets", message="33 characters")
def _(build: Builder) -> None:
    build.config["pulumi:autonaming"] = {"pattern": "${project}-${name}-${hex(10)}-${stack}-tail"}
    build("lb/targetGroup:TargetGroup", "targets", port=80)


fault("FIT-21", at="server", message="t9.huge: an instance type is named like t4g.micro")(
    lambda build: machine(build, "server", instanceType="t9.huge")
)
fault("FIT-21", at="template", message="t4g.mirco")(
    lambda build: build("ec2/launchTemplate:LaunchTemplate", "template", instanceType="t4g.mirco")
)


@quiet("FIT-21")
def _(build: Builder) -> None:
    """A type may be newer than whatever lists types."""
    machine(build, "server", instanceType="t9g.large")
