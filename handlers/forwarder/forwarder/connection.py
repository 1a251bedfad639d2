"""One connection to the backend. No other module reads or writes its socket.

The socket never blocks: each wait is a `poll` that ends at the request's deadline.
"""

import select

# Saves loading the file of `collections.abc`.
from _collections_abc import Sequence
from _socket import socket
from time import time

from .deadline import Deadline
from .refusal import Refused, too_large

# Larger reads measured no better.
PIECE = 65536
# For reads of a head or of a chunk's size. They are small, because bytes of the body that come along are copied twice.
_LITTLE_PIECE = 16384
# Load balancers close idle connections after 60 s, some of them silently. A longer `Keep-Alive: timeout` is ignored.
_IDLE_SECONDS = 50.0

# Six times the limit of API Gateway.
MOST_HEAD_BYTES = 65536

# A memoryview points into the connection's buffer, and is valid until the next response.
Body = bytes | bytearray | memoryview

# Results of `getaddrinfo`: family, type, protocol, canonical name, address.
Addresses = Sequence[tuple[int, int, int, str, tuple[object, ...]]]


class OtherConnectionEvent(Exception):  # noqa: N818 # no error of this connection
    """The watched connection has received data or has ended."""


class Connection:
    """A socket, and the received bytes that are not yet consumed."""

    __slots__ = (
        "_again",
        "_buffer",
        "_idle_seconds",
        "_plain",
        "_poll",
        "_rests_since",
        "_socket",
        "_watched",
        "data",
        "heard",
        "sent",
        "unsent",
    )

    def __init__(self, connected: socket, again: tuple[type[BaseException], ...], *, plain: bool) -> None:
        """`again`: errors of a socket that must wait. `plain`: without TLS, so `poll` sees all data."""
        self._socket = connected
        self._again = again
        self._plain = plain
        self._watched: socket | None = None
        self._poll = select.poll()
        self._poll.register(connected, select.POLLIN)
        self._rests_since = 0.0
        self._idle_seconds = 0.0
        self._buffer = bytearray()
        self.data = bytearray()
        """Received bytes that are not yet consumed."""
        self.unsent: list[bytes | bytearray | memoryview] = []
        """The parts that `send` sends. None of them is empty."""
        self.sent = False
        """True if a byte of the current request was sent."""
        self.heard = False
        """True if a byte of its response was received."""

    def close(self) -> None:
        """Closes the socket."""
        self._socket.close()

    # Lambda does not notify a function of its end, so the connection is closed when it is no longer referenced.
    __del__ = close

    def mark_idle(self, seconds: float) -> None:
        """Marks the connection as idle. The backend keeps it for at most `seconds`."""
        # After Lambda has frozen the process, it corrects the wall clock. Other clocks may not count that time.
        self._rests_since = time()
        self._idle_seconds = min(seconds, _IDLE_SECONDS)

    def is_fresh(self) -> bool:
        """True if the connection can take another request: open, recently used, and without unexpected data."""
        # The clock may also have been set back.
        if not 0 <= time() - self._rests_since < self._idle_seconds:
            return False
        # Not fresh if the backend has closed, or has sent bytes, which would be read as a response. With TLS, only a
        # read processes session tickets. Without TLS, a poll costs less than a read that fails.
        if self._poll.poll(0) if self._plain else self._has_arrived():
            return False
        self.sent = self.heard = False
        return True

    def watch(self, other: "Connection | None") -> None:
        """While this connection waits, also watches `other`. Its data or end raises OtherConnectionEvent."""
        if self._watched is not None:
            self._poll.unregister(self._watched)
        self._watched = None if other is None else other._socket
        if self._watched is not None:
            self._poll.register(self._watched, select.POLLIN)

    def send(self, deadline: Deadline) -> bool:
        """Sends all parts. Returns False if data arrives, or the backend closes, before everything is sent.

        A backend that refuses early, for example with 413, may stop reading. Waiting for it to read the rest could then
        last until the deadline (RFC 9112 9.5). The caller reads the response, and can continue to send afterwards.
        """
        unsent = self.unsent
        while unsent:
            try:
                count = (
                    self._socket.sendmsg(unsent) if len(unsent) > 1 and self._plain else self._socket.send(unsent[0])
                )
            except self._again:
                self._poll.modify(self._socket, select.POLLIN | select.POLLOUT)
                try:
                    ready = self._wait(deadline)
                finally:
                    self._poll.modify(self._socket, select.POLLIN)
                if ready & ~select.POLLOUT and self._has_arrived():
                    return False
                continue
            except OSError:
                # The backend closed. It may have responded before.
                return False
            self.sent = True
            while unsent and count >= len(unsent[0]):
                count -= len(unsent.pop(0))
            if count:
                unsent[0] = memoryview(unsent[0])[count:]
        return True

    def fill(self, deadline: Deadline, most: int = _LITTLE_PIECE) -> None:
        """Waits for data and adds it to `data`. Raises EOFError at the end, and Refused if the connection breaks."""
        if not self.heard:
            # The response is seldom there yet, and a read before it comes would only fail.
            self._wait(deadline)
        self.data += self.receive(most, deadline)
        self.heard = True

    def receive(self, most: int, deadline: Deadline) -> bytes:
        """Waits for data and returns at most `most` bytes. Raises as `fill` does."""
        while True:
            try:
                piece = self._socket.recv(min(most, PIECE))
            except OSError as error:
                self._wait_after(error, deadline)
                continue
            if not piece:
                raise EOFError
            # Checked even if data is always available, so that an endless response is stopped.
            deadline.remaining_seconds()
            return piece

    def reserve(self, length: int) -> memoryview:
        """Returns memory for a body. It is reused, because allocating a megabyte takes longer than receiving it."""
        if len(self._buffer) < length:
            self._buffer = bytearray(length)
        return memoryview(self._buffer)[:length]

    def fill_into(self, target: memoryview, deadline: Deadline) -> None:
        """Fills `target` from the socket. Raises the same errors as `fill`."""
        while target:
            try:
                count = self._socket.recv_into(target)
            except OSError as error:
                self._wait_after(error, deadline)
                continue
            if not count:
                raise EOFError
            deadline.remaining_seconds()
            target = target[count:]

    def _wait_after(self, error: OSError, deadline: Deadline) -> None:
        if not isinstance(error, self._again):
            raise Refused(502, "the connection to the backend broke", "reset") from None
        self._wait(deadline)

    def _has_arrived(self) -> bool:
        """True if data or the end has arrived. Does not wait."""
        try:
            piece = self._socket.recv(PIECE)
        except self._again:
            return False
        except OSError:
            return True
        self.data += piece
        self.heard = self.heard or bool(piece)
        return True

    def _wait(self, deadline: Deadline) -> int:
        ready = self._poll.poll(deadline.remaining_seconds() * 1000)
        if not ready:
            deadline.remaining_seconds()
        elif self._watched is not None and any(descriptor == self._watched.fileno() for descriptor, _ in ready):
            raise OtherConnectionEvent
        return ready[0][1] if ready else 0


def take_bytes(connection: Connection, length: int, deadline: Deadline, most: int) -> Body:
    """Returns the next `length` bytes."""
    if length > most:
        raise too_large()
    data = connection.data
    if length <= len(data):
        body = data[:length]
        del data[:length]
        return body
    room = connection.reserve(length)
    have = len(data)
    room[:have] = data
    data.clear()
    connection.fill_into(room[have:], deadline)
    return room
