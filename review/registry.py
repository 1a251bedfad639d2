"""Asks a registry for which platforms an image is built, without credentials: `gatehouse doctor --images`.

Runs under any Python 3, as doctor does. https://distribution.github.io/distribution/spec/api/
"""

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Dict, List

SECONDS = 10
_DOCKER_HUB = "registry-1.docker.io"
_KINDS = ", ".join(
    "application/vnd." + kind
    for kind in (
        "oci.image.index.v1+json",
        "docker.distribution.manifest.list.v2+json",
        "oci.image.manifest.v1+json",
        "docker.distribution.manifest.v2+json",
    )
)
_PROCESSORS = {"amd64": "x86_64"}


class RegistryError(Exception):
    """Why a registry's answer is not known."""


def processors(image: str) -> List[str]:
    """Processors that an image for Linux is built for: `arm64`, `x86_64`. Raises RegistryError."""
    host, name, version = _taken_apart(image)
    # Docker, too, calls registries on this machine without TLS.
    base = "{}://{}/v2/{}".format("http" if host.split(":")[0] in ("localhost", "127.0.0.1") else "https", host, name)
    headers = {"Accept": _KINDS}
    try:
        manifest = _manifest(base + "/manifests/" + version, headers)
        listed = manifest.get("manifests")
        if listed is None:
            config = _get(base + "/blobs/" + manifest["config"]["digest"], headers)
            listed = [{"platform": config}]
        architectures = [one["platform"]["architecture"] for one in listed if one["platform"].get("os") == "linux"]
    except urllib.error.HTTPError as error:
        words = dict.fromkeys((401, 403), "it wants credentials")
        words[404] = "it has no such image, or wants credentials"
        raise RegistryError(words.get(error.code, "it answers {}".format(error.code))) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = getattr(error, "reason", error) if isinstance(error, OSError) else "its answer is no manifest"
        raise RegistryError(str(reason)) from None
    return sorted({_PROCESSORS.get(architecture, architecture) for architecture in architectures})


def _taken_apart(image):  # type: (str) -> List[str]
    """Host, repository, and tag or digest."""
    first, slash, rest = image.partition("/")
    named = bool(slash) and ("." in first or ":" in first or first == "localhost")
    host, name = (first, rest) if named else (_DOCKER_HUB, image if slash else "library/" + image)
    if host == "docker.io":
        host = _DOCKER_HUB
    name, at, digest = name.partition("@")
    name, _, tag = name.partition(":")
    return [host, name, digest if at else tag or "latest"]


def _manifest(url: str, headers: Dict[str, str]) -> Any:
    """The manifest; with a token for anybody if the registry wants one, which is kept in `headers`."""
    try:
        return _get(url, headers)
    except urllib.error.HTTPError as error:
        asked = dict(re.findall(r'(\w+)="([^"]*)"', error.headers.get("WWW-Authenticate", "")))
        if error.code != 401 or not asked.get("realm", "").startswith(("https://", "http://127.0.0.1:")):
            raise
    query = urllib.parse.urlencode({key: asked[key] for key in ("service", "scope") if key in asked})
    answer = _get(asked["realm"] + "?" + query, {})
    headers["Authorization"] = "Bearer " + (answer.get("token") or answer["access_token"])
    return _get(url, headers)


def _get(url: str, headers: Dict[str, str]) -> Any:
    """A JSON document. A redirect to where blobs are kept is followed without the token."""
    request = urllib.request.Request(url)
    for key, value in headers.items():
        request.add_unredirected_header(key, value)
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        return json.load(answer)
