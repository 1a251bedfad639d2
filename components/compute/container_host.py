"""The boot script of an instance that hosts one container, made of the image, its port and its environment."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ..facts import container_image
from ..user_data import part, render, script_file

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Variables that the loader, the shell or Docker's command line would read.
_RESERVED: Final = re.compile(r"PATH|HOME|IFS|LD_.*|BASH.*|DOCKER_.*|GATEHOUSE_.*")


@dataclass(frozen=True)
class Container:
    """One container: `secrets` are ARNs by the name of the variable that gets the value."""

    image: container_image.Image
    port: int
    container_port: int
    health_check_path: str
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    command: Sequence[str] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    """Texts by their absolute paths in the container, where they can be read and run, and not written."""


def boot_script(container: Container, region: str, *, dual_stack: bool) -> str:
    """User data that runs the container on Amazon Linux 2023.

    `dual_stack` calls AWS by host names that have IPv6 addresses, for a network whose only egress is IPv6.
    Raises ValueError when it is longer than user data may be.
    """
    image = container.image.over_ipv6() if dual_stack else container.image
    flag = "yes" if dual_stack else ""
    plain = [argument for name, value in container.environment.items() for argument in ("--env", f"{name}={value}")]
    start = script_file(
        "container_start.sh",
        {
            "REGION": region,
            "DUAL_STACK": flag,
            "PORT": str(container.port),
            "CONTAINER_PORT": str(container.container_port),
            "ENVIRONMENT": plain,
            "SECRET_NAMES": list(container.secrets),
            "SECRET_ARNS": list(container.secrets.values()),
            "FILES": list(container.files),
            "COMMAND": list(container.command),
        },
    )
    return render(
        "container.sh",
        {
            "REGION": region,
            "DUAL_STACK": flag,
            "IMAGE": image.reference,
            "REGISTRY": image.registry,
            "REGISTRY_REGION": image.region,
            "PORT": str(container.port),
            "HEALTH_CHECK_PATH": container.health_check_path,
            "START": start,
            "FILES": list(container.files),
            "TEXTS": list(container.files.values()),
            "UNIT": part("backend.service"),
        },
    )


def check_environment_name(name: str) -> None:
    """Raises ValueError for a variable that a container cannot be given."""
    if not _NAME.fullmatch(name):
        raise ValueError("a variable has letters, digits and underscores, and does not begin with a digit")
    if _RESERVED.fullmatch(name):
        raise ValueError("this name means something to the machine that starts the container; take another")
