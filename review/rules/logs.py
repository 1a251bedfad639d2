"""Logs: that there are some, that they may be written, for as long as they are needed, and without secrets in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ..aws import types
from ..aws.containers import containers_of
from ..graph import UNKNOWN, Resource
from ..graph.reading import items, peek, pointed, read, text, within
from ..reach import Reach
from .machines import may
from .registry import Severity, guide, listed, rule

_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
_STAGES: Final = (*types.REST_STAGE, *types.HTTP_STAGE)
_WRITE: Final = "logs:PutLogEvents"
_LOGGING: Final = guide("apigateway/latest/developerguide", "set-up-logging")


@rule(
    "LOG-01",
    "Every log group has a retention",
    Severity.MEDIUM,
    on=(_GROUP,),
    why="Without one, logs and the personal data in them are kept and paid for without end.",
    remedy="Set retention_in_days.",
    source=guide("AmazonCloudWatch/latest/logs", "Working-with-log-groups-and-streams"),
)
def log_group_has_retention(resource: Resource) -> Iterator[str]:
    if not read(resource, "retentionInDays"):
        yield f"{resource.name} keeps its logs without end"


@rule(
    "LOG-02",
    "Every stage writes access logs",
    Severity.MEDIUM,
    on=_STAGES,
    why="Without them no one can find out afterwards who called which route.",
    remedy="Set access_log_settings with a log group and a JSON format.",
    source=_LOGGING,
)
def stage_has_access_log(resource: Resource) -> Iterator[str]:
    if peek(resource, "accessLogSettings") is None:
        yield f"{resource.name} writes no access log"


@rule(
    "LOG-03",
    "Access logs name the request and hold no API key",
    Severity.HIGH,
    on=_STAGES,
    why="A key in a log is a key for everybody who reads logs; and API Gateway refuses a format without a request id.",
    remedy="Use $context.requestId or $context.extendedRequestId, and $context.identity.apiKeyId instead of apiKey.",
    source=guide("apigateway/latest/developerguide", "api-gateway-variables-for-access-logging"),
)
def access_log_is_clean(resource: Resource) -> Iterator[str]:
    if peek(resource, "accessLogSettings") is None:
        return
    written = text(read(resource, "accessLogSettings", "format"))
    if re.search(r"\$context\.identity\.apiKey(?!Id)", written):
        yield f"{resource.name} logs whole API keys"
    if written and not re.search(r"\$context\.(requestId|extendedRequestId)", written):
        yield f"the format of {resource.name} has no request id, which API Gateway refuses"


@rule(
    "LOG-04",
    "Bodies and headers of requests are not logged",
    Severity.MEDIUM,
    on=(*types.METHOD_SETTINGS, *types.HTTP_STAGE),
    why="Data traces write whole requests, with passwords and tokens in them, to CloudWatch.",
    remedy="Leave data_trace_enabled off.",
    source=_LOGGING,
)
def no_data_trace(resource: Resource) -> Iterator[str]:
    for key in ("settings", "defaultRouteSettings"):
        if read(resource, key, "dataTraceEnabled") is True:
            yield f"{resource.name} logs whole requests"


@rule(
    "LOG-05",
    "The log group of every function is declared",
    Severity.LOW,
    on=types.FUNCTION,
    why="Lambda makes a missing one by itself, without a retention, and it outlives the stack.",
    remedy="Declare the log group and name it in logging_config.log_group.",
    source=guide("lambda/latest/dg", "monitoring-cloudwatchlogs-loggroups"),
)
def function_log_group_is_declared(reach: Reach, resource: Resource) -> Iterator[str]:
    named = peek(resource, "loggingConfig", "logGroup")
    if pointed(reach.model.graph, resource, "loggingConfig", "logGroup", types=(_GROUP,)):
        return
    groups = reach.model.graph.of_type(_GROUP)
    known = {text(peek(group, "name")) for group in groups}
    expected = text(named) or f"/aws/lambda/{text(resource.state.get('name'))}"
    if expected in known:
        return
    if named is UNKNOWN or any(peek(group, "name") is UNKNOWN for group in groups):
        read(resource, "loggingConfig", "logGroup")
        return
    yield f"{resource.name} logs to {expected}, which the stack does not declare"


@rule(
    "LOG-06",
    "Every container writes its log somewhere",
    Severity.MEDIUM,
    on=types.TASK_DEFINITION,
    why="Without a log driver the output of a Fargate container is lost, and with it the reason why it stopped.",
    remedy="Give the container a logConfiguration with the awslogs driver and a declared group.",
    source=guide("AmazonECS/latest/developerguide", "using_awslogs"),
)
def container_has_log(resource: Resource) -> Iterator[str]:
    silent = [within(one, "name") for one in containers_of(resource) if within(one, "logConfiguration") is None]
    if silent:
        yield f"{listed(silent)} in {resource.name} has no log"


@rule(
    "LOG-07",
    "A stack that has alarms on its API has one on server errors",
    Severity.LOW,
    on=(*types.REST_API, *types.HTTP_API),
    why="Alarms on latency and calls stay quiet while every answer is a 500.",
    remedy="Declare an alarm on 5XXError (REST) or 5xx (HTTP API) in namespace AWS/ApiGateway.",
    source=guide("apigateway/latest/developerguide", "api-gateway-metrics-and-dimensions"),
)
def gate_is_watched(reach: Reach, resource: Resource) -> Iterator[str]:
    alarms = reach.model.graph.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    of_apis = [alarm for alarm in alarms if read(alarm, "namespace") == "AWS/ApiGateway"]
    watched = {text(read(alarm, "metricName")).lower() for alarm in of_apis}
    if of_apis and not watched & {"5xxerror", "5xx"}:
        yield f"{resource.name} has alarms on {listed(sorted(watched))} and none on server errors"


@rule(
    "FIT-16",
    "A function may write its log",
    Severity.MEDIUM,
    on=types.FUNCTION,
    why="The function runs and logs nothing, so that no one can see why it fails.",
    remedy="Attach AWSLambdaBasicExecutionRole, or allow logs:CreateLogStream and logs:PutLogEvents.",
    source=guide("lambda/latest/dg", "monitoring-cloudwatchlogs"),
)
def function_may_log(reach: Reach, resource: Resource) -> Iterator[str]:
    role = reach.model.roles.of(resource)
    if role is not None and not role.existing and not may(reach, role, _WRITE):
        yield f"{role.name} does not let {resource.name} write its log"


@rule(
    "FIT-17",
    "The role that starts a task may write the task's log",
    Severity.HIGH,
    on=types.TASK_DEFINITION,
    why="The log driver is set up before the container starts: without the right, no task ever starts.",
    remedy="Attach AmazonECSTaskExecutionRolePolicy to the execution role, or allow logs:CreateLogStream and "
    "logs:PutLogEvents.",
    source=guide("AmazonECS/latest/developerguide", "task_execution_IAM_role"),
)
def task_may_log(reach: Reach, resource: Resource) -> Iterator[str]:
    drivers = [text(within(one, "logConfiguration", "logDriver")) for one in containers_of(resource)]
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
