"""The boot script of an instance that hosts one container, made of the image, its port and its environment."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ..facts import container_image
from ..user_data import part, program_file, render

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Docker's command line has secrets in its own environment, where it and the loader would read these.
_DOCKERS: Final = re.compile(r"PATH|HOME|LD_.*|DOCKER_.*")


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
    start = program_file(
        "container_start.py",
        {
            "dual_stack": flag,
            "port": str(container.port),
            "container_port": str(container.container_port),
            "environment": dict(container.environment),
            "secrets": dict(container.secrets),
            "files": list(container.files),
            "command": list(container.command),
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


def longest_part(container: Container) -> str:
    """`environment`, `files`, `command` or `secrets`: the one with the most text, if the script is too long."""
    texts = {
        "environment": [*container.environment, *container.environment.values()],
        "files": [*container.files, *container.files.values()],
        "command": container.command,
        "secrets": [*container.secrets, *container.secrets.values()],
    }
    return max(texts, key=lambda key: sum(map(len, texts[key])))


def check_environment_name(name: str, *, secret: bool) -> None:
    """Raises ValueError for a variable that a container cannot be given."""
    if not _NAME.fullmatch(name):
        raise ValueError("a variable has letters, digits and underscores, and does not begin with a digit")
    if secret and _DOCKERS.fullmatch(name):
        raise ValueError("Docker's command line reads this name itself; take another for a secret")
