"""Lambda's Runtime API on loopback: one server for each process of a function.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .asgi import Server, received, send_response
from .request import Response, trace_id

_STREAMED: Final = (b"lambda-runtime-function-response-mode", b"streaming")
_SEPARATOR: Final = b"\0" * 8


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
    event: bytes
    request_id: str
    deadline: float
    result: asyncio.Future[Result]
    parts: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)


class RuntimeApi:
    """Hands events to the one process that connects, and takes its results."""

    def __init__(self, arn: str) -> None:
        self._arn = arn
        self._server = Server(self._serve)
        self._waiting: asyncio.Queue[_Pending] = asyncio.Queue()
        self._current: _Pending | None = None
        self.ready = asyncio.Event()
        """Set once the process has asked for its first event."""
        self.init_error: dict[str, Any] | None = None

    async def start(self) -> str:
        """Listen. Returns the address for AWS_LAMBDA_RUNTIME_API."""
        return await self._server.start()

    async def stop(self) -> None:
        self.fail({"errorType": "Runtime.ExitError", "errorMessage": "the process ended"})
        await self._server.stop()

    async def invoke(self, event: bytes, request_id: str, seconds: float) -> Result:
        """Give the process one event, and wait for its result. Raises TimeoutError after `seconds`."""
        pending = _Pending(event, request_id, time.time() + seconds, asyncio.get_running_loop().create_future())
        self._current = pending
        await self._waiting.put(pending)
        return await asyncio.wait_for(pending.result, seconds)

    def fail(self, error: dict[str, Any]) -> None:
        """End the start of the process, or its current event, with an error."""
        if not self.ready.is_set():
            self.init_error = error
            self.ready.set()
        if self._current is not None:
            self._settle(self._current, Result(error=error))
            self._current.parts.put_nowait(None)

    @staticmethod
    def _settle(pending: _Pending, result: Result) -> None:
        if not pending.result.done():
            pending.result.set_result(result)

    async def _serve(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        answer: Response | None = Response(202)
        if _STREAMED in scope["headers"]:
            await self._take_stream(receive)
        elif (request := await received(scope, receive)) is None:
            return
        elif request.path.endswith("/invocation/next"):
            answer = await self._next(receive)
        else:
            answer = Response(self._take(request.path, request.body))
        if answer is not None:
            await send_response(send, answer.default_type("application/json"))

    async def _next(self, receive: Any) -> Response | None:
        """The next event. None if the process leaves before there is one."""
        self.ready.set()
        wait, gone = asyncio.ensure_future(self._waiting.get()), asyncio.ensure_future(receive())
        await asyncio.wait({wait, gone}, return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        if not wait.done():
            wait.cancel()
            return None
        pending = wait.result()
        headers = [
            ("Lambda-Runtime-Aws-Request-Id", pending.request_id),
            ("Lambda-Runtime-Deadline-Ms", str(int(pending.deadline * 1000))),
            ("Lambda-Runtime-Invoked-Function-Arn", self._arn),
            ("Lambda-Runtime-Trace-Id", trace_id(pending.request_id, time.time())),
        ]
        return Response(200, headers, pending.event)

    def _take(self, path: str, body: bytes) -> int:
        current = self._current
        if path.endswith("/init/error"):
            self.fail(_json(body))
        elif current is None or current.request_id not in path or current.result.done():
            return 403
        else:
            told = Result(payload=body) if path.endswith("/response") else Result(error=_json(body))
            self._settle(current, told)
        return 202

    async def _take_stream(self, receive: Any) -> None:
        """A streamed response: JSON of status and headers, eight NULs, then the body as it comes."""
        current, head, started, more = self._current, b"", b"", True
        while more and current is not None:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.fail({"errorType": "Runtime.TruncatedResponse", "errorMessage": "the stream was cut"})
                return
            data, more = message["body"], message["more_body"]
            if not started:
                head += data
                prelude, started, data = head.partition(_SEPARATOR)
                if started:
                    self._settle(current, Result(prelude=_json(prelude), stream=_parts(current.parts)))
            if started and data:
                current.parts.put_nowait(data)
            if not more:
                current.parts.put_nowait(None)


async def _parts(queue: asyncio.Queue[bytes | None]) -> AsyncIterator[bytes]:
    while (part := await queue.get()) is not None:
        yield part


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {"errorType": "Runtime.InvalidJson", "errorMessage": body[:200].decode(errors="replace")}
    return found if isinstance(found, dict) else {"errorMessage": str(found)}
