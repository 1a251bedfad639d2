"""Facts that the components share with the review: AWS limits, defaults, egress modes, images and sizes.

In a checkout they are in the folder `facts`, beside this one; pip installs that folder as `gatehouse_facts`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING or __package__ == "components":
    from facts import (
        address_lists,
        container_image,
        defaults,
        egress_modes,
        endpoint_policies,
        fargate_sizes,
        hook_names,
        identity_headers,
        instance_types,
        limits,
        route_paths,
        version,
    )
else:
    from gatehouse_facts import (
        address_lists,
        container_image,
        defaults,
        egress_modes,
        endpoint_policies,
        fargate_sizes,
        hook_names,
        identity_headers,
        instance_types,
        limits,
        route_paths,
        version,
    )

__all__ = [
    "address_lists",
    "container_image",
    "defaults",
    "egress_modes",
    "endpoint_policies",
    "fargate_sizes",
    "hook_names",
    "identity_headers",
    "instance_types",
    "limits",
    "route_paths",
    "version",
]
