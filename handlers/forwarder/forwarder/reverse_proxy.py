"""From event to result, and from every failure to an answer."""

import json
from time import monotonic

from . import event as events
from .answer import Answer
from .configuration import Configuration
from .deadline import Deadline
from .event import Incoming
from .exchange import Exchange
from .headers import Fields
from .log_line import trace_id, write
from .refusal import Refused
from .request import Outgoing, outgoing
from .result import Result, result

# `location.FIELDS`, without importing it.
_REFERENCES = frozenset(("location", "content-location", "link", "refresh"))


class Record:
    """Fields of the log line, as far as a request has come."""

    __slots__ = ("backend_seconds", "began", "event", "identifier", "incoming", "kind")

    def __init__(self, event: object, context: object) -> None:
        self.event = event
        self.identifier = events.request_id(event, context)
        self.began = monotonic()
        self.incoming: Incoming | None = None
        self.backend_seconds: float | None = None
        """How long the backend took: to answer, or, of an answer that streams, to begin it."""
        self.kind = ""


class ReverseProxy:
    """Forwards requests to the one backend of its configuration."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.exchange = Exchange(configuration.backend)

    def handle(self, event: object, context: object = None) -> Result:
        """Lambda's handler: never raises."""
        joined = events.joins_headers(event)
        record = Record(event, context)
        try:
            answer = self._forward(event, context, record)
            made = result(answer, joined=joined)
        except Exception as error:  # whatever was not thought of is still an answer, and a line in the log
            answer = failure(error, record)
            made = result(answer, joined=joined)
        self.log(record, answer.status, len(answer.body))
        return made

    def _forward(self, event: object, context: object, record: Record) -> Answer:
        deadline = Deadline(self.configuration.timeout_seconds, context)
        request = self.request(event, record)
        began = monotonic()
        try:
            answer = self.exchange.ask(request, deadline)
        finally:
            record.backend_seconds = monotonic() - began
        answer.headers = self.public(answer.headers, record, request)
        return answer

    def request(self, event: object, record: Record) -> Outgoing:
        """The request for the backend. Raises Refused for what is not to reach it."""
        configuration = self.configuration
        try:
            incoming = record.incoming = Incoming(event, record.identifier, identity=configuration.forwards_identity)
            if configuration.check_signature is not None:
                configuration.check_signature(incoming.headers, incoming.body)
            return outgoing(incoming, configuration)
        except UnicodeEncodeError:
            # Half a surrogate pair: JSON can hold it, and no request can.
            raise Refused(400, "the request holds what is no text") from None

    def public(self, headers: Fields, record: Record, request: Outgoing) -> Fields:
        """The backend's headers, with references to itself and to its root made into references to the API."""
        if record.incoming is None or not any(field[0] in _REFERENCES for field in headers):
            return headers
        # Loaded when the first one comes, which to most forwarders it never does.
        from .location import FIELDS, Mount

        configuration = self.configuration
        rooted = configuration.rewrites_redirects
        mount = Mount(configuration.backend, record.incoming.host, request.public_prefix, rooted=rooted)
        return [
            (folded, name, mount.value(folded, value) if folded in FIELDS else value) for folded, name, value in headers
        ]

    def log(self, record: Record, status: int, bytes_out: int, *, streamed: bool = False) -> None:
        """Write the request's line; an empty event, which keeps the function warm, is no request and has none."""
        if record.event == {}:
            return
        incoming = record.incoming
        seconds = record.backend_seconds
        write(
            self.configuration.level,
            requestId=record.identifier,
            trace=trace_id(incoming.headers) if incoming else "",
            method=incoming.method if incoming else "",
            route=events.route(record.event),
            status=status,
            backendMilliseconds=None if seconds is None else round(seconds * 1000, 1),
            streamMilliseconds=round((monotonic() - record.began) * 1000, 1) if streamed else None,
            bytesIn=len(incoming.body) if incoming else 0,
            bytesOut=bytes_out,
            error=record.kind,
        )


def failure(error: Exception, record: Record) -> Answer:
    """A small answer of our own, which HEAD gets without its body (RFC 9110 9.3.2)."""
    status, reason = 500, "the forwarder failed"
    record.kind = f"internal: {type(error).__name__}"
    if isinstance(error, Refused):
        status, reason, record.kind = error.status, error.reason, error.kind
    body = json.dumps({"message": reason, "requestId": record.identifier}).encode()
    if record.incoming and record.incoming.method == "HEAD":
        body = b""
    return Answer(status, [("content-type", "Content-Type", "application/json")], body)
