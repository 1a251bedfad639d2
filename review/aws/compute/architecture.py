"""Processors: which kind a machine has, and which kind an image, a layer or a package is for.

https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
"""

import re
from typing import Final

from ...facts import instance_types

_NAMES: Final = {"arm64": "arm64", "aarch64": "arm64", "x86_64": "x86_64", "amd64": "x86_64"}
_WORD: Final = re.compile(rf"(?<![a-z0-9])({'|'.join(_NAMES)})(?![a-z0-9])", re.IGNORECASE)


def find_for_instance_type(kind: str) -> str:
    """`arm64` or `x86_64`; the latter for text that is no instance type."""
    try:
        return str(instance_types.find_architecture(kind))
    except ValueError:
        return "x86_64"
