"""The boot script of an instance that hosts one container, made of the image, its port and its environment."""

import math
from typing import Final

from ..facts import container_image
from ..user_data import read_part, render, render_program
from .ec2_args import Ec2BackendArgs

_PAUSE_SECONDS: Final = 5  # between the boot script's attempts to call the container


def build_boot_script(image: container_image.Image, spec: Ec2BackendArgs, region: str, log_group: str) -> str:
    """User data that runs the container of `spec`, whose texts are plain here, on Amazon Linux 2023.

    `log_group` is the name of its log group, or empty without logs.

    Raises ValueError when it is longer than user data may be.
    """
    image = image.to_ipv6_name() if spec.dual_stack else image
    flag = "yes" if spec.dual_stack else ""
    files = {path: str(text) for path, text in spec.files.items()}
    start = render_program(
        "container_start.py",
        {
            "dual_stack": flag,
            "port": str(spec.port),
            "container_port": str(spec.container_port or spec.port),
            "environment": dict(spec.environment),
            "secrets": dict(spec.secrets),
            "files": list(files),
            "command": list(spec.command),
            "log_group": log_group,
            "region": region,
        },
    )
    return render(
        "container.sh",
        {
            "REGION": region,
            "LOG_GROUP": log_group,
            "DUAL_STACK": flag,
            "IMAGE": image.reference,
            "REGISTRY": image.registry,
            "REGISTRY_REGION": image.region,
            "PORT": str(spec.port),
            "HEALTH_CHECK_PATH": spec.health_check_path,
            "START_ATTEMPTS": str(math.ceil(spec.start_seconds / _PAUSE_SECONDS)),
            "START": start,
            "FILES": list(files),
            "TEXTS": list(files.values()),
            "UNIT": read_part("backend.service"),
        },
        *(["boot_log.sh"] if log_group else []),
    )


def find_longest_argument(spec: Ec2BackendArgs) -> str:
    """`environment`, `files`, `command` or `secrets`: the one with the most text, if the script is too long."""
    texts = {
        "environment": [*spec.environment, *spec.environment.values()],
        "files": [*spec.files, *spec.files.values()],
        "command": spec.command,
        "secrets": [*spec.secrets, *spec.secrets.values()],
    }
    return max(texts, key=lambda key: sum(len(str(text)) for text in texts[key]))
