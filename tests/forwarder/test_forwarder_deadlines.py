"""Every wait together stays within the timeout, and within what Lambda leaves.

No test fails because a call takes long, since the machine may be busy. A forwarder that waits for too long gets another
answer, since the backend ends by itself.
"""

import socket
import threading
import time
from typing import Any, ClassVar

import pytest

from forwarder import dialer, reverse_proxy
from forwarder.configuration import Backend
from forwarder.connection import Connection
from forwarder.deadline import MARGIN_SECONDS, Deadline
from forwarder.dialer import Dialer
from forwarder.refusal import Refused
from tests.forwarder.loopback import Script, Wire, answering, response, taking_no_connection
from tests.forwarder.setting import Leaving, Serve, ask, call, front, message

TIMEOUT = 0.3
PATIENCE_SECONDS = 30


def drip(start: bytes, piece: bytes, seconds: float = 0.05) -> Script:
    """Always another byte, long before any wait for one would end, until the forwarder hangs up, or for a while."""

    def script(wire: Wire) -> None:
        wire.request()
        wire.send(start)
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            wire.send(piece)
            time.sleep(seconds)

    return script


def mute(wire: Wire) -> None:
    wire.linger(PATIENCE_SECONDS)


def stalling(start: bytes) -> Script:
    """The start of an answer, and no more."""

    def script(wire: Wire) -> None:
        wire.request()
        wire.send(start)
        mute(wire)

    return script


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKS = OK + b"Transfer-Encoding: chunked\r\n\r\n"
INTERIM = b"HTTP/1.1 102 Processing\r\n\r\n"


def test_bytes_that_are_there_do_not_outlast_the_deadline() -> None:
    here, there = socket.socketpair()
    with there:
        there.send(bytes(10))
        connection = Connection(here, (BlockingIOError,), plain=True)
        with pytest.raises(Refused):
            connection.fill_into(memoryview(bytearray(10)), Deadline(0, None))
        connection.close()


@pytest.mark.parametrize(
    "script",
    [
        mute,
        stalling(OK),
        stalling(OK + b"Content-Length: 1000\r\n\r\nx"),
        drip(b"", INTERIM * 1000, 0),
        drip(b"", b"H"),
        drip(OK, b"X: y\r\n"),
        drip(b"", INTERIM),
        drip(OK + b"Content-Length: 1000\r\n\r\n", b"x"),
        drip(OK + b"\r\n", b"x"),
        drip(CHUNKS, b"1\r\nx\r\n"),
        drip(CHUNKS + b"1;", b"x"),
        drip(CHUNKS + b"0\r\n", b"X: y\r\n"),
    ],
    ids=[
        "mute",
        "stalls in headers",
        "stalls in a body",
        "flood",
        "status",
        "headers",
        "interim",
        "length",
        "end",
        "chunks",
        "size",
        "trailers",
    ],
)
def test_a_slow_backend_cannot_hold_the_function(serve: Serve, script: Script) -> None:
    forwarder = front(serve(script).url, TIMEOUT_SECONDS=str(TIMEOUT))
    began = time.monotonic()
    result = ask(forwarder, call(), Leaving(60_000))
    assert time.monotonic() - began >= TIMEOUT
    assert (result["statusCode"], "in time" in message(result)) == (504, True)


def test_a_backend_that_reads_nothing_cannot_either(serve: Serve) -> None:
    over = threading.Event()
    forwarder = front(serve(lambda _: bool(over.wait(PATIENCE_SECONDS))).url, TIMEOUT_SECONDS=str(TIMEOUT))
    assert ask(forwarder, call("POST", body="x" * 5_500_000))["statusCode"] == 504
    over.set()


class Waiting(socket.socket):
    """Notes how long each connection may take."""

    waits: ClassVar[list[float | None]] = []

    def connect(self, address: Any) -> None:
        self.waits.append(self.gettimeout())
        super().connect(address)


def test_a_connection_that_is_not_taken_is_a_504(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Waiting, "waits", [])
    monkeypatch.setattr(dialer, "socket", Waiting)
    with taking_no_connection() as url:
        assert ask(front(url, TIMEOUT_SECONDS=str(TIMEOUT)), call())["statusCode"] == 504
    (wait,) = Waiting.waits
    assert wait is not None
    assert 0 < wait <= TIMEOUT


def test_a_resolver_that_hangs_is_a_504(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def hanging(*_: object, **__: object) -> list[object]:
        over.wait(PATIENCE_SECONDS)
        return []

    monkeypatch.setattr("forwarder.dialer.getaddrinfo", hanging)
    result = ask(front("http://backend.invalid", TIMEOUT_SECONDS=str(TIMEOUT)), call())
    assert result["statusCode"] == 504
    over.set()


def test_the_time_that_lambda_leaves_counts_when_it_is_less(serve: Serve) -> None:
    forwarder = front(serve(mute).url, TIMEOUT_SECONDS="30")
    began = time.monotonic()
    assert ask(forwarder, call(), Leaving(400))["statusCode"] == 504
    assert time.monotonic() - began >= 0.4 - MARGIN_SECONDS
    for milliseconds in (0, 50, -10):
        backend = serve(answering(response()))
        assert ask(front(backend.url), call(), Leaving(milliseconds))["statusCode"] == 504
        assert not backend.requests


def test_waits_do_not_add_up(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second try has what the first has left."""

    def end(wire: Wire) -> None:
        wire.request()
        wire.send(response())
        wire.request()

    made: list[Deadline] = []

    def deadline(seconds: float, context: object) -> Deadline:
        made.append(Deadline(seconds, context))
        return made[-1]

    backend = serve(end, mute)
    forwarder = front(backend.url)
    ask(forwarder, call())
    monkeypatch.setattr(reverse_proxy, "Deadline", deadline)
    assert ask(forwarder, call(), Leaving(1500))["statusCode"] == 504
    assert (len(made), backend.connections) == (1, 2)


def test_the_second_piece_of_a_request_does_not_wait_for_the_acknowledgment_of_the_first(serve: Serve) -> None:
    connection = Dialer(Backend(serve(mute).url)).open(Deadline(PATIENCE_SECONDS, None))
    assert connection._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    connection.close()


def test_an_address_needs_no_resolver_and_no_thread(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = serve(answering(response()))
    monkeypatch.setattr("forwarder.resolver.start_new_thread", lambda *_: pytest.fail("a thread"))
    assert ask(front(backend.url), call())["statusCode"] == 200


ADDRESS = (socket.AF_INET, socket.SOCK_STREAM, 6, "")


def test_every_address_of_a_name_is_tried(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = serve(answering(response()))
    with socket.create_server(("127.0.0.1", 0)) as free:
        closed = free.getsockname()[1]
    places = [(*ADDRESS, ("127.0.0.1", closed)), (*ADDRESS, ("127.0.0.1", backend.port))]
    asked: list[tuple[object, ...]] = []

    def resolve(*name: object, **_: object) -> object:
        asked.append(name)
        return places

    monkeypatch.setattr("forwarder.dialer.getaddrinfo", resolve)
    assert ask(front("http://backend.invalid:81"), call())["statusCode"] == 200
    assert asked == [(b"backend.invalid", 81)]


def test_an_address_that_is_dead_leaves_time_for_the_next(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = serve(answering(response()))

    class Socket(Waiting):
        waits: ClassVar[list[float | None]] = []

        def connect(self, address: Any) -> None:
            super().connect(address if address[1] != 1 else ("127.0.0.1", backend.port))
            if address[1] == 1:
                raise TimeoutError

    monkeypatch.setattr(dialer, "socket", Socket)
    places = [(*ADDRESS, ("127.0.0.1", 1)), (*ADDRESS, ("127.0.0.1", backend.port))]
    monkeypatch.setattr("forwarder.dialer.getaddrinfo", lambda *_, **__: places)
    Dialer(Backend("http://backend.invalid")).open(Deadline(PATIENCE_SECONDS, None)).close()
    first, second = (wait or 0 for wait in Socket.waits)
    assert 0 < first <= PATIENCE_SECONDS / 2 < second
