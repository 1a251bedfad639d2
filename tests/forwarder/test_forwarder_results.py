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
from forwarder.result import build_result
from tests.forwarder.loopback import CHUNKED, answering, chunk, response
from tests.forwarder.setting import Leaving, Serve, ask, call, event, fields_of, front, headers_of


def test_hop_by_hop_headers_of_an_answer_stay_behind(serve: Serve) -> None:
    fields = ("Connection: X-Hop, keep-alive", "X-Hop: 1", "Keep-Alive: timeout=5", "Proxy-Authenticate: Basic")
    more = ("Proxy-Status: x", "TE: trailers", "Trailer: X", "Upgrade: h2c", "WWW-Authenticate: Basic", "Date: today")
    backend = serve(answering(response(b"", *fields, *more)))
    found = ask(front(backend.url), call())["multiValueHeaders"]
    assert set(found) == {"Content-Length", "WWW-Authenticate", "Date"}


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("http_2", {"headers": {"Content-Type": "application/json"}}),
        ("http_1", {"multiValueHeaders": {"Content-Type": ["application/json"]}}),
        ("rest", {"multiValueHeaders": {"Content-Type": ["application/json"]}}),
    ],
)
def test_failures_have_the_shape_of_their_event(name: str, shape: dict[str, Any]) -> None:
    given, forwarder = event(name), front("http://backend.invalid")
    answer = ask(forwarder, given)
    assert json.loads(answer.pop("body"))["requestId"] == given["requestContext"]["requestId"]
    assert answer == {"statusCode": 502, "isBase64Encoded": False, **shape}
    head = ask(forwarder, call("HEAD"))
    assert (head["statusCode"], head["body"]) == (502, "")
    # Lambda's own ID stands in for the gateway's.
    assert json.loads(ask(forwarder, {}, Leaving(60_000))["body"])["requestId"] == "lambda-1"


def made(body: bytes, *pairs: tuple[str, str]) -> Any:
    return build_result(Answer(200, fields_of(*pairs), body), joined=True)


JSON = ("Content-Type", "application/json")


TEXTS = """
application/json application/problem+json application/ld+json application/x-ndjson application/json-seq application/xml
application/xml-dtd application/javascript application/ecmascript application/x-javascript application/yaml
application/x-yaml application/toml application/sql application/graphql image/svg+xml x/y+xml x/y+yaml
application/x-www-form-urlencoded
"""


@pytest.mark.parametrize(
    ("body", "fields", "is_text"),
    [
        *((b"x", [("Content-Type", name)], True) for name in [*TEXTS.split(), "text/x-any"]),
        *((b"x", [("Content-Type", f"{name}x/")], False) for name in TEXTS.split()),
        ("Zoë".encode(), [("content-type", "Text/HTML; charset=utf-8")], True),
        (b"plain", [], True),
        (b"", [("Content-Type", "image/png")], True),
        (b"plain", [("Content-Type", "application/octet-stream")], False),
        (b"plain", [("Content-Type", "image/png")], False),
        ("Zoë".encode("latin-1"), [("Content-Type", "text/html; charset=iso-8859-1")], False),
        (b"\xff\xfe", [], False),
        (b"\xed\xa0\x80", [JSON], False),
        (b"\xef\xbb\xbf{}", [JSON], True),
        (b"\x00\x1b", [JSON], True),
        *((b"{}", [JSON, ("Content-Encoding", coding)], False) for coding in ("gzip", "br", "identity, br")),
        # RFC 9110 5.6.1: empty members of a list do not count.
        *((b"{}", [JSON, ("content-encoding", coding)], True) for coding in ("", ", ,", "Identity", "Identity, ")),
    ],
)
def test_base64_only_when_it_must_be(body: bytes, fields: list[tuple[str, str]], is_text: bool) -> None:
    found = made(body, *fields)
    assert found["isBase64Encoded"] is not is_text
    assert (found["body"].encode() if is_text else base64.b64decode(found["body"], validate=True)) == body


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
        CHUNKED + chunk(bytes(65536)) + b"FFFFFFFF\r\n",
        CHUNKED + chunk(bytes(65536)) * 97,
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 5000000\r\n\r\n" + b"\xff" * 5_000_000,
    ],
    ids=["length", "huge length", "end", "huge chunk", "chunks", "base64"],
)
def test_too_large_an_answer_is_a_502_with_that_reason(serve: Serve, answer: bytes) -> None:
    found = ask(front(serve(answering(answer)).url), call())
    assert found["statusCode"] == 502
    assert "6 MB" in found["body"]


BACKEND = Backend("http://Backend.invalid:8080/base")


API = "https://api.example.com/live/forward"
THERE = "http://backend.invalid:8080"
API_ORIGIN = "https://api.example.com"


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        (f"{THERE}/base/x?y=1#z", f"{API}/x?y=1#z"),
        ("http://BACKEND.invalid:8080/base", API),
        ("HTTP://backend.invalid:8080/base/", f"{API}/"),
        ("https://backend.invalid/base/x", f"{API}/x"),
        ("//backend.invalid:8080/base/x", f"{API}/x"),
        ("http://user:pw@backend.invalid:8080/base/x", f"{API}/x"),
        (f"{THERE}/other", f"{API}/other"),
        (THERE, API),
        (f"{THERE}?x", f"{API}?x"),
        ("/base/x?y#z", "/live/forward/x?y#z"),
        ("/base", "/live/forward"),
        ("/login", "/live/forward/login"),
        ("/", "/live/forward/"),
        ("/live/forward/x", "/live/forward/x"),
        ("/live/forwards", "/live/forward/live/forwards"),
        ("https://api.example.com/login", f"{API}/login"),
        ("http://API.example.com:443/base/x", f"{API}/x"),
        (f"{API}/x", f"{API}/x"),
        *(
            (other, other)
            for other in (
                "http://backend.invalid.example.com/base/x",
                "http://other.invalid/http://backend.invalid:8080/",
                "https://api.example.com.evil.invalid/x",
                *("x", "../x", "?next=//backend.invalid/", "mailto:someone@backend.invalid", ""),
            )
        ),
    ],
)
def test_a_reference_to_the_backend_becomes_one_to_the_api(reference: str, found: str) -> None:
    assert Mount(BACKEND, "api.example.com", "/live/forward", rooted=True).rewrite_reference(reference) == found


LEFT = Mount(BACKEND, "api.example.com", "/live/forward", rooted=False)
PLAIN = Mount(Backend("http://backend.invalid"), "api.example.com", "", rooted=True)
NAMELESS = Mount(BACKEND, "", "", rooted=True)
IPV6 = Mount(Backend("http://[fd00::1]:8080"), "api.example.com", "", rooted=True)


@pytest.mark.parametrize(
    ("mount", "reference", "found"),
    [
        # Redirects can be left to the backend.
        *((LEFT, reference, reference) for reference in ("/login", "/base/x", "https://api.example.com/login")),
        (LEFT, f"{THERE}/base/x", f"{API}/x"),
        # Where nothing was taken off, nothing is put back.
        *((PLAIN, reference, reference) for reference in ("/login", "/", "/a?b")),
        (NAMELESS, f"{THERE}/base/x", "/x"),
        (NAMELESS, THERE, "/"),
        # A reference never becomes one to another host.
        (NAMELESS, f"{THERE}//evil.invalid/x", "/.//evil.invalid/x"),
        (NAMELESS, f"{THERE}/base//evil.invalid/x", "/.//evil.invalid/x"),
        (IPV6, "http://[FD00::1]:8080/x", "https://api.example.com/x"),
        (IPV6, "http://[fd00::2]/x", "http://[fd00::2]/x"),
    ],
)
def test_a_reference_in_other_settings(mount: Mount, reference: str, found: str) -> None:
    assert mount.rewrite_reference(reference) == found


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        (
            "link",
            f'<{THERE}/base/p?2>; rel="next", </p>; rel=last, <https://o.invalid/x>',
            f'<{API}/p?2>; rel="next", </live/forward/p>; rel=last, <https://o.invalid/x>',
        ),
        ("link", "no reference", "no reference"),
        ("refresh", f"5; url={THERE}/base/x", f"5; url={API}/x"),
        ("refresh", "0;URL='/base/x'", "0;URL='/live/forward/x'"),
        ("refresh", "5, /x", "5, /live/forward/x"),
        ("refresh", "5", "5"),
        ("service-worker-allowed", "/", "/live/forward/"),
        ("hx-push-url", "false", "false"),
        ("access-control-allow-origin", THERE, API_ORIGIN),
        ("access-control-allow-origin", "*", "*"),
        ("access-control-allow-origin", "null", "null"),
        ("access-control-allow-origin", "https://shop.invalid", "https://shop.invalid"),
        ("timing-allow-origin", f"{THERE}, https://shop.invalid", f"{API_ORIGIN}, https://shop.invalid"),
        (
            "content-security-policy",
            f"default-src 'self' {THERE} 'nonce-a/b=='; img-src backend.invalid:8080 data: https://o.invalid/base/;"
            f" script-src {THERE}/base/js/; connect-src ws://backend.invalid:8080; report-uri /csp {THERE}/base/csp",
            f"default-src 'self' {API_ORIGIN} 'nonce-a/b=='; img-src api.example.com data: https://o.invalid/base/;"
            f" script-src {API}/js/; connect-src wss://api.example.com; report-uri /live/forward/csp {API}/csp",
        ),
        ("content-security-policy-report-only", "frame-ancestors backend.invalid:*", "frame-ancestors api.example.com"),
        ("x-frame-options", f"ALLOW-FROM {THERE}/base/", f"ALLOW-FROM {API}/"),
        (
            "reporting-endpoints",
            f'main="{THERE}/base/r", other="/r", far="https://o.invalid/r"',
            f'main="{API}/r", other="/live/forward/r", far="https://o.invalid/r"',
        ),
        (
            "report-to",
            '{"group": "g", "endpoints": [{"url": "/r"}]}',
            '{"group": "g", "endpoints": [{"url": "/live/forward/r"}]}',
        ),
        ("www-authenticate", f'Bearer realm="{THERE}/token",service="r"', f'Bearer realm="{API}/token",service="r"'),
        ("www-authenticate", 'Digest realm="/admin", nonce="x"', 'Digest realm="/admin", nonce="x"'),
    ],
)
def test_no_header_names_the_backend(name: str, value: str, found: str) -> None:
    assert Mount(BACKEND, "api.example.com", "/live/forward", rooted=True).rewrite_value(name, value) == found


@pytest.mark.parametrize(
    ("cookie", "found"),
    [
        ("s=1; Path=/shop; HttpOnly", "s=1; Path=/live/forward/shop; HttpOnly"),
        ("s=1; path=/base/shop", "s=1; path=/live/forward/shop"),
        # Without a slash at the end, the browser also sends it to the prefix itself.
        ("s=1; Path=/", "s=1; Path=/live/forward"),
        ("s=1;Path=/base", "s=1;Path=/live/forward"),
        ("s=1; Path=/base/", "s=1; Path=/live/forward"),
        # A backend that reads X-Forwarded-Prefix has added it.
        ("s=1; Path=/live/forward/shop", "s=1; Path=/live/forward/shop"),
        # No path: the browser takes the request's.
        *((same, same) for same in ("s=1", "s=1; Path=; Secure", "s=1; Path=shop", "s=/shop; Max-Age=0", "")),
        # Browsers refuse it with another path.
        *((same, same) for same in ("__Host-s=1; Path=/; Secure", "__host-s=1; Path=/; Secure")),
        ("__Secure-s=1; Path=/; Secure", "__Secure-s=1; Path=/live/forward; Secure"),
        *(
            (f"s=1; Domain={domain}; Secure", "s=1; Secure")
            for domain in (
                "backend.invalid",
                ".BACKEND.invalid",
                "invalid",
                "10.0.0.10",
                "localhost",
                "a.internal",
                "[fd00::1]",
            )
        ),
        *(
            (f"s=1; Domain={domain}; Secure",) * 2
            for domain in ("example.com", ".example.com", "api.example.com", "shop.example.org", "end.invalid")
        ),
    ],
)
def test_a_cookie_is_one_that_browsers_send_back(cookie: str, found: str) -> None:
    assert Mount(BACKEND, "api.example.com", "/live/forward", rooted=True).rewrite_value("set-cookie", cookie) == found


def test_a_cookie_in_other_settings() -> None:
    """Redirects that are left to the backend leave it the paths; a private domain is of use to nobody."""
    assert LEFT.rewrite_value("set-cookie", "s=1; Path=/shop; Domain=10.0.0.10") == "s=1; Path=/shop"
    assert PLAIN.rewrite_value("set-cookie", "s=1; Path=/; Domain=10.0.0.10") == "s=1; Path=/"
    assert NAMELESS.rewrite_value("content-security-policy", f"img-src {THERE}/x") == "img-src 'self'"
    # The end of a name is no domain above it.
    private = Mount(BACKEND, "api.example.internal", "/live", rooted=True)
    for domain, kept in (("ample.internal", ""), ("example.internal", "; Domain=example.internal")):
        assert private.rewrite_value("set-cookie", f"s=1; Domain={domain}") == f"s=1{kept}"
    deep = Mount(Backend("http://backend.invalid/a/b"), "api.example.com", "/live", rooted=True)
    assert deep.rewrite_value("set-cookie", "s=1; Path=/a") == "s=1; Path=/live"


@pytest.mark.parametrize("name", ["rest", "http_2", "http_1"])
def test_each_cookie_of_an_answer_is_rewritten(serve: Serve, name: str) -> None:
    cookies = ("Set-Cookie: a=1; Path=/shop", "Set-Cookie: b=2; Domain=127.0.0.1; Path=/")
    backend = serve(answering(response(b"", *cookies)))
    got = ask(front(backend.url), event(name))
    found = got.get("cookies") or got["multiValueHeaders"]["Set-Cookie"]
    assert found == ["a=1; Path=/live/shop", "b=2; Path=/live"]


def test_every_header_that_is_a_reference_is_looked_at_and_no_other(serve: Serve) -> None:
    backend = serve(answering(b""))
    there, public = f"{backend.url}/next", "https://api.example.com/live/next"
    links = (f"Link: <{there}>", f"link: <{there}/2>")
    backend.scripts[0] = answering(
        response(b"", f"LOCATION: {there}", f"Content-Location: {there}", *links, f"X-Other: {there}")
    )
    assert ask(front(backend.url), call(host="api.example.com"))["multiValueHeaders"] == {
        "Content-Length": ["0"],
        "LOCATION": [public],
        "Content-Location": [public],
        "Link": [f"<{public}>", f"<{public}/2>"],
        "X-Other": [there],
    }


@pytest.mark.parametrize(
    ("name", "prefix", "found"),
    [
        ("rest", "/forward", "https://abcde12345.execute-api.eu-west-1.amazonaws.com/live/forward/next"),
        ("rest", "", "https://abcde12345.execute-api.eu-west-1.amazonaws.com/live/next"),
        ("rest_custom_domain", "/forward", "https://api.example.com/v1/forward/next"),
        ("http_2", "/forward", "https://fghij67890.execute-api.eu-west-1.amazonaws.com/live/forward/next"),
        ("http_1", "/forward", "https://fghij67890.execute-api.eu-west-1.amazonaws.com/live/forward/next"),
        ("function_url", "", "https://klmno.lambda-url.eu-west-1.on.aws/next"),
    ],
)
def test_a_redirect_leads_back_through_stage_and_prefix(serve: Serve, name: str, prefix: str, found: str) -> None:
    backend = serve(answering(b""))
    backend.scripts[0] = answering(response(b"", f"Location: {backend.url}/base/next", status="302 Found"))
    got = ask(front(f"{backend.url}/base", STRIP_PREFIX=prefix), event(name))
    assert (got["statusCode"], headers_of(got)["Location"]) == (302, found)
