"""Addresses from which a stack calls the internet, which others may have in their lists of allowed callers."""

from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..graph import Graph, Resource
from ..graph.evidence import get_deployed_input
from ..graph.reading import find_referenced

_OF_GATEWAYS: Final = (("allocationId",), ("secondaryAllocationIds",), ("availabilityZoneAddresses", "allocationIds"))
_OF_MACHINES: Final = ("instance", "networkInterface")


def list_source_addresses(graph: Graph) -> Iterator[Resource]:
    """Elastic IPs of NAT gateways and of machines, and NAT gateways to which AWS gives an address."""
    for gateway in graph.list_by_type(*types.NAT_GATEWAY):
        named = [address for path in _OF_GATEWAYS for address in find_referenced(graph, gateway, *path)]
        yield from named or ([] if get_deployed_input(gateway, "connectivityType") == "private" else [gateway])
    for link in graph.list_by_type(*types.ADDRESS_ASSOCIATION):
        yield from find_referenced(graph, link, "allocationId", types=types.ADDRESS)
    for address in graph.list_by_type(*types.ADDRESS):
        if any(get_deployed_input(address, key) is not None for key in _OF_MACHINES):
            yield address
