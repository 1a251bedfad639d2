"""One connection to the backend, and the only place that touches a socket.

The socket never blocks: every wait is a `poll` that ends with the request's deadline.
"""

import select
from _socket import socket
from time import time

from .deadline import Deadline
from .refusal import Refused

_READABLE = select.POLLIN
_EITHER = select.POLLIN | select.POLLOUT
_PIECE = 65536
_LITTLE_PIECE = 16384
# Larger reads measured no better here; see dev/bench/streaming.py.
_STREAMED_PIECE = 65536
# Load balancers close idle connections after 60 s, some of them silently; no hint of a server counts for more.
_IDLE_SECONDS = 50.0


class Ended(Exception):  # noqa: N818 # how a message without a length ends, too
    """The backend has closed its side."""


class Watched(Exception):  # noqa: N818 # nothing need be wrong with this connection
    """Something came on the connection that was to be watched, or it ended."""


class Connection:
    """A socket and the bytes that have come but have not been read."""

    __slots__ = (
        "_again",
        "_gathers",
        "_idle_seconds",
        "_poll",
        "_rests_since",
        "_room",
        "_socket",
        "_unsent",
        "_watched",
        "data",
        "heard",
        "sent",
    )

    def __init__(self, connected: socket, again: tuple[type[BaseException], ...], *, gathers: bool) -> None:
        """`again` are the errors of a socket that has to wait; `gathers` whether it can send several parts at once."""
        self._socket = connected
        self._again = again
        self._gathers = gathers
        self._watched: socket | None = None
        self._poll = select.poll()
        self._poll.register(connected, _READABLE)
        self._rests_since = 0.0
        self._idle_seconds = 0.0
        self._unsent: list[memoryview] = []
        self._room = bytearray()
        self.data = bytearray()
        """What has come and is not consumed."""
        self.sent = False
        """Whether the backend has been given a byte of the request at hand."""
        self.heard = False
        """Whether a byte has come in answer to it."""

    def close(self) -> None:
        """Let go of it, whatever state it is in."""
        self._socket.close()

    # A Lambda function is not notified of its end, so whatever drops the connection closes it.
    __del__ = close

    def rest(self, seconds: float) -> None:
        """It idles from now on, and the backend keeps it for `seconds` at most."""
        # The wall clock, which is set right after Lambda has frozen the process, as others may not be.
        self._rests_since = time()
        self._idle_seconds = min(seconds, _IDLE_SECONDS)

    def is_fresh(self) -> bool:
        """Whether it can take another request: not closed, not old, and nothing come that nobody asked for."""
        # The clock may have been put back, too.
        if self.data or not 0 <= time() - self._rests_since < self._idle_seconds:
            return False
        try:
            # An end, or bytes that would be taken for an answer. With TLS this also takes in new session tickets.
            self._socket.recv(1)
        except self._again:
            self.sent = self.heard = False
            return True
        except OSError:
            pass
        return False

    def offer(self, *parts: bytes | bytearray | memoryview) -> None:
        """What `send` is to send."""
        self._unsent = [memoryview(part) for part in parts if part]

    def watch(self, other: "Connection | None") -> None:
        """While this one waits, look out for `other` too: whatever comes there, or its end, raises Watched."""
        if self._watched is not None:
            self._poll.unregister(self._watched)
        self._watched = None if other is None else other._socket
        if self._watched is not None:
            self._poll.register(self._watched, _READABLE)

    def send(self, deadline: Deadline) -> bool:
        """Send all that is offered; False when something comes, or the backend goes, before that.

        A backend that refuses early, with 413, may stop reading: to wait for it to take the rest would be to wait
        without end (RFC 9112 9.5). The caller reads what it has sent, and may go on sending afterwards.
        """
        while self._unsent:
            try:
                count = self._socket.sendmsg(self._unsent) if self._gathers else self._socket.send(self._unsent[0])
            except self._again:
                if self._wait(_EITHER, deadline) & ~select.POLLOUT and self._came():
                    return False
                continue
            except OSError:
                # Closed; it may have answered before.
                return False
            self.sent = True
            while self._unsent and count >= len(self._unsent[0]):
                count -= len(self._unsent.pop(0))
            if count:
                self._unsent[0] = self._unsent[0][count:]
        return True

    def fill_little(self, deadline: Deadline) -> None:
        """As `fill`, but take little: what of a body comes with a head, or with a chunk's size, is copied twice."""
        self.fill(deadline, _LITTLE_PIECE)

    def fill(self, deadline: Deadline, most: int = _PIECE) -> None:
        """Wait for more and add it to `data`. Raises Ended at the end, and Refused when the connection breaks."""
        while True:
            try:
                piece = self._socket.recv(most)
            except self._again:
                self._wait(_READABLE, deadline)
                continue
            except OSError:
                raise _broken() from None
            if not piece:
                raise Ended
            self.data += piece
            self.heard = True
            # Also while there always is more, or else a backend that never ends would never be stopped.
            deadline.left()
            return

    def room(self, length: int) -> memoryview:
        """Memory for a body, the same each time: to allocate a megabyte takes longer than to receive it."""
        if len(self._room) < length:
            self._room = bytearray(length)
        return memoryview(self._room)[:length]

    def fill_into(self, target: memoryview, deadline: Deadline) -> None:
        """Fill all of `target` straight from the socket. Raises as `fill` does."""
        while target:
            try:
                count = self._socket.recv_into(target)
            except self._again:
                self._wait(_READABLE, deadline)
                continue
            except OSError:
                raise _broken() from None
            if not count:
                raise Ended
            target = target[count:]

    def receive(self, most: int, deadline: Deadline) -> memoryview:
        """Wait for more, at most `most` bytes and never many, and return it: good until the next. Raises as `fill`."""
        room = self.room(_STREAMED_PIECE)[:most]
        while True:
            try:
                count = self._socket.recv_into(room)
            except self._again:
                self._wait(_READABLE, deadline)
                continue
            except OSError:
                raise _broken() from None
            if not count:
                raise Ended
            deadline.left()
            return room[:count]

    def _came(self) -> bool:
        """Whether anything came, or the end, without waiting for it."""
        try:
            piece = self._socket.recv(_PIECE)
        except self._again:
            return False
        except OSError:
            return True
        self.data += piece
        self.heard = self.heard or bool(piece)
        return True

    def _wait(self, events: int, deadline: Deadline) -> int:
        self._poll.modify(self._socket, events)
        ready = self._poll.poll(deadline.left() * 1000)
        if not ready:
            deadline.left()
        elif self._watched is not None and any(found == self._watched.fileno() for found, _ in ready):
            raise Watched
        return ready[0][1] if ready else 0


def _broken() -> Refused:
    return Refused(502, "the connection to the backend broke", "reset")
