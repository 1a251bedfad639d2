"""Logs: that they exist, for as long as they are needed, and without secrets in them."""

import re
from collections.abc import Iterator
from typing import Final

from ..aws.arrival import TOPIC, find_obstacles
from ..aws.catalog import types
from ..aws.notices import is_silent
from ..graph import Graph, Resource
from ..graph.reading import Doubt, as_text, get_declared_input, require_declared_input
from ..ledger.entries import may_matter
from ..ledger.references import list_references
from ..paths import Reachability
from .registry import Message, Severity, rule

_OF_ANY_TYPE: Final = ("aws:cloudcontrol/", "aws:cloudformation/")


@rule("LOG-01", Severity.MEDIUM, on=("aws:cloudwatch/logGroup:LogGroup",))
def require_log_retention(resource: Resource) -> Iterator[str]:
    """Every log group has a retention.
    Why: Without one, logs and the personal data in them are kept and paid for forever.
    Remedy: Set retention_in_days.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html
    """
    if not require_declared_input(resource, "retentionInDays"):
        yield f"{resource.name} keeps its logs without end"


@rule("LOG-02", Severity.MEDIUM, on=types.STAGES)
def require_access_log(resource: Resource) -> Iterator[str]:
    """Every stage writes access logs.
    Why: Without them, nobody can find out who called which route.
    Remedy: Set access_log_settings with a log group and a JSON format.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """
    if get_declared_input(resource, "accessLogSettings") is None:
        yield f"{resource.name} writes no access log"


@rule("LOG-03", Severity.HIGH, on=types.STAGES)
def forbid_keys_in_access_log(resource: Resource) -> Iterator[str]:
    """Access logs name the request and contain no API key.
    Why: Everybody who reads logs could use the key, and API Gateway refuses a format without a request ID.
    Remedy: Use $context.requestId or $context.extendedRequestId, and $context.identity.apiKeyId instead of apiKey.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
    """
    log_format = as_text(require_declared_input(resource, "accessLogSettings", "format"))
    if re.search(r"\$context\.identity\.apiKey(?!Id)", log_format):
        yield f"{resource.name} logs whole API keys"
    if log_format and not re.search(r"\$context\.(requestId|extendedRequestId)", log_format):
        yield f"the format of {resource.name} has no request id, which API Gateway refuses"


@rule("LOG-07", Severity.LOW, on=("aws:cloudwatch/metricAlarm:MetricAlarm",))
def require_alarm_action(resource: Resource) -> Iterator[Message]:
    """An alarm has an action, and its actions are enabled.
    Why: An alarm without an action notifies nobody.
    Remedy: Name an SNS topic in alarm_actions. In a stack file, add protection.alarms with emails: alarms of a NAT
    instance notify the same topic.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
    """
    if get_declared_input(resource, "actionsEnabled") is False:
        yield f"the actions of {resource.name} are disabled"
    elif is_silent(resource):
        yield Doubt(f"{resource.name} notifies nobody, and whether anybody watches the console is not known")


@rule("LOG-08", Severity.MEDIUM, on=("aws:cloudwatch/metricAlarm:MetricAlarm", "aws:budgets/budget:Budget"))
def require_arriving_notice(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """The SNS topic of an alarm or a budget accepts its messages, and has a subscription.
    Why: If the topic's policy or key does not allow the service, or the topic is in another region, nobody is notified.
    Remedy: Admit the service in the topic's policy (sns:Publish) and in the key's (kms:Decrypt, kms:GenerateDataKey*).
    In a stack file, protection.alarms with emails makes such a topic.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    """
    obstacles = list(find_obstacles(reach.model.graph, resource))
    certain = [obstacle for obstacle in obstacles if isinstance(obstacle, str)]
    yield from (f"{resource.name}: {reason}" for reason in certain)
    if obstacles and not certain:
        yield Doubt(f"{resource.name}: {obstacles[0]}")
        return
    if (unread := next(_list_unread_policies(reach.model.unrecorded, resource), None)) is not None:
        by, topic = unread
        yield Doubt(f"{resource.name}: whether {by.name} ({by.kind}) changes who may publish to {topic.name}")


def _list_unread_policies(graph: Graph, resource: Resource) -> Iterator[tuple[Resource, Resource]]:
    """Resources that may set the policy of a topic of an alarm or a budget, each with the topic.

    The types of the AWS provider are read, besides those that create a resource of any type.
    """
    topics = {reference.named.urn for reference in list_references(graph, resource) if reference.named.type == TOPIC}
    for by in graph if topics else ():
        is_of_any_type = by.remote or not by.type.startswith("aws:") or by.type.startswith(_OF_ANY_TYPE)
        if is_of_any_type and may_matter(by):
            yield from ((by, one.named) for one in list_references(graph, by) if one.named.urn in topics)
