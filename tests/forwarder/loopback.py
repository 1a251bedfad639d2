"""A backend on a real loopback socket that does what a test scripts, right or wrong."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import h11

PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Received:
    """A request as an independent parser reads it."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def values(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key == name.lower()]


class Wire:
    """The backend's end of one connection."""

    def __init__(self, connected: socket.socket, backend: "Loopback") -> None:
        self.socket = connected
        self.socket.settimeout(PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._backend = backend
        self._left = b""

    def request(self) -> Received | None:
        """The next request, whole, or None when the forwarder has closed. A malformed one fails the test."""
        parser = h11.Connection(h11.SERVER)
        if self._left:
            parser.receive_data(self._left)
        head: h11.Request | None = None
        body = b""
        while True:
            event = parser.next_event()
            if event is h11.NEED_DATA:
                data = self.socket.recv(65536)
                if not data and head is None and not parser.trailing_data[0]:
                    return None
                parser.receive_data(data)
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                break
            else:
                return None
        self._left = parser.trailing_data[0]
        assert head is not None
        received = Received(
            head.method.decode(),
            head.target.decode(),
            [(name.decode(), value.decode("latin-1")) for name, value in head.headers],
            body,
        )
        self._backend.requests.append(received)
        return received

    def head(self) -> None:
        """Read until the end of a request's head and leave the rest unread."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self.socket.recv(1)
            if not piece:
                return
            data += piece

    def send(self, data: bytes) -> None:
        """Send it all."""
        self.socket.sendall(data)

    def reset(self) -> None:
        """Close with an RST in place of a FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def linger(self, seconds: float) -> bool:
        """Wait until the forwarder closes or `seconds` have passed; whether it has closed."""
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(65536):
                pass
        except TimeoutError:
            return False
        except OSError:
            pass
        return True


Script = Callable[[Wire], None]


@dataclass
class Loopback:
    """Serves each connection with the next of its scripts, and repeats the last one."""

    scripts: list[Script]
    requests: list[Received] = field(default_factory=list)
    connections: int = 0
    failures: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._wires: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.port: int = self._listener.getsockname()[1]
        self.wrap: Callable[[socket.socket], socket.socket] = lambda connected: connected
        self._start(self._accept)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Stop, and raise what failed in a script."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for wire in self._wires:
            with contextlib.suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)
            wire.close()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)
        assert not any(thread.is_alive() for thread in self._threads)
        if self.failures:
            raise self.failures[0]

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connected, _ = self._listener.accept()
            except OSError:
                return
            script = self.scripts[min(self.connections, len(self.scripts) - 1)]
            self.connections += 1
            self._wires.append(connected)
            self._start(lambda connected=connected, script=script: self._serve(connected, script))  # type: ignore[misc] # defaults bind

    def _serve(self, connected: socket.socket, script: Script) -> None:
        try:
            connected = self.wrap(connected)
            self._wires.append(connected)
            script(Wire(connected, self))
        except OSError:
            pass  # the forwarder may hang up, and the test decides whether it should
        except BaseException as error:  # for the test's own thread, which raises it
            self.failures.append(error)
        finally:
            connected.close()


@contextlib.contextmanager
def taking_no_connection() -> Iterator[str]:
    """The URL of a listener whose backlog is full, so that a connection to it waits."""
    with contextlib.ExitStack() as opened:
        listener = opened.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        # Linux takes one more than the backlog and lets the next wait.
        for _ in range(2):
            connection = opened.enter_context(socket.socket())
            connection.setblocking(False)
            connection.connect_ex(("127.0.0.1", port))
        time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"


def answering(*answers: bytes) -> Script:
    """A script that gives each request the next of the answers, and repeats the last one."""

    def script(wire: Wire) -> None:
        number = 0
        while wire.request():
            wire.send(answers[min(number, len(answers) - 1)])
            number += 1

    return script


def once(answer: bytes) -> Script:
    """A script that answers one request and closes."""

    def script(wire: Wire) -> None:
        wire.request()
        wire.send(answer)

    return script


def response(body: bytes = b"ok", *fields: str, status: str = "200 OK") -> bytes:
    """A well-formed answer."""
    head = "\r\n".join((f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields, "", ""))
    return head.encode("latin-1") + body


CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
"""The head of an answer in chunks."""


def chunk(data: bytes) -> bytes:
    """One chunk; an empty one is the last, and needs a line after it."""
    return b"%x\r\n%s\r\n" % (len(data), data)
