"""One EC2 instance, made as it should be: its own image kept, its disk encrypted, its metadata closed to forgery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from ..facts import hook_names, instance_types
from ..refused_changes.disk import list_disk_changes
from ..resource_hooks.refused_updates import build_update_hooks
from ..resource_options.scope import Scope
from .hardware import Hardware
from .machine_image import find_machine_image

_NEVER: Final[list[str]] = []


@dataclass(frozen=True)
class Machine:
    """Settings of an instance, however many of them there are."""

    hardware: Hardware
    security_group_id: pulumi.Input[str]
    profile_name: pulumi.Input[str]
    user_data: pulumi.Input[str] | None
    metadata_hops: int
    """1 keeps containers from the role of their instance; 2 lets them use it."""
    ipv6: bool
    """Whether it gets an IPv6 address."""
    lasting: bool
    """Whether something on its disk may be needed later; not so where it runs one container."""


def declare_instance(scope: Scope, machine: Machine, subnet_id: pulumi.Input[str]) -> aws.ec2.Instance:
    """Declare it. EC2 moves it to other hardware when its own fails, and it keeps its address.

    A newer machine image replaces nothing by itself, changed user data does. Another type or disk size replaces it if
    nothing on its disk lasts, so that the old one answers until the new one does. Else the provider stops it, changes
    the type and starts it again; a larger disk grows in place. EBS cannot make a disk smaller: the update is refused.
    """
    hardware = machine.hardware
    image = find_machine_image(hardware, scope.parent)
    return aws.ec2.Instance(
        f"{scope.name}-instance",
        ami=image.apply(lambda found: found.id),
        instance_type=hardware.instance_type,
        subnet_id=subnet_id,
        vpc_security_group_ids=[machine.security_group_id],
        associate_public_ip_address=False,
        ipv6_address_count=1 if machine.ipv6 else None,
        iam_instance_profile=machine.profile_name,
        user_data=machine.user_data,
        user_data_replace_on_change=True,
        metadata_options={
            "http_endpoint": "enabled",
            "http_tokens": "required",
            "http_put_response_hop_limit": machine.metadata_hops,
        },
        root_block_device={
            "volume_type": "gp3",
            "volume_size": hardware.disk_gib,
            "encrypted": True,
            "delete_on_termination": True,
            "tags": scope.build_tags("disk"),
        },
        credit_specification={"cpu_credits": hardware.cpu_credits}
        if instance_types.is_burstable(hardware.instance_type)
        else None,
        maintenance_options={"auto_recovery": "default"},
        tags=scope.build_tags("instance"),
        opts=scope.child_options(
            ignore_changes=["ami"] if hardware.image_id is None else _NEVER,
            replace_on_changes=_NEVER if machine.lasting else ["instanceType", "rootBlockDevice.volumeSize"],
            hooks=build_update_hooks(scope.parent, scope.name, hook_names.ONLY_GROWS, list_disk_changes)
            if machine.lasting
            else None,
        ),
    )
