"""Checks that AWS answers: targets, Session Manager, recipients of alarms, and the last lines of boot scripts."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ..aws import types
from ..aws.user_data import INPUTS, decoded
from ..graph import Graph, Resource
from ..graph.prose import count, few
from ..graph.reading import items, peek, text
from ..reach.path import SESSION, Kind
from ..reach.trace import Reach
from .check import Check, failed, not_read, passed
from .cloud import Cloud, NotRead

_ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
_TOPIC: Final = "aws:sns/topic:Topic"
_LAST_LINES: Final = ("the NAT works", "the backend answers")
"""Last lines of Gatehouse's boot scripts on the console."""
_ON_ITS_WAY: Final = ("draining", "initial")

CALLS: Final = (
    "elbv2.describe_target_health",
    "ssm.describe_instance_information",
    "ec2.get_console_output",
    "sns.list_subscriptions_by_topic",
    "sts.get_caller_identity",
)
"""All calls beside those of the table."""

_Look = Callable[[Resource, Any], Iterator[Check]]


def checks(graph: Graph, reach: Reach, cloud: Cloud) -> Iterator[Check]:
    """Every check, of resources that the stack owns."""
    people = (path for path in reach.paths if path.kind is Kind.PEOPLE and path.source == SESSION and path.open)
    sessions = {path.backend.urn for path in people if path.backend}
    topics = {arn for alarm in graph.of_type(_ALARM) for arn in items(peek(alarm, "alarmActions"))}
    for group in _owned(graph, types.TARGET_GROUP):
        arguments = {"TargetGroupArn": text(group.id)}
        yield from _asked(group, "elbv2.describe_target_health", arguments, _targets, cloud)
    for machine in _owned(graph, types.INSTANCE):
        identity = text(machine.id)
        if machine.urn in sessions:
            listed = {"Filters": [{"Key": "InstanceIds", "Values": [identity]}]}
            yield from _asked(machine, "ssm.describe_instance_information", listed, _session, cloud)
        if line := _last_line(machine):
            look = _console(line)
            yield from _asked(machine, "ec2.get_console_output", {"InstanceId": identity}, look, cloud)
    for topic in _owned(graph, (_TOPIC,)):
        if topic.id in topics:
            arguments = {"TopicArn": text(topic.id)}
            yield from _asked(topic, "sns.list_subscriptions_by_topic", arguments, _recipients, cloud)


def _owned(graph: Graph, kinds: tuple[str, ...]) -> list[Resource]:
    return [one for one in graph.of_type(*kinds) if not one.existing]


def _asked(one: Resource, call: str, arguments: Mapping[str, Any], look: _Look, cloud: Cloud) -> Iterator[Check]:
    try:
        answer = cloud.ask(call, arguments, one.region)
    except NotRead as problem:
        yield not_read(one.name, f"{call}: {problem}")
        return
    if answer is None:
        yield failed(one.name, "it does not exist in AWS", "run `pulumi up --refresh`")
    else:
        yield from look(one, answer)


def _targets(group: Resource, answer: Mapping[str, Any]) -> Iterator[Check]:
    found = [one.get("TargetHealth", {}) for one in answer.get("TargetHealthDescriptions", ())]
    healthy = [one for one in found if one.get("State") == "healthy"]
    bad = [one for one in found if one.get("State") not in ("healthy", *_ON_ITS_WAY)]
    reasons = few(sorted({f"{one.get('State')} ({one.get('Reason', 'no reason')})" for one in bad}))
    if healthy and not bad:
        yield passed(group.name, f"{count(len(healthy), 'target')} healthy")
    else:
        message = f"{len(healthy)} of {count(len(found), 'target')} healthy" + (f": {reasons}" if reasons else "")
        yield failed(group.name, message, "read the backend's log, and compare its port and health check path")


def _session(machine: Resource, answer: Mapping[str, Any]) -> Iterator[Check]:
    status = next((one.get("PingStatus") for one in answer.get("InstanceInformationList", ())), None)
    if status == "Online":
        yield passed(machine.name, "reports to Systems Manager")
    else:
        said = f"Systems Manager has it as {status}" if status else "Systems Manager does not list it"
        remedy = "compare the egress mode and the instance's role; the agent needs some minutes after a start"
        yield failed(machine.name, said, remedy)


def _recipients(topic: Resource, answer: Mapping[str, Any]) -> Iterator[Check]:
    found = answer.get("Subscriptions", ())
    pending = [one for one in found if one.get("SubscriptionArn") in ("PendingConfirmation", "Deleted")]
    confirmed = len(found) - len(pending)
    if pending or not found:
        said = f"{confirmed} of {count(len(found), 'recipient')} confirmed" if found else "alarms have no recipient"
        yield failed(topic.name, said, "open the link in the message that AWS sent, or add a recipient")
    else:
        yield passed(topic.name, f"{count(confirmed, 'recipient')} confirmed")


def _last_line(machine: Resource) -> str:
    script = "".join(decoded(text(peek(machine, key))) for key in INPUTS)
    return next((line for line in _LAST_LINES if line in script), "")


def _console(line: str) -> _Look:
    def look(machine: Resource, answer: Mapping[str, Any]) -> Iterator[Check]:
        # boto3 has decoded it.
        output = str(answer.get("Output") or "")
        if not output:
            yield not_read(machine.name, "its console is empty", "AWS keeps it for an hour, and some types later")
        elif line in output:
            yield passed(machine.name, f"its console has “{line}”")
        else:
            yield failed(machine.name, f"its console does not have “{line}”", "read it: `aws ec2 get-console-output`")

    return look
