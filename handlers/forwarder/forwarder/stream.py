"""Passes on a response of the backend as it arrives, in constant memory."""

from collections.abc import Iterator
from time import monotonic

from .answer import CHUNKED, TO_THE_END, Head, find_body_length, idle_seconds, unfinished_body
from .chunks import end_chunk, read_chunk_size, skip_trailers
from .connection import Body, Connection
from .deadline import Deadline
from .exchange import Exchange
from .refusal import Refused

# Small chunks that have arrived are passed on together, up to this many bytes.
_JOINED_BYTES = 65536


class Patience(Deadline):
    """Deadlines of a stream: for the whole, and for a pause, after which API Gateway hangs up while Lambda runs on.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
    """

    __slots__ = ("_pause", "_pause_end")

    def __init__(self, seconds: float, pause: float, context: object) -> None:
        """Ends after `seconds`, after `pause` seconds without data, or shortly before Lambda ends the invocation."""
        super().__init__(seconds, context)
        self._pause = pause
        self.restart_pause()

    def restart_pause(self) -> None:
        """Restarts the pause, because data has moved."""
        self._pause_end = monotonic() + self._pause

    def remaining_seconds(self) -> float:
        """Returns the remaining seconds, more than 0. Raises Refused after either deadline."""
        left = super().remaining_seconds()
        pause = self._pause_end - monotonic()
        if pause <= 0:
            raise Refused(504, "the backend paused for too long", "idle")
        return min(left, pause)


class Stream:
    """The body of a response while the backend sends it. It is always closed at the end."""

    __slots__ = ("_connection", "_exchange", "_head", "_length", "_over", "_patience", "_reusable", "headers", "status")

    def __init__(
        self, exchange: Exchange, begun: tuple[Connection, Head, bool], method: str, patience: Patience
    ) -> None:
        """Raises Refused and closes the connection if the head is contradictory."""
        self._exchange = exchange
        self._connection, self._head, self._reusable = begun
        self._patience = patience
        self._over = False
        self.status = self._head.status
        self.headers = self._head.headers
        try:
            self._length = find_body_length(method, self._head)
        except Refused:
            self._connection.close()
            raise

    def close(self) -> None:
        """Closes the connection before the end. Has no effect after `pieces` has ended."""
        if not self._over:
            self._over = True
            self._connection.close()

    def watch(self, other: Connection | None) -> None:
        """Makes `pieces` raise OtherConnectionEvent if `other` ends or sends data while the backend is silent."""
        self._connection.watch(other)

    def read_pieces(self) -> Iterator[Body]:
        """Yields the body as it arrives. Each piece is valid until the next. Raises Refused if the body breaks off.

        The connection is kept for the next request if the whole body was read. Otherwise it is closed.
        """
        idle = 0.0
        try:
            for piece in self._receive_pieces():
                yield piece
                self._patience.restart_pause()
            if self._reusable:
                idle = idle_seconds(self._connection, self._head, self._length)
        except EOFError:
            raise unfinished_body() from None
        finally:
            self._over = True
            self._connection.watch(None)
            self._exchange.release(self._connection, idle)

    def _receive_pieces(self) -> Iterator[Body]:
        connection, patience = self._connection, self._patience
        if self._length == CHUNKED:
            yield from _receive_chunks(connection, patience)
        elif self._length == TO_THE_END:
            try:
                while True:
                    yield from _take_received(connection, len(connection.data))
                    yield connection.receive(_ANY, patience)
            except EOFError:
                return
        else:
            left = self._length
            for waiting in _take_received(connection, left):
                left -= len(waiting)
                yield waiting
            while left:
                piece = connection.receive(left, patience)
                left -= len(piece)
                yield piece


# More than `receive` returns in one call.
_ANY = 1 << 30


def _take_received(connection: Connection, most: int) -> Iterator[bytearray]:
    """Returns the bytes that arrived with the head."""
    piece = connection.data[:most]
    del connection.data[: len(piece)]
    if piece:
        yield piece


def _receive_chunks(connection: Connection, patience: Patience) -> Iterator[Body]:
    """Yields the bytes of all chunks (RFC 9112 7.1). Bytes that have arrived never wait for later ones."""
    data = connection.data
    ready = bytearray()
    try:
        while left := read_chunk_size(connection, patience):
            while left:
                if not data:
                    if ready:
                        yield ready
                        ready = bytearray()
                    piece = connection.receive(left, patience)
                    left -= len(piece)
                    yield piece
                else:
                    part = data[:left]
                    del data[: len(part)]
                    left -= len(part)
                    if left and not ready:
                        yield part
                    else:
                        ready += part
            if ready and _must_go(ready, data):
                yield ready
                ready = bytearray()
            end_chunk(connection, patience)
            if ready and _must_go(ready, data):
                yield ready
                ready = bytearray()
    except (Refused, EOFError):
        if ready:
            yield ready
        raise
    if ready:
        yield ready
    skip_trailers(connection, patience)


def _must_go(ready: bytearray, data: bytearray) -> bool:
    """True if enough bytes are collected, or the next line (a chunk's end or size) has not arrived."""
    return len(ready) >= _JOINED_BYTES or b"\r\n" not in data
