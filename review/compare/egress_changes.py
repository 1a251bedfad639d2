"""Effects of a change on egress, read off the default routes and gateway endpoints before and after.

A route that stays the same resource gets its new target in place, after the engine has created the target. So an
interruption depends only on the targets: a NAT gateway works from the start, an instance after its boot.
"""

import enum
from collections.abc import Collection, Iterator
from typing import Final

from ..aws.catalog import types
from ..aws.network.endpoints import spelled
from ..aws.network.nodes import Node
from ..aws.network.route import Family, Gateway, Route
from ..graph import Resource
from ..graph.addresses import ANYWHERE, covers, share
from ..graph.answers import No
from ..graph.given import held
from ..graph.graph import grouped
from ..graph.prose import listed
from ..reach import Reach
from ..reach.outbound import ANY_IPV4, is_by_endpoint
from ..reach.path import Ports, all_among
from .engine.side import key_of, lasting

_ELSEWHERE: Final = (Gateway.PEERING, Gateway.OTHER)
_ADDRESSES: Final = {Gateway.INTERNET: "only from public addresses", Gateway.EGRESS_ONLY: "from their own addresses"}
"""Addresses of packets behind gateways that have none of their own."""


class Impact(enum.IntEnum):
    """From the least to the worst."""

    CONNECTIONS = 1  # open connections end, new ones work at once
    BOOT = 2  # nothing passes until a NAT instance has booted
    LOSS = 3  # destinations that only the old way reached stay out of reach
    NETWORK = 4  # another network stays out of reach


def egress_changes(before: Reach, after: Reach, replaced: Collection[str]) -> list[tuple[Impact, str]]:
    """Effects on the subnets that are in both, the gravest first. `replaced` are URNs of the second graph."""
    borne = grouped(
        ((effect, text), user)
        for old, new in lasting(before.model.graph, after.model.graph, *types.SUBNET)
        if new.urn not in replaced
        for effect, text, family in _of_subnet((before, old), (after, new), replaced)
        for user in _users(before, old, effect, family)
        # Paths have what no longer gets out.
        if effect is not Impact.CONNECTIONS or user in _users(after, new, effect, family)
    )
    cuts = [(effect, text.format(listed(dict.fromkeys(users)))) for (effect, text), users in borne.items()]
    return sorted(cuts, key=lambda cut: -cut[0])


def other_networks(before: Reach, after: Reach, replaced: Collection[str]) -> Iterator[str]:
    """Other networks that subnets get a route to, or lose it, each with those whom they may call by it."""
    borne = grouped(
        (network, user)
        for old, new in lasting(before.model.graph, after.model.graph, *types.SUBNET)
        if new.urn not in replaced
        for network in sorted({*dict(_routes(after, new))} ^ {*dict(_routes(before, old))})
        for user in _users(after, new, Impact.NETWORK)
    )
    yield from (f"{network} → {listed(dict.fromkeys(users))}" for network, users in borne.items())


def to_others(before: Reach, after: Reach, which: str) -> Iterator[tuple[str, str]]:
    """Traffic to groups that the graph does not hold, which only the first state lets out, or perhaps both."""
    (had, _), (has, unsure) = (_let_out(reach) for reach in (before, after))
    lasting = {after.model.names.of(resource) for resource in after.model.graph}
    for (who, peer), rules in had.items():
        passes = [*has.get((who, peer), {}), *(ports for to in ANYWHERE for ports in has.get((who, to), {}))]
        for ports, words in rules.items() if who in lasting and peer not in ANYWHERE else ():
            if not all_among([ports], passes):
                yield "unjudged" if who in unsure else which, f"{who} → {words} → {peer}"


def in_some_subnets(before: Reach, after: Reach) -> Iterator[tuple[str, str]]:
    """What copies in one subnet no longer reach, and those in others do: of all together, paths have what they lose."""
    for old, new in _machines(before, after):
        if not (copies := [*new.apart()]):
            continue
        all_reach = _reached(after, new)
        were = {key_of(home.urn): node for home, node in old.apart()}
        for home, node in copies:
            had, has = _reached(before, were.get(key_of(home.urn), old)), _reached(after, node)
            for to in (to for to in all_reach if to in had and to not in has):
                # By a name that is an endpoint's, calls go nowhere else.
                door = all_reach[to]
                if door is None or held(door, "privateDnsEnabled") is True or ANY_IPV4 not in has:
                    yield "revoked", f"{after.model.names.of(new.resource)} in {home.name} → {to}"


def without_address(before: Reach, after: Reach) -> Iterator[str]:
    """Machines that lose their public address, where it is not known whether their subnets have another way out."""
    for old, new in _machines(before, after):
        loses = old.has_public_address(Family.IPV4) is not False and new.has_public_address(Family.IPV4) is False
        if loses and new.interfaces and (doubt := after.outbound.way_out(new, Family.IPV4).uncertainty):
            yield f"whether {after.model.names.of(new.resource)} still gets out, now without a public address: {doubt}"


def _machines(before: Reach, after: Reach) -> Iterator[tuple[Node, Node]]:
    """Machines that are in both."""
    both = lasting(before.model.graph, after.model.graph, *types.COMPUTE, *types.STARTER)
    return ((before.model.nodes.of(old), after.model.nodes.of(new)) for old, new in both)


def _reached(reach: Reach, node: Node) -> dict[str, Resource | None]:
    """Services and addresses outside a network to which there is a way, each with its endpoint."""
    ways = (way for way in reach.outbound.paths(node) if way.open and not is_by_endpoint(way))
    doors = reach.outbound.gateway_endpoints(node).items()
    by_route = {spelled(service): door for service, (door, answer) in doors if not isinstance(answer, No)}
    return {**{way.target: None for way in ways}, **by_route, **reach.outbound.endpoints(node)}


def _let_out(reach: Reach) -> tuple[dict[tuple[str, str], dict[Ports, str]], set[str]]:
    """Traffic in words by who is in a group, and by its peer: another stack's group, or every address.

    And those with rules that are not known, or of ranges, in which another stack's group may be.
    """
    groups, traffic, unsure = reach.model.groups, dict[tuple[str, str], dict[Ports, str]](), set[str]()
    for holder in reach.model.graph.of_type(*types.SECURITY_GROUP, *types.EGRESS_RULE, *types.CLASSIC_RULE):
        for group, rule in groups.declared_by(holder):
            peer = groups.keys.resource(rule.group) if rule.group else None
            for who in () if rule.inward else _members(reach, group):
                if rule.cidr in ANYWHERE or (rule.group and (peer is None or peer.existing)):
                    at = traffic.setdefault((who, rule.cidr or groups.keys.name(rule.group)), {})
                    at[Ports(*rule.ports)] = rule.traffic
                elif not rule.group:
                    unsure.add(who)
    blurred = (security_group.urn for security_group in reach.model.graph.of_type(*types.SECURITY_GROUP))
    unsure |= {who for group in blurred if not groups.can_tell(group, inward=False) for who in _members(reach, group)}
    return traffic, unsure


def _members(reach: Reach, group: str) -> list[str]:
    names = [reach.model.names.of(node.resource) for node in reach.model.nodes.in_group(group)]
    return names or [reach.model.groups.keys.name(group)]


def _routes(reach: Reach, subnet: Resource) -> Iterator[tuple[str, str]]:
    """Other networks that a subnet has routes to, in words and as ranges, without default routes: `_way` has them."""
    network = reach.model.network
    for one in network.routes(network.table(subnet)):
        if one.gateway in _ELSEWHERE and one.destination not in [family.anywhere for family in Family]:
            text = one.destination or "a range that is not known"
            yield f"{text} through {reach.model.names.of(one.target)}" if one.target else text, one.destination or ""


def _users(reach: Reach, subnet: Resource, effect: Impact, family: Family | None = None) -> list[str]:
    """Names of what gets out of a subnet; the subnet's own if the graph does not know what is in its VPC."""
    model, vpc = reach.model, reach.model.network.vpc(subnet)
    compute = [node for node in model.nodes.compute() if node.subnets and not node.forwards]
    placed = [node for node in compute if vpc is None or vpc in model.nodes.vpcs(node)]
    inside = [node for node in placed if subnet in node.subnets]
    if effect is Impact.LOSS:
        inside = []  # paths of machines have what they lose
    elif family is not None:
        inside = [node for node in inside if any(way.open for way in reach.outbound.paths(node))]
        inside = [node for node in inside if reach.outbound.ways.from_subnet(node, subnet, family).open]
    names = [model.names.of(node.resource) for node in inside]
    return names if names or (placed and effect is not Impact.NETWORK) else [subnet.name]


def _of_subnet(
    before: tuple[Reach, Resource], after: tuple[Reach, Resource], replaced: Collection[str]
) -> Iterator[tuple[Impact, str, Family | None]]:
    """Effects on one subnet, or on its calls in one family. Texts have `{}` where the names of who bears them go."""
    ways = {family: _way(*after, family) for family in Family}
    for family, becomes in ways.items():
        was = _way(*before, family)
        if was is not None and becomes is None:
            yield Impact.LOSS, f"{{}} can no longer reach anything on the internet over {family.value}", None
        elif was is not None and becomes is not None:
            yield from ((*moved, family) for moved in _moved(family, was, becomes, before[0], after[0], replaced))
    lost = before[0].outbound.services_on(before[1]) - after[0].outbound.services_on(after[1])
    services, others = listed(sorted(lost)), [(family, way) for family, way in ways.items() if way is not None]
    if lost and not others:
        yield Impact.LOSS, f"{{}} can no longer reach {services}: the endpoint is deleted", None
    for family, way in others[:1] if lost else ():
        through = after[0].model.names.of(way.target) if way.target else way.gateway.value
        paid = ", which AWS bills by the GB" if way.gateway is Gateway.NAT else ""
        said = f"connections of {{}} to {services} that were open are cut; new ones pass, through {through}{paid}"
        yield Impact.CONNECTIONS, said, family
    had, has = (dict(_routes(*pair)) for pair in (before, after))
    for text in sorted(had.keys() - has.keys()):
        parts = [part for part in has.values() if part and had[text] and covers(had[text], part) is not False]
        if share(parts, had[text]) != 1:
            left = f", but for {listed(sorted(parts))}" if parts else ""
            yield Impact.NETWORK, f"{{}} can no longer reach {text}{left}", None


def _moved(
    family: Family, was: Route, becomes: Route, before: Reach, after: Reach, replaced: Collection[str]
) -> Iterator[tuple[Impact, str]]:
    """The effect of another target of a default route."""
    other = becomes.target
    keys = [key_of(route.target.urn) if route.target else route.gateway for route in (was, becomes)]
    moved = keys[0] != keys[1] or (other is not None and other.urn in replaced)
    machine = after.model.nodes.attachments.instance_of(other) if other else None
    lasting = {key_of(resource.urn) for resource in before.model.graph}
    if machine is not None and (machine.urn in replaced or (moved and key_of(machine.urn) not in lasting)):
        hint = ", unless the NAT gateway is kept until then" if was.gateway is Gateway.NAT else ""
        yield Impact.BOOT, f"nothing leaves {{}} over {family.value} until {machine.name} has booted{hint}"
    elif moved:
        through = after.model.names.of(other) if other else becomes.gateway.value
        had, has = (_fixed_addresses(*pair) for pair in ((before, was.target), (after, other)))
        own = "from its address" if had == has != set() and has.isdisjoint(replaced) else "from another address"
        passes = f"new ones pass, through {through} and {_ADDRESSES.get(becomes.gateway, own)}"
        passes = f"whether new ones pass, through {through}, is not known" if becomes.gateway in _ELSEWHERE else passes
        yield Impact.CONNECTIONS, f"connections of {{}} over {family.value} that were open are cut; {passes}"


def _fixed_addresses(reach: Reach, target: Resource | None) -> set[str]:
    """URNs of the addresses that a gateway or a machine sends from, as far as the program holds them."""
    if target is None:
        return set()
    links = (link for link in reach.model.graph.of_type(*types.ADDRESS_ASSOCIATION) if target.urn in link.dependencies)
    named = {*target.dependencies}.union(*(link.dependencies for link in links))
    addresses = reach.model.graph.of_type(*types.ADDRESS)
    return {address.urn for address in addresses if address.urn in named or target.urn in address.dependencies}


def _way(reach: Reach, subnet: Resource, family: Family) -> Route | None:
    """The default route, where it gets anywhere."""
    route = reach.model.network.way_out(subnet, family)
    return None if route is None or reach.outbound.ways.obstacle(route, family) else route
