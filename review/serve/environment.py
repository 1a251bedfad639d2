"""An execution environment: one process of a function, and Lambda's Runtime API for it on loopback.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from .asgi import HOST, Server, received, send_response
from .errors import GatewayError
from .notices import Say
from .request import Response, trace_id

_STREAMED: Final = (b"lambda-runtime-function-response-mode", b"streaming")
_SEPARATOR: Final = b"\0" * 8
_ENDED: Final = {"errorType": "Runtime.ExitError", "errorMessage": "the process ended"}
_INIT_SECONDS: Final = 10.0
"""Lambda gives the start of a function as long. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html"""
_END_SECONDS: Final = 1.0


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
    deadline: float
    result: asyncio.Future[Result]
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    parts: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)

    def settle(self, result: Result) -> None:
        if not self.result.done():
            self.result.set_result(result)


class Environment:
    """Hands events to its process, and takes the results."""

    def __init__(self, name: str, arn: str, say: Say) -> None:
        self._name, self._arn, self._say = name, arn, say
        self._server = Server(self._serve)
        self._waiting: asyncio.Queue[_Pending] = asyncio.Queue()
        self._current: _Pending | None = None
        self._started: asyncio.Future[dict[str, Any] | None] = asyncio.get_running_loop().create_future()
        """Done once the process asks for its first event, or with the error that ended its start."""
        self._process: asyncio.subprocess.Process | None = None
        self._watching: list[asyncio.Task[None]] = []

    @property
    def ended(self) -> bool:
        return self._process is None or self._process.returncode is not None

    async def start(self, command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> None:
        """Raises GatewayError if the function does not start."""
        process = self._process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env={**variables, "AWS_LAMBDA_RUNTIME_API": await self._server.start()},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        self._watching = [asyncio.create_task(one) for one in (self._lines(process), self._end(process))]
        try:
            error = await asyncio.wait_for(self._started, _INIT_SECONDS)
        except TimeoutError:
            raise GatewayError("BAD_FUNCTION_RESPONSE", f"{self._name} did not start in {_INIT_SECONDS:g} s") from None
        if error is not None:
            reason = error.get("errorMessage", "")
            raise GatewayError("BAD_FUNCTION_RESPONSE", f"{self._name} failed at its start: {reason}")

    async def invoke(self, event: bytes, seconds: float) -> Result:
        """Give the process one event, and wait for its result. Raises TimeoutError after `seconds`."""
        pending = _Pending(event, time.time() + seconds, asyncio.get_running_loop().create_future())
        self._current = pending
        await self._waiting.put(pending)
        return await asyncio.wait_for(pending.result, seconds)

    async def stop(self) -> None:
        """End the process and those that it started."""
        if self._process is not None and not self._watching[-1].done():
            _kill(self._process)
            # A process that left the group may hold the output open, for which Python 3.11 waits.
            try:
                await asyncio.wait_for(self._process.wait(), _END_SECONDS)
            except TimeoutError:
                self._process._transport.close()  # type: ignore[attr-defined] # there is no public way
        for task in self._watching:
            task.cancel()
        self._fail(_ENDED)
        await self._server.stop()

    async def _lines(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            self._say(f"{self._name}: {line.decode(errors='replace').rstrip()}")

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        status = await process.wait()
        _kill(process)
        self._fail(_ENDED | {"errorMessage": f"the process ended with status {status}"})

    def _fail(self, error: dict[str, Any]) -> None:
        """End the start of the process, or its current event, with an error."""
        if not self._started.done():
            self._started.set_result(error)
        if self._current is not None:
            self._current.settle(Result(error=error))
            self._current.parts.put_nowait(None)

    async def _serve(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        answer: Response | None = Response(202)
        if not dict(scope["headers"]).get(b"host", b"").startswith(f"{HOST}:".encode()):
            # A page in a browser whose name leads here (DNS rebinding) must not read events.
            answer = Response(403)
        elif _STREAMED in scope["headers"]:
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
        if not self._started.done():
            self._started.set_result(None)
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
        """Take a result or an error. Returns the status of the answer."""
        current = self._current
        if path.endswith("/init/error"):
            self._fail(_object(body))
        elif current is None or current.request_id not in path or current.result.done():
            return 403
        else:
            current.settle(Result(payload=body) if path.endswith("/response") else Result(error=_object(body)))
        return 202

    async def _take_stream(self, receive: Any) -> None:
        """A streamed response: JSON of status and headers, eight NULs, then the body as it comes."""
        current, head, started, more = self._current, b"", b"", True
        while more and current is not None:
            message = await receive()
            if message["type"] == "http.disconnect":
                self._fail({"errorType": "Runtime.TruncatedResponse", "errorMessage": "the stream was cut"})
                return
            data, more = message["body"], message["more_body"]
            if not started:
                head += data
                prelude, started, data = head.partition(_SEPARATOR)
                if started:
                    current.settle(Result(prelude=_object(prelude), stream=_parts(current.parts)))
            if started and data:
                current.parts.put_nowait(data)
            if not more:
                current.parts.put_nowait(None)


def _kill(process: asyncio.subprocess.Process) -> None:
    """End what is left of a process and of those that it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


async def _parts(queue: asyncio.Queue[bytes | None]) -> AsyncIterator[bytes]:
    while (part := await queue.get()) is not None:
        yield part


def _object(body: bytes) -> dict[str, Any]:
    """The object that a process sends, or the error that it is none."""
    try:
        found = json.loads(body)
    except ValueError:
        return {"errorType": "Runtime.InvalidJson", "errorMessage": body[:200].decode(errors="replace")}
    return found if isinstance(found, dict) else {"errorMessage": str(found)}
