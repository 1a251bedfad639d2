"""Security groups: every rule of every style of declaring one, as a flat list.

Separate rule resources, rules inline in the group, and what AWS itself puts into the default group of
a VPC that is not managed. A new group has no egress rule: the provider removes the one that AWS creates.
https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from ...graph import UNKNOWN, Graph, Resource, reveal
from ...graph.addresses import ANYWHERE, parse_network
from ...graph.evidence import (
    Evidence,
    get_deployed_inputs,
    get_list,
    make_input_evidence,
    make_reference_evidence,
    make_type_evidence,
    may_reference_any,
)
from ...graph.reading import as_list, describe_range
from ..catalog import types
from .group_keys import GroupKeys, is_unknown, list_unknown_owners
from .prefix_lists import PrefixLists
from .traffic import ALL, PORTS, read_traffic

_DECIDING: Final = {
    **dict.fromkeys(("ipProtocol", "protocol", "fromPort", "toPort", "self"), ()),
    **dict.fromkeys(("cidrIpv4", "cidrIpv6", "cidrBlocks", "ipv6CidrBlocks"), ()),
    **dict.fromkeys(("prefixListId", "prefixListIds"), ()),
    **dict.fromkeys(("referencedSecurityGroupId", "sourceSecurityGroupId"), types.SECURITY_GROUP),
}
"""Inputs of a rule resource that decide on traffic, with the types that they name."""
_PEERS: Final = (
    ("cidrBlocks", "cidr", ()),
    ("ipv6CidrBlocks", "cidr", ()),
    ("prefixListIds", "prefix_list", ()),
    ("securityGroups", "group", types.SECURITY_GROUP),
)
"""Inputs of a rule that name peers, with the argument of AllowRule and the types that they name."""
_SINGULAR: Final = {
    **{"ipProtocol": "protocol", "prefixListId": "prefixListIds"},
    **{"cidrIpv4": "cidrBlocks", "cidrIpv6": "ipv6CidrBlocks"},
}
"""Inputs of rules with one peer, by the inputs of those with several."""
SHELLS: Final = {22: "SSH", 3389: "RDP"}
"""Ports by which people, and not programs, come."""


@dataclass(frozen=True, kw_only=True)
class AllowRule:
    """One peer that one rule admits: a group, an address range, or a prefix list."""

    resource: Resource
    """The resource that declares the rule: a rule resource, or the group that contains it inline."""
    inward: bool
    protocol: str
    """`tcp`, `udp`, `icmp`, or `-1` for all."""
    first: int
    last: int
    group: str = ""
    """Key of the peer's group: its URN, or its id where the graph does not hold it."""
    cidr: str = ""
    prefix_list: str = ""
    """URN or id."""

    @property
    def traffic(self) -> str:
        """`tcp 8080`, `udp 1000-2000`, `every port`, `icmp`."""
        if self.protocol == ALL:
            return "every port"
        if self.protocol.startswith("icmp"):
            return self.protocol
        if (self.first, self.last) == PORTS:
            return f"every {self.protocol} port"
        return f"{self.protocol} {self.first}" + (f"-{self.last}" if self.last != self.first else "")

    @property
    def is_everything(self) -> bool:
        return self.protocol == ALL or (self.first, self.last) == PORTS

    @property
    def is_shell(self) -> bool:
        """Whether it is for a remote shell and nothing else."""
        return self.protocol == "tcp" and self.first == self.last and self.first in SHELLS

    def overlaps(self, other: Self) -> bool:
        """Whether both are about some of the same traffic."""
        return other.protocol == ALL or self.includes(other.protocol, (other.first, other.last))

    def carries(self, protocol: str, port: int | None) -> bool:
        """Whether it is about this traffic; any port of it where `port` is None."""
        return self.includes(protocol, None if port is None else (port, port))

    def includes(self, protocol: str, ports: tuple[int, int] | None) -> bool:
        """Whether it is about some of these ports, first and last; any port where `ports` is None."""
        if self.protocol == ALL:
            return True
        return self.protocol == protocol and (ports is None or (self.first <= ports[1] and ports[0] <= self.last))


class SecurityGroups:
    """All security groups of a graph. A group's key is its URN, or its id where the graph does not hold it."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.keys = GroupKeys(graph)
        self.prefix_lists = PrefixLists(graph)
        self._permits: dict[tuple[str, bool], list[AllowRule]] = defaultdict(list)
        self._declared: dict[str, list[tuple[str, AllowRule]]] = defaultdict(list)
        self._ranges_together: dict[tuple[str, bool, str, int, int], Sequence[str]] = {}
        self._incomplete: set[tuple[str, bool]] = set()
        """Groups with rules that the graph does not hold, by direction."""
        self._of_unknown_groups: set[bool] = set()
        """Directions of rules whose group is not known: each may be of any group."""
        self._has_foreign_rules = False
        """Whether a rule is of a group that the graph does not hold: it may be the default one of any VPC."""
        for group in graph.list_by_type(*types.SECURITY_GROUP):
            self._read_group(group)
        for rule in graph.list_by_type(*types.INGRESS_RULE, *types.EGRESS_RULE):
            self._read_rule(rule)

    def list_ingress(self, *groups: str) -> list[AllowRule]:
        return self.list_rules(*groups, inward=True)

    def list_egress(self, *groups: str) -> list[AllowRule]:
        return self.list_rules(*groups, inward=False)

    def list_rules(self, *groups: str, inward: bool) -> list[AllowRule]:
        rules: list[AllowRule] = []
        for group in groups:
            if "#" in group and (vpc := self.keys.find_resource(group)) is not None:
                rules += _make_default_rules(vpc, group, inward=inward)
            rules += self._permits.get((group, inward), ())
        return rules

    def list_foreign_rules(self) -> Iterator[tuple[str, AllowRule]]:
        """Ingress rules that the program adds to groups which it does not make, each with its group."""
        for (group, inward), rules in self._permits.items():
            holder = self.keys.find_resource(group)
            if inward and not is_unknown(group) and (holder is None or holder.existing):
                yield from ((group, rule) for rule in rules)

    def list_declared(self, resource: Resource) -> list[tuple[str, AllowRule]]:
        """The rules that a resource declares, a rule resource or a group with inline ones, each with its group."""
        return self._declared.get(resource.urn, [])

    def list_combined_ranges(self, group: str, rule: AllowRule) -> Sequence[str]:
        """Address ranges that the rules of a group admit on a port that this rule is about, taken together."""
        key = (group, rule.inward, rule.protocol, rule.first, rule.last)
        if key not in self._ranges_together:
            rules = [other for other in self.list_rules(group, inward=rule.inward) if other.overlaps(rule)]
            self._ranges_together[key] = tuple(other.cidr for other in rules if other.cidr)
        return self._ranges_together[key]

    def can_tell(self, *groups: str, inward: bool) -> bool:
        """Whether the graph holds all rules of the groups in a direction: not of one made elsewhere, for example."""
        declared = {group: self._graph.resources.get(group.partition("#")[0]) for group in groups}
        known = all(group and not group.existing for group in declared.values())
        if inward in self._of_unknown_groups or (self._has_foreign_rules and any("#" in group for group in groups)):
            return False
        return known and not any((group, inward) in self._incomplete for group in groups)

    def list_evidence(self, *groups: str, inward: bool) -> Iterator[Evidence]:
        """Evidence that the rules of these groups are all that there are in a direction."""
        for group in groups:
            holder = self.keys.find_resource(group)
            if holder is None or not self.can_tell(group, inward=inward):
                yield UNKNOWN
                continue
            inline = "ingress" if inward else "egress"
            yield make_type_evidence(holder) if "#" in group else get_list(holder, inline).as_evidence()
            rules = {rule.resource.urn: rule.resource for rule in self._permits.get((group, inward), [])}
            for rule in rules.values():
                peers = ((key, kinds) for key, kinds in _DECIDING.items() if rule is not holder and key in rule.inputs)
                for key, kinds in peers:
                    yield (
                        make_reference_evidence(self._graph, rule, key, types=kinds)
                        if kinds
                        else make_input_evidence(rule, key)
                    )

    def describe_uncertainty(self, groups: Iterable[str]) -> str:
        """The sentence for groups whose rules are not all known."""
        if strange := list_unknown_owners(groups):
            return f"not all security groups of {' and '.join(strange)} are known"
        return f"not all rules of {' and '.join(map(self.keys.name, groups))} are known"

    def name_of(self, permit: AllowRule) -> str:
        """The permit in words: `tcp 8080 from proxy-group`, `tcp 443 to S3`, `every port to 0.0.0.0/0`."""
        peer = describe_range(self._graph, permit.cidr) or (
            self.keys.name(permit.group) if permit.group else self.prefix_lists.name(permit.prefix_list)
        )
        return f"{permit.traffic} {'from' if permit.inward else 'to'} {peer}"

    def _read_group(self, group: Resource) -> None:
        for key in ("ingress", "egress"):
            inline = get_list(group, key)
            if not inline.is_complete:
                self._incomplete.add((group.urn, key == "ingress"))
            for rule in inline.known:
                if isinstance(rule, Mapping):
                    self._add(group.urn, group, rule, key == "ingress")

    def _read_rule(self, rule: Resource) -> None:
        plain = {_SINGULAR.get(key, key): value for key, value in get_deployed_inputs(rule).items()}
        plain["securityGroups"] = list(self.keys.list_keys(rule, "referencedSecurityGroupId"))
        self._add_to_named_groups(rule, plain, rule.type in types.INGRESS_RULE)

    def _add_to_named_groups(self, rule: Resource, plain: Mapping[str, Any], inward: bool) -> None:
        if may_reference_any(self._graph, rule, "securityGroupId", types=types.SECURITY_GROUP):
            self._of_unknown_groups.add(inward)
        for group in self.keys.list_keys(rule, "securityGroupId"):
            self._has_foreign_rules |= not rule.existing and group.partition("#")[0] not in self._graph.resources
            self._add(group, rule, plain, inward)

    def _add(self, group: str, resource: Resource, rule: Mapping[str, Any], inward: bool) -> None:
        protocol, first, last = read_traffic(rule)
        if UNKNOWN in (protocol, first, last):
            self._incomplete.add((group, inward))
            return
        peers = list(self._read_peers(group, resource, rule)) or [{}]
        if any(not peer or not self.prefix_lists.is_aws_owned(peer.get("prefix_list", "")) for peer in peers):
            self._incomplete.add((group, inward))
        permits = [
            AllowRule(resource=resource, inward=inward, protocol=protocol, first=first, last=last, **peer)
            for peer in filter(None, peers)
        ]
        self._permits[group, inward].extend(permits)
        self._declared[resource.urn].extend((group, permit) for permit in permits)

    def _read_peers(self, group: str, resource: Resource, rule: Mapping[str, Any]) -> Iterator[dict[str, str]]:
        """Each peer as arguments of AllowRule; an empty mapping for one that is not known."""
        itself = reveal(rule.get("self"))
        if itself is not None and str(itself).lower() != "false":
            yield {} if itself is UNKNOWN else {"group": group}
        for key, kind, kinds in _PEERS:
            values = as_list(rule.get(key))
            named = list(self._find_dependencies(resource, kinds)) if UNKNOWN in values else []
            yield from ({kind: resource.urn} for resource in named)
            if values.count(UNKNOWN) > len(named):
                yield {}
            written = (str(value) for value in values if value is not UNKNOWN)
            for value in written:
                # The provider refuses text that is no range: the author's intent is not known.
                is_unread = self.prefix_lists.is_made_up(value) or (kind == "cidr" and parse_network(value) is None)
                yield {} if is_unread else {kind: self.keys.find_key(value, kinds)}

    def _find_dependencies(self, resource: Resource, kinds: tuple[str, ...]) -> Iterator[Resource]:
        urns = {urn for edges in resource.property_dependencies.values() for urn in edges}
        named = filter(None, map(self._graph.resources.get, sorted(urns)))
        return (other for other in named if other.type in kinds)


def _make_default_rules(vpc: Resource, group: str, *, inward: bool) -> list[AllowRule]:
    """The rules that AWS puts into a default group: everything from its own members, and everything out.

    https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
    """
    peers = [{"group": group}] if inward else [{"cidr": cidr} for cidr in ANYWHERE]
    first, last = PORTS
    return [AllowRule(resource=vpc, inward=inward, protocol=ALL, first=first, last=last, **peer) for peer in peers]
