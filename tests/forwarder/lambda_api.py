"""Lambda's Runtime API on a loopback socket, by the letter of AWS's pages, and the loop in a process of its own.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
"""

import base64
import contextlib
import json
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h11

import handlers

FOLDER = Path(next(iter(handlers.__path__))) / "forwarder"
PATIENCE_SECONDS = 60.0
_ROOT = "/2018-06-01/runtime"


@dataclass(eq=False)
class Post:
    """A request of the runtime with a body, while it comes and afterwards."""

    target: str
    headers: dict[str, str]
    pieces: "queue.Queue[bytes | None]" = field(default_factory=queue.Queue)
    trailers: dict[str, str] = field(default_factory=dict)
    closed: threading.Event = field(default_factory=threading.Event)
    """Set once the runtime has closed the connection after its answer."""

    def next(self) -> bytes:
        """The next bytes of the body, in what size they came; nothing at its end."""
        piece = self.pieces.get(timeout=PATIENCE_SECONDS)
        return b"" if piece is None else piece

    def body(self) -> bytes:
        """The rest of the body."""
        return b"".join(iter(self.next, b""))

    @property
    def is_streamed(self) -> bool:
        """Whether API Gateway passes it on as it comes."""
        return self.headers.get("lambda-runtime-function-response-mode") == "streaming"


# Takes the connection and the head of a response; whether it has taken over.
Hook = Callable[[socket.socket, Post], bool]


@dataclass(frozen=True)
class Streamed:
    """What API Gateway makes of a streamed response."""

    metadata: dict[str, Any]
    body: bytes
    post: Post

    @property
    def status(self) -> int:
        """Status."""
        return int(self.metadata["statusCode"])

    @property
    def error(self) -> dict[str, Any] | None:
        """The error of its trailers."""
        encoded = self.post.trailers.get("lambda-runtime-function-error-body")
        if encoded is None:
            return None
        told: dict[str, Any] = json.loads(base64.b64decode(encoded, validate=True))
        assert told["errorType"] == self.post.trailers["lambda-runtime-function-error-type"]
        return told


@dataclass
class LambdaApi:
    """Hands out events one at a time, and takes what comes for each."""

    timeout_seconds: float = 120.0
    chunked_events: bool = True
    """As the real one does with events of more than 2 kB, since its server does not know their length."""
    status: int = 202
    """What responses are answered with."""
    connections: int = 0
    on_response: Hook | None = None
    """A receiver of responses, as AWS's pages describe it."""

    def __post_init__(self) -> None:
        self.posts: queue.Queue[Post] = queue.Queue()
        self._events: queue.Queue[bytes] = queue.Queue()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._number = 0
        self.waiting = threading.Event()
        """Whether the runtime has asked for an event."""
        self.failures: list[BaseException] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def authority(self) -> str:
        """What AWS_LAMBDA_RUNTIME_API holds."""
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    def send(self, event: object) -> None:
        """Hand out an event."""
        self._events.put(event if isinstance(event, bytes) else json.dumps(event).encode())

    def post(self) -> Post:
        """The next request with a body."""
        return self.posts.get(timeout=PATIENCE_SECONDS)

    def invoke(self, event: object) -> Post:
        """The request that answers the event."""
        self.send(event)
        return self.post()

    def buffered(self, event: object) -> dict[str, Any]:
        """A whole result."""
        post = self.invoke(event)
        assert post.target.endswith("/response"), post
        assert not post.is_streamed
        made: dict[str, Any] = json.loads(post.body())
        return made

    def streamed(self, event: object) -> Streamed:
        """A streamed result, once it is over."""
        return taken(self.invoke(event))

    def close_idle(self) -> None:
        """Close all connections, while none has a response under way."""
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Stop."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        # The loop may just have connected again.
        self._accepting.join()
        self.close_idle()
        for connection in (self._listener, *self._open):
            connection.close()
        assert not self.failures, self.failures

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connected, _ = self._listener.accept()
                self.connections += 1
                self._open.append(connected)
                threading.Thread(target=self._serve, args=(connected,), daemon=True).start()

    def _serve(self, connected: socket.socket) -> None:
        parser = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
        try:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while self._request(connected, parser):
                parser.start_next_cycle()
        except (OSError, h11.RemoteProtocolError) as error:
            if isinstance(error, h11.RemoteProtocolError) and "without sending complete" not in str(error):
                self.failures.append(error)
        except BaseException as error:  # for the test's own thread, which raises it
            self.failures.append(error)

    def _request(self, connected: socket.socket, parser: h11.Connection) -> bool:
        head = _next(connected, parser)
        if not isinstance(head, h11.Request):
            return False
        target = head.target.decode()
        headers = {name.decode(): value.decode() for name, value in head.headers}
        assert headers["host"] == self.authority
        if head.method == b"GET":
            assert target == f"{_ROOT}/invocation/next"
            assert isinstance(_next(connected, parser), h11.EndOfMessage)
            return self._hand_out(connected, parser)
        return self._take(connected, parser, Post(target, headers))

    def _hand_out(self, connected: socket.socket, parser: h11.Connection) -> bool:
        self.waiting.set()
        payload = self._events.get()
        self.waiting.clear()
        self._number += 1
        fields = [
            ("Content-Type", "application/json"),
            ("Lambda-Runtime-Aws-Request-Id", f"request-{self._number}"),
            ("Lambda-Runtime-Deadline-Ms", str(int((time.time() + self.timeout_seconds) * 1000))),
            ("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-1:123456789012:function:forwarder"),
            ("Lambda-Runtime-Trace-Id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1"),
        ]
        if not self.chunked_events:
            fields.append(("Content-Length", str(len(payload))))
        sent = parser.send(h11.Response(status_code=200, headers=fields)) or b""
        connected.sendall(sent)
        connected.sendall(parser.send(h11.Data(data=payload)) or b"")
        connected.sendall(parser.send(h11.EndOfMessage()) or b"")
        return True

    def _take(self, connected: socket.socket, parser: h11.Connection, post: Post) -> bool:
        self.posts.put(post)
        if self.on_response is not None and self.on_response(connected, post):
            return False
        try:
            while isinstance(event := _next(connected, parser), h11.Data):
                post.pieces.put(bytes(event.data))
            assert isinstance(event, h11.EndOfMessage)
            post.trailers = {name.decode(): value.decode() for name, value in event.headers}
        finally:
            post.pieces.put(None)
        body = b'{"status":"OK"}'
        fields = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        connected.sendall(parser.send(h11.Response(status_code=self.status, headers=fields)) or b"")
        connected.sendall(parser.send(h11.Data(data=body)) or b"")
        connected.sendall(parser.send(h11.EndOfMessage()) or b"")
        if post.is_streamed:
            connected.settimeout(PATIENCE_SECONDS)
            if connected.recv(1) == b"":
                post.closed.set()
            return False
        return True


def _next(connected: socket.socket, parser: h11.Connection) -> object:
    while (event := parser.next_event()) is h11.NEED_DATA:
        parser.receive_data(connected.recv(262144))
    return event


def taken(post: Post) -> Streamed:
    """What API Gateway makes of a response: metadata, eight NULs within the first 16 KB, and the body."""
    assert post.target.startswith(f"{_ROOT}/invocation/")
    assert post.target.endswith("/response")
    assert post.is_streamed
    assert post.headers["transfer-encoding"] == "chunked"
    assert "content-length" not in post.headers
    told = {name.strip().lower() for name in post.headers["trailer"].split(",")}
    whole = post.body()
    assert set(post.trailers) <= told
    start = whole.index(bytes(8))
    assert start + 8 <= 16384
    metadata = json.loads(whole[:start])
    assert set(metadata) <= {"statusCode", "headers", "multiValueHeaders", "cookies"}
    return Streamed(metadata, whole[start + 8 :], post)


class Runtime:
    """The loop as Lambda starts it: by the wrapper, with the interpreter and Lambda's own runtime as arguments."""

    def __init__(self, api: LambdaApi, folder: Path, log: Path, variables: Mapping[str, str]) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "AWS_LAMBDA_RUNTIME_API": api.authority,
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "TIMEOUT_SECONDS": "60",
            **variables,
        }
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [str(folder / "streaming-runtime"), sys.executable, "/var/runtime/bootstrap.py"],
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
            )

    def lines(self, count: int) -> list[dict[str, Any]]:
        """The lines of its log, once there are `count` of them."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            found = self.log.read_text().splitlines()
            if len(found) >= count:
                return [json.loads(line) for line in found]
            time.sleep(0.01)
        raise AssertionError(self.log.read_text())

    def memory(self, key: str = "VmHWM") -> int:
        """Kilobytes: the most that it has had (VmHWM), or what it has (VmRSS)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith(key)).split()[1])

    def stop(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()


def streaming(event: dict[str, Any], told: str = "ANY:/~proxy=30", resource: str = "/{proxy+}") -> dict[str, Any]:
    """An event of a route that streams."""
    context = {**event.get("requestContext", {}), "resourcePath": resource}
    return {**event, "stageVariables": {"streaming": told}, "requestContext": context}
