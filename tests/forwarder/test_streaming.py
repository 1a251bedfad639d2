"""The loop that streams, between a Runtime API and a backend, each on a real socket."""

import threading

import pytest

from tests.forwarder.conftest import Start
from tests.forwarder.lambda_api import PATIENCE_SECONDS, LambdaApi, streaming
from tests.forwarder.loopback import CHUNKED, Wire, answering, chunk, once, response
from tests.forwarder.setting import Serve, call, event


def test_server_sent_events_arrive_one_by_one(serve: Serve, lambda_api: LambdaApi, start: Start) -> None:
    """The backend sends the next only once the caller has the one before: nothing is held back."""
    heard = threading.Semaphore(0)

    def script(wire: Wire) -> None:
        wire.request()
        wire.send(CHUNKED)
        for number in range(4):
            wire.send(chunk(b"data: %d\n\n" % number))
            assert heard.acquire(timeout=PATIENCE_SECONDS)
        wire.send(b"0\r\n\r\n")

    start(serve(script).url)
    post = lambda_api.invoke(streaming(call(path="/events")))
    assert post.next().endswith(bytes(8))
    # To connect first would delay the first byte.
    assert lambda_api.connections == 1
    for number in range(4):
        assert post.next() == b"data: %d\n\n" % number
        heard.release()
    assert post.next() == b""
    assert post.trailers == {}


BYTES = bytes(range(256)) * 400


@pytest.mark.parametrize(
    ("method", "answer", "body", "connections"),
    [
        ("GET", response(b"whole"), b"whole", 1),
        ("GET", response(b""), b"", 1),
        ("GET", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"", 2),
        ("GET", CHUNKED + chunk(b"one") + chunk(b"two") + b"0\r\n\r\n", b"onetwo", 1),
        ("GET", CHUNKED + chunk(b"one") + b"0\r\nX-Checksum: 1\r\nSet-Cookie: a=1\r\n\r\n", b"one", 1),
        ("GET", CHUNKED + b"".join(b"1\r\n%c\r\n" % byte for byte in BYTES) + b"0\r\n\r\n", BYTES, 1),
        ("GET", response(BYTES, "Content-Type: application/octet-stream"), BYTES, 1),
        ("GET", response(bytes(16)), bytes(16), 1),
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"", 1),
        ("GET", b"HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", b"", 1),
        ("GET", b"HTTP/1.1 304 Not\r\nContent-Length: 9\r\n\r\n", b"", 1),
    ],
)
def test_each_way_to_tell_the_length(
    serve: Serve, lambda_api: LambdaApi, start: Start, method: str, answer: bytes, body: bytes, connections: int
) -> None:
    script = answering(answer) if connections == 1 else once(answer)
    backend = serve(script)
    start(backend.url)
    for _ in range(2):
        got = lambda_api.streamed(streaming(call(method)))
        assert (got.status, got.body, got.error) == (int(answer[9:12]), body, None)
        assert "transfer-encoding" not in {name.lower() for name in got.metadata["multiValueHeaders"]}
    assert backend.connections == connections


def test_the_response_is_what_aws_wants(serve: Serve, lambda_api: LambdaApi, start: Start) -> None:
    fields = ["Set-Cookie: a=1", "Set-Cookie: b=2", "X-Tag: é", "Connection: X-Hop", "X-Hop: 1", "Content-Type: a/b"]
    fields.append("Location: http://127.0.0.1/x")
    start(serve(answering(response(b"ok", *fields, status="418 Teapot"))).url)
    got = lambda_api.streamed(streaming(call(path="/y", Host="api.invalid")))
    headers = {"Content-Length": ["2"], "Set-Cookie": ["a=1", "b=2"], "X-Tag": ["é"], "Content-Type": ["a/b"]}
    headers["Location"] = ["https://api.invalid/live/x"]
    assert got.metadata == {"statusCode": 418, "multiValueHeaders": headers}
    assert got.post.headers["content-type"] == "application/vnd.awslambda.http-integration-response"
    # AWS has the runtime close the connection after a response that was streamed.
    assert got.post.headers["connection"] == "close"
    assert got.post.closed.wait(PATIENCE_SECONDS)


def test_whole_and_streamed_answers_share_one_connection(serve: Serve, lambda_api: LambdaApi, start: Start) -> None:
    backend = serve(answering(response(b"1"), CHUNKED + chunk(b"2") + b"0\r\n\r\n", response(b"3"), response(b"4")))
    start(backend.url)
    assert lambda_api.buffered(event("rest"))["body"] == "1"
    assert lambda_api.streamed(streaming(call())).body == b"2"
    assert lambda_api.streamed(streaming(call("POST", body="x"))).body == b"3"
    assert lambda_api.buffered(call())["body"] == "4"
    assert backend.connections == 1
    # A response that is streamed ends its connection.
    assert lambda_api.connections == 3


@pytest.mark.parametrize("chunked", [True, False])
def test_large_events_and_whole_answers(serve: Serve, lambda_api: LambdaApi, start: Start, chunked: bool) -> None:
    lambda_api.chunked_events = chunked
    backend = serve(answering(response("é".encode() * 500_000, "Content-Type: text/plain")))
    start(backend.url)
    assert lambda_api.buffered(call("POST", body="x" * 5_000_000))["body"] == "é" * 500_000
    assert len(backend.requests[0].body) == 5_000_000


def test_a_stream_is_not_held_in_memory(serve: Serve, lambda_api: LambdaApi, start: Start) -> None:
    megabytes = 100

    def script(wire: Wire) -> None:
        while wire.request():
            wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (megabytes << 20))
            for _ in range(megabytes):
                wire.send(bytes(1 << 20))

    runtime = start(serve(script).url)
    lambda_api.waiting.wait(PATIENCE_SECONDS)
    # After the first all that is ever needed is there.
    for room in (4096, 1024):
        before = runtime.memory("VmRSS")
        post = lambda_api.invoke(streaming(call()))
        assert sum(len(piece) for piece in iter(post.next, b"")) > megabytes << 20
        assert post.trailers == {}
        assert runtime.memory() - before < room


def test_lines_are_written_before_the_next_event(serve: Serve, lambda_api: LambdaApi, start: Start) -> None:
    """Lambda freezes the process while it waits, with all that is not written."""
    runtime = start(serve(answering(response(b"0123456789"))).url)
    lambda_api.streamed(streaming(call(path="/x")))
    lambda_api.waiting.wait(PATIENCE_SECONDS)
    line = runtime.lines(1)[0]
    assert (line["status"], line["bytesOut"], line["route"]) == (200, 10, "/{proxy+}")
    assert line["streamMilliseconds"] >= line["backendMilliseconds"] > 0
    lambda_api.buffered(call())
    lambda_api.waiting.wait(PATIENCE_SECONDS)
    assert "streamMilliseconds" not in runtime.lines(2)[1]


def test_a_kept_connection_that_has_gone_is_replaced(serve: Serve, lambda_api: LambdaApi, start: Start) -> None:
    closed = threading.Event()

    def script(wire: Wire) -> None:
        wire.request()
        wire.send(response(b"1"))
        wire.socket.close()
        closed.set()

    backend = serve(script, answering(response(b"2")))
    start(backend.url)
    assert lambda_api.streamed(streaming(call("POST"))).body == b"1"
    # A POST that is under way by then is not sent twice.
    assert closed.wait(PATIENCE_SECONDS)
    assert lambda_api.streamed(streaming(call("POST"))).body == b"2"
    assert backend.connections == 2
