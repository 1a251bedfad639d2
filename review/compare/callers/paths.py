"""The callers of paths as sets: addresses, traffic, and what they need on the way. More addresses admit more callers,
and fewer demands do; a path that others cover brings no callers, and its end shuts none out."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import NamedTuple

from ...aws.catalog import types
from ...aws.gateway.matching import match
from ...graph.addresses import ANYWHERE, network, share, without
from ...graph.prose import few
from ...reach.components import NOTHING
from ...reach.exposure import JOINED, UNKNOWN_RULES
from ...reach.other_accounts import EVERY, OTHER_ACCOUNTS
from ...reach.path import INTERNET, Hop, Kind, Path, Ports
from ..engine.side import Side, key_of
from .demands import sampled
from .other_demands import POLICIES

_Call = tuple[str, str]  # the key of an API, and a call of it


@dataclass(frozen=True)
class Lane:
    """A path as far as callers can tell it from others."""

    place: tuple[str, ...]
    """The kind of the path, its target, the first thing that callers reach, and whether that is the target."""
    source: str
    ranges: tuple[str, ...]  # the addresses of the source; empty if it has a name instead
    ports: Ports | None
    asks: frozenset[tuple[str, str]]
    way: Path
    traced: bool = True  # whether it has all that callers need, and not an API, whose calls are compared one by one

    @property
    def key(self) -> tuple[object, ...]:
        return (self.place, self.source, self.ports, self.asks)

    @property
    def exactly(self) -> tuple[object, str]:
        """The key, with what is in doubt."""
        return self.key, self.way.uncertainty

    def covered(self, others: Collection["Lane"]) -> bool:
        """Whether each caller of this one is a caller of others."""
        # Accounts and ranges that a policy names are compared with it, statement by statement.
        last = self.way.hops[-1].resource if is_by_statement(self.way) else None
        if last is not None and (last.type in types.PERMISSION or {*POLICIES} & last.inputs.keys()):
            return True
        rivals = self._rivals(others)
        return all(self._has(part, rivals) for part in _parts(self.ports, rivals))

    def left_out(self, others: Collection["Lane"]) -> list[str]:
        """The traffic, or else the addresses, that others lack, if they have a part of it."""
        rivals = self._rivals(others)
        parts = _parts(self.ports, rivals)
        lacking = [part for part in parts if not self._has(part, rivals)]
        if len(lacking) < len(parts):
            return [*map(str, lacking)]
        theirs = [] if self.source.endswith(JOINED) else _ranges(_for(self.ports, rivals))
        beside = [cidr for own in self.ranges for cidr in without(own, theirs)]
        if {*beside} == {*self.ranges}:
            return []
        return beside if len(beside) <= len(theirs) else [f"others than {few(theirs)}"]

    def _rivals(self, others: Collection["Lane"]) -> list["Lane"]:
        # A rule for every address admits the neighbours, and strangers only where there is a way from the internet.
        rivals = [rival for rival in others if rival.place == self.place and rival.outside is self.outside]
        return [rival for rival in rivals if rival.asks <= self.asks]

    def _has(self, part: Ports | None, rivals: Sequence["Lane"]) -> bool:
        beside = _for(part, rivals)
        named = not (self.outside and self.ranges)
        if named and any(lane.source in (self.source, self.source + JOINED) for lane in beside):
            return True
        if self.source.startswith(OTHER_ACCOUNTS) and any(lane.source == OTHER_ACCOUNTS + EVERY for lane in beside):
            return True
        theirs = _ranges(beside)
        # Those who join a VPC have ranges of their own.
        alone = not self.ranges or self.source.endswith(JOINED)
        return not alone and all(share(theirs, cidr) == 1 for cidr in self.ranges)

    def is_doubt_of(self, others: Collection["Lane"]) -> bool:
        """Whether its callers got to the target, or anywhere by the same entrance, and it is not known any more."""
        same = [lane for lane in others if lane.source == self.source and lane.asks <= self.asks]
        named = [lane for lane in others if lane.source.startswith(OTHER_ACCOUNTS)]  # by a policy that is not known now
        at = [lane for lane in (*same, *named) if lane.place[:2] == self.place[:2]]
        at = [lane for lane in at if lane in named or not lane.way.uncertainty]
        entered = [lane for lane in same if lane.place[2:] == self.place[2:] != () and lane.place[1] != self.place[1]]
        return bool(self.way.uncertainty and (at or entered))

    @property
    def outside(self) -> bool:
        return INTERNET in self.source


def by_anyone(way: Path) -> bool:
    asks_nothing = is_by_policy(way) or all(ask.startswith("guests of ") for _, ask in way.asks)
    return way.source == INTERNET and asks_nothing and not (way.uncertainty or any(map(_demands, way.hops)))


def _takes_unseen_calls(hop: Hop) -> bool:
    """Whether it is an API that another process makes, whose calls are known by its component alone."""
    return bool(hop.calls and hop.resource and hop.resource.remote)


def _demands(hop: Hop) -> list[str]:
    """What such an API requires of its callers."""
    asked = hop.label.partition(", ")[2] if _takes_unseen_calls(hop) else NOTHING
    return [] if asked.endswith(NOTHING) else asked.split(", ")


def is_by_policy(way: Path) -> bool:
    """Whether a policy lets anyone do what it names."""
    return any(ask.startswith("anyone may ") for _, ask in way.asks)


def is_by_statement(way: Path) -> bool:
    """Whether a statement of a policy names its callers, by account or by range."""
    return way.source.startswith(OTHER_ACCOUNTS) or any(ask.startswith("may ") for _, ask in way.asks)


def _for(traffic: Ports | None, lanes: Iterable[Lane]) -> list[Lane]:
    return [lane for lane in lanes if lane.ports is None or traffic is None or lane.ports.cover(traffic)]


def _ranges(lanes: Iterable[Lane]) -> list[str]:
    """The addresses of lanes. Others of its subnets are not let in with a machine."""
    return [cidr for lane in lanes if lane.way.origin is None for cidr in lane.ranges]


def _parts(ports: Ports | None, others: Iterable[Lane]) -> list[Ports | None]:
    """A range of ports, cut where those of others begin or end."""
    if ports is None:
        return [None]
    same = [lane.ports for lane in others if lane.ports is not None and lane.ports.protocol == ports.protocol]
    edges = {ports.first, *(at for one in same for at in (one.first, one.last + 1) if ports.first < at <= ports.last)}
    starts = sorted(edges)
    ends = [*(at - 1 for at in starts[1:]), ports.last]
    return [ports._replace(first=first, last=last) for first, last in zip(starts, ends, strict=True)]


def ends_at_balancer(way: Path) -> bool:
    """Whether a load balancer answers by itself, so that no caller reaches the program."""
    last = way.hops[-1].resource if way.hops and way.backend is None else None
    return last is not None and last.type in types.LOAD_BALANCER and way.hops[-1].name == way.target


def ways_of(side: Side, other: Side) -> Iterator[Path]:
    """The paths of a state, with those of neighbours to machines that are a backend only in the other state."""
    # Once requests end at one machine, the reach leaves out the neighbours of others: they are there all the same.
    yield from side.reach.paths
    theirs = {key_of(urn) for urn in other.reach.backends} - {key_of(urn) for urn in side.reach.backends}
    for node in side.reach.model.nodes.compute():
        if key_of(node.resource.urn) in theirs and node.resource.type not in types.FUNCTION and not node.forwards:
            yield from side.reach.neighbours(node)


def lanes(side: Side, other: Side, lasting: Collection[str], names: Mapping[str, str]) -> list[Lane]:
    """Open paths to the program. `names` has the names before of resources that an alias renames.

    The calls of an API that another process makes are those of this state and the other. Of another API it is the API
    and a target that both states have: its calls are compared by what they need.
    """
    every: list[Lane] = []
    mine, theirs = (calls_of(state.reach.paths) for state in (side, other))
    for way in ways_of(side, other):
        if not way.open or way.kind is Kind.OUTBOUND or ends_at_balancer(way):
            continue
        backend = key_of(way.backend.urn) if way.backend else way.target
        if any(hop.resource and hop.resource.type in types.APIS for hop in way.hops):
            if backend in lasting:
                ranges = way.hops[0].ranges if INTERNET not in way.source else ()
                every.append(Lane((way.kind.value, backend), way.source, ranges, None, frozenset(), way, traced=False))
            continue
        if any(map(_takes_unseen_calls, way.hops)):
            every += _by_call(way, mine, mine | theirs, names)
            continue
        same = way.renamed(names)
        # SSH to a rule for port 22 is the way of people in, and to a rule for more ports it is traffic like any other.
        kind = Kind.INBOUND if way.kind is Kind.PEOPLE and way.ports is not None else way.kind
        # A load balancer may have the name of what is behind it, and a distribution that of a policy.
        named = ((hop.name, hop.resource) for hop in same.hops if hop.name)
        entrances = ((name, part.type if part and part is not way.backend else "") for name, part in named)
        place = (kind.value, same.end_point, *next(entrances, ()))
        # What a policy lets anyone do is compared with it, statement by statement.
        asks = frozenset[tuple[str, str]]() if is_by_policy(way) else way.asks
        every.append(Lane(place, same.source, ranges_of(way, side), way.ports, asks, way))
    return every


def by_unknown_rules(way: Path) -> bool:
    """Whether it is in doubt since a group has rules that the graph does not hold, which may let anything in."""
    return any(hop.label == UNKNOWN_RULES for hop in way.hops)


def without_doubts(was: Sequence[Lane], now: Sequence[Lane]) -> tuple[list[Lane], list[Lane]]:
    """Those to compare: a doubt that both states have covers nothing that is known, and one by rules that are not known
    does not when it goes away."""
    both = {lane.exactly for lane in was if lane.way.uncertainty} & {lane.exactly for lane in now}
    had, has = ([lane for lane in these if lane.exactly not in both] for these in (was, now))
    return [lane for lane in had if not by_unknown_rules(lane.way)], has


class _Route(NamedTuple):
    method: str
    path: str


def calls_of(ways: Iterable[Path]) -> set[_Call]:
    """The calls of APIs that take these ways."""
    return {(key_of(hop.resource.urn), call) for way in ways for hop in way.hops if hop.resource for call in hop.calls}


def _by_call(way: Path, own: Set[_Call], every: Set[_Call], names: Mapping[str, str]) -> Iterator[Lane]:
    """A lane for each call of both states that takes this way into an API that a component of another process makes."""
    first, *rest = way.hops
    apis = {key_of(hop.resource.urn) for hop in way.hops if hop.resource and _takes_unseen_calls(hop)}
    routes = {_Route(*call.partition(" ")[::2]): call for key, call in sorted(own) if key in apis}
    asks = _demands(first)
    for call in sorted(call for key, call in every if key in apis):
        method, _, path = call.partition(" ")
        matched = match(routes, method, sampled(path), rest=True)
        if matched and routes[matched[0]] in first.calls:
            label = ", ".join((call, *(asks or [NOTHING])))
            same = replace(way, hops=(replace(first, label=label, calls=(call,)), *rest)).renamed(names)
            place = (way.kind.value, same.target, call)
            yield Lane(place, way.source, ANYWHERE, None, frozenset((same.target, ask) for ask in asks), same)


def ranges_of(way: Path, side: Side) -> tuple[str, ...]:
    """The addresses of a path's callers, of a machine those that it may have; none of callers who have only a name."""
    if way.origin is not None:
        return tuple(side.reach.connections.addresses(side.reach.model.nodes.of(way.origin)))
    written = way.hops[0].ranges if way.hops else ()
    named = tuple(cidr for cidr in way.source.removesuffix(f" ({INTERNET})").split(", ") if network(cidr))
    return way.strangers or named or written or (ANYWHERE if INTERNET in way.source else ())


def difference_of(
    these: Sequence[Lane], others: Sequence[Lane], when: str, ways: Iterable[Path]
) -> Iterator[tuple[Lane, str]]:
    """Those of which the others lack callers, each in words, with what the others have of the same kind.

    One whose callers get to its target by another way of these, or pass it, is named as a whole.
    """
    both = {(way.source, name) for way in ways if way.open for name in (way.target, *(hop.name for hop in way.hops))}
    for one in (lane for lane in these if not lane.covered(others)):
        kin = [other for other in others if other.place == one.place and other.covered([one])]
        names = [other.source.removesuffix(f" ({INTERNET})") for other in kin if other.source != one.source]
        names += [other.way.hops[0].label for other in kin if other.source == one.source and other.ports != one.ports]
        theirs = few([name for name in dict.fromkeys(names) if name])
        named = (one.way.source, one.way.target) in both or (one.way.asks and one.source == INTERNET and not one.traced)
        text = str(one.way) if named else brief(one.way)
        left = one.left_out(others) if (named or when == "now") and not theirs else []
        yield one, text + (f" ({when}: {theirs})" if theirs else "") + (f" (by {few(left)})" if left else "")


def brief(way: Path) -> str:
    return way.ends + (f" (cannot tell: {way.uncertainty})" if way.uncertainty else "")
