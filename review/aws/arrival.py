"""Whether a notice of a service arrives at somebody: the topic's region, its policy, its key and its subscriptions."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from ..graph import UNKNOWN, Graph, Resource
from ..graph.evidence import get_deployed_input
from ..graph.reading import (
    Doubt,
    MalformedDocument,
    as_list,
    as_text,
    find_referenced,
    find_referring,
    find_values,
    get_output,
)
from .identity.callers import Caller
from .identity.iam import Decision, evaluate_policy

ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
TOPIC: Final = "aws:sns/topic:Topic"
_POLICY: Final = ("aws:sns/topicPolicy:TopicPolicy",)
_SUBSCRIPTION: Final = ("aws:sns/topicSubscription:TopicSubscription",)
_KEY: Final = "aws:kms/key:Key"
_KEY_POLICY: Final = ("aws:kms/keyPolicy:KeyPolicy",)
_ALIAS: Final = "aws:kms/alias:Alias"
_AWS_KEY: Final = "alias/aws/sns"
_KEY_ACTIONS: Final = ("kms:Decrypt", "kms:GenerateDataKey")


class Sender(NamedTuple):
    """A service that sends notices."""

    principal: str
    name: str
    needs_policy: bool
    """Whether the policy that SNS gives a new topic does not let it publish."""
    same_region: bool
    """Whether it only takes topics of its own region."""


CLOUDWATCH: Final = Sender("cloudwatch.amazonaws.com", "CloudWatch", needs_policy=False, same_region=True)
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html"""
BUDGETS: Final = Sender("budgets.amazonaws.com", "AWS Budgets", needs_policy=True, same_region=False)
"""https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html"""


Obstacle = str | Doubt
"""Why a notice does not arrive, or a doubt whether it does."""


def find_obstacles(graph: Graph, resource: Resource) -> Iterator[Obstacle]:
    """What keeps the notices of an alarm or a budget from arriving: of each topic what is certain, or what is not."""
    is_alarm = resource.type == ALARM
    sender = CLOUDWATCH if is_alarm else BUDGETS
    place = ("alarmActions",) if is_alarm else ("notifications", "subscriberSnsTopicArns")
    targets = find_values(resource.inputs, *place)
    topics: list[tuple[Resource | None, str]] = [
        (topic, "") for topic in find_referenced(graph, resource, *place, types=(TOPIC,))
    ]
    # An action on an instance or a scaling group notifies nobody.
    topics += [(None, arn) for arn in map(as_text, targets) if ":sns:" in arn and graph.find(arn, TOPIC) is None]
    for topic, arn in topics:
        obstacles = list(_list_obstacles(graph, resource, topic, arn, sender))
        if obstacles:
            yield next((found for found in obstacles if isinstance(found, str)), obstacles[0])


def _list_obstacles(
    graph: Graph, resource: Resource, topic: Resource | None, arn: str, sender: Sender
) -> Iterator[Obstacle]:
    region = topic.region if topic is not None else arn.split(":")[3] if arn.count(":") == 5 else ""
    if sender.same_region and region and region != resource.region:
        yield f"{sender.name} only takes topics of its own region, {resource.region}, and not of {region}"
    if topic is None or topic.existing:
        name = arn or (topic.name if topic is not None else "the topic")
        asked = f"whether {name} lets {sender.name} publish and has a subscription"
        yield Doubt(f"{asked}, since this stack does not declare it")
        return
    yield from _list_policy_obstacles(graph, topic, sender)
    yield from _list_key_obstacles(graph, topic, sender)
    if not find_referring(graph, topic, _SUBSCRIPTION, "topic"):
        yield Doubt(f"whether anybody receives what {topic.name} gets, since the stack has no subscription of it")


def _list_policy_obstacles(graph: Graph, topic: Resource, sender: Sender) -> Iterator[Obstacle]:
    holders = find_referring(graph, topic, _POLICY, "arn")
    policies = [get_deployed_input(holder, "policy") for holder in holders] or [get_deployed_input(topic, "policy")]
    if policies == [None]:
        if sender.needs_policy:
            yield f"the policy of {topic.name} does not let {sender.name} publish: it has only SNS's own"
        return
    yield from _judge(policies, ["SNS:Publish"], f"the policy of {topic.name}", "publish", topic, sender)


def _list_key_obstacles(graph: Graph, topic: Resource, sender: Sender) -> Iterator[Obstacle]:
    given = get_deployed_input(topic, "kmsMasterKeyId")
    if given in (None, ""):
        return
    if as_text(given).endswith(_AWS_KEY):
        fixed = f"AWS's key {_AWS_KEY}, whose policy no one can change"
        yield f"{topic.name} is encrypted with {fixed}: it does not admit {sender.name}"
        return
    key = graph.find(given, _KEY)
    if key is None and (alias := graph.find(given, _ALIAS)) is not None:
        key = graph.find(get_deployed_input(alias, "targetKeyId"), _KEY)
    if key is None or key.existing:
        yield Doubt(f"whether the key of {topic.name} admits {sender.name}, since this stack does not declare it")
        return
    holders = find_referring(graph, key, _KEY_POLICY, "keyId")
    policies = [get_deployed_input(holder, "policy") for holder in holders] or [get_deployed_input(key, "policy")]
    if policies == [None]:
        yield f"{key.name}, the key of {topic.name}, has AWS's default policy, which admits no service"
        return
    yield from _judge(
        policies, _KEY_ACTIONS, f"the policy of {key.name}, the key of {topic.name},", "use it", key, sender
    )


def _judge(
    policies: list[object],
    actions: list[str] | tuple[str, ...],
    whose: str,
    may: str,
    resource: Resource,
    sender: Sender,
) -> Iterator[Obstacle]:
    arn = as_text(get_output(resource, "arn")) or "*"
    # SNS's own policy admits everybody of the topic's account, and CloudWatch publishes in its name.
    context = {"aws:SourceOwner": _find_account(arn), "aws:SourceAccount": _find_account(arn), "aws:SourceArn": UNKNOWN}
    context["aws:SecureTransport"] = "true"
    caller = Caller(service=sender.principal, is_whole=False)
    for action in actions:
        try:
            decisions = [
                evaluate_policy(policy, caller=caller, action=action, resource=arn, context=context)
                for policy in as_list(policies)
            ]
        except (Doubt, MalformedDocument):
            decisions = [Decision.UNKNOWN]
        if Decision.DENY in decisions or set(decisions) == {Decision.SILENT}:
            yield f"{whose} does not let {sender.name} {may} ({action})"
            return
        if Decision.ALLOW not in decisions:
            yield Doubt(f"whether {whose} lets {sender.name} {may}")
            return


def _find_account(arn: str) -> object:
    parts = arn.split(":")
    return parts[4] if len(parts) > 4 and parts[4] else UNKNOWN
