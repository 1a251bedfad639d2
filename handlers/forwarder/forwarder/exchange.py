"""One request and its answer, over the connection of the request before where that is safe."""

from .answer import Answer, next_head, read
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

    def __init__(self, backend: Backend) -> None:
        self._dialer = Dialer(backend)
        self._kept: Connection | None = None

    def ask(self, request: Outgoing, deadline: Deadline) -> Answer:
        """The backend's answer. Raises Refused when there is none.

        RFC 9112 9.3.1: a request is sent again only if a kept connection ended before any byte of an answer, and then
        only if the backend had no byte of it, or if it may have it twice. It is sent again once, on a new connection.
        """
        kept, self._kept = self._kept, None
        if kept is not None and kept.is_fresh():
            try:
                return self._converse(kept, request, deadline)
            except Unanswered as ended:
                if not ended.untouched and request.method not in _IDEMPOTENT:
                    raise
        elif kept is not None:
            kept.close()
        return self._converse(self._dialer.open(deadline), request, deadline)

    def _converse(self, connection: Connection, request: Outgoing, deadline: Deadline) -> Answer:
        joined = len(request.body) <= _JOINED_BYTES
        connection.offer(*((request.head + request.body,) if joined else (request.head, request.body)))
        keep = False
        try:
            while True:
                whole = connection.send(deadline)
                head = next_head(connection, deadline)
                # RFC 9110 15.2: any number of interim answers may come first, even before the request is sent.
                if head.status >= 200:
                    break
            answer = read(connection, request.method, head, deadline)
            if whole and answer.idle_seconds > 0:
                connection.rest(answer.idle_seconds)
                keep = True
                self._kept = connection
            return answer
        finally:
            if not keep:
                connection.close()
