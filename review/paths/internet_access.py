"""Whether packets of the internet get as far as a node's security groups: by its addresses, routes and network ACLs."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from ..aws.model.model import AwsModel
from ..aws.network.nodes import Node
from ..aws.network.route import Family
from ..aws.network.security_groups import AllowRule
from ..graph import Resource
from ..graph.addresses import list_public_parts
from ..graph.answers import Answer, Truth, all_of, make_doubt, refuse
from .connections import make_question

_UNROUTED: Final = "no internet gateway is routed to the subnets of {}"
_UNCLEAR: Final = "not all routes of the subnets of {} are known"


class _Attempt(NamedTuple):
    """From an address to a subnet."""

    subnet: Resource
    address: str
    routed: Truth
    """Whether packets leave for it by an internet gateway."""
    admitted: Truth
    """Whether they pass the network ACL."""

    @property
    def passes(self) -> Truth:
        return all_of((self.routed, self.admitted))


class InternetAccess:
    def __init__(self, model: AwsModel) -> None:
        self._model = model

    def from_range(self, node: Node, cidr: str, permit: AllowRule | None) -> Answer:
        """Whether a range of the internet gets as far as the node's groups. `permit` None: any traffic."""
        family, name = Family.from_cidr(cidr), self._model.names.find(node.resource)
        public = node.has_public_address(family)
        if public is False:
            return refuse(f"{name} has no public {family.value} address", node.list_private_evidence(family))
        attempts = [attempt for subnet in node.subnets for attempt in self._list_attempts(subnet, family, cidr, permit)]
        possible = [attempt for attempt in attempts if attempt.passes is not False]
        if attempts and not possible:
            return self._refuse(node, attempts, family, permit)
        uncertainties = [] if public else [f"whether {name} has a public address"]
        if possible:
            # The addresses for which the least is unknown.
            best = min(possible, key=lambda attempt: (attempt.routed, attempt.admitted).count(None))
            dropped = self._model.acls.describe_dropped_ports(best.subnet, make_question(best.address, permit))
            if best.routed is None:
                uncertainties.append(f"whether an internet gateway is routed to the subnets of {name}")
            if best.admitted is None:
                uncertainties.append(f"the network ACL of the subnets of {name}{dropped}")
        elif node.may_be_in_unread_subnet:
            uncertainties.append(_UNCLEAR.format(name))
        return make_doubt(*uncertainties)

    def _refuse(self, node: Node, attempts: list[_Attempt], family: Family, permit: AllowRule | None) -> Answer:
        """No: by the network ACLs if they refuse routed packets as well, else by the routes."""
        name, acls = self._model.names.find(node.resource), self._model.acls
        is_routed = any(attempt.routed is not False for attempt in attempts)
        because = [*node.subnet_evidence]
        for subnet in node.subnets:
            by_acl = {at.address: is_routed and at.admitted is False for at in attempts if at.subnet is subnet}
            if questions := [make_question(address, permit) for address, is_refused in by_acl.items() if is_refused]:
                because += acls.list_evidence(subnet, *questions)
            for address in [address for address, is_refused in by_acl.items() if not is_refused]:
                because += self._model.network.list_evidence_without_gateway(subnet, family, address)
        names = sorted({acl.name for acl in map(acls.find_acl, node.subnets) if acl is not None})
        reason = f"network ACL {' and '.join(names)}" if is_routed else _UNROUTED.format(name)
        return refuse(reason, because, _UNCLEAR.format(name))

    def _list_attempts(
        self, subnet: Resource, family: Family, cidr: str, permit: AllowRule | None
    ) -> Iterator[_Attempt]:
        """An address of each part of a range."""
        routes = self._model.network.list_routes(self._model.network.find_table(subnet))
        for address in list_public_parts(
            cidr, [*(route.destination for route in routes), *self._model.acls.list_ranges(subnet)]
        ):
            routed = self._model.network.is_public(subnet, family, address, cidr)
            yield _Attempt(
                subnet, address, routed, self._model.acls.admits_traffic(subnet, make_question(address, permit))
            )

    def find_obstacle(self, node: Node) -> Answer:
        """Why nobody on the internet reaches the node."""
        name = self._model.names.find(node.resource)
        public = [family for family in Family if node.has_public_address(family) is not False]
        if not public:
            return refuse(f"{name} has no public address", node.list_private_evidence(*Family))
        because = [*node.subnet_evidence]
        for family in Family:
            if {self._model.network.is_public(subnet, family) for subnet in node.subnets} == {False}:
                for subnet in node.subnets:
                    because += self._model.network.list_evidence_without_gateway(subnet, family)
            elif family in public:
                break
            else:
                because += node.list_private_evidence(family)
        else:
            return refuse(_UNROUTED.format(name), because)
        closed = self._model.nodes.list_rule_evidence(node, inward=True)
        return refuse(f"the security groups of {name} admit nobody from outside", closed)
