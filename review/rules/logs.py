"""Logs: that there are some, that they may be written, for as long as they are needed, and without secrets in them."""

import re
from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..aws.compute.containers import containers_of
from ..graph import Resource
from ..graph.reading import as_list, as_text, input_at, named_resources, require_input, value_at
from ..reach import Reach
from .machines import may
from .registry import Severity, rule

_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
_WRITE: Final = "logs:PutLogEvents"


@rule("LOG-01", Severity.MEDIUM, on=(_GROUP,))
def log_group_has_retention(resource: Resource) -> Iterator[str]:
    """Every log group has a retention.

    Why: Without one, logs and the personal data in them are kept and paid for without end.
    Remedy: Set retention_in_days.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html
    """
    if not require_input(resource, "retentionInDays"):
        yield f"{resource.name} keeps its logs without end"


@rule("LOG-02", Severity.MEDIUM, on=types.STAGES)
def stage_has_access_log(resource: Resource) -> Iterator[str]:
    """Every stage writes access logs.

    Why: Without them no one can find out afterwards who called which route.
    Remedy: Set access_log_settings with a log group and a JSON format.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """
    if input_at(resource, "accessLogSettings") is None:
        yield f"{resource.name} writes no access log"


@rule("LOG-03", Severity.HIGH, on=types.STAGES)
def access_log_is_clean(resource: Resource) -> Iterator[str]:
    """Access logs name the request and hold no API key.

    Why: A key in a log is a key for everybody who reads logs; and API Gateway refuses a format without a request id.
    Remedy: Use $context.requestId or $context.extendedRequestId, and $context.identity.apiKeyId instead of apiKey.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
    """
    if input_at(resource, "accessLogSettings") is None:
        return
    written = as_text(require_input(resource, "accessLogSettings", "format"))
    if re.search(r"\$context\.identity\.apiKey(?!Id)", written):
        yield f"{resource.name} logs whole API keys"
    if written and not re.search(r"\$context\.(requestId|extendedRequestId)", written):
        yield f"the format of {resource.name} has no request id, which API Gateway refuses"


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
    drivers = [as_text(value_at(container, "logConfiguration", "logDriver")) for container in containers_of(resource)]
    if "awslogs" not in drivers:
        return
    if input_at(resource, "executionRoleArn") is None:
        # On machines of one's own, the machine's role may do it.
        if "FARGATE" in as_list(input_at(resource, "requiresCompatibilities")):
            yield f"{resource.name} logs to CloudWatch and has no execution role"
        return
    for role in named_resources(reach.model.graph, resource, "executionRoleArn", types=types.ROLE):
        if not role.existing and not may(reach, role, _WRITE):
            yield f"{role.name} does not let {resource.name} write its log"
