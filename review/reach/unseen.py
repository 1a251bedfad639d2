"""The end of a path at an address that the graph does not hold."""

from ..aws.model.model import AwsModel
from ..aws.network.dns import Address
from ..aws.network.nodes import Node
from ..aws.network.security_groups import AllowRule
from ..graph.addresses import is_private
from ..graph.answers import YES, No, refuse
from ..graph.given import by_type
from ..graph.prose import listed
from .connections import Connections, Side
from .path import Hop, PartialPath, Path
from .ways_out import sends_ipv6


def into_unseen(
    model: AwsModel, connections: Connections, partial: PartialPath, caller: Node | None, address: Address
) -> Path:
    """To a machine of another stack, or on the internet, as far as the caller's own groups decide it."""
    traffic = f"tcp {address.port}"
    if caller is None or not caller.interfaces:
        because = [by_type(by)] if (by := partial.hops[-1].resource if partial.hops else None) else []
        private = refuse(f"{address.host} is a private address", because) if is_private(address.host) else YES
        return partial.then(Hop(None, traffic, "a call over the internet"), private).end(address.url)
    if ":" in address.host and isinstance(answer := sends_ipv6(model, caller.resource), No):
        return partial.then(Hop(None, traffic, ""), answer).end(address.url)
    side = connections.leaves_for(caller, address.host if address.is_ip else None, address.port)
    resource = side.permit.resource if side.permit else None
    partial = partial.then(Hop(resource, traffic, side.rule), side.answer if not side.open else YES)
    return partial.doubted(_admission(model, caller, side, address)).end(address.url)


def _admission(model: AwsModel, caller: Node, side: Side, address: Address) -> str:
    """What the machine at an address of its own must be or admit, as far as this stack does not see to it."""
    groups, permit = model.groups, side.permit
    named = permit.group if permit is not None else ""
    if not named and not is_private(address.host) and not _stays_private(model, caller, permit, address):
        return side.uncertainty
    rules = groups.ingress(named) if named else []
    if any(rule.group in caller.groups and rule.carries("tcp", address.port) for rule in rules):
        outside = "" if groups.keys.resource(named) else ", a group outside this stack"
        return f"whether {address.host} is in {groups.keys.name(named)}{outside}"
    own = listed([groups.keys.name(group) for group in caller.groups])
    return f"the security group of {address.host} is not in this stack; it must admit {own} on tcp {address.port}"


def _stays_private(model: AwsModel, caller: Node, permit: AllowRule | None, address: Address) -> bool:
    """Whether a name can only be of a private address: the caller's groups let it go to no other."""
    if permit is None or address.is_ip:
        return False
    ranges = [cidr for group in caller.groups for cidr in model.groups.together(group, permit)]
    return bool(ranges) and all(map(is_private, ranges))
