"""Effects of a change on open paths: when a path closes, whether another is open by then; and what else it stops.

A path that loses a part is followed through the engine's steps. A part that is replaced by a new one beside it, or that
is removed, passes calls until the deletions at the end. If a part is deleted first, or a rule or listener changes in
place, calls end at that step. Another path takes over once its last part is created and has booted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ..aws import types
from ..aws.api import Api
from ..aws.functions import answers_whole
from ..facts import hook_names
from ..graph import Resource, reveal
from ..graph.graph import grouped
from ..graph.prose import listed
from ..graph.reading import integer, naming, peek, within
from ..reach.path import Kind, Path, listener_on
from .egress_changes import egress_changes
from .limits import fewer_calls
from .order import Step, Verb
from .side import Changed, Side, key_of

_STOPS: Final = ("instanceType", "userData", "userDataBase64", "ebsOptimized")
"""Inputs of an instance that are changed by stopping it. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-resize.html"""

_RULES: Final = (*types.INGRESS_RULE, *types.EGRESS_RULE, *types.CLASSIC_RULE)
_LISTENERS: Final = (*types.LISTENER, *types.LISTENER_RULE)
_LEADS: Final = (
    *(*types.DEPLOYMENT, *types.REST_STAGE, *types.HTTP_INTEGRATION, *types.HTTP_ROUTE, *types.HTTP_STAGE),
    *(*types.REST_INTEGRATION, *types.METHOD, *types.TARGET_ATTACHMENT, *_LISTENERS, *types.PERMISSION),
)
"""Types that lead calls to a part of a path."""
_MAPPINGS: Final = (*types.API_MAPPING, *types.BASE_PATH_MAPPING)
_SILENT: Final = ("tags", "tagsAll", "description")
_SCALERS: Final = (
    ("aws:autoscaling/policy:Policy", "autoscalingGroupName"),
    ("aws:appautoscaling/target:Target", "resourceId"),
)
_ENDS: Final = (Verb.DELETE, Verb.DELETE_REPLACED, Verb.KEEP)


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
            fates = {Verb.DELETE: "deleted", Verb.KEEP: "deleted"}
            many = len(self.lost) > 1
            fate = f"{'are' if many else 'is'} {fates.get(self.closes.verb, 'replaced')}"
            if self.closes.verb is Verb.UPDATE:
                fate = "change" if many else "changes"
            return f"{self.way}: ends as {listed(self.lost)} {fate}"
        booted = f" and {listed(self.boots)} {'have' if len(self.boots) > 1 else 'has'} booted" if self.boots else ""
        if self.cut:
            return f"{self.way}: may fail from “{self._since}” until “{self.opens}” is done{booted}"
        if self.opens == self.closes:
            return f"{self.way}: not cut; “{self.opens}” moves the calls in one step"
        done = f"“{self.opens}” completes the new path" if self.opens.number else "the new path is complete"
        return f"{self.way}: not cut; {done} before “{self.closes}”"

    @property
    def _since(self) -> Step:
        """An in-place change sends calls to a machine that has not booted."""
        if self.boots and self.opens is not None and self.opens.verb is Verb.UPDATE:
            return min(self.opens, self.closes, key=lambda step: step.number)
        return self.closes


def passages(order: Sequence[Step], changed: Sequence[Changed], before: Side, after: Side) -> Iterator[Passage]:
    """The effect on each open path of requests, each path once."""
    keys = {key_of(one.renamed_from): key_of(one.resource.urn) for one in changed if one.renamed_from}
    parts = {key_of(one.resource.urn): one for one in changed}
    at = grouped((key_of(step.resource.urn), step) for step in order)
    for way in before.reach.paths:
        if not (way.open and way.kind is Kind.INBOUND):
            continue
        carriers = [*_parts(way), *_listeners(way, before)]
        own = [keys.get(key, key) for key in dict.fromkeys(key_of(one.urn) for one in carriers)]
        closing = [step for key in own for step in at.get(key, ()) if _closes(step, parts.get(key))]
        successor = _successor(way, after, at)
        gone = _lost_addresses((way, before), (successor, after)) if successor else []
        if not closing:
            entrance = at.get(_entrance(way) or "", [])
            closing = [step for one in gone for step in at.get(key_of(one.urn)) or entrance]
        if not closing:
            continue
        opening = _opening(successor, after, order) if successor else None
        if opening is not None:
            closing += [step for step in _switches(way, order) if step.number < opening.number]
        boots = _boots(successor, at, after) if successor and opening else ()
        closes = min(closing, key=lambda step: step.number)
        if gone:
            successor = opening = None
        lost = tuple(dict.fromkeys(step.resource.name for step in closing))
        yield Passage(way=way, closes=closes, lost=lost, opens=opening, successor=successor, boots=boots)


def _closes(step: Step, change: Changed | None) -> bool:
    """Whether a step ends what its resource carried."""
    if step.verb is not Verb.UPDATE:
        return step.verb in (*_ENDS, Verb.DELETE_FIRST)
    names = change.inputs if change else set()
    if step.resource.type in _RULES:
        return bool(names - {*_SILENT})
    return step.resource.type in _LISTENERS and bool(names & {"defaultActions", "actions", "port", "protocol"})


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
    """Addresses that callers use, each with its resource: domains, the base paths of their mappings, and stages where
    the API's own host is open."""
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


def _successor(way: Path, after: Side, at: dict[str, list[Step]]) -> Path | None:
    """The open path that the same callers take afterwards, by the same address."""
    entrance = _entrance(way)
    goes = any(step.verb in (*_ENDS, Verb.DELETE_FIRST) for step in at.get(entrance or "", ()))
    if goes and len([part for part in _parts(way) if part.type not in _RULES]) > 1:
        return None  # its address is deleted too
    same = [one for one in after.reach.paths if one.open and one.kind is Kind.INBOUND and one.source == way.source]
    return next((one for one in same if _entrance(one) == entrance), None)


def _opening(way: Path, after: Side, order: Sequence[Step]) -> Step | None:
    """The last step that the path waits for: of its parts, and of what leads the API's calls to it. 0 for no step."""
    made = (Verb.CREATE, Verb.UPDATE, Verb.CREATE_REPLACEMENT)
    keys = {key_of(part.urn) for part in _parts(way)}
    carried = {resource.urn for resource in after.graph if key_of(resource.urn) in keys}

    def is_waited_for(one: Resource) -> bool:
        return key_of(one.urn) in keys or (one.type in _LEADS and bool(carried & {*one.dependencies}))

    waited = [step for step in order if step.verb in made and is_waited_for(step.resource)]
    if not waited:
        return Step(0, Verb.UPDATE, after.graph.resources[min(carried)]) if carried and _entrance(way) else None
    return max(waited, key=lambda step: step.number)


def _switches(way: Path, order: Sequence[Step]) -> Iterator[Step]:
    """Steps that lead the API's calls elsewhere in place: a stage gets another deployment, a route another target."""
    entrance = _entrance(way)
    apis = {part.urn for part in _parts(way) if key_of(part.urn) == entrance and part.type in types.APIS}
    kinds = (*types.REST_STAGE, *types.HTTP_INTEGRATION, *types.HTTP_ROUTE)
    for step in order:
        switches = step.verb is Verb.UPDATE and step.resource.type in kinds and apis
        if switches and entrance in [key_of(urn) for urn in step.resource.dependencies]:
            yield step


def _boots(way: Path, at: dict[str, list[Step]], after: Side) -> tuple[str, ...]:
    """Machines and tasks of a path that are made in this update, and that the engine does not see through."""
    made = (Verb.CREATE, Verb.CREATE_REPLACEMENT)
    fresh = [part for part in _parts(way) if any(step.verb in made for step in at.get(key_of(part.urn), ()))]
    return tuple(dict.fromkeys(part.name for part in fresh if _is_unseen(part, after)))


def _is_unseen(resource: Resource, side: Side) -> bool:
    if resource.type in types.SERVICE:
        return resource.inputs.get("waitForSteadyState") is not True
    if resource.type in types.SCALING_GROUP:
        inputs = resource.inputs
        waits = inputs.get("waitForCapacityTimeout") not in ("0", "0s")
        counted = waits and (inputs.get("minElbCapacity") or inputs.get("waitForElbCapacity"))
        return not (counted or any(map(_is_awaited, _scalers(resource, side))))
    if resource.type not in types.INSTANCE:
        return False
    registrations = naming(side.reach.model.graph, resource, types.TARGET_ATTACHMENT, "targetId")
    watched = {one.urn for one in (resource, *registrations)}
    return not any(_is_awaited(one) for one in side.graph if watched & {*one.dependencies})


def _is_awaited(resource: Resource) -> bool:
    """Whether a hook of the program holds the engine before the resource, until what it depends on answers.

    A hook after a creation does not count: the next update goes on with what was created.
    """
    return any(name.endswith(hook_names.WAITS) for name in resource.options.hooks.get("before_create", ()))


def _scalers(resource: Resource, side: Side) -> list[Resource]:
    """Resources that scale a group's instances or a service's copies."""
    return [one for kind, key in _SCALERS for one in naming(side.graph, resource, (kind,), key)]


def effects(order: Sequence[Step], changed: Sequence[Changed], before: Side, after: Side) -> Iterator[str]:
    """Other interruptions: machines that are stopped or refreshed, streams, limits, and traffic on its way out."""
    for one in changed:
        stops = sorted(one.inputs & {*_STOPS})
        if not one.replacing and one.resource.type in types.INSTANCE and stops:
            yield f"{one.resource.name} is stopped and started again ({', '.join(stops)})"
        yield from _refreshed(one)
        yield from _starts_small(one, after)
        yield from _streams_broken(one, order, before, after)
    yield from fewer_calls(before.reach, after.reach)
    replaced = {one.resource.urn for one in changed if one.replacing}
    yield from (said for _, said in egress_changes(before.reach, after.reach, replaced))


def _streams_broken(one: Changed, order: Sequence[Step], before: Side, after: Side) -> Iterator[str]:
    """A function that streams no longer, while the stage still has the deployment by which it is to.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
    """
    if not answers_whole(one.resource):
        return
    # A replaced one streams until its deletion, and one that is only renamed has no step.
    changes = next((step for step in order if step.resource is one.resource and step.verb is Verb.UPDATE), None)
    if changes is None:
        return
    still = {key_of(api.resource.urn): calls for api, calls in _streamed(one.resource.urn, after)}
    for api, calls in _streamed(one.renamed_from or one.resource.urn, before):
        lasting = still.get(key_of(api.resource.urn), {})
        lost = [name for name, old in calls.items() if not answers_whole(old)]
        stages = {key_of(stage.urn) for stage in api.stages}
        deployed = [step for step in order if key_of(step.resource.urn) in stages]
        ends = f"until “{deployed[-1]}” is done" if deployed else "on"
        for until, names in grouped(("on" if name in lasting else ends, name) for name in lost).items():
            yield f"{listed(names)} of {api.resource.name}: answered with 500 from “{changes}” {until}"


def _streamed(urn: str, side: Side) -> Iterator[tuple[Api, dict[str, Resource]]]:
    """Each API with its calls that a function is to answer in a stream: their names, and the function."""
    for api in side.reach.model.apis.all:
        calls = [(call.name, call.integration.function) for call in api.calls if call.integration.streams]
        yield api, {name: function for name, function in calls if function and key_of(function.urn) == key_of(urn)}


def _refreshed(one: Changed) -> Iterator[str]:
    """An Auto Scaling group whose instances follow another template."""
    template = one.inputs & {"launchTemplate", "mixedInstancesPolicy"}
    if one.replacing or one.resource.type not in types.SCALING_GROUP or not template:
        return
    if one.resource.inputs.get("instanceRefresh") is None:
        yield f"{one.resource.name}: running instances keep the old launch template until something replaces them"
        return
    healthy = within(one.resource.inputs, "instanceRefresh", "preferences", "minHealthyPercentage")
    share = f"{healthy}%" if isinstance(healthy, int | float) else "90%"  # AWS's default
    back = within(one.resource.inputs, "instanceRefresh", "preferences", "autoRollback") is True
    # The provider gives the group its new template first: hashicorp/terraform-provider-aws#34189
    lost = "; its rollback would use the new template as well" if back else ""
    yield f"{one.resource.name} replaces every instance after the update, with at least {share} in service{lost}"


def _starts_small(one: Changed, side: Side) -> Iterator[str]:
    """A group or service that had scaled out, and whose replacement takes the number of the program."""
    if not one.replacing or one.resource.type not in (*types.SCALING_GROUP, *types.SERVICE):
        return
    inputs, scalers = one.resource.inputs, _scalers(one.resource, side)
    moves = scalers or inputs.get("minSize") != inputs.get("maxSize")
    if moves and not any(map(_is_awaited, scalers)):
        keys = ("desiredCount",) if one.resource.type in types.SERVICE else ("desiredCapacity", "minSize")
        number = next((inputs[key] for key in keys if inputs.get(key) is not None), None)
        begins = f"{number:g} copies" if isinstance(number, int | float) else "the number in the program"
        yield f"{one.resource.name} starts again with {begins}, however many run now"
