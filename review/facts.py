"""Facts that the review shares with the program: AWS limits, defaults, regions, hosts and sizes.

In a checkout they are in the folder `facts`, beside this one; pip installs that folder as `gatehouse_facts`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING or __package__ == "review":
    from facts import (
        address_lists,
        defaults,
        endpoint_policies,
        endpoint_services,
        fargate_sizes,
        hosts_over_ipv6,
        identity_headers,
        instance_types,
        limits,
        regions,
        registries,
        version,
    )
else:
    from gatehouse_facts import (
        address_lists,
        defaults,
        endpoint_policies,
        endpoint_services,
        fargate_sizes,
        hosts_over_ipv6,
        identity_headers,
        instance_types,
        limits,
        regions,
        registries,
        version,
    )

__all__ = [
    "address_lists",
    "defaults",
    "endpoint_policies",
    "endpoint_services",
    "fargate_sizes",
    "hosts_over_ipv6",
    "identity_headers",
    "instance_types",
    "limits",
    "regions",
    "registries",
    "version",
]
