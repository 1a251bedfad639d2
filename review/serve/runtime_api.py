"""Lambda's Runtime API on loopback: one server for each process of a function.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import h11

_STREAMED: Final = b"streaming"
_CHUNK: Final = 65_536
_SEPARATOR: Final = b"\0" * 8
Event = bytes


@dataclass
class Result:
    """A function's response to one event."""

    payload: bytes = b""
    error: dict[str, Any] | None = None
    """Type and message of the error that it reported instead."""
    prelude: dict[str, Any] | None = None
    """Status and headers of a streamed response."""
    stream: AsyncIterator[bytes] | None = None


@dataclass
class _Pending:
    event: Event
    request_id: str
    deadline: float
    result: asyncio.Future[Result]
    parts: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)


class RuntimeApi:
    """Hands events to the one process that connects, and takes its results."""

    def __init__(self, arn: str) -> None:
        self._arn = arn
        self._server: asyncio.Server | None = None
        self._waiting: asyncio.Queue[_Pending] = asyncio.Queue()
        self._current: _Pending | None = None
        self.ready = asyncio.Event()
        """Set once the process has asked for its first event."""
        self.init_error: dict[str, Any] | None = None

    async def start(self) -> str:
        """Listen on a free port of 127.0.0.1. Returns the address for AWS_LAMBDA_RUNTIME_API."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"{host}:{port}"

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        self.fail({"errorType": "Runtime.ExitError", "errorMessage": "the process ended"})

    async def invoke(self, event: Event, request_id: str, seconds: float) -> Result:
        """Give the process one event, and wait for its result. Raises TimeoutError after `seconds`."""
        pending = _Pending(event, request_id, time.time() + seconds, asyncio.get_running_loop().create_future())
        self._current = pending
        await self._waiting.put(pending)
        return await asyncio.wait_for(pending.result, seconds)

    def fail(self, error: dict[str, Any]) -> None:
        """End the current event with an error."""
        current = self._current
        if current is not None:
            if not current.result.done():
                current.result.set_result(Result(error=error))
            current.parts.put_nowait(None)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=_CHUNK)
        with suppress(ConnectionError, h11.RemoteProtocolError, asyncio.IncompleteReadError):
            while await self._one(connection, reader, writer):
                connection.start_next_cycle()
        writer.close()

    async def _one(
        self, connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Serve one request. Returns whether the connection can serve another."""
        request = await _next(connection, reader)
        if not isinstance(request, h11.Request):
            return False
        headers = {name.lower(): value for name, value in request.headers}
        path = request.target.decode()
        if path.endswith("/invocation/next"):
            while not isinstance(await _next(connection, reader), h11.EndOfMessage):
                pass
            self.ready.set()
            await self._hand_out(connection, writer, reader)
        elif path.endswith("/response") and headers.get(b"lambda-runtime-function-response-mode") == _STREAMED:
            await self._take_stream(connection, reader)
            await _answer(connection, writer, 202)
        else:
            body = b""
            while not isinstance(part := await _next(connection, reader), h11.EndOfMessage):
                if not isinstance(part, h11.Data):
                    return False
                body += bytes(part.data)
            await _answer(connection, writer, self._take(path, body))
        return connection.our_state is h11.DONE and connection.their_state is h11.DONE

    async def _hand_out(
        self, connection: h11.Connection, writer: asyncio.StreamWriter, reader: asyncio.StreamReader
    ) -> None:
        wait = asyncio.ensure_future(self._waiting.get())
        gone = asyncio.ensure_future(reader.read(1))
        done, _ = await asyncio.wait({wait, gone}, return_when=asyncio.FIRST_COMPLETED)
        if gone in done:
            wait.cancel()
            raise ConnectionResetError
        gone.cancel()
        # The reader serves one reader at a time.
        with suppress(asyncio.CancelledError):
            await gone
        pending = wait.result()
        await _answer(
            connection,
            writer,
            200,
            pending.event,
            [
                ("Lambda-Runtime-Aws-Request-Id", pending.request_id),
                ("Lambda-Runtime-Deadline-Ms", str(int(pending.deadline * 1000))),
                ("Lambda-Runtime-Invoked-Function-Arn", self._arn),
                ("Lambda-Runtime-Trace-Id", f"Root=1-{int(time.time()):x}-{pending.request_id.replace('-', '')[:24]}"),
            ],
        )

    def _take(self, path: str, body: bytes) -> int:
        current = self._current
        if path.endswith("/init/error"):
            self.init_error = _json(body)
            self.ready.set()
            self.fail(self.init_error)
        elif current is None or current.request_id not in path or current.result.done():
            return 403
        elif path.endswith("/response"):
            current.result.set_result(Result(payload=body))
        else:
            current.result.set_result(Result(error=_json(body)))
        return 202

    async def _take_stream(self, connection: h11.Connection, reader: asyncio.StreamReader) -> None:
        """A streamed response: JSON of status and headers, eight NULs, then the body as it comes."""
        current, head, started = self._current, b"", False
        while not isinstance(part := await _next(connection, reader), h11.EndOfMessage):
            if not isinstance(part, h11.Data) or current is None:
                self.fail({"errorType": "Runtime.TruncatedResponse", "errorMessage": "the stream was cut"})
                return
            data = bytes(part.data)
            if not started:
                head += data
                if _SEPARATOR not in head:
                    continue
                prelude, _, data = head.partition(_SEPARATOR)
                started = True
                if not current.result.done():
                    current.result.set_result(Result(prelude=_json(prelude), stream=_parts(current.parts)))
            if data:
                await current.parts.put(data)
        if current is not None:
            await current.parts.put(None)


async def _parts(queue: asyncio.Queue[bytes | None]) -> AsyncIterator[bytes]:
    while (part := await queue.get()) is not None:
        yield part


async def _next(connection: h11.Connection, reader: asyncio.StreamReader) -> Any:
    """The next event of the connection."""
    while (event := connection.next_event()) is h11.NEED_DATA:
        connection.receive_data(await reader.read(_CHUNK))
    return event


async def _answer(
    connection: h11.Connection,
    writer: asyncio.StreamWriter,
    status: int,
    body: bytes = b"",
    headers: list[tuple[str, str]] | None = None,
) -> None:
    fields = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *(headers or [])]
    for event in (h11.Response(status_code=status, headers=fields), h11.Data(data=body), h11.EndOfMessage()):
        writer.write(connection.send(event) or b"")
    await writer.drain()


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {"errorType": "Runtime.InvalidJson", "errorMessage": body[:200].decode(errors="replace")}
    return found if isinstance(found, dict) else {"errorMessage": str(found)}
