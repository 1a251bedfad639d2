"""AWS's own prefix lists, by the service whose addresses they hold.

https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html
"""

import functools
from typing import Final

from ...graph import Graph
from ...graph.addresses import ANYWHERE, is_private, network
from ...graph.given import held_input
from ...graph.reading import as_text, output
from ..catalog import types

_AWS: Final = ("com.amazonaws.", "cn.com.amazonaws.")
"""Names of AWS's own prefix lists begin so, and no other list may have such a name."""


class PrefixLists:
    """The prefix lists of a graph, by id."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def name(self, prefix_list: str) -> str:
        """`S3` for AWS's own list of S3's addresses, else its id."""
        return self.service(prefix_list).rpartition(".")[2].upper() or prefix_list

    def service(self, prefix_list: str) -> str:
        """`com.amazonaws.eu-west-1.s3` for AWS's own list of that name, as far as lookups and endpoints give them."""
        return self._service_lists.get(prefix_list, "")

    def knows(self, prefix_list: str) -> bool:
        """Whether a list is AWS's own, whose addresses nobody outside has; so for no list."""
        return not prefix_list or self.service(prefix_list).startswith(_AWS)

    def is_made_up(self, written: str) -> bool:
        """Whether it is a public range of an answer that was made up. Programs write those of all addresses as well."""
        if written in ANYWHERE or written not in self._graph.made_up:
            return False
        return network(written) is not None and not is_private(written)

    @functools.cached_property
    def _service_lists(self) -> dict[str, str]:
        """By id, the service name of AWS's own lists, from lookups and gateway endpoints."""
        lists = ((invoke.result, invoke.arguments) for invoke in self._graph.invokes if "refixList" in invoke.token)
        looked_up = {
            as_text(result.get("id")): as_text(result.get("name") or arguments.get("name"))
            for result, arguments in lists
        }
        endpoints = self._graph.of_type(*types.ENDPOINT)
        return looked_up | {
            as_text(output(hit, "prefixListId")): as_text(held_input(hit, "serviceName")) for hit in endpoints
        }
