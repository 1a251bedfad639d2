"""Several EC2 instances behind a load balancer: an Auto Scaling group that replaces whoever fails.

The group is free; its instances cost what instances cost.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/what-is-amazon-ec2-auto-scaling.html
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from .. import lookups
from ..argument_types import Ids
from ..facts import instance_types
from ..scope import Scope
from .single_instance import Machine

# How long a new instance may install and start before the balancer's checks count.
_WARM_UP_SECONDS: Final = 300
# As long as the boot script goes on trying: a NAT that boots beside it may need ten minutes, and a pull is repeated.
_GRACE_SECONDS: Final = 1800
# As long as the engine waits for a new group, and then fails.
_LONGEST_WAIT: Final = "40m"
_METRICS: Final = {
    "cpu_percent": ("cpu", "ASGAverageCPUUtilization"),
    "requests_per_target": ("requests", "ALBRequestCountPerTarget"),
}


@dataclass(frozen=True)
class Members:
    """How many, where, and behind what."""

    subnet_ids: Ids
    target_group_arn: pulumi.Input[str]
    minimum: int
    maximum: int
    scaling: Mapping[str, Any]
    request_count_label: pulumi.Input[str] | None


def instance_group(scope: Scope, machine: Machine, members: Members) -> aws.autoscaling.Group:
    """Declare template, group and scaling policies.

    A changed template rolls through the group after the update, a new instance before each old one goes. Another target
    group makes another group, so that the old one serves until the balancer finds the new one well.
    """
    template = _launch_template(scope, machine)
    group = aws.autoscaling.Group(
        f"{scope.name}-group-of-instances",
        vpc_zone_identifiers=members.subnet_ids,
        min_size=members.minimum,
        max_size=members.maximum,
        target_group_arns=[members.target_group_arn],
        health_check_type="ELB",
        health_check_grace_period=_GRACE_SECONDS,
        min_elb_capacity=members.minimum,
        wait_for_capacity_timeout=_LONGEST_WAIT,
        launch_template=aws.autoscaling.GroupLaunchTemplateArgs(
            id=template.id, version=template.latest_version.apply(str)
        ),
        instance_refresh=aws.autoscaling.GroupInstanceRefreshArgs(
            strategy="Rolling",
            preferences=aws.autoscaling.GroupInstanceRefreshPreferencesArgs(
                min_healthy_percentage=100,
                max_healthy_percentage=200,
                instance_warmup=str(_WARM_UP_SECONDS),
                auto_rollback=True,
            ),
        ),
        tags=[
            aws.autoscaling.GroupTagArgs(key=key, value=value, propagate_at_launch=True)
            for key, value in scope.tagged("instance").items()
        ],
        opts=scope.child(replace_on_changes=["targetGroupArns"]),
    )
    for key, (suffix, metric) in _METRICS.items():
        if key in members.scaling:
            _policy(scope, group, suffix, metric, members.scaling[key], members.request_count_label)
    return group


def _launch_template(scope: Scope, machine: Machine) -> aws.ec2.LaunchTemplate:
    newest = lookups.machine_image(instance_types.architecture(machine.instance_type), scope.parent)
    return aws.ec2.LaunchTemplate(
        f"{scope.name}-template",
        image_id=newest if machine.image_id is None else machine.image_id,
        instance_type=machine.instance_type,
        update_default_version=True,
        iam_instance_profile={"name": machine.profile_name} if machine.profile_name is not None else None,
        user_data=None if machine.user_data is None else _encoded(machine.user_data),
        network_interfaces=[
            {
                "associate_public_ip_address": "false",
                "security_groups": [machine.security_group_id],
                "ipv6_address_count": 1 if machine.ipv6 else None,
                "delete_on_termination": "true",
            }
        ],
        metadata_options={
            "http_endpoint": "enabled",
            "http_tokens": "required",
            "http_put_response_hop_limit": machine.metadata_hops,
        },
        block_device_mappings=[
            {
                # Amazon Linux's root device.
                "device_name": "/dev/xvda",
                "ebs": {
                    "volume_type": "gp3",
                    "volume_size": machine.disk_gib,
                    "encrypted": "true",
                    "delete_on_termination": "true",
                },
            }
        ],
        credit_specification={"cpu_credits": machine.cpu_credits}
        if instance_types.burstable(machine.instance_type)
        else None,
        tag_specifications=[
            {"resource_type": "instance", "tags": scope.tagged("instance")},
            {"resource_type": "volume", "tags": scope.tagged("disk")},
        ],
        tags=scope.tagged("template"),
        # A newer image rolls the group only when something else changes as well.
        opts=scope.child(ignore_changes=["image_id"] if machine.image_id is None else None),
    )


def _encoded(user_data: pulumi.Input[str]) -> pulumi.Output[str]:
    return pulumi.Output.from_input(user_data).apply(lambda text: base64.b64encode(text.encode()).decode())


def _policy(
    scope: Scope,
    group: aws.autoscaling.Group,
    suffix: str,
    metric: str,
    target: float,
    label: pulumi.Input[str] | None,
) -> None:
    aws.autoscaling.Policy(
        f"{scope.name}-scale-by-{suffix}",
        autoscaling_group_name=group.name,
        policy_type="TargetTrackingScaling",
        target_tracking_configuration={
            "target_value": target,
            "predefined_metric_specification": {
                "predefined_metric_type": metric,
                "resource_label": label if metric == "ALBRequestCountPerTarget" else None,
            },
        },
        opts=scope.child(),
    )
