"""Steps that declare identities, machines, documents and secrets, beside `review.tests.helpers.steps`."""

import json
from pathlib import Path
from typing import Any

from review.graph import Asset
from review.tests.helpers import stack_parts
from review.tests.helpers.graph_builder import Builder, Json, step
from review.tests.helpers.stack_parts import allowing, http, trust
from review.tests.helpers.steps import find_made, find_network, http_route, invoke

ACCOUNT = "123456789012"
EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
ONE_RANGE = Json({"Statement": [{**EVERYBODY, "Condition": {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}}}]})
"""A resource policy that admits one range of addresses."""


# Identities


@step
def inline(build: Builder, *, actions: list[str], resource: Any = "*") -> None:
    role = build("iam/role:Role", "role", assumeRolePolicy=trust("ec2.amazonaws.com"))
    build("iam/rolePolicy:RolePolicy", "policy", role=role.name, policy=allowing(*actions, resource=resource))


@step
def trusting(build: Builder, *, principal: Any, condition: Any = None) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    statement |= {"Condition": condition} if condition else {}
    build("iam/role:Role", "role", assumeRolePolicy=Json({"Statement": [statement]}))


@step
def by_issuer(build: Builder, /, *, issuer: str = "token.actions.githubusercontent.com", **subjects: Any) -> None:
    """A role for identities of an issuer, with a condition on their subject, or with none."""
    condition: dict[str, Any] = {"StringEquals": {f"{issuer}:aud": "sts.amazonaws.com"}}
    for operator, subject in subjects.items():
        condition.setdefault(operator, {})[f"{issuer}:sub"] = subject
    trusting(principal={"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}"}, condition=condition)(build)


@step
def by_service(build: Builder, /, *, service: str = "s3", **inputs: Any) -> None:
    """A permission for a service beside that of the API."""
    to = stack_parts.proxy_stack(build).proxy.function
    given: dict[str, Any] = {
        "action": "lambda:InvokeFunction",
        "function": to.name,
        "principal": f"{service}.amazonaws.com",
    }
    build("lambda/permission:Permission", "wide", **{**given, **inputs})


# Machines, tasks and functions


@step
def with_role(build: Builder, service: str, actions: Any = (), attached: str = "") -> None:
    made = build("iam/role:Role", "role", assumeRolePolicy=trust(service))
    if actions:
        build("iam/rolePolicy:RolePolicy", "policy", role=made.id, policy=allowing(*actions))
    if attached:
        build("iam/rolePolicyAttachment:RolePolicyAttachment", "attached", role=made.name, policyArn=attached)


CODE = Asset(members={"app/main.py": Asset(text="def handle(event, context): ...")}, archive=True)


@step
def packaged(build: Builder, /, code: Any = CODE, **inputs: Any) -> None:
    """A function with code, and the role `role` if there is one; a text as code is the name of its one file."""
    code = Asset(members={code: Asset(text="-")}, archive=True) if isinstance(code, str) else code
    roles = [one for one in build.resources.values() if one.name == "role"]
    arn = find_made(build, "role").arn if roles else f"arn:aws:iam::{ACCOUNT}:role/other"
    given: dict[str, Any] = {"role": arn, "runtime": "python3.13", "handler": "app.main.handle", "code": code, **inputs}
    build("lambda/function:Function", "function", **given)


def folder(path: str) -> Asset:
    """A folder beside this file."""
    return Asset(path=path, base=str(Path(__file__).parent), archive=True)


@step
def task(build: Builder, /, image: Any = "nginx", **inputs: Any) -> None:
    """A task definition, with the role `role` to start by if there is one."""
    container = {"name": "web", "image": image, "logConfiguration": {"logDriver": "awslogs", "options": {}}}
    roles = [one for one in build.resources.values() if one.name == "role"]
    given: dict[str, Any] = {"requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512"}
    given |= {"executionRoleArn": find_made(build, "role").arn} if roles else {}
    build("ecs/taskDefinition:TaskDefinition", "task", **{**given, "containerDefinitions": [container], **inputs})


ECR = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/app:1"


@step
def service(build: Builder, /, **entry: Any) -> None:
    """A service that fetches an image and writes a log."""
    net = find_network(build)
    members = stack_parts.group(build, net.vpc, "service-group")
    stack_parts.egress(build, "service-out", members, 443, cidrIpv4=stack_parts.ANYWHERE)
    containers = Json([{"name": "web", "image": ECR, "logConfiguration": {"logDriver": "awslogs"}, **entry}])
    definition = build("ecs/taskDefinition:TaskDefinition", "task", family="task", containerDefinitions=containers)
    place: dict[str, Any] = {"subnets": [net.private[0].id], "securityGroups": [members.id]}
    build("ecs/service:Service", "service", taskDefinition=definition.arn, networkConfiguration=place)


@step
def bucket_endpoint(build: Builder, /, bucket: str | None = None, **inputs: Any) -> None:
    """A gateway endpoint of S3 that admits reading from one bucket, or has no policy."""
    net = find_network(build)
    reads = {**EVERYBODY, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy = {"policy": json.dumps({"Statement": [reads]})} if bucket else {}
    given: dict[str, Any] = {
        "serviceName": "com.amazonaws.eu-west-1.s3",
        "vpcEndpointType": "Gateway",
        **policy,
        **inputs,
    }
    tables = [table.id for table in net.tables]
    build("ec2/vpcEndpoint:VpcEndpoint", "s3", vpcId=net.vpc.id, routeTableIds=tables, **given)


@step
def secret_of_container(
    build: Builder, source: str, allowed: str = "", action: str = "secretsmanager:GetSecretValue"
) -> None:
    """A task whose container gets a secret, and an execution role with AWS's own policy and perhaps one more."""
    role = build("iam/role:Role", "starts", assumeRolePolicy=trust("ecs-tasks.amazonaws.com"))
    own = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    build("iam/rolePolicyAttachment:RolePolicyAttachment", "logs", role=role.name, policyArn=own)
    if allowed:
        build("iam/rolePolicy:RolePolicy", "reads", role=role.name, policy=allowing(action, resource=allowed))
    container = {"name": "app", "image": "a", "secrets": [{"name": "LOGIN", "valueFrom": source}]}
    given: dict[str, Any] = {"containerDefinitions": Json([container]), "executionRoleArn": role.arn, "family": "app"}
    build("ecs/taskDefinition:TaskDefinition", "task", **given)


@step
def schedule(build: Builder, policy: Any) -> None:
    """A schedule that invokes a function, with the policy of its role."""
    to = build("lambda/function:Function", "charge", role=f"arn:aws:iam::{ACCOUNT}:role/charge")
    role = build("iam/role:Role", "runs", assumeRolePolicy=trust("scheduler.amazonaws.com"))
    build("iam/rolePolicy:RolePolicy", "may", role=role.name, policy=policy)
    target: dict[str, Any] = {"arn": to.arn, "roleArn": role.arn}
    build("scheduler/schedule:Schedule", "nightly", scheduleExpression="rate(1 day)", target=target)


# Documents


@step
def document(build: Builder, /, *, statements: Any = ({},), **whole: Any) -> None:
    """A policy of a role, with statements that differ from a right one; an element that is null is not there."""
    made = {"Version": "2012-10-17", "Statement": [_statement(one) for one in statements], **whole}
    build("iam/rolePolicy:RolePolicy", f"policy{len(build.resources) or ''}", role="role", policy=json.dumps(made))


def _statement(changes: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::images/*",
        **changes,
    }
    return {key: value for key, value in given.items() if value is not None}


@step
def trust_document(build: Builder, /, **changes: Any) -> None:
    """A role with a trust policy that differs from a right one."""
    right = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": {**right, **changes}})
    build("iam/role:Role", "role", assumeRolePolicy=policy)


@step
def api_document(build: Builder, /, *, integration: Any = None, operation: Any = None, **whole: Any) -> None:
    """An API with a body that differs from a right one."""
    given: dict[str, Any] = {
        "type": "http_proxy",
        "httpMethod": "GET",
        "uri": "http://10.0.0.1/{id}",
        **(integration or {}),
    }
    given = {key: value for key, value in given.items() if value is not None}
    parameters = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    made = {"parameters": parameters, "x-amazon-apigateway-integration": given, **(operation or {})}
    body = {"openapi": "3.0.1", "info": {"title": "api", "version": "1"}, "paths": {"/orders/{id}": {"get": made}}}
    build("apigateway/restApi:RestApi", "api", body=json.dumps({**body, **whole}))


# Secrets


@step
def unlimited(build: Builder, /, **inputs: Any) -> None:
    """An HTTP API without a throttle, and the function that answers it."""
    http(build, defaultRouteSettings=None)
    to = build("lambda/function:Function", "greeter", **inputs)
    http_route("route", api="api", to=to.invokeArn, key="ANY /{proxy+}", authorizationType="NONE")(build)
    invoke("calls", api="api", function="greeter")(build)
