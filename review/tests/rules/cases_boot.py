"""What machines and tasks fetch when they start."""

import json
from types import SimpleNamespace
from typing import Any

from review.graph import UNKNOWN
from review.tests.front_parts import endpoint
from review.tests.graph_builder import Builder, Json, Made
from review.tests.parts import ANYWHERE, allowing, backend, edge, egress, group, network, profile, trust
from review.tests.rules.cases import doubt, fault, quiet

ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1"
DNF = "#!/bin/bash\ndnf install -y docker\n"


def pulling(image: str) -> str:
    return f'#!/bin/bash\nIMAGE={image}\ndocker pull "$IMAGE"\n'


def s3(build: Builder, net: SimpleNamespace, *buckets: str) -> Made:
    """A gateway endpoint that admits reading from these buckets."""
    resources = [f"arn:aws:s3:::{bucket}/*" for bucket in buckets]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": resources}
    return build(
        "ec2/vpcEndpoint:VpcEndpoint",
        "s3",
        vpcId=net.vpc.id,
        serviceName="com.amazonaws.eu-west-1.s3",
        vpcEndpointType="Gateway",
        routeTableIds=[table.id for table in net.tables],
        policy=json.dumps({"Statement": [statement]}),
    )


fault("BOOT-01", at="backend", message="no endpoint for S3")(
    lambda build: backend(build, network(build, egress="none"), userData=DNF)
)


def _beside_bucket(build: Builder, bucket: str, user_data: str) -> None:
    net = network(build, egress="none")
    s3(build, net, bucket)
    backend(build, net, userData=user_data)


fault("BOOT-01", at="backend", message="does not admit the bucket al2023-repos-eu-west-1-de612dc2")(
    lambda build: _beside_bucket(build, "my-data", DNF)
)
fault("BOOT-01", at="backend", message="its mirrors are on the internet")(
    lambda build: _beside_bucket(
        build, "al2023-repos-eu-west-1-de612dc2", "#!/bin/bash\napt-get -y install docker.io\n"
    )
)
quiet("BOOT-01")(lambda build: _beside_bucket(build, "al2023-repos-eu-west-1-de612dc2", DNF))
quiet("BOOT-01", "BOOT-02")(
    lambda build: backend(build, network(build), userData=DNF + pulling("docker.io/library/nginx:1"))
)
fault("BOOT-02", at="backend", message="no endpoint for ecr.api and ecr.dkr")(
    lambda build: backend(build, network(build, egress="none"), userData=pulling(ECR))
)
fault("BOOT-02", at="backend", message="the registry is on the internet")(
    lambda build: backend(build, network(build, egress="none"), userData=pulling("traefik/whoami:v1"))
)
fault("BOOT-02", at="service", message="cannot fetch")(lambda build: service(build, network(build, egress="none")))


@quiet("BOOT-02")
def _(build: Builder) -> None:
    net = network(build, egress="none")
    s3(build, net, "prod-eu-west-1-starport-layer-bucket")
    behind = backend(build, net, userData=pulling(ECR))
    for name in ("ecr.api", "ecr.dkr"):
        door = endpoint(build, net, name)
        edge(build, behind.group, door.group, 443, f"backend-to-{name}")


fault("BOOT-03", at="backend", message="does not admit the bucket images")(
    lambda build: _beside_bucket(
        build, "al2023-repos-eu-west-1-de612dc2", "#!/bin/bash\naws s3 cp s3://images/app.tar.gz - | docker load\n"
    )
)
quiet("BOOT-03")(
    lambda build: _beside_bucket(build, "images", "#!/bin/bash\naws s3 cp s3://images/app.tar.gz - | docker load\n")
)


def managed(build: Builder, net: SimpleNamespace) -> SimpleNamespace:
    return backend(build, net, iamInstanceProfile=profile(build).name)


quiet("BOOT-04")(lambda build: backend(build, network(build, egress="none"), iamInstanceProfile="made-elsewhere"))
fault("BOOT-04", at="backend", message="no endpoint for ssm and ssmmessages")(
    lambda build: managed(build, network(build, egress="none"))
)
quiet("BOOT-04")(lambda build: managed(build, network(build)))


@quiet("BOOT-04")
def _(build: Builder) -> None:
    net = network(build, egress="none")
    behind = managed(build, net)
    for name in ("ssm", "ssmmessages"):
        edge(build, behind.group, endpoint(build, net, name).group, 443, f"backend-to-{name}")


def service(build: Builder, net: SimpleNamespace, **entry: Any) -> None:
    members = group(build, net.vpc, "service-group")
    egress(build, "service-out", members, 443, cidrIpv4=ANYWHERE)
    containers = Json([{"name": "web", "image": ECR, "logConfiguration": {"logDriver": "awslogs"}, **entry}])
    definition = build("ecs/taskDefinition:TaskDefinition", "task", family="task", containerDefinitions=containers)
    build(
        "ecs/service:Service",
        "service",
        taskDefinition=definition.arn,
        networkConfiguration={"subnets": [net.private[0].id], "securityGroups": [members.id]},
    )


fault("BOOT-05", at="service", message="cannot reach logs")(lambda build: service(build, network(build, egress="none")))


@fault("BOOT-05", at="service", message="cannot reach secretsmanager")
def _(build: Builder) -> None:
    net = network(build, egress="none")
    endpoint(build, net, "logs")
    service(build, net, secrets=[{"name": "K", "valueFrom": "arn:aws:secretsmanager:eu-west-1:1:secret:k"}])


quiet("BOOT-05")(lambda build: service(build, network(build)))


@quiet("BOOT-05")
def _(build: Builder) -> None:
    net = network(build, egress="none")
    endpoint(build, net, "logs")
    service(build, net)


fault("BOOT-06", at="backend", message="no role lets it")(
    lambda build: backend(build, network(build), userData=pulling(ECR))
)
fault("BOOT-06", at="task", message="no role lets it")(lambda build: service(build, network(build)))


@quiet("BOOT-06")
def _(build: Builder) -> None:
    role = build("iam/role:Role", "role", assumeRolePolicy=trust("ec2.amazonaws.com"))
    repository = "arn:aws:ecr:eu-west-1:123456789012:repository/app"
    pulls = allowing("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", resource=repository)
    build("iam/rolePolicy:RolePolicy", "pulls", role=role.name, policy=pulls)
    own = build("iam/instanceProfile:InstanceProfile", "profile", role=role.name)
    backend(build, network(build), userData=pulling(ECR), iamInstanceProfile=own.name)


@quiet("BOOT-06")
def _(build: Builder) -> None:
    elsewhere = profile(build, "arn:aws:iam::123456789012:policy/pulls")
    backend(build, network(build), userData=pulling(ECR), iamInstanceProfile=elsewhere.name)


@quiet("BOOT-06")
def _(build: Builder) -> None:
    """A launch template of another stack may name a profile."""
    backend(build, network(build), userData=pulling(ECR), launchTemplate={"id": "lt-of-another-stack"})


SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:login-AbCdEf"
PARAMETER = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/host"


def told(build: Builder, source: str, *allowed: str, action: str = "secretsmanager:GetSecretValue") -> None:
    """A task whose container gets a secret, and an execution role with AWS's own policy and perhaps one more."""
    role = build("iam/role:Role", "starts", assumeRolePolicy=trust("ecs-tasks.amazonaws.com"))
    own = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    build("iam/rolePolicyAttachment:RolePolicyAttachment", "logs", role=role.name, policyArn=own)
    for resource in allowed:
        build("iam/rolePolicy:RolePolicy", "reads", role=role.name, policy=allowing(action, resource=resource))
    container = {"name": "app", "image": "a", "secrets": [{"name": "LOGIN", "valueFrom": source}]}
    inputs: dict[str, Any] = {"containerDefinitions": Json([container]), "executionRoleArn": role.arn, "family": "app"}
    build("ecs/taskDefinition:TaskDefinition", "task", **inputs)


fault(
    "BOOT-07", at="task", message=f"task gets {SECRET}, and starts does not allow secretsmanager:GetSecretValue for it"
)(lambda build: told(build, f"{SECRET}:password::"))
fault(
    "BOOT-07", at="task", message=f"task gets {SECRET}, and starts does not allow secretsmanager:GetSecretValue for it"
)(lambda build: told(build, SECRET, f"{SECRET}-other"))
fault("BOOT-07", at="task", message=f"task gets {PARAMETER}, and starts does not allow ssm:GetParameters for it")(
    lambda build: told(build, "/shop/host", SECRET)
)
quiet("BOOT-07")(lambda build: told(build, f"{SECRET}:password::", SECRET))
quiet("BOOT-07")(lambda build: told(build, SECRET, "*"))
quiet("BOOT-07")(lambda build: told(build, "/shop/host", PARAMETER, action="ssm:GetParameters"))


ACCOUNT = "123456789012"


def schedule(build: Builder, policy: Any) -> None:
    """A schedule that invokes a function, with the policy of its role."""
    function = build("lambda/function:Function", "charge", role=f"arn:aws:iam::{ACCOUNT}:role/charge")
    role = build("iam/role:Role", "runs", assumeRolePolicy=trust("scheduler.amazonaws.com"))
    build("iam/rolePolicy:RolePolicy", "may", role=role.name, policy=policy)
    target = {"arn": function.arn, "roleArn": role.arn}
    build("scheduler/schedule:Schedule", "nightly", scheduleExpression="rate(1 day)", target=target)


STARTED = "nightly invokes charge, and runs does not allow it"
LEDGER = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:ledger"
fault("BOOT-08", at="nightly", message=STARTED)(
    lambda build: schedule(build, allowing("lambda:InvokeFunction", resource=LEDGER))
)
quiet("BOOT-08")(lambda build: schedule(build, allowing("lambda:InvokeFunction")))
doubt("BOOT-08")(lambda build: schedule(build, UNKNOWN))


def taken(service: str) -> Any:
    """A task and the role that is named for it."""

    def declare(build: Builder) -> None:
        role = build("iam/role:Role", "runs", assumeRolePolicy=trust(service))
        build("ecs/taskDefinition:TaskDefinition", "checkout", taskRoleArn=role.arn)

    return declare


fault("BOOT-09", at="checkout", message="runs does not trust ecs-tasks.amazonaws.com, which takes it for checkout")(
    taken("ecs.amazonaws.com")
)
quiet("BOOT-09")(taken("ecs-tasks.amazonaws.com"))
