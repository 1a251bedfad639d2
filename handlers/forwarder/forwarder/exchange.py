"""One request and its response, over the previous request's connection if that is safe."""

from .answer import MOST_BYTES, Answer, Head, read_answer, read_head
from .configuration import Backend
from .connection import Connection
from .deadline import Deadline
from .dialer import Dialer
from .refusal import Unanswered
from .request import Outgoing

# RFC 9110 9.2.2: idempotent methods.
_IDEMPOTENT = frozenset(("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"))
# Up to this size, a copy costs less than a second packet.
_JOINED_BYTES = 65536


class Exchange:
    """Sends one request after the other, as Lambda invokes the function, and keeps the connection in between."""

    def __init__(self, backend: Backend, most: int = MOST_BYTES) -> None:
        """`most`: maximum bytes of a response that is read whole."""
        self._dialer = Dialer(backend)
        self._most = most
        self._kept: Connection | None = None

    def ask(self, request: Outgoing, deadline: Deadline) -> Answer:
        """Returns the backend's whole response. Raises Refused if there is none."""
        connection, head, whole = self.begin(request, deadline)
        try:
            answer = read_answer(connection, request.method, head, deadline, self._most)
            self.release(connection, answer.idle_seconds if whole else 0.0)
        except BaseException:
            connection.close()
            raise
        return answer

    def begin(
        self, request: Outgoing, deadline: Deadline, connecting: Deadline | None = None
    ) -> tuple[Connection, Head, bool]:
        """Sends the request and waits for the response's head.

        Returns the connection, the head, and true if the whole request was sent. The caller must release or close the
        connection. `connecting` is the deadline for a new connection, and defaults to `deadline`. Raises Refused if
        there is no response.

        RFC 9112 9.3.1: a request is sent again, once and on a new connection, only if a kept connection ended before
        the first byte of a response, and the backend received nothing of it or the method is idempotent.
        """
        kept = self._take_fresh()
        if kept is not None:
            try:
                return _send_and_read_head(kept, request, deadline)
            except Unanswered as ended:
                if not ended.untouched and request.method not in _IDEMPOTENT:
                    raise
        return _send_and_read_head(self._dialer.open(connecting or deadline), request, deadline)

    def take(self, deadline: Deadline) -> Connection:
        """Returns the kept connection or a new one. The caller must close it."""
        return self._take_fresh() or self._dialer.open(deadline)

    def release(self, connection: Connection, idle_seconds: float) -> None:
        """Keeps the connection for the next request for some seconds. Closes it if that is 0."""
        if idle_seconds > 0:
            connection.mark_idle(idle_seconds)
            self._kept = connection
        else:
            connection.close()

    def _take_fresh(self) -> Connection | None:
        kept, self._kept = self._kept, None
        if kept is not None and not kept.is_fresh():
            kept.close()
            return None
        return kept


def _send_and_read_head(connection: Connection, request: Outgoing, deadline: Deadline) -> tuple[Connection, Head, bool]:
    joined = len(request.body) <= _JOINED_BYTES
    connection.unsent = [request.head + request.body] if joined else [request.head, request.body]
    try:
        while True:
            whole = connection.send(deadline)
            head = read_head(connection, deadline)
            # RFC 9110 15.2: any number of interim responses can come first, even before the request is sent.
            if head.status >= 200:
                return connection, head, whole
    except BaseException:
        connection.close()
        raise
