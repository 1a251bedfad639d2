"""An execution environment: one process of a function, and Lambda's Runtime API for it on loopback.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import asyncio
import os
import signal
import time
import uuid
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ..graph.json_parsing import parse_json
from .asgi import MOST_BYTES, Server, guard_application, receive_request, send_response
from .request import Response, Say, trace_id

_STREAMED: Final = (b"lambda-runtime-function-response-mode", b"streaming")
_SEPARATOR: Final = b"\0" * 8
_TIMEOUT: Final = "Sandbox.Timedout"
INIT_SECONDS: Final = 10.0
"""Lambda gives the start of a function as long. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html"""
_END_SECONDS: Final = 1.0
_LONGEST_REASON: Final = 200
_LONGEST_ERROR: Final = 2_000
_LONGEST_LINE: Final = 1 << 20
_MOST_PARTS: Final = 16
"""Parts of a stream that wait for the caller. The function waits for room for more."""


class FunctionError(Exception):
    """An error that a function reports, or that ended its process. `kind` is its type in the words of Lambda."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass
class Result:
    """A function's response to one event."""

    payload: bytes
    """The whole response, or status and headers of one that `stream` has the body of."""
    stream: AsyncIterator[bytes] | None = None


@dataclass
class _Pending:
    event: bytes
    deadline: float
    result: asyncio.Future[Result]
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    parts: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(_MOST_PARTS))
    ended: bool = False
    """Whether no part of a stream follows those that wait."""

    async def take(self, part: bytes) -> bool:
        """Hand a part of a stream on. False if it is not read in time, or the function writes after its time."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.parts.put(part), self.deadline - time.time())
            return True
        return False

    def end_stream(self) -> None:
        self.ended = True
        with suppress(asyncio.QueueFull):
            self.parts.put_nowait(None)


class Environment:
    """Hands events to its process, and takes the results."""

    def __init__(self, name: str, arn: str, say: Say) -> None:
        self._name, self._arn, self._say = name, arn, say
        self._last_line = ""
        self._server = Server(guard_application(self._serve))
        self._waiting: asyncio.Queue[_Pending] = asyncio.Queue()
        self._current: _Pending | None = None
        self._started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done once the process requests its first event, or with the error that ended its start."""
        self._process: Process | None = None
        self._watching: list[asyncio.Task[None]] = []
        self.busy = True
        """Whether it starts, or handles an event."""
        self.qualifier = ""
        """Alias or version that callers name. Empty for `$LATEST`."""
        self.log: list[str] = []
        """Takes the lines that the process writes. Each event has a list of its own."""

    @property
    def ended(self) -> bool:
        return self._process is None or self._process.returncode is not None

    async def start(self, command: Sequence[str], folder: Path, variables: Mapping[str, str], seconds: float) -> None:
        """Raises FunctionError if the function does not start in time."""
        address = await self._server.start()
        try:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                cwd=folder,
                env={**variables, "AWS_LAMBDA_RUNTIME_API": address},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
                limit=_LONGEST_LINE,
            )
        except OSError as problem:
            raise FunctionError("Runtime.InvalidEntrypoint", str(problem)) from None
        work = (self._show(self._process), self._end(self._process))
        self._watching = [asyncio.create_task(task) for task in work]
        try:
            async with asyncio.timeout(seconds):
                await self._started
        except TimeoutError:
            raise FunctionError(_TIMEOUT, f"it did not start in {seconds:g} s") from None

    async def invoke(self, event: bytes, seconds: float) -> Result:
        """The result for one event. Raises FunctionError."""
        pending = self._current = _Pending(event, time.time() + seconds, asyncio.get_running_loop().create_future())
        self.busy = True
        self._waiting.put_nowait(pending)
        try:
            return await asyncio.wait_for(pending.result, seconds)
        except TimeoutError:
            raise FunctionError(_TIMEOUT, f"Task timed out after {seconds:.2f} seconds") from None
        finally:
            # Nothing takes the result of an event that the gateway waits for no longer.
            if pending.result.cancelled() or self.ended:
                await self.stop()

    async def stop(self) -> None:
        """End the process and those of its session."""
        if self._process is not None and self._watching and not self._watching[-1].done():
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            # Else nobody takes its status: the caller may end the loop next.
            while self._process.returncode is None:
                await asyncio.sleep(0.005)
            self._process._transport.close()  # type: ignore[attr-defined] # there is no public way
        for task in self._watching:
            task.cancel()
        self._fail(FunctionError("Runtime.ExitError", "the process ended"))
        await self._server.stop()

    async def _show(self, process: Process) -> None:
        """Show what the process writes, line by line."""
        assert process.stdout is not None
        line = b"\n"
        while line:
            try:
                line = await process.stdout.readline()
            except ValueError:
                line = b"a line of more than 1 MB is not shown\n"
            # Clients of Lambda write the line ends of a traceback as \r.
            for part in line.decode(errors="replace").rstrip().split("\r") if line else ():
                self._last_line = part
                self.log.append(part[:_LONGEST_ERROR])
                self._say(f"{self._name}: {part}")

    async def _end(self, process: Process) -> None:
        status = await process.wait()
        await asyncio.wait(self._watching[:1], timeout=_END_SECONDS)
        reason = "" if self._started.done() else f": {self._last_line[-_LONGEST_REASON:]}"
        self._fail(FunctionError("Runtime.ExitError", f"the process ended with status {status}{reason}"))
        # A process that ends while it is idle keeps no port.
        await self._server.stop()

    def _fail(self, error: FunctionError) -> None:
        """End the start of the process, or its current event, with an error."""
        self.busy = False
        if not self._started.done():
            self._started.set_exception(error)
            # Nobody waits for a process that could not be started.
            self._started.exception()
        if self._current is not None:
            if not self._current.result.done():
                self._current.result.set_exception(error)
            self._current.end_stream()

    async def _serve(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        answer: Response | None = Response(202)
        if _STREAMED in scope["headers"] and self._is_current(scope["path"]):
            await self._take_stream(receive)
        elif (request := await receive_request(scope, receive)) is None:
            return
        elif request.path.endswith("/invocation/next"):
            answer = await self._send_next_event(receive)
        else:
            answer = Response(self._take(request.path, request.body))
        if answer is not None:
            await send_response(send, answer.set_default_type("application/json"))

    async def _send_next_event(self, receive: Any) -> Response | None:
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

    def _is_current(self, path: str) -> bool:
        return self._current is not None and self._current.request_id in path

    def _take(self, path: str, body: bytes) -> int:
        """Take a result or an error. Returns the status of the answer."""
        current = self._current
        if path.endswith("/init/error"):
            self._fail(_parse_error(body))
        elif current is None or not self._is_current(path) or current.result.done():
            return 403
        else:
            self.busy = False
            if path.endswith("/response"):
                current.result.set_result(Result(body))
            else:
                current.result.set_exception(_parse_error(body))
        return 202

    async def _take_stream(self, receive: Any) -> None:
        """A streamed response: JSON of status and headers, eight NULs, then the body as it comes."""
        current, head, started, more = self._current, b"", b"", True
        while more and current is not None:
            message = await receive()
            if message["type"] == "http.disconnect":
                self._fail(FunctionError("Runtime.TruncatedResponse", "the stream was cut"))
                return
            data, more = message["body"], message["more_body"]
            if not started:
                head += data
                prelude, started, data = head.partition(_SEPARATOR)
                if started and not current.result.done():
                    current.result.set_result(Result(prelude, _stream_parts(current)))
                if not started and (len(head) > MOST_BYTES or not more):
                    self._fail(FunctionError("Runtime.TruncatedResponse", "the stream has no status before its body"))
                    return
            if started and data and not await current.take(data):
                self._fail(FunctionError(_TIMEOUT, "Task timed out"))
                self._ending = asyncio.ensure_future(self.stop())
                return
            if not more:
                self.busy = False
                current.end_stream()


async def _stream_parts(pending: _Pending) -> AsyncIterator[bytes]:
    while not (pending.ended and pending.parts.empty()) and (part := await pending.parts.get()) is not None:
        yield part


def _parse_error(body: bytes) -> FunctionError:
    """The error that a process reports."""
    try:
        error = parse_json(body)
    except ValueError:
        return FunctionError("Runtime.InvalidJson", body[:200].decode(errors="replace"))
    named = error if isinstance(error, dict) else {"errorMessage": error}
    kind, message = (str(named.get(key, default)) for key, default in (("errorType", "Error"), ("errorMessage", "")))
    return FunctionError(kind[:_LONGEST_REASON], message[:_LONGEST_ERROR])
