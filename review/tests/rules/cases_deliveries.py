"""Planted faults of LIVE-11."""

from typing import Any

from review.tests.graph_builder import Builder, Json
from review.tests.rules.cases import fault, quiet

ROOT = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"}


def statement(service: str, **more: Any) -> dict[str, Any]:
    actions = ["kms:GenerateDataKey*", "kms:Decrypt"]
    return {"Effect": "Allow", "Principal": {"Service": service}, "Action": actions, "Resource": "*", **more}


def alarmed(build: Builder, key: str = "", *statements: Any) -> None:
    """An alarm and its topic: with a key by name, with one of the program's own, or without."""
    policy = Json({"Version": "2012-10-17", "Statement": [ROOT, *statements]}) if statements else None
    own = build("kms/key:Key", "key", policy=policy).arn if key == "own" else key or None
    topic = build("sns/topic:Topic", "topic", kmsMasterKeyId=own)
    build("cloudwatch/metricAlarm:MetricAlarm", "late", alarmActions=[topic.arn])


def subscribed(build: Builder, *statements: Any) -> None:
    key = build("kms/key:Key", "key", policy=Json({"Version": "2012-10-17", "Statement": [ROOT, *statements]}))
    queue = build("sqs/queue:Queue", "queue", kmsMasterKeyId=key.keyId)
    topic = build("sns/topic:Topic", "topic")
    build("sns/topicSubscription:TopicSubscription", "reads", topic=topic.arn, protocol="sqs", endpoint=queue.arn)


MANAGED = "late delivers into topic, and cloudwatch.amazonaws.com may not use its key alias/aws/sns"
OWN = "late delivers into topic, and cloudwatch.amazonaws.com may not use its key key"
fault("LIVE-11", at="late", message=MANAGED)(lambda build: alarmed(build, "alias/aws/sns"))
fault("LIVE-11", at="late", message=OWN)(lambda build: alarmed(build, "own"))
fault("LIVE-11", at="late", message=OWN)(lambda build: alarmed(build, "own", statement("sns.amazonaws.com")))
fault("LIVE-11", at="reads", message="reads delivers into queue, and sns.amazonaws.com may not use its key key")(
    lambda build: subscribed(build, statement("events.amazonaws.com"))
)
quiet("LIVE-11")(lambda build: alarmed(build))
quiet("LIVE-11")(lambda build: alarmed(build, "own", statement("cloudwatch.amazonaws.com")))
quiet("LIVE-11")(lambda build: subscribed(build, statement("sns.amazonaws.com")))
quiet("LIVE-11")(
    lambda build: subscribed(
        build, statement("sns.amazonaws.com", Condition={"StringEquals": {"aws:SourceAccount": "123456789012"}})
    )
)
