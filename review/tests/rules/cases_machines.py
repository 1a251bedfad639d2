"""Encryption, and machines and tasks as they are set up."""

from typing import Any

from review.graph import Options
from review.tests.graph_builder import Builder, Json
from review.tests.parts import http, machine, network
from review.tests.rules.cases import fault, quiet

fault("ENC-01", at="server", message="root disk")(
    lambda build: machine(build, "server", rootBlockDevice={"volumeSize": 8})
)
fault("ENC-01", at="server", message="/dev/sdf")(
    lambda build: machine(build, "server", ebsBlockDevices=[{"deviceName": "/dev/sdf"}])
)
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


@fault("ENC-01", at="server", message="root disk")
def _(build: Builder) -> None:
    build("ebs/encryptionByDefault:EncryptionByDefault", "default", enabled=True, region="us-west-2")
    machine(build, "server", rootBlockDevice=None)


def tls(build: Builder, **inputs: Any) -> None:
    front = build("lb/loadBalancer:LoadBalancer", "front", subnets=[subnet.id for subnet in network(build).private])
    build("lb/listener:Listener", "tls", loadBalancerArn=front.arn, port=443, protocol="HTTPS", **inputs)


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


def settings(build: Builder, **values: Any) -> None:
    build(
        "apigateway/methodSettings:MethodSettings",
        "settings",
        restApi="api",
        stageName="live",
        methodPath="*/*",
        settings=values,
    )


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


fault("EC2-03", at="server")(lambda build: machine(build, "server", userData="#!/bin/bash\n"))
quiet("EC2-03")(lambda build: machine(build, "server", userData="#!/bin/bash\n", userDataReplaceOnChange=True))


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


fault("LOG-06", at="task", message="web")(lambda build: task(build, {"name": "web"}))
quiet("LOG-06")(lambda build: task(build, {"name": "web", "logConfiguration": LOGS}))


def service(build: Builder, **inputs: Any) -> None:
    build("ecs/service:Service", "service", **inputs)


fault("ECS-02", at="service")(lambda build: service(build, deploymentCircuitBreaker={"enable": True}))
quiet("ECS-02")(lambda build: service(build, deploymentCircuitBreaker={"enable": True, "rollback": True}))
fault("ECS-03", at="service")(lambda build: service(build, enableExecuteCommand=True))
quiet("ECS-03")(lambda build: service(build, enableExecuteCommand=False))
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


@quiet("LIMIT-01")
def _(build: Builder) -> None:
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
