"""Effects of a change on open paths: when a path closes, whether another is open by then; and what else it stops.

A path that loses a part is followed through the engine's steps. A part that is replaced by a new one beside it, or that
is removed, passes calls until the deletions at the end. If a part is deleted first, or a rule or listener changes in
place, calls end at that step. Another path takes over once its last part is created and has booted.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Final

from ..aws import types
from ..aws.api import Api
from ..aws.functions import answers_whole
from ..aws.waits import is_awaited, is_unseen, scalers_of
from ..graph import Resource, reveal
from ..graph.graph import grouped
from ..graph.prose import listed
from ..graph.reading import integer, naming, peek, within
from ..reach.path import Kind, Path, listener_on
from .egress_changes import egress_changes
from .limits import fewer_calls
from .order import Step, Verb
from .side import Changed, Side, key_of
from .update import Update

_STOPS: Final = ("instanceType", "userData", "userDataBase64", "ebsOptimized")
"""Inputs of an instance that are changed by stopping it. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-resize.html"""

_RULES: Final = (*types.INGRESS_RULE, *types.EGRESS_RULE, *types.CLASSIC_RULE)
_LISTENERS: Final = (*types.LISTENER, *types.LISTENER_RULE)
_SWITCHES: Final = (*types.REST_STAGE, *types.HTTP_INTEGRATION, *types.HTTP_ROUTE)
_LEADS: Final = (
    *(*_SWITCHES, *_LISTENERS, *types.DEPLOYMENT, *types.HTTP_STAGE, *types.REST_INTEGRATION, *types.METHOD),
    *(*types.TARGET_ATTACHMENT, *types.PERMISSION),
)
"""Types that lead calls to a part of a path."""
_MAPPINGS: Final = (*types.API_MAPPING, *types.BASE_PATH_MAPPING)
_GAPS: Final = {
    **dict.fromkeys(_MAPPINGS, "calls by its domain fail"),
    "aws:apigateway/usagePlanKey:UsagePlanKey": "calls with its key are refused",
}
"""What happens while a resource of these types is deleted and not yet created again."""
_SILENT: Final = ("tags", "tagsAll", "description")
_MAKES: Final = (Verb.CREATE, Verb.CREATE_REPLACEMENT)
_ENDS: Final = (Verb.DELETE, Verb.DELETE_REPLACED, Verb.DELETE_FIRST, Verb.KEEP)


@dataclass(frozen=True, kw_only=True)
class Passage:
    """An open path that something on its way changes for."""

    way: Path
    closes: Step
    """Step that deletes its first part, or from which a part blocks calls."""
    lost: tuple[str, ...]
    """Names of all the parts that go or are closed."""
    opens: Step | None
    """When the path that takes over is made; None if there is none."""
    successor: Path | None
    boots: tuple[str, ...]
    """Names of what has to boot after that step, which the engine does not wait for."""

    @property
    def cut(self) -> bool:
        """Whether calls fail for a while, or for good."""
        if self.opens is None or self.boots:
            return True
        # A listener that is pointed at registered targets moves the calls in one step.
        return self.closes.number <= self.opens.number and self.closes != self.opens

    def __str__(self) -> str:
        if self.opens is None:
            is_, ends = ("are", "") if len(self.lost) > 1 else ("is", "s")
            gone = "deleted" if self.closes.verb in (Verb.DELETE, Verb.KEEP) else "replaced"
            fate = f"change{ends}" if self.closes.verb is Verb.UPDATE else f"{is_} {gone}"
            return f"{self.way}: ends as {listed(self.lost)} {fate}"
        booted = f" and {listed(self.boots)} {'have' if len(self.boots) > 1 else 'has'} booted" if self.boots else ""
        if self.cut:
            # A change in place sends calls to a machine that has not booted.
            early = self.boots and self.opens.verb is Verb.UPDATE and self.opens.number < self.closes.number
            since = self.opens if early else self.closes
            return f"{self.way}: may fail from “{since}” until “{self.opens}” is done{booted}"
        if self.opens == self.closes:
            return f"{self.way}: not cut; “{self.opens}” moves the calls in one step"
        done = f"“{self.opens}” completes the new path" if self.opens.number else "the new path is complete"
        return f"{self.way}: not cut; {done} before “{self.closes}”"


def passages(update: Update, before: Side, after: Side) -> Iterator[Passage]:
    """The effect on each open path of requests, each path once."""
    keys = {key_of(one.old_urn): key_of(one.resource.urn) for one in update.changed}
    inputs = {key_of(one.resource.urn): one.inputs for one in update.changed}
    at = grouped((key_of(step.resource.urn), step) for step in update.order)
    for way in (one for one in before.reach.paths if one.open and one.kind is Kind.INBOUND):
        carriers = [*_parts(way), *_listeners(way, before)]
        own = [keys.get(key, key) for key in dict.fromkeys(key_of(one.urn) for one in carriers)]
        closing = [step for key in own for step in at.get(key, ()) if _closes(step, inputs.get(key, set()))]
        successor = _successor(way, (before, after), at)
        gone = _lost_addresses((way, before), (successor, after)) if successor else []
        if not closing:
            entrance = at.get(_entrance(way) or "", [])
            closing = [step for one in gone for step in at.get(key_of(one.urn)) or entrance]
        if not closing:
            continue
        opening = _opening(successor, after, update.order) if successor else None
        if opening is not None:
            closing += [step for step in _switches(way, update.order) if step.number < opening.number]
        boots = _boots(successor, at, after) if successor and opening else ()
        if gone:
            successor = opening = None
        lost = tuple(dict.fromkeys(step.resource.name for step in closing))
        closes = min(closing, key=lambda step: step.number)
        yield Passage(way=way, closes=closes, lost=lost, opens=opening, successor=successor, boots=boots)


def _closes(step: Step, inputs: Set[str]) -> bool:
    """Whether a step ends what its resource carried; `inputs` are those that differ."""
    if step.verb is not Verb.UPDATE:
        return step.verb in _ENDS
    if step.resource.type in _RULES:
        return bool(inputs - {*_SILENT})
    return step.resource.type in _LISTENERS and not inputs.isdisjoint(("defaultActions", "actions", "port", "protocol"))


def _parts(way: Path) -> list[Resource]:
    return [resource for resource in (*(hop.resource for hop in way.hops), way.backend) if resource is not None]


def _listeners(way: Path, side: Side) -> Iterator[Resource]:
    """Listeners of a path, and their rules: a hop has the load balancer and the listener's port."""
    for hop in way.hops:
        if hop.resource is not None and hop.resource.type in types.LOAD_BALANCER:
            for listener in naming(side.graph, hop.resource, types.LISTENER, "loadBalancerArn"):
                if hop.rule == listener_on(integer(peek(listener, "port"))):
                    yield listener
                    yield from naming(side.graph, listener, types.LISTENER_RULE, "listenerArn")


def _entrance(way: Path) -> str | None:
    """Key of the API that callers name; of what they reach first if there is none."""
    found = [hop.resource for hop in way.hops if hop.resource is not None]
    first = next((one for one in found if one.type in types.APIS), found[0] if found else None)
    return key_of(first.urn) if first else None


def _lost_addresses(old: tuple[Path, Side], new: tuple[Path, Side]) -> list[Resource]:
    kept = _addresses(*new)
    lost = {address: one for address, one in _addresses(*old).items() if address not in kept}
    # Of a deleted domain, the domain itself and not also its base paths.
    return [one for address, one in lost.items() if "/" not in address or address.partition("/")[0] not in lost]


def _addresses(way: Path, side: Side) -> dict[str, Resource]:
    """Resources by the addresses that callers use: domains, base paths, and stages of an API whose own host is open."""
    found: dict[str, Resource] = {}
    for api in (side.reach.model.apis.of(part) for part in _parts(way) if part.type in types.APIS):
        for domain in api.domains:
            name = str(reveal(domain.inputs.get("domainName")))
            found[name] = domain
            for mapping in naming(side.graph, domain, _MAPPINGS, "domainName"):
                found[f"{name}/{peek(mapping, 'apiMappingKey') or peek(mapping, 'basePath') or ''}"] = mapping
        if not api.default_endpoint_closed:
            found |= {str(reveal(peek(stage, "stageName") or peek(stage, "name"))): stage for stage in api.stages}
    return found


def _successor(way: Path, sides: tuple[Side, Side], at: dict[str, list[Step]]) -> Path | None:
    """The open path that the same callers take afterwards, by the same address."""
    (before, after), entrance = sides, _entrance(way)
    goes = any(step.verb in _ENDS for step in at.get(entrance or "", ()))
    same = [one for one in after.reach.paths if one.open and one.kind is Kind.INBOUND and one.source == way.source]
    if goes and len([part for part in _parts(way) if part.type not in _RULES]) > 1:  # its own address is deleted too
        domains = {name for name, one in _addresses(way, before).items() if one.type in (*types.DOMAINS, *_MAPPINGS)}
        return next((one for one in same if domains & _addresses(one, after).keys()), None)
    return next((one for one in same if _entrance(one) == entrance), None)


def _opening(way: Path, after: Side, order: Sequence[Step]) -> Step | None:
    """The last step that the path waits for: of its parts, and of what leads the API's calls to it. 0 for no step."""
    keys = {key_of(part.urn) for part in _parts(way)}
    carried = {resource.urn for resource in after.graph if key_of(resource.urn) in keys}

    def is_waited_for(one: Resource) -> bool:
        return key_of(one.urn) in keys or (one.type in _LEADS and bool(carried & {*one.dependencies}))

    waited = [step for step in order if step.verb in (*_MAKES, Verb.UPDATE) and is_waited_for(step.resource)]
    if not waited:
        return Step(0, Verb.UPDATE, after.graph.resources[min(carried)]) if carried and _entrance(way) else None
    return max(waited, key=lambda step: step.number)


def _switches(way: Path, order: Sequence[Step]) -> Iterator[Step]:
    """Steps that lead the API's calls elsewhere in place: a stage gets another deployment, a route another target."""
    entrance, apis = _entrance(way), {key_of(part.urn) for part in _parts(way) if part.type in types.APIS}
    for step in order if entrance in apis else ():
        if step.verb is Verb.UPDATE and step.resource.type in _SWITCHES:
            yield from (step for urn in step.resource.dependencies if key_of(urn) == entrance)


def _boots(way: Path, at: dict[str, list[Step]], after: Side) -> tuple[str, ...]:
    """Machines and tasks of a path that are made in this update, and that the engine does not see through."""
    fresh = [part for part in _parts(way) if any(step.verb in _MAKES for step in at.get(key_of(part.urn), ()))]
    return tuple(dict.fromkeys(part.name for part in fresh if is_unseen(part, after.graph)))


def effects(update: Update, before: Side, after: Side) -> Iterator[str]:
    """Other interruptions: machines that are stopped or refreshed, streams, limits, and traffic on its way out."""
    for one in update.changed:
        if one.replacing:
            yield from _starts_small(one, after)
            gap = [step for step in update.order if step.resource.urn == one.resource.urn]
            if one.resource.type in _GAPS and one.resource.urn in update.deleted_first:
                yield f"{one.resource.name}: {_GAPS[one.resource.type]} from “{gap[0]}” until “{gap[-1]}” is done"
            continue
        stops = sorted(one.inputs & {*_STOPS})
        if one.resource.type in types.INSTANCE and stops:
            yield f"{one.resource.name} is stopped and started again ({', '.join(stops)})"
        yield from _refreshed(one)
        yield from _streams_broken(one, update.order, before, after)
    yield from fewer_calls(before.reach, after.reach)
    yield from (said for _, said in egress_changes(before.reach, after.reach, update.renewed))


def _streams_broken(one: Changed, order: Sequence[Step], before: Side, after: Side) -> Iterator[str]:
    """A function that streams no longer, while the stage still has the deployment by which it is to.

    A replaced one streams until its deletion, and one that is only renamed has no step.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
    """
    changes = next((step for step in order if step.resource is one.resource and step.verb is Verb.UPDATE), None)
    if changes is None or not answers_whole(one.resource):
        return
    still = {(key_of(api.resource.urn), name) for api, name, _ in _streamed(one.resource.urn, after)}
    lost: dict[tuple[str, str], list[str]] = {}
    for api, name, old in _streamed(one.old_urn, before):
        stages = {key_of(stage.urn) for stage in api.stages}
        deployed = [step for step in order if key_of(step.resource.urn) in stages]
        lasts = (key_of(api.resource.urn), name) in still or not deployed
        if not answers_whole(old):
            until = "on" if lasts else f"until “{deployed[-1]}” is done"
            lost.setdefault((api.resource.name, until), []).append(name)
    for (owner, until), names in lost.items():
        yield f"{listed(names)} of {owner}: answered with 500 from “{changes}” {until}"


def _streamed(urn: str, side: Side) -> Iterator[tuple[Api, str, Resource]]:
    """Calls that a function is to answer in a stream: the API, the call's name, and the function."""
    for api in side.reach.model.apis.all:
        for call in api.calls:
            function = call.integration.function
            if call.integration.streams and function and key_of(function.urn) == key_of(urn):
                yield api, call.name, function


def _refreshed(one: Changed) -> Iterator[str]:
    """An Auto Scaling group whose instances follow another template."""
    refresh = one.resource.inputs.get("instanceRefresh")
    if one.resource.type not in types.SCALING_GROUP or not one.inputs & {"launchTemplate", "mixedInstancesPolicy"}:
        return
    if refresh is None:
        yield f"{one.resource.name}: running instances keep the old launch template until something replaces them"
        return
    healthy = within(refresh, "preferences", "minHealthyPercentage")
    share = f"{healthy}%" if isinstance(healthy, int | float) else "90%"  # AWS's default
    # The provider gives the group its new template first: hashicorp/terraform-provider-aws#34189
    back = within(refresh, "preferences", "autoRollback") is True
    lost = "; its rollback would use the new template as well" if back else ""
    yield f"{one.resource.name} replaces every instance after the update, with at least {share} in service{lost}"


def _starts_small(one: Changed, side: Side) -> Iterator[str]:
    """A group or service that had scaled out, and whose replacement takes the number of the program."""
    service, inputs = one.resource.type in types.SERVICE, one.resource.inputs
    if not service and one.resource.type not in types.SCALING_GROUP:
        return
    scalers = scalers_of(one.resource, side.graph)
    if (scalers or inputs.get("minSize") != inputs.get("maxSize")) and not any(map(is_awaited, scalers)):
        keys = ("desiredCount",) if service else ("desiredCapacity", "minSize")
        number = next((inputs[key] for key in keys if inputs.get(key) is not None), None)
        begins = f"{number:g} copies" if isinstance(number, int | float) else "the number in the program"
        yield f"{one.resource.name} starts again with {begins}, however many run now"
