"""ASGI applications on ports of 127.0.0.1: the server, and the two halves of an exchange."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import h11
import httpx
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..facts import limits
from .request import Request, Response

HOST: Final = "127.0.0.1"
Application = Callable[[Mapping[str, Any], Any, Any], Awaitable[None]]
Answer = Callable[[Request], Awaitable[Response]]
MOST_BYTES: Final = 10 * 1024 * 1024
"""Of a request's body, and of a response that is no stream, for REST and HTTP APIs alike."""
_DRAINED: Final = 64 * 1024 * 1024
"""Bytes that are read, and not kept, so that a caller who sends too much reads the answer."""
_SPELLED: Final = "gatehouse.spelled"
_BACKLOG: Final = 100
_FRAMES: Final = {b"content-length", b"transfer-encoding"}
_IDLE_SECONDS: Final = 2 * limits.LAMBDA_TIMEOUT_SECONDS.stop
"""A function's process is silent for as long as the function runs, and may not find its connection closed."""


def _is_error(record: logging.LogRecord) -> bool:
    """False for what uvicorn logs as errors and is none: cancelled requests, cut streams, and requests not of HTTP."""
    error = record.exc_info[1] if record.exc_info else None
    refused = isinstance(error, h11.LocalProtocolError) and "MUST_CLOSE" in str(error)
    return not (refused or isinstance(error, asyncio.CancelledError | httpx.HTTPError))


logging.getLogger("uvicorn.error").addFilter(_is_error)


class _Protocol(H11Protocol):
    """Keeps the spelling of header names, which uvicorn gives in lower case and events of REST APIs have."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        next_event, app = self.conn.next_event, self.app
        spelled: dict[str, str] = {}

        def read() -> Any:
            event = next_event()
            if isinstance(event, h11.Request):
                spelled.clear()
                names = (name.decode("latin-1") for name, _ in event.headers.raw_items())
                spelled.update((name.lower(), name) for name in names)
            return event

        async def called(scope: Any, receive: Any, send: Any) -> None:
            fields = scope["headers"]
            if {name for name, _ in fields} >= _FRAMES:
                # The length is not the body's, and the connection must close (RFC 9112, 6.1), which uvicorn reads here.
                fields[:] = [*(field for field in fields if field[0] != b"content-length"), (b"connection", b"close")]
            await app({**scope, _SPELLED: dict(spelled)}, receive, send)

        self.conn.next_event, self.app = read, called  # type: ignore[method-assign] # the protocol of uvicorn has no hook for this


class Ports:
    """Listening sockets by the name of what they serve. They stay open while a changed stack takes them over."""

    def __init__(self, first: int = 0) -> None:
        """`first` is the port of the first API, which the others follow. With 0 each gets a free one."""
        self._first = first
        self._sockets: dict[str, socket.socket] = {}

    def listen(self, name: str, place: int | None = None) -> socket.socket:
        """A duplicate of the socket for a name. `place` is the API's place among the others.

        Raises OSError if the port is in use.
        """
        if name not in self._sockets:
            port = self._first + place if self._first and place is not None else 0
            self._sockets[name] = bind_socket(port)
            self._sockets[name].listen(_BACKLOG)
        return self._sockets[name].dup()

    def keep(self) -> None:
        """Give no other API a port that follows the first: those of the first stack stay."""
        self._first = 0

    def close(self) -> None:
        for opened in self._sockets.values():
            opened.close()
        self._sockets.clear()


class Server:
    """An application on a port of 127.0.0.1."""

    def __init__(self, application: Application) -> None:
        config = uvicorn.Config(
            application, log_config=None, log_level="error", access_log=False, lifespan="off", server_header=False,
            date_header=False, proxy_headers=False, interface="asgi3", http=_Protocol, ws="none",
            timeout_keep_alive=_IDLE_SECONDS, backlog=_BACKLOG,
        )  # fmt: skip
        config.load()
        self._server = uvicorn.Server(config)
        # Its `serve` does this as well, but takes the signals, which are the command's.
        self._server.lifespan = config.lifespan_class(config)

    async def start(self, listening: socket.socket | None = None) -> str:
        """Serve on a socket, or on a free port. Returns `host:port`."""
        listening = listening or bind_socket(0)
        await self._server.startup(sockets=[listening])
        return f"{HOST}:{listening.getsockname()[1]}"

    async def stop(self) -> None:
        """Close the socket and every connection, as uvicorn does, which sleeps for a tenth of a second meanwhile."""
        self._server.force_exit = True
        if self._server.started:
            for listening in self._server.servers:
                listening.close()
            for connection in [*self._server.server_state.connections]:
                connection.shutdown()
                # From Python 3.12 on, a server waits for each, also for one whose request never ends.
                if not connection.transport.is_closing():
                    connection.transport.abort()
            await asyncio.gather(*(listening.wait_closed() for listening in self._server.servers))


def bind_socket(port: int) -> socket.socket:
    """A socket on a port, or on a free one for 0. Raises OSError if the port is in use."""
    if port >= limits.PORTS.stop:
        # The APIs after the first are on the ports that follow.
        raise OSError(f"port {port}: ports end at {limits.PORTS.stop - 1:,}; choose another by --port")
    # asyncio sends small packets at once only over sockets that name their protocol.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as problem:
        listening.close()
        raise OSError(f"port {port}: {problem.strerror}; choose another by --port") from None
    return listening


async def receive_request(scope: Mapping[str, Any], receive: Any) -> Request | None:
    """The whole request. None if the caller is gone. A body that is too large has one byte too many."""
    body, length, more = bytearray(), 0, True
    while more and length < _DRAINED:
        message = await receive()
        if message.get("type") == "http.disconnect":
            return None
        part = message.get("body", b"")
        body += part[: MOST_BYTES + 1 - len(body)]
        length += len(part)
        more = message.get("more_body", False)
    return Request(
        method=scope["method"],
        raw_path=scope["raw_path"].decode("latin-1"),
        raw_query=scope["query_string"].decode("latin-1"),
        headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]],
        body=bytes(body),
        spelled=scope.get(_SPELLED) or {},
    )


async def send_response(send: Any, answer: Response, ended: Callable[[], None] = lambda: None) -> None:
    """Send a response, with the length that it has. The server leaves the body of one to HEAD out.

    `ended` is called before the last part is sent: a caller who has the whole answer finds it in the log.
    """
    encoded = ((name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in answer.headers)
    fields = [(name, value.strip(b" \t")) for name, value in encoded if name.lower() not in _FRAMES]
    start: dict[str, Any] = {"type": "http.response.start", "status": answer.status, "headers": fields}
    body, bodiless = b"", answer.status in (204, 304) or answer.status < 200
    if answer.stream is not None:
        await send(start)
        try:
            async for part in answer.stream:
                if not bodiless:
                    await send({"type": "http.response.body", "body": part, "more_body": True})
        finally:
            ended()
    else:
        if not bodiless:
            fields.append((b"content-length", str(len(answer.body)).encode()))
            body = answer.body
        ended()
        await send(start)
    await send({"type": "http.response.body", "body": body})


def guard_application(served: Application) -> Application:
    """An application that programs call by its own address. Others, such as pages of other sites, get 403."""

    async def called(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        own = headers.get(b"host", b"").startswith(f"{HOST}:".encode())
        if own and not {b"origin", b"sec-fetch-site"} & headers.keys():
            await served(scope, receive, send)
        else:
            await send_response(send, Response(403, [("content-type", "text/plain")], b"call 127.0.0.1 by a program\n"))

    return called


def make_application(answer: Answer) -> Application:
    """The application that answers whole requests by a function."""

    async def called(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        if (request := await receive_request(scope, receive)) is not None:
            await send_response(send, await answer(request))

    return called
