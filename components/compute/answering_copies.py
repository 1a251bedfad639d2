"""Gates of copies: an ECS service whose deployment is complete, an Auto Scaling group whose instances answer.

The provider waits for both, and a failure is an initialization error in the state. Any refresh removes the error, and
the next update would send calls to the new copies and delete the old ones. pulumi/pulumi#17949
"""

from __future__ import annotations

from typing import Final

import pulumi
import pulumi_aws as aws

from ..resource_options.scope import Scope
from .carried_capacity import INSTANCES, TASKS, describe_service, set_tasks
from .readiness import Client, Connect, NotAnsweringError, Watched, declare_gate

_FAILED: Final = "FAILED"
_COMPLETED: Final = "COMPLETED"


def declare_service_gate(
    scope: Scope,
    made: aws.ecs.Service,
    definition: aws.ecs.TaskDefinition,
    count: int | None,
    connect: Connect | None = None,
    *,
    seconds: int,
) -> pulumi.Resource:
    """The gate of an ECS service: its primary deployment runs this task definition and is complete.

    A `count` is set again when scaling ends: the provider does not know the number that scaling left. The deployer
    needs `ecs:DescribeServices` and `ecs:UpdateService`, as the provider does.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html
    """
    watched = {"arn": made.id, "taskDefinition": definition.arn, "count": count, "seconds": seconds}
    return declare_gate(scope, watched, is_deployed, connect)


def declare_group_gate(
    scope: Scope, made: aws.autoscaling.Group, minimum: int, connect: Connect | None = None, *, seconds: int
) -> pulumi.Resource:
    """The gate of an Auto Scaling group: so many of its instances are healthy targets."""
    return declare_gate(scope, {"arn": made.arn, "minimum": minimum, "seconds": seconds}, is_answering, connect)


def is_deployed(client: Client, watched: Watched) -> bool:
    """Whether ECS has completed the deployment. Raises NotAnsweringError if it failed or was rolled back."""
    found = describe_service(client, watched["arn"])
    if watched.get("count") and found["desiredCount"] != watched["count"]:
        set_tasks(client, watched["arn"], int(watched["count"]))
    (primary,) = (deployment for deployment in found["deployments"] if deployment["status"] == "PRIMARY")
    if primary["taskDefinition"] != watched["taskDefinition"]:
        raise NotAnsweringError(f"ECS rolled back to {primary['taskDefinition'].rpartition('/')[2]}")
    if primary["rolloutState"] == _FAILED:
        raise NotAnsweringError(primary.get("rolloutStateReason") or "its deployment failed")
    return primary["rolloutState"] == _COMPLETED and TASKS.answering(client, watched["arn"]) > 0


def is_answering(client: Client, watched: Watched) -> bool:
    """Whether enough instances answer."""
    return INSTANCES.answering(client, watched["arn"]) >= int(watched["minimum"])
