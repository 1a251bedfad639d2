"""Packages, layers and images against what runs them, and rights to a log."""

from pathlib import Path
from typing import Any

from review.graph import Asset
from review.tests.graph_builder import Builder, Declare, Made
from review.tests.parts import allowing, trust
from review.tests.rules.cases import fault, quiet

CODE = Asset(members={"app/main.py": Asset(text="def handle(event, context): ...")}, archive=True)


def packed(name: str) -> Asset:
    return Asset(members={name: Asset(text="-")}, archive=True)


BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def role(build: Builder, service: str, *actions: str, attached: str = "") -> Made:
    made = build("iam/role:Role", "role", assumeRolePolicy=trust(service))
    if actions:
        build("iam/rolePolicy:RolePolicy", "policy", role=made.id, policy=allowing(*actions))
    if attached:
        build("iam/rolePolicyAttachment:RolePolicyAttachment", "attached", role=made.name, policyArn=attached)
    return made


def function(build: Builder, by: Made | None = None, **inputs: Any) -> Made:
    given = {"runtime": "python3.13", "handler": "app.main.handle", "code": CODE}
    arn = by.arn if by is not None else "arn:aws:iam::123456789012:role/other"
    return build("lambda/function:Function", "function", role=arn, **{**given, **inputs})


fault("FIT-16", at="function", message="role does not let function write its log")(
    lambda build: function(build, role(build, "lambda.amazonaws.com", "s3:GetObject"))
)


@fault("FIT-16", at="function")
def _(build: Builder) -> None:
    made = role(build, "lambda.amazonaws.com", attached="arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess")
    function(build, made)


quiet("FIT-16")(
    lambda build: function(build, role(build, "lambda.amazonaws.com", "logs:CreateLogStream", "logs:PutLogEvents"))
)
quiet("FIT-16")(lambda build: function(build, role(build, "lambda.amazonaws.com", attached=BASIC)))
quiet("FIT-16")(
    lambda build: function(build, role(build, "lambda.amazonaws.com", attached="arn:aws:iam::123456789012:policy/own"))
)


def task(build: Builder, by: Made | None = None, **inputs: Any) -> Made:
    container = {"name": "web", "image": "nginx", "logConfiguration": {"logDriver": "awslogs", "options": {}}}
    given: dict[str, Any] = {"requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512"}
    given |= {"executionRoleArn": by.arn} if by is not None else {}
    given |= {"containerDefinitions": [container], **inputs}
    return build("ecs/taskDefinition:TaskDefinition", "task", **given)


fault("FIT-17", at="task", message="role does not let task write its log")(
    lambda build: task(build, role(build, "ecs-tasks.amazonaws.com", "ecr:BatchGetImage"))
)
fault("FIT-17", at="task", message="has no execution role")(task)


@quiet("FIT-17")
def _(build: Builder) -> None:
    policy = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    task(build, role(build, "ecs-tasks.amazonaws.com", attached=policy))


quiet("FIT-17")(lambda build: task(build, requiresCompatibilities=["EC2"]))


for _handler in ("main.handle", "app.main", "app/other.handle"):

    @fault("FIT-18", at="function", message="in its package")
    def _(build: Builder, handler: str = _handler) -> None:
        function(build, handler=handler)


fault("FIT-18", at="function", message="no index.js in its package")(
    lambda build: function(build, runtime="nodejs22.x", handler="index.handler")
)


for _inputs in (
    {"handler": "app/main.handle"},
    {"handler": f"{'x' * 300}.handle", "code": Asset(path=".", base=str(Path(__file__).parent), archive=True)},
    {"handler": "anything.at.all", "layers": ["arn:aws:lambda:eu-west-1:123456789012:layer:wrapper:1"]},
    {"runtime": "java21", "handler": "example.Handler::handle"},
    {"runtime": "ruby3.4", "handler": "source.Functions::Handler.process", "code": packed("source.rb")},
    {"runtime": "nodejs22.x", "handler": "dist/index.Api.handler", "code": packed("dist/index.js")},
    {"code": Asset(uri="https://example.com/code.zip", archive=True), "handler": "x.y"},
    {"code": Asset(members={"lib": Asset(path="lib", archive=True)}, archive=True), "handler": "lib.main.handle"},
):

    @quiet("FIT-18")
    def _(build: Builder, inputs: dict[str, Any] = _inputs) -> None:
        function(build, **inputs)


def built(build: Builder, platform: str, chosen: str) -> None:
    image = build("docker:index/image:Image", "image", imageName="app", build={"platform": platform})
    container = {"name": "web", "image": image.imageName}
    task(build, containerDefinitions=[container], runtimePlatform={"cpuArchitecture": chosen})


fault("FIT-19", at="task", message="runs on arm64, and image is for x86_64")(
    lambda build: built(build, "linux/amd64", "ARM64")
)
quiet("FIT-19")(lambda build: built(build, "linux/arm64", "ARM64"))
quiet("FIT-19")(lambda build: build("ec2/instance:Instance", "server", ami="ami-0", instanceType="t4g.nano"))


def pulled(build: Builder, **tags: str) -> None:
    container = {"name": "web", "image": "nginx:1.29"}
    task(build, containerDefinitions=[container], runtimePlatform={"cpuArchitecture": "ARM64"}, tags=tags)


fault("FIT-19", at="task", message="runs on arm64, and its tag image-platform names x86_64")(
    lambda build: pulled(build, **{"image-platform": "linux/amd64"})
)
quiet("FIT-19")(lambda build: pulled(build, **{"image-platform": "linux/arm64"}))


def told(name: str) -> Declare:
    """A function with a variable."""
    return lambda build: function(build, environment={"variables": {name: "x", "TZ": "UTC"}})


fault("FIT-38", at="function", message="function sets AWS_REGION")(told("AWS_REGION"))
quiet("FIT-38")(told("AWS_REGION_NAME"))
