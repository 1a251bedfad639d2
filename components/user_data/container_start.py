#!/usr/bin/python3
"""Runs the container in the foreground, on the instance.

Secrets are read at each start and go from memory to memory: they are in no file, no argument of a process and no user
data. This is no shell script, because a shell keeps names such as UID and SECONDS for itself. cloud-init runs on Python
as well, so it is there.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# The boot script replaces this line.
SETTINGS: Any = None


def main(settings: Any, environment: Mapping[bytes, bytes]) -> None:
    own = dict(environment)
    given = []
    if settings["dual_stack"]:
        own[b"AWS_USE_DUALSTACK_ENDPOINT"] = b"true"
        # The container's SDKs of AWS take the names with IPv6 addresses as well, unless its own environment differs.
        given += ["--env", "AWS_USE_DUALSTACK_ENDPOINT=true"]
    for name, value in settings["environment"].items():
        given += ["--env", name + "=" + value]
    for file in settings["files"]:
        given += ["--volume", "/var/lib/backend" + file + ":" + file + ":ro"]
    secrets = {name: secret(name, arn, own) for name, arn in settings["secrets"].items()}
    for name in secrets:
        given += ["--env", name]
    published = settings["port"] + ":" + settings["container_port"]
    fixed = ["--publish", published, *log_options(settings), "--security-opt", "no-new-privileges"]
    arguments = ["docker", "run", "--rm", "--name", "backend", *fixed, *given, "backend:current", *settings["command"]]
    # Docker takes the value of each `--env NAME` from its own environment.
    os.execvpe("docker", arguments, {**own, **{name.encode(): value for name, value in secrets.items()}})  # noqa: S606, S607 - systemd gives the path


def log_options(settings: Any) -> list[str]:
    """Options for the container's log. The unit's journal has it too, since docker runs in the foreground."""
    if not settings["log_group"]:
        return ["--log-driver", "none"]
    instance = Path(os.environ.get("GATEHOUSE_ROOT", "") + "/var/lib/cloud/data/instance-id").read_text().strip()
    chosen = {
        "awslogs-region": settings["region"],
        "awslogs-group": settings["log_group"],
        "awslogs-stream": instance + "/container",
        # The container starts, and does not wait, while CloudWatch Logs is out of reach. Lines beyond the buffer are
        # lost. https://docs.docker.com/engine/logging/configure/#configure-the-delivery-mode-of-log-messages-from-container-to-log-driver
        "mode": "non-blocking",
        "max-buffer-size": "4m",
        # Docker would keep a second copy on the disk.
        "cache-disabled": "true",
    }
    options = ["--log-driver", "awslogs"]
    for name, value in chosen.items():
        options += ["--log-opt", name + "=" + value]
    return options


def secret(name: str, arn: str, environment: Mapping[bytes, bytes]) -> bytes:
    """The value, read in the ARN's own region. Ends the program if the secret has no text."""
    _, _, service, region = arn.split(":")[:4]
    if service == "ssm":
        read = ["ssm", "get-parameter", "--name", arn, "--with-decryption", "--query", "Parameter.Value"]
    else:
        read = ["secretsmanager", "get-secret-value", "--secret-id", arn, "--query", "SecretString"]
    command = ["aws", *read, "--region", region, "--output", "json"]
    found = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout  # noqa: S603 - no shell
    # The answer has binary secrets elsewhere. No output counts as null.
    value = json.loads(found.strip() or b"null")
    if not isinstance(value, str):
        sys.exit("the secret of " + name + " has no text: store it as SecretString, not as SecretBinary")
    return value.encode()


if __name__ == "__main__":
    main(SETTINGS, os.environb)
