"""Open paths that a change cuts or leads another way: when a path closes, and whether another is open by then.

A path that loses a part is followed through the engine's steps. A part that is replaced by a new one beside it, or that
is removed, passes calls until the deletions at the end. If a part is deleted first, or a rule or listener changes in
place, calls end at that step. Another path takes over once its last part is created and has booted.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Final

from ..aws.catalog import types
from ..graph import Resource
from ..graph.addresses import covers, share
from ..graph.graph import grouped
from ..graph.prose import RENEWED, listed
from ..reach.addresses import addresses, is_of_a_machine
from ..reach.exposure import JOINED
from ..reach.path import INTERNET, Kind, Path
from .callers import forwarding, paths
from .engine.order import ENDS, MAKES, Step, Verb, is_unseen
from .engine.side import Side, key_of
from .engine.update import Update
from .vanished_names import readdressed

_LISTENERS: Final = (*types.LISTENER, *types.LISTENER_RULE)
_SWITCHES: Final = (*types.REST_STAGE, *types.HTTP_INTEGRATION, *types.HTTP_ROUTE)
_LEADS: Final = (
    *(*_SWITCHES, *_LISTENERS, *types.DEPLOYMENT, *types.HTTP_STAGE, *types.REST_INTEGRATION, *types.METHOD),
    *(*types.TARGET_ATTACHMENT, *types.PERMISSION),
)
"""Types that lead calls to a part of a path."""
_GROUPS: Final = ("securityGroups", "vpcSecurityGroupIds", "securityGroupIds")  # of what is in security groups
_BY_RANGE: Final = re.compile(r"((, )?[^,]+ \([^()]+ (from|to) (the address of [^()]+|[\da-f.:]+/\d+)\))+")
"""Rules of groups, as a hop has them, that name no other group."""
_OF_API: Final = (*types.STAGES, *types.APIS)  # types of addresses that end with their API
_Steps = Mapping[str, Sequence[Step]]  # by key of their resource


@dataclass(frozen=True, kw_only=True)
class Passage:
    """An open path that something on its way changes for."""

    way: Path
    closes: Step | None = None  # that deletes its first part, or from which a part blocks calls; None if not by a step
    lost: tuple[str, ...] = ()  # names of all the parts that go or are closed
    opens: Step | None = None  # when the path that takes over is made; None if there is none
    successor: Path | None = None
    boots: tuple[str, ...] = ()  # names of what has to boot after that step, which the engine does not wait for
    by: tuple[str, ...] = ()  # the addresses by which it ends, or the conditions on which it does
    others: bool | None = True  # whether it goes on by others; None if it may
    past: bool = False
    doubted: bool = False  # whether a path in doubt may let its calls go on

    @property
    def cut(self) -> bool:
        """Whether calls fail for a while, or for good."""
        if self.past or self.opens is None:
            return self.opens is None
        if self.closes is None or self.boots or (self.opens == self.closes and self.closes.exchanges):
            return True
        # A listener that is pointed at registered targets moves the calls in one step.
        return self.closes.number <= self.opens.number and self.closes != self.opens

    def __str__(self) -> str:
        by = f"calls by {listed(self.by)} end" if self.by else "end" if self.past else "ends"
        by = "perhaps " * (self.doubted or (self.past and bool(self.way.uncertainty))) + by
        others = f", others{' perhaps' * (self.others is None)} go on" * bool(self.by and self.others is not False)
        changes = self.closes is not None and self.closes.verb is Verb.UPDATE
        if self.past:
            fate = f", with {listed(self.lost)} {'changed' if changes else 'gone'}" if self.lost else ""
            return f"{self.way}: {by}ed{fate}{others}"
        if self.closes is None:
            return f"{self.way}: {by} with the update{others}"
        if self.opens is None:
            is_, ends = ("are", "") if len(self.lost) > 1 else ("is", "s")
            gone = "deleted" if self.closes.verb in (Verb.DELETE, Verb.KEEP) else "replaced"
            fate = f"change{ends}" if changes else f"{is_} {gone}"
            return f"{self.way}: {by} as {listed(self.lost)} {fate}{others}"
        booted = f"{listed(self.boots)} {'have' if len(self.boots) > 1 else 'has'} booted" if self.boots else ""
        if self.opens == self.closes and self.closes.exchanges and not self.boots:
            return f"{self.way}: may fail for a moment, in which “{self.closes}” exchanges rules"
        if self.cut:
            # A change in place sends calls to a machine that has not booted.
            early = self.boots and self.opens.verb is Verb.UPDATE and self.opens.number < self.closes.number
            since = self.opens if early else self.closes
            done = f"“{self.opens}” is done" if since != self.opens and since.number <= self.opens.number else ""
            return f"{self.way}: may fail from “{since}” until {listed(filter(None, (done, booted)))}"
        if self.opens == self.closes:
            return f"{self.way}: not cut; “{self.opens}” moves the calls in one step"
        done = f"“{self.opens}” completes the new path" if self.opens.number else "the new path is complete"
        return f"{self.way}: not cut; {done} before “{self.closes}”"


def passages(update: Update, before: Side, after: Side, names: Mapping[str, str]) -> Iterator[Passage]:
    """The effect on each open path of requests: on all calls, and on those that no other path takes over.
    `names` has the names before of resources that are renamed, by URN."""
    # Without those of APIs, whose calls `callers` compares one by one.
    were, are = paths.without_doubts(paths.lanes(before, after, (), {}), paths.lanes(after, before, (), names))
    left_out = {str(lane.way): tuple(lane.left_out(are)) for lane in were}
    inputs = {key_of(change.resource.urn): change.inputs for change in update.changed}
    at = grouped((key_of(step.resource.urn), step) for step in update.order)
    ended = grouped(_ended_rules(update, before, after))
    takes, blocked = (
        paths.calls_of([way for way in after.reach.paths if way.open is open_]) for open_ in (True, False)
    )
    unsure = {(way.source, way.end_point) for way in after.reach.paths if way.open and way.uncertainty}
    for way in (way for way in _inbound(before, update) if not paths.by_unknown_rules(way)):
        steps = [*_steps(_carriers(way, before), at, inputs)]
        own_steps = [step for step, differing in steps if _closes(step, differing)]
        rules = (rule for hop in way.hops for rule in hop.rule.split(", "))
        closing = [*own_steps, *(step for rule in rules for step in ended.get(rule, ()))]
        was = addresses(way, before.reach.model)
        stopped = sorted(call for api, call in paths.calls_of([way]) if (api, call) in blocked - takes)
        all_stop = bool(stopped) and len(stopped) == len(paths.calls_of([way]))
        left = () if all_stop else (*left_out.get(str(way), ()), *stopped)
        successor = _successor(way, was, (update, before, after), at, some=bool(left))
        other = successor is not None and successor.end_point != way.end_point
        if successor is not None and (all_stop or (other and _is_another(successor, after, way, before))):
            successor = None
        if successor is None and paths.is_by_statement(way):
            continue  # `callers` has their policies, statement by statement
        now = addresses(successor, after.reach.model, update.renewed) if successor else {}
        gone = _lost_addresses(was, now) if successor else []
        goes_on, stages = _goes_on(was, now), all(resource.type in types.STAGES for resource in gone)
        by = tuple(address for address in was if address not in now) if gone and (goes_on or stages) else ()
        hops = [[hop.rule for hop in path.hops] for path in (way, successor) if path]
        if hops[0] != hops[-1] or any(step.resource.type in _rules_of(way) for step in closing):
            closing += [step for step, differing in steps if step.verb is Verb.UPDATE and differing & {*_GROUPS}]
        if not closing:
            closing = [step for part in gone for step in at.get(key_of(part.urn)) or at.get(_entrance(way) or "", [])]
        if not closing:
            # Of other sources, reach has only the paths to backends.
            if (successor is None and INTERNET in way.source) or left:
                yield Passage(way=way, by=left, doubted=(way.source, way.end_point) in unsure)
            continue
        opening = _opening(successor, after, update.order, closing) if successor else None
        if opening is not None:
            closing += [step for step in _switches(way, update.order) if step.number < opening.number]
        boots = _boots(successor, at, after) if successor and opening else ()
        # Of a part that goes, its egress rules go as well.
        lost = tuple(dict.fromkeys(step.resource.name for step in own_steps or closing))
        closes = min(closing, key=lambda step: step.number)
        moved = successor if own_steps and all(step.resource.type in _LISTENERS for step in own_steps) else None
        ended_calls, goes = forwarding.ended((way, before), (moved, after)) if moved else ([], goes_on or not gone)
        by = tuple(ended_calls) or by
        others = None if goes and successor and successor.uncertainty not in ("", way.uncertainty) else goes
        to = (None, None) if gone or ended_calls else (opening, successor)
        first = Passage(way=way, closes=closes, lost=lost, opens=to[0], successor=to[1], boots=boots, by=by)
        passage = replace(first, others=others, doubted=(way.source, way.end_point) in unsure)
        if passage.cut or not left:
            yield passage
        if passage.opens is not None and left:
            yield replace(passage, opens=None, successor=None, boots=(), by=left)


def _steps(
    carriers: Mapping[str, Set[str]], at: _Steps, inputs: Mapping[str, Set[str]]
) -> Iterator[tuple[Step, Set[str]]]:
    """Steps of what carries a path, each with the inputs that differ. That a rule for no call ends is for none."""
    for key, idle in carriers.items():
        for step in at.get(key, ()):
            if not (idle and step.verb in ENDS and step.resource.type in types.LISTENER_RULE):
                yield step, inputs.get(key, set()) - idle


def _inbound(before: Side, update: Update) -> Iterator[Path]:
    """Open paths of requests, without those of other accounts to what gets another ARN, which ends for good."""
    elsewhere = readdressed(update).keys()
    for way in (way for way in before.reach.paths if way.open and way.kind is Kind.INBOUND):
        named = {urn for part in _parts(way) for urn in (part.urn, *part.dependencies)}
        if not paths.is_by_statement(way) or named.isdisjoint(elsewhere):
            yield way


def _rules_of(way: Path) -> tuple[str, ...]:
    """Types that have the rules by which a group that is exchanged cuts a path."""
    # A rule for a range admits its addresses whatever groups they are in, and comes with its group if it is inline.
    named = any(hop.rule and not hop.name and not _BY_RANGE.fullmatch(hop.rule) for hop in way.hops)
    return types.GROUP_RULES if named else tuple(rule for rule in types.GROUP_RULES if rule not in types.SECURITY_GROUP)


def _carriers(way: Path, before: Side) -> dict[str, Set[str]]:
    """Keys of what carries a path, with inputs of it that are for no call."""
    of = _parts(way), forwarding.listeners(way, before), forwarding.holders(way, before), forwarding.doors(way, before)
    parts, listeners, holders, doors = ([key_of(resource.urn) for resource in resources] for resources in of)
    # Actions that lead elsewhere, or are behind a rule that takes every request, are for none of its calls.
    idle = {*listeners, *doors} - {*parts, *(holders or listeners)}
    carriers: dict[str, Set[str]] = dict.fromkeys([*parts, *listeners], frozenset())
    return carriers | dict.fromkeys(sorted(idle), frozenset({"defaultActions", "actions"}))


def _is_another(successor: Path, after: Side, way: Path, before: Side) -> bool:
    """Whether a path to another target is not known to take over the calls of one."""
    # One that was there before does so only if a target group had both targets.
    unknown = bool(successor.uncertainty) and not way.uncertainty
    ends = paths.ends_at_balancer(successor) and not paths.ends_at_balancer(way)
    both = {path.backend.urn.rpartition("::")[2] for path in (way, successor) if path.backend is not None}
    groups = map(before.reach.model.targets.of, before.graph.of_type(*types.TARGET_GROUP))
    shared = any(both <= {target.resource.name for target in targets if target.resource} for targets in groups)
    apart = not shared and str(successor) in {str(path) for path in before.reach.paths if path.open}
    return unknown or ends or apart or bool(forwarding.ended((way, before), (successor, after))[0])


def _closes(step: Step, inputs: Set[str]) -> bool:
    """Whether a step ends what its resource carried; `inputs` are those that differ."""
    if step.verb is not Verb.UPDATE:
        return step.verb in ENDS
    return step.resource.type in _LISTENERS and not inputs.isdisjoint(("defaultActions", "actions", "port", "protocol"))


def _ended_rules(update: Update, before: Side, after: Side) -> Iterator[tuple[str, Step]]:
    """Rules of security groups that a step ends, as a hop names them."""
    for step in update.order:
        if step.resource.type in types.GROUP_RULES and step.verb in (*ENDS, Verb.UPDATE):
            was = before.reach.connections.declared_by(update.olds.get(step.resource.urn, step.resource))
            lasting = after.reach.connections.declared_by(step.resource) if step.verb is Verb.UPDATE else ()
            yield from ((rule, step) for rule in was.difference(lasting))


def _parts(way: Path) -> list[Resource]:
    return [resource for resource in (*(hop.resource for hop in way.hops), way.backend) if resource is not None]


def _entrance(way: Path) -> str | None:
    """Key of the API that callers name; of what they reach first if there is none."""
    apis = (hop.resource for hop in way.hops if hop.resource and hop.resource.type in types.APIS)
    first = next(apis, way.entrance and way.entrance.resource)
    return key_of(first.urn).partition("#")[0] if first else None


def _goes_on(was: Mapping[str, Resource], now: Mapping[str, Resource]) -> bool:
    """Whether callers get on by another address, such as that of the machine's own behind a record."""
    return bool(was.keys() & now.keys()) or any(is_of_a_machine(address) and RENEWED not in address for address in now)


def _lost_addresses(before: Mapping[str, Resource], after: Mapping[str, Resource]) -> list[Resource]:
    lost = {address: resource for address, resource in before.items() if address not in after}
    # Of a deleted domain, the domain itself and not also its base paths.
    return [part for address, part in lost.items() if "/" not in address or address.partition("/")[0] not in lost]


def _successor(
    way: Path, was: Mapping[str, Resource], to: tuple[Update, Side, Side], at: _Steps, *, some: bool
) -> Path | None:
    """The open path that the same callers, or some of them, take afterwards, by the same address; `was` has those."""
    (update, before, after), entrance = to, _entrance(way)
    goes = any(step.verb in ENDS for step in at.get(entrance or "", ()))
    there = [path for path in after.reach.paths if path.open and path.kind is way.kind]
    there = [path for path in there if way.uncertainty or not path.uncertainty]
    same = [path for path in there if path.source.removesuffix(JOINED) == way.source.removesuffix(JOINED)]
    same += _of_its_ranges((way, before), ([path for path in there if path not in same], after), some=some)
    # Callers of one port do not call another; a wider rule admits them as well.
    same = [path for path in same if not (path.ports and way.ports) or path.ports.meet(way.ports)]
    same.sort(key=lambda path: path.end_point != way.end_point)
    if goes and (was or len({hop.name for hop in way.hops} - {""}) > 1):  # its own address is deleted too
        lasting = {address for address, resource in was.items() if resource.type not in _OF_API}
        return next((way for way in same if lasting & addresses(way, after.reach.model, update.renewed).keys()), None)
    return next((path for path in same if _entrance(path) == entrance), None)


def _of_its_ranges(of: tuple[Path, Side], at: tuple[Sequence[Path], Side], *, some: bool) -> list[Path]:
    """Paths for some of the same addresses, if together they are for all of them or some are enough."""
    (way, before), (others, after) = of, at
    ranges = paths.ranges_of(way, before)
    near = [path for path in others if _entrance(path) == _entrance(way) and path.end_point == way.end_point]
    near = [path for path in near if path.origin is None and (INTERNET in path.source) is (INTERNET in way.source)]
    theirs = [(path, paths.ranges_of(path, after)) for path in near]
    theirs = [(path, its) for path, its in theirs if any(covers(a, b) is not False for a in ranges for b in its)]
    together = [cidr for _, its in theirs for cidr in its]
    return [one for one, _ in theirs] if ranges and (some or all(share(together, cidr) == 1 for cidr in ranges)) else []


def _opening(way: Path, after: Side, order: Sequence[Step], closing: Sequence[Step]) -> Step | None:
    """The last step that the path waits for: of its parts, and of what leads the API's calls to it. 0 for no step."""
    keys = {key_of(part.urn) for part in (*_parts(way), *addresses(way, after.reach.model).values())}
    carried = {resource.urn for resource in after.graph if key_of(resource.urn) in keys}
    rules = {rule for hop in way.hops for rule in hop.rule.split(", ")}
    holders = {key_of(holder.urn) for holder in forwarding.holders(way, after)}

    # A path whose group gets other rules, and nothing else, requires only these.
    only = all(step.exchanges for step in closing)
    waits = (step for step in order if not only or step.resource.type in types.GROUP_RULES)
    pairs = ((step, step.resource) for step in waits if step.verb in (*MAKES, Verb.UPDATE))
    waited = [step for step, resource in pairs if key_of(resource.urn) in keys | holders
              or (resource.type in _LEADS and carried & {*resource.dependencies})
              or rules & after.reach.connections.declared_by(resource)]  # fmt: skip
    if not waited:
        return Step(0, Verb.UPDATE, after.graph.resources[min(carried)]) if carried and _entrance(way) else None
    return max(waited, key=lambda step: (step.number, step.verb in MAKES))


def _switches(way: Path, order: Sequence[Step]) -> Iterator[Step]:
    """Steps that lead the API's calls elsewhere in place: a stage gets another deployment, a route another target."""
    entrance, apis = _entrance(way), {key_of(part.urn) for part in _parts(way) if part.type in types.APIS}
    for step in order if entrance in apis else ():
        if step.verb is Verb.UPDATE and step.resource.type in _SWITCHES:
            yield from (step for urn in step.resource.dependencies if key_of(urn) == entrance)


def _boots(way: Path, at: _Steps, after: Side) -> tuple[str, ...]:
    """Machines and tasks of a path that are made in this update, and that the engine does not see through."""
    fresh = [part for part in _parts(way) if any(step.verb in MAKES for step in at.get(key_of(part.urn), ()))]
    return tuple(dict.fromkeys(part.name for part in fresh if is_unseen(part, after.graph)))
