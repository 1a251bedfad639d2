"""The loop that streams, between a Runtime API and a backend, each on a real socket."""

import threading
import time

import pytest

from tests.forwarder.conftest import Start
from tests.forwarder.lambda_api import PATIENCE_SECONDS, LambdaApi, streaming, taken
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
    metadata = post.next()
    assert metadata.endswith(bytes(8))
    for number in range(4):
        assert post.next() == b"data: %d\n\n" % number
        heard.release()
    assert post.next() == b""
    assert post.trailers == {}


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (response(b"whole"), b"whole"),
        (response(b""), b""),
        (b"HTTP/1.1 200 OK\r\n\r\nno length", b"no length"),
        (CHUNKED + chunk(b"one") + chunk(b"two") + b"0\r\n\r\n", b"onetwo"),
        (CHUNKED + chunk(b"one") + b"0\r\nX-Checksum: 1\r\nSet-Cookie: a=1\r\n\r\n", b"one"),
        (response(bytes(range(256)) * 1000, "Content-Type: application/octet-stream"), bytes(range(256)) * 1000),
        (response(bytes(16)), bytes(16)),
    ],
)
def test_each_way_to_tell_the_length(
    serve: Serve, lambda_api: LambdaApi, start: Start, answer: bytes, body: bytes
) -> None:
    start(serve(once(answer)).url)
    got = lambda_api.streamed(streaming(call()))
    assert (got.status, got.body, got.error) == (200, body, None)
    assert "transfer-encoding" not in {name.lower() for name in got.metadata["multiValueHeaders"]}


def test_the_response_is_what_aws_wants(serve: Serve, lambda_api: LambdaApi, start: Start) -> None:
    fields = ["Set-Cookie: a=1", "Set-Cookie: b=2", "X-Tag: é", "Connection: X-Hop", "X-Hop: 1", "Content-Type: a/b"]
    start(serve(answering(response(b"ok", *fields, status="418 Teapot"))).url)
    got = lambda_api.streamed(streaming(call()))
    assert got.metadata == {
        "statusCode": 418,
        "multiValueHeaders": {
            "Content-Length": ["2"],
            "Set-Cookie": ["a=1", "b=2"],
            "X-Tag": ["é"],
            "Content-Type": ["a/b"],
        },
    }
    assert got.post.headers["content-type"] == "application/vnd.awslambda.http-integration-response"
    # AWS has the runtime close the connection after a response that was streamed.
    assert got.post.closed.wait(PATIENCE_SECONDS)


def test_a_stream_begins_on_the_connection_of_its_event(serve: Serve, lambda_api: LambdaApi, start: Start) -> None:
    """To connect first would delay the first byte."""
    seen = threading.Event()

    def script(wire: Wire) -> None:
        wire.request()
        wire.send(CHUNKED)
        assert seen.wait(PATIENCE_SECONDS)
        wire.send(b"0\r\n\r\n")

    start(serve(script).url)
    assert lambda_api.invoke(streaming(call())).is_streamed
    assert lambda_api.connections == 1
    seen.set()


@pytest.mark.parametrize(("method", "status"), [("HEAD", "200 OK"), ("GET", "204 No Content"), ("GET", "304 Not")])
def test_what_has_no_body_ends_at_once(
    serve: Serve, lambda_api: LambdaApi, start: Start, method: str, status: str
) -> None:
    backend = serve(answering(f"HTTP/1.1 {status}\r\nContent-Length: 9\r\n\r\n".encode()))
    start(backend.url)
    for _ in range(2):
        got = lambda_api.streamed(streaming(call(method)))
        assert (got.status, got.body) == (int(status[:3]), b"")
    assert backend.connections == 1


def test_whole_and_streamed_answers_share_one_connection(serve: Serve, lambda_api: LambdaApi, start: Start) -> None:
    backend = serve(answering(response(b"1"), CHUNKED + chunk(b"2") + b"0\r\n\r\n", response(b"3"), response(b"4")))
    start(backend.url)
    assert lambda_api.buffered(event("rest"))["body"] == "1"
    assert lambda_api.streamed(streaming(call())).body == b"2"
    assert lambda_api.streamed(streaming(call("POST", body="x"))).body == b"3"
    assert lambda_api.buffered(call())["body"] == "4"
    assert backend.connections == 1
    # One for events and whole responses, and one for each response that is streamed.
    assert lambda_api.connections == 3


@pytest.mark.parametrize("chunked", [True, False])
def test_large_events_and_whole_answers(serve: Serve, lambda_api: LambdaApi, start: Start, chunked: bool) -> None:
    lambda_api.chunked_events = chunked
    backend = serve(answering(response("é".encode() * 500_000, "Content-Type: text/plain")))
    start(backend.url)
    assert lambda_api.buffered(call("POST", body="x" * 5_000_000))["body"] == "é" * 500_000
    assert len(backend.requests[0].body) == 5_000_000


def test_a_stream_is_not_held_in_memory(serve: Serve, lambda_api: LambdaApi, start: Start) -> None:
    megabytes = 200

    def script(wire: Wire) -> None:
        while wire.request():
            wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (megabytes << 20))
            for _ in range(megabytes):
                wire.send(bytes(1 << 20))

    runtime = start(serve(script).url)
    for number in range(2):
        post = lambda_api.invoke(streaming(call()))
        assert sum(len(piece) for piece in iter(post.next, b"")) > megabytes << 20
        assert post.trailers == {}
        if number == 0:
            before = runtime.memory("VmRSS")
    # After the first all that is ever needed is there.
    assert runtime.memory() - before < 1024


def test_the_first_stream_takes_little_memory(serve: Serve, lambda_api: LambdaApi, start: Start) -> None:
    def script(wire: Wire) -> None:
        wire.request()
        wire.send(CHUNKED)
        for _ in range(100):
            wire.send(chunk(bytes(1 << 20)))
        wire.send(b"0\r\n\r\n")

    runtime = start(serve(script).url)
    lambda_api.waiting.wait(PATIENCE_SECONDS)
    before = runtime.memory("VmRSS")
    post = lambda_api.invoke(streaming(call()))
    post.body()
    assert runtime.memory() - before < 4096


def test_chunks_of_one_byte(serve: Serve, lambda_api: LambdaApi, start: Start) -> None:
    body = bytes(index % 251 for index in range(100_000))
    start(serve(once(CHUNKED + b"".join(chunk(body[i : i + 1]) for i in range(len(body))) + b"0\r\n\r\n")).url)
    post = lambda_api.invoke(streaming(call()))
    got = taken(post)
    assert (got.body, got.error) == (body, None)


def test_a_stream_may_take_longer_than_a_whole_answer(serve: Serve, lambda_api: LambdaApi, start: Start) -> None:
    def script(wire: Wire) -> None:
        while wire.request():
            time.sleep(0.6)
            wire.send(response(b"late"))

    start(serve(script).url, TIMEOUT_SECONDS="0.3")
    assert lambda_api.buffered(call())["statusCode"] == 504
    assert lambda_api.streamed(streaming(call())).body == b"late"


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


def test_references_to_the_backend_are_made_public(serve: Serve, lambda_api: LambdaApi, start: Start) -> None:
    backend = serve(answering(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/x\r\nContent-Length: 0\r\n\r\n"))
    start(backend.url)
    got = lambda_api.streamed(streaming(call(path="/y", Host="api.invalid")))
    assert got.metadata["multiValueHeaders"]["Location"] == ["https://api.invalid/live/x"]


def test_a_kept_connection_that_has_gone_is_replaced(serve: Serve, lambda_api: LambdaApi, start: Start) -> None:
    backend = serve(once(response(b"1")), answering(response(b"2")))
    start(backend.url)
    assert lambda_api.streamed(streaming(call("POST"))).body == b"1"
    assert lambda_api.streamed(streaming(call("POST"))).body == b"2"
    assert backend.connections == 2
