"""From event to result, and from every failure to an answer."""

import json
from time import monotonic

from . import event as events
from .answer import Answer
from .configuration import Configuration
from .deadline import Deadline
from .event import Incoming
from .exchange import Exchange
from .log_line import trace_id, write
from .refusal import Refused
from .request import outgoing
from .result import Result, result

# RFC 9110 10.2.2 and 8.7: the fields that hold one reference and nothing else.
_REFERENCES = frozenset(("location", "content-location"))


class _Record:
    """What the log line tells, as far as a request has come."""

    __slots__ = ("backend_seconds", "incoming", "kind")

    def __init__(self) -> None:
        self.incoming: Incoming | None = None
        self.backend_seconds: float | None = None
        self.kind = ""


class ReverseProxy:
    """Forwards requests to the one backend of its configuration."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._exchange = Exchange(configuration.backend)

    def handle(self, event: object, context: object = None) -> Result:
        """Lambda's handler: never raises."""
        identifier = events.request_id(event, context)
        version_2 = events.is_version_2(event)
        record = _Record()
        try:
            answer = self._forward(event, context, identifier, record)
            made = result(answer, version_2=version_2)
        except Refused as refused:
            record.kind = refused.kind
            answer = _failure(refused.status, refused.reason, identifier, record)
            made = result(answer, version_2=version_2)
        except Exception as error:  # whatever was not thought of is still an answer, and a line in the log
            record.kind = f"internal: {type(error).__name__}"
            answer = _failure(500, "the forwarder failed", identifier, record)
            made = result(answer, version_2=version_2)
        self._log(event, identifier, record, answer)
        return made

    def _forward(self, event: object, context: object, identifier: str, record: _Record) -> Answer:
        configuration = self._configuration
        deadline = Deadline(configuration.timeout_seconds, context)
        try:
            incoming = record.incoming = Incoming(event, identifier)
            if configuration.check_signature is not None:
                configuration.check_signature(incoming.headers, incoming.body)
            request = outgoing(incoming, configuration)
        except UnicodeEncodeError:
            # Half a surrogate pair: JSON can hold it, and no request can.
            raise Refused(400, "the request holds what is no text") from None
        began = monotonic()
        try:
            answer = self._exchange.ask(request, deadline)
        finally:
            record.backend_seconds = monotonic() - began
        if any(field[0] in _REFERENCES for field in answer.headers):
            # Loaded when the first one comes, which to most forwarders it never does.
            from .location import public

            backend, host, prefix = configuration.backend, incoming.host, request.public_prefix
            answer.headers = [
                (folded, name, public(value, backend, host, prefix) if folded in _REFERENCES else value)
                for folded, name, value in answer.headers
            ]
        return answer

    def _log(self, event: object, identifier: str, record: _Record, answer: Answer) -> None:
        incoming = record.incoming
        seconds = record.backend_seconds
        write(
            self._configuration.level,
            requestId=identifier,
            trace=trace_id(incoming.headers) if incoming else "",
            method=incoming.method if incoming else "",
            route=events.route(event),
            status=answer.status,
            backendMilliseconds=None if seconds is None else round(seconds * 1000, 1),
            bytesIn=len(incoming.body) if incoming else 0,
            bytesOut=len(answer.body),
            error=record.kind,
        )


def _failure(status: int, reason: str, identifier: str, record: _Record) -> Answer:
    """A small answer of our own, which HEAD gets without its body (RFC 9110 9.3.2)."""
    body = json.dumps({"message": reason, "requestId": identifier}).encode()
    if record.incoming and record.incoming.method == "HEAD":
        body = b""
    return Answer(status, [("content-type", "Content-Type", "application/json")], body)
