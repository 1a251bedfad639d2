"""Ec2Backend's arguments, with their defaults and their mistakes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final

import pulumi

from ..arguments.faults import Fault
from ..arguments.marks import NEVER_OFF
from ..arguments.names import Command, EnvironmentName, Image, ImageId, InstanceType, Script, SecurityGroupId, SubnetIds
from ..arguments.numbers import Copies, DiskGib, Port
from ..arguments.paths import FilePath, RequestPath
from ..arguments.schema import OFF
from ..arguments.secrets import SecretText
from ..arguments.words import Access, CpuCredits, Off
from ..facts import defaults, egress_modes, instance_types, limits
from ..facts.aws_permissions import strip_secret_arn
from ..user_data import check_kind, check_size
from .backend_args import BackendArgs, BackendLogsArgs, Ec2ScalingArgs
from .hardware import Hardware

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Docker's command line has secrets in its own environment, where it and the loader would read these.
_DOCKERS: Final = re.compile(r"PATH|HOME|LD_.*|DOCKER_.*")


@dataclass(frozen=True, kw_only=True)
class Ec2BackendArgs(BackendArgs):
    """Arguments of Ec2Backend. One of `image`, `user_data` and `image_id` is required."""

    subnet_ids: SubnetIds
    """Private subnets. A single instance is in the first."""
    image: Image | None = None
    """Container image from ECR or from a registry without login (`nginx:1.29`), or a tarball `s3://bucket/key.tar.gz`
    written by `docker save`. It must be built for the instance type's processor. Required without `user_data` or
    `image_id`.

    An image that is an output must be in ECR.
    """
    user_data: Script | None = None
    """Script to run at first boot instead of a container, which must start a server on `port`."""
    container_port: Port | None = None
    """Port that the container listens on. Defaults to `port`."""
    health_check_path: RequestPath = defaults.HEALTH_CHECK_PATH
    """Health check path: a load balancer requires 200 to 399; at boot, an EC2 instance takes any answer. Defaults to
    `/`."""
    environment: Mapping[EnvironmentName, SecretText] = field(default_factory=dict)
    """Environment of the container, readable on the instance: see `secrets`.

    Pulumi secrets are refused.
    """
    command: Command = ()
    """Arguments for the entry point of the image, in place of its own command; readable on the instance.

    Pulumi secrets are refused.
    """
    files: Mapping[FilePath, SecretText] = field(default_factory=dict)
    """Executable text files by their absolute paths in the container: at most 16 KB with the boot script. They are
    readable on the instance.

    Pulumi secrets are refused.
    """
    instance_type: InstanceType = defaults.BACKEND_INSTANCE_TYPE
    """Instance type. Defaults to `t4g.micro` (about $6.10 per month in us-east-1). The machine image follows its
    processor."""
    disk_gib: DiskGib | None = None
    """Size of the encrypted gp3 disk in GiB, about $0.08 a month for each in us-east-1. Defaults to 8. Required with
    `image_id`."""
    cpu_credits: CpuCredits = "standard"
    """CPU credit mode of burstable instance types: `standard` is slow at first boot and when the credits are
    used up; `unlimited` is never slow and costs $0.04 for each vCPU-hour above the baseline. Defaults to `standard`."""
    image_id: ImageId | None = None
    """Machine image. Defaults to the newest Amazon Linux 2023 at the time the instance is created."""
    access: Access = "session-manager"
    """How operators log in (docs/choosing.md). Defaults to `session-manager`."""
    instance_connect_security_group_id: SecurityGroupId | None = None
    """Security group of the EC2 Instance Connect Endpoint. Required with access `instance-connect`, for which port 22
    is opened to it. Both groups get a rule; a group with inline rules would lose it at its next update."""
    bastion_security_group_id: SecurityGroupId | None = None
    """Security group of an existing bastion. Required with access `bastion`, for which port 22 is opened to it.
    It gets a rule, which a group with inline rules would lose at its next update."""
    count: Copies | None = None
    """Number of instances. Defaults to 1. Several instances are an Auto Scaling group behind a load balancer.

    They need `target_group_arn`.
    """
    scaling: Ec2ScalingArgs | None = None
    """Scale between bounds, instead of `count`. Defaults to none.

    Needs `target_group_arn`.
    """

    # Not `off` if omitted.
    logs: Annotated[BackendLogsArgs | Off | None, NEVER_OFF] = None
    """Logs of the container and of its boot script in CloudWatch. If omitted, they are kept if the network reaches
    CloudWatch Logs without another endpoint. `off` switches them off."""

    @property
    def log_retention_days(self) -> pulumi.Input[int] | None:
        """Days that the logs are kept; None without logs."""
        if isinstance(self.logs, BackendLogsArgs):
            return self.logs.retention_days
        wanted = self.logs is None and self.image is not None
        return defaults.LOG_RETENTION_DAYS if wanted and self.reaches(egress_modes.Need.LOGS) else None

    @property
    def hardware(self) -> Hardware:
        """Its hardware and image."""
        return Hardware(
            instance_type=self.instance_type,
            image_id=self.image_id,
            disk_gib=self.disk_gib or limits.MACHINE_IMAGE_GIB,
            cpu_credits=self.cpu_credits,
        )

    @property
    def several(self) -> bool:
        """True if the backend runs as an Auto Scaling group."""
        return self.scaling is not None or self.maximum > 1

    @property
    def ssh_from(self) -> pulumi.Input[str] | None:
        """Group that port 22 is opened for."""
        groups: dict[Access, pulumi.Input[str] | None] = {
            "instance-connect": self.instance_connect_security_group_id,
            "bastion": self.bastion_security_group_id,
        }
        return groups.get(self.access)

    @property
    def dual_stack(self) -> bool:
        """Whether AWS must be called by names that have IPv6 addresses."""
        return egress_modes.has_only_ipv6_egress(self.egress)

    def find_faults(self) -> Iterator[Fault]:
        """Yields arguments that exclude or need each other."""
        yield from super().find_faults()
        yield from self._check_software()
        yield from self._check_script()
        yield from self._check_container()
        yield from self._check_secrets()
        if self.several and self.target_group_arn is None:
            yield Fault("target_group_arn", None, "more than one instance needs a load balancer's target group")
        if self.registry_arn is not None and self.target_group_arn is not None:
            allowed = "registry_arn or target_group_arn, not both: instances register in one of them"
            yield Fault("registry_arn", "set", allowed, "take one out")
        if self.image_id is not None and self.disk_gib is None:
            remedy = "`aws ec2 describe-images --image-ids …` prints its VolumeSize"
            yield Fault("disk_gib", None, "the size of the disk for the image of image_id", remedy)
        if self.access == "instance-connect" and self.ssh_from is None:
            allowed = "access instance-connect needs its endpoint's group"
            yield Fault("instance_connect_security_group_id", None, allowed)
        if self.access == "bastion" and self.ssh_from is None:
            yield Fault("bastion_security_group_id", None, "access bastion needs the bastion's group")

    def _check_software(self) -> Iterator[Fault]:
        if self.image_id is None and self.port in limits.INSTANCE_PORTS:
            holder = limits.INSTANCE_PORTS[self.port]
            allowed = f"another port: {holder} has this one on the instance"
            yield Fault("port", self.port, allowed, "use 8080, for example")
        if self.image is not None and self.user_data is not None:
            yield Fault("user_data", "…", "image or user_data, not both", "take one out")
        if self.image is None and self.user_data is None and self.image_id is None:
            yield Fault("image", None, "image, user_data or image_id", "name what the instance runs")
        if self.image_id is None and (other := instance_types.describe_boot_obstacle(self.instance_type)):
            yield Fault("instance_type", self.instance_type, other, "use a type such as t4g.micro")
        # A machine image of one's own can have the driver, but passes no device to a container.
        driver = self.image_id is not None and self.image is None
        if instance_types.is_accelerated(self.instance_type) and not driver:
            remedy = "use a type such as m7g.large, or image_id with the driver and user_data in place of image"
            yield Fault("instance_type", self.instance_type, instance_types.WITHOUT_ACCELERATOR, remedy)

    def _check_script(self) -> Iterator[Fault]:
        script = self.user_data
        if not isinstance(script, str) or self.image is not None:
            return
        try:
            check_size(script)
        except ValueError as error:
            yield Fault("user_data", "too long", f"at most {limits.USER_DATA_BYTES:,} bytes", str(error))
        try:
            if self.image_id is None:
                check_kind(script)
        except ValueError as error:
            yield Fault("user_data", "…", "a script or another format that cloud-init reads", str(error))

    def _check_container(self) -> Iterator[Fault]:
        for key in ("environment", "secrets", "command", "files", "logs"):
            value = getattr(self, key)
            if value and value != OFF and self.image is None:
                # Names only: a value may be a secret.
                shown = ", ".join(value) if isinstance(value, Mapping) else "set"
                yield Fault(key, shown, "only beside image, whose container gets it", "give image, or take it out")
        for key, names in (("environment", self.environment), ("secrets", self.secrets)):
            for name in names:
                try:
                    check_environment_name(name, secret=key == "secrets")
                except ValueError as error:
                    yield Fault(f"{key}.{name}", "set", "another name", str(error))
        for path in self.files:
            if inside := [other for other in self.files if other.startswith(f"{path}/")]:
                yield Fault(f"files.{path}", "set", f"a file or a folder: {inside[0]} is in it", "rename one")

    def _check_secrets(self) -> Iterator[Fault]:
        """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html"""
        for name, arn in self.secrets.items():
            if isinstance(arn, str) and ":secretsmanager:" in arn and (whole := strip_secret_arn(arn)) != arn:
                allowed = "the ARN of a whole secret on EC2; only Fargate reads a JSON key, stage or version"
                remedy = f"write {whole}, and keep the value in a secret of its own"
                yield Fault(f"secrets.{name}", arn, allowed, remedy)


def check_environment_name(name: str, *, secret: bool) -> None:
    """Raises ValueError for a variable that a container cannot be given."""
    if not _NAME.fullmatch(name):
        raise ValueError("a variable has letters, digits and underscores, and does not begin with a digit")
    if secret and _DOCKERS.fullmatch(name):
        raise ValueError("Docker's command line reads this name itself; take another for a secret")
