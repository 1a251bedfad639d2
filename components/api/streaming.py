"""Answers that are passed on as they come: for how long, and how a function learns of it.

Only a REST API streams, and only from a proxy integration; it caches, compresses and maps nothing of such an answer.
https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
"""

import math
from collections.abc import Collection, Sequence
from typing import Any, Final

from ..facts import limits
from .args.routes import RouteArgs
from .route_operations import Operation, choose_timeout

VARIABLE: Final = "streaming"
"""Stage variable that the forwarder reads. It changes in the same call as the stage's deployment, so that the function
and the API never disagree on a route, also while both are updated."""
STREAM: Final = "STREAM"

# Stage variables hold no braces; a part of a resource's path holds no tilde.
_SHAPE: Final = str.maketrans({"{": "~", "}": None, "+": None})
_WHOLE: Final = ("/2015-03-31/", "/invocations")
_STREAMED: Final = ("/2021-11-15/", "/response-streaming-invocations")


def invoke_arn(buffered: Any) -> Any:
    """The ARN by which API Gateway calls a function, or its alias, that answers in a stream.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
    """
    if not isinstance(buffered, str):
        return buffered.apply(invoke_arn)
    path, end = buffered.replace(_WHOLE[0], _STREAMED[0]), _WHOLE[1]
    return path.removesuffix(end) + _STREAMED[1] if path.endswith(end) else path


def build_stage_variable(operations: Sequence[Operation], functions: Collection[str]) -> str:
    """The stage variable for the functions among the targets: `POST:/v1/~proxy=60,…`, empty if none of them streams.

    Method, resource with its variable parts as `~name`, and most seconds.
    """
    return ",".join(
        f"{operation.method}:{operation.path.translate(_SHAPE)}={round_timeout(operation.route)}"
        for operation in operations
        if operation.route.streaming and operation.route.target in functions
    )


def round_timeout(route: RouteArgs) -> int:
    """Returns the time-out of a route of a REST API in whole seconds, as Lambda counts."""
    return math.ceil(choose_timeout(route.timeout_milliseconds, streams=bool(route.streaming)) / 1000)


def fits_stage_variable(variable: str) -> bool:
    """Whether a stage variable can hold it."""
    return len(variable) <= limits.STAGE_VARIABLE_CHARACTERS
