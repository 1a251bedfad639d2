"""Network ACLs: the numbered lists of a subnet, first match wins, and what none matches is refused.

https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..graph import Graph, Resource
from ..graph.addresses import covers
from ..graph.reading import items, number, peek, pointed, text
from . import types

_PROTOCOLS: Final = {"6": "tcp", "17": "udp", "1": "icmp", "all": "-1"}


@dataclass(frozen=True, kw_only=True)
class _Line:
    number: float
    inward: bool
    allow: bool
    protocol: str
    cidrs: tuple[str, ...]
    first: float
    last: float

    def applies(self, cidr: str, protocol: str, port: int | None) -> bool:
        if self.protocol != "-1" and self.protocol != protocol:
            return False
        if self.protocol != "-1" and port is not None and not self.first <= port <= self.last:
            return False
        return any(covers(range_, cidr) for range_ in self.cidrs)


class NetworkAcls:
    """The network ACLs that a graph declares. A subnet without one has AWS's default one, which admits everything."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._of_subnet: dict[str, Resource] = {}
        self._lines: dict[str, list[_Line]] = defaultdict(list)
        for acl in graph.of_type(*types.NETWORK_ACL):
            self._read(acl)
        for association in graph.of_type(*types.NETWORK_ACL_ASSOCIATION):
            for acl in pointed(graph, association, "networkAclId", types=types.NETWORK_ACL):
                self._join(association, "subnetId", acl)
        for rule in graph.of_type(*types.NETWORK_ACL_RULE):
            for acl in pointed(graph, rule, "networkAclId", types=types.NETWORK_ACL):
                inward = peek(rule, "egress") is not True
                self._lines[acl.urn].append(_line(rule.inputs, inward, "ruleNumber", "ruleAction"))
        for lines in self._lines.values():
            lines.sort(key=lambda line: line.number)

    def of(self, subnet: Resource) -> Resource | None:
        """The ACL of a subnet, if the graph declares it."""
        return self._of_subnet.get(subnet.urn)

    def admits(self, subnet: Resource, cidr: str, protocol: str, port: int | None, *, inward: bool) -> bool:
        """Whether traffic from (`inward`) or to `cidr` passes."""
        acl = self.of(subnet)
        if acl is None:
            return True
        lines = (line for line in self._lines[acl.urn] if line.inward is inward)
        return next((line.allow for line in lines if line.applies(cidr, protocol, port)), False)

    def _read(self, acl: Resource) -> None:
        self._join(acl, "subnetIds", acl)
        self._lines[acl.urn].extend(_inline(acl))

    def _join(self, resource: Resource, key: str, acl: Resource) -> None:
        for subnet in pointed(self._graph, resource, key, types=types.SUBNET):
            self._of_subnet[subnet.urn] = acl


def _inline(acl: Resource) -> Iterator[_Line]:
    for key in ("ingress", "egress"):
        for entry in items(peek(acl, key)):
            if isinstance(entry, Mapping):
                yield _line(entry, key == "ingress", "ruleNo", "action")


def _line(entry: Mapping[str, Any], inward: bool, key: str, action: str) -> _Line:
    protocol = text(entry.get("protocol")).lower()
    return _Line(
        number=number(entry.get(key)) or 0.0,
        inward=inward,
        allow=text(entry.get(action)).lower() == "allow",
        protocol=_PROTOCOLS.get(protocol, protocol),
        cidrs=tuple(cidr for key in ("cidrBlock", "ipv6CidrBlock") if (cidr := text(entry.get(key)))),
        first=number(entry.get("fromPort")) or 0.0,
        last=number(entry.get("toPort")) or 0.0,
    )
