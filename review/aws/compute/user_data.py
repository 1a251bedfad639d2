"""Downloads of a boot script, read from its text.

A script names its needs in many ways: these are the tools and names that leave no uncertainty.
"""

import base64
import binascii
import re
from typing import Final

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


def decode_script(script: str) -> str:
    """User data as text, where it came in base64, in one line or in several."""
    try:
        return base64.b64decode("".join(script.split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return script
