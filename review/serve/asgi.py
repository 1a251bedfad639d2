"""ASGI applications on ports of 127.0.0.1: the server, and the two halves of an exchange."""

import asyncio
import logging
import os
import resource
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, Final

import h11
import httpx
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..facts import limits
from ..graph.prose import printable
from .request import Request, Response

HOST: Final = "127.0.0.1"
Application = Callable[[Mapping[str, Any], Any, Any], Awaitable[None]]
Answer = Callable[[Request], Awaitable[Response]]
Holds = Callable[[int], bool]
MOST_BYTES: Final = 10 * 1024 * 1024
"""Of a request's body, and of a response that is no stream, for REST and HTTP APIs alike."""
_TOO_LARGE: Final = bytes(MOST_BYTES + 1)
"""In place of a body for which there is no room."""
_DRAINED: Final = 64 * 1024 * 1024
"""Bytes that are read, and not kept, so that a caller who sends too much reads the answer."""
_SPELLED: Final = "gatehouse.spelled"
_CONNECTION: Final = "gatehouse.connection"
_SOCK_DIAG, _BY_FAMILY, _LISTENS = 4, 20, 10
_ACCEPTED: Final = 100
"""Connections that asyncio takes at a time, before it hands one of them on."""
_FRAMES: Final = {b"content-length", b"transfer-encoding"}
_IDLE_SECONDS: Final = 2 * limits.LAMBDA_TIMEOUT_SECONDS.stop
"""A function's process is silent for as long as the function runs, and may not find its connection closed."""


def _is_error(record: logging.LogRecord) -> bool:
    """Requests that wait at the end are cancelled, a backend may cut its stream, and what is no HTTP has its answer.

    uvicorn takes all three for errors. It closes the caller's connection, as it should.
    """
    error = record.exc_info[1] if record.exc_info else None
    refused = isinstance(error, h11.LocalProtocolError) and "MUST_CLOSE" in str(error)
    return not (refused or isinstance(error, asyncio.CancelledError | httpx.HTTPError))


logging.getLogger("uvicorn.error").addFilter(_is_error)


def _in_a_line(record: logging.LogRecord) -> bool:
    """Keep of a note of asyncio what is safe for a terminal: its errors have texts of the stack."""
    record.msg, record.args, record.exc_info = printable(record.getMessage()), (), None
    return True


logging.getLogger("asyncio").addFilter(_in_a_line)


class Connections:
    """Those to all servers of this process. If no file can be opened, asyncio writes thousands of lines a second."""

    most = max(64, min(resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 3, 4096))
    _open: ClassVar[set[Any]] = set()

    @classmethod
    def admit(cls, transport: Any) -> bool:
        """Whether there is room for one more, which is cut else."""
        if len(cls._open) >= cls.most:
            cls._open = {connection for connection in cls._open if not connection.is_closing()}
        if len(cls._open) >= cls.most:
            transport.abort()
            return False
        cls._open.add(transport)
        return True


class _Protocol(H11Protocol):
    """Keeps the spelling of header names, which uvicorn gives in lower case and events of REST APIs have."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        Connections.admit(transport)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        next_event, app = self.conn.next_event, self.app
        spelled: dict[str, str] = {}
        connection: dict[str, bool] = {}

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
            await app({**scope, _SPELLED: dict(spelled), _CONNECTION: connection}, receive, send)

        self.conn.next_event, self.app = read, called  # type: ignore[method-assign] # the protocol of uvicorn has no hook for this


class Server:
    """An application on a port of 127.0.0.1."""

    def __init__(self, application: Application, tls: ssl.SSLContext | None = None) -> None:
        config = uvicorn.Config(
            application, log_config=None, log_level="error", access_log=False, lifespan="off", server_header=False,
            date_header=False, proxy_headers=False, interface="asgi3", http=_Protocol, ws="none",
            timeout_keep_alive=_IDLE_SECONDS, backlog=_ACCEPTED,
        )  # fmt: skip
        config.load()
        config.ssl = tls
        self._server = uvicorn.Server(config)
        # Its `serve` does this as well, but takes the signals, which are the command's.
        self._server.lifespan = config.lifespan_class(config)

    async def start(self, port: int = 0) -> str:
        """Listen on a port, or on a free one. Returns `host:port`. Raises OSError if the port is in use."""
        listening = bound(port)
        await self._server.startup(sockets=[listening])
        return f"{HOST}:{listening.getsockname()[1]}"

    async def stop(self) -> None:
        """Close the port and every connection, as uvicorn does, which sleeps for a tenth of a second meanwhile."""
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


def bound(port: int) -> socket.socket:
    """A socket that has a port, or a free one for 0, and refuses connections until it listens.

    Raises OSError if the port is in use.
    """
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


class Bodies:
    """Bytes of the bodies that arrive, of all servers of this process: callers may send them as slowly as they like."""

    most: Final = 512 * 1024 * 1024
    held: ClassVar = 0


async def received(scope: Mapping[str, Any], receive: Any) -> Request | None:
    """The whole request. None if the caller is gone. A body that is too large has one byte too many."""
    parts, length, more = list[bytes](), 0, True
    try:
        while more and length < _DRAINED:
            message = await receive()
            if message.get("type") == "http.disconnect":
                return None
            part = message.get("body", b"")
            kept = part[: max(0, MOST_BYTES + 1 - length)]
            parts.append(kept)
            Bodies.held += len(kept)
            length += len(part)
            more = message.get("more_body", False)
            if Bodies.held > Bodies.most:
                break
        body = _TOO_LARGE if Bodies.held > Bodies.most else b"".join(parts)
    finally:
        Bodies.held -= sum(map(len, parts))
    return Request(
        method=scope["method"],
        raw_path=scope["raw_path"].decode("latin-1"),
        raw_query=scope["query_string"].decode("latin-1"),
        headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]],
        body=body,
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


def guarded(served: Application, *, pages: bool = False, holds: Holds = lambda _: True) -> Application:
    """An application for programs of this user that call it by its own address.

    Others get 403: other users of the machine, callers by another name (DNS rebinding), unless `pages`, web pages, and
    processes that `holds` does not know by the inode of their socket.
    """

    async def called(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        headers, connection = dict(scope["headers"]), scope.get(_CONNECTION, {})
        own = headers.get(b"host", b"").startswith(f"{HOST}:".encode())
        if not own or (not pages and {b"origin", b"sec-fetch-site"} & headers.keys()):
            await send_response(send, Response(403, [("content-type", "text/plain")], b"call 127.0.0.1 by a program\n"))
            return
        if "own" not in connection:
            connection["own"] = await asyncio.to_thread(is_of_this_user, scope["client"], scope["server"], holds)
        if not connection["own"]:
            await send_response(send, Response(403, [("content-type", "text/plain")], b"this is of another program\n"))
        else:
            await served(scope, receive, send)

    return called


def is_of_this_user(client: tuple[str, int], server: tuple[str, int], holds: Holds = lambda _: True) -> bool:
    """Whether a process of this user, or of root, that `holds` knows has the caller's end of a connection.

    Root reads everything anyway, and hands connections on from Windows to WSL. True where the system does not show it.
    https://man7.org/linux/man-pages/man7/sock_diag.7.html
    """
    ends = [socket.inet_aton(host).ljust(16, b"\0") for host, _ in (client, server)]
    identity = struct.pack("!HH", client[1], server[1]) + b"".join(ends) + struct.pack("=I", 0) + b"\xff" * 8
    # The exact socket, also one for IPv6 that reaches IPv4.
    asked = struct.pack("=BBBBI", socket.AF_INET, socket.IPPROTO_TCP, 0, 0, 0xFFFFFFFF) + identity
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _SOCK_DIAG) as link:
            link.sendto(struct.pack("=IHHII", 16 + len(asked), _BY_FAMILY, 1, 0, 0) + asked, (0, 0))
            answer = link.recv(4096)
    except (OSError, AttributeError):
        return True
    if struct.unpack_from("=H", answer, 4)[0] != _BY_FAMILY:
        return False
    state, (user, inode) = answer[17], struct.unpack_from("=II", answer, 80)
    # A socket that its process has left has no inode, and is root's then.
    return state != _LISTENS and inode != 0 and user in (0, os.geteuid()) and holds(inode)


def application(answer: Answer) -> Application:
    """The application that answers whole requests by a function."""

    async def called(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        if (request := await received(scope, receive)) is not None:
            await send_response(send, await answer(request))

    return called
