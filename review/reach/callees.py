"""What a function calls, as its environment and its security groups show it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..aws.catalog import types
from ..aws.model.model import AwsModel
from ..aws.network.dns import Address
from ..aws.network.nodes import Node
from ..graph import UNKNOWN, Resource
from ..graph.addresses import is_private
from ..graph.given import held_input
from ..graph.reading import as_text, value_at

_BACKEND_WORDS: Final = ("BACKEND", "UPSTREAM", "TARGET", "ORIGIN")


def callees_of(model: AwsModel, node: Node) -> Iterator[tuple[Resource | None, Address | None]]:
    """Targets of a function: URLs in its environment; if it has none, the groups that its rules let it call."""
    function = node.resource
    variables = held_input(function, "environment", "variables")
    names = variables if isinstance(variables, Mapping) else ()
    hits = [hit for name in names if (hit := _in_variable(model, function, name, value_at(variables, name)))]
    if variables is UNKNOWN:
        hits = [(hit, None) for hit in model.hosts.named_in(function, "environment")]
    yield from hits or _by_groups(model, node)


def _in_variable(
    model: AwsModel, function: Resource, name: str, value: Any
) -> tuple[Resource | None, Address | None] | None:
    backend = any(word in name.upper() for word in _BACKEND_WORDS)
    if value is UNKNOWN and backend:
        hits = model.hosts.named_in(function, "environment")
        return (hits[0], None) if hits else None
    if (address := Address.of(as_text(value))) is None:
        return None
    resource = model.hosts.find(address.host)
    return (resource, address) if resource is not None or backend or is_private(address.host) else None


def _by_groups(model: AwsModel, node: Node) -> Iterator[tuple[Resource | None, Address | None]]:
    """What its groups let it call. No function, which takes no connections.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """
    kinds = {*types.COMPUTE, *types.LOAD_BALANCER} - {*types.FUNCTION}
    for permit in model.groups.egress(*node.groups):
        for peer in model.nodes.in_group(permit.group) if permit.group else ():
            if peer.resource.type in kinds and peer.resource is not node.resource:
                yield peer.resource, Address("", permit.first, "")
