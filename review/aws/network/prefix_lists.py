"""AWS's own prefix lists, and the services that open connections from their addresses.

https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
"""

import functools
import re
from typing import Final

from ...graph import Graph
from ...graph.addresses import ANYWHERE, is_private, parse_network
from ...graph.evidence import get_deployed_input
from ...graph.reading import as_text, get_output
from ..catalog import types

_AWS: Final = ("com.amazonaws.", "cn.com.amazonaws.")
"""Names of AWS's own prefix lists begin so, and no other list may have such a name."""

_NAME: Final = re.compile(r"(?:cn\.)?com\.amazonaws\.(?:global|[a-z0-9-]+)\.(?:ipv6\.)?([a-z0-9.-]+)")
LATTICE: Final = "VPC Lattice"
"""Reaches its targets by addresses of their own VPC, so they need no public address."""
_CALLERS: Final = {
    **{"cloudfront.origin-facing": "CloudFront", "vpc-lattice": LATTICE},
    **{"ec2-instance-connect": "EC2 Instance Connect", "route53-healthchecks": "Route 53 health checks"},
    **dict.fromkeys(("s3", "dynamodb", "s3express"), ""),
}
"""Services by the end of their lists' names. The last ones only respond."""


class PrefixLists:
    """The prefix lists of a graph, by id."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def name(self, prefix_list: str) -> str:
        """`S3` for AWS's own list of S3's addresses, else its id."""
        return self.find_service(prefix_list).rpartition(".")[2].upper() or prefix_list

    def find_service(self, prefix_list: str) -> str:
        """`com.amazonaws.eu-west-1.s3` for AWS's own list of that name, as far as lookups and endpoints give them."""
        return self._service_lists.get(prefix_list, "")

    def find_caller(self, prefix_list: str) -> str:
        """The service of AWS that opens connections from the addresses of a list; empty if none does."""
        match = _NAME.fullmatch(self.find_service(prefix_list)) if prefix_list else None
        return _CALLERS.get(match[1], match[1]) if match else ""

    def is_aws_owned(self, prefix_list: str) -> bool:
        """Whether a list is AWS's own, whose addresses nobody outside has; so for no list."""
        return not prefix_list or self.find_service(prefix_list).startswith(_AWS)

    def is_made_up(self, cidr: str) -> bool:
        """Whether it is a public range of an answer that was made up. Programs write those of all addresses as well."""
        if cidr in ANYWHERE or cidr not in self._graph.made_up:
            return False
        return parse_network(cidr) is not None and not is_private(cidr)

    @functools.cached_property
    def _service_lists(self) -> dict[str, str]:
        """By id, the service name of AWS's own lists, from lookups and gateway endpoints."""
        services: dict[str, str] = {}
        for invoke in self._graph.invokes:
            if "refixList" in invoke.token:
                name = invoke.result.get("name") or invoke.arguments.get("name")
                services[as_text(invoke.result.get("id"))] = as_text(name)
        for endpoint in self._graph.list_by_type(*types.ENDPOINT):
            services[as_text(get_output(endpoint, "prefixListId"))] = as_text(
                get_deployed_input(endpoint, "serviceName")
            )
        return services
