"""Whatever the event and whatever the answer: it never raises, sends nothing malformed and discloses no address."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forwarder import event as events
from forwarder.configuration import Backend, Configuration
from forwarder.refusal import Refused
from forwarder.request import build_outgoing
from forwarder.reverse_proxy import ReverseProxy
from tests.forwarder.loopback import Loopback, Wire
from tests.forwarder.setting import event

NASTY = ["", " ", "\t", "\r\n", "\r\nHost: evil.invalid\r\n\r\n", "\x00", "é", "€", "\ud800"]
PLAINLY_NASTY = r"""
/ //evil.invalid .. %2e%2e \ @evil.invalid http://evil.invalid/ ? # % %zz /forward /live ; : , /;/../admin
%5c..%5c.. %2f..%2F /..
"""
NAMES = """
Host host Connection connection Content-Length Transfer-Encoding X-Forwarded-For Cookie X_Forwarded_For Forwarded
X-Forwarded-Prefix x_authenticated.userid X-Real-IP X-Real_IP Upgrade Expect TE X-Tag Content-Type X-Forwarded-Host
X-Request-Id Trailer
"""

texts = st.lists(st.sampled_from([*NASTY, *PLAINLY_NASTY.split()]) | st.text(max_size=6), max_size=5).map("".join)
paths = texts | texts.map(lambda text: f"/{text}") | texts.map(lambda text: f"/live/forward/{text}")
names = st.sampled_from(NAMES.split()) | texts
values = texts | st.sampled_from(["chunked", "close", "x-tag", "100-continue", "5", "a, b", "203.0.113.9"])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
sources = texts | st.ip_addresses().map(str)
methods = st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]) | texts
bodies = st.none() | texts | st.binary(max_size=20).map(lambda data: data.hex())


@st.composite
def version_1(draw: st.DrawFn) -> dict[str, Any]:
    path = draw(paths)
    found = {
        "httpMethod": draw(methods),
        "path": path,
        "multiValueHeaders": draw(st.none() | st.dictionaries(names, st.lists(values, max_size=3), max_size=5)),
        "headers": draw(st.none() | st.dictionaries(names, values, max_size=5)),
        "multiValueQueryStringParameters": draw(
            st.none() | st.dictionaries(texts, st.lists(texts, max_size=3), max_size=3)
        ),
        "requestContext": {
            "path": draw(st.sampled_from([path, f"/live{path}"]) | paths),
            "stage": "live",
            "requestId": draw(texts),
            "domainName": draw(texts),
            "identity": {"sourceIp": draw(sources)},
        },
        "body": draw(bodies),
        "isBase64Encoded": draw(st.booleans()),
    }
    if draw(st.booleans()):
        found["version"] = "1.0"
    return found


@st.composite
def version_2(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "version": "2.0",
        "rawPath": draw(paths),
        "rawQueryString": draw(texts),
        "cookies": draw(st.lists(texts, max_size=3)),
        "headers": draw(st.dictionaries(names, values, max_size=5)),
        "requestContext": {
            "stage": draw(st.sampled_from(["live", "$default"])),
            "requestId": draw(texts),
            "domainName": draw(texts),
            "http": {"method": draw(methods), "sourceIp": draw(sources)},
        },
        "body": draw(bodies),
        "isBase64Encoded": draw(st.booleans()),
    }


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """A real event in which something, somewhere, is something else."""
    found = event(draw(st.sampled_from(["rest", "http_1", "http_2", "function_url"])))
    place = found
    while True:
        key = draw(st.sampled_from(sorted(place)))
        if not isinstance(place[key], dict) or not place[key] or draw(st.booleans()):
            place[key] = draw(anything)
            return found
        place = place[key]


requests = version_1() | version_2() | damaged()


def plain(name: str) -> str:
    """The name as CGI reads it."""
    return "".join(char if char.isalnum() else "-" for char in name.lower())


@given(requests, st.sampled_from(["", "/forward"]), st.sampled_from(["backend", "client"]))
def test_what_is_sent_is_well_formed_and_for_the_backend(given: Any, prefix: str, host: str) -> None:
    configuration = Configuration(
        {"BACKEND_URL": "http://backend.invalid/base", "STRIP_PREFIX": prefix, "FORWARD_HOST": host}
    )
    try:
        incoming = events.Incoming(given, events.request_id(events.read_context(given), None), identity=True)
        request = build_outgoing(incoming, configuration)
    except (Refused, UnicodeEncodeError):
        return
    server = h11.Connection(h11.SERVER)
    server.receive_data(request.head + request.body)
    head = server.next_event()
    assert isinstance(head, h11.Request)
    body = b""
    while isinstance(part := server.next_event(), h11.Data):
        body += part.data
    assert isinstance(part, h11.EndOfMessage)
    assert server.trailing_data == (b"", False)
    assert body == incoming.body
    assert head.method.decode() == incoming.method
    target = head.target.decode()
    assert target == "/base" or target.startswith(("/base/", "/base?"))
    fields = [(name.decode(), value.decode("latin-1")) for name, value in head.headers]
    hosts = [value for name, value in fields if name == "host"]
    assert hosts == [incoming.host if host == "client" and incoming.host else "backend.invalid"]
    assert not {"transfer-encoding", "connection", "upgrade", "te", "trailer"} & {name for name, _ in fields}
    forwarded = [value for name, value in fields if name == "x-forwarded-for"]
    assert len(forwarded) <= 1
    vouched = {plain(name) for name, _ in fields} & {"x-authenticated-userid", "x-real-ip", "x-forwarded-prefix"}
    assert all([plain(name) for name, _ in fields].count(name) == 1 for name in vouched)
    if "x-real-ip" in vouched:
        assert [value for name, value in fields if name == "x-real-ip"] == [incoming.source]
    assert "forwarded" not in {name for name, _ in fields}
    if incoming.source:
        assert forwarded[0].rpartition(",")[2].strip() == incoming.source


PLACE = "backend-with-a-secret-name.invalid:4321"


@given(requests | anything)
def test_no_event_makes_it_raise_or_tell_where_the_backend_is(given: Any) -> None:
    forwarder = ReverseProxy(Configuration({"BACKEND_URL": f"http://{PLACE}/hidden", "LOG_LEVEL": "CRITICAL"}))
    asked: list[tuple[str, int]] = []

    def no_address(backend: Backend, _: object) -> list[Any]:
        asked.append((backend.host, backend.port))
        return []

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("forwarder.dialer._find_addresses", no_address)
        result = forwarder.handle(given, None)
    assert set(asked) <= {("backend-with-a-secret-name.invalid", 4321)}
    assert result["statusCode"] in (400, 502)
    assert result["statusCode"] == 400 or asked
    written = json.dumps(result)
    assert "secret-name" not in written
    assert "4321" not in written or "4321" in json.dumps(given)
    assert "hidden" not in written


@pytest.fixture(scope="module")
def speaking() -> Iterator[tuple[Loopback, list[bytes]]]:
    """A backend that answers with what is put in the list."""
    said = [b""]

    def script(wire: Wire) -> None:
        wire.head()
        wire.send(said[0])

    backend = Loopback([script])
    yield backend, said
    backend.close()


PIECES = [b"HTTP/1.1 200 OK", b"HTTP/1.1 100 Continue", b"HTTP/1.0 204 No Content", b"\r\n", b"\n", b"\r\n\r\n", b"\r"]
PIECES += [
    b"Content-Length: 5",
    b"Content-Length: 3\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"5\r\nhello\r\n",
    b"hello",
]
PIECES += [b"0\r\n\r\n", b"Connection: close\r\n", b"Connection: x\r\n", b":", b" ", b"\x00", b"\xff", b"0"]
PIECES += [
    b"Set-Cookie: a=1\r\n",
    b"Content-Type: text/plain\r\n",
    b"Location: //127.0.0.1/x\r\n",
    b"ffffffffffffffff\r\n",
]


def answered(backend: Loopback) -> Any:
    variables = {"BACKEND_URL": backend.url, "TIMEOUT_SECONDS": "60", "LOG_LEVEL": "CRITICAL"}
    return ReverseProxy(Configuration(variables)).handle({"httpMethod": "GET", "path": "/", "requestContext": {}}, None)


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=12).map(b"".join))
def test_no_answer_makes_it_raise_or_hang(speaking: tuple[Loopback, list[bytes]], said: bytes) -> None:
    backend, saying = speaking
    saying[0] = said
    result = answered(backend)
    status = result["statusCode"]
    assert status in {*range(200, 600)} - {500, 504}
    assert status != 502 or str(backend.port) not in str(result["body"])
    json.dumps(result)


def h11_reads(said: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body as an independent parser reads them."""
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    client.send(h11.EndOfMessage())
    client.receive_data(said)
    client.receive_data(b"")
    final, body = client.next_event(), b""
    while isinstance(final, h11.InformationalResponse):
        final = client.next_event()
    assert isinstance(final, h11.Response)
    while isinstance(part := client.next_event(), h11.Data):
        body += part.data
    assert isinstance(part, h11.EndOfMessage)
    return final.status_code, [(name.decode(), value.decode()) for name, value in final.headers], body


well_formed_values = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=9
)


@given(
    st.sampled_from([200, 201, 302, 404, 503]),
    st.lists(st.tuples(st.sampled_from(["X-A", "x-a", "X-B", "Set-Cookie", "Vary"]), well_formed_values), max_size=5),
    st.binary(max_size=300),
    st.sampled_from(["length", "chunks", "end"]),
    st.integers(0, 2),
)
def test_a_well_formed_answer_is_read_as_another_parser_reads_it(
    speaking: tuple[Loopback, list[bytes]],
    status: int,
    fields: list[tuple[str, str]],
    body: bytes,
    framing: str,
    interim: int,
) -> None:
    backend, saying = speaking
    lines = [f"HTTP/1.1 {status} Any words", *(f"{name}: {value}" for name, value in fields)]
    sent = body
    if framing == "length":
        lines.append(f"Content-Length: {len(body)}")
    elif framing == "chunks":
        lines.append("Transfer-Encoding: chunked")
        pieces = [body[start : start + 7] for start in range(0, len(body), 7)]
        sent = b"".join(b"%X;x=y\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    saying[0] = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" * interim
    saying[0] += "\r\n".join((*lines, "", "")).encode() + sent
    expected_status, expected_fields, expected_body = h11_reads(saying[0])
    result = answered(backend)
    found = [(name.lower(), value) for name, several in result["multiValueHeaders"].items() for value in several]
    assert result["statusCode"] == expected_status
    assert sorted(found) == sorted(pair for pair in expected_fields if pair[0] != "transfer-encoding")
    text = result["body"]
    assert (base64.b64decode(text) if result["isBase64Encoded"] else text.encode()) == expected_body == body
