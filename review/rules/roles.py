"""Roles: whether each trusts its service and allows what its resource needs."""

from collections.abc import Iterator, Mapping
from typing import Final

from ..aws.catalog import types
from ..aws.catalog.catalog import make_token
from ..aws.compute.containers import read_containers
from ..aws.compute.user_data import list_image_names, read_boot_script
from ..aws.identity.callers import Caller
from ..aws.identity.iam import Decision, evaluate_policy
from ..graph import UNKNOWN, Resource
from ..graph.evidence import get_deployed_input
from ..graph.reading import (
    Doubt,
    as_list,
    as_text,
    find_first_referenced,
    find_referenced,
    find_values,
    get_declared_input,
    get_output,
    get_value,
    require_declared_input,
)
from ..ledger.ledger import Claim
from ..ledger.ways import Way
from ..paths import Reachability
from .registry import Message, Severity, rule

_ASSUMED: Final[Mapping[str, Mapping[tuple[str, ...], str]]] = {
    "aws:ecs/taskDefinition:TaskDefinition": {
        ("executionRoleArn",): "ecs-tasks.amazonaws.com",
        ("taskRoleArn",): "ecs-tasks.amazonaws.com",
    },
    "aws:scheduler/schedule:Schedule": {("target", "roleArn"): "scheduler.amazonaws.com"},
    "aws:iam/instanceProfile:InstanceProfile": {("role",): "ec2.amazonaws.com"},
    "aws:apigatewayv2/integration:Integration": {("credentialsArn",): "apigateway.amazonaws.com"},
}
"""By type, the inputs that name a role, each with the service that assumes it."""


@rule("BOOT-06", Severity.HIGH, on=(*types.INSTANCE, *types.SCALING_GROUP, *types.TASK_DEFINITION))
def require_pull_permission(reach: Reachability, resource: Resource) -> Iterator[str]:
    """The role that pulls an image from ECR may do so.
    Why: ECR answers 403, and nothing starts.
    Remedy: Allow ecr:GetAuthorizationToken, ecr:BatchGetImage and ecr:GetDownloadUrlForLayer to the role.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
    """
    if resource.type in types.TASK_DEFINITION:
        images = [as_text(get_value(container, "image")) for container in read_containers(resource)]
        role = reach.model.roles.find_execution_role(resource)
        names_role = get_declared_input(resource, "executionRoleArn") is not None
    else:
        images = list_image_names(read_boot_script(reach.model.machines, resource))
        role = reach.model.roles.find_role(resource)
        names_role = reach.model.roles.has_profile(resource)
    private = [image for image in images if ".ecr" in image and "public.ecr" not in image]
    if not private:
        return
    if names_role:
        role = _require_declared_role(role, resource)
    if role is None or not may_allow(reach, role, "ecr:BatchGetImage"):
        yield f"{resource.name} fetches {private[0]}, and no role lets it"


@rule("BOOT-07", Severity.HIGH, on=types.TASK_DEFINITION)
def require_secret_permission(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """A task's execution role may read its containers' secrets.
    Why: Without the permission, no task starts.
    Remedy: Allow secretsmanager:GetSecretValue, or ssm:GetParameters, to the execution role for these ARNs.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
    """
    named = get_declared_input(resource, "executionRoleArn") is not None
    containers = read_containers(resource) if named else ()
    secrets = [each for container in containers for each in find_values(container, "secrets", "valueFrom")]
    for source in filter(None, map(as_text, secrets)):
        yield _check_secret_permission(reach, resource, source)


def _check_secret_permission(reach: Reachability, task_definition: Resource, source: str) -> Iterator[str]:
    role = _require_declared_role(reach.model.roles.find_execution_role(task_definition), task_definition)
    arn = _build_secret_arn(reach, task_definition, source)
    action = "ssm:GetParameters" if ":ssm:" in arn else "secretsmanager:GetSecretValue"
    if not _may_on(reach, role, action, arn):
        yield f"{task_definition.name} gets {arn}, and {role.name} does not allow {action} for it"


@rule("BOOT-08", Severity.HIGH, on=(make_token("scheduler.Schedule"),))
def require_invoke_permission_of_schedule(reach: Reachability, resource: Resource) -> Iterator[str]:
    """A schedule's role may invoke its function.
    Why: Every start of the schedule fails.
    Remedy: Allow lambda:InvokeFunction on the function to the role.
    https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets.html
    """
    graph, target = reach.model.graph, get_deployed_input(resource, "target", "arn")
    function = graph.find(target, *types.FUNCTION)
    if function is None and ":function:" not in as_text(target) and target is not UNKNOWN:
        return
    role = find_first_referenced(graph, resource, "target", "roleArn", types=types.ROLE)
    role = _require_declared_role(role, resource)
    arn = as_text(target) if function is None else as_text(get_output(function, "arn"))
    if not _may_on(reach, role, "lambda:InvokeFunction", arn):
        yield f"{resource.name} invokes {function.name if function else arn}, and {role.name} does not allow it"


@rule("BOOT-09", Severity.HIGH, on=tuple(_ASSUMED))
def require_trust_of_service(reach: Reachability, resource: Resource) -> Iterator[str]:
    """A service may assume the role that a resource names for it.
    Why: Otherwise the service gets no permissions, or refuses the role.
    Remedy: Trust the service in the role's assume_role_policy.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html
    """
    for path, service in _ASSUMED[resource.type].items():
        for role in find_referenced(reach.model.graph, resource, *path, types=types.ROLE):
            # Conditions on the source, which are good practice, are not read.
            if not role.existing and _decide_trust(role, service).refused:
                yield f"{role.name} does not trust {service}, which takes it for {resource.name}"


@rule("FIT-16", Severity.MEDIUM, on=types.FUNCTION)
def require_log_permission_of_function(reach: Reachability, resource: Resource) -> Iterator[str]:
    """A function may write its log.
    Why: Otherwise the function logs nothing, and nobody can see why it fails.
    Remedy: Attach AWSLambdaBasicExecutionRole, or allow logs:CreateLogStream and logs:PutLogEvents.
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
    """
    if get_declared_input(resource, "role") is None:
        return
    role = _require_declared_role(reach.model.roles.find_role(resource), resource)
    if not may_allow(reach, role, "logs:PutLogEvents"):
        yield f"the role {role.name} does not let the function {resource.name} write its log"


@rule("FIT-17", Severity.HIGH, on=types.TASK_DEFINITION)
def require_log_permission_of_task(reach: Reachability, resource: Resource) -> Iterator[str]:
    """A task's execution role may write the task's log.
    Why: Without the permission, no task starts.
    Remedy: Attach AmazonECSTaskExecutionRolePolicy to the execution role, or allow logs:CreateLogStream and
    logs:PutLogEvents.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
    """
    drivers = [
        as_text(get_value(container, "logConfiguration", "logDriver")) for container in read_containers(resource)
    ]
    if "awslogs" not in drivers:
        return
    # Without an execution role, a task on an EC2 instance logs by the instance's role.
    on_fargate = "FARGATE" in as_list(get_declared_input(resource, "requiresCompatibilities"))
    if get_declared_input(resource, "executionRoleArn") is None:
        if on_fargate:
            yield f"{resource.name} logs to CloudWatch and has no execution role"
        return
    role = _require_declared_role(reach.model.roles.find_execution_role(resource), resource)
    if not may_allow(reach, role, "logs:PutLogEvents"):
        yield f"the role {role.name} does not let the task {resource.name} write its log"


def _require_declared_role(role: Resource | None, resource: Resource) -> Resource:
    """The role. Raises Doubt if the program does not declare it."""
    if role is None or role.existing:
        raise Doubt(f"what the role of {resource.name} allows is not known: the program does not declare it")
    return role


def may_allow(reach: Reachability, role: Resource, action: str) -> bool:
    """Whether a role allows an action. Raises Doubt if a policy of it may allow it and is not known."""
    roles = reach.model.roles
    if roles.find_allowing_policy(role, action) is not None:
        return True
    _require_known_policies(reach, role)
    if (policy := roles.may_allow(role, action)) is not None:
        raise Doubt(f"whether {policy.name} allows {action} to {role.name} is not known")
    return False


def _may_on(reach: Reachability, role: Resource, action: str, arn: str) -> bool:
    """Whether a role allows an action on a resource. Raises Doubt if its policies or the ARN are not known."""
    decision = reach.model.roles.decide(role, action, arn) if arn else Decision.UNKNOWN
    if decision is Decision.UNKNOWN:
        raise Doubt(f"whether {role.name} allows {action} for {arn or 'its target'} is not known")
    if decision is Decision.SILENT:
        _require_known_policies(reach, role)
    return decision is Decision.ALLOW


def _require_known_policies(reach: Reachability, role: Resource) -> None:
    """Raises Doubt if something that is not read may give a role rights."""
    claim = Claim(f"{role.name} has no other right", {Way.GRANTS: frozenset({role.urn})})
    if reason := reach.ledger.vouch(claim).reason:
        raise Doubt(reason)


def _decide_trust(role: Resource, service: str) -> Decision:
    caller = Caller(service=service, is_whole=False)
    return evaluate_policy(require_declared_input(role, "assumeRolePolicy"), caller=caller, action="sts:AssumeRole")


def _build_secret_arn(reach: Reachability, resource: Resource, source: str) -> str:
    """The ARN of a secret without the key in it, or of a parameter, which may be given by its name."""
    if source.startswith("arn:"):
        return ":".join(source.split(":")[:7])
    graph = reach.model.graph
    region = resource.region or graph.region
    return f"arn:{graph.partition}:ssm:{region}:{graph.account}:parameter/{source.lstrip('/')}"
