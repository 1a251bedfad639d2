"""TLS to the backend: certificates count, connections are kept, and a cut is an error."""

import contextlib
import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest

from forwarder import tls
from tests.forwarder.loopback import PATIENCE_SECONDS, Loopback, Script, Wire, answering, response
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
    """Session tickets come by themselves after the handshake, and are no bytes that nobody asked for."""
    body = "z" * 4_000_000
    backend = secured(serve, trusted, answering(response(body.encode())))
    forwarder = front(f"https://localhost:{backend.port}")
    for _ in range(2):
        assert ask(forwarder, call("POST", body=body))["body"] == body
    assert backend.connections == 1
    assert {request.body for request in backend.requests} == {body.encode()}


def refused(result: dict[str, object]) -> bool:
    return result["statusCode"] == 502 and "TLS" in message(result)


def test_a_certificate_that_nobody_vouches_for_is_a_502(
    serve: Serve, certificate: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = secured(serve, certificate, answering(response()))
    assert refused(ask(front(f"https://localhost:{backend.port}"), call()))
    assert '"error": "tls-authority"' in capsys.readouterr().out
    # Nor one for another name.
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert refused(ask(front(f"https://127.0.0.1:{backend.port}"), call()))
    assert '"error": "tls-name"' in capsys.readouterr().out
    assert not backend.requests


@pytest.mark.parametrize(
    ("codes", "word"),
    [((9, 10), "tls-expired"), ((18, 19, 20, 21), "tls-authority"), ((62, 64), "tls-name"), ((1,), "tls")],
)
def test_the_log_names_why_a_certificate_is_refused(codes: tuple[int, ...], word: str) -> None:
    """OpenSSL's tools make no expired certificate. https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error"""
    for code in codes:
        error = ssl.SSLCertVerificationError()
        error.verify_code = code
        assert tls.name_failure(error) == word
    assert tls.name_failure(OSError()) == "tls"


def only_certificates(path: Path) -> str:
    return path.read_text().partition("-----BEGIN PRIVATE")[0]


def test_a_given_authority_is_trusted_and_no_other(
    serve: Serve, certificate: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backend = secured(serve, certificate, answering(response(b"private")))
    url, own = f"https://localhost:{backend.port}", only_certificates(certificate)
    assert ask(front(url, CERTIFICATE_AUTHORITY=own), call())["body"] == "private"
    other = tmp_path / "other.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other -keyout /dev/null -out"
    subprocess.run([*command.split(), other], check=True, capture_output=True)
    assert refused(ask(front(url, CERTIFICATE_AUTHORITY=other.read_text()), call()))
    assert '"error": "tls-authority"' in capsys.readouterr().out
    # Also public ones, which SSL_CERT_FILE stands for, are not trusted beside it.
    assert len(backend.requests) == 1


@pytest.mark.parametrize(
    ("url", "pem"),
    [
        ("https://localhost", ""),
        ("https://localhost", "arn:aws:ssm:eu-west-1:123456789012:parameter/ca"),
        ("https://localhost", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        ("http://localhost", "-----BEGIN CERTIFICATE-----"),
    ],
)
def test_an_authority_that_is_none_fails_the_import(url: str, pem: str) -> None:
    with pytest.raises(ValueError, match="CERTIFICATE_AUTHORITY"):
        front(url, CERTIFICATE_AUTHORITY=pem)


def test_a_backend_without_tls_is_a_502(serve: Serve, trusted: Path) -> None:
    def plain(wire: Wire) -> None:
        wire.socket.recv(100)
        wire.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    assert refused(ask(front(f"https://localhost:{serve(plain).port}"), call()))


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
    closed = threading.Event()

    def one(wire: Wire) -> None:
        wire.request()
        wire.send(response(b"first"))
        wire.socket.settimeout(0)
        with contextlib.suppress(ssl.SSLWantReadError):
            ended(wire)
        closed.set()

    backend = secured(serve, trusted, one, answering(response(b"second")))
    forwarder = front(f"https://localhost:{backend.port}")
    assert ask(forwarder, call())["body"] == "first"
    assert closed.wait(PATIENCE_SECONDS)
    assert ask(forwarder, call("POST"))["body"] == "second"


@pytest.mark.parametrize("handshake", [True, False])
def test_what_never_ends_is_a_504(serve: Serve, trusted: Path, handshake: bool) -> None:
    def mute(wire: Wire) -> None:
        wire.linger(PATIENCE_SECONDS)

    def slow(wire: Wire) -> None:
        wire.request()
        wire.send(b"HTTP/1.1 200 OK\r\n")
        wire.linger(PATIENCE_SECONDS)

    backend = secured(serve, trusted, slow) if handshake else serve(mute)
    result = ask(front(f"https://localhost:{backend.port}", TIMEOUT_SECONDS="0.3"), call())
    assert result["statusCode"] == 504


def test_an_early_refusal_is_passed_on(serve: Serve, trusted: Path) -> None:
    seen = threading.Event()

    def early(wire: Wire) -> None:
        wire.head()
        wire.send(response(b"too much", status="413 Content Too Large"))
        seen.wait(PATIENCE_SECONDS)

    forwarder = front(f"https://localhost:{secured(serve, trusted, early).port}")
    assert ask(forwarder, call("POST", body="x" * 5_500_000))["statusCode"] == 413
    seen.set()
