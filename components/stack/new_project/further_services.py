"""The answer of `gatehouse new` that names further services of the API, each with its kind, address and paths."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...arguments.addresses import PlainUrl
from ...arguments.marks import matches_type, passes_check
from ...arguments.paths import RouteSetting
from ...facts import defaults, limits
from ...facts.container_image import parse
from ..settings.services import RESERVED, is_service_name

CALLERS: Final = ("web-app", "mobile-app", "partner", "service", "open", "nobody")
"""Callers that may call several services: a webhook has one, and a private API too."""
KINDS: Final[Mapping[str, tuple[str, ...]]] = {"ec2": ("ec2",), "fargate": ("fargate", "ec2"), "url": ("url",)}
"""By the kind of `backend`: kinds of further services that need no other network, topology or ingress than it."""
WANT: Final = "for each a name, kind, image or URL, port and paths, with commas between services, or - for none"


@dataclass(frozen=True)
class FurtherService:
    name: str
    kind: str
    address: str
    """Image or URL."""
    port: int
    paths: Sequence[str]

    @property
    def keys(self) -> dict[str, Any]:
        """The keys in `backends`."""
        if self.kind == "url":
            return {"url": self.address}
        return {"kind": self.kind, "image": self.address, "port": self.port}


def choose_port(image: str) -> int:
    """Returns the port that a container most probably listens on."""
    return 80 if "whoami" in image else defaults.BACKEND_PORT


def choose_platform(image: str) -> str:
    """Returns a platform that an image is known to be built for: the image that the questions name has several."""
    return "linux/arm64" if image.removeprefix("docker.io/").partition(":")[0] == "traefik/whoami" else "unknown"


def read_services(text: str) -> list[FurtherService]:
    """Returns the services that an answer names. Raises ValueError for one that names none."""
    services = [] if text in ("", "-") else [_read_service(part.split()) for part in text.split(",")]
    if len({service.name for service in services}) < len(services):
        raise ValueError("two services have the same name")
    return services


def _read_service(words: Sequence[str]) -> FurtherService:
    name, kind, address, *more = words
    port = int(more.pop(0)) if more and more[0].isascii() and more[0].isdigit() else choose_port(address)
    paths = [path.rstrip("/") or path for path in more] or [f"/{name}"]
    fits = matches_type(PlainUrl, address) if kind == "url" else passes_check(parse, address)
    if not (is_service_name(name) and name not in RESERVED and kind in ("ec2", "fargate", "url") and fits):
        raise ValueError(WANT)
    if port not in limits.PORTS or not all(matches_type(RouteSetting, path) for path in paths):
        raise ValueError(WANT)
    return FurtherService(name, kind, address, port, paths)


def find_clash(answers: Mapping[str, str]) -> str:
    """Why services do not go together with the other answers. Empty if they do."""
    services = read_services(answers.get("services", "-"))
    kinds = KINDS.get(answers.get("backend", ""), ())
    if other := next((service for service in services if service.kind not in kinds), None):
        return (
            f"{other.name} is {other.kind}; with --backend {answers['backend']} only {' or '.join(kinds)}: write other"
            " kinds into the stack file"
        )
    seen = {answers.get("path", "/").rstrip("/") or "/"}
    for path in (path for service in services for path in service.paths):
        if path in seen:
            return f"{path} leads to two services"
        seen.add(path)
    return ""


def build_routes(services: Sequence[FurtherService], route: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yields their routes, which are otherwise like the first route of the API."""
    for service in services:
        for path in service.paths:
            yield {**route, "path": path, "target": service.name}
