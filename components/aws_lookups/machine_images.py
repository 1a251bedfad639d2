"""Machine images: the newest Amazon Linux, and images that exist already."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from .lookup import Sought, look_up


def find_newest_image(architecture: str, parent: pulumi.Resource, *, minimal: bool = False) -> pulumi.Output[str]:
    """The newest Amazon Linux 2023 image. It changes with each release: ignore changes of it where they would replace.

    https://docs.aws.amazon.com/linux/al2023/ug/ec2.html
    """
    edition = "minimal-" if minimal else ""
    name = f"/aws/service/ami-amazon-linux-latest/al2023-ami-{edition}kernel-default-{architecture}"
    # The provider marks every `value` as secret; this parameter is public.
    return look_up(aws.ssm.get_parameter_output, {"name": name}, parent, "insecure_value").insecure_value


@dataclass(frozen=True)
class FoundImage:
    """A machine image."""

    id: str
    root_device: str
    """Name of its root device; empty if that is no EBS volume."""
    root_gib: int | None = None
    """Size of the root volume in the image; None if it is not known."""
    architecture: str = ""
    """Processor that it is for; empty if it is not known."""


def find_image(image_id: pulumi.Input[str], parent: pulumi.Resource) -> pulumi.Output[FoundImage]:
    """The machine image with this id. Raises ArgumentError if the region does not have it, or not for the account."""
    named = pulumi.Output.from_input(image_id).apply(
        lambda known: [aws.ec2.GetAmiFilterArgs(name="image-id", values=[known])]
    )
    found = look_up(
        aws.ec2.get_ami_output,
        {"filters": named, "include_deprecated": True},
        parent,
        *("id", "root_device_name", "root_device_type"),
        sought=Sought("image_id", image_id, "machine image that the account may use"),
    )
    sizes = found.block_device_mappings.apply(
        lambda mappings: {one.device_name: (one.ebs or {}).get("volume_size") for one in mappings or ()}
    )
    return pulumi.Output.all(found, sizes).apply(lambda both: _describe_image(*both))


def _describe_image(known: aws.ec2.GetAmiResult, sizes: dict[str, str | None]) -> FoundImage:
    size = sizes.get(known.root_device_name)
    return FoundImage(
        id=known.id,
        root_device=known.root_device_name if known.root_device_type == "ebs" else "",
        root_gib=int(size) if size else None,
        architecture=known.architecture or "",
    )
