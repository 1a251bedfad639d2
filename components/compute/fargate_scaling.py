"""More copies of a Fargate service when there is more to do, and fewer when there is less.

Free; each policy makes two alarms of its own. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html
"""

from __future__ import annotations

from typing import Final

import pulumi
import pulumi_aws as aws

from ..resource_options.scope import Scope
from .backend_args import FargateScalingArgs
from .carried_capacity import TASKS, build_capacity_hooks

_METRICS: Final = {
    "cpu_percent": ("cpu", "ECSServiceAverageCPUUtilization"),
    "memory_percent": ("memory", "ECSServiceAverageMemoryUtilization"),
    "requests_per_target": ("requests", "ALBRequestCountPerTarget"),
}


def declare(
    scope: Scope,
    cluster_name: pulumi.Input[str],
    service: aws.ecs.Service,
    scaling: FargateScalingArgs,
    request_count_label: pulumi.Input[str] | None,
    seconds: int,
) -> pulumi.Resource:
    """Bounds, and a policy for each metric that is to be kept. Returns the bounds.

    They exist once the service has as many copies in service as the one that it replaces, for which the update waits
    so many seconds.
    """
    name, minimum = f"{scope.name}-scaling", scaling.minimum
    resource_id = pulumi.Output.concat("service/", cluster_name, "/", service.name)
    target = aws.appautoscaling.Target(
        name,
        service_namespace="ecs",
        scalable_dimension="ecs:service:DesiredCount",
        resource_id=resource_id,
        min_capacity=minimum,
        max_capacity=scaling.maximum,
        tags=scope.build_tags("scaling"),
        opts=scope.child_options(hooks=build_capacity_hooks(name, service.id, minimum, TASKS, seconds=seconds)),
    )
    for key, (suffix, metric) in _METRICS.items():
        if (wanted := getattr(scaling, key)) is not None:
            aws.appautoscaling.Policy(
                f"{scope.name}-scale-by-{suffix}",
                policy_type="TargetTrackingScaling",
                service_namespace=target.service_namespace,
                scalable_dimension=target.scalable_dimension,
                resource_id=resource_id,
                target_tracking_scaling_policy_configuration=_build_tracking(metric, wanted, request_count_label),
                opts=scope.child_options(),
            )
    return target


def _build_tracking(
    metric: str, target: float, label: pulumi.Input[str] | None
) -> aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs:
    by_requests = metric == "ALBRequestCountPerTarget"
    return aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
        target_value=target,
        predefined_metric_specification=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
            predefined_metric_type=metric, resource_label=label if by_requests else None
        ),
    )
