"""Network ACLs: the numbered lists of a subnet, first match wins, and traffic that no line matches is refused.

https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
"""

import functools
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ...graph import UNKNOWN, Graph, Resource, reveal
from ...graph.addresses import covers, list_starts, parse_network
from ...graph.answers import Truth, all_of, any_of
from ...graph.evidence import (
    Evidence,
    get_list,
    is_declared,
    list_references,
    make_type_evidence,
)
from ...graph.reading import as_list, as_number, as_text
from ..catalog import types
from .traffic import ALL, PORTS, normalize_protocol

# Ports of callers, to which responses are sent. AWS advises to allow all of these.
# https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports
EPHEMERAL: Final = (1024, 65535)
_WITH_PORTS: Final = ("tcp", "udp")
_ANY: Final = ("tcp", "udp", "icmp", "other")
"""Protocols that are checked for a rule about all protocols."""


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """Packets of one connection attempt, seen from the subnet: the peer's addresses, a protocol, and ports."""

    cidr: str
    protocol: str = "tcp"
    """`-1` for any."""
    first: int = PORTS[0]
    last: int = PORTS[1]


Question = tuple[tuple[Traffic, bool], ...]
"""Traffic of one peer, each with its direction: from the peer (True) or to it (False).

The first is the request, of which any port is enough. The others are answers, which go to any of the ports.
"""


@dataclass(frozen=True, kw_only=True)
class _Line:
    number: float
    inward: bool
    allow: bool
    protocol: str
    cidrs: tuple[str, ...]
    first: float
    last: float
    known: bool = True
    """False if a part of it is not known: it may match any traffic, and allow or refuse it."""

    def matches(self, address: str, protocol: str, port: float) -> bool:
        if self.protocol not in (ALL, protocol):
            return False
        if self.protocol in _WITH_PORTS and not self.first <= port <= self.last:
            return False
        return any(covers(range_, address) for range_ in self.cidrs)


class NetworkAcls:
    """The network ACLs of a graph. A subnet without one has AWS's default one, which admits everything."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._of_subnet: dict[str, tuple[Resource | None, tuple[Evidence, ...]]] = {}
        """The ACL of each subnet, None for an ACL outside the graph, with the evidence."""
        self._has_acl_of_unknown_subnet = False
        """Whether an ACL is given to a subnet that does not resolve: it may be any."""
        self._lines: dict[str, list[_Line]] = defaultdict(list)
        for acl in graph.list_by_type(*types.NETWORK_ACL):
            self._give_to_subnets(acl, "subnetIds", acl)
            self._lines[acl.urn].extend(_read_inline(acl))
        for lines in self._lines.values():
            lines.sort(key=lambda line: line.number)

    def find_acl(self, subnet: Resource) -> Resource | None:
        """The ACL of a subnet, if the graph declares it."""
        return self._of_subnet[subnet.urn][0] if subnet.urn in self._of_subnet else None

    def list_ranges(self, subnet: Resource) -> list[str]:
        acl = self.find_acl(subnet)
        return [] if acl is None else [cidr for line in self._lines[acl.urn] for cidr in line.cidrs]

    def admits_traffic(self, subnet: Resource, question: Question) -> Truth:
        """Whether a packet passes in each direction, at one address and in one protocol. None if not known."""
        acl, joined = self.find_acl(subnet), subnet.urn in self._of_subnet
        # An association may give the subnet another ACL, or one that this graph does not hold.
        if (self._has_acl_of_unknown_subnet and not joined) or (acl is None and joined):
            return None
        return True if acl is None else self._decide_once(acl.urn, question)

    def describe_dropped_ports(self, subnet: Resource, question: Question) -> str:
        """The ports to which responses are dropped, as the end of a sentence. Empty if that is not uncertain."""
        acl, (request, _) = self.find_acl(subnet), question[0]
        if acl is None:
            return ""
        for answer, inward in question[1:]:
            passes = _decide_by_port(
                self._lines[acl.urn], answer, inward, request.cidr.partition("/")[0], answer.protocol
            )
            ends = [*(port - 1 for port in [*passes][1:]), answer.last]
            parts = zip(passes.items(), ends, strict=True)
            shut = [f"{first:g}-{last:g}" for (first, goes), last in parts if goes is False]
            if shut and None not in passes.values():
                return f", by which answers to ports {', '.join(shut)} are dropped"
        return ""

    def list_passing_ports(self, subnet: Resource, question: Question) -> set[tuple[str, int, int]] | None:
        """Protocols with the first and last of the ports that pass. None if all do, none do, or it is not known."""
        acl = self.find_acl(subnet)
        if acl is None or self.admits_traffic(subnet, question) is not True:
            return None
        (traffic, inward), *answers = question
        lines = self._lines[acl.urn]
        cuts = {edge for line in lines for edge in (line.first, line.last + 1) if traffic.first < edge <= traffic.last}
        edges = sorted({traffic.first, *map(int, cuts), traffic.last + 1})
        ports, shut = set(), False
        for protocol in _ANY[:2] if traffic.protocol == ALL else [traffic.protocol]:
            for first, last in itertools.pairwise(edges):
                part = replace(traffic, protocol=protocol, first=first, last=last - 1)
                back = ((replace(packet, protocol=protocol), there) for packet, there in answers)
                passes = _decide(lines, ((part, inward), *back))
                if passes is None:
                    return None
                shut = shut or not passes
                if passes:
                    ports.add((protocol, first, last - 1))
        return _merge_ranges(ports) if shut else None

    def list_evidence(self, subnet: Resource, *questions: Question) -> tuple[Evidence, ...]:
        """Evidence that `admits_traffic` is no for all of these: the lines that decide it."""
        acl = self.find_acl(subnet)
        if acl is None or (self._has_acl_of_unknown_subnet and subnet.urn not in self._of_subnet):
            return (UNKNOWN,)
        home = list_references(self._graph, subnet, "vpcId", types=types.VPC).as_evidence()
        _, because = self._of_subnet.get(subnet.urn, (acl, (home,)))
        return (*because, *self._list_needed_evidence(acl.urn, questions))

    @functools.cache  # noqa: B019 # lives as long as its model
    def _list_needed_evidence(self, acl: str, questions: tuple[Question, ...]) -> tuple[Evidence, ...]:
        """The lists of lines that the answer needs: if one were not known, it would be another."""
        holder, lines = self._graph.resources[acl], self._lines[acl]
        evidence: list[Evidence] = [make_type_evidence(holder)]
        for key in ("ingress", "egress"):
            other_direction = [line for line in lines if line.inward is not (key == "ingress")]
            partly_known = [_read_line({}, key == "ingress", declared=False), *other_direction]
            if all(_decide(partly_known, question) is False for question in questions):
                lines = partly_known
            else:
                evidence.append(get_list(holder, key).as_evidence())
        return tuple(evidence)

    @functools.cache  # noqa: B019 # lives as long as its model
    def _decide_once(self, acl: str, question: Question) -> Truth:
        return _decide(self._lines[acl], question)

    def _give_to_subnets(self, resource: Resource, key: str, acl: Resource | None, *because: Evidence) -> None:
        subnets = list_references(self._graph, resource, key, types=types.SUBNET)
        self._of_subnet |= {subnet.urn: (acl, (subnets.as_evidence(), *because)) for subnet in subnets.known}
        self._has_acl_of_unknown_subnet |= not (resource.existing or subnets.is_complete)


def _decide(lines: list[_Line], question: Question) -> Truth:
    """Whether a packet passes for each of the questions, at one address and in one protocol. None if not known."""
    request = question[0][0]
    addresses = list_starts(request.cidr, [cidr for line in lines for cidr in line.cidrs])
    every_protocol = sorted({*_ANY, *(line.protocol for line in lines)} - {ALL})
    protocols = every_protocol if request.protocol == ALL else [request.protocol]
    peers = itertools.product(addresses, protocols)
    return any_of(_decide_for_peer(lines, question, address, protocol) for address, protocol in peers)


def _decide_for_peer(lines: list[_Line], question: Question, address: str, protocol: str) -> Truth:
    (request, inward), *responses = question
    passing = [any_of(_decide_by_port(lines, request, inward, address, protocol).values())]
    for response, back in responses:
        passing.append(_merge_if_alike(_decide_by_port(lines, response, back, address, protocol).values()))
    return all_of(passing)


def _merge_if_alike(passes: Iterable[Truth]) -> Truth:
    """Whether all ports pass, or none; None for a part of them: it depends on the port that the caller has."""
    answers = set(passes)
    return answers.pop() if len(answers) == 1 else None


def _decide_by_port(
    lines: list[_Line], traffic: Traffic, inward: bool, address: str, protocol: str
) -> dict[float, Truth]:
    """Whether the ports from each of these on pass, by the first line that matches."""
    same_direction = [line for line in lines if line.inward is inward]
    cuts = {edge for line in same_direction for edge in (line.first, line.last + 1)}
    ports = sorted({traffic.first, *(cut for cut in cuts if traffic.first < cut <= traffic.last)})
    return {port: _apply_first_match(same_direction, address, protocol, port) for port in ports}


def _merge_ranges(ranges: set[tuple[str, int, int]]) -> set[tuple[str, int, int]]:
    """Neighbouring ranges of ports as one."""
    joined: list[tuple[str, int, int]] = []
    for protocol, first, last in sorted(ranges):
        if joined and joined[-1][0] == protocol and joined[-1][2] + 1 == first:
            first = joined.pop()[1]
        joined.append((protocol, first, last))
    return set(joined)


def _apply_first_match(lines: list[_Line], address: str, protocol: str, port: float) -> Truth:
    for line in lines:
        if not line.known:
            return None
        if line.matches(address, protocol, port):
            return line.allow
    return False


def _read_inline(acl: Resource) -> Iterator[_Line]:
    for key in ("ingress", "egress"):
        for entry in as_list(acl.inputs.get(key)):
            if isinstance(entry, Mapping):
                yield _read_line(entry, key == "ingress", declared=is_declared(acl, key))
        if not get_list(acl, key).is_complete:
            yield _read_line({}, key == "ingress", declared=False)


def _is_unread(field: str, value: Any) -> bool:
    return value is UNKNOWN or ("idr" in field and bool(as_text(value)) and parse_network(as_text(value)) is None)


def _read_line(entry: Mapping[str, Any], inward: bool, *, declared: bool) -> _Line:
    fields = ("ruleNo", "action", "protocol", "cidrBlock", "ipv6CidrBlock", "fromPort", "toPort")
    return _Line(
        number=as_number(entry.get("ruleNo")) or 0.0,
        inward=inward,
        allow=as_text(entry.get("action")).lower() == "allow",
        protocol=normalize_protocol(reveal(entry.get("protocol"))),
        cidrs=tuple(cidr for key in ("cidrBlock", "ipv6CidrBlock") if (cidr := as_text(entry.get(key)))),
        first=as_number(entry.get("fromPort")) or 0.0,
        last=as_number(entry.get("toPort")) or 0.0,
        known=declared and not any(_is_unread(field, reveal(entry.get(field))) for field in fields),
    )
