"""The reverse proxy for streamed responses.

https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
"""

import json
from time import monotonic

from .answer import Answer
from .connection import OtherConnectionEvent
from .deadline import Deadline
from .failure import build_failure
from .headers import end_to_end
from .log_line import Record
from .refusal import Refused
from .result import build_version_1
from .reverse_proxy import ReverseProxy
from .runtime_api import Gone, Invocation, RuntimeApi, StreamedResponse
from .stream import Patience, Stream

_DELIMITER = bytes(8)
# The metadata and the delimiter must be within the first 16 KB.
_MOST_METADATA_BYTES = 16384 - len(_DELIMITER)
# API Gateway's idle timeout for regional and private endpoints.
_PAUSE_SECONDS = 300.0
# Time to report the end. Lambda may end the invocation earlier.
_LAST_SECONDS = 5.0


class _Reply:
    """The response to Lambda, and how much of it was sent."""

    __slots__ = ("_api", "_invocation", "response", "sent", "status")

    def __init__(self, api: RuntimeApi, invocation: Invocation) -> None:
        self._api = api
        self._invocation = invocation
        self.response: StreamedResponse | None = None
        self.status = 0
        self.sent = 0
        """Bytes of the body that Lambda has received."""

    def begin(self, status: int, metadata: bytes, patience: Patience) -> StreamedResponse:
        """Sends the metadata, from which API Gateway makes status and headers."""
        self.status = status
        self.response = self._api.stream(self._invocation)
        self.response.write(metadata, patience)
        return self.response

    def close(self) -> None:
        """Closes the connection."""
        if self.response is not None:
            self.response.connection.close()


class StreamingProxy(ReverseProxy):
    """A ReverseProxy that can also stream responses."""

    def stream(self, event: object, seconds: float, api: RuntimeApi, invocation: Invocation) -> None:
        """Streams the response within `seconds` and writes the log line. Never raises."""
        record = Record(event, invocation)
        patience = Patience(seconds, _PAUSE_SECONDS, invocation)
        reply = _Reply(api, invocation)
        try:
            self._stream_answer(event, record, patience, reply)
        except (Gone, OtherConnectionEvent) as gone:
            record.kind = record.kind or (gone.kind if isinstance(gone, Gone) else "client-gone")
        except Refused:
            record.kind = record.kind or "runtime-api"
        finally:
            reply.close()
        self.log(record, reply.status, reply.sent, streamed=True)

    def _stream_answer(self, event: object, record: Record, patience: Patience, reply: _Reply) -> None:
        try:
            stream = self._open(event, record, patience)
            try:
                metadata = _encode_metadata(stream)
            except Refused:
                stream.close()
                raise
        except Exception as error:
            _send_whole(build_failure(error, record), reply)
        else:
            _stream_body(stream, metadata, record, patience, reply)

    def _open(self, event: object, record: Record, patience: Patience) -> Stream:
        request = self.build_request(event, record)
        began = monotonic()
        try:
            # Otherwise a backend whose packets are lost would hold the call for the whole time of the stream.
            connecting = Deadline(min(self.configuration.timeout_seconds, patience.remaining_seconds()), None)
            begun = self.exchange.begin(request, patience, connecting)
        finally:
            record.backend_seconds = monotonic() - began
        patience.restart_pause()
        stream = Stream(self.exchange, begun, request.method, patience)
        stream.headers = self.rewrite_references(stream.headers, record, request)
        return stream


def _encode_metadata(said: Answer | Stream) -> bytes:
    made = json.dumps(build_version_1(said.status, end_to_end(said.headers))).encode()
    if len(made) > _MOST_METADATA_BYTES:
        raise Refused(502, "the backend's headers are larger than the 16 KB that API Gateway reads", "too-large")
    return made + _DELIMITER


def _send_whole(answer: Answer, reply: _Reply) -> None:
    """Sends an error response, with a deadline of its own."""
    patience = Patience(_LAST_SECONDS, _LAST_SECONDS, None)
    response = reply.begin(answer.status, _encode_metadata(answer), patience)
    if answer.body:
        response.write(answer.body, patience)
        reply.sent = len(answer.body)
    response.end(patience)


def _stream_body(stream: Stream, metadata: bytes, record: Record, patience: Patience, reply: _Reply) -> None:
    try:
        response = reply.begin(stream.status, metadata, patience)
        stream.watch(response.connection)
        for piece in stream.read_pieces():
            response.write(piece, patience)
            reply.sent += len(piece)
    except (Gone, OtherConnectionEvent):
        raise
    except Exception as error:
        if reply.response is None:
            raise
        # Lambda requires a type of the form `category.reason`.
        kind, message = "Forwarder.Failed", "the forwarder failed"
        record.kind = f"internal: {type(error).__name__}"
        if isinstance(error, Refused):
            record.kind, kind, message = error.kind, f"Backend.{error.kind.title()}", error.reason
        reply.response.fail(kind, message, Patience(_LAST_SECONDS, _LAST_SECONDS, None))
    else:
        response.end(patience)
    finally:
        stream.close()
