"""Interruptions beside those of paths: machines that are stopped or refreshed, schedules, streams and limits."""

import math
import re
from collections.abc import Iterator, Sequence
from typing import Final

from ..aws.catalog import types
from ..aws.catalog.tables import table
from ..aws.compute.functions import answers_whole
from ..aws.compute.machines import STOPS, refresh_of
from ..aws.gateway.api import Api
from ..aws.gateway.lambda_permissions import API_GATEWAY
from ..aws.identity.iam import glob
from ..graph import UNKNOWN, Resource
from ..graph.answers import any_of
from ..graph.given import held
from ..graph.graph import grouped
from ..graph.prose import listed
from ..graph.reading import first, items, naming, number, output, peek, text, within
from .callers.forwarding import no_longer_answered
from .data import HOLDS_DATA
from .egress_changes import egress_changes
from .engine.order import Verb, is_awaited, scalers_of
from .engine.refusals import trapped
from .engine.side import Changed, Side, key_of, top
from .engine.update import Update
from .vanished_names import ACCOUNT, arn_of, still_named, vanished_names

_TABLE: Final = table("interruptions")
"""By type: `starts` has the input that names what a resource starts or serves, and `ended` words for the end of it if
it starts nothing; `invoked` has the service that a function must permit to start it, and the input for what; `off`
has inputs that switch it off, each with its value, and `stops` what stops then; `gaps` what fails between a deletion
and the creation that follows it.
"""
_STARTS, _ENDED, _INVOKED, _OFF, _STOPS = (_TABLE[key] for key in ("starts", "ended", "invoked", "off", "stops"))
_READ: Final = (API_GATEWAY, *(service for service, _ in _INVOKED.values()))  # whose calls are followed one by one
# https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstancesDistribution.html
_ON_DEMAND: Final = "instancesDistribution.onDemand"  # inputs of a group by which AWS replaces its machines by itself
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
_EVERY_BOOT: Final = re.compile(r"always|per-boot|<persist>|boothook|bootcmd")  # in user data that is run once more


def effects(update: Update, before: Side, after: Side) -> Iterator[str]:
    """Other interruptions: machines that are stopped or refreshed, streams, limits, and traffic on its way out."""
    for one in update.changed:
        if one.replacing:
            yield from _starts_small(one, after)
            gap = [step for step in update.order if step.resource.urn == one.resource.urn]
            # `callers` has the rights of a policy that takes the place of another one.
            by = (
                one.resource.property_dependencies.get("policyArn", ()) if "policyArn" in one.inputs else update.renewed
            )
            fails = "" if update.renewed.isdisjoint(by) else _TABLE["gaps"].get(one.resource.type, "")
            if fails and one.resource.urn in update.deleted_first:
                yield f"{one.resource.name}: {fails} from “{gap[0]}” until “{gap[-1]}” is done"
            continue
        stops = sorted(one.inputs & {*STOPS})
        if one.resource.type in types.INSTANCE and stops:
            was = "was stopped" if update.past else "is stopped and started again"
            script = "" if update.past else text(held(one.resource, "userData"))
            again = ", and its user data is not run again" if script and not _EVERY_BOOT.search(script) else ""
            yield f"{one.resource.name} {was} ({', '.join(stops)}){again}"
        for path, sentence in _TABLE["leaves"].get(one.resource.type, {}).items():
            had, has = (held(resource, *path.split(".")) for resource in (one.old, one.resource))
            yield from [f"{one.resource.name} {sentence}"] if had not in (None, has) else []
        refused = {key for trap, _ in (() if update.past else trapped(one)) for key in trap.inputs}
        switched = {part.name for part in one.properties if bool(part.before) is not bool(part.after)}
        switched &= {*_TABLE["switched"].get(one.resource.type, ())}
        if restarts := sorted((one.inputs - refused) & {*_TABLE["restarts"].get(one.resource.type, ())} | switched):
            words = {True: "", UNKNOWN: " at once or in its next maintenance window"}
            window = words.get(held(one.resource, "applyImmediately"), " in its next maintenance window")
            does = "has restarted" if update.past else f"restarts{window}"
            yield f"{one.resource.name} {does} ({', '.join(restarts)})"
        yield from _refreshed(one) if not update.past else ()
        yield from _streams_broken(one, update, before, after)
        yield from _stopped_first(one, after)
    for resource in update.touched:
        yield from _paused(resource, update.olds.get(resource.urn))
        yield from _only_spot(resource, update)
    yield from _no_longer_started(update, before, after)
    yield from _no_longer_allowed(update, before, after)
    for gone in update.ended:
        if gone.type in types.PEERING:
            yield f"calls between networks by {gone.name} ({gone.kind}) {'ended' if update.past else 'end'}"
        if held(gone, "eventbridge") is True:
            yield f"{gone.name} {_TABLE['changes'][gone.type]['eventbridge']['False|']}"
    yield from no_longer_answered(update.removed, before, after)
    yield from _unsubscribed(update, after)
    yield from vanished_names(update, before, after)
    yield from still_named(update, after)
    yield from _left_zones(update, before)
    yield from (sentence for _, sentence in egress_changes(before.reach, after.reach, update.renewed))


def _no_longer_started(update: Update, before: Side, after: Side) -> Iterator[str]:
    """What a schedule, queue, topic or bucket starts that goes, is switched off, or starts something else instead."""
    news = {old.urn: new for old, new in update.pairs if not old.type.startswith("aws:iam/")}
    removed = [resource for resource in update.ended if resource.type in _STARTS]
    again = {old.urn for old, _ in update.renamed}
    for resource in (resource for resource in update.ended if resource.type in _STOPS and resource.urn not in again):
        yield from [f"{resource.name}: {_STOPS[resource.type]}"] if resource.type not in HOLDS_DATA else ()
    going: list[tuple[str, Resource, Resource, Sequence[str]]] = [("", resource, resource, ()) for resource in removed]
    for change in update.changed:
        was = change.old
        off = [_is_off(resource) for resource in (was, change.resource)]
        if off in ([False, True], [False, None], [None, True]):
            doubt = "perhaps " if None in off else ""
            named = ((resource, resource.property_dependencies) for resource in before.graph.of_type(*_STARTS))
            read = (resource for resource, by in named if was.urn in by.get("eventSourceArn", ()))
            targets = [*naming(before.graph, was, tuple(_STARTS), "rule"), *read]
            going += [(doubt, was, resource, ()) for resource in (was, *targets) if resource.type in _STARTS]
            if was.type in _STOPS:
                yield f"{was.name}: {doubt}{_STOPS[was.type]}"
        elif (key := _STARTS.get(was.type, "")) in change.inputs and key not in _TABLE["leaves"].get(was.type, ()):
            written = text(held(change.resource, key))
            lasting_ones = (news[urn] for urn in was.property_dependencies.get(key, ()) if urn in news)
            by_text = {callee.urn: callee for callee in lasting_ones if arn_of(callee).match(written)}
            if any(callee.type in types.FUNCTION for callee in by_text.values()):
                yield f"{was.name} starts a version of its target that {written.rpartition(':')[2]} names"
            going.append(("", was, was, (*change.resource.property_dependencies.get(key, ()), *by_text)))
    # Another volume of the same machine is another disk.
    fresh = (resource for resource in update.added if resource.urn in after.graph.resources)
    lasting = {(new.type, urn, new.inputs.get("volumeId")) for new in fresh for urn in new.dependencies}
    ended = (
        (doubt + _ENDED.get(resource.type, "no longer started by {}").format(by.name), callee.name)
        for doubt, by, resource, kept in going
        for urn in resource.property_dependencies.get(_STARTS[resource.type], ())
        if (callee := news.get(urn)) is not None
        if callee.type not in (*types.SUBNET, *types.SECURITY_GROUP)
        if callee.urn not in kept and (resource.type, callee.urn, resource.inputs.get("volumeId")) not in lasting
    )
    # Something that the program does not hold, as a machine that a disk was attached to.
    apart = [old for old in removed if old.type in _ENDED and not old.property_dependencies.get(_STARTS[old.type])]
    outside = ((_ENDED[old.type].format(old.name), text(held(old, _STARTS[old.type]))) for old in apart)
    for words, names in grouped((*ended, *(pair for pair in outside if pair[1]))).items():
        yield f"{listed(dict.fromkeys(names))}: {words}"


def _unsubscribed(update: Update, after: Side) -> Iterator[str]:
    """Addresses and telephones that get the messages of a topic no longer, of a topic that stays."""
    stay, left = {old.urn: new.name for old, new in update.pairs}, after.graph.of_type(*types.TOPIC_SUBSCRIPTION)
    for subscription in (old for old in update.ended if old.type in types.TOPIC_SUBSCRIPTION):
        reader, topics = held(subscription, "endpoint"), subscription.property_dependencies.get("topic", ())
        if isinstance(reader, str) and not subscription.property_dependencies.get("endpoint"):
            still = {urn for other in left if held(other, "endpoint") == reader for urn in other.dependencies}
            silent = [stay[urn] for urn in topics if urn in {*stay} - still]
            yield from (f"{reader} no longer gets the messages of {topic}" for topic in silent)


def _no_longer_allowed(update: Update, before: Side, after: Side) -> Iterator[str]:
    """Functions whose own policy no longer lets a rule, topic or bucket start them."""
    # https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html
    news = {old.urn: after.graph.resources[new.urn] for old, new in update.pairs if new.urn in after.graph.resources}
    for resource in (resource for resource in before.graph.of_type(*_INVOKED) if resource.urn in news):
        for urn in (urn for urn in resource.property_dependencies.get(_STARTS[resource.type], ()) if urn in news):
            could = _may_start(before, resource, before.graph.resources[urn])
            if could and not _may_start(after, news[resource.urn], news[urn]):
                yield f"{news[urn].name}: no longer started by {resource.name}, for which it has no permission"
    for function in (function for function in before.graph.of_type(*types.FUNCTION) if function.urn in news):
        had, has = ({text(held(resource, "principal")) for resource in side.reach.model.permissions.of(callee)
                     if resource.property_dependencies.get("sourceArn")}
                    for side, callee in ((before, function), (after, news[function.urn])))  # fmt: skip
        for service in sorted(name for name in had - has if name.endswith(".amazonaws.com") and name not in _READ):
            yield f"{function.name}: no longer started by {service}, for which it has no permission"


def _may_start(side: Side, starter: Resource, function: Resource) -> bool:
    """Whether a permission of the function lets a service start it for what the starter is of."""
    principal, key = _INVOKED[starter.type]
    source = first(side.graph, starter, key, types=())
    sources = ((resource, held(resource, "sourceArn")) for resource in side.reach.model.permissions.of(function)
               if held(resource, "principal") in (principal, UNKNOWN))  # fmt: skip
    return any(
        arn is None or source is None or source.urn in resource.property_dependencies.get("sourceArn", ())
        or glob(ACCOUNT.sub("*", text(arn)), text(output(source, "arn"))) for resource, arn in sources
    )  # fmt: skip


def _is_off(resource: Resource) -> bool | None:
    values = ((held(resource, *key.split(".")), items(off)) for key, off in _OFF.get(resource.type, {}).items())
    return any_of(None if value is UNKNOWN else value in off for value, off in values)


def _left_zones(update: Update, before: Side) -> Iterator[str]:
    """A balancer that leaves a subnet in which copies of a backend run: it sends them nothing."""
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html
    for change in (each for each in update.changed if each.resource.type in types.LOAD_BALANCER and not each.replacing):
        name = change.resource.name
        was, now = ({*items(balancer.inputs.get("subnets"))} for balancer in (change.old, change.resource))
        for user in before.graph.of_type(*types.SERVICE, *types.SCALING_GROUP):
            where = peek(user, "networkConfiguration", "subnets") or peek(user, "vpcZoneIdentifiers")
            if (was - now) & {*items(where)}:
                gone = f"copies of {user.name} in zones that {name} leaves get no calls"
                yield f"{gone}{'' if update.past else f' from “update {name}”'} until they run elsewhere"


def _streams_broken(one: Changed, update: Update, before: Side, after: Side) -> Iterator[str]:
    """A function that streams no longer, while the stage still has the deployment by which it is to.

    A replaced one streams until its deletion, and one that is only renamed has no step.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
    """
    changes = next((step for step in update.order if step.resource is one.resource and step.verb is Verb.UPDATE), None)
    if changes is None or not answers_whole(one.resource):
        return
    still = {(key_of(api.resource.urn), name) for api, name, _ in _streamed(one.resource.urn, after)}
    lost: list[tuple[tuple[str, str], str]] = []
    for api, name, old in _streamed(one.resource.urn, before):
        stages = {key_of(stage.urn) for stage in api.stages}
        deployed = [step for step in update.order if key_of(step.resource.urn) in stages]
        lasts = (key_of(api.resource.urn), name) in still or not deployed
        until = "on" if lasts else f"until “{deployed[-1]}” is done"
        lost += [] if answers_whole(old) else [((api.resource.name, until), name)]
    for (owner, until), names in grouped(lost).items():
        yield f"{listed(names)} of {owner}: answered with 500{'' if update.past else f' from “{changes}” {until}'}"


def _streamed(urn: str, side: Side) -> Iterator[tuple[Api, str, Resource]]:
    """Calls that a function is to answer in a stream: the API, the call's name, and the function."""
    for api in side.reach.model.apis.all:
        for call in api.calls:
            function = call.integration.function
            if call.integration.streams and function and key_of(function.urn) == key_of(urn):
                yield api, call.name, function


def _only_spot(service: Resource, update: Update) -> Iterator[str]:
    """A service all of whose copies AWS may take back, unlike before."""
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
    before = [update.olds[service.urn]] if service.urn in update.olds else update.removed
    safe = any(resource.type in types.SERVICE and not _runs_on_spot_alone(resource) for resource in before)
    if service.type in types.SERVICE and safe and _runs_on_spot_alone(service):
        yield f"{service.name} runs on spare capacity alone: AWS may stop each copy of it, two minutes after a warning"


def _runs_on_spot_alone(service: Resource) -> bool:
    """Whether AWS may take back every task: of the providers that it uses, none is another one."""
    strategies = items(held(service, "capacityProviderStrategies"))
    used = {text(within(row, "capacityProvider")) for row in strategies if within(row, "base") or within(row, "weight")}
    return used == {"FARGATE_SPOT"}


def _stopped_first(change: Changed, after: Side) -> Iterator[str]:
    """A service that ends all its copies before new ones run, in this deployment or in later ones."""
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
    limits = {"deploymentMinimumHealthyPercent": 100.0, "deploymentMaximumPercent": 200.0}
    least, most = (default if (own := number(held(change.resource, key))) is None else own
                   for key, default in limits.items())  # fmt: skip
    count = after.reach.model.containers.count(change.resource) if change.resource.type in types.SERVICE else None
    if count and not math.ceil(count * least / 100) and math.floor(count * most / 100) <= count:
        stops = f"ends all copies before new ones run (minimum {least:g}%, maximum {most:g}%), so that calls fail"
        if change.inputs & {*_TABLE["deploys"]}:
            yield f"{change.resource.name} {stops} until these are healthy"
        elif change.inputs & {*limits}:
            yield f"each later deployment of {change.resource.name} {stops} for a while"


def _paused(resource: Resource, old: Resource | None) -> Iterator[str]:
    """A schedule that leaves a service or a group no copy for a while."""
    paths = [key.split(".") for key in _TABLE["pauses"].get(resource.type, ())]
    if any(peek(resource, *path) == 0 and (old is None or peek(old, *path) != 0) for path in paths):
        when = text(held(resource, "schedule")) or text(held(resource, "recurrence")) or "a time that is not known"
        yield f"{resource.name} leaves no copy from {when} on: calls fail until some run again"


def left_running(update: Update, after: Side) -> Iterator[str]:
    """Groups with another template whose instances nothing replaces. Only an update by Pulumi refreshes them."""
    # The state after an update holds those that follow the newest version twice, `#running` with the version before.
    steps = {
        change.resource.urn: {top(part.name) for part in change.properties if _ON_DEMAND not in part.name}
        for change in update.changed
        if not change.replacing
    }
    for group in (group for group in after.graph.of_type(*types.SCALING_GROUP) if group.urn in update.olds):
        refresh = refresh_of(group, steps.get(group.urn, ()))
        stays = refresh is not None and (update.past or not refresh)
        if stays or f"{group.urn}#running" in after.graph.resources:
            yield f"{group.name}: running instances stay as they were launched until something replaces them"


def pinned_aliases(update: Update, after: Side) -> Iterator[str]:
    """Aliases that name a version by its number, which has none of what changes of its function."""
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
    for one in (change for change in update.changed if change.resource.type in types.FUNCTION and not change.replacing):
        parts = sorted(one.inputs & {*_TABLE["versioned"]})
        for alias in naming(after.graph, one.resource, types.ALIAS, "functionName") if parts else ():
            version, was = (text(held(each, "functionVersion")) for each in (alias, update.olds.get(alias.urn, alias)))
            follows = one.resource.urn in alias.property_dependencies.get("functionVersion", ())
            steady = alias.urn in update.olds and version == was and held(alias, "routingConfig") is None
            if version.isdigit() and steady and not follows:
                yield f"{alias.name} stays at version {version} of {one.resource.name}, without the new {listed(parts)}"


def _refreshed(change: Changed) -> Iterator[str]:
    """An Auto Scaling group whose update starts a refresh of its instances."""
    if refresh := refresh_of(change.resource, change.inputs):
        healthy = number(within(refresh, "preferences", "minHealthyPercentage"))
        share = "90%" if healthy is None else f"{healthy:g}%"  # AWS's default
        # The provider gives the group its new template first: hashicorp/terraform-provider-aws#34189
        back = within(refresh, "preferences", "autoRollback") is True
        lost = "; its rollback would use the new template as well" if back else ""
        yield f"{change.resource.name} replaces every instance after the update, with at least {share} in service{lost}"


def _starts_small(change: Changed, side: Side) -> Iterator[str]:
    """A group or service that had scaled out, and whose replacement takes the number of the program."""
    if change.resource.type not in (*types.SERVICE, *types.SCALING_GROUP):
        return
    inputs = change.resource.inputs
    scalers = scalers_of(change.resource, side.graph) or side.reach.model.containers.scalers(change.resource)
    if (scalers or inputs.get("minSize") != inputs.get("maxSize")) and not any(map(is_awaited, scalers)):
        written = (inputs.get(key) for key in ("desiredCount", "desiredCapacity", "minSize"))
        copies = number(next((value for value in written if value is not None), None))
        begins = "the number in the program" if copies is None else f"{copies:g} copies"
        yield f"{change.resource.name} starts again with {begins}, however many run now"
