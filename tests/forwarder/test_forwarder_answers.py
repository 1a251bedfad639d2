"""What comes of each answer, right or wrong, that a backend can give over a socket."""

import base64
import socket
import threading
from typing import Any

import pytest

from tests.forwarder.loopback import PATIENCE_SECONDS, Script, Wire, answering, chunk, once, response
from tests.forwarder.setting import Serve, ask, call, front, message

OK = b"HTTP/1.1 200 OK\r\n"


def result_of(serve: Serve, answer: bytes, method: str = "GET") -> dict[str, Any]:
    return ask(front(serve(once(answer)).url), call(method))


CHUNKS = OK + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (OK + b"Content-Length: 2\r\n\r\nok", "ok"),
        (OK + b"content-length: 2, 2\r\nContent-Length:2\r\n\r\nok", "ok"),
        (OK + b"Content-Length: 0\r\n\r\n", ""),
        (CHUNKS + b"1\r\no\r\n1\r\nk\r\n0\r\n\r\n", "ok"),
        (OK + b"Transfer-Encoding: Chunked\r\n\r\n0002;name=value\r\nok\r\n00\r\n\r\n", "ok"),
        (CHUNKS + b"A \r\n0123456789\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n", "0123456789"),
        (OK + b"\r\nok", "ok"),
        (OK + b"Connection: close\r\n\r\n", ""),
        (b"HTTP/1.0 200 OK\r\n\r\nok", "ok"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok"),
        (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", "ok"),
        (b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok", "ok"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + response(), "ok"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 P\r\n\r\n" + response(), "ok"),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", "ok"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\n\r\nok", "ok"),
        (b"HTTP/1.1 200 OK\nContent-Length: 4\r\n\n\r\n\r\n", "\r\n\r\n"),
        (OK + b"Content-Length: 6\r\n\r\n\r\n\r\n\n\n", "\r\n\r\n\n\n"),
        (OK + b"Content-Length : 2\r\n\r\nok", "ok"),
        (b"HTTP/1.1 200 : OK\nContent-Length: 2\n\nok", "ok"),
    ],
)
def test_each_way_to_tell_the_length(serve: Serve, answer: bytes, body: str) -> None:
    result = result_of(serve, answer)
    assert (result["statusCode"], result["body"]) == (200, body)


REPEATED = [b"Content-Length: 2, 2\r\n", b"Content-Length: 2\r\ncontent-length: 2\r\n"]


@pytest.mark.parametrize(
    ("method", "answer", "headers"),
    [
        # Only the final answer counts, and trailers are thrown away.
        (
            "GET",
            b"HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n" + response(b"ok", "X-Late: 1"),
            {"Content-Length": ["2"], "X-Late": ["1"]},
        ),
        ("GET", OK + b"Trailer: X-Sum\r\n" + CHUNKS[len(OK) :] + b"0\r\nX-Sum: 1\r\n\r\n", {}),
        ("HEAD", OK + b"Content-Length: 1234\r\n\r\n", {"Content-Length": ["1234"]}),
        *(
            (method, OK + fields + b"\r\n" + body, {"Content-Length": ["2"]})
            for fields in REPEATED
            for method, body in (("GET", b"ok"), ("HEAD", b""))
        ),
        # Bare line feeds end lines as well, and a line that goes on is joined.
        *(
            ("GET", b"HTTP/1.1 200 OK%sX-A: 1%sX-B: 2%s%s" % (*ends, ends[0]), {"X-A": ["1"], "X-B": ["2"]})
            for ends in ((b"\n", b"\n", b"\n"), (b"\r\n", b"\n", b"\r\n"), (b"\n", b"\r\n", b"\n"))
        ),
        (
            "GET",
            response(b"", "X-Long: one \t", "\t two ", "   three", "X-X:\t XaX  ", "X-Y:b: c", "X-Z:"),
            {"Content-Length": ["0"], "X-Long": ["one two three"], "X-X": ["XaX"], "X-Y": ["b: c"], "X-Z": [""]},
        ),
        # UTF-8, and what is not UTF-8 is read as Latin-1.
        *(
            (
                "GET",
                OK + b"Content-Length: 0\r\nX-Name: " + sent + b"\r\n\r\n",
                {"Content-Length": ["0"], "X-Name": [read]},
            )
            for sent, read in (("Zoë 5 €".encode(), "Zoë 5 €"), ("Ž".encode(), "Ž"), (b"caf\xe9", "café"))
        ),
    ],
)
def test_the_headers_of_an_answer(serve: Serve, method: str, answer: bytes, headers: dict[str, list[str]]) -> None:
    assert result_of(serve, answer, method)["multiValueHeaders"] == headers


@pytest.mark.parametrize("status", ["200 OK", "204 No Content", "304 Not Modified"])
@pytest.mark.parametrize("framing", ["Content-Length: 1000000000", "Transfer-Encoding: chunked", "X-None: 1"])
def test_head_204_and_304_have_no_body(serve: Serve, status: str, framing: str) -> None:
    method = "HEAD" if status.startswith("200") else "GET"
    backend = serve(answering(f"HTTP/1.1 {status}\r\n{framing}\r\n\r\n".encode()))
    forwarder = front(backend.url)
    for _ in range(2):
        result = ask(forwarder, call(method))
        assert (result["statusCode"], result["body"], result["isBase64Encoded"]) == (int(status[:3]), "", False)
    assert backend.connections == 1


@pytest.mark.parametrize("status", [200, 201, 206, 299, 301, 307, 400, 401, 404, 418, 429, 500, 503, 599])
def test_the_status_is_kept_and_no_redirect_followed(serve: Serve, status: int) -> None:
    backend = serve(once(response(b"", "Location: /elsewhere", status=f"{status} X")))
    result = ask(front(backend.url), call())
    assert (result["statusCode"], result["multiValueHeaders"]["Location"]) == (status, ["/live/elsewhere"])
    assert len(backend.requests) == 1


MALFORMED: list[tuple[str, bytes]] = [
    ("no HTTP", b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
    ("an older HTTP", b"<html>hello</html>\r\n\r\n"),
    ("a newer HTTP", b"HTTP/2.0 200 OK\r\n\r\n"),
    ("another HTTP/1", b"HTTP/1.2 200 OK\r\n\r\n"),
    ("blank line first", b"\r\n" + response()),
    ("two blank lines first", b"\r\n\r\n" + response()),
    ("status no number", b"HTTP/1.1 2xx OK\r\n\r\n"),
    ("status too long", b"HTTP/1.1 2000 OK\r\n\r\n"),
    ("status too short", b"HTTP/1.1 20 OK\r\n\r\n"),
    ("status too high", b"HTTP/1.1 600 X\r\n\r\n"),
    ("status too low", b"HTTP/1.1 099 X\r\n\r\n"),
    ("status beyond ASCII", "HTTP/1.1 2²0 X\r\n\r\n".encode("latin-1")),
    ("null in the reason", b"HTTP/1.1 200 O\x00K\r\n\r\n"),
    ("switching protocols", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
    ("switching protocols, then an answer", b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + response()),
    ("header without a colon", OK + b"nonsense\r\n\r\n"),
    ("header without a name", OK + b": x\r\n\r\n"),
    ("header without a name, after another", OK + b"a: b\r\n: x\r\n\r\n"),
    ("header with a space in its name", OK + b"a b: x\r\n\r\n"),
    ("header with a null", OK + b"a: \x00\r\n\r\n"),
    ("header with a bare CR", OK + b"a: b\rc: d\r\n\r\n"),
    ("header with a control character", OK + b"a: \x0b\r\n\r\n"),
    ("header with a delete character", OK + b"a: \x7f\r\n\r\n"),
    ("line that goes on, first", OK + b" b: x\r\n\r\n"),
    ("two lengths", OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok!"),
    ("two lengths in one line", OK + b"Content-Length: 2, 3\r\n\r\nok!"),
    ("length below none", OK + b"Content-Length: -1\r\n\r\nok"),
    ("length with a sign", OK + b"Content-Length: +2\r\n\r\nok"),
    ("length with an underscore", OK + b"Content-Length: 0_2\r\n\r\nok"),
    ("length no number", OK + b"Content-Length: two\r\n\r\nok"),
    ("length empty", OK + b"Content-Length:\r\n\r\nok"),
    ("length empty and given", OK + b"Content-Length: ,\r\n\r\nok"),
    ("length beyond ASCII", OK + "Content-Length: ²\r\n\r\nok".encode("latin-1")),
    ("length without end", OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\nok"),
    ("control character before a folded line", OK + b"Content-Length: 2\x0b\r\n \r\n\r\nok"),
    ("length and chunks", OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("other coding", OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    ("chunked twice", OK + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
    ("coding unknown", OK + b"Transfer-Encoding: xchunked\r\n\r\nok"),
    ("chunks in HTTP/1.0", b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("chunk without a size", CHUNKS + b"\r\nok\r\n0\r\n\r\n"),
    ("chunk's size no number", CHUNKS + b"xyz\r\n"),
    ("chunk's size with a prefix", CHUNKS + b"0x2\r\nok\r\n0\r\n\r\n"),
    ("chunk's size with a sign", CHUNKS + b"+2\r\nok\r\n0\r\n\r\n"),
    ("chunk's size with an underscore", CHUNKS + b"0_2\r\nok\r\n0\r\n\r\n"),
    ("chunk's size too long", CHUNKS + b"0" * 16 + b"2\r\nok\r\n0\r\n\r\n"),
    ("chunk longer than its size", CHUNKS + b"1\r\nok\r\n0\r\n\r\n"),
    ("chunk with a bare LF", CHUNKS + b"2\nok\r\n0\r\n\r\n"),
    ("chunk's end with a bare LF", CHUNKS + b"2\r\nok\n0\r\n\r\n"),
    ("chunk's extension with a bare LF", CHUNKS + b"2;x\ny\r\nok\r\n0\r\n\r\n"),
    ("chunk's extension with a bare CR", CHUNKS + b"2;x\ry\r\nok\r\n0\r\n\r\n"),
    ("chunk's extension too long", CHUNKS + b"2;" + b"x" * 5000 + b"\r\nok\r\n0\r\n\r\n"),
    ("chunk's size without end", CHUNKS + b"1;" + b"x" * 9000),
    ("trailers without end", CHUNKS + b"0\r\n" + (b"a: " + b"b" * 99 + b"\r\n") * 1000),
    ("end within the status line", b"HTTP/1.1 200"),
    ("end within the headers", OK + b"Content-Length: 2\r\n"),
    ("end before the body", OK + b"Content-Length: 2\r\n\r\n"),
    ("end within the body", OK + b"Content-Length: 3\r\n\r\nok"),
    ("end within a chunk's size", CHUNKS + b"5"),
    ("end within a chunk", CHUNKS + b"5\r\nok"),
    ("end before the last chunk", CHUNKS + b"2\r\nok\r\n"),
    ("end before the last line", CHUNKS + b"2\r\nok\r\n0\r\n"),
    ("end after an interim answer", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ("headers too large", OK + b"X-Large: " + b"x" * 70_000 + b"\r\n\r\n"),
    ("headers too many", OK + b"X: y\r\n" * 20_000 + b"\r\n"),
]


@pytest.mark.parametrize("answer", [answer for _, answer in MALFORMED], ids=[name for name, _ in MALFORMED])
def test_a_malformed_answer_is_a_502_that_names_nobody(serve: Serve, answer: bytes) -> None:
    backend = serve(once(answer))
    result = ask(front(backend.url), call())
    assert result["statusCode"] == 502
    assert "malformed" in message(result) or "without an answer" in message(result)
    assert "127.0.0.1" not in result["body"]
    assert str(backend.port) not in result["body"]


@pytest.mark.parametrize("endless", [b"X: y\r\n", b"X"])
def test_headers_without_end_are_not_waited_for(serve: Serve, endless: bytes) -> None:
    def script(wire: Wire) -> None:
        wire.request()
        wire.send(OK + endless * 100_000)
        wire.linger(PATIENCE_SECONDS)

    result = ask(front(serve(script).url), call())
    assert result["statusCode"] == 502
    assert "too large" in message(result)


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_an_answer_may_come_in_any_pieces(serve: Serve, size: int) -> None:
    whole = b"HTTP/1.1 103 E\r\n\r\n" + CHUNKS + b"3\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n"

    def script(wire: Wire) -> None:
        wire.request()
        for start in range(0, len(whole), size):
            wire.send(whole[start : start + size])

    assert ask(front(serve(script).url), call())["body"] == "abcde"


@pytest.mark.parametrize("size", [0, 1, 65_000, 65_536, 300_000, 4_000_000])
@pytest.mark.parametrize("framing", ["length", "chunks", "end"])
def test_bodies_of_every_size_are_exact_both_ways(serve: Serve, size: int, framing: str) -> None:
    body = (bytes(range(256)) * (size // 256 + 1))[:size]
    if framing == "length":
        answer = OK + b"Content-Length: %d\r\n\r\n" % size + body
    elif framing == "chunks":
        pieces = [body[start : start + 50_000] for start in range(0, size, 50_000)]
        answer = CHUNKS + b"".join(map(chunk, pieces)) + b"0\r\n\r\n"
    else:
        answer = OK + b"\r\n" + body
    backend = serve(once(answer))
    given = call("PUT", body=base64.b64encode(body).decode()) | {"isBase64Encoded": True}
    result = ask(front(backend.url), given)
    assert result["statusCode"] == 200
    assert (base64.b64decode(result["body"]) if result["isBase64Encoded"] else result["body"].encode()) == body
    assert backend.requests[0].body == body


def reset_at(stage: str) -> Script:
    said = {
        "headers": OK,
        "body": OK + b"Content-Length: 9\r\n\r\nok",
        "chunk": CHUNKS + b"9\r\nok",
        "end": OK + b"\r\nok",
    }

    def script(wire: Wire) -> None:
        if stage == "request":
            wire.socket.recv(1)
        elif stage != "connection":
            wire.request()
            wire.send(said.get(stage, b""))
        wire.reset()

    return script


@pytest.mark.parametrize("stage", ["connection", "request", "answer", "headers", "body", "chunk", "end"])
def test_a_reset_at_any_stage_is_a_502_and_not_sent_again(serve: Serve, stage: str) -> None:
    backend = serve(reset_at(stage))
    result = ask(front(backend.url), call())
    assert result["statusCode"] == 502
    assert "connection" in message(result)
    assert backend.connections == 1


def test_where_nobody_listens_it_is_a_502(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    result = ask(front(f"http://127.0.0.1:{port}"), call())
    assert (result["statusCode"], message(result)) == (502, "the backend refuses connections")
    result = ask(front("http://backend.invalid"), call())
    assert (result["statusCode"], "name" in message(result)) == (502, True)
    assert "invalid" not in message(result)

    class Reset(socket.socket):
        def connect(self, address: object) -> None:
            raise ConnectionResetError

    monkeypatch.setattr("forwarder.dialer.socket", Reset)
    result = ask(front("http://127.0.0.1:1"), call())
    assert (result["statusCode"], message(result)) == (502, "the backend refuses connections")


def early(answer: bytes, seen: threading.Event) -> Script:
    """Refuses after the head, reading nothing of the body. What is unread at a close turns it into a reset."""

    def script(wire: Wire) -> None:
        wire.head()
        wire.send(answer)
        seen.wait(PATIENCE_SECONDS)

    return script


@pytest.mark.parametrize("status", ["413 Content Too Large", "401 Unauthorized"])
def test_an_early_refusal_is_passed_on(serve: Serve, status: str) -> None:
    seen = threading.Event()
    backend = serve(early(response(b"too much", status=status), seen), answering(response()))
    forwarder = front(backend.url)
    result = ask(forwarder, call("POST", body="x" * 5_500_000))
    seen.set()
    assert (result["statusCode"], result["body"]) == (int(status[:3]), "too much")
    # The rest of the body was never sent, so this connection serves no other request.
    assert ask(forwarder, call())["statusCode"] == 200
    assert backend.connections == 2


def test_an_interim_answer_while_the_body_is_sent_does_not_stop_it(serve: Serve) -> None:
    body = "x" * 5_500_000

    def script(wire: Wire) -> None:
        wire.head()
        wire.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        got = 0
        while got < len(body):
            got += len(wire.socket.recv(1_000_000))
        wire.send(response(b"thanks"))

    assert ask(front(serve(script).url), call("POST", body=body))["body"] == "thanks"
