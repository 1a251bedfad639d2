"""TLS to the backend: certificates count, connections are kept, and a cut is an error."""

import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from tests.forwarder.loopback import Loopback, Script, Wire, answering, response
from tests.forwarder.setting import Serve, ask, call, front, message


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for `localhost` and its key, made for this run."""
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    key = path.with_suffix(".key")
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run([*command.split(), "-out", path, "-keyout", key], check=True, capture_output=True)
    path.write_text(path.read_text() + key.read_text())
    return path


def secured(serve: Serve, certificate: Path, *scripts: Script) -> Loopback:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    backend = serve(*scripts)
    backend.wrap = lambda connected: context.wrap_socket(connected, server_side=True, suppress_ragged_eofs=True)
    return backend


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return certificate


def ended(wire: Wire) -> None:
    """Announce the end, as TLS has it."""
    wire.socket.unwrap()  # type: ignore[attr-defined] # it is a TLS socket


def test_a_trusted_backend_answers_again_and_again(serve: Serve, trusted: Path) -> None:
    backend = secured(serve, trusted, answering(response(b"x" * 300_000)))
    forwarder = front(f"https://localhost:{backend.port}")
    for _ in range(3):
        # Session tickets come by themselves after the handshake, and are no bytes that nobody asked for.
        time.sleep(0.02)
        assert ask(forwarder, call("POST", body="y" * 100_000))["body"] == "x" * 300_000
    assert backend.connections == 1
    assert {request.body for request in backend.requests} == {b"y" * 100_000}


def test_a_large_body_goes_both_ways(serve: Serve, trusted: Path) -> None:
    body = "z" * 4_000_000
    backend = secured(serve, trusted, answering(response(body.encode())))
    result = ask(front(f"https://localhost:{backend.port}", TIMEOUT_SECONDS="5"), call("PUT", body=body))
    assert result["body"] == body
    assert backend.requests[0].body == body.encode()


def refused(result: dict[str, object]) -> bool:
    return result["statusCode"] == 502 and "TLS" in message(result)


def test_a_certificate_that_nobody_vouches_for_is_a_502(
    serve: Serve, certificate: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backend = secured(serve, certificate, answering(response()))
    assert refused(ask(front(f"https://localhost:{backend.port}"), call()))
    assert not backend.requests
    assert '"error": "tls"' in capsys.readouterr().out


def test_a_certificate_for_another_name_is_a_502(serve: Serve, trusted: Path) -> None:
    backend = secured(serve, trusted, answering(response()))
    assert refused(ask(front(f"https://127.0.0.1:{backend.port}"), call()))
    assert not backend.requests


def test_a_backend_without_tls_is_a_502(serve: Serve, trusted: Path) -> None:
    def plain(wire: Wire) -> None:
        wire.socket.recv(100)
        wire.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    assert refused(ask(front(f"https://localhost:{serve(plain).port}"), call()))


def test_a_handshake_that_never_ends_is_a_504(serve: Serve, trusted: Path) -> None:
    def mute(wire: Wire) -> None:
        wire.linger(30)

    result = ask(front(f"https://localhost:{serve(mute).port}", TIMEOUT_SECONDS="0.3"), call())
    assert result["statusCode"] == 504


def test_a_body_that_ends_with_the_connection_needs_tlss_word_for_the_end(serve: Serve, trusted: Path) -> None:
    def cut(wire: Wire) -> None:
        wire.request()
        wire.send(b"HTTP/1.1 200 OK\r\n\r\nok")
        # TCP ends, without TLS's own end.
        wire.socket.shutdown(socket.SHUT_RDWR)

    def whole(wire: Wire) -> None:
        wire.request()
        wire.send(b"HTTP/1.1 200 OK\r\n\r\nok")
        ended(wire)

    assert ask(front(f"https://localhost:{secured(serve, trusted, cut).port}"), call())["statusCode"] == 502
    assert ask(front(f"https://localhost:{secured(serve, trusted, whole).port}"), call())["body"] == "ok"


def test_a_closed_connection_is_replaced(serve: Serve, trusted: Path) -> None:
    def one(wire: Wire) -> None:
        wire.request()
        wire.send(response(b"first"))
        ended(wire)

    backend = secured(serve, trusted, one, answering(response(b"second")))
    forwarder = front(f"https://localhost:{backend.port}")
    assert ask(forwarder, call())["body"] == "first"
    time.sleep(0.05)
    assert ask(forwarder, call("POST"))["body"] == "second"


def test_a_slow_answer_is_a_504(serve: Serve, trusted: Path) -> None:
    def slow(wire: Wire) -> None:
        wire.request()
        wire.send(b"HTTP/1.1 200 OK\r\n")
        wire.linger(30)

    backend = secured(serve, trusted, slow)
    result = ask(front(f"https://localhost:{backend.port}", TIMEOUT_SECONDS="0.3"), call())
    assert result["statusCode"] == 504


def test_an_early_refusal_is_passed_on(serve: Serve, trusted: Path) -> None:
    def early(wire: Wire) -> None:
        wire.head()
        wire.send(response(b"too much", status="413 Content Too Large"))
        wire.socket.settimeout(0.5)
        time.sleep(0.5)

    backend = secured(serve, trusted, early)
    forwarder = front(f"https://localhost:{backend.port}", TIMEOUT_SECONDS="3")
    assert ask(forwarder, call("POST", body="x" * 5_500_000))["statusCode"] == 413
