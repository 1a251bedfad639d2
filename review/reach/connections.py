"""Can one thing open a connection to another? Security groups on both sides, network ACLs, and the VPC between.

Network ACLs know no connections, so the answer's way back (an ephemeral port) is checked as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..aws.network_acls import EPHEMERAL, PORTS, NetworkAcls, Traffic
from ..aws.nodes import Node, Nodes
from ..aws.routes import Routing
from ..aws.security_groups import ALL, AllowRule, SecurityGroups
from ..graph import Resource
from ..graph.addresses import ANYWHERE, covers, is_private, public_parts
from .path import Hop


@dataclass(frozen=True)
class Edge:
    """One connection: the hop to print, and what stops it or leaves it open to uncertainty."""

    hop: Hop
    called: Resource
    blocked_by: str = ""
    uncertainty: str = ""

    @property
    def is_open(self) -> bool:
        return not self.blocked_by


@dataclass(frozen=True)
class Side:
    """The decision of one end's groups: the permit that lets pass, or why not."""

    permit: AllowRule | None = None
    rule: str = ""
    blocked_by: str = ""
    uncertainty: str = ""


@dataclass(frozen=True)
class Client:
    """The sender whose address a network load balancer passes on: its ranges, and its node if it is in the graph."""

    ranges: tuple[str, ...]
    node: Node | None = None


class Connections:
    """Answers for any two nodes of a graph."""

    def __init__(self, groups: SecurityGroups, network: Routing, acls: NetworkAcls, nodes: Nodes) -> None:
        self._groups = groups
        self._network = network
        self._acls = acls
        self._nodes = nodes

    def between(self, caller: Node, called: Node, port: int | None, protocol: str = "tcp") -> Edge:
        """Whether `caller` can open a connection to `called` on `port` (any, where it is None)."""
        out = self.leaves(caller, called, port, protocol)
        into = self.enters(called, caller, port, protocol)
        permit = into.permit or out.permit
        traffic = f"{protocol} {port}" if port is not None else permit.traffic if permit else protocol
        blocked = out.blocked_by or into.blocked_by or self._apart(caller, called)
        refused, doubt = self._by_acl(caller, called, port, protocol)
        blocked = blocked or refused
        uncertainties = [uncertainty for uncertainty in (out.uncertainty, into.uncertainty, doubt) if uncertainty]
        rule = ", ".join(rule for rule in (out.rule, into.rule) if rule)
        hop = Hop(permit.resource if permit else None, traffic, rule)
        return Edge(hop, called.resource, blocked, "; ".join(uncertainties))

    def passed_on(self, balancer: Node, client: Client, called: Node, port: int | None, protocol: str) -> Edge:
        """A connection by a balancer that keeps the client's address, which the target's groups and ACL then see.

        Rules that name the balancer's groups admit it as well.
        https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html
        """
        out = self.leaves(balancer, called, port, protocol)
        into = self._decided(called, port, protocol, lambda permit: self._admits_client(permit, balancer, client))
        asked = protocol, *(PORTS if port is None else (port, port))
        answers = {
            self._acls.admits(subnet, *_both_ways(cidr, *asked, inward=True))
            for subnet in called.subnets
            for cidr in _addresses(client, self._acls.ranges(subnet))
        }
        names = " and ".join(subnet.name for subnet in called.subnets)
        refused = f"the network ACL of {names}" if answers == {False} else ""
        doubt = f"the network ACL of {names}" if answers and True not in answers and not refused else ""
        blocked = out.blocked_by or into.blocked_by or self._apart(balancer, called) or refused
        rule = ", ".join(rule for rule in (out.rule, into.rule) if rule)
        permit = into.permit or out.permit
        hop = Hop(permit.resource if permit else None, f"{protocol} {port}" if port is not None else protocol, rule)
        return Edge(hop, called.resource, blocked, "; ".join(filter(None, (out.uncertainty, into.uncertainty, doubt))))

    def _admits_client(self, permit: AllowRule, balancer: Node, client: Client) -> bool | None:
        if permit.group in balancer.groups:
            return True
        if client.node is not None:
            return self._matches(permit, client.node)
        ranges = self._ranges(permit)
        answers = {_in_range(ranges, [address]) for address in _addresses(client, ranges)}
        return False if permit.group or answers <= {False} else True if answers == {True} else None

    def client(self, node: Node) -> Client:
        """A node of the graph as a client."""
        return Client(tuple(self.addresses(node)), node)

    def leaves(self, caller: Node, called: Node, port: int | None, protocol: str = "tcp") -> Side:
        """The decision of the caller's own groups."""
        return self._side(caller, called, port, protocol, inward=False)

    def enters(self, called: Node, caller: Node, port: int | None, protocol: str = "tcp") -> Side:
        """The decision of the called one's groups."""
        return self._side(called, caller, port, protocol, inward=True)

    def leaves_for(self, caller: Node, cidr: str | None, port: int, protocol: str = "tcp") -> Side:
        """The decision of the caller's groups on a connection to an address range, or somewhere by name (None)."""
        permits = [permit for permit in self._permits(caller, inward=False) if permit.carries(protocol, port)]
        return self._verdict(
            caller,
            [(permit, self._reaches(permit, cidr)) for permit in permits],
            f"{protocol} {port}",
            False,
        )

    def admitted(self, node: Node) -> Iterator[AllowRule]:
        """Every peer that the groups of a node let in."""
        yield from self._permits(node, inward=True)

    def addresses(self, node: Node) -> list[str]:
        """Its private addresses where the program gives them, else the ranges of its subnets."""
        own = [address for interface in node.interfaces for address in interface.addresses]
        return own or [cidr for subnet in node.subnets for cidr in self._network.cidrs(subnet)]

    def _side(self, node: Node, peer: Node, port: int | None, protocol: str, *, inward: bool) -> Side:
        if not node.interfaces:
            return Side() if inward else Side(blocked_by=f"{node.resource.name} is in no network")
        return self._decided(node, port, protocol, lambda permit: self._matches(permit, peer), inward=inward)

    def _decided(
        self,
        node: Node,
        port: int | None,
        protocol: str,
        matches: Callable[[AllowRule], bool | None],
        *,
        inward: bool = True,
    ) -> Side:
        """The decision of a node's groups on traffic to or from a peer that `matches` compares with a rule."""
        if any(not interface.filtered for interface in node.interfaces):
            return Side(rule=f"no security group on {node.resource.name}")
        permits = [permit for permit in self._permits(node, inward=inward) if permit.carries(protocol, port)]
        traffic = f"{protocol} {port}" if port is not None else protocol
        return self._verdict(node, [(permit, matches(permit)) for permit in permits], traffic, inward)

    def _verdict(self, node: Node, answers: list[tuple[AllowRule, bool | None]], traffic: str, inward: bool) -> Side:
        """The narrowest permit that matches; else whether one might."""
        names = " and ".join(self._groups.name(group) for group in node.groups) or "no group that is known"
        if matching := [permit for permit, answer in answers if answer]:
            best = min(matching, key=_breadth)
            return Side(best, f"{best.resource.name} ({self._groups.name_of(best)})")
        if possible := [permit for permit, answer in answers if answer is None]:
            return Side(
                possible[0], possible[0].resource.name, uncertainty=f"whether {possible[0].resource.name} applies"
            )
        if not node.groups or not self._groups.can_tell(*node.groups, inward=inward):
            return Side(uncertainty=f"not all rules of {names} are known")
        verb = "admits no" if inward else "lets out no"
        return Side(blocked_by=f"{names} {verb} {traffic} {'from there' if inward else 'to there'}")

    def _permits(self, node: Node, *, inward: bool) -> Iterator[AllowRule]:
        for group in node.groups:
            yield from self._groups.ingress(group) if inward else self._groups.egress(group)

    def _matches(self, permit: AllowRule, peer: Node) -> bool | None:
        if permit.group:
            return permit.group in peer.groups
        ranges = self._ranges(permit)
        if any(range_ in ANYWHERE for range_ in ranges):
            return True
        if not (addresses := self.addresses(peer)):
            return None if permit.cidr else False
        return _in_range(ranges, addresses)

    def _reaches(self, permit: AllowRule, cidr: str | None) -> bool | None:
        """None for a group outside the graph, which whatever has the address may be in."""
        if cidr is not None and permit.group and self._groups.resource(permit.group) is None:
            return None
        return True if cidr is None else _in_range(self._ranges(permit), [cidr])

    def _ranges(self, permit: AllowRule) -> list[str]:
        return [permit.cidr] if permit.cidr else self._groups.prefix_list_cidrs(permit.prefix_list)

    def _apart(self, caller: Node, called: Node) -> str:
        ours, theirs = self._nodes.vpcs(caller), self._nodes.vpcs(called)
        if (
            not ours
            or not theirs
            or caller.elsewhere
            or called.elsewhere
            or {vpc.urn for vpc in ours} & {vpc.urn for vpc in theirs}
        ):
            return ""
        if any(map(self._network.is_joined, ours)):
            return ""
        return f"{caller.resource.name} and {called.resource.name} are in different VPCs"

    def _by_acl(self, caller: Node, called: Node, port: int | None, protocol: str) -> tuple[str, str]:
        """The network ACL between two nodes that refuses the connection, or that may refuse it."""
        refused, doubts, passing = [], [], False
        for here in caller.subnets:
            for there in called.subnets:
                answers = [] if here is there else list(self._acls_between(here, there, port, protocol))
                closed = [acl.name for one, answer in answers if answer is False and (acl := self._acls.of(one))]
                open_ended = [one.name for one, answer in answers if answer is None]
                refused += [f"network ACL {name}" for name in closed]
                doubts += [f"the network ACL of {name}" for name in open_ended if not closed]
                passing = passing or not (closed or open_ended)
        # One pair of subnets is enough for a connection; from the others it fails.
        if refused and (passing or doubts or caller.elsewhere or called.elsewhere):
            return "", f"{refused[0]} refuses it between some of the subnets"
        return next(iter(refused), ""), "" if passing else next(iter(doubts), "")

    def _acls_between(
        self, here: Resource, there: Resource, port: int | None, protocol: str
    ) -> Iterator[tuple[Resource, bool | None]]:
        """The answers of both subnets' ACLs, in the family of the subnets' first ranges."""
        from_here, to_there = self._network.cidrs(here)[:1], self._network.cidrs(there)[:1]
        if from_here and to_there:
            ports = PORTS if port is None else (port, port)
            yield here, self._acls.admits(here, *_both_ways(to_there[0], protocol, *ports, inward=False))
            yield there, self._acls.admits(there, *_both_ways(from_here[0], protocol, *ports, inward=True))

    def acl_admits(self, subnet: Resource, cidr: str, permit: AllowRule | None) -> bool | None:
        """Whether the subnet's network ACL lets in any traffic from a range that a rule allows, and the answer out."""
        protocol, ports = ("tcp", PORTS) if permit is None else (permit.protocol, (permit.first, permit.last))
        return self._acls.admits(subnet, *_both_ways(cidr, protocol, *ports, inward=True))


def _both_ways(cidr: str, protocol: str, first: int, last: int, *, inward: bool) -> list[tuple[Traffic, bool]]:
    """A connection and its answers, as an ACL sees them."""
    there = Traffic(cidr=cidr, protocol=protocol, first=first, last=last)
    back = Traffic(cidr=cidr, protocol=protocol, first=EPHEMERAL[0], last=EPHEMERAL[1])
    return [(there, inward), (back, not inward)]


def _addresses(client: Client, cuts: list[str]) -> list[str]:
    """Ranges of a client, those of the internet without private addresses: one for each part into which others cut."""
    return [one for cidr in client.ranges for one in ([cidr] if is_private(cidr) else public_parts(cidr, cuts))]


def _in_range(ranges: list[str], addresses: list[str]) -> bool | None:
    answers = [covers(range_, address) for range_ in ranges for address in addresses]
    if True in answers:
        return True
    return None if None in answers else False


def _breadth(permit: AllowRule) -> tuple[bool, bool, int]:
    return (permit.protocol == ALL, permit.cidr in ANYWHERE, permit.last - permit.first)
