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


def test_one_connection_serves_many_requests(serve: Serve) -> None:
    backend = serve(answering(response()))
    forwarder = front(backend.url)
    for method in ("GET", "POST", "PUT"):
        ask(forwarder, call(method, body="x"))
    assert backend.connections == 1
    assert [request.method for request in backend.requests] == ["GET", "POST", "PUT"]


@pytest.mark.parametrize(
    ("answer", "connections"),
    [
        (response(b"ok", "Connection: close"), 2),
        (response(b"ok", "Connection: keep-alive, Close"), 2),
        (response(b"ok", "Keep-Alive: timeout=1"), 2),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", 2),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", 2),
        (response(b"ok") + b"more", 2),
        (response(b"ok") + response(b"injected"), 2),
        (b"HTTP/1.1 204 No Content\r\n\r\nbody", 2),
        (response(b"ok", "Keep-Alive: timeout=5, max=100"), 1),
        (response(b"ok", "Keep-Alive: max=1"), 1),
        (response(b"ok", "Keep-Alive: timeout=x"), 1),
    ],
)
def test_a_connection_is_kept_if_it_may_be(serve: Serve, answer: bytes, connections: int) -> None:
    backend = serve(answering(answer))
    forwarder = front(backend.url)
    for _ in range(2):
        assert ask(forwarder, call("POST"))["body"] in ("ok", "")
    assert backend.connections == connections


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
    backend = serve(once(response()), answering(response()))
    forwarder = front(backend.url)
    ask(forwarder, call())
    time.sleep(0.02)
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
        wire.linger(1)

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


def close(wire: Wire) -> None:
    """End without a word."""


def reset(wire: Wire) -> None:
    wire.reset()


def begin(wire: Wire) -> None:
    wire.send(b"HTTP/1.1 2")


def interim(wire: Wire) -> None:
    wire.send(b"HTTP/1.1 102 Processing\r\n\r\n")


def garbage(wire: Wire) -> None:
    wire.send(b"garbage\r\n\r\n")


@pytest.mark.parametrize("last", [close, reset])
@pytest.mark.parametrize("method", SAFE)
def test_an_idempotent_request_that_got_no_byte_is_sent_again_once(
    serve: Serve, method: str, last: Callable[[Wire], None]
) -> None:
    backend = serve(then(last), answering(response(b"")))
    forwarder = front(backend.url)
    ask(forwarder, call())
    assert ask(forwarder, call(method))["statusCode"] == 200
    assert [request.method for request in backend.requests] == ["GET", method, method]


@pytest.mark.parametrize("last", [close, reset])
@pytest.mark.parametrize("method", UNSAFE)
def test_any_other_is_never_sent_twice(serve: Serve, method: str, last: Callable[[Wire], None]) -> None:
    backend = serve(then(last), answering(response()))
    forwarder = front(backend.url)
    ask(forwarder, call())
    result = ask(forwarder, call(method))
    assert result["statusCode"] == 502
    assert message(result) == "the backend closed the connection without an answer"
    assert [request.method for request in backend.requests] == ["GET", method]


@pytest.mark.parametrize("last", [begin, interim, garbage])
def test_nothing_is_sent_again_after_a_byte_of_an_answer(serve: Serve, last: Callable[[Wire], None]) -> None:
    backend = serve(then(last), answering(response()))
    forwarder = front(backend.url)
    ask(forwarder, call())
    assert ask(forwarder, call())["statusCode"] == 502
    assert len(backend.requests) == 2


def test_a_request_is_sent_again_only_once(serve: Serve) -> None:
    def mute(wire: Wire) -> None:
        wire.request()

    backend = serve(then(close), mute)
    forwarder = front(backend.url)
    ask(forwarder, call())
    assert ask(forwarder, call())["statusCode"] == 502
    assert backend.connections == 2


def test_a_new_connection_that_ends_is_not_replaced(serve: Serve) -> None:
    def mute(wire: Wire) -> None:
        wire.request()

    backend = serve(mute)
    assert ask(front(backend.url), call())["statusCode"] == 502
    assert backend.connections == 1


def test_a_timeout_is_never_tried_again(serve: Serve) -> None:
    def hang(wire: Wire) -> None:
        wire.linger(30)

    backend = serve(then(hang), answering(response()))
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
        kept.rest(50)
        assert kept.is_fresh()
        there.send(b"x")
        assert not kept.is_fresh()


def test_a_failure_leaves_no_connection_behind(serve: Serve) -> None:
    def half(wire: Wire) -> None:
        wire.request()
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok")
        assert wire.linger(30), "the forwarder keeps a connection whose answer it gave up"

    backend = serve(half, answering(response()))
    forwarder = front(backend.url)
    assert ask(forwarder, call(), Leaving(300))["statusCode"] == 504
    assert ask(forwarder, call())["body"] == "ok"
