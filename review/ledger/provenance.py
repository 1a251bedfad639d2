"""Which inputs of a component's resources are the component's own.

A resource is ours if the code of a component called its constructor. Its URN proves nothing: a program may declare
a resource under a component, or a class of its own under a component's type.
"""

from typing import Final

from ..aws.catalog import types
from ..graph import Resource

CODE: Final = frozenset(
    {
        *("code", "s3Bucket", "s3Key", "s3ObjectVersion", "imageUri", "packageType"),
        *("handler", "layers", "environment", "runtime", "imageConfig", "fileSystemConfig"),
    }
)
"""Inputs of a function that decide which code answers."""


def is_ours(resource: Resource) -> bool:
    """Whether a component's own code declares a resource."""
    return resource.is_of_component


def is_given_by_component(resource: Resource, key: str) -> bool:
    """Whether a component gave the input, and no transform changed it."""
    return is_ours(resource) and key not in resource.altered


def list_altered_code(resource: Resource) -> list[str]:
    """Inputs of a component's function that a transform changed, and that decide which code answers."""
    return sorted(CODE & resource.altered) if is_ours(resource) and resource.type in types.FUNCTION else []
