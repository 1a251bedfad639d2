"""Backends on this machine, in place of the stack's: the user's own, its images in containers, or one that echoes."""

import asyncio
import json
import re
import shlex
import shutil
import ssl
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final
from urllib.parse import urlsplit

import httpx

from ..aws import types
from ..aws.containers import containers_of
from ..aws.model import AwsModel
from ..aws.user_data import boot_script
from ..graph import Resource
from ..graph.reading import CannotTell, MalformedDocument, integer, items, number, peek, text, within
from .asgi import application
from .network import Verdict
from .relays import CHECK_SECONDS, accepts
from .request import Request, Response, Say

_INTERVAL_SECONDS: Final = 30.0
_OK: Final = "200"
_RUNTIMES: Final = ("docker", "podman")
_QUOTED: Final = "'\"'\"'"
_IMAGE: Final = re.compile(r"^IMAGE=(.*)$", re.MULTILINE)
_SETTINGS: Final = re.compile(r"^SETTINGS: Any = (\{.*\})$", re.MULTILINE)
"""Image and settings of Gatehouse's own boot script."""


def local_client(seconds: float | None = None, trusted: ssl.SSLContext | None = None) -> httpx.AsyncClient:
    """A client for addresses of this machine without proxies, which keeps no cookies; `trusted` for those by TLS."""
    return httpx.AsyncClient(
        # To read the certificates of this machine takes 20 ms.
        verify=trusted or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        limits=httpx.Limits(max_connections=None),
        trust_env=False,
        timeout=seconds,
    )


class BackendError(ValueError):
    """A backend that the stack does not have, or that cannot run here. The text gives the reason and the remedy."""


class Backends:
    """Addresses of the local backends, and their health."""

    def __init__(
        self, given: Sequence[str], echo: str, names: Mapping[str, Resource], client: httpx.AsyncClient, say: Say
    ) -> None:
        """`given` are URLs, one for all backends or `name=URL` for each. `echo` is the address of our own.

        Raises BackendError.
        """
        self._echo, self._client, self._say = echo, client, say
        self._default = ""
        self._by_urn: dict[str, str] = {}
        self._health: dict[tuple[str, str], tuple[float, bool]] = {}
        for one in given:
            name, equals, url = one.partition("=")
            if not equals or "://" in name:
                self._default = _host_port(one)
            elif name in names:
                self._by_urn[names[name].urn] = _host_port(url)
            else:
                raise BackendError(f"--backend {name}: the stack's backends are {', '.join(names) or 'none'}")

    def address(self, verdict: Verdict) -> str:
        """`host:port` of the backend that a call arrives at."""
        own = next((self._by_urn[one.urn] for one in verdict.backends if one.urn in self._by_urn), "")
        return own or self._default or self._echo

    async def unhealthy(self, verdict: Verdict) -> list[str]:
        """Names of the target groups on the way whose health checks fail."""
        return [group.name for group in verdict.groups if not await self._passes(group, self.address(verdict))]

    async def _passes(self, group: Resource, backend: str) -> bool:
        interval = number(peek(group, "healthCheck", "interval")) or _INTERVAL_SECONDS
        checked, healthy = self._health.get((group.urn, backend), (0.0, True))
        if checked and time.monotonic() - checked < min(interval, CHECK_SECONDS):
            return healthy
        now = await self._check(group, backend)
        if now != healthy or (not checked and not now):
            self._say(f"{group.name}: {backend} is {'healthy' if now else 'unhealthy: its health check fails'}")
        self._health[group.urn, backend] = (time.monotonic(), now)
        return now

    async def _check(self, group: Resource, backend: str) -> bool:
        if text(peek(group, "healthCheck", "protocol")).upper() in ("", "TCP"):
            return await accepts(backend)
        path = text(peek(group, "healthCheck", "path")) or "/"
        wanted = text(peek(group, "healthCheck", "matcher")) or _OK
        try:
            answer = await self._client.get(f"http://{backend}{path}", timeout=CHECK_SECONDS)
        except httpx.HTTPError:
            return False
        return any(_within(answer.status_code, part) for part in wanted.split(","))


def _within(status: int, wanted: str) -> bool:
    first, _, last = wanted.partition("-")
    return int(first) <= status <= int(last or first)


def _host_port(url: str) -> str:
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = parts.port or 80
    except ValueError as problem:
        raise BackendError(f"--backend {url}: {problem}; give http://host:port") from None
    # A path or a user would be left out.
    if parts.hostname is None or parts.scheme != "http" or parts.path not in ("", "/") or parts.username is not None:
        raise BackendError(f"--backend {url}: give http://host:port")
    return f"{parts.hostname}:{port}"


@application
async def echo(request: Request) -> Response:
    """Answers with the request that it received, as JSON."""
    told = {
        "method": request.method,
        "path": request.raw_path,
        "query": request.raw_query,
        "headers": request.headers,
        "body": request.body.decode(errors="replace"),
    }
    return Response(200, [("content-type", "application/json")], json.dumps(told, indent=2).encode() + b"\n")


@dataclass(frozen=True)
class Container:
    """A container that a backend runs."""

    image: str
    port: int
    environment: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()


def container_of(model: AwsModel, backend: Resource) -> Container:
    """The container of an ECS service, or of an instance whose boot script is Gatehouse's. Raises BackendError."""
    found = None
    with suppress(CannotTell, MalformedDocument):
        found = _of_service(model, backend) if backend.type in types.SERVICE else _of_script(model, backend)
    if found is None:
        raise BackendError(f"{backend.name}: its container is not known; name your backend by --backend")
    return found


def _of_service(model: AwsModel, service: Resource) -> Container | None:
    definition = model.containers.definition(service)
    if definition is None:
        return None
    for entry in containers_of(definition):
        image = text(within(entry, "image"))
        port = integer(next((within(one, "containerPort") for one in items(within(entry, "portMappings"))), None))
        if port is not None and image:
            pairs = [(within(one, "name"), within(one, "value")) for one in items(within(entry, "environment"))]
            variables = {text(name): text(value) for name, value in pairs}
            return Container(image, port, variables, tuple(map(str, items(within(entry, "command")))))
    return None


def _of_script(model: AwsModel, machine: Resource) -> Container | None:
    # The program that starts the container is a quoted text within the boot script.
    script = boot_script(model.machines, machine).replace(_QUOTED, "'")
    image, settings = _IMAGE.search(script), _SETTINGS.search(script)
    if image is None or settings is None:
        return None
    found = json.loads(settings[1])
    if found["files"]:
        raise BackendError(f"{machine.name}: its container gets files at boot; run it yourself, and use --backend")
    (reference,) = shlex.split(image[1]) or [""]
    return Container(reference, int(found["container_port"]), found["environment"], tuple(found["command"]))


class Containers:
    """Containers of this run. Each publishes its port on 127.0.0.1 and is removed at the end of the run."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._runtime = next((found for name in _RUNTIMES if (found := shutil.which(name))), None)
        self._ids: list[str] = []

    async def start(self, name: str, container: Container) -> str:
        """Run a container. Returns its `host:port`. Raises BackendError."""
        if self._runtime is None:
            raise BackendError("--containers requires docker or podman on the PATH; or name your backend by --backend")
        if container.image.startswith("s3://"):
            raise BackendError(f"{name}: {container.image} is not on this machine; load it, and use --backend")
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
            # Podman's rm alone waits ten seconds for a process that ignores SIGTERM.
            for command in (("kill",), ("rm", "--force")):
                with suppress(BackendError):
                    await self._run(*command, one)

    async def _run(self, *arguments: str) -> str:
        assert self._runtime is not None
        process = await asyncio.create_subprocess_exec(
            self._runtime, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        output, errors = await process.communicate()
        if process.returncode:
            told = errors.decode(errors="replace").splitlines()
            # Docker ends with a pointer to its help.
            reasons = [line for line in told if line and not line.startswith(("Run '", "See '"))]
            raise BackendError(f"{self._runtime} {arguments[0]}: {(reasons or ['no reason given'])[-1]}")
        return output.decode().strip()
