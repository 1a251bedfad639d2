"""User data and permissions of a backend's instance, from the same facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from .. import iam, lookups
from ..arguments import ArgumentError
from ..facts import container_image
from ..iam import Statement
from ..user_data import check_kind, check_size
from . import container_host
from .container_host import Container


@dataclass(frozen=True)
class Software:
    """A container, or a script of the caller's own, or what the machine image brings along."""

    component: str
    image: pulumi.Input[str] | None
    script: pulumi.Input[str] | None
    port: int
    container_port: int
    health_check_path: str
    standard_image: bool
    """True if the machine image is Amazon Linux 2023."""
    dual_stack: bool
    """Whether AWS must be called by names that have IPv6 addresses."""
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    kms_key_arns: Sequence[pulumi.Input[str]] = ()
    command: Sequence[pulumi.Input[str]] = ()
    files: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)

    def user_data(self, parent: pulumi.Resource) -> pulumi.Output[str] | None:
        """The boot script, if there is one."""
        if self.image is None:
            return None if self.script is None else pulumi.Output.from_input(self.script).apply(self._checked)
        return pulumi.Output.all(
            image=self._image(),
            environment=self._plain("environment", self.environment),
            files=self._plain("files", self.files),
            command=[_not_secret(self.component, "command", word) for word in self.command],
            secrets=dict(self.secrets),
            region=lookups.region(parent),
        ).apply(lambda known: self._boot_script(**known))

    def needs_permission(self) -> bool:
        """Whether `statements` gives any."""
        return bool(self.secrets) or (
            self.image is not None and _place(self.image) in (container_image.Place.ECR, container_image.Place.S3)
        )

    def statements(self, parent: pulumi.Resource) -> pulumi.Output[list[Statement]]:
        """Permissions that the instance needs for it."""
        return pulumi.Output.all(
            image=self._image(),
            secrets=list(self.secrets.values()),
            keys=list(self.kms_key_arns),
            partition=lookups.partition(parent),
        ).apply(lambda known: _statements(**known))

    def _image(self) -> pulumi.Output[container_image.Image | None]:
        return pulumi.Output.from_input(self.image).apply(self._parsed)

    def _parsed(self, reference: str | None) -> container_image.Image | None:
        if reference is None:
            return None
        try:
            image = container_image.parse(reference)
        except ValueError as error:
            raise ArgumentError(self.component, "image", reference, str(error)) from None
        if isinstance(self.image, pulumi.Output) and image.place is not container_image.Place.ECR:
            # Permissions are decided before an output is known.
            want = "an image that is an output lies in ECR; write any other as text"
            raise ArgumentError(self.component, "image", reference, want)
        return image

    def _plain(self, key: str, values: Mapping[str, pulumi.Input[str]]) -> dict[str, pulumi.Output[str]]:
        """The values, once it is clear that none of them is secret: everybody on the instance reads user data."""
        return {name: _not_secret(self.component, f"{key}.{name}", value) for name, value in values.items()}

    def _boot_script(
        self,
        image: container_image.Image,
        environment: Mapping[str, str],
        files: Mapping[str, str],
        command: Sequence[str],
        secrets: Mapping[str, str],
        region: str,
    ) -> str:
        container = Container(
            image,
            self.port,
            self.container_port,
            self.health_check_path,
            environment,
            secrets,
            command=command,
            files=files,
        )
        try:
            return container_host.boot_script(container, region, dual_stack=self.dual_stack)
        except ValueError as error:
            raise ArgumentError(self.component, "environment", sorted({*environment, *files}), str(error)) from None

    def _checked(self, script: str) -> str:
        try:
            check_size(script)
            if self.standard_image:
                check_kind(script)
        except ValueError as error:
            raise ArgumentError(self.component, "user_data", "…", str(error)) from None
        return script


def _place(image: pulumi.Input[str]) -> container_image.Place:
    return container_image.parse(image).place if isinstance(image, str) else container_image.Place.ECR


def _statements(
    image: container_image.Image | None, secrets: list[str], keys: list[str], partition: str
) -> list[Statement]:
    statements = [*iam.read_secrets(secrets), *iam.decrypt(keys)]
    if image is not None and image.place is container_image.Place.ECR:
        statements += iam.pull_from_ecr(image, partition)
    if image is not None and image.place is container_image.Place.S3:
        statements.append(iam.read_object(image, partition))
    return statements


def _not_secret(component: str, key: str, value: pulumi.Input[str]) -> pulumi.Output[str]:
    output = pulumi.Output.from_input(value)

    async def refuse() -> None:
        if await output.is_secret():
            want = "keep it in Secrets Manager or Parameter Store, and name its ARN in `secrets`"
            raise ArgumentError(component, key, "(secret)", want)

    checked: pulumi.Output[Any] = pulumi.Output.from_input(refuse())
    return pulumi.Output.all(output, checked).apply(lambda both: str(both[0]))
