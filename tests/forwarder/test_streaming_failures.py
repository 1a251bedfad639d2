"""What goes wrong with streams: at the backend, at the caller, at Lambda, and in the function itself."""

import socket
import struct
import threading
import time
from datetime import datetime, timedelta

import pytest

from forwarder import deadline as deadlines
from forwarder import stream as streams
from forwarder.refusal import Refused
from tests.forwarder.conftest import Start
from tests.forwarder.lambda_api import PATIENCE_SECONDS, LambdaApi, Post, Streamed, streaming
from tests.forwarder.loopback import CHUNKED, Script, Wire, answering, chunk, once, response, taking_no_connection
from tests.forwarder.setting import Serve, call

BEGUN = CHUNKED + chunk(b"begun")


@pytest.mark.parametrize(
    ("said", "end", "kind"),
    [
        (BEGUN, "close", "Malformed"),
        (BEGUN + b"zz\r\n", "close", "Malformed"),
        (BEGUN + b"3\r\nabcd", "close", "Malformed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbegun", "close", "Malformed"),
        (BEGUN, "reset", "Reset"),
        # The time of a route ends its stream.
        (BEGUN, "wait", "Timeout"),
    ],
)
def test_what_breaks_off_is_reported_in_trailers(
    serve: Serve, lambda_api: LambdaApi, start: Start, said: bytes, end: str, kind: str
) -> None:
    go = threading.Event()

    def script(wire: Wire) -> None:
        wire.request()
        wire.send(said)
        if end == "reset":
            go.wait(PATIENCE_SECONDS)
            wire.reset()
        elif end == "wait":
            wire.linger(PATIENCE_SECONDS)

    runtime = start(serve(script, answering(response(b"next"))).url)
    post = lambda_api.invoke(streaming(call(), "GET:/~proxy=1" if end == "wait" else "GET:/~proxy=30"))
    assert post.next().endswith(bytes(8))
    body = post.next()
    go.set()
    body += post.body()
    assert body[:5] == b"begun"
    error = Streamed({}, body, post).error
    assert error is not None
    assert error["errorType"] == f"Backend.{kind}"
    assert "127.0.0.1" not in error["errorMessage"]
    assert lambda_api.streamed(streaming(call())).body == b"next"
    first = runtime.lines(2)[0]
    assert (first["status"], first["level"], first["bytesOut"]) == (200, "ERROR", len(body))
    assert first["error"] == kind.lower()


def mute(wire: Wire) -> None:
    wire.linger(PATIENCE_SECONDS)


BOTH = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("script", "seconds", "status", "words"),
    [
        (once(b"SSH-2.0\r\n\r\n"), (30, 30), 502, "malformed"),
        (once(b""), (30, 30), 502, "without an answer"),
        (once(BOTH), (30, 30), 502, "malformed"),
        (once(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 17000 + b"\r\n\r\n"), (30, 30), 502, "16 KB"),
        # No answer in the time of the route, or in the time that Lambda leaves.
        (mute, (1, 30), 504, "in time"),
        (mute, (900, 1), 504, "in time"),
        (None, (30, 30), 502, "refuses connections"),
    ],
)
def test_what_fails_before_is_an_answer(
    serve: Serve,
    lambda_api: LambdaApi,
    start: Start,
    script: Script | None,
    seconds: tuple[int, float],
    status: int,
    words: str,
) -> None:
    route, lambda_api.timeout_seconds = seconds
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    start(serve(script).url if script else f"http://127.0.0.1:{port}")
    got = lambda_api.streamed(streaming(call("POST"), f"ANY:/~proxy={route}"))
    assert (got.status, got.error) == (status, None)
    assert words in got.body.decode()


def test_a_request_that_may_not_pass(serve: Serve, lambda_api: LambdaApi, start: Start) -> None:
    backend = serve(answering(response()))
    start(backend.url, WEBHOOK_SECRET="hush")
    assert lambda_api.streamed(streaming(call("POST", body="{}"))).status == 401
    assert lambda_api.streamed(streaming(call(path="/../.."))).status in (400, 401)
    assert lambda_api.streamed(streaming({"httpMethod": 7})).status == 400
    assert backend.requests == []


@pytest.mark.parametrize("silent", [True, False])
@pytest.mark.parametrize("reset", [True, False])
def test_a_client_that_goes_away_costs_one_stream(
    serve: Serve, lambda_api: LambdaApi, start: Start, silent: bool, reset: bool
) -> None:
    stopped = threading.Event()

    def endless(wire: Wire) -> None:
        wire.request()
        wire.send(CHUNKED + chunk(b"begun"))
        if silent:
            assert wire.linger(PATIENCE_SECONDS)
        else:
            try:
                while True:
                    wire.send(chunk(bytes(65536)))
            except OSError:
                pass
        stopped.set()

    def hang_up(connected: socket.socket, post: Post) -> bool:
        if reset:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connected.close()
        return True

    runtime = start(serve(endless, answering(response(b"next"))).url)
    lambda_api.on_response = hang_up
    lambda_api.invoke(streaming(call()))
    assert stopped.wait(PATIENCE_SECONDS)
    lambda_api.on_response = None
    assert lambda_api.streamed(streaming(call())).body == b"next"
    assert runtime.lines(2)[0]["error"] == "client-gone"


def test_a_client_that_takes_nothing_is_waited_for_no_longer_than_the_stream_may_last(
    serve: Serve, lambda_api: LambdaApi, start: Start
) -> None:
    def endless(wire: Wire) -> None:
        wire.request()
        wire.send(CHUNKED)
        while True:
            wire.send(chunk(bytes(65536)))

    lambda_api.on_response = lambda connected, post: True
    runtime = start(serve(endless, answering(response(b"next"))).url)
    lambda_api.invoke(streaming(call(), "GET:/~proxy=1"))
    assert runtime.lines(1)[0]["error"] == "client-slow"
    lambda_api.on_response = None
    assert lambda_api.streamed(streaming(call())).body == b"next"


def test_lambda_may_refuse_a_response(serve: Serve, lambda_api: LambdaApi, start: Start) -> None:
    lambda_api.status = 413
    runtime = start(serve(answering(response())).url)
    lambda_api.buffered(call())
    assert "413" in runtime.lines(2)[1]["message"]
    lambda_api.streamed(streaming(call()))
    assert runtime.lines(3)[2]["error"] == "response-refused"
    lambda_api.status = 202
    assert lambda_api.buffered(call())["body"] == "ok"


def test_a_connection_that_lambda_closed_while_the_backend_thought_is_replaced(
    serve: Serve, lambda_api: LambdaApi, start: Start
) -> None:
    def script(wire: Wire) -> None:
        while wire.request():
            lambda_api.close_idle()
            wire.send(response(b"late"))

    start(serve(script).url)
    for _ in range(3):
        assert lambda_api.streamed(streaming(call())).body == b"late"


@pytest.mark.parametrize("payload", [b"", b"{", b"\xff", b'{"a": 1}}'])
def test_an_event_that_is_no_json_is_an_error(
    serve: Serve, lambda_api: LambdaApi, start: Start, payload: bytes
) -> None:
    start(serve(answering(response())).url)
    post = lambda_api.invoke(payload)
    assert post.target == "/2018-06-01/runtime/invocation/request-1/error"
    assert post.headers["lambda-runtime-function-error-type"] == "Runtime.UnmarshalError"
    assert b'"errorType": "Runtime.UnmarshalError"' in post.body()
    for nobodys in (b"null", b"[]", b"7", b'"x"', b"{}"):
        assert b'"statusCode": 400' in lambda_api.invoke(nobodys).body()
    assert lambda_api.buffered(call())["body"] == "ok"


def test_a_mistake_in_the_environment_is_an_init_error(lambda_api: LambdaApi, start: Start) -> None:
    runtime = start("ftp://backend.invalid")
    post = lambda_api.post()
    assert post.target == "/2018-06-01/runtime/init/error"
    assert post.headers["lambda-runtime-function-error-type"] == "Function.ConfigurationError"
    assert b"BACKEND_URL" in post.body()
    assert runtime.process.wait(PATIENCE_SECONDS) == 1
    (line,) = runtime.lines(1)
    assert "BACKEND_URL" in line["message"]
    # Without its own time Lambda counts a line as INFO, and drops it if the function logs less.
    # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
    assert (line["level"], datetime.fromisoformat(line["timestamp"]).utcoffset()) == ("ERROR", timedelta())


def test_without_a_runtime_api_the_process_ends(serve: Serve, lambda_api: LambdaApi, start: Start) -> None:
    runtime = start(serve(answering(response())).url)
    assert lambda_api.buffered(call())["body"] == "ok"
    lambda_api.waiting.wait(PATIENCE_SECONDS)
    lambda_api.close()
    assert runtime.process.wait(PATIENCE_SECONDS) == 1


def test_a_pause_ends_a_stream_and_what_moves_begins_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """API Gateway hangs up after five minutes of silence, and Lambda would be paid for until the end."""
    now = [1000.0]
    for module in (deadlines, streams):
        monkeypatch.setattr(module, "monotonic", lambda: now[0])
    patience = streams.Patience(900, 300, None)
    assert patience.remaining_seconds() == 300
    now[0] += 299
    assert patience.remaining_seconds() == 1
    patience.restart_pause()
    now[0] += 299
    assert patience.remaining_seconds() == 1
    now[0] += 1
    with pytest.raises(Refused) as paused:
        patience.remaining_seconds()
    assert paused.value.kind == "idle"
    patience.restart_pause()
    now[0] += 300
    patience.restart_pause()
    assert patience.remaining_seconds() == 1
    now[0] += 1
    with pytest.raises(Refused) as over:
        patience.remaining_seconds()
    assert over.value.kind == "timeout"


def test_a_stream_connects_within_the_backends_timeout(lambda_api: LambdaApi, start: Start) -> None:
    with taking_no_connection() as url:
        start(url, TIMEOUT_SECONDS="0.3")
        assert lambda_api.streamed(streaming(call(), "ANY:/~proxy=900")).status == 504


def test_a_stream_may_begin_after_the_backends_timeout_and_a_whole_answer_may_not(
    serve: Serve, lambda_api: LambdaApi, start: Start
) -> None:
    def script(wire: Wire) -> None:
        while wire.request():
            time.sleep(0.6)
            wire.send(response(b"late"))

    start(serve(script).url, TIMEOUT_SECONDS="0.3")
    assert lambda_api.buffered(call())["statusCode"] == 504
    assert lambda_api.streamed(streaming(call())).body == b"late"


@pytest.mark.parametrize("secret", [{}, {"WEBHOOK_SECRET": ""}, {"WEBHOOK_SECRET": " "}])
def test_without_a_secret_no_call_reaches_the_backend(
    serve: Serve, lambda_api: LambdaApi, start: Start, secret: dict[str, str]
) -> None:
    backend = serve(answering(response()))
    runtime = start(backend.url, WEBHOOK_SCHEME="github", **secret)
    post = lambda_api.invoke(call("POST", body="{}"))
    assert post.target == "/2018-06-01/runtime/init/error"
    assert post.headers["lambda-runtime-function-error-type"] == "Function.ConfigurationError"
    assert b"WEBHOOK_SECRET" in post.body()
    assert runtime.process.wait(PATIENCE_SECONDS) == 1
    assert backend.connections == 0
