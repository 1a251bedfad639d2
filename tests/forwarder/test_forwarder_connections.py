"""When a connection is used again, when it is replaced, and which request is ever sent twice."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable

import pytest

from forwarder import connection
from forwarder.deadline import Deadline
from forwarder.refusal import Refused
from tests.forwarder.loopback import PATIENCE_SECONDS, Script, Wire, answering, once, response
from tests.forwarder.setting import Leaving, Serve, ask, call, front, message

SAFE = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"]
UNSAFE = ["POST", "PATCH", "PURGE", "get"]


@pytest.mark.parametrize(
    ("answer", "connections"),
    [
        (response(b"ok", "Connection: close"), 3),
        (response(b"ok", "Connection: keep-alive, Close"), 3),
        (response(b"ok", "Keep-Alive: timeout=1"), 3),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", 3),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", 3),
        (response(b"ok") + b"more", 3),
        (response(b"ok") + response(b"injected"), 3),
        (b"HTTP/1.1 204 No Content\r\n\r\nbody", 3),
        (response(b"ok"), 1),
        (response(b"ok", "Keep-Alive: timeout=3600, max=100"), 1),
        (response(b"ok", "Keep-Alive: max=1"), 1),
        (response(b"ok", "Keep-Alive: timeout=x"), 1),
    ],
)
def test_a_connection_is_kept_if_it_may_be(
    serve: Serve, answer: bytes, connections: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "time", lambda: 1_000_000.0)
    backend = serve(answering(answer))
    forwarder = front(backend.url)
    for method in ("GET", "POST", "PUT"):
        assert ask(forwarder, call(method, body="x"))["body"] in ("ok", "")
    assert backend.connections == connections
    assert [request.method for request in backend.requests] == ["GET", "POST", "PUT"]


@pytest.mark.parametrize(
    ("seconds", "hint", "connections"),
    [(3.5, None, 1), (30, 60, 1), (4.5, None, 2), (-1, None, 2), (4.5, 5, 2), (2.5, 3, 2), (50.5, 3600, 2)],
)
def test_a_connection_is_used_until_it_is_old_and_a_longer_hint_of_the_backend_is_believed(
    serve: Serve, seconds: float, hint: int | None, connections: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = serve(answering(response(b"ok", *([f"Keep-Alive: timeout={hint}"] if hint else []))))
    forwarder = front(backend.url)
    ask(forwarder, call())
    now = time.time()
    monkeypatch.setattr(connection, "time", lambda: now + seconds)
    ask(forwarder, call())
    assert backend.connections == connections


@pytest.mark.parametrize("method", SAFE + UNSAFE)
def test_a_connection_closed_while_idle_is_replaced_in_silence(serve: Serve, method: str) -> None:
    closed = threading.Event()

    def script(wire: Wire) -> None:
        wire.request()
        wire.send(response())
        wire.socket.shutdown(socket.SHUT_RDWR)
        closed.set()

    backend = serve(script, answering(response()))
    forwarder = front(backend.url)
    ask(forwarder, call())
    assert closed.wait(PATIENCE_SECONDS)
    assert ask(forwarder, call(method))["statusCode"] == 200
    assert backend.connections == 2
    assert len(backend.requests) == 2


def test_bytes_that_nobody_asked_for_end_the_connection(serve: Serve) -> None:
    read, sent = threading.Event(), threading.Event()

    def unsolicited(wire: Wire) -> None:
        wire.request()
        wire.send(response(b"first"))
        read.wait(PATIENCE_SECONDS)
        wire.send(response(b"not asked for"))
        sent.set()
        wire.linger(PATIENCE_SECONDS)

    backend = serve(unsolicited, answering(response(b"second")))
    forwarder = front(backend.url)
    assert ask(forwarder, call())["body"] == "first"
    read.set()
    assert sent.wait(PATIENCE_SECONDS)
    assert ask(forwarder, call("POST"))["body"] == "second"
    assert backend.connections == 2


def then(last: Callable[[Wire], None]) -> Script:
    """Answers one request, and does something else with the second."""

    def script(wire: Wire) -> None:
        wire.request()
        wire.send(response(b"first"))
        if wire.request():
            last(wire)

    return script


@pytest.mark.parametrize("last", [lambda wire: None, Wire.reset], ids=["close", "reset"])
@pytest.mark.parametrize("method", SAFE + UNSAFE)
def test_only_an_idempotent_request_that_got_no_byte_is_sent_again(
    serve: Serve, method: str, last: Callable[[Wire], None]
) -> None:
    backend = serve(then(last), answering(response(b"")))
    forwarder = front(backend.url)
    ask(forwarder, call())
    result = ask(forwarder, call(method))
    sent = [request.method for request in backend.requests]
    if method in SAFE:
        assert (result["statusCode"], sent) == (200, ["GET", method, method])
    else:
        assert (result["statusCode"], sent) == (502, ["GET", method])
        assert message(result) == "the backend closed the connection without an answer"


@pytest.mark.parametrize("said", [b"HTTP/1.1 2", b"HTTP/1.1 102 Processing\r\n\r\n", b"garbage\r\n\r\n"])
def test_nothing_is_sent_again_after_a_byte_of_an_answer(serve: Serve, said: bytes) -> None:
    backend = serve(then(lambda wire: wire.send(said)), answering(response()))
    forwarder = front(backend.url)
    ask(forwarder, call())
    assert ask(forwarder, call())["statusCode"] == 502
    assert len(backend.requests) == 2


def test_a_request_is_sent_again_only_once_and_on_a_new_connection_never(serve: Serve) -> None:
    for scripts, asked, connections in (((then(lambda _: None), once(b"")), 1, 2), ((once(b""),), 0, 1)):
        backend = serve(*scripts)
        forwarder = front(backend.url)
        for _ in range(asked):
            ask(forwarder, call())
        assert ask(forwarder, call())["statusCode"] == 502
        assert backend.connections == connections


def mute(wire: Wire) -> None:
    wire.linger(PATIENCE_SECONDS)


def test_a_timeout_is_never_tried_again(serve: Serve) -> None:
    backend = serve(then(mute), answering(response()))
    forwarder = front(backend.url)
    ask(forwarder, call())
    assert ask(forwarder, call(), Leaving(300))["statusCode"] == 504
    assert backend.connections == 1
    assert ask(forwarder, call())["statusCode"] == 200


def test_a_request_whose_first_byte_was_not_taken_is_sent_on_another_connection(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The backend closes between the look at the connection and the sending: POST too cannot have been processed."""
    backend = serve(once(response()), answering(response(b"second")))
    forwarder = front(backend.url)
    ask(forwarder, call())

    def looks_fresh(kept: connection.Connection) -> bool:
        kept.sent = kept.heard = False
        kept._socket.shutdown(socket.SHUT_RDWR)
        return True

    with monkeypatch.context() as patched:
        patched.setattr(connection.Connection, "is_fresh", looks_fresh)
        assert ask(forwarder, call("POST"))["body"] == "second"
    assert [request.method for request in backend.requests] == ["GET", "POST"]


def test_a_connection_that_had_to_wait_before_it_could_send_is_fresh() -> None:
    here, there = socket.socketpair()
    with there:
        for side in (here, there):
            side.setblocking(False)
        kept = connection.Connection(here, (BlockingIOError,), plain=True)
        kept.unsent = [bytes(10_000_000)]
        with pytest.raises(Refused):
            kept.send(Deadline(0.01, None))
        with contextlib.suppress(BlockingIOError):
            while there.recv(1_000_000):
                pass
        kept.mark_idle(50)
        assert kept.is_fresh()
        there.send(b"x")
        assert not kept.is_fresh()


def test_a_failure_leaves_no_connection_behind(serve: Serve) -> None:
    def half(wire: Wire) -> None:
        wire.request()
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok")
        assert wire.linger(PATIENCE_SECONDS), "the forwarder keeps a connection whose answer it gave up"

    backend = serve(half, answering(response()))
    forwarder = front(backend.url)
    assert ask(forwarder, call(), Leaving(300))["statusCode"] == 504
    assert ask(forwarder, call())["body"] == "ok"
