"""Downloads of a boot script, read from its text.

A script names its needs in many ways: these are the tools and names that leave no uncertainty.
"""

import base64
import binascii
import re
from typing import Final

from ...graph import Resource
from ...graph.reading import as_text, get_declared_input, require_known
from ..catalog import types
from .machines import Machines

_ECR: Final = re.compile(r"\b\d{12}\.dkr[.-]ecr\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|on\.aws)/[\w./:@-]+")
_PUBLIC: Final = re.compile(r"\b(?:docker\.io|public\.ecr\.aws|ecr-public\.aws\.com|ghcr\.io|quay\.io)/[\w./:@-]+")
_ASSIGNED: Final = re.compile(r"^\s*(?:export\s+)?IMAGE=[\"']?(?!s3:)([a-z0-9][\w./:@-]*)[\"']?\s*$", re.MULTILINE)
_PULLED: Final = re.compile(r"\bdocker\s+pull\s+[\"']?([a-z0-9][\w./:@-]*)")
_TARBALL: Final = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/")
_PACKAGES: Final = re.compile(r"^\s*(?!#).*\b(dnf|yum|apt|apt-get)\s+(?:-\S+\s+)*install\b", re.MULTILINE)
_LOGS: Final = re.compile(r"(?m)(?:^\s*(?:export\s+)?LOG_GROUP=|\bawslogs-group=)[\"']?[\w.#/-]")
_LOGS_OFF: Final = re.compile(r"(?m)^\s*(?:export\s+)?LOG_GROUP=(?:\"\"|'')?\s*$")
INPUTS: Final = ("userData", "userDataBase64")
"""Inputs that hold a boot script."""
_DUAL_STACK: Final = re.compile(r"(?m)^\s*(?:export\s+)?(?:DUAL_STACK|AWS_USE_DUALSTACK_ENDPOINT)=[\"']?(?:yes|true)")


def read_boot_script(machines: Machines, machine: Resource) -> str:
    """The user data of a machine, its own or its launch template's, as text; empty if it has none."""
    template = machines.find_template(machine) if machine.type not in types.LAUNCH_TEMPLATE else None
    for holder in filter(None, (machine, template)):
        for key in INPUTS:
            if script := as_text(require_known(get_declared_input(holder, key), f"the boot script of {machine.name}")):
                return decode_script(script)
    return ""


def decode_script(script: str) -> str:
    """User data as text, where it came in base64, in one line or in several."""
    try:
        return base64.b64decode("".join(script.split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return script


def find_package_manager(script: str) -> str:
    """`dnf` (or `yum`) or `apt`, where the script installs packages; else nothing."""
    match = _PACKAGES.search(script)
    return "" if match is None else "apt" if match[1].startswith("apt") else "dnf"


def list_image_names(script: str) -> list[str]:
    """Images in registries that the script names; one without a host is Docker Hub's."""
    with_host = [match[0] for pattern in (_ECR, _PUBLIC) for match in pattern.finditer(script)]
    images = dict.fromkeys(with_host)
    for pattern in (_ASSIGNED, _PULLED):
        for name in pattern.findall(script):
            if not any(name in image for image in with_host):
                images[name] = None
    return list(images)


def list_source_buckets(script: str) -> list[str]:
    """Buckets that the script copies from."""
    return list(dict.fromkeys(_TARBALL.findall(script)))


def writes_logs(script: str) -> bool:
    """Whether it names a log group of CloudWatch, for its own log or for Docker's driver."""
    return _LOGS.search(script) is not None


def keeps_logs(script: str) -> bool:
    """Whether it leaves the name of its log group empty, so that no log leaves the machine."""
    return _LOGS_OFF.search(script) is not None and not writes_logs(script)


def uses_dual_stack(script: str) -> bool:
    """Whether it calls AWS by the names that have IPv6 addresses."""
    return _DUAL_STACK.search(script) is not None
