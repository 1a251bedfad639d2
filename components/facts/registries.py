"""Public registries of container images: which one an image reference names."""

from typing import Final

DOCKER_HUB: Final = "docker.io"


def find_registry_host(reference: str) -> str:
    """Host of the registry that an image reference names; Docker Hub's if it names none.

    The part before the first slash is a host if it has a dot or a colon, or is `localhost`.
    https://github.com/distribution/reference
    """
    first, slash, _ = reference.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else DOCKER_HUB
