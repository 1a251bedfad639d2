"""Whether packets of the internet get as far as a node's security groups: by its addresses, routes and network ACLs."""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

from ..aws.model.model import AwsModel
from ..aws.network.nodes import Node
from ..aws.network.route import Family
from ..aws.network.security_groups import AllowRule
from ..graph import Resource
from ..graph.addresses import public_parts
from ..graph.answers import Answer, all_of, doubted, refuse
from .connections import asked_by


class _Attempt(NamedTuple):
    """From an address to a subnet."""

    subnet: Resource
    address: str
    routed: bool | None
    """Whether packets leave for it by an internet gateway."""
    admitted: bool | None
    """Whether they pass the network ACL."""

    @property
    def passes(self) -> bool | None:
        return all_of((self.routed, self.admitted))


class InternetAccess:
    def __init__(self, model: AwsModel) -> None:
        self._model = model

    def from_range(self, node: Node, cidr: str, permit: AllowRule | None) -> Answer:
        """Whether a range of the internet gets as far as the node's groups. `permit` None: any traffic."""
        family = Family.of(cidr)
        name = self._model.names.of(node.resource)
        public = node.has_public_address(family)
        if public is False:
            return refuse(f"{name} has no public {family.value} address", node.private(family))
        doubts = [] if public else [f"whether {name} has a public address"]
        attempts = [attempt for subnet in node.subnets for attempt in self._attempts(subnet, family, cidr, permit)]
        unrouted = f"no internet gateway is routed to the subnets of {name}"
        unclear = f"not all routes of the subnets of {name} are known"
        if attempts and all(attempt.passes is False for attempt in attempts):
            routed = any(attempt.routed is not False for attempt in attempts)
            acls = {acl.name for subnet in node.subnets if (acl := self._model.acls.of(subnet)) is not None}
            because = [*node.subnet_grounds]
            for subnet, mine in itertools.groupby(attempts, key=lambda attempt: attempt.subnet):
                # One reason is enough: the network ACL, if it refuses routed packets as well.
                by_acl = {attempt.address: routed and attempt.admitted is False for attempt in mine}
                refused = [asked_by(at, permit) for at, closed in by_acl.items() if closed]
                because += self._model.acls.grounds(subnet, *refused) if refused else ()
                for at in (at for at, closed in by_acl.items() if not closed):
                    because += self._model.network.grounds_without_gateway(subnet, family, at)
            return refuse(f"network ACL {' and '.join(sorted(acls))}" if routed else unrouted, because, unclear)
        if possible := [attempt for attempt in attempts if attempt.passes is not False]:
            # The addresses for which the least is unknown.
            best = min(possible, key=lambda attempt: (attempt.routed, attempt.admitted).count(None))
            unread = self._model.network.unread(best.subnet)
            doubts += [f"whether an internet gateway is routed to the subnets of {name}{unread}"] * (
                best.routed is None
            )
            dropped = self._model.acls.dropped(best.subnet, asked_by(best.address, permit))
            doubts += [f"the network ACL of the subnets of {name}{dropped}"] * (best.admitted is None)
        elif node.elsewhere:
            doubts.append(unclear)
        return doubted(*doubts)

    def _attempts(self, subnet: Resource, family: Family, cidr: str, permit: AllowRule | None) -> Iterator[_Attempt]:
        """An address of each part of a range."""
        routes = self._model.network.routes(self._model.network.table(subnet))
        for address in public_parts(cidr, [*(route.destination for route in routes), *self._model.acls.ranges(subnet)]):
            routed = self._model.network.is_public(subnet, family, address, cidr)
            yield _Attempt(subnet, address, routed, self._model.acls.admits(subnet, asked_by(address, permit)))

    def obstacle(self, node: Node) -> Answer:
        """Why no stranger reaches the node."""
        name = self._model.names.of(node.resource)
        public = [family for family in Family if node.has_public_address(family) is not False]
        if not public:
            return refuse(f"{name} has no public address", node.private(*Family))
        because = [*node.subnet_grounds]
        for family in Family:
            if {self._model.network.is_public(subnet, family) for subnet in node.subnets} == {False}:
                for subnet in node.subnets:
                    because += self._model.network.grounds_without_gateway(subnet, family)
            elif family in public:
                break
            else:
                because += node.private(family)
        else:
            return refuse(f"no internet gateway is routed to the subnets of {name}", because)
        because = [*node.group_grounds, *self._model.groups.grounds(*node.groups, inward=True)]
        return refuse(f"the security groups of {name} admit nobody from outside", because)
