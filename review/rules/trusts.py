"""Roles that services take to work for a resource, against the trust policies of these."""

from collections.abc import Iterator, Mapping
from typing import Final

from ..aws.catalog import types
from ..aws.identity.callers import Caller
from ..aws.identity.iam import allows
from ..graph import Resource
from ..graph.reading import named_resources, require_input
from ..reach import Reach
from .registry import Severity, rule

_TAKEN: Final[Mapping[str, Mapping[tuple[str, ...], str]]] = {
    "aws:ecs/taskDefinition:TaskDefinition": {
        ("executionRoleArn",): "ecs-tasks.amazonaws.com",
        ("taskRoleArn",): "ecs-tasks.amazonaws.com",
    },
    "aws:scheduler/schedule:Schedule": {("target", "roleArn"): "scheduler.amazonaws.com"},
    "aws:iam/instanceProfile:InstanceProfile": {("role",): "ec2.amazonaws.com"},
    "aws:apigatewayv2/integration:Integration": {("credentialsArn",): "apigateway.amazonaws.com"},
}
"""By type, the inputs that name a role, each with the service that takes it."""


@rule("BOOT-09", Severity.HIGH, on=tuple(_TAKEN))
def role_trusts_its_service(reach: Reach, resource: Resource) -> Iterator[str]:
    """The service that works for a resource may take the role that is named for it.

    Why: What the resource is for fails, since the service gets no rights. Some services refuse such a role.
    Remedy: Trust the service in the role's assume_role_policy.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html
    """
    for path, service in _TAKEN[resource.type].items():
        for role in named_resources(reach.model.graph, resource, *path, types=types.ROLE):
            trust = None if role.existing else require_input(role, "assumeRolePolicy")
            caller = Caller(service=service, is_whole=False)
            # Conditions on the source, which are good practice, are not read.
            if trust is not None and allows(trust, caller=caller, action="sts:AssumeRole").refused:
                yield f"{role.name} does not trust {service}, which takes it for {resource.name}"
