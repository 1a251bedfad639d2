"""The line that each request leaves, and what is never in it."""

import io
import json
import re
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from tests.forwarder.loopback import answering, response
from tests.forwarder.setting import Serve, ask, call, event, front


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("name", "request_id", "route"),
    [
        ("http_2", "ATfSmjLgPHcESJw=", "PATCH /forward/{proxy+}"),
        ("rest", "7c2af7db-31f3-42b5-8a6d-9ffc74e3b9e0", "/forward/{proxy+}"),
    ],
)
def test_one_line_tells_what_happened(
    serve: Serve, name: str, request_id: str, route: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = event(name)
    given["headers"]["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    ask(front(serve(answering(response(b"answer"))).url), given)
    (line,) = lines(capsys)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("timestamp"))
    assert line.pop("backendMilliseconds") > 0
    assert line == {
        "level": "INFO",
        "requestId": request_id,
        "trace": "0af7651916cd43dd8448eb211c80319c",
        "method": "PATCH",
        "route": route,
        "status": 200,
        "bytesIn": 4,
        "bytesOut": 6,
    }


def test_each_line_has_its_own_time(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    forwarder = front(serve(answering(response())).url)
    before, after = ("2000-02-28T23:59:59.250Z", 951782399.25), ("2000-02-29T00:00:00.000Z", 951782400.0)
    for text, now in (before, ("2000-02-28T23:59:59.750Z", 951782399.75), after, before):
        monkeypatch.setattr("forwarder.log_line.time", lambda now=now: now)
        ask(forwarder, call())
        assert lines(capsys)[0]["timestamp"] == text


def test_no_text_of_the_event_breaks_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    # A caller of a REST API can choose the request ID.
    forged = 'x"}\n{"level": "ERROR", "requestId": "\\\ud800'
    given = call("G\ud800")
    given["requestContext"] |= {"requestId": forged, "resourcePath": forged}
    ask(front("http://backend.invalid"), given)
    (line,) = lines(capsys)
    assert (line["requestId"], line["route"], line["level"]) == (forged, forged, "WARN")


def test_no_content_is_in_it(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    hidden = "hush-hush"
    given = event("rest") | {"path": f"/forward/{hidden}", "body": hidden, "isBase64Encoded": False}
    given["multiValueQueryStringParameters"] = {hidden: [hidden]}
    given["multiValueHeaders"]["Authorization"] = [hidden]
    backend = serve(answering(response(hidden.encode(), f"X-Hidden: {hidden}")))
    for variables in ({}, {"WEBHOOK_SECRET": hidden}):
        ask(front(backend.url, **variables), given)
    said = capsys.readouterr().out
    assert said.count("\n") == 2
    assert hidden not in said


def test_a_call_that_keeps_the_function_warm_leaves_no_line(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    backend = serve(answering(response()))
    ask(front(backend.url, LOG_LEVEL="DEBUG"), {})
    assert (lines(capsys), backend.connections) == ([], 0)
    ask(front(backend.url), {"version": "2.0"})
    assert [line["level"] for line in lines(capsys)] == ["WARN"]


@pytest.mark.parametrize("trace", ["junk", "00-" + "z" * 32 + "-b7ad6b7169203331-01", "00-" + "0" * 31 + "-b-01", "00"])
def test_what_is_no_trace_is_not_in_it(serve: Serve, trace: str, capsys: pytest.CaptureFixture[str]) -> None:
    backend = serve(answering(response()))
    ask(front(backend.url), call(traceparent=trace))
    assert "trace" not in lines(capsys)[0]
    assert backend.requests[0].values("traceparent") == [trace]


@pytest.mark.parametrize(
    ("given", "variables", "level", "kind"),
    [
        (call(path="//x"), {}, "WARN", "bad-request"),
        (call(), {"WEBHOOK_SECRET": "x"}, "WARN", "signature"),
        (call(), {}, "ERROR", "dns"),
    ],
)
def test_a_failure_has_its_kind(
    given: Any, variables: dict[str, str], level: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(front("http://backend.invalid", **variables), given)
    (line,) = lines(capsys)
    assert (line["level"], line["error"]) == (level, kind)
    assert ("backendMilliseconds" in line) is (kind == "dns")


@pytest.mark.parametrize(("level", "first"), [("DEBUG", 0), ("INFO", 0), ("WARNING", 1), ("ERROR", 2), ("CRITICAL", 3)])
def test_the_level_decides_which_lines_there_are(
    serve: Serve, level: str, first: int, capsys: pytest.CaptureFixture[str]
) -> None:
    forwarder = front(serve(answering(response(), b"garbage\r\n\r\n")).url, LOG_LEVEL=level)
    for path in ("/", "//x", "/"):
        ask(forwarder, call(path=path))
    assert [line["level"] for line in lines(capsys)] == ["INFO", "WARN", "ERROR"][first:]


def test_what_nobody_thought_of_is_an_answer_and_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("forwarder.reverse_proxy.build_outgoing", lambda *_: 1 / 0)
    result = ask(front("http://backend.invalid"), call())
    assert result["statusCode"] == 500
    assert "division" not in result["body"]
    assert lines(capsys)[0]["error"] == "internal: ZeroDivisionError"


def test_a_line_is_one_piece_and_a_log_that_takes_nothing_changes_no_answer(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces: list[str] = []
    forwarder = front(serve(answering(response())).url)
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(write=pieces.append, flush=lambda: None))
    ask(forwarder, call())
    assert [piece.endswith("}\n") for piece in pieces] == [True]
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    assert ask(forwarder, call())["statusCode"] == 200
