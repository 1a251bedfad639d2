"""Can one thing open a connection to another? Security groups on both sides, network ACLs, and the VPC between.

Network ACLs know no connections, so the answer's way back (an ephemeral port) is checked as well.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..aws.catalog import types
from ..aws.model.model import AwsModel
from ..aws.network.network_acls import EPHEMERAL, Question, Traffic
from ..aws.network.nodes import Node
from ..aws.network.security_groups import AllowRule
from ..aws.network.traffic import ALL, PORTS
from ..graph import Resource
from ..graph.addresses import ANYWHERE, covers, is_private, list_public_parts, list_starts
from ..graph.answers import YES, Answer, Answered, Truth, any_of, combine_answers, make_doubt, rank, refuse
from ..graph.evidence import Evidence, list_references, make_input_evidence, make_type_evidence
from .path import Edge, Hop

Match = Callable[[AllowRule], Truth]
Answers = list[tuple[AllowRule, Truth]]
"""Rules, each with whether a peer matches it."""


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
    def __init__(self, model: AwsModel) -> None:
        self._groups, self._network, self._acls, self._nodes = model.groups, model.network, model.acls, model.nodes

    def name_rule(self, rule: AllowRule) -> str:
        """A rule as hops name it."""
        return f"{rule.resource.name} ({self._groups.name_of(rule)})"

    def connect(self, caller: Node, called: Node, port: int | None, protocol: str = "tcp") -> Edge:
        """Whether `caller` can open a connection to `called` on `port` (any, where it is None)."""
        into = self.decide(called, caller, port, protocol, inward=True)
        return self._make_edge(caller, called, port, protocol, into, self._check_acls(caller, called, port, protocol))

    def pass_on(self, balancer: Node, client: Client, called: Node, port: int | None, protocol: str) -> Edge:
        """A connection by a balancer that keeps the client's address, which the target's groups and ACL then see.

        Rules that name the balancer's groups admit it as well.
        https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html
        """
        peers = (balancer, *([client.node] if client.node else []))
        into = self._decide_by_groups(
            called, port, protocol, lambda rule: self._admits_client(rule, balancer, client), peers
        )
        questions = [
            (subnet, _make_two_way_question(cidr, protocol, port, inward=True))
            for subnet in called.subnets
            for cidr in _list_addresses(client, self._acls.list_ranges(subnet))
            or list_starts(ANYWHERE[0], self._acls.list_ranges(subnet))
        ]
        answers = {self._acls.admits_traffic(subnet, question) for subnet, question in questions}
        acl: Answer = YES
        # Of known ranges an address that passes is enough; an unknown one may be in any part.
        if answers and not (True in answers if client.ranges else answers == {True}):
            reason = f"the network ACL of {' and '.join(subnet.name for subnet in called.subnets)}"
            because = [item for subnet, question in questions for item in self._acls.list_evidence(subnet, question)]
            about = next(iter(self._describe_acl(subnet, (question,)) for subnet, question in questions), reason)
            acl = refuse(reason, because, reason) if answers == {False} else make_doubt(about)
        return self._make_edge(balancer, called, port, protocol, into, acl)

    def _make_edge(self, caller: Node, called: Node, port: int | None, protocol: str, into: Side, acl: Answer) -> Edge:
        """The connection, if the caller's groups and the network between them let it pass as well."""
        out = self.decide(caller, called, port, protocol, inward=False)
        permit = into.permit or out.permit
        traffic = permit.traffic if permit and port is None else _format_traffic(protocol, port)
        hop = Hop(permit.resource if permit else None, traffic, ", ".join(filter(None, (out.rule, into.rule))))
        answer = combine_answers(out.answer, into.answer, self._check_vpcs(caller, called), acl)
        return Edge(hop=hop, called=called.resource, answer=answer)

    def _admits_client(self, permit: AllowRule, balancer: Node, client: Client) -> Truth:
        if permit.group in balancer.groups:
            return True
        if client.node is not None:
            return self._matches(permit, client.node)
        answers = {covers(permit.cidr, address) for address in _list_addresses(client, [permit.cidr])}
        return False if permit.group or answers <= {False} else True if answers == {True} else None

    def leaves_for(self, caller: Node, cidr: str | None, port: int) -> Side:
        """The decision of the caller's groups on a TCP connection to an address range, or somewhere by name (None)."""
        permits = [permit for permit in self._groups.list_egress(*caller.groups) if permit.carries("tcp", port)]
        answers = [(permit, self._reaches(permit, cidr)) for permit in permits]
        return self._decide_by_answers(caller, answers, _format_traffic("tcp", port), False, ())

    def leaves_subnets(self, subnets: Sequence[Resource], cidr: str, port: int | None) -> Answer:
        """Whether the network ACL of one of the subnets lets connections out to public addresses of a range."""
        answers = [self._leaves_subnet(subnet, cidr, port) for subnet in subnets]
        return min(answers, key=rank, default=YES)

    def _leaves_subnet(self, subnet: Resource, cidr: str, port: int | None) -> Answer:
        acl = self._acls.find_acl(subnet)
        parts = list_public_parts(cidr, self._acls.list_ranges(subnet))
        questions = [_make_two_way_question(address, "tcp", port, inward=False) for address in parts]
        answers = {self._acls.admits_traffic(subnet, question) for question in questions}
        if True in answers:
            return YES
        if None in answers or acl is None:
            return make_doubt(f"whether the network ACL of {subnet.name} lets it out")
        away = {self._acls.admits_traffic(subnet, question[:1]) for question in questions}
        lets = "no answers in (ports 1024 to 65535)" if True in away else "nothing out"
        return refuse(f"network ACL {acl.name} lets {lets}", self._acls.list_evidence(subnet, *questions))

    def list_addresses(self, node: Node) -> list[str]:
        """Its private addresses where the program gives them, else the ranges of its subnets."""
        own = [address for interface in node.interfaces for address in interface.addresses]
        return own or [cidr for subnet in node.subnets for cidr in self._network.list_cidrs(subnet)]

    def decide(self, node: Node, peer: Node, port: int | None, protocol: str, *, inward: bool) -> Side:
        if not node.interfaces:
            own = node.resource
            key = "vpcConfig" if own.type in types.FUNCTION else "networkConfiguration"
            because = (
                make_input_evidence(own, key)
                if own.type in (*types.FUNCTION, *types.SERVICE)
                else make_type_evidence(own)
            )
            return Side() if inward else Side(answer=refuse(f"{own.name} is in no network", [because]))
        return self._decide_by_groups(
            node, port, protocol, lambda permit: self._matches(permit, peer), (peer,), inward=inward
        )

    def _decide_by_groups(
        self, node: Node, port: int | None, protocol: str, matches: Match, peers: tuple[Node, ...], inward: bool = True
    ) -> Side:
        """The decision of a node's groups on traffic to or from a peer that `matches` compares with a rule."""
        if not node.filtered:
            return Side(rule=f"no security group on {node.resource.name}")
        permits = [
            permit for permit in self._groups.list_rules(*node.groups, inward=inward) if permit.carries(protocol, port)
        ]
        because = [item for peer in peers for item in self._list_peer_evidence(peer, permits)]
        answers = [(permit, matches(permit)) for permit in permits]
        return self._decide_by_answers(node, answers, _format_traffic(protocol, port), inward, because)

    def _list_peer_evidence(self, peer: Node, permits: list[AllowRule]) -> Iterator[Evidence]:
        """Evidence that a peer matches none of these rules: its groups, and its addresses."""
        if any(permit.group for permit in permits):
            yield from peer.group_evidence
        if any(not permit.group for permit in permits):
            own = [item for interface in peer.interfaces if interface.addresses for item in interface.address_evidence]
            yield from own or (
                *peer.subnet_evidence,
                *(make_input_evidence(subnet, "cidrBlock") for subnet in peer.subnets),
            )

    def _decide_by_answers(
        self, node: Node, answers: Answers, traffic: str, inward: bool, peers: Iterable[Evidence]
    ) -> Side:
        """The narrowest permit that matches; else whether one might."""
        names = " and ".join(map(self._groups.keys.name, node.groups))
        if matching := [permit for permit, answer in answers if answer]:
            best = min(matching, key=lambda rule: (rule.protocol == ALL, rule.cidr in ANYWHERE, rule.last - rule.first))
            return Side(permit=best, rule=self.name_rule(best))
        if possible := [permit for permit, answer in answers if answer is None]:
            name = possible[0].resource.name
            return Side(permit=possible[0], rule=name, answer=make_doubt(f"whether {name} applies"))
        verb = "admits no" if inward else "lets out no"
        reason = f"{names} {verb} {traffic} {'from there' if inward else 'to there'}"
        known = self._groups.can_tell(*node.groups, inward=inward)
        because = (*self._nodes.list_rule_evidence(node, inward=inward), *peers)
        return Side(answer=refuse(reason, because, "" if known else self._groups.describe_uncertainty(node.groups)))

    def _matches(self, permit: AllowRule, peer: Node) -> Truth:
        if permit.group:
            return permit.group in peer.groups
        if permit.cidr in ANYWHERE:
            return True
        if not (addresses := self.list_addresses(peer)):
            return None if permit.cidr else False
        return any_of(covers(permit.cidr, address) for address in addresses)

    def _reaches(self, permit: AllowRule, cidr: str | None) -> Truth:
        """None for a group of which a machine that the graph does not have, or not the address of, may be a member."""
        if cidr is None:
            return True
        if not permit.group:
            return covers(permit.cidr, cidr)
        if self._groups.keys.find_resource(permit.group) is None:
            return None
        for member in self._nodes.list_in_group(permit.group):
            addresses = self.list_addresses(member)
            if not addresses or any(covers(address, cidr) is not False for address in addresses):
                return None
        return False

    def _check_acls(self, caller: Node, called: Node, port: int | None, protocol: str) -> Answer:
        """The network ACL between two nodes that refuses the connection, or that may refuse it."""
        refused: list[str] = []
        because: list[Evidence] = [*caller.subnet_evidence, *called.subnet_evidence]
        uncertainties: list[str] = []
        passing = False
        for here, there in itertools.product(caller.subnets, called.subnets):
            refusing, unclear = [], []
            for subnet, questions in [] if here is there else self._list_acl_questions(here, there, port, protocol):
                answers = {self._acls.admits_traffic(subnet, question) for question in questions}
                if answers == {False}:
                    refusing.append((subnet, questions))
                elif answers != {True}:
                    unclear.append(self._describe_acl(subnet, questions))
            if refusing:
                acls = [self._acls.find_acl(subnet) for subnet, _ in refusing]
                refused += [f"network ACL {acl.name}" for acl in acls if acl is not None]
                because += self._acls.list_evidence(refusing[0][0], *refusing[0][1])
            uncertainties += [] if refusing else unclear
            passing = passing or not (refusing or unclear)
        # One pair of subnets is enough for a connection.
        if refused and (passing or uncertainties or caller.may_be_in_unread_subnet or called.may_be_in_unread_subnet):
            return make_doubt(f"{refused[0]} refuses it between some of the subnets")
        if refused:
            return refuse(refused[0], because, f"whether {refused[0]} refuses it")
        return make_doubt(*uncertainties[:1])

    def _check_vpcs(self, caller: Node, called: Node) -> Answer:
        """Whether packets get from one node's VPC to the other's, and back."""
        ours, theirs = self._nodes.list_vpcs(caller), self._nodes.list_vpcs(called)
        known = ours and theirs and not (caller.may_be_in_unread_subnet or called.may_be_in_unread_subnet)
        if not known or any(vpc in theirs for vpc in ours):
            return YES
        names, network = f"{caller.resource.name} and {called.resource.name}", self._network
        for here, there in itertools.product(caller.subnets, called.subnets):
            if network.may_lead_to_subnet(here, there) or network.may_lead_to_subnet(there, here):
                return make_doubt(f"whether the VPCs of {names} are joined")
        subnets = (*caller.subnets, *called.subnets)
        evidence = [
            list_references(network.graph, subnet, "vpcId", types=types.VPC).as_evidence() for subnet in subnets
        ]
        evidence += [*map(make_type_evidence, (*ours, *theirs)), *caller.subnet_evidence, *called.subnet_evidence]
        for subnet in subnets:
            evidence += network.list_table_evidence(subnet)
        return refuse(f"{names} are in different VPCs, and no route leads from one to the other", evidence)

    def _describe_acl(self, subnet: Resource, questions: Iterable[Question]) -> str:
        """What is uncertain about a subnet's ACL, with the ports to which it drops answers."""
        dropped = (text for question in questions if (text := self._acls.describe_dropped_ports(subnet, question)))
        return f"the network ACL of {subnet.name}{next(dropped, '')}"

    def _list_acl_questions(
        self, here: Resource, there: Resource, port: int | None, protocol: str
    ) -> Iterator[tuple[Resource, list[Question]]]:
        """The questions to both subnets' ACLs about the other's first range, or about each that it may have."""
        for own, other, inward in ((here, there, False), (there, here, True)):
            ranges = self._network.list_cidrs(other)[:1] or list_starts(ANYWHERE[0], self._acls.list_ranges(own))
            yield own, [_make_two_way_question(cidr, protocol, port, inward=inward) for cidr in ranges]


def make_question(cidr: str, permit: AllowRule | None) -> Question:
    """Traffic to check against a network ACL, for a range that a rule allows: inbound, and the response outbound."""
    every = Traffic(cidr=cidr)
    part = every if permit is None else replace(every, protocol=permit.protocol, first=permit.first, last=permit.last)
    return _add_answers(part, inward=True)


def _make_two_way_question(cidr: str, protocol: str, port: int | None, *, inward: bool) -> Question:
    """A connection to a port, or to any, and its answers."""
    first, last = PORTS if port is None else (port, port)
    return _add_answers(Traffic(cidr=cidr, protocol=protocol, first=first, last=last), inward=inward)


def _add_answers(there: Traffic, *, inward: bool) -> Question:
    """A connection and its answers, as an ACL sees them."""
    return (there, inward), (replace(there, first=EPHEMERAL[0], last=EPHEMERAL[1]), not inward)


def _format_traffic(protocol: str, port: int | None) -> str:
    """`tcp 443`, or `tcp` for any port."""
    return protocol if port is None else f"{protocol} {port}"


def _list_addresses(client: Client, cuts: list[str]) -> list[str]:
    """Ranges of a client, those of the internet without private addresses: one for each part into which others cut."""
    return [
        address for cidr in client.ranges for address in ([cidr] if is_private(cidr) else list_public_parts(cidr, cuts))
    ]
