"""Alarms and budgets that notify nobody after an update, or that watch for something else.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ..aws.catalog import types
from ..aws.catalog.tables import table
from ..graph import Graph, Resource
from ..graph.given import held
from ..graph.graph import grouped
from ..graph.prose import few
from ..graph.reading import items, mapping, naming, within
from ..graph.shown import shown
from .engine.side import Side, top
from .engine.update import Update

_KINDS: Final = tuple(table("interruptions")["alarms"])
_FILTERS: Final = ("aws:cloudwatch/logMetricFilter:LogMetricFilter",)
_TOPIC: Final = "aws:sns/topic:Topic"
_SUBSCRIBERS: Final = ("subscriberEmailAddresses", "subscriberSnsTopicArns")
_CONFIRMED: Final = ("email", "email-json", "http", "https")
_OF: Final = table("interruptions")["events"]  # inputs that name who is notified, each with the event
_QUIET: Final = (*_OF, "actionsEnabled", "name", "namePrefix", "alarmDescription", "tags", "tagsAll")
"""Inputs that do not decide when an alarm or a budget notifies."""


def quieter(update: Update, before: Side, after: Side) -> Iterator[tuple[str, str]]:
    """A sentence each, with the names that it is about."""
    news = {old.urn: after.graph.resources.get(new.urn, new) for old, new in update.pairs}
    gone = {resource.urn for resource in update.ended}
    lasting = {(_watched(resource), of) for resource in after.graph.of_type(*_KINDS) for of in _heard(resource)}
    published = {*_published(before.graph.of_type(*_FILTERS))} - {*_published(after.graph.of_type(*_FILTERS))}
    nobody, others = list[tuple[str, str]](), list[tuple[str, str]]()
    for one in before.graph.of_type(*_KINDS):
        subjects = {urn for key in ("dimensions", "metricQueries") for urn in one.property_dependencies.get(key, ())}
        heard = _heard(one)
        if (new := news.get(one.urn)) is not None:
            if heard and _metric(one) in published:
                nobody.append(("nobody: no filter of a log publishes its metric any more", one.name))
            for of in heard:
                sides = _recipients(before.graph, one, of), _recipients(after.graph, new, of)
                had, has = ([*dict.fromkeys(recipients)] for recipients in sides)
                if silent := _silent(new, of):
                    nobody.append((f"nobody{_OF[of]}: {silent}", one.name))
                elif had and not has:
                    topics = {topic.name for topic in map(after.graph.find, items(held(new, of))) if topic is not None}
                    nobody.append((f"nobody{_OF[of]}: nobody is subscribed to {few(sorted(topics))}", one.name))
                if has and {*had} != {*has}:
                    others.append((f"{few(has)}{_OF[of]}, before {few(had)}", one.name))
        elif one.urn in gone and not (subjects and subjects <= gone):
            nobody += [(f"nobody{_OF[of]}: deleted", one.name) for of in heard if (_watched(one), of) not in lasting]
    for whom, names in grouped((*nobody, *others)).items():
        yield f"{few(names)} {'notify' if len(names) > 1 else 'notifies'} {whom}", few(names)
    yield from _unconfirmed(update)
    for change in (change for change in update.changed if change.resource.type in (*_KINDS, *_FILTERS)):
        changed = [difference for difference in change.properties if top(difference.name) not in _QUIET]
        said = [f"{part.name} {shown(part.after)}, before {shown(part.before)}" for part in changed]
        was, now = map(_conditions, (change.old, change.resource))
        said += [f"{few(now)}, before {few(was)}"] if was != now else []
        itself = [news.get(change.resource.urn, change.resource)] if change.resource.type in _KINDS else ()
        metrics = {*_published([] if itself else [change.resource])}
        for resource in itself or (alarm for alarm in after.graph.of_type(*_KINDS) if _metric(alarm) in metrics):
            if said and _heard(resource):
                yield f"{resource.name} goes off under another condition: {few(said)}", resource.name


def _unconfirmed(update: Update) -> Iterator[tuple[str, str]]:
    """Subscribers that have to confirm a subscription once more, since it is another one."""
    # https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.confirm.html
    fresh = update.renewed | update.made_again
    for new in (new for _, new in update.superseded if new.urn in fresh and new.type in types.TOPIC_SUBSCRIPTION):
        if held(new, "protocol") in _CONFIRMED and not held(new, "endpointAutoConfirms"):
            yield f"{shown(held(new, 'endpoint'))} hears nothing of {new.name} until it confirms again", new.name


def _published(filters: Iterable[Resource]) -> Iterator[tuple[Any, Any]]:
    """Namespace and name of each metric that filters of log groups publish."""
    for metric in (part for resource in filters for part in items(held(resource, "metricTransformation"))):
        yield within(metric, "namespace"), within(metric, "name")


def _metric(alarm: Resource) -> tuple[Any, Any]:
    return held(alarm, "namespace"), held(alarm, "metricName")


def _watched(alarm: Resource) -> str:
    """What an alarm watches, as text."""
    return str([alarm.type, *sorted((key, str(held(alarm, key))) for key in alarm.inputs if key not in _QUIET)])


def _conditions(budget: Resource) -> list[str]:
    """When a budget notifies, `ACTUAL GREATER_THAN 80 PERCENTAGE` for example."""
    parts = ("notificationType", "comparisonOperator", "threshold", "thresholdType")
    return [" ".join(shown(within(row, part)) for part in parts) for row in items(held(budget, "notifications"))]


def _heard(alarm: Resource) -> list[str]:
    """Inputs by which an alarm notifies, or may: a topic may have subscribers that the program does not hold."""
    return [key for key in _OF if not _silent(alarm, key)]


def _silent(alarm: Resource, key: str) -> str:
    """Why an input of an alarm or a budget does not notify; empty if it may."""
    if held(alarm, "actionsEnabled") is False:
        return "its actions are switched off"
    return "" if items(held(alarm, key)) else "nobody is named"


def _recipients(graph: Graph, alarm: Resource, key: str) -> Iterator[str]:
    """Who is named: of a topic of the program its subscribers, of a budget those of its notifications."""
    notified = items(held(alarm, key))
    named = [recipient for recipient in notified if not isinstance(recipient, Mapping)]
    named += [recipient for entry in notified for kind in _SUBSCRIBERS for recipient in items(mapping(entry).get(kind))]
    for recipient in named:
        resource = graph.find(recipient)
        if resource is not None and resource.type == _TOPIC and not resource.existing:
            subscribed = naming(graph, resource, types.TOPIC_SUBSCRIPTION, "topic")
            yield from (shown(held(subscription, "endpoint")) for subscription in subscribed)
        else:
            yield resource.name if resource is not None else shown(recipient)
