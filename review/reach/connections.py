"""Can one thing open a connection to another? Security groups on both sides, network ACLs, and the VPC between.

Network ACLs know no connections, so the answer's way back (an ephemeral port) is checked as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ..aws import types
from ..aws.network_acls import EPHEMERAL, PORTS, NetworkAcls, Question, Traffic
from ..aws.nodes import Node, Nodes
from ..aws.routes import Routing
from ..aws.security_groups import ALL, AllowRule, SecurityGroups
from ..graph import Resource
from ..graph.addresses import ANYWHERE, covers, is_private, public_parts
from ..graph.answers import YES, Answer, Answered, doubted, in_a_row, refuse
from ..graph.given import Ground, by_type, given, named
from .path import Hop


@dataclass(frozen=True, kw_only=True)
class Edge(Answered):
    """One connection, with the hop to print."""

    hop: Hop
    called: Resource


@dataclass(frozen=True, kw_only=True)
class Side(Answered):
    """The decision of one end's groups, with the permit that lets pass."""

    permit: AllowRule | None = None
    rule: str = ""


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
        acl = self._by_acl(caller, called, port, protocol)
        rule = ", ".join(rule for rule in (out.rule, into.rule) if rule)
        hop = Hop(permit.resource if permit else None, traffic, rule)
        answer = in_a_row(out.answer, into.answer, self._apart(caller, called), acl)
        return Edge(hop=hop, called=called.resource, answer=answer)

    def passed_on(self, balancer: Node, client: Client, called: Node, port: int | None, protocol: str) -> Edge:
        """A connection by a balancer that keeps the client's address, which the target's groups and ACL then see.

        Rules that name the balancer's groups admit it as well.
        https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html
        """
        out = self.leaves(balancer, called, port, protocol)
        peers = (balancer, *([client.node] if client.node else []))
        into = self._decided(
            called, port, protocol, lambda permit: self._admits_client(permit, balancer, client), peers
        )
        asked = protocol, *(PORTS if port is None else (port, port))
        questions = [
            (subnet, _both_ways(cidr, *asked, inward=True))
            for subnet in called.subnets
            for cidr in _addresses(client, self._acls.ranges(subnet))
        ]
        answers = {self._acls.admits(subnet, question) for subnet, question in questions}
        acl: Answer = YES
        if answers and True not in answers:
            reason = f"the network ACL of {' and '.join(subnet.name for subnet in called.subnets)}"
            because = [one for subnet, question in questions for one in self._acls.grounds(subnet, question)]
            acl = refuse(reason, because, reason) if answers == {False} else doubted(reason)
        rule = ", ".join(rule for rule in (out.rule, into.rule) if rule)
        permit = into.permit or out.permit
        hop = Hop(permit.resource if permit else None, f"{protocol} {port}" if port is not None else protocol, rule)
        answer = in_a_row(out.answer, into.answer, self._apart(balancer, called), acl)
        return Edge(hop=hop, called=called.resource, answer=answer)

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
            (),
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
            name = node.resource.name
            return Side() if inward else Side(answer=refuse(f"{name} is in no network", no_network(node.resource)))
        return self._decided(node, port, protocol, lambda permit: self._matches(permit, peer), (peer,), inward=inward)

    def _decided(
        self,
        node: Node,
        port: int | None,
        protocol: str,
        matches: Callable[[AllowRule], bool | None],
        peers: tuple[Node, ...],
        *,
        inward: bool = True,
    ) -> Side:
        """The decision of a node's groups on traffic to or from a peer that `matches` compares with a rule."""
        if any(not interface.filtered for interface in node.interfaces):
            return Side(rule=f"no security group on {node.resource.name}")
        permits = [permit for permit in self._permits(node, inward=inward) if permit.carries(protocol, port)]
        traffic = f"{protocol} {port}" if port is not None else protocol
        because = [one for peer in peers for one in self._peer(peer, permits)]
        return self._verdict(node, [(permit, matches(permit)) for permit in permits], traffic, inward, because)

    def _peer(self, peer: Node, permits: list[AllowRule]) -> Iterator[Ground]:
        """Grounds for the statement that a peer matches none of these rules: its groups, and its addresses."""
        if any(permit.group for permit in permits):
            yield from peer.grouped
        if any(not permit.group for permit in permits):
            own = [one for interface in peer.interfaces if interface.addresses for one in interface.addressed]
            yield from own or (*peer.placed, *(given(subnet, "cidrBlock").ground() for subnet in peer.subnets))

    def _verdict(
        self,
        node: Node,
        answers: list[tuple[AllowRule, bool | None]],
        traffic: str,
        inward: bool,
        peers: Iterable[Ground],
    ) -> Side:
        """The narrowest permit that matches; else whether one might."""
        names = " and ".join(self._groups.name(group) for group in node.groups) or "no group that is known"
        if matching := [permit for permit, answer in answers if answer]:
            best = min(matching, key=_breadth)
            return Side(permit=best, rule=f"{best.resource.name} ({self._groups.name_of(best)})")
        if possible := [permit for permit, answer in answers if answer is None]:
            name = possible[0].resource.name
            return Side(permit=possible[0], rule=name, answer=doubted(f"whether {name} applies"))
        verb = "admits no" if inward else "lets out no"
        reason = f"{names} {verb} {traffic} {'from there' if inward else 'to there'}"
        known = bool(node.groups) and self._groups.can_tell(*node.groups, inward=inward)
        because = (*node.grouped, *self._groups.grounds(*node.groups, inward=inward), *peers)
        return Side(answer=refuse(reason, because, "" if known else f"not all rules of {names} are known"))

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
        """None for a group outside the graph, since the owner of the address may be in it."""
        if cidr is not None and permit.group and self._groups.resource(permit.group) is None:
            return None
        return True if cidr is None else _in_range(self._ranges(permit), [cidr])

    def _ranges(self, permit: AllowRule) -> list[str]:
        return [permit.cidr] if permit.cidr else self._groups.prefix_list_cidrs(permit.prefix_list)

    def _apart(self, caller: Node, called: Node) -> Answer:
        ours, theirs = self._nodes.vpcs(caller), self._nodes.vpcs(called)
        if (
            not ours
            or not theirs
            or caller.elsewhere
            or called.elsewhere
            or {vpc.urn for vpc in ours} & {vpc.urn for vpc in theirs}
        ):
            return YES
        if any(map(self._network.is_joined, ours)):
            return YES
        subnets = (*caller.subnets, *called.subnets)
        homes = (named(self._network.graph, subnet, "vpcId", types=types.VPC).ground() for subnet in subnets)
        reason = f"{caller.resource.name} and {called.resource.name} are in different VPCs"
        return refuse(reason, (*homes, *caller.placed, *called.placed))

    def _by_acl(self, caller: Node, called: Node, port: int | None, protocol: str) -> Answer:
        """The network ACL between two nodes that refuses the connection, or that may refuse it."""
        refused: list[str] = []
        because: list[Ground] = [*caller.placed, *called.placed]
        doubts, passing = [], False
        for here in caller.subnets:
            for there in called.subnets:
                asked = [] if here is there else list(self._acls_between(here, there, port, protocol))
                answers = [(one, self._acls.admits(one, question), question) for one, question in asked]
                closed = [acl.name for one, answer, _ in answers if answer is False and (acl := self._acls.of(one))]
                open_ended = [one.name for one, answer, _ in answers if answer is None]
                refused += [f"network ACL {name}" for name in closed]
                refusing = ((one, question) for one, answer, question in answers if answer is False)
                because += [ground for one, question in [*refusing][:1] for ground in self._acls.grounds(one, question)]
                doubts += [f"the network ACL of {name}" for name in open_ended if not closed]
                passing = passing or not (closed or open_ended)
        # One pair of subnets is enough for a connection; from the others it fails.
        if refused and (passing or doubts or caller.elsewhere or called.elsewhere):
            return doubted(f"{refused[0]} refuses it between some of the subnets")
        return (
            refuse(refused[0], because, f"whether {refused[0]} refuses it")
            if refused
            else doubted(*([] if passing else doubts[:1]))
        )

    def _acls_between(
        self, here: Resource, there: Resource, port: int | None, protocol: str
    ) -> Iterator[tuple[Resource, Question]]:
        """The questions to both subnets' ACLs, in the family of the subnets' first ranges."""
        from_here, to_there = self._network.cidrs(here)[:1], self._network.cidrs(there)[:1]
        if from_here and to_there:
            ports = PORTS if port is None else (port, port)
            yield here, _both_ways(to_there[0], protocol, *ports, inward=False)
            yield there, _both_ways(from_here[0], protocol, *ports, inward=True)


def no_network(resource: Resource) -> tuple[Ground, ...]:
    """Grounds for the statement that a resource has no interface in a VPC."""
    keys = {**dict.fromkeys(types.FUNCTION, "vpcConfig"), **dict.fromkeys(types.SERVICE, "networkConfiguration")}
    return (given(resource, keys[resource.type]).ground() if resource.type in keys else by_type(resource),)


def asked_by(cidr: str, permit: AllowRule | None) -> Question:
    """Traffic to check against a network ACL, for a range that a rule allows: inbound, and the response outbound."""
    protocol, ports = ("tcp", PORTS) if permit is None else (permit.protocol, (permit.first, permit.last))
    return _both_ways(cidr, protocol, *ports, inward=True)


def _both_ways(cidr: str, protocol: str, first: int, last: int, *, inward: bool) -> Question:
    """A connection and its answers, as an ACL sees them."""
    there = Traffic(cidr=cidr, protocol=protocol, first=first, last=last)
    back = Traffic(cidr=cidr, protocol=protocol, first=EPHEMERAL[0], last=EPHEMERAL[1])
    return (there, inward), (back, not inward)


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
