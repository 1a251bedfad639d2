"""The line that a stage's access log has of a request.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from .apis import ServedApi
from .call import Call, flatten
from .errors import GatewayError, find_message
from .request import Response, Trace

_VARIABLE: Final = re.compile(r"\$context((?:\.[A-Za-z0-9_:-]+)+)")


def format_access_log_line(
    api: ServedApi, call: Call | Mapping[str, Any], answer: Response, trace: Trace, failed: GatewayError | None
) -> str:
    """Returns the line in the format of the stage. A variable without a value is `-`. Empty without a format.

    `call` is the request with its route, or the context of a request that has none.
    """
    context = call.context if isinstance(call, Call) else {**call, "stage": api.stage}
    values = dict(flatten(context)) | _list_outcome(answer, trace, failed)
    return _VARIABLE.sub(lambda match: _escape(values.get(match[1].removeprefix("."), "-")), api.log_format)


def _list_outcome(answer: Response, trace: Trace, failed: GatewayError | None) -> dict[str, str]:
    """Values that are known after the call. Latencies are those of this machine."""
    values = {"status": str(answer.status)}
    if answer.stream is None:
        values["responseLength"] = str(len(answer.body))
    if trace.hops:
        latency = f"{sum(took for _, took in trace.hops):.0f}"
        values |= {"integration.latency": latency, "integrationLatency": latency}
        values |= dict.fromkeys(("integration.status", "integrationStatus"), str(answer.status))
    if failed is not None:
        values |= {"error.message": find_message(failed, rest=True) or "-", "error.responseType": failed.kind}
    return values


def _escape(value: str) -> str:
    """A value within a text of JSON, as lines are JSON."""
    return value.replace("\\", "\\\\").replace('"', '\\"')
