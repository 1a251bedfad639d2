"""What each hop of a request received, kept for the page: the request to a backend, and the tokens that are left."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import MutableSequence
from dataclasses import dataclass, field
from typing import Final

import h11

MOST_KEPT: Final = 32 * 1024
"""Bytes of a body that are kept to be shown."""


@dataclass
class Exchange:
    """A request that a backend received, and the status of its response."""

    target: str
    """The local `host:port`."""
    method: str
    path: str
    """With the query."""
    headers: list[tuple[str, str]]
    body: bytes = b""
    """The first `MOST_KEPT` bytes."""
    size: int = 0
    status: int = 0
    """0 without a response."""
    answered: list[tuple[str, str]] = field(default_factory=list)
    """Headers of the response."""
    started: float = field(default_factory=time.perf_counter)
    milliseconds: float = 0.0
    """Until the head of the response."""

    def add_body(self, data: bytes) -> None:
        self.size += len(data)
        self.body += data[: MOST_KEPT - len(self.body)]

    def end(self, status: int, headers: list[tuple[str, str]]) -> None:
        """The head of the response is here."""
        self.status, self.answered = status, headers
        self.milliseconds = (time.perf_counter() - self.started) * 1000


@dataclass(frozen=True)
class Allowance:
    """A throttle or a quota that applies to a request, after it."""

    name: str
    """Whose it is: the account, a route or a key."""
    limit: str
    left: int
    """Requests that it admits at once. For a quota, the requests that are left of it in this run."""


class ExchangeReader:
    """Reads HTTP/1.1 requests and responses from the bytes of one connection. Other protocols give nothing."""

    def __init__(self, target: str, exchanges: MutableSequence[Exchange]) -> None:
        """`exchanges` takes each request as soon as its head is here."""
        self._target, self._exchanges = target, exchanges
        self._requests: h11.Connection | None = h11.Connection(h11.SERVER)
        self._current: Exchange | None = None
        self._unanswered: deque[Exchange] = deque()

    def read_request(self, data: bytes) -> None:
        """Takes bytes of the client."""
        try:
            while self._requests is not None and data:
                self._requests.receive_data(data)
                data = self._take_events(self._requests)
        except h11.ProtocolError:
            self._requests = None

    def _take_events(self, connection: h11.Connection) -> bytes:
        """Reads what there is. Returns the bytes of the next request. Raises ProtocolError."""
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Request):
                headers = [
                    (name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers.raw_items()
                ]
                method, path = event.method.decode("latin-1"), event.target.decode("latin-1")
                self._current = Exchange(self._target, method, path, headers)
                self._exchanges.append(self._current)
                self._unanswered.append(self._current)
            elif isinstance(event, h11.Data) and self._current is not None:
                self._current.add_body(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                rest, _ = connection.trailing_data
                self._requests = h11.Connection(h11.SERVER)
                return bytes(rest)
            else:
                return b""

    def read_response(self, data: bytes) -> None:
        """Takes bytes of the backend. Clients wait for a response before the next request, so a head begins a part."""
        status = data[9:12]
        # After an interim response, such as 100, comes another.
        if self._unanswered and data.startswith(b"HTTP/1.") and not status.startswith(b"1"):
            head = data.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
            fields = [line.partition(":")[::2] for line in head]
            exchange = self._unanswered.popleft()
            exchange.end(int(status) if status.isdigit() else 0, [(name, value.strip()) for name, value in fields])
