"""User data and permissions of a backend's instance, from the same facts."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from ..arguments.errors import ArgumentError
from ..aws_lookups.account import find_partition, find_region
from ..facts import container_image
from ..iam.statements import (
    Statement,
    allow_decryption,
    allow_image_pull,
    allow_log_writes,
    allow_object_read,
    allow_secrets_read,
)
from ..user_data import check_kind, check_size
from . import container_host
from .ec2_args import Ec2BackendArgs

_COMPONENT: Final = "Ec2Backend"


def build_user_data(
    spec: Ec2BackendArgs, parent: pulumi.Resource, logs: aws.cloudwatch.LogGroup | None
) -> pulumi.Output[str] | None:
    """Returns the boot script: of the container, or the caller's own if there is one."""
    if spec.image is None:
        script = spec.user_data
        return (
            None if script is None else pulumi.Output.from_input(script).apply(lambda text: _check_script(spec, text))
        )
    return pulumi.Output.all(
        image=_resolve_image(spec),
        environment=_require_plain("environment", spec.environment),
        files=_require_plain("files", spec.files),
        command=[_refuse_secret("command", word) for word in spec.command],
        secrets=dict(spec.secrets),
        region=find_region(parent),
        log_group=logs.name if logs is not None else "",
    ).apply(lambda known: _build_boot_script(spec, **known))


def needs_permission(spec: Ec2BackendArgs) -> bool:
    """Whether the instance needs any of `list_statements`."""
    return (
        bool(spec.secrets)
        or spec.log_retention_days is not None
        or (
            spec.image is not None
            and _find_image_place(spec.image) in (container_image.Place.ECR, container_image.Place.S3)
        )
    )


def list_statements(
    spec: Ec2BackendArgs, parent: pulumi.Resource, logs: aws.cloudwatch.LogGroup | None
) -> pulumi.Output[list[Statement]]:
    """Returns permissions that the instance needs for its image, its secrets and its logs."""
    return pulumi.Output.all(
        image=_resolve_image(spec),
        secrets=list(spec.secrets.values()),
        keys=list(spec.kms_key_arns),
        partition=find_partition(parent),
        log_group=logs.arn if logs is not None else "",
    ).apply(lambda known: _build_statements(**known))


def _resolve_image(spec: Ec2BackendArgs) -> pulumi.Output[container_image.Image | None]:
    return pulumi.Output.from_input(spec.image).apply(lambda reference: _parse_image(spec, reference))


def _parse_image(spec: Ec2BackendArgs, reference: str | None) -> container_image.Image | None:
    if reference is None:
        return None
    try:
        image = container_image.parse(reference)
    except ValueError as error:
        raise ArgumentError(_COMPONENT, "image", reference, str(error)) from None
    if isinstance(spec.image, pulumi.Output) and image.place is not container_image.Place.ECR:
        # Permissions are decided before an output is known.
        want = "an image that is an output lies in ECR; write any other as text"
        raise ArgumentError(_COMPONENT, "image", reference, want)
    return image


def _require_plain(key: str, values: Mapping[str, pulumi.Input[str]]) -> dict[str, pulumi.Output[str]]:
    """Returns the values, once it is clear that none of them is secret: everybody on the instance reads user data."""
    return {name: _refuse_secret(f"{key}.{name}", value) for name, value in values.items()}


def _build_boot_script(
    spec: Ec2BackendArgs, image: container_image.Image, region: str, log_group: str, **texts: Any
) -> str:
    known = dataclasses.replace(spec, **texts)
    try:
        return container_host.build_boot_script(image, known, region, log_group)
    except ValueError as error:
        raise ArgumentError(_COMPONENT, container_host.find_longest_argument(known), "…", str(error)) from None


def _check_script(spec: Ec2BackendArgs, script: str) -> str:
    try:
        check_size(script)
        if spec.image_id is None:
            check_kind(script)
    except ValueError as error:
        raise ArgumentError(_COMPONENT, "user_data", "…", str(error)) from None
    return script


def _find_image_place(image: pulumi.Input[str]) -> container_image.Place:
    return container_image.parse(image).place if isinstance(image, str) else container_image.Place.ECR


def _build_statements(
    image: container_image.Image | None, secrets: list[str], keys: list[str], partition: str, log_group: str
) -> list[Statement]:
    statements = [*allow_secrets_read(secrets), *allow_decryption(keys)]
    if image is not None and image.place is container_image.Place.ECR:
        statements += allow_image_pull(image, partition)
    if image is not None and image.place is container_image.Place.S3:
        statements.append(allow_object_read(image, partition))
    if log_group:
        statements.append(allow_log_writes(log_group))
    return statements


def _refuse_secret(key: str, value: pulumi.Input[str]) -> pulumi.Output[str]:
    output = pulumi.Output.from_input(value)

    async def refuse() -> None:
        if await output.is_secret():
            want = "keep it in Secrets Manager or Parameter Store, and name its ARN in `secrets`"
            raise ArgumentError(_COMPONENT, key, "(secret)", want)

    checked: pulumi.Output[Any] = pulumi.Output.from_input(asyncio.ensure_future(refuse()))
    return pulumi.Output.all(output, checked).apply(lambda both: str(both[0]))
