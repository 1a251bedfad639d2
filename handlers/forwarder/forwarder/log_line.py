"""One line of JSON a request: no body, no secret, no value of a query or a header but the id of the trace.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html: Lambda filters by `level` what has
a `timestamp`.
"""

import sys
from json.encoder import encode_basestring_ascii as quoted
from time import gmtime, strftime, time

from .configuration import LEVELS
from .headers import Fields, values

_HEXADECIMAL = frozenset("0123456789abcdef")


def write(least: int, **fields: str | float | None) -> None:
    """Write the line, if its level is at least `least`: WARN where the caller erred or left, ERROR for the backend."""
    status = fields["status"]
    # Lambda's names, since it takes a level that it does not know for INFO.
    level, rank = "INFO", LEVELS["INFO"]
    if fields["error"]:
        left = str(fields["error"]).startswith("client-")
        # A stream that breaks off has a status of success.
        erred = left or (isinstance(status, int) and 400 <= status < 500)
        level, rank = ("WARN", LEVELS["WARNING"]) if erred else ("ERROR", LEVELS["ERROR"])
    if rank < least:
        return
    now = time()
    stamp = f"{strftime('%Y-%m-%dT%H:%M:%S', gmtime(now))}.{int(now * 1000) % 1000:03d}Z"
    # JSON by hand, of texts and numbers alone: `dumps` sets up an encoder each time, which takes longer than the rest.
    line = f'{{"timestamp": "{stamp}", "level": "{level}"'
    for key, value in fields.items():
        if value is not None and value != "":
            line += f', "{key}": {quoted(value) if isinstance(value, str) else value}'
    line += "}\n"
    try:  # noqa: SIM105 # contextlib costs a cold start half a millisecond
        # In one piece, since each write becomes an event of its own.
        sys.stdout.write(line)
    except (OSError, ValueError):
        # The request is answered even if nobody takes its line.
        pass


def trace_id(headers: Fields) -> str:
    """The trace that the request belongs to, by which lines of several services are found together.

    https://www.w3.org/TR/trace-context/#traceparent-header
    """
    for value in values(headers, "traceparent")[:1]:
        parts = value.split("-")
        if len(parts) >= 4 and len(parts[1]) == 32 and _HEXADECIMAL.issuperset(parts[1]):
            return parts[1]
    return ""
