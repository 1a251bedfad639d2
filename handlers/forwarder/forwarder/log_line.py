"""One line of JSON per request, without bodies, secrets, query values and header values except the trace ID.

Lambda filters lines that have a `timestamp` by their `level`:
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html
"""

import sys
from json.encoder import encode_basestring_ascii as quoted
from time import gmtime, monotonic, strftime, time

from .event import Incoming, read_context, request_id, route
from .headers import Fields, list_values
from .percent import consists_of

# By Lambda's names, the levels of `configuration`. Lambda treats an unknown level as INFO.
_RANKS = {"INFO": 20, "WARN": 30, "ERROR": 40}
_HEXADECIMAL = b"0123456789abcdef"
# The last second of a line, and its text.
_last = (0, "")


class Record:
    """Fields of the log line, as far as they are known."""

    __slots__ = ("backend_seconds", "began", "event", "identifier", "incoming", "kind", "request_context")

    def __init__(self, event: object, context: object) -> None:
        self.event = event
        self.request_context = read_context(event)
        self.identifier = request_id(self.request_context, context)
        self.began = monotonic()
        self.incoming: Incoming | None = None
        self.backend_seconds: float | None = None
        """Seconds until the backend's response was complete or, for a stream, began."""
        self.kind = ""
        """Kind of the failure."""


def write_line(least: int, record: Record, status: int, bytes_out: int, *, streamed: bool) -> None:
    """Writes the line if its level is at least `least`. WARN: the caller failed or left. ERROR: the backend failed."""
    level, error, incoming = "INFO", record.kind, record.incoming
    if error:
        # A stream that breaks off has a successful status.
        level = "WARN" if error.startswith("client-") or 400 <= status < 500 else "ERROR"
    if _RANKS[level] < least:
        return
    # JSON by hand: `dumps` creates an encoder each time, which takes longer than the rest.
    line = (
        f'{{"timestamp": "{format_time(time())}", "level": "{level}", "requestId": {quoted(record.identifier)}, '
        f'"route": {quoted(route(record.request_context))}, "status": {status}, "bytesOut": {bytes_out}'
    )
    if incoming is not None:
        line += f', "method": "{incoming.method}", "bytesIn": {len(incoming.body)}'
        if trace := _trace_id(incoming.headers):
            line += f', "trace": "{trace}"'
    if error:
        line += f', "error": {quoted(error)}'
    if record.backend_seconds is not None:
        line += f', "backendMilliseconds": {record.backend_seconds * 1000:.1f}'
    if streamed:
        line += f', "streamMilliseconds": {(monotonic() - record.began) * 1000:.1f}'
    try:  # noqa: SIM105 # importing contextlib adds 0.5 ms to a cold start
        # One write, because each write becomes a log event.
        sys.stdout.write(line + "}\n")
    except (OSError, ValueError):
        # The response is returned even if the line cannot be written.
        pass


def format_time(now: float) -> str:
    """Returns a time of `time()` in UTC, as Lambda reads it."""
    global _last
    second = int(now)
    if _last[0] != second:
        _last = (second, strftime("%Y-%m-%dT%H:%M:%S", gmtime(second)))
    return f"{_last[1]}.{int(now * 1000) % 1000:03d}Z"


def _trace_id(headers: Fields) -> str:
    """Returns the trace ID, which relates the log lines of several services.

    https://www.w3.org/TR/trace-context/#traceparent-header
    """
    for value in list_values(headers, "traceparent")[:1]:
        parts = value.split("-")
        if len(parts) >= 4 and len(parts[1]) == 32 and consists_of(parts[1], _HEXADECIMAL):
            return parts[1]
    return ""
