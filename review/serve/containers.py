"""The stack's own container images, run by Docker or Podman on this machine: `--containers`."""

from __future__ import annotations

import asyncio
import re
import shlex
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from ..aws import types
from ..aws.model import AwsModel
from ..aws.user_data import boot_script
from ..graph import Resource
from ..graph.reading import CannotTell, MalformedDocument, document, items, peek, port_of, text, within
from .request import Say

_RUNTIMES: Final = ("docker", "podman")
_QUOTED: Final = "'\"'\"'"
_ASSIGNED: Final = re.compile(r"^(IMAGE|CONTAINER_PORT|ENVIRONMENT|COMMAND|FILES)=(.*)$", re.MULTILINE)


class ContainerError(Exception):
    """A container that cannot run here. The text gives the reason and the remedy."""


@dataclass(frozen=True)
class Container:
    """A container that a backend runs."""

    image: str
    port: int
    environment: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()


def container_of(model: AwsModel, backend: Resource) -> Container:
    """The container of an ECS service, or of an instance whose boot script is Gatehouse's. Raises ContainerError."""
    found = _of_service(model, backend) if backend.type in types.SERVICE else _of_script(model, backend)
    if found is None:
        raise ContainerError(f"{backend.name}: its container is not known; name your backend by --backend")
    return found


def _of_service(model: AwsModel, service: Resource) -> Container | None:
    definition = model.containers.definition(service)
    if definition is None:
        return None
    try:
        containers = document(peek(definition, "containerDefinitions"), definition.name)
    except (CannotTell, MalformedDocument):
        return None
    for entry in items(containers):
        port = port_of(next((within(one, "containerPort") for one in items(within(entry, "portMappings"))), None))
        if port is not None and text(within(entry, "image")):
            variables = {
                text(within(one, "name")): text(within(one, "value")) for one in items(within(entry, "environment"))
            }
            command = tuple(map(str, items(within(entry, "command"))))
            return Container(text(within(entry, "image")), port, variables, command)
    return None


def _of_script(model: AwsModel, machine: Resource) -> Container | None:
    try:
        script = boot_script(model.machines, machine)
    except CannotTell:
        return None
    # The script that starts the container is a quoted text within the boot script.
    found = {match[1]: match[2] for match in _ASSIGNED.finditer(script.replace(_QUOTED, "'"))}
    if "IMAGE" not in found or "CONTAINER_PORT" not in found:
        return None
    if _words(found.get("FILES", "()")):
        raise ContainerError(f"{machine.name}: its container gets files at boot; run it yourself, and use --backend")
    pairs = [word.partition("=") for word in _words(found.get("ENVIRONMENT", "()")) if "=" in word]
    (image,) = shlex.split(found["IMAGE"]) or [""]
    variables = {name: value for name, _, value in pairs}
    return Container(image, int(found["CONTAINER_PORT"]), variables, tuple(_words(found.get("COMMAND", "()"))))


def _words(array: str) -> list[str]:
    """The words of a shell array on one line."""
    try:
        return shlex.split(array.strip().removeprefix("(").removesuffix(")"))
    except ValueError:
        return []


class Containers:
    """Containers of this run. Each publishes its port on 127.0.0.1 and is removed at the end of the run."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._runtime = next((found for name in _RUNTIMES if (found := shutil.which(name))), None)
        self._ids: list[str] = []

    async def start(self, name: str, container: Container) -> str:
        """Run a container. Returns its `host:port`. Raises ContainerError."""
        if self._runtime is None:
            raise ContainerError(
                "--containers requires docker or podman on the PATH; or name your backend by --backend"
            )
        if container.image.startswith("s3://"):
            raise ContainerError(f"{name}: {container.image} is not on this machine; load it, and use --backend")
        variables = [word for key, value in container.environment.items() for word in ("--env", f"{key}={value}")]
        publish = f"127.0.0.1::{container.port}"
        self._say(f"{name}: {container.image} starts; the first time it is pulled")
        started = await self._run(
            "run", "--detach", "--rm", "--publish", publish, *variables, container.image, *container.command
        )
        self._ids.append(started)
        return (await self._run("port", started, str(container.port))).splitlines()[0]

    async def stop(self) -> None:
        """Remove every container."""
        for one in self._ids:
            with suppress(ContainerError):
                await self._run("rm", "--force", one)

    async def _run(self, *arguments: str) -> str:
        assert self._runtime is not None
        process = await asyncio.create_subprocess_exec(
            self._runtime, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        output, errors = await process.communicate()
        if process.returncode:
            reason = errors.decode(errors="replace").strip().splitlines() or ["no reason given"]
            raise ContainerError(f"{self._runtime} {arguments[0]}: {reason[-1]}")
        return output.decode().strip()
