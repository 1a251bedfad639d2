"""Processors: which kind a machine has, and which kind an image, a layer or a package is for.

https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
"""

import re
from typing import Final

from ...facts import instance_types
from ...graph import Graph, Resource
from ...graph.reading import as_list, as_text, get_declared_input, get_value

_NAMES: Final = {"arm64": "arm64", "aarch64": "arm64", "x86_64": "x86_64", "amd64": "x86_64"}
_WORD: Final = re.compile(rf"(?<![a-z0-9])({'|'.join(_NAMES)})(?![a-z0-9])", re.IGNORECASE)


def find_for_instance_type(kind: str) -> str:
    """`arm64` or `x86_64`; the latter for text that is no instance type."""
    try:
        return str(instance_types.find_architecture(kind))
    except ValueError:
        return "x86_64"


def find_in_text(words: str) -> str:
    """The one architecture that a text names; empty if it names none, or both."""
    architectures = {_NAMES[match.lower()] for match in _WORD.findall(words)}
    return architectures.pop() if len(architectures) == 1 else ""


def find_for_machine_image(graph: Graph, image: str) -> str:
    """Architecture that the lookup of an image filters by; empty if it names none."""
    for invoke in graph.invokes:
        if image and image in (as_text(invoke.result.get(key)) for key in ("id", "value", "imageId")):
            return find_in_text(str(invoke.arguments))
    return ""


def find_for_container_image(image: Resource) -> str:
    """The architecture that a program builds an image for; empty if it names none, or both."""
    platforms = [
        *as_list(get_declared_input(image, "platforms")),
        get_declared_input(image, "platform"),
        get_value(get_declared_input(image, "build"), "platform"),
    ]
    return find_in_text(" ".join(map(as_text, platforms)))
