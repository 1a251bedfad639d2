"""Deliveries of services into topics and queues, against the keys of these."""

from collections.abc import Iterator
from typing import Final

from ..aws.identity.callers import Caller
from ..aws.identity.iam import allows
from ..graph import Graph, Resource
from ..graph.given import held
from ..graph.reading import MalformedDocument, naming, pointed, text
from ..reach import Reach
from .registry import Severity, rule

_HOLDERS: Final = ("aws:sns/topic:Topic", "aws:sqs/queue:Queue")
_KEY_POLICY: Final = ("aws:kms/keyPolicy:KeyPolicy",)
_SENDERS: Final = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("cloudwatch.amazonaws.com", (("alarmActions",), ("okActions",))),
    "aws:sns/topicSubscription:TopicSubscription": ("sns.amazonaws.com", (("endpoint",),)),
    "aws:cloudwatch/eventTarget:EventTarget": ("events.amazonaws.com", (("arn",),)),
    "aws:s3/bucketNotification:BucketNotification": (
        "s3.amazonaws.com", (("queues", "queueArn"), ("topics", "topicArn")),
    ),
}  # fmt: skip
"""By type, the service that delivers, and the inputs that name where."""


@rule("LIVE-11", Severity.HIGH, on=tuple(_SENDERS))
def key_admits_its_sender(reach: Reach, resource: Resource) -> Iterator[str]:
    """A service may use the key of the topic or queue that it delivers into.

    Why: It may not by the policy that a key has by default, nor with AWS's own keys: what it delivers is lost.
    Remedy: Allow kms:GenerateDataKey* and kms:Decrypt to the service in the policy of a key of your own.
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    """
    graph, (service, inputs) = reach.model.graph, _SENDERS[resource.type]
    found = {one.urn: one for path in inputs for one in pointed(graph, resource, *path, types=_HOLDERS)}
    for holder in found.values():
        own = text(held(holder, "kmsMasterKeyId")).rpartition(":")[2]
        keys = [key for _, _, key in reach.model.keys.of(holder)]
        if own.startswith("alias/aws/") or any(_is_refused(graph, key, service) for key in keys):
            named = keys[0].name if keys else own
            yield f"{resource.name} delivers into {holder.name}, and {service} may not use its key {named}"


def _is_refused(graph: Graph, key: Resource, service: str) -> bool:
    """Whether no policy of a key lets a service make data keys; no if that is not read."""
    policies = [held(one, "policy") for one in (key, *naming(graph, key, _KEY_POLICY, "keyId"))]
    try:
        answers = [
            allows(one, caller=Caller(service=service, is_whole=False), action="kms:GenerateDataKey")
            for one in policies if one is not None
        ]  # fmt: skip
    except MalformedDocument:
        return False
    return all(one.refused for one in answers)
