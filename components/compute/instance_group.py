"""Several EC2 instances behind a load balancer: an Auto Scaling group that replaces failed instances.

The group is free; you pay for its instances.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/what-is-amazon-ec2-auto-scaling.html
"""

from __future__ import annotations

import base64
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from ..facts import instance_types, limits
from ..resource_options.scope import Scope
from .answering_copies import declare_group_gate
from .carried_capacity import INSTANCES, OWNER_TAG, build_capacity_hooks
from .ec2_args import Ec2BackendArgs
from .machine_image import find_machine_image
from .single_instance import Machine

# The group is replaced if its template or target group changes, or if its creation failed. In the latter case, the next
# update would otherwise treat the failed group as complete and delete the one that serves.
# pulumi/pulumi, step_generator.go, initErrorSpecialKey
_REPLACED_FOR: Final = ("launchTemplate", "targetGroupArns", "#initerror")
_METRICS: Final = {
    "cpu_percent": ("cpu", "ASGAverageCPUUtilization"),
    "requests_per_target": ("requests", "ALBRequestCountPerTarget"),
}


def declare_instance_group(scope: Scope, spec: Ec2BackendArgs, machine: Machine) -> list[pulumi.Resource]:
    """Declare template, group and scaling policies.

    Returns the resources to wait for: once all of them exist, enough instances answer.

    Each template has its own group behind the same target group. The old group is deleted after the new instances
    answer. If the new image does not answer, the update fails and the old group stays. An instance refresh would not
    roll back, because the provider first puts the new template into the group.
    https://github.com/hashicorp/terraform-provider-aws/issues/34189
    """
    template = _declare_launch_template(scope, machine)
    # A Stash keeps its first value. So all groups of this component have the same owner tag, whatever is replaced.
    owner = pulumi.Stash(f"{scope.name}-owner", input=machine.security_group_id, opts=scope.child_options())
    assert spec.target_group_arn is not None
    scales = spec.minimum != spec.maximum
    group = aws.autoscaling.Group(
        f"{scope.name}-group-of-instances",
        vpc_zone_identifiers=spec.subnet_ids,
        min_size=spec.minimum,
        max_size=spec.maximum,
        # If the group scales, its policies set the number.
        desired_capacity=None if scales else spec.minimum,
        target_group_arns=[spec.target_group_arn],
        health_check_type="ELB",
        # It is long because the boot script retries: a NAT instance that boots at the same time may need ten minutes,
        # and a failed pull of the image is repeated.
        health_check_grace_period=limits.BOOT_SECONDS + spec.start_seconds,
        # If the minimum changes, the provider would wait for exactly the number of instances that it read before, even
        # if scaling has changed it since. Instead, a hook of the first policy waits until enough instances answer.
        min_elb_capacity=None if scales else spec.minimum,
        wait_for_capacity_timeout="0" if scales else f"{spec.answer_seconds}s",
        launch_template=aws.autoscaling.GroupLaunchTemplateArgs(
            id=template.id, version=template.latest_version.apply(str)
        ),
        tags=[
            *(
                aws.autoscaling.GroupTagArgs(key=key, value=value, propagate_at_launch=True)
                for key, value in scope.build_launched_tags("instance").items()
            ),
            aws.autoscaling.GroupTagArgs(key=OWNER_TAG, value=owner.output, propagate_at_launch=False),
        ],
        opts=scope.child_options(
            replace_on_changes=[*_REPLACED_FOR],
            custom_timeouts=pulumi.CustomTimeouts(delete=spec.time_limit(limits.GROUP_SECONDS)),
        ),
    )
    # If the group scales, the first policy waits for the instances, and there is no gate.
    gates = [] if spec.scaling else [declare_group_gate(scope, group, spec.minimum, seconds=spec.answer_seconds)]
    return [group, *gates, *_declare_policies(scope, group, spec)]


def _declare_policies(scope: Scope, group: aws.autoscaling.Group, spec: Ec2BackendArgs) -> list[pulumi.Resource]:
    """The scaling policies. The first waits for the new group's instances, and the others for the first."""
    policies: list[pulumi.Resource] = []
    for key, (suffix, metric) in _METRICS.items():
        target = getattr(spec.scaling, key, None)
        if target is not None:
            name = f"{scope.name}-scale-by-{suffix}"
            seconds = spec.answer_seconds
            hooks = (
                None if policies else build_capacity_hooks(name, group.arn, spec.minimum, INSTANCES, seconds=seconds)
            )
            options = scope.child_options(hooks=hooks, depends_on=policies[:1])
            policies.append(_declare_policy(name, group, metric, target, spec.request_count_label, options))
    return policies


def _declare_launch_template(scope: Scope, machine: Machine) -> aws.ec2.LaunchTemplate:
    hardware = machine.hardware
    image = find_machine_image(hardware, scope.parent)
    # A newer machine image alone replaces nothing. If another input changes, the template is replaced, and gets the
    # newest image: a new version of the same template would keep the old image, perhaps for the wrong processor.
    inputs: dict[str, Any] = {
        "instance_type": hardware.instance_type,
        "iam_instance_profile": {"name": machine.profile_name},
        "user_data": None if machine.user_data is None else _encode(machine.user_data),
        "network_interfaces": [
            {
                "associate_public_ip_address": "false",
                "security_groups": [machine.security_group_id],
                "ipv6_address_count": 1 if machine.ipv6 else None,
                "delete_on_termination": "true",
            }
        ],
        "metadata_options": {
            "http_endpoint": "enabled",
            "http_tokens": "required",
            "http_put_response_hop_limit": machine.metadata_hops,
        },
        "block_device_mappings": [
            {
                # With any other name, this would be a second disk besides the image's root disk.
                "device_name": image.apply(lambda found: found.root_device),
                "ebs": {
                    "volume_type": "gp3",
                    "volume_size": hardware.disk_gib,
                    "encrypted": "true",
                    "delete_on_termination": "true",
                },
            }
        ],
        "credit_specification": {"cpu_credits": hardware.cpu_credits}
        if instance_types.is_burstable(hardware.instance_type)
        else None,
        "tag_specifications": [
            {"resource_type": "instance", "tags": scope.build_launched_tags("instance")},
            {"resource_type": "volume", "tags": scope.build_launched_tags("disk")},
            {"resource_type": "network-interface", "tags": scope.build_launched_tags("interface")},
        ],
    }
    return aws.ec2.LaunchTemplate(
        f"{scope.name}-template",
        **inputs,
        image_id=image.apply(lambda found: found.id),
        update_default_version=True,
        tags=scope.build_tags("template"),
        opts=scope.child_options(
            ignore_changes=["image_id"] if hardware.image_id is None else None, replace_on_changes=[*inputs]
        ),
    )


def _encode(user_data: pulumi.Input[str]) -> pulumi.Output[str]:
    return pulumi.Output.from_input(user_data).apply(lambda text: base64.b64encode(text.encode()).decode())


def _declare_policy(
    name: str,
    group: aws.autoscaling.Group,
    metric: str,
    target: float,
    label: pulumi.Input[str] | None,
    options: pulumi.ResourceOptions,
) -> pulumi.Resource:
    return aws.autoscaling.Policy(
        name,
        autoscaling_group_name=group.name,
        policy_type="TargetTrackingScaling",
        target_tracking_configuration={
            "target_value": target,
            "predefined_metric_specification": {
                "predefined_metric_type": metric,
                "resource_label": label if metric == "ALBRequestCountPerTarget" else None,
            },
        },
        opts=options,
    )
