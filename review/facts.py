"""Facts that the review shares with the program: AWS limits, defaults, regions, hosts and sizes.

In a checkout they are in the folder `facts`, beside this one; pip installs that folder as `gatehouse_facts`.
"""

import importlib
import importlib.util
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from facts import address_lists as address_lists
    from facts import defaults as defaults
    from facts import endpoint_policies as endpoint_policies
    from facts import endpoint_services as endpoint_services
    from facts import fargate_sizes as fargate_sizes
    from facts import hook_names as hook_names
    from facts import hosts_over_ipv6 as hosts_over_ipv6
    from facts import identity_headers as identity_headers
    from facts import instance_types as instance_types
    from facts import limits as limits
    from facts import registries as registries
    from facts import version as version
else:

    def __getattr__(name: str) -> ModuleType:
        package = "facts" if __package__ == "review" else "gatehouse_facts"
        # hasattr() asks for any name. https://peps.python.org/pep-0562/
        if name.startswith("__") or importlib.util.find_spec(f"{package}.{name}") is None:
            raise AttributeError(name)
        return importlib.import_module(f"{package}.{name}")
