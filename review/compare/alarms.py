"""Alarms and budgets that notify nobody after an update, or that watch for something else.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

from collections.abc import Iterator
from typing import Any, Final

from ..graph import Graph, Resource
from ..graph.given import held
from ..graph.graph import grouped
from ..graph.prose import few
from ..graph.reading import items, naming
from ..graph.shown import shown
from .engine.side import Side, top
from .engine.update import Update

_KINDS: Final = (
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm",
    "aws:budgets/budget:Budget",
)
_TOPIC, _SUBSCRIPTIONS = "aws:sns/topic:Topic", ("aws:sns/topicSubscription:TopicSubscription",)
_NOTIFIES: Final = ("notifications", "alarmActions", "okActions", "insufficientDataActions", "actionsEnabled")
_QUIET: Final = (*_NOTIFIES, "name", "namePrefix", "alarmDescription", "tags", "tagsAll")
"""Inputs that do not decide when an alarm or a budget notifies."""


def quieter(update: Update, before: Side, after: Side) -> Iterator[tuple[str, str]]:
    """A sentence each, with the names that it is about."""
    news = {old.urn: after.graph.resources.get(new.urn, new) for old, new in update.pairs}
    gone = {one.urn for one in update.removed if not one.options.retain_on_delete}
    lasting = {_watched(one) for one in after.graph.of_type(*_KINDS) if not _silent(after.graph, one)}
    quiet = []
    for one in (each for each in before.graph.of_type(*_KINDS) if not _silent(before.graph, each)):
        subjects = {urn for key in ("dimensions", "metricQueries") for urn in one.property_dependencies.get(key, ())}
        if one.urn in news:
            quiet.append((_silent(after.graph, news[one.urn]), one.name))
        elif one.urn in gone and _watched(one) not in lasting and not (subjects and subjects <= gone):
            quiet.append(("deleted", one.name))
    for reason, names in grouped(each for each in quiet if each[0]).items():
        yield f"{few(names)} {'notify' if len(names) > 1 else 'notifies'} nobody from then on: {reason}", few(names)
    for change in (each for each in update.changed if each.resource.type in _KINDS):
        differing = [one for one in change.properties if top(one.name) not in _QUIET]
        if differing and not _silent(after.graph, news.get(change.old_urn, change.resource)):
            said = [f"{one.name} {shown(one.after)}, before {shown(one.before)}" for one in differing]
            yield f"{change.resource.name} notifies under another condition: {few(said)}", change.resource.name


def _watched(alarm: Resource) -> str:
    """What an alarm watches, as text."""
    return str([alarm.type, *sorted((key, str(held(alarm, key))) for key in alarm.inputs if key not in _QUIET)])


def _silent(graph: Graph, alarm: Resource) -> str:
    """Why nobody hears of an alarm or a budget; empty if somebody may."""
    if held(alarm, "actionsEnabled") is False:
        return "its actions are switched off"
    budget = alarm.type == _KINDS[-1]
    notified: list[Any] = items(held(alarm, "notifications" if budget else "alarmActions"))
    topics = [graph.find(one) for one in notified]
    if not notified:
        return "nobody is named"
    made = [topic for topic in topics if topic is not None and topic.type == _TOPIC and not topic.existing]
    if len(made) == len(topics) and not any(naming(graph, topic, _SUBSCRIPTIONS, "topic") for topic in made):
        return f"nobody is subscribed to {few(sorted({topic.name for topic in made}))}"
    return ""
