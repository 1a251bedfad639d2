"""Calls that a change allows and calls that it ends: by paths, by what a call must show, and what was not judged."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any, Final

from ...aws.catalog import types
from ...aws.catalog.catalog import is_understood, row
from ...aws.catalog.row import NO_TRAFFIC
from ...aws.catalog.tables import table
from ...aws.compute.machines import STOPS
from ...graph import Graph, Origin, Resource, revealed
from ...graph.given import held, holds_unknown
from ...graph.graph import grouped, texts
from ...graph.prose import RENEWED, few
from ...graph.reading import first, items, pointed
from ...graph.recorded import is_read
from ...graph.shown import BRIEF, SHORT, shown
from ...reach.addresses import is_of_a_machine, own_addresses
from ...reach.entrances import NOT_RUN, unread
from ...reach.path import INTERNET, Path
from ..engine.pairs import Pair, place_of
from ..engine.side import ELEMENT, Changed, Side, is_part, key_of, top
from ..engine.sources import alike
from ..engine.update import Elsewhere, Update, resized
from . import forwarding
from .admission import Callers, Told, difference
from .demands import Demands, deciding_functions
from .other_demands import POLICIES, switched
from .paths import Lane, brief, by_anyone, by_unknown_rules, difference_of, is_by_policy, lanes, without_doubts

_TABLE: Final = table("caller_inputs")
_QUIET, _IDLE = (
    re.compile("|".join(one for patterns in _TABLE[key].values() for one in patterns)) for key in ("quiet", "idle")
)
"""Type, dot and path of an input, lists without indexes; types whose end other readers tell, or nobody notices."""
_NOT_READ, _COUNTING, _WORKING, _CALLED = (tuple(_TABLE[key]) for key in ("notRead", "counting", "working", "called"))
"""Types that decide on callers by inputs that nothing reads, or by being there, that do more than call what paths lead
to, and that may be called by what the program does not hold."""
_STARTS: Final = tuple(table("interruptions")["starts"])
_SAID: Final = {replaced: table("interruptions")[key] for replaced, key in ((True, "renews"), (False, "changes"))}
"""Inputs whose change `compare.settings` puts into words, of what is replaced and in place."""
_HOLDS_DATA: Final = table("holds_data")["types"]
"""Types whose replacement the line on data reports, with the inputs that cause it."""
_ENDS: Final = ("starts", "alarms", "gaps", "beside", "stops")
_TOLD: Final = {*_HOLDS_DATA}.union(*(table("interruptions")[key] for key in _ENDS))
"""Types whose end is an interruption, or loses data."""
_AGAIN: Final = {*types.COMPUTE, *table("interruptions")["again"], *_HOLDS_DATA}
"""Types of which another one in its place loses data, or is an interruption with words of its own."""
_LEADS: Final = re.compile(r"(defaultA|a)ctions\.(targetGroupArn|forward\b.*)")
_ANSWERS: Final = re.compile(r"(defaultA|a)ctions\.(type|fixedResponse\..*|redirect\..*)")  # of listeners and rules
NOT_KNOWN: Final = ", known only after deployment in both versions"
_SERVED: Final = (*types.NAT_GATEWAY, *types.ADDRESS_ASSOCIATION)  # types that an address serves
_OWN_NAME: Final = " (DNS name)"  # of a balancer as an address, by which it answers beside its records as well


def callers(
    before: Side, after: Side, differing: Update, names: Mapping[str, str], beside: Iterable[Told] = ()
) -> Callers:
    """The callers of two states. `names` has the names before of resources that are renamed, by URN."""
    old, new = ({key_of(resource.urn) for resource in side.graph} for side in (before, after))
    was, now = (lanes(*sides, old & new, names) for sides in ((before, after), (after, before)))
    entered = {lane.place[2] for lane in (*was, *now) if len(lane.place) > 2 and lane.way.origin is None}
    followed = {name for side in (before, after) for name in _called(side)} - entered
    wanted = Demands(after.reach.model, names, differing.renewed | differing.made_again, _subjects(after, differing))
    public = set.intersection(*({lane.way.target for lane in these if is_by_policy(lane.way)} for these in (was, now)))
    doors = {rule.name for address in now if by_anyone(address.way) for rule in forwarding.holders(address.way, after)}
    earlier = {key: address.way for address in was for key in (address.key, address.exactly)}
    near = ((earlier.get(lane.exactly, earlier.get(lane.key)), lane.way) for lane in now)
    both = [(old, new) for old, new in near if old is not None]
    unsure = [brief(new if new.uncertainty else old) for old, new in both if old.uncertainty != new.uncertainty]
    unrun = [str(code) for side in (before, after) for code in side.graph.unseen]
    was, now = ([lane for lane in these if not _by_code(lane.way, unrun)] for these in (was, now))
    had, has = without_doubts(was, now)
    gained = [*difference_of(has, had, "before", before.reach.paths)]
    lost = [*difference_of(had, has, "now", after.reach.paths)]
    unguarded = _past_lenient_acls(was, before)
    gained = [pair for pair in gained if pair[0].key not in unguarded]
    gained = [pair for pair in gained if not any(pair[0].way.is_part_of(lane.way) for lane in was)]
    doubted = [pair for pair in gained if pair[0].is_doubt_of(was)]
    targets = {lane.place[:2] for lane, _ in doubted}
    # After the fact, AWS may only show now what it had all the time.
    doubted += [pair for pair in lost if pair[0].place[:2] in targets or (differing.past and pair[0].way.uncertainty)]
    differ = {lane.place[:2] for lane, _ in (*gained, *lost)}
    stay = {lane.exactly for lane in now}
    blurred = (lane for lane in was if by_unknown_rules(lane.way))
    unsure += [brief(lane.way) for lane in blurred if lane.exactly not in stay or lane.place[:2] in differ]
    unsure += [text for _, text in doubted]
    gained, lost = ([pair for pair in these if pair not in doubted] for these in (gained, lost))
    # What anyone may use by its policy gets no more callers by another address.
    used = {lane.place[1] for lane in was if is_by_policy(lane.way)}
    fresh = [(by_anyone(lane.way) and lane.place[1] not in used, lane, text) for lane, text in gained]
    told = chain(
        beside,
        (("revoked" if lane.way.origin else "shut_out", text) for lane, text in lost),
        (("granted" if lane.way.origin else "admitted", text) for by_all, lane, text in fresh if not by_all),
        (("anyone", text.removeprefix(f"{INTERNET} → ")) for by_all, _, text in fresh if by_all),
        *(forwarding.begun((new, after), (old, before)) for old, new in both),
        _other_addresses(both, before, after, differing),
        forwarding.answered(before, after),
        forwarding.reordered(before, after, doors),
        *map(switched, differing.changed),
        difference(Demands(before.reach.model, {}, (), {}), wanted, followed, public, doors),
        (("moved", f"{name} becomes another one") for name in wanted.moved()),
        (("unjudged", text) for text in (*unsure, *_unjudged(before, after, differing))),
    )
    left = {str(lane.way) for lane, _ in (*gained, *lost) if lane.way.origin is None}
    return Callers.of(told, frozenset(str(lane.way) for lane in (*was, *now) if lane.traced) - left)


def _other_addresses(both: Iterable[tuple[Path, Path]], before: Side, after: Side, differing: Update) -> Iterator[Told]:
    """Addresses of paths that both states have: those that come, that go and that become others."""
    stopped = {change.resource.urn for change in differing.changed if change.inputs & {*STOPS}}
    elsewhere = differing.renewed | differing.made_again | stopped
    logical = {new.urn: old.name for old, new in differing.renamed}
    had, marked = dict[str, None](), dict[str, None]()
    for old, new in both:  # those of APIs are among the demands
        pair = own_addresses(old, before.reach.model), own_addresses(new, after.reach.model, elsewhere, logical)
        # Beside a record, the address of a machine's own goes on.
        own = all(any(map(is_of_a_machine, addresses)) for addresses in pair)
        for known, addresses in zip((had, marked), pair, strict=True):
            known |= {address: None for address in addresses if own or not is_of_a_machine(address)}
    has = {address.replace(RENEWED, ""): None for address in marked}
    yield from (("moved", f"{name.replace(RENEWED, '')} becomes another one") for name in marked if RENEWED in name)
    for which, these, others in (("admitted", has, had), ("shut_out", had, has)):
        alone = (address for address in these if address not in others and not address.endswith(_OWN_NAME))
        yield from ((which, f"address {address}") for address in alone)


def _by_code(way: Path, unrun: Iterable[str]) -> bool:
    """Whether code that was not run may have opened it, by rules of a group: that code is among the unjudged itself."""
    return by_unknown_rules(way) and any(code in way.uncertainty for code in unrun)


def _past_lenient_acls(lanes_: Iterable[Lane], side: Side) -> set[Any]:
    """Keys of what web ACLs guard, as without them: those that block some only, of which the demands have the end."""
    if any(held(web_acl, "defaultAction", "allow") is None for web_acl in side.graph.of_type(*types.WEB_ACL)):
        return set()
    lighter = ((lane, frozenset(ask for ask in lane.asks if ask[1] != "WAF")) for lane in lanes_)
    return {replace(lane, asks=asks).key for lane, asks in lighter if asks != lane.asks}


def _subjects(after: Side, differing: Update) -> dict[str, str]:
    """Names before of resources that only they have, by name: of those that keep their address, or have none."""
    again = {new.urn for _, new in differing.renamed if new.type not in types.SECURITY_GROUP} & differing.made_again
    kept = {new.urn: (new.name, old.name) for old, new in differing.renamed if new.urn not in again}
    taken = {resource.name for resource in after.graph if resource.urn not in kept}
    return {name: was for name, was in kept.values() if name not in taken}


def _called(side: Side) -> Iterator[str]:
    """Names of what the program itself calls."""
    yield from (side.reach.model.names.of(side.graph.resources[urn]) for _, urn in side.reach.called)
    for way in side.reach.paths:
        if any(hop.resource and hop.resource.type in types.APIS for hop in way.hops):
            yield from (hop.name for hop in way.hops)


def _unjudged(before: Side, after: Side, differing: Update) -> Iterator[str]:
    """What differs and no model has read, and what reach does not understand."""
    codes = [place_of(piece.code) for piece in after.graph.unseen]
    for side, gone in ((before, differing.removed), (after, differing.touched)):
        names = unread(side.reach.model)
        unseen = (code for code in names.get(NOT_RUN, ()) if side is after or place_of(code) not in codes)
        yield from (f"{code} ({NOT_RUN})" for code in unseen)
        touched = {resource.urn for resource in gone}
        for resource in side.graph:
            if resource.name in names.get(resource.type, ()) and touched & _linked(resource):
                yield f"{resource.name} ({resource.type})"
        for route in (route for route in gone if route.type in types.ROUTE):
            if first(side.graph, route, "routeTableId", types=types.ROUTE_TABLE) is None:
                yield f"{route.name} ({route.kind}) of a table that the program does not hold"
        for endpoint in (door for door in gone if door.type in types.ENDPOINT and items(held(door, "subnetIds"))):
            if not pointed(side.graph, endpoint, "subnetIds", types=types.SUBNET):
                yield f"{endpoint.name} ({endpoint.kind}) in subnets that the program does not hold"
    for resource in (*differing.added, *differing.removed):
        if resource.type.startswith(_COUNTING):
            yield f"{resource.name} ({resource.kind})"
    again = {old.urn for old, _ in differing.renamed}
    ways = [way for way in before.reach.paths if way.origin is None and way.open]
    followed = {part.urn for way in ways for part in (way.backend, *(hop.resource for hop in way.hops)) if part}
    followed.update(urn for resource in before.graph.of_type(*_STARTS) for urn in resource.dependencies)
    # An address ends with the NAT gateway, or with the association, that it served.
    followed.update(urn for resource in differing.removed if resource.type in _SERVED for urn in _linked(resource))
    for resource in differing.ended:
        alone = resource.type.startswith(_CALLED) and resource.urn not in followed
        worked = alone or (_worked(resource.type) and not any(key in resource.inputs for key in POLICIES))
        if resource.urn not in again and (resource.remote or worked):
            yield f"what {resource.name} ({resource.kind}) did"
    for old, new in differing.pairs if before.graph.origin is after.graph.origin else ():
        was, now = _account(before.graph, old), _account(after.graph, new)
        if was is not None and now is not None:
            yield from (f"{key} of the provider" for key in sorted({*was, *now}) if was.get(key) != now.get(key))
    deciding = {key_of(urn) for side in (before, after) for urn in deciding_functions(side.reach.model)}
    by_tags = any("ResourceTag" in text for side in (before, after) for one in side.graph for text in texts(one.inputs))
    renames = {(old.name, new.name) for old, new in differing.renamed}
    for change in differing.changed:
        own = {"code", "environment"} if key_of(change.resource.urn) in deciding else set()
        asked = {"tags", "tagsAll", "tagSpecifications"} if by_tags else set()
        yield from (f"{change.resource.name}.{key}" for key in sorted(change.inputs & (own | asked)))
        yield from _unread_inputs(before, after, change, renames)
    if (unknown := [*_unknown(differing.pairs)]) and Origin.PROGRAM is before.graph.origin and not alike(before, after):
        yield f"{few(unknown)}{NOT_KNOWN}"


def _unread_inputs(before: Side, after: Side, change: Changed, renames: Collection[tuple[str, str]]) -> Iterator[str]:
    """Inputs of a resource that differ and that nothing has read, with short values."""
    now = change.resource
    stacks = (part for part in change.properties if isinstance(part.after, Elsewhere))
    yield from (f"{now.name}.{part.name}, from {part.after} (before: {part.before})" for part in stacks)
    values = dict(_paths(change, renames))
    # Who gets to targets, or no longer does, is a matter of paths.
    leads = any(map(_LEADS.fullmatch, values))
    every = [path for path in values if not (leads and _ANSWERS.fullmatch(path))]
    told = _SAID[bool(change.replacing)].get(now.type, {})
    said = {key for key, words in told.items() if not isinstance(words, list) or words[-1]}
    said |= {name for name, _ in resized(change)}
    said |= {*table("interruptions")["leaves"].get(now.type, ())}
    others = [path for path in every if not _QUIET.fullmatch(f"{now.type}.{path}")]
    paths = [path for path in others if path in _TABLE["named"] or not is_part(path, said)]
    if change.replacing and now.type in _AGAIN:
        paths = [path for path in paths if top(path) not in change.replacing or path in _TABLE["named"]]
    if now.type.startswith(_NOT_READ):
        only = f"{now.name}.{paths[0]}{values[paths[0]]}" if len(paths) == 1 else f"{now.name} ({now.kind})"
        yield from [only] if paths and not switched(change) else ()
    elif now.remote:
        yield from (f"{now.name}.{path}" for path in paths)
    elif now.type.startswith("aws:"):
        elsewhere = {key for key in _TABLE["roles"] if after.graph.find(held(now, key)) is None}
        read = {path for path in paths if any(is_read(side.reads, now.urn, path) for side in (before, after))}
        yield from (f"{now.name}.{path}{values[path]}" for path in paths if path in elsewhere or path not in read)


def _unknown(pairs: Iterable[Pair]) -> Iterator[str]:
    """Inputs that are not known before or after, of which the code may make something else than before."""
    for old, new in pairs:
        unknown = [key for key in sorted(old.inputs.keys() & new.inputs.keys())
                   if key not in new.options.ignore_changes
                   and all(holds_unknown(resource.inputs[key]) for resource in (old, new))]  # fmt: skip
        if unknown:
            yield f"{', '.join(unknown)} of {new.name}"


def _worked(kind: str) -> bool:
    """Whether a resource of this type did something whose end no other line has."""
    told = kind in _TOLD or kind.startswith(_COUNTING) or row(kind).role not in ("", NO_TRAFFIC)
    untold = kind.startswith("aws:") and is_understood(kind) and not told and not _IDLE.fullmatch(f"{kind}.")
    return untold or kind.startswith(_WORKING)


def _account(graph: Graph, resource: Resource) -> Mapping[str, Any] | None:
    """Inputs of a resource's provider that decide on the account; None if the graph does not hold them."""
    # https://www.pulumi.com/registry/packages/aws/installation-configuration/
    explicit = graph.resources.get(resource.provider.rpartition("::")[0])
    unknown = explicit is None and (resource.provider or graph.origin is not Origin.PROGRAM)
    if unknown or not resource.type.startswith("aws:"):
        return None
    config = {key.removeprefix("aws:"): value for key, value in graph.config.items() if key.startswith("aws:")}
    inputs = config if explicit is None else explicit.inputs
    return {key: revealed(inputs[key]) for key in _TABLE["account"] if inputs.get(key) is not None}


def _paths(change: Changed, renames: Collection[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Paths of inputs that differ, lists without indexes, with short values: not of names of replaced resources.

    `renames` has the names of each renamed resource, before and after.
    """
    known = (part for part in change.properties if not isinstance(part.after, Elsewhere))
    rest = [part for part in known if not part.is_renewal and (str(part.before), str(part.after)) not in renames]
    by_path = grouped((path, one) for one in rest for path in _leaves(ELEMENT.sub("", one.name), one.before, one.after))
    for path, ones in by_path.items():
        both = [re.sub(r"^arn:\S*/", "", shown(value, 2 * SHORT)) for value in (ones[0].before, ones[0].after)]
        alone = len(ones) == 1 and path == ELEMENT.sub("", ones[0].name) and both[0] != both[1]
        yield path, f" ({' → '.join(both)})" if alone and max(map(len, both)) < BRIEF else ""


def _linked(resource: Resource) -> set[str]:
    """A resource, and those that its inputs name."""
    return {resource.urn, *(urn for urns in resource.property_dependencies.values() for urn in urns)}


def _leaves(name: str, before: Any, after: Any) -> Iterator[str]:
    """Paths of the inputs in a differing value: one, or those in a block that comes or goes as a whole."""
    blocks = [revealed(value) for value in (before, after) if value is not None]
    if not any(blocks) or not all(isinstance(block, Mapping) for block in blocks):
        yield name
        return
    for key in sorted({key for block in blocks for key in block}):
        values = [block.get(key) for block in blocks]
        yield from _leaves(f"{name}.{key}", values[0], values[-1])
