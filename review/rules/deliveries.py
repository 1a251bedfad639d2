"""Deliveries of services into topics and queues, against the keys of these."""

from collections.abc import Iterator
from typing import Final

from ..aws.identity.callers import Caller
from ..aws.identity.iam import allows
from ..graph import Graph, Resource
from ..graph.given import held
from ..graph.reading import MalformedDocument, naming, pointed, text
from ..reach import Reach
from .registry import ALWAYS, Severity, rule

_HOLDERS: Final = ("aws:sns/topic:Topic", "aws:sqs/queue:Queue")
_KEY_POLICY: Final = ("aws:kms/keyPolicy:KeyPolicy",)
_NOTIFICATION: Final = "aws:s3/bucketNotification:BucketNotification"
_POLICIES: Final = {"aws:sqs/queuePolicy:QueuePolicy": "queueUrl", "aws:sns/topicPolicy:TopicPolicy": "arn"}
_SENDERS: Final = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("cloudwatch.amazonaws.com", (("alarmActions",), ("okActions",))),
    "aws:sns/topicSubscription:TopicSubscription": ("sns.amazonaws.com", (("endpoint",),)),
    "aws:cloudwatch/eventTarget:EventTarget": ("events.amazonaws.com", (("arn",),)),
    _NOTIFICATION: (
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
    resources = {hit.urn: hit for path in inputs for hit in pointed(graph, resource, *path, types=_HOLDERS)}
    for holder in resources.values():
        own = text(held(holder, "kmsMasterKeyId")).rpartition(":")[2]
        keys = [key for _, _, key in reach.model.keys.of(holder)]
        if own.startswith("alias/aws/") or any(_is_refused(graph, key, service) for key in keys):
            named = keys[0].name if keys else own
            yield f"{resource.name} delivers into {holder.name}, and {service} may not use its key {named}"


@rule("LIVE-12", Severity.HIGH, on=tuple(sender for sender in _SENDERS if sender != _NOTIFICATION))
def holder_takes_deliveries(reach: Reach, resource: Resource) -> Iterator[str]:
    """The policy of a queue or topic lets a service deliver into it.

    Why: What the service delivers is lost.
    Remedy: Allow sqs:SendMessage or sns:Publish to the service, with aws:SourceArn as a condition.
    https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
    """
    yield from _kept_out(reach, resource)


@rule("FIT-50", Severity.HIGH, on=(_NOTIFICATION,), refused=ALWAYS)
def holder_takes_notifications(reach: Reach, resource: Resource) -> Iterator[str]:
    """The policy of a queue or topic lets S3 deliver into it what happens in a bucket.

    Why: S3 refuses the notification.
    Remedy: Allow sqs:SendMessage or sns:Publish to s3.amazonaws.com, with aws:SourceArn as a condition.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
    """
    yield from _kept_out(reach, resource)


def _kept_out(reach: Reach, resource: Resource) -> Iterator[str]:
    graph, (service, inputs) = reach.model.graph, _SENDERS[resource.type]
    resources = {hit.urn: hit for path in inputs for hit in pointed(graph, resource, *path, types=_HOLDERS)}
    for holder in (hit for hit in resources.values() if not hit.existing):
        action = "sns:Publish" if holder.type == _HOLDERS[0] else "sqs:SendMessage"
        apart = (naming(graph, holder, (kind,), key) for kind, key in _POLICIES.items())
        policies = [held(part, "policy") for part in (holder, *(part for some in apart for part in some))]
        # Without a policy, a topic takes alarms of its own account.
        by_default = action == "sns:Publish" and service.startswith("cloudwatch.")
        if (any(policies) or not by_default) and all(_refuses(part, service, action) for part in policies if part):
            yield f"{resource.name} delivers into {holder.name}, whose policy does not let {service} do so"


def _refuses(policy: object, service: str, action: str) -> bool:
    try:
        return allows(policy, caller=Caller(service=service, is_whole=False), action=action).refused
    except MalformedDocument:
        return False


def _is_refused(graph: Graph, key: Resource, service: str) -> bool:
    """Whether no policy of a key lets a service make data keys; no if that is not read."""
    policies = [held(resource, "policy") for resource in (key, *naming(graph, key, _KEY_POLICY, "keyId"))]
    try:
        answers = [
            allows(policy, caller=Caller(service=service, is_whole=False), action="kms:GenerateDataKey")
            for policy in policies if policy is not None
        ]  # fmt: skip
    except MalformedDocument:
        return False
    return all(answer.refused for answer in answers)
