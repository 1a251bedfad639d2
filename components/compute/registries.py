"""Public registries of container images, and which of them answer over IPv6 with all that a pull needs.

ECR and ECR Public have names of their own for it: see container_image.py.
"""

from typing import Final

DOCKER_HUB: Final = "docker.io"

# As of 2026-11, each with its source. A registry that is not here is taken to have IPv4 alone: ghcr.io, for one, has no
# IPv6 address (github.com/kube-vip/kube-vip#1165).
_OVER_IPV6: Final = {
    # https://www.docker.com/blog/docker-hub-registry-ipv6-support-now-generally-available/
    DOCKER_HUB: ("docker.io", "index.docker.io", "registry-1.docker.io"),
    # https://github.com/prometheus-operator/prometheus-operator/issues/6059
    "quay.io": ("quay.io",),
}
_HOSTS: Final = frozenset(host for hosts in _OVER_IPV6.values() for host in hosts)


def registry_of(reference: str) -> str:
    """Host of the registry that an image reference names; Docker Hub's if it names none.

    The part before the first slash is a host if it has a dot or a colon, or is `localhost`.
    https://github.com/distribution/reference
    """
    first, slash, _ = reference.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else DOCKER_HUB


def answers_over_ipv6(reference: str) -> bool:
    """Whether the registry of an image is known to serve a pull over IPv6 alone."""
    return registry_of(reference) in _HOSTS
