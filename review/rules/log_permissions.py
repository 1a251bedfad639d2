"""Whether functions and tasks may write their logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..aws import types
from ..aws.containers import containers_of
from ..graph import UNKNOWN, Resource
from ..graph.reading import CannotTell, items, peek, pointed, text, within
from ..reach import Reach
from .registry import Severity, guide, rule

_OTHER_ATTACHMENTS: Final = (
    "aws:iam/policyAttachment:PolicyAttachment",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
)


@rule(
    "FIT-16",
    "A function may write its log",
    Severity.MEDIUM,
    on=types.FUNCTION,
    why="The function runs and logs nothing, so that no one can see why it fails.",
    remedy="Attach AWSLambdaBasicExecutionRole, or allow logs:CreateLogStream and logs:PutLogEvents.",
    source=guide("lambda/latest/dg", "monitoring-cloudwatchlogs"),
)
def function_may_log(reach: Reach, resource: Resource) -> Iterator[str]:
    role = reach.model.roles.of(resource)
    if role is not None and not role.existing and not _may_log(reach, role):
        yield f"{role.name} does not let {resource.name} write its log"


@rule(
    "FIT-17",
    "The role that starts a task may write the task's log",
    Severity.HIGH,
    on=types.TASK_DEFINITION,
    why="The log driver is set up before the container starts: without the right, no task ever starts.",
    remedy="Attach AmazonECSTaskExecutionRolePolicy to the execution role, or allow logs:CreateLogStream and "
    "logs:PutLogEvents.",
    source=guide("AmazonECS/latest/developerguide", "task_execution_IAM_role"),
)
def task_may_log(reach: Reach, resource: Resource) -> Iterator[str]:
    drivers = [text(within(one, "logConfiguration", "logDriver")) for one in containers_of(resource)]
    if "awslogs" not in drivers:
        return
    if peek(resource, "executionRoleArn") is None:
        # On machines of one's own, the machine's role may do it.
        if "FARGATE" in items(peek(resource, "requiresCompatibilities")):
            yield f"{resource.name} logs to CloudWatch and has no execution role"
        return
    for role in pointed(reach.model.graph, resource, "executionRoleArn", types=types.ROLE):
        if not role.existing and not _may_log(reach, role):
            yield f"{role.name} does not let {resource.name} write its log"


def _may_log(reach: Reach, role: Resource) -> bool:
    """Whether a role allows it, or has policies that cannot be read. Raises CannotTell if they come later."""
    if apart := next(iter(reach.model.graph.of_type(*_OTHER_ATTACHMENTS)), None):
        raise CannotTell(f"what {apart.name} attaches is not read")
    policies = [policy for _, policy in reach.model.roles.policies(role)]
    unread = [one for one in policies if isinstance(one, str) and one.startswith("arn:")]
    if reach.model.roles.allowing(role, "logs:PutLogEvents") is not None:
        return True
    if UNKNOWN in policies:
        raise CannotTell(f"the policies of {role.name} are known only after deployment")
    return not all(map(reach.model.roles.is_known, unread))
