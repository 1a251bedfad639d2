"""An answer of the backend that is passed on while it comes, in memory that does not grow with it."""

from collections.abc import Iterator
from time import monotonic

from .answer import CHUNKED, TO_THE_END, Body, Head, ended_within, framing, idle_seconds
from .chunks import chunk_size, end_chunk, skip_trailers
from .connection import Connection, Ended
from .deadline import Deadline
from .exchange import Exchange
from .refusal import Refused

# Small chunks that are here are handed on together, up to this many bytes.
_JOINED_BYTES = 65536


class Patience(Deadline):
    """The end of a stream, and before it the end of any pause: API Gateway hangs up after one, and Lambda runs on.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
    """

    __slots__ = ("_pause", "_pause_end")

    def __init__(self, seconds: float, pause: float, context: object) -> None:
        """`seconds` from now, or `pause` seconds without anything moving, or shortly before Lambda ends it."""
        super().__init__(seconds, context)
        self._pause = pause
        self.moved()

    def moved(self) -> None:
        """Something has come or gone: the pause begins again."""
        self._pause_end = monotonic() + self._pause

    def left(self) -> float:
        """Seconds, more than none; raises Refused when either is over."""
        left = super().left()
        pause = self._pause_end - monotonic()
        if pause <= 0:
            raise Refused(504, "the backend paused for too long", "idle")
        return min(left, pause)


class Stream:
    """The body of an answer while the backend sends it. Closed when it is over, one way or another."""

    __slots__ = ("_connection", "_exchange", "_head", "_length", "_over", "_patience", "_reusable", "headers", "status")

    def __init__(
        self, exchange: Exchange, begun: tuple[Connection, Head, bool], method: str, patience: Patience
    ) -> None:
        """Raises Refused, and closes the connection, if the head contradicts itself."""
        self._exchange = exchange
        self._connection, self._head, self._reusable = begun
        self._patience = patience
        self._over = False
        self.status = self._head.status
        self.headers = self._head.headers
        try:
            self._length = framing(method, self._head)
        except Refused:
            self._connection.close()
            raise

    def close(self) -> None:
        """Let go of the backend in the middle; nothing once `pieces` has come to its end."""
        if not self._over:
            self._over = True
            self._connection.close()

    def watch(self, other: Connection | None) -> None:
        """Raise Watched out of `pieces` if `other` ends, or sends something, while the backend is silent."""
        self._connection.watch(other)

    def pieces(self) -> Iterator[Body]:
        """The body as it comes, each piece good until the next. Raises Refused if it breaks off.

        The connection is kept for the next request if all of the body was taken, and closed otherwise.
        """
        idle = 0.0
        try:
            for piece in self._coming():
                yield piece
                self._patience.moved()
            if self._reusable:
                idle = idle_seconds(self._connection, self._head, self._length)
        except Ended:
            raise ended_within() from None
        finally:
            self._over = True
            self._connection.watch(None)
            self._exchange.release(self._connection, idle)

    def _coming(self) -> Iterator[Body]:
        connection, patience = self._connection, self._patience
        if self._length == CHUNKED:
            yield from _chunks(connection, patience)
        elif self._length == TO_THE_END:
            try:
                while True:
                    yield from _waiting(connection, len(connection.data))
                    yield connection.receive(_ANY, patience)
            except Ended:
                return
        else:
            left = self._length
            for waiting in _waiting(connection, left):
                left -= len(waiting)
                yield waiting
            while left:
                piece = connection.receive(left, patience)
                left -= len(piece)
                yield piece


# More than `receive` returns at once.
_ANY = 1 << 30


def _waiting(connection: Connection, most: int) -> Iterator[bytearray]:
    """What has come with the head."""
    piece = connection.data[:most]
    del connection.data[: len(piece)]
    if piece:
        yield piece


def _chunks(connection: Connection, patience: Patience) -> Iterator[Body]:
    """The bytes of all chunks (RFC 9112 7.1): nothing that is here waits for what is not."""
    data = connection.data
    ready = bytearray()
    try:
        while left := chunk_size(connection, patience):
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
    except (Refused, Ended):
        if ready:
            yield ready
        raise
    if ready:
        yield ready
    skip_trailers(connection, patience)


def _must_go(ready: bytearray, data: bytearray) -> bool:
    """Whether it is enough, or the next line, which is the end of a chunk or the size of one, is not here yet."""
    return len(ready) >= _JOINED_BYTES or b"\r\n" not in data
