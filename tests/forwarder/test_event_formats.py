"""One request in each format of events: what differs in the event, and what the backend receives.

The events have the fields of live captures (hotsock/voker, `vokerhttp/testdata`, July 2026) and of AWS's pages:
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from typing import Any

import pytest

from tests.forwarder.loopback import Received, answering, response
from tests.forwarder.setting import Serve, ask, event, front, message

FORMATS = ("rest", "http_1", "http_2", "function_url")
DECODED = ("http_1", "http_2")
"""API Gateway decodes the paths of HTTP APIs once."""

# Equal in all formats. The client sent PATCH /forward/a%20b/%C3%A9?tag=x&tag=y&q=a%26b.
RECEIVED: dict[str, list[str]] = {
    "cookie": ["a=1; b=2"],
    "content-type": ["application/octet-stream"],
    "content-length": ["4"],
    "x-forwarded-for": ["198.51.100.7"],
    "x-forwarded-proto": ["https"],
    "x-forwarded-port": ["443"],
    "x-real-ip": ["198.51.100.7"],
    "user-agent": ["curl/8.7.1"],
}
# What differs: the values of a repeated header, the prefix, the caller's identity, the domain, and the request ID.
DIFFERENCES: dict[str, dict[str, list[str]]] = {
    "rest": {
        "x-tag": ["one", "two"],
        "x-forwarded-prefix": ["/live/forward"],
        "x-authenticated-userid": ["sub:user-1"],
        "x-authenticated-principal": [],
        "x-credential-identifier": ["key-1"],
        "x-forwarded-host": ["abcde12345.execute-api.eu-west-1.amazonaws.com"],
        "x-request-id": ["7c2af7db-31f3-42b5-8a6d-9ffc74e3b9e0"],
    },
    "http_1": {
        "x-tag": ["one", "two"],
        "x-forwarded-prefix": ["/live/forward"],
        "x-authenticated-userid": [],
        "x-authenticated-principal": [],
        "x-forwarded-host": ["fghij67890.execute-api.eu-west-1.amazonaws.com"],
        "x-request-id": ["ATfSmjLgPHcESJw="],
    },
    "http_2": {
        "x-tag": ["one,two"],
        "x-forwarded-prefix": ["/live/forward"],
        "x-authenticated-userid": ["sub:user-1"],
        "x-authenticated-principal": [],
        "x-forwarded-host": ["fghij67890.execute-api.eu-west-1.amazonaws.com"],
        "x-request-id": ["ATfSmjLgPHcESJw="],
    },
    "function_url": {
        "x-tag": ["one,two"],
        "x-forwarded-prefix": ["/forward"],
        "x-authenticated-userid": [],
        "x-authenticated-principal": ["arn:aws:iam::123456789012:user/ada"],
        "x-forwarded-host": ["klmno.lambda-url.eu-west-1.on.aws"],
        "x-request-id": ["d16a6b55-dea9-4b23-8499-eb85c3d2d904"],
    },
}


def received(serve: Serve, given: Any, **variables: str) -> Received:
    backend = serve(answering(response()))
    result = ask(front(backend.url, **variables), given)
    assert result["statusCode"] == 200, result["body"]
    return backend.requests[0]


@pytest.mark.parametrize("name", FORMATS)
def test_one_request_in_each_format(serve: Serve, name: str) -> None:
    got = received(serve, event(f"formats/{name}"), STRIP_PREFIX="/forward", IDENTITY="true")
    assert (got.method, got.target) == ("PATCH", "/a%20b/%C3%A9?tag=x&tag=y&q=a%26b")
    assert got.body == b"\x00\xff{}"
    expected = RECEIVED | DIFFERENCES[name]
    assert {header: got.values(header) for header in expected} == expected


@pytest.mark.parametrize("name", FORMATS)
def test_the_result_of_each_format(serve: Serve, name: str) -> None:
    backend = serve(answering(response(b"ok", "Set-Cookie: a=1", "Set-Cookie: b=2", "X-A: 1", "X-A: 2")))
    result = ask(front(backend.url), event(f"formats/{name}"))
    if name in ("rest", "http_1"):
        assert result["multiValueHeaders"]["Set-Cookie"] == ["a=1", "b=2"]
        assert result["multiValueHeaders"]["X-A"] == ["1", "2"]
        assert "headers" not in result
    else:
        assert result["cookies"] == ["a=1", "b=2"]
        assert result["headers"]["X-A"] == "1, 2"


# Path that the client sends; path in an HTTP API's event; path that the backend then receives. REST APIs and function
# URLs pass each one on as it was sent.
PATHS = [
    ("/p/100%2541", "/p/100%41", "/p/100%2541"),
    ("/p/a%252Fb", "/p/a%2Fb", "/p/a%252Fb"),
    ("/p/a%2Fb", "/p/a/b", "/p/a/b"),
    ("/p/100%25", "/p/100%", "/p/100%25"),
    ("/p/%2525", "/p/%25", "/p/%2525"),
    ("/p/a%23b", "/p/a#b", "/p/a%23b"),
    # Two captures differ: API Gateway keeps the question mark, or cuts the path there (hotsock/voker#8).
    ("/p/a%3Fb", "/p/a?b", "/p/a%3Fb"),
    ("/p/a%3Fb", "/p/a", "/p/a"),
    ("/p/a+b", "/p/a+b", "/p/a+b"),
    ("/p/a%2Bb", "/p/a+b", "/p/a+b"),
    ("/p/a;v=1", "/p/a;v=1", "/p/a;v=1"),
    ("/p/a%3Bv", "/p/a;v", "/p/a;v"),
    ("/p/a%20b", "/p/a b", "/p/a%20b"),
    ("/p/%C3%A9", "/p/é", "/p/%C3%A9"),
    # Not UTF-8.
    ("/p/%E9", "/p/\ufffd", "/p/%EF%BF%BD"),
    ("/p/./a", "/p/./a", "/p/./a"),
    ("/p/a/../b", "/p/a/../b", "/p/a/../b"),
    ("/p//b", "/p//b", "/p//b"),
    ("/p/b/", "/p/b/", "/p/b/"),
    ("/p/b//", "/p/b//", "/p/b//"),
    ("/p/a@b:c", "/p/a@b:c", "/p/a@b:c"),
]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(("sent", "decoded", "arrives"), PATHS)
def test_paths_of_each_format(serve: Serve, name: str, sent: str, decoded: str, arrives: str) -> None:
    path = decoded if name in DECODED else sent
    given = called(name, path, "live")
    assert received(serve, given).target == (arrives if name in DECODED else sent)


def called(name: str, path: str, stage: str) -> dict[str, Any]:
    """The format's event for a path of `ANY /{proxy+}` at a stage."""
    given = event(f"formats/{name}")
    inside = "" if stage in ("", "$default") else f"/{stage}"
    given |= {"queryStringParameters": None, "multiValueQueryStringParameters": None, "rawQueryString": ""}
    given["pathParameters"] = {"proxy": path[1:]}
    context = given["requestContext"]
    context["stage"] = stage
    if name == "rest":
        given |= {"resource": "/{proxy+}", "path": path}
        context |= {"resourcePath": "/{proxy+}", "path": f"{inside}{path}"}
    elif name == "http_1":
        given |= {"resource": "/{proxy+}", "path": f"{inside}{path}"}
        context |= {"resourcePath": "/{proxy+}", "path": f"{inside}{path}"}
    elif name == "http_2":
        given |= {"routeKey": "ANY /{proxy+}", "rawPath": f"{inside}{path}"}
    else:
        given["rawPath"] = path
        context["stage"] = "$default"
    return given


@pytest.mark.parametrize("stage", ["", None])
@pytest.mark.parametrize("name", ["http_1", "http_2"])
def test_an_empty_stage_is_no_prefix(serve: Serve, name: str, stage: str | None) -> None:
    """Events of `sam local` and of test tools have no stage, and often no route."""
    given = called(name, "/p/x", "")
    given["requestContext"]["stage"] = stage
    given |= {"resource": None, "routeKey": "$default", "pathParameters": None}
    backend = serve(answering(response(b"", "Location: /login", status="302 Found")))
    answer = ask(front(backend.url), given)
    headers = answer.get("headers") or {key: values[0] for key, values in answer["multiValueHeaders"].items()}
    assert headers["Location"] == "/login"
    got = backend.requests[0]
    assert (got.target, got.values("x-forwarded-prefix")) == ("/p/x", [])
    outside = "//evil.invalid/x"
    given |= {"rawPath": outside, "path": outside}
    given["requestContext"]["path"] = outside
    answer = ask(front(backend.url), given)
    assert (answer["statusCode"], message(answer)) == (400, "the path must begin with one slash")
    assert len(backend.requests) == 1


def test_a_reference_never_becomes_one_to_another_host(serve: Serve) -> None:
    """A backend whose paths begin with two slashes, and an event that names no host."""
    for path in ("//evil.invalid/x", "/base//evil.invalid/x"):
        backend = serve(answering(response(b"", f"Location: http://127.0.0.1{path}", status="302 Found")))
        answer = ask(front(f"{backend.url}/base"), {"httpMethod": "GET", "path": "/", "requestContext": {}})
        assert answer["multiValueHeaders"]["Location"] == ["/.//evil.invalid/x"]


@pytest.mark.parametrize(
    ("headers", "several", "expected"),
    [
        ({"X-A": "1", "X-B": "2"}, {"X-A": ["0", "1"]}, {"x-a": ["0", "1"], "x-b": ["2"]}),
        ({"x-a": "1"}, {"X-A": ["0", "1"]}, {"x-a": ["0", "1"]}),
        ({"X-A": "1"}, {"X-A": None}, {"x-a": ["1"]}),
        ({"X-A": "1"}, {"X-A": []}, {"x-a": ["1"]}),
        ({"X-A": "1"}, {}, {"x-a": ["1"]}),
        ({"X-A": "1"}, None, {"x-a": ["1"]}),
        (None, {"X-A": ["1"]}, {"x-a": ["1"]}),
        ({"X-A": None}, {"X-B": ["1"]}, {"x-a": [], "x-b": ["1"]}),
    ],
)
def test_headers_of_both_maps_are_merged_by_name(
    serve: Serve, headers: object, several: object, expected: dict[str, list[str]]
) -> None:
    given = event("formats/rest") | {"headers": headers, "multiValueHeaders": several}
    got = received(serve, given)
    assert {name: got.values(name) for name in expected} == expected


def test_parameters_of_both_maps_are_merged_by_name(serve: Serve) -> None:
    given = called("rest", "/p", "live")
    given |= {"queryStringParameters": {"a": "1", "A": "2"}, "multiValueQueryStringParameters": {"a": ["0", "1"]}}
    assert received(serve, given).target == "/p?a=0&a=1&A=2"


@pytest.mark.parametrize("source", ["IP", "198.51.100.7/32"])
@pytest.mark.parametrize("name", FORMATS)
def test_a_sample_events_source_is_named(serve: Serve, name: str, source: str) -> None:
    """AWS's own sample events have these."""
    given = event(f"formats/{name}")
    (given["requestContext"].get("http") or given["requestContext"]["identity"])["sourceIp"] = source
    answer = ask(front("http://127.0.0.1:9"), given)
    want = "an IP address without a prefix length, such as 203.0.113.9"
    assert (answer["statusCode"], message(answer)) == (400, f"the event's sourceIp is '{source}'; want {want}")


@pytest.mark.parametrize("name", FORMATS)
def test_the_context_of_a_function_is_never_the_callers(serve: Serve, name: str) -> None:
    """Backends written for AWS Lambda Web Adapter trust both fields, see its pull request 286."""
    given = event(f"formats/{name}")
    given["headers"] |= {"X-Amzn-Lambda-Context": "{}", "x_amzn_request_context": "{}", "X-Kept": "1"}
    got = received(serve, given)
    assert got.values("x-kept") == ["1"]
    assert not [header for header, _ in got.headers if "context" in header.lower()]


@pytest.mark.parametrize(
    ("coding", "encoded"),
    [("", False), (", ,", False), ("identity", False), ("Identity, ", False), ("gzip", True), ("identity, br", True)],
)
def test_an_empty_list_of_content_codings_is_none(serve: Serve, coding: str, encoded: bool) -> None:
    """RFC 9110 5.6.1: empty members of a list do not count."""
    backend = serve(answering(response(b"text", "Content-Type: text/plain", f"Content-Encoding: {coding}")))
    assert ask(front(backend.url), event("formats/rest"))["isBase64Encoded"] is encoded


@pytest.mark.parametrize(
    ("sent", "read"),
    [("é".encode(), "é"), ("Ž".encode(), "Ž"), (b"caf\xe9", "café"), ("Zoë 5 €".encode(), "Zoë 5 €")],
)
def test_a_header_beyond_ascii_in_an_answer_is_read_as_utf_8(serve: Serve, sent: bytes, read: str) -> None:
    """What is not UTF-8 is read as Latin-1."""
    said = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Name: " + sent + b"\r\n\r\n"
    backend = serve(answering(said))
    assert ask(front(backend.url), event("formats/rest"))["multiValueHeaders"]["X-Name"] == [read]


@pytest.mark.parametrize("name", FORMATS)
def test_a_header_beyond_ascii_in_a_request_is_sent_as_utf_8(serve: Serve, name: str) -> None:
    given = event(f"formats/{name}")
    given["headers"] |= {"x-one": "é", "x-two": "Ž"}
    got = received(serve, given)
    for header, text in (("x-one", "é"), ("x-two", "Ž")):
        assert got.values(header) == [text.encode().decode("latin-1")]
