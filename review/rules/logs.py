"""Logs: that there are some, that they may be written, for as long as they are needed, and without secrets in them."""

import re
from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..aws.compute.containers import containers_of
from ..graph import UNKNOWN, Graph, Resource
from ..graph.reading import items, peek, pointed, read, text, within
from ..reach import Reach
from .machines import may
from .registry import Severity, listed, rule

_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
_WRITE: Final = "logs:PutLogEvents"


@rule("LOG-01", Severity.MEDIUM, on=(_GROUP,))
def log_group_has_retention(resource: Resource) -> Iterator[str]:
    """Every log group has a retention.

    Why: Without one, logs and the personal data in them are kept and paid for without end.
    Remedy: Set retention_in_days.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html
    """
    if not read(resource, "retentionInDays"):
        yield f"{resource.name} keeps its logs without end"


@rule("LOG-02", Severity.MEDIUM, on=types.STAGES)
def stage_has_access_log(resource: Resource) -> Iterator[str]:
    """Every stage writes access logs.

    Why: Without them no one can find out afterwards who called which route.
    Remedy: Set access_log_settings with a log group and a JSON format.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """
    if peek(resource, "accessLogSettings") is None:
        yield f"{resource.name} writes no access log"


@rule("LOG-03", Severity.HIGH, on=types.STAGES)
def access_log_is_clean(resource: Resource) -> Iterator[str]:
    """Access logs name the request and hold no API key.

    Why: A key in a log is a key for everybody who reads logs; and API Gateway refuses a format without a request id.
    Remedy: Use $context.requestId or $context.extendedRequestId, and $context.identity.apiKeyId instead of apiKey.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
    """
    if peek(resource, "accessLogSettings") is None:
        return
    written = text(read(resource, "accessLogSettings", "format"))
    if re.search(r"\$context\.identity\.apiKey(?!Id)", written):
        yield f"{resource.name} logs whole API keys"
    if written and not re.search(r"\$context\.(requestId|extendedRequestId)", written):
        yield f"the format of {resource.name} has no request id, which API Gateway refuses"


@rule("LOG-04", Severity.MEDIUM, on=(*types.METHOD_SETTINGS, *types.HTTP_STAGE))
def no_data_trace(resource: Resource) -> Iterator[str]:
    """Bodies and headers of requests are not logged.

    Why: Data traces write whole requests, with passwords and tokens in them, to CloudWatch.
    Remedy: Leave data_trace_enabled off.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """
    for key in ("settings", "defaultRouteSettings"):
        if read(resource, key, "dataTraceEnabled") is True:
            yield f"{resource.name} logs whole requests"


@rule("LOG-05", Severity.LOW, on=types.FUNCTION)
def function_log_group_is_declared(reach: Reach, resource: Resource) -> Iterator[str]:
    """The log group of every function is declared.

    Why: Lambda makes a missing one by itself, without a retention, and it outlives the stack.
    Remedy: Declare the log group and name it in logging_config.log_group.
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html
    """
    named = peek(resource, "loggingConfig", "logGroup")
    if pointed(reach.model.graph, resource, "loggingConfig", "logGroup", types=(_GROUP,)):
        return
    known, complete = _group_names(reach.model.graph)
    expected = text(named) or f"/aws/lambda/{text(resource.state.get('name'))}"
    if expected in known:
        return
    if named is UNKNOWN or not complete:
        read(resource, "loggingConfig", "logGroup")
        return
    yield f"{resource.name} logs to {expected}, which the stack does not declare"


def _group_names(graph: Graph) -> tuple[set[str], bool]:
    """Names of the declared log groups, and whether that is all of them."""
    if _group_names not in graph.answered:
        names = [peek(group, "name") for group in graph.of_type(_GROUP)]
        graph.answered[_group_names] = ({text(name) for name in names}, UNKNOWN not in names)
    answer: tuple[set[str], bool] = graph.answered[_group_names]
    return answer


@rule("LOG-06", Severity.MEDIUM, on=types.TASK_DEFINITION)
def container_has_log(resource: Resource) -> Iterator[str]:
    """Every container writes its log somewhere.

    Why: Without a log driver the output of a Fargate container is lost, and with it the reason why it stopped.
    Remedy: Give the container a logConfiguration with the awslogs driver and a declared group.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
    """
    if silent := [within(part, "name") for part in containers_of(resource) if within(part, "logConfiguration") is None]:
        yield f"{listed(silent)} in {resource.name} has no log"


@rule("LOG-07", Severity.LOW, on=types.APIS)
def gate_is_watched(reach: Reach, resource: Resource) -> Iterator[str]:
    """A stack that has alarms on its API has one on server errors.

    Why: Alarms on latency and calls stay quiet while every answer is a 500.
    Remedy: Declare an alarm on 5XXError (REST) or 5xx (HTTP API) in namespace AWS/ApiGateway.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
    """
    alarms = reach.model.graph.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    watched = {name.lower() for alarm in alarms for name in _metrics_of_apis(alarm)}
    if watched and not watched & {"5xxerror", "5xx"}:
        yield f"{resource.name} has alarms on {listed(sorted(watched))} and none on server errors"


def _metrics_of_apis(alarm: Resource) -> Iterator[str]:
    """Names of the metrics that an alarm watches, by itself or in an expression."""
    queries = [within(query, "metric") for query in items(read(alarm, "metricQueries"))]
    for metric in [alarm.inputs, *queries]:
        if within(metric, "namespace") == "AWS/ApiGateway":
            yield text(within(metric, "metricName"))


@rule("FIT-16", Severity.MEDIUM, on=types.FUNCTION)
def function_may_log(reach: Reach, resource: Resource) -> Iterator[str]:
    """A function may write its log.

    Why: The function runs and logs nothing, so that no one can see why it fails.
    Remedy: Attach AWSLambdaBasicExecutionRole, or allow logs:CreateLogStream and logs:PutLogEvents.
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
    """
    role = reach.model.roles.of(resource)
    if role is not None and not role.existing and not may(reach, role, _WRITE):
        yield f"{role.name} does not let {resource.name} write its log"


@rule("FIT-17", Severity.HIGH, on=types.TASK_DEFINITION)
def task_may_log(reach: Reach, resource: Resource) -> Iterator[str]:
    """The role that starts a task may write the task's log.

    Why: The log driver is set up before the container starts: without the right, no task ever starts.
    Remedy: Attach AmazonECSTaskExecutionRolePolicy to the execution role, or allow logs:CreateLogStream and
    logs:PutLogEvents.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
    """
    drivers = [text(within(container, "logConfiguration", "logDriver")) for container in containers_of(resource)]
    if "awslogs" not in drivers:
        return
    if peek(resource, "executionRoleArn") is None:
        # On machines of one's own, the machine's role may do it.
        if "FARGATE" in items(peek(resource, "requiresCompatibilities")):
            yield f"{resource.name} logs to CloudWatch and has no execution role"
        return
    for role in pointed(reach.model.graph, resource, "executionRoleArn", types=types.ROLE):
        if not role.existing and not may(reach, role, _WRITE):
            yield f"{role.name} does not let {resource.name} write its log"
