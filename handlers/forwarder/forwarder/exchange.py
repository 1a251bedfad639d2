"""One request and its answer, over the connection of the request before where that is safe."""

from .answer import MOST_BYTES, Answer, Head, next_head, read
from .configuration import Backend
from .connection import Connection
from .deadline import Deadline
from .dialer import Dialer
from .refusal import Unanswered
from .request import Outgoing

# RFC 9110 9.2.2: twice is as good as once.
_IDEMPOTENT = frozenset(("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"))
# Up to here a copy costs less than a second packet.
_JOINED_BYTES = 65536


class Exchange:
    """Sends requests one after the other, as Lambda does, and keeps the connection in between."""

    def __init__(self, backend: Backend, most: int = MOST_BYTES) -> None:
        """`most` is how many bytes an answer that is read whole may have."""
        self._dialer = Dialer(backend)
        self._most = most
        self._kept: Connection | None = None

    def ask(self, request: Outgoing, deadline: Deadline) -> Answer:
        """The backend's answer, whole. Raises Refused when there is none."""
        connection, head, whole = self.begin(request, deadline)
        try:
            answer = read(connection, request.method, head, deadline, self._most)
            self.release(connection, answer.idle_seconds if whole else 0.0)
        except BaseException:
            connection.close()
            raise
        return answer

    def begin(
        self, request: Outgoing, deadline: Deadline, connecting: Deadline | None = None
    ) -> tuple[Connection, Head, bool]:
        """Send the request, and wait for the head of its answer: connection, head, and whether all of it was sent.

        The connection is the caller's, who releases or closes it. `connecting` ends the wait for a new connection, and
        defaults to `deadline`. Raises Refused when there is no answer.

        RFC 9112 9.3.1: a request is sent again only if a kept connection ended before any byte of an answer, and then
        only if the backend had no byte of it, or if it may have it twice. It is sent again once, on a new connection.
        """
        kept = self._fresh()
        if kept is not None:
            try:
                return _converse(kept, request, deadline)
            except Unanswered as ended:
                if not ended.untouched and request.method not in _IDEMPOTENT:
                    raise
        return _converse(self._dialer.open(connecting or deadline), request, deadline)

    def take(self, deadline: Deadline) -> Connection:
        """The kept connection, or a new one, for the caller to close."""
        return self._fresh() or self._dialer.open(deadline)

    def release(self, connection: Connection, idle_seconds: float) -> None:
        """Keep the connection for the next request, for as long as that; close it where that is 0."""
        if idle_seconds > 0:
            connection.rest(idle_seconds)
            self._kept = connection
        else:
            connection.close()

    def _fresh(self) -> Connection | None:
        kept, self._kept = self._kept, None
        if kept is not None and not kept.is_fresh():
            kept.close()
            return None
        return kept


def _converse(connection: Connection, request: Outgoing, deadline: Deadline) -> tuple[Connection, Head, bool]:
    joined = len(request.body) <= _JOINED_BYTES
    connection.offer(*((request.head + request.body,) if joined else (request.head, request.body)))
    try:
        while True:
            whole = connection.send(deadline)
            head = next_head(connection, deadline)
            # RFC 9110 15.2: any number of interim answers may come first, even before the request is sent.
            if head.status >= 200:
                return connection, head, whole
    except BaseException:
        connection.close()
        raise
