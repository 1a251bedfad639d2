"""Turns an event into a result, and each failure into a response."""

from time import monotonic

from .answer import Answer
from .configuration import Configuration
from .deadline import Deadline
from .event import Incoming, is_signed_in, joins_headers
from .exchange import Exchange
from .headers import REFERENCES, Fields
from .log_line import Record, write_line
from .refusal import Refused
from .request import Outgoing, build_outgoing
from .result import Result, build_result

# Compares faster than the keys of a dictionary.
_REFERENCES = frozenset(REFERENCES)


class ReverseProxy:
    """Forwards requests to the configured backend."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.exchange = Exchange(configuration.backend)

    def handle(self, event: object, context: object = None) -> Result:
        """Handles one event. Never raises."""
        record = Record(event, context)
        joined = joins_headers(event, record.request_context)
        try:
            answer = self._forward(event, context, record)
            made = build_result(answer, joined=joined)
        except Exception as error:  # an unexpected error still gets a response and a log line
            from .failure import build_failure

            answer = build_failure(error, record)
            made = build_result(answer, joined=joined)
        self.log(record, answer.status, len(answer.body))
        return made

    def _forward(self, event: object, context: object, record: Record) -> Answer:
        deadline = Deadline(self.configuration.timeout_seconds, context)
        request = self.build_request(event, record)
        began = monotonic()
        try:
            answer = self.exchange.ask(request, deadline)
        finally:
            record.backend_seconds = monotonic() - began
        answer.headers = self.rewrite_references(answer.headers, record, request)
        return answer

    def build_request(self, event: object, record: Record) -> Outgoing:
        """Returns the request for the backend. Raises Refused if it must not reach the backend."""
        configuration = self.configuration
        try:
            incoming = record.incoming = Incoming(
                event, record.identifier, identity=configuration.forwards_identity, domain=configuration.domain
            )
            if configuration.check_signature is not None and not is_signed_in(event):
                configuration.check_signature(incoming.headers, incoming.body)
            return build_outgoing(incoming, configuration)
        except UnicodeEncodeError:
            # Half of a surrogate pair: possible in JSON, but not in a request.
            raise Refused(400, "the request contains text that cannot be encoded") from None

    def rewrite_references(self, headers: Fields, record: Record, request: Outgoing) -> Fields:
        """Returns the backend's headers with references to the backend rewritten to references to the API."""
        if record.incoming is None or _REFERENCES.isdisjoint(headers):
            return headers
        # Loaded at the first reference. Most functions never need it.
        from .location import Mount

        configuration = self.configuration
        rooted = configuration.rewrites_redirects
        return Mount(configuration.backend, record.incoming.host, request.public_prefix, rooted=rooted).rewrite_fields(
            headers
        )

    def log(self, record: Record, status: int, bytes_out: int, *, streamed: bool = False) -> None:
        """Writes the request's log line. An empty event, which keeps the function warm, has none."""
        if record.event != {}:
            write_line(self.configuration.level, record, status, bytes_out, streamed=streamed)
