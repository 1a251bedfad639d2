"""A client of Lambda's Runtime API.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
"""

import json
from binascii import b2a_base64
from time import time

from .answer import Answer, read_answer, read_head
from .configuration import Backend
from .connection import Body, Connection
from .deadline import Deadline
from .exchange import Exchange
from .headers import list_values
from .refusal import Refused
from .request import Outgoing

_VERSION = "/2018-06-01/runtime"
# An event has at most 6 MB, plus some bytes that Lambda does not count.
_MOST_EVENT_BYTES = 8 * 1024 * 1024
# With this type, a client parses the metadata before the body.
_CONTENT_TYPE = "application/vnd.awslambda.http-integration-response"
_ERROR_TYPE = "Lambda-Runtime-Function-Error-Type"
_ERROR_BODY = "Lambda-Runtime-Function-Error-Body"


class Gone(Exception):  # noqa: N818 # the caller may have hung up
    """Lambda has stopped a streamed response. `kind` is for the log."""

    def __init__(self, kind: str = "client-gone") -> None:
        super().__init__(kind)
        self.kind = kind


class Invocation:
    """One event and the parts of its context that the forwarder reads."""

    __slots__ = ("_deadline", "aws_request_id", "payload", "trace")

    def __init__(self, answer: Answer) -> None:
        """Raises Refused if the invocation has no request ID or no valid event."""
        self.aws_request_id = "".join(list_values(answer.headers, "lambda-runtime-aws-request-id"))
        if answer.status != 200 or not self.aws_request_id:
            raise Refused(502, f"the Runtime API returned no invocation, but status {answer.status}", "runtime-api")
        milliseconds = "".join(list_values(answer.headers, "lambda-runtime-deadline-ms"))
        self._deadline = int(milliseconds) if milliseconds.isascii() and milliseconds.isdigit() else None
        self.trace = "".join(list_values(answer.headers, "lambda-runtime-trace-id"))
        # Valid until the next event, like the body that it is a view of.
        self.payload: Body = answer.body

    def get_remaining_time_in_millis(self) -> float:
        """Returns the milliseconds until Lambda ends the invocation; the maximum if Lambda gives no deadline."""
        return 900_000.0 if self._deadline is None else self._deadline - time() * 1000


class _Forever(Deadline):
    """No deadline: Lambda ends long invocations itself, and freezes the process while it waits for an event."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(0, None)

    def remaining_seconds(self) -> float:
        # Eleven days. `poll` accepts at most 24.
        return 1e6


class RuntimeApi:
    """One connection for events, responses and errors. A streamed response closes it, as Lambda requires."""

    def __init__(self, authority: str) -> None:
        """`authority`: value of AWS_LAMBDA_RUNTIME_API, for example `127.0.0.1:9001`."""
        self._authority = authority
        self._exchange = Exchange(Backend(f"http://{authority}"), _MOST_EVENT_BYTES)

    def wait_for_event(self) -> Invocation:
        """Waits for an event. Raises Refused if the Runtime API has closed, which ends the process."""
        return Invocation(self._ask("GET", "/invocation/next", b""))

    def respond(self, invocation: Invocation, payload: bytes) -> int:
        """Sends the whole response. Returns Lambda's status: 202 unless it refused the response."""
        target = f"/invocation/{invocation.aws_request_id}/response"
        return self._ask("POST", target, payload, "Content-Type: application/json").status

    def fail(self, invocation: Invocation, kind: str, message: str) -> None:
        """Reports that there will be no response."""
        self._report(f"/invocation/{invocation.aws_request_id}/error", kind, message)

    def fail_init(self, kind: str, message: str) -> None:
        """Reports that the function cannot start."""
        self._report("/init/error", kind, message)

    def stream(self, invocation: Invocation) -> "StreamedResponse":
        """Starts a streamed response on the event's connection, which is closed at its end."""
        target = f"/invocation/{invocation.aws_request_id}/response"
        head = self._build_head(
            "POST",
            target,
            f"Content-Type: {_CONTENT_TYPE}",
            "Lambda-Runtime-Function-Response-Mode: streaming",
            "Transfer-Encoding: chunked",
            f"Trailer: {_ERROR_TYPE}, {_ERROR_BODY}",
            "Connection: close",
        )
        return StreamedResponse(self._exchange.take(_Forever()), head)

    def _report(self, target: str, kind: str, message: str) -> None:
        self._ask(
            "POST", target, _encode_error(kind, message), "Content-Type: application/json", f"{_ERROR_TYPE}: {kind}"
        )

    def _ask(self, method: str, target: str, body: bytes, *fields: str) -> Answer:
        if method == "POST":
            fields = (*fields, f"Content-Length: {len(body)}")
        return self._exchange.ask(Outgoing(method, self._build_head(method, target, *fields), body, ""), _Forever())

    def _build_head(self, method: str, target: str, *fields: str) -> bytes:
        lines = (f"{method} {_VERSION}{target} HTTP/1.1", f"Host: {self._authority}", *fields, "", "")
        return "\r\n".join(lines).encode()


class StreamedResponse:
    """A chunked response to Lambda (RFC 9112 7.1). Each method raises Gone if Lambda has stopped it."""

    __slots__ = ("_head", "connection")

    def __init__(self, connection: Connection, head: bytes) -> None:
        self.connection = connection
        self._head = head

    def write(self, piece: Body, deadline: Deadline) -> None:
        """Sends one chunk. An empty chunk would end the response."""
        self._send(deadline, b"%x\r\n" % len(piece), piece, b"\r\n")

    def end(self, deadline: Deadline) -> None:
        """Ends the response."""
        self._finish(deadline, b"0\r\n\r\n")

    def fail(self, kind: str, message: str, deadline: Deadline) -> None:
        """Breaks off the response with an error, which Lambda passes to the caller."""
        body = b2a_base64(_encode_error(kind, message), newline=False)
        fields = b"%s: %s\r\n%s: %s\r\n" % (_ERROR_TYPE.encode(), kind.encode(), _ERROR_BODY.encode(), body)
        self._finish(deadline, b"0\r\n%s\r\n" % fields)

    def _send(self, deadline: Deadline, *parts: Body) -> None:
        self.connection.unsent = [part for part in (self._head, *parts) if part]
        self._head = b""
        try:
            taken = self.connection.send(deadline)
        except Refused:
            raise Gone("client-slow") from None
        if not taken:
            raise Gone

    def _finish(self, deadline: Deadline, end: bytes) -> None:
        """Sends the end and waits until Lambda has received everything. Then the connection must be closed."""
        self._send(deadline, end)
        try:
            answer = read_answer(self.connection, "POST", read_head(self.connection, deadline), deadline)
        except Refused:
            raise Gone from None
        finally:
            self.connection.close()
        if answer.status >= 300:
            raise Gone("response-refused")


def _encode_error(kind: str, message: str) -> bytes:
    return json.dumps({"errorMessage": message, "errorType": kind, "stackTrace": []}).encode()
