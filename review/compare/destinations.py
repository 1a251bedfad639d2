"""Where resources send data: log events, objects and events that leave the stack."""

from collections.abc import Iterator, Mapping
from typing import Final

from ..aws.catalog.catalog import make_token
from ..aws.identity.callers import parse_account
from ..graph import Graph, Resource, reveal_all
from ..graph.prose import join_names
from ..graph.reading import as_text
from .facts import Facts
from .lines import Group, Head, Line, Sign, Topic
from .replacements import list_values
from .resources import Resources
from .wording import format_title

_SENDERS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    make_token("cloudwatch.LogSubscriptionFilter"): ("log events", ("destinationArn",)),
    make_token("cloudwatch.LogDestination"): ("log events", ("targetArn",)),
    make_token("cloudwatch.EventTarget"): ("events", ("arn",)),
    make_token("sns.TopicSubscription"): ("messages", ("endpoint",)),
    make_token("s3.BucketNotification"): (
        "events",
        ("queues.queueArn", "topics.topicArn", "lambdaFunctions.lambdaFunctionArn"),
    ),
    make_token("s3.BucketReplicationConfig"): ("objects", ("rules.destination.bucket",)),
    make_token("s3.Bucket"): ("objects", ("replicationConfiguration.rules.destination.bucket",)),
}
"""By type, what is sent and the inputs with its destinations."""


def list_destination_lines(resources: Resources, before: Facts, after: Facts) -> Iterator[Line]:
    """A line for each resource that sends data to a destination outside of the stack, and did not before."""
    pairs = [(change.old, change.new) for change in resources.changes]
    for old, new in (*pairs, *((None, resource) for resource in resources.added)):
        data, _ = _SENDERS.get(new.type, ("", ()))
        known = _list_outside(old, before.graph) if old is not None else []
        if come := [place for place in _list_outside(new, after.graph) if place not in known]:
            text = f"{format_title(new)} sends {data} to {join_names(come)}, which this stack does not declare"
            yield Line(Group.PATHS, Sign.NEW, text, (Head(Topic.SENDS, f"{new.name} ({join_names(come)})"),))


def _list_outside(resource: Resource, graph: Graph) -> list[str]:
    """Destinations that are no resources of the stack, with their account if it is known."""
    _, paths = _SENDERS.get(resource.type, ("", ()))
    inputs = reveal_all(resource.inputs)
    places = {place for path in paths for place in list_values(inputs, path) if isinstance(place, str)}
    return [_describe_place(place, resource) for place in sorted(places) if _is_outside(place, graph)]


def _is_outside(place: str, graph: Graph) -> bool:
    """Whether no resource of the stack has the ARN or URL. Addresses of people, such as of an email, are no place."""
    if not place.startswith(("arn:", "http://", "https://")):
        return False
    found = graph.find(place)
    return found is None or found.existing


def _describe_place(place: str, resource: Resource) -> str:
    owners = [parse_account(place), *map(as_text, list_values(resource.inputs, "rules.destination.account"))]
    account = next(filter(None, owners), "")
    return f"{place} of account {account}" if account else place
