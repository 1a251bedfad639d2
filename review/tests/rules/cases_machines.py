"""Encryption, and machines and tasks as they are set up."""

from typing import Any

from review.tests.graph_builder import Builder
from review.tests.parts import http, machine
from review.tests.rules.cases import fault, quiet

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


def service(build: Builder, **inputs: Any) -> None:
    build("ecs/service:Service", "service", **inputs)


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
