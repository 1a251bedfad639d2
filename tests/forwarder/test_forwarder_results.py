"""How an answer is put for Lambda: shape, text or base64, size, and references to the backend."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forwarder import result as results
from forwarder.answer import MOST_BYTES, Answer
from forwarder.configuration import Backend
from forwarder.location import Mount
from forwarder.refusal import Refused
from forwarder.result import result
from tests.forwarder.loopback import answering, response
from tests.forwarder.setting import Serve, ask, call, event, fields_of, front

SEVERAL = response(b"ok", "X-A: 1", "Set-Cookie: a=1, b", "x-a: 2", "set-cookie: b=2; Path=/", "X-B: 3", "Vary: A, B")


def test_version_1_gives_every_value_by_name(serve: Serve) -> None:
    assert ask(front(serve(answering(SEVERAL)).url), call()) == {
        "statusCode": 200,
        "multiValueHeaders": {
            "Content-Length": ["2"],
            "X-A": ["1", "2"],
            "Set-Cookie": ["a=1, b", "b=2; Path=/"],
            "X-B": ["3"],
            "Vary": ["A, B"],
        },
        "body": "ok",
        "isBase64Encoded": False,
    }


def test_values_lose_the_white_space_around_them_and_nothing_else(serve: Serve) -> None:
    answer = ask(front(serve(answering(response(b"", "X-X:\t XaX  ", "X-Y:b: c", "X-Z:"))).url), call())
    assert answer["multiValueHeaders"] == {"Content-Length": ["0"], "X-X": ["XaX"], "X-Y": ["b: c"], "X-Z": [""]}


def test_http_apis_with_payload_1_get_version_1(serve: Serve) -> None:
    given = event("http_1_named_stage")
    assert "multiValueHeaders" in ask(front(serve(answering(SEVERAL)).url), given)


def test_version_2_joins_values_and_keeps_cookies_apart(serve: Serve) -> None:
    given = event("http_2_default_stage_form")
    assert ask(front(serve(answering(SEVERAL)).url), given) == {
        "statusCode": 200,
        "headers": {"Content-Length": "2", "X-A": "1, 2", "X-B": "3", "Vary": "A, B"},
        "cookies": ["a=1, b", "b=2; Path=/"],
        "body": "ok",
        "isBase64Encoded": False,
    }


def test_hop_by_hop_headers_of_an_answer_stay_behind(serve: Serve) -> None:
    fields = ("Connection: X-Hop, keep-alive", "X-Hop: 1", "Keep-Alive: timeout=5", "Proxy-Authenticate: Basic")
    more = ("Proxy-Status: x", "TE: trailers", "Trailer: X", "Upgrade: h2c", "WWW-Authenticate: Basic", "Date: today")
    backend = serve(answering(response(b"", *fields, *more)))
    found = ask(front(backend.url), call())["multiValueHeaders"]
    assert set(found) == {"Content-Length", "WWW-Authenticate", "Date"}


@pytest.mark.parametrize("version_2", [True, False])
def test_failures_have_the_shape_of_their_event(version_2: bool) -> None:
    given = event("http_2_default_stage_form") if version_2 else event("rest")
    answer = ask(front("http://backend.invalid", TIMEOUT_SECONDS="3"), given)
    assert answer["statusCode"] == 502
    assert json.loads(answer["body"])["requestId"] == given["requestContext"]["requestId"]
    if version_2:
        assert answer["headers"] == {"Content-Type": "application/json"}
    else:
        assert answer["multiValueHeaders"] == {"Content-Type": ["application/json"]}


def test_a_failure_of_head_has_no_body() -> None:
    answer = ask(front("http://backend.invalid", TIMEOUT_SECONDS="3"), call("HEAD"))
    assert (answer["statusCode"], answer["body"]) == (502, "")


def test_lambdas_own_id_stands_in_for_the_gateways() -> None:
    class Context:
        aws_request_id = "lambda-1"

    answer = ask(front("http://backend.invalid"), {}, Context())
    assert json.loads(answer["body"])["requestId"] == "lambda-1"


def made(body: bytes, *pairs: tuple[str, str]) -> Any:
    return result(Answer(200, fields_of(*pairs), body), joined=True)


JSON = ("Content-Type", "application/json")


@pytest.mark.parametrize(
    ("body", "fields", "is_text"),
    [
        (b"{}", [JSON], True),
        ("Zoë".encode(), [("content-type", "Text/HTML; charset=utf-8")], True),
        (b"{}", [("Content-Type", "application/problem+json")], True),
        (b"<a/>", [("Content-Type", "image/svg+xml")], True),
        (b"a=1", [("Content-Type", "application/x-www-form-urlencoded")], True),
        (b"plain", [], True),
        (b"", [("Content-Type", "image/png")], True),
        (b"plain", [("Content-Type", "application/octet-stream")], False),
        (b"plain", [("Content-Type", "image/png")], False),
        ("Zoë".encode("latin-1"), [("Content-Type", "text/html; charset=iso-8859-1")], False),
        (b"\xff\xfe", [], False),
        (b"{}", [JSON, ("Content-Encoding", "gzip")], False),
        (b"{}", [JSON, ("content-encoding", "br")], False),
        (b"{}", [JSON, ("Content-Encoding", "Identity")], True),
        (b"\xed\xa0\x80", [JSON], False),
        (b"\xef\xbb\xbf{}", [JSON], True),
        (b"\x00\x1b", [JSON], True),
    ],
)
def test_base64_only_when_it_must_be(body: bytes, fields: list[tuple[str, str]], is_text: bool) -> None:
    found = made(body, *fields)
    assert found["isBase64Encoded"] is not is_text
    assert (found["body"].encode() if is_text else base64.b64decode(found["body"], validate=True)) == body


TEXTS = "json ld+json x-ndjson json-seq xml xml-dtd javascript ecmascript x-javascript yaml x-yaml toml sql graphql"


@pytest.mark.parametrize(
    "name", [*(f"application/{kind}" for kind in TEXTS.split()), "text/x-any", "x/y+xml", "x/y+yaml"]
)
def test_text_by_its_many_names(name: str) -> None:
    assert made(b"x", ("Content-Type", name))["isBase64Encoded"] is False
    assert made(b"x", ("Content-Type", f"{name}x/"))["isBase64Encoded"] is not name.startswith("text/")


@given(st.binary(), st.sampled_from(["text/plain", "image/png", "application/json"]))
def test_every_body_comes_back_exactly(body: bytes, kind: str) -> None:
    found = made(body, ("Content-Type", kind))
    assert (base64.b64decode(found["body"]) if found["isBase64Encoded"] else found["body"].encode()) == body


ROOM = MOST_BYTES - len(json.dumps({"statusCode": 200, "headers": dict([JSON]), "body": "", "isBase64Encoded": False}))


# A megabyte in a parameter would be in the test's name.
@pytest.mark.parametrize(
    ("parts", "is_text"),
    [
        ([("x", ROOM)], True),
        ([('"', ROOM // 2)], True),
        ([("\x00", ROOM // 6)], True),
        ([("é", ROOM // 6)], True),
        ([("😀", ROOM // 12)], True),
        ([('"', ROOM // 2 + 1)], False),
        ([("\x00", ROOM // 6 + 1)], False),
        ([("é", ROOM // 6 + 1)], False),
        ([(b"\xff", ROOM // 4 * 3)], False),
        ([("x", 3_000_000), ("\x00", 600_000)], False),
        ([("\x00", 500_000), ("x", 3_200_000)], True),
    ],
)
def test_an_answer_that_lambda_just_takes(parts: list[tuple[str | bytes, int]], is_text: bool) -> None:
    body = b"".join((part.encode() if isinstance(part, str) else part) * count for part, count in parts)
    found = made(body, JSON)
    assert found["isBase64Encoded"] is not is_text
    assert len(json.dumps(found)) <= MOST_BYTES


@pytest.mark.parametrize(
    ("part", "count"),
    [(b"x", ROOM + 1), (b"\xff", ROOM // 4 * 3 + 1), (b'"', ROOM // 4 * 3 + 1), ("é".encode(), 2_400_000)],
)
def test_an_answer_past_what_lambda_takes(part: bytes, count: int) -> None:
    with pytest.raises(Refused, match="6 MB") as refused:
        made(part * count, JSON)
    assert refused.value.status == 502


def test_where_the_runtime_writes_utf_8_it_is_counted_so(monkeypatch: pytest.MonkeyPatch) -> None:
    body = "é".encode() * 3_000_000
    with pytest.raises(Refused):
        made(body, JSON)
    monkeypatch.setattr(results, "WRITES_ASCII", False)
    assert made(body, JSON)["isBase64Encoded"] is False
    with pytest.raises(Refused):
        made("é".encode() * (ROOM // 2 + 1), JSON)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 6291457\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 6_300_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"10000\r\n"
        + b"x" * 65536
        + b"\r\n"
        + b"FFFFFFFF\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"10000\r\n" + b"x" * 65536 + b"\r\n") * 97,
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 5000000\r\n\r\n" + b"\xff" * 5_000_000,
    ],
    ids=["length", "huge length", "end", "huge chunk", "chunks", "base64"],
)
def test_too_large_an_answer_is_a_502_with_that_reason(serve: Serve, answer: bytes) -> None:
    found = ask(front(serve(answering(answer)).url, TIMEOUT_SECONDS="5"), call())
    assert found["statusCode"] == 502
    assert "6 MB" in found["body"]


BACKEND = Backend("http://Backend.invalid:8080/base")


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("http://backend.invalid:8080/base/x?y=1#z", "https://api.example.com/live/forward/x?y=1#z"),
        ("http://BACKEND.invalid:8080/base", "https://api.example.com/live/forward"),
        ("HTTP://backend.invalid:8080/base/", "https://api.example.com/live/forward/"),
        ("https://backend.invalid/base/x", "https://api.example.com/live/forward/x"),
        ("//backend.invalid:8080/base/x", "https://api.example.com/live/forward/x"),
        ("http://user:pw@backend.invalid:8080/base/x", "https://api.example.com/live/forward/x"),
        ("http://backend.invalid:8080/other", "https://api.example.com/live/forward/other"),
        ("http://backend.invalid:8080", "https://api.example.com/live/forward"),
        ("http://backend.invalid:8080?x", "https://api.example.com/live/forward?x"),
        ("http://backend.invalid.example.com/base/x", "http://backend.invalid.example.com/base/x"),
        ("http://other.invalid/http://backend.invalid:8080/", "http://other.invalid/http://backend.invalid:8080/"),
        ("/base/x", "/live/forward/x"),
        ("/base/x?y#z", "/live/forward/x?y#z"),
        ("/base", "/live/forward"),
        ("/login", "/live/forward/login"),
        ("/", "/live/forward/"),
        ("/live/forward/x", "/live/forward/x"),
        ("/live/forwards", "/live/forward/live/forwards"),
        ("https://api.example.com/login", "https://api.example.com/live/forward/login"),
        ("http://API.example.com:443/base/x", "https://api.example.com/live/forward/x"),
        ("https://api.example.com/live/forward/x", "https://api.example.com/live/forward/x"),
        ("https://api.example.com.evil.invalid/x", "https://api.example.com.evil.invalid/x"),
        ("x", "x"),
        ("../x", "../x"),
        ("?next=//backend.invalid/", "?next=//backend.invalid/"),
        ("mailto:someone@backend.invalid", "mailto:someone@backend.invalid"),
        ("", ""),
    ],
)
def test_a_reference_to_the_backend_becomes_one_to_the_api(reference: str, found: str) -> None:
    assert Mount(BACKEND, "api.example.com", "/live/forward", rooted=True).public(reference) == found


@pytest.mark.parametrize("reference", ["/login", "/base/x", "https://api.example.com/login"])
def test_redirects_can_be_left_to_the_backend(reference: str) -> None:
    mount = Mount(BACKEND, "api.example.com", "/live/forward", rooted=False)
    assert mount.public(reference) == reference
    assert mount.public("http://backend.invalid:8080/base/x") == "https://api.example.com/live/forward/x"


@pytest.mark.parametrize("reference", ["/login", "/", "/a?b"])
def test_where_nothing_was_taken_off_nothing_is_put_back(reference: str) -> None:
    assert Mount(Backend("http://backend.invalid"), "api.example.com", "", rooted=True).public(reference) == reference


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        (
            "link",
            '<http://backend.invalid:8080/base/p?2>; rel="next", </p>; rel=last, <https://o.invalid/x>',
            '<https://api.example.com/live/p?2>; rel="next", </live/p>; rel=last, <https://o.invalid/x>',
        ),
        ("link", "no reference", "no reference"),
        ("refresh", "5; url=http://backend.invalid:8080/base/x", "5; url=https://api.example.com/live/x"),
        ("refresh", "0;URL='/base/x'", "0;URL='/live/x'"),
        ("refresh", "5, /x", "5, /live/x"),
        ("refresh", "5", "5"),
    ],
)
def test_links_and_refreshes_name_no_backend(name: str, value: str, found: str) -> None:
    assert Mount(BACKEND, "api.example.com", "/live", rooted=True).value(name, value) == found


def test_without_a_name_for_the_api_a_reference_keeps_its_path() -> None:
    mount = Mount(BACKEND, "", "", rooted=True)
    assert mount.public("http://backend.invalid:8080/base/x") == "/x"
    assert mount.public("http://backend.invalid:8080") == "/"


def test_a_backend_with_an_ipv6_address_is_known_by_it() -> None:
    mount = Mount(Backend("http://[fd00::1]:8080"), "api.example.com", "", rooted=True)
    assert mount.public("http://[FD00::1]:8080/x") == "https://api.example.com/x"
    assert mount.public("http://[fd00::2]/x") == "http://[fd00::2]/x"


def test_every_header_that_is_a_reference_is_looked_at_and_no_other(serve: Serve) -> None:
    backend = serve(answering(b""))
    there = f"{backend.url}/next"
    backend.scripts[0] = answering(
        response(
            b"",
            f"LOCATION: {there}",
            f"Content-Location: {there}",
            f"Link: <{there}>",
            f"link: <{there}/2>",
            f"X-Other: {there}",
        )
    )
    found = ask(front(backend.url), call(host="api.example.com"))["multiValueHeaders"]
    assert found["LOCATION"] == found["Content-Location"] == ["https://api.example.com/live/next"]
    assert found["Link"] == ["<https://api.example.com/live/next>", "<https://api.example.com/live/next/2>"]
    assert found["X-Other"] == [there]


@pytest.mark.parametrize(
    ("name", "prefix", "found"),
    [
        ("rest", "/forward", "https://abcde12345.execute-api.eu-west-1.amazonaws.com/live/forward/next"),
        ("rest", "", "https://abcde12345.execute-api.eu-west-1.amazonaws.com/live/next"),
        ("rest_custom_domain", "/forward", "https://api.example.com/v1/forward/next"),
        ("http_2_named_stage", "/forward", "https://abcde12345.execute-api.eu-west-1.amazonaws.com/live/forward/next"),
        ("http_2_default_stage_form", "", "https://abcde12345.execute-api.eu-west-1.amazonaws.com/next"),
        ("http_1_named_stage", "/forward", "https://abcde12345.execute-api.eu-west-1.amazonaws.com/live/forward/next"),
    ],
)
def test_a_redirect_leads_back_through_stage_and_prefix(serve: Serve, name: str, prefix: str, found: str) -> None:
    backend = serve(answering(b""))
    backend.scripts[0] = answering(response(b"", f"Location: {backend.url}/base/next", status="302 Found"))
    got = ask(front(f"{backend.url}/base", STRIP_PREFIX=prefix), event(name))
    fields = got.get("headers") or {key: value[0] for key, value in got["multiValueHeaders"].items()}
    assert (got["statusCode"], fields["Location"]) == (302, found)


def test_the_root_of_a_rest_stage_is_its_mount(serve: Serve) -> None:
    backend = serve(answering(b""))
    backend.scripts[0] = answering(response(b"", f"Location: {backend.url}/next", status="302 Found"))
    found = ask(front(backend.url), call(path="/", host="api.example.com"))["multiValueHeaders"]
    assert found["Location"] == ["https://api.example.com/live/next"]
