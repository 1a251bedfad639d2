"""One line of JSON per request, without bodies, secrets, query values and header values except the trace ID.

Lambda filters lines that have a `timestamp` by their `level`:
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html
"""

import sys
from json.encoder import encode_basestring_ascii as quoted
from time import gmtime, strftime, time

from .configuration import LEVELS
from .headers import Fields, values

_HEXADECIMAL = frozenset("0123456789abcdef")


def write(least: int, **fields: str | float | None) -> None:
    """Writes the line if its level is at least `least`. WARN: the caller failed or left. ERROR: the backend failed."""
    status = fields["status"]
    # Lambda's names: it treats an unknown level as INFO.
    level, rank = "INFO", LEVELS["INFO"]
    if fields["error"]:
        left = str(fields["error"]).startswith("client-")
        # A stream that breaks off has a successful status.
        erred = left or (isinstance(status, int) and 400 <= status < 500)
        level, rank = ("WARN", LEVELS["WARNING"]) if erred else ("ERROR", LEVELS["ERROR"])
    if rank < least:
        return
    now = time()
    stamp = f"{strftime('%Y-%m-%dT%H:%M:%S', gmtime(now))}.{int(now * 1000) % 1000:03d}Z"
    # JSON by hand, for texts and numbers only: `dumps` creates an encoder each time, which takes longer than the rest.
    line = f'{{"timestamp": "{stamp}", "level": "{level}"'
    for key, value in fields.items():
        if value is not None and value != "":
            line += f', "{key}": {quoted(value) if isinstance(value, str) else value}'
    line += "}\n"
    try:  # noqa: SIM105 # importing contextlib adds 0.5 ms to a cold start
        # One write, because each write becomes a log event.
        sys.stdout.write(line)
    except (OSError, ValueError):
        # The response is returned even if the line cannot be written.
        pass


def trace_id(headers: Fields) -> str:
    """Returns the trace ID, which relates the log lines of several services.

    https://www.w3.org/TR/trace-context/#traceparent-header
    """
    for value in values(headers, "traceparent")[:1]:
        parts = value.split("-")
        if len(parts) >= 4 and len(parts[1]) == 32 and _HEXADECIMAL.issuperset(parts[1]):
            return parts[1]
    return ""
