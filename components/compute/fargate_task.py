"""The task definition of a Fargate backend, its two roles, and its log group."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from ..aws_lookups.account import find_partition, find_region
from ..facts import container_image, limits
from ..facts.aws_permissions import strip_secret_arn
from ..iam.permission_statements import build_permission_statements
from ..iam.role_policies import attach_policies, build_role_policy
from ..iam.statements import (
    Statement,
    allow_decryption,
    allow_image_pull,
    allow_log_writes,
    build_policy,
    build_trust_policy,
    measure_policy,
)
from ..operations.log_groups import declare_log_group
from ..resource_options.scope import Scope
from .fargate_args import FargateBackendArgs

CONTAINER: Final = "app"
_ARCHITECTURES: Final = {"arm64": "ARM64", "x86_64": "X86_64"}
_FAMILY_LENGTH: Final = 255
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
_SPOT_NOTICE_SECONDS: Final = 120
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html: none takes a resource.
_EXECUTE_COMMAND_ACTIONS: Final = (
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)


@dataclass(frozen=True)
class Defined:
    """The task definition and its log group."""

    definition: aws.ecs.TaskDefinition
    log_group_name: pulumi.Output[str]


def declare_task_definition(scope: Scope, spec: FargateBackendArgs, image: pulumi.Input[str]) -> Defined:
    """Declare roles, log group and definition."""
    logs = declare_log_group(f"{scope.name}-log", spec.logs.retention_days, scope.tags, scope.parent)
    execution_role, permissions = _declare_execution_role(scope, spec, image, logs)
    task_role, granted = _declare_task_role(scope, spec)
    definition = aws.ecs.TaskDefinition(
        f"{scope.name}-task",
        # By the log group, whose name no other stack has; that of the stack may change, or be another project's too.
        family=logs.name.apply(make_family_name),
        requires_compatibilities=["FARGATE"],
        network_mode="awsvpc",
        cpu=str(spec.cpu),
        memory=str(spec.memory),
        runtime_platform=aws.ecs.TaskDefinitionRuntimePlatformArgs(
            cpu_architecture=_ARCHITECTURES[spec.architecture], operating_system_family="LINUX"
        ),
        execution_role_arn=execution_role.arn,
        task_role_arn=task_role.arn,
        container_definitions=pulumi.Output.json_dumps([_build_container(scope, spec, image, logs)]),
        tags=scope.build_tags("task"),
        # A task that starts before its permissions exist cannot pull its image, and its program fails.
        opts=scope.child_options(depends_on=[permissions, *granted]),
    )
    return Defined(definition, logs.name)


def make_family_name(log_group: str) -> str:
    """Family name of the task definition: the log group's, with `-` for each character that AWS does not accept."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", log_group)[-_FAMILY_LENGTH:]


def _build_container(
    scope: Scope, spec: FargateBackendArgs, image: pulumi.Input[str], logs: aws.cloudwatch.LogGroup
) -> dict[str, Any]:
    return {
        "name": CONTAINER,
        "image": image,
        "essential": True,
        **({"command": list(spec.command)} if spec.command else {}),
        "portMappings": [{"containerPort": spec.port, "protocol": "tcp"}],
        "environment": [{"name": name, "value": value} for name, value in sorted(spec.environment.items())],
        "secrets": [{"name": name, "valueFrom": arn} for name, arn in sorted(spec.secrets.items())],
        # Spot gives two minutes' notice; by default a container has half a minute of it.
        **({"stopTimeout": _SPOT_NOTICE_SECONDS} if spec.spot is not None else {}),
        # Reaps what a shell inside the container leaves behind.
        "linuxParameters": {"initProcessEnabled": True},
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": logs.name,
                "awslogs-region": find_region(scope.parent),
                "awslogs-stream-prefix": scope.name,
            },
        },
    }


def _declare_execution_role(
    scope: Scope, spec: FargateBackendArgs, image: pulumi.Input[str], logs: aws.cloudwatch.LogGroup
) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
    """Permissions of ECS before the task runs: pull the image, write the log, read the secrets."""
    role = _declare_role(scope, "execution")
    statements = pulumi.Output.all(
        image=image,
        log_group=logs.arn,
        secrets=list(spec.secrets.values()),
        keys=list(spec.kms_key_arns),
        partition=find_partition(scope.parent),
    ).apply(lambda known: _build_statements(**known))
    document = pulumi.Output.json_dumps(statements.apply(build_policy))
    name = f"{scope.name}-execution-permissions"
    return role, aws.iam.RolePolicy(name, role=role.name, policy=document, opts=scope.child_options())


def _build_statements(
    image: str, log_group: str, secrets: list[str], keys: list[str], partition: str
) -> list[Statement]:
    parsed = container_image.parse(image)
    return [
        allow_log_writes(log_group),
        *(allow_image_pull(parsed, partition) if parsed.place is container_image.Place.ECR else []),
        *_build_secret_statements(secrets),
        *allow_decryption(keys),
    ]


def _build_secret_statements(arns: Sequence[str]) -> list[Statement]:
    """ECS reads parameters in batches, so it requires another action than an instance does."""
    by_action = {
        "ssm:GetParameters": sorted(arn for arn in arns if ":ssm:" in arn),
        # A task definition may name a JSON key, stage and version after the ARN; permissions are for the whole secret.
        "secretsmanager:GetSecretValue": sorted({strip_secret_arn(arn) for arn in arns if ":secretsmanager:" in arn}),
    }
    return [{"Effect": "Allow", "Action": [action], "Resource": named} for action, named in by_action.items() if named]


def _declare_task_role(scope: Scope, spec: FargateBackendArgs) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
    """The program's own role, with only the permissions of the arguments, and these permissions."""
    role = _declare_role(scope, "task")
    granted: list[pulumi.Resource] = []
    room = limits.ROLE_POLICIES_CHARACTERS
    if spec.execute_command:
        statement = {"Effect": "Allow", "Action": list(_EXECUTE_COMMAND_ACTIONS), "Resource": "*"}
        room -= measure_policy([statement])
        document = pulumi.Output.json_dumps(build_policy([statement]))
        name = f"{scope.name}-execute-command"
        granted.append(aws.iam.RolePolicy(name, role=role.name, policy=document, opts=scope.child_options()))
    granted += attach_policies(scope, "FargateBackend", role, spec.permissions, spec.policy_arns)
    if spec.own_permissions:
        document = build_role_policy(
            scope.parent, build_permission_statements("FargateBackend", spec.own_permissions, scope.parent), room
        )
        name = f"{scope.name}-permissions"
        granted.append(aws.iam.RolePolicy(name, role=role.name, policy=document, opts=scope.child_options()))
    return role, granted


def _declare_role(scope: Scope, suffix: str) -> aws.iam.Role:
    trust = pulumi.Output.json_dumps(build_trust_policy("ecs-tasks.amazonaws.com"))
    return aws.iam.Role(
        f"{scope.name}-{suffix}-role",
        assume_role_policy=trust,
        tags=scope.build_tags(f"{suffix}-role"),
        opts=scope.child_options(),
    )
