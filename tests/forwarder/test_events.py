"""What the backend receives for an event of each format, and what is refused before it hears of it.

The events have the fields of live captures (hotsock/voker, `vokerhttp/testdata`, July 2026) and of AWS's pages:
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from typing import Any

import pytest

from tests.forwarder.event_formats import FORMATS, HTTP_HOST, REST_HOST
from tests.forwarder.loopback import answering, response
from tests.forwarder.setting import Serve, ask, call, event, front, headers_of, message, received

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
DIFFERENCES: dict[str, tuple[list[str], str, str, str, str, str]] = {
    "rest": (["one", "two"], "/live/forward", "sub:user-1", "", REST_HOST, "7c2af7db-31f3-42b5-8a6d-9ffc74e3b9e0"),
    "http_1": (["one", "two"], "/live/forward", "", "", HTTP_HOST, "ATfSmjLgPHcESJw="),
    "http_2": (["one,two"], "/live/forward", "sub:user-1", "", HTTP_HOST, "ATfSmjLgPHcESJw="),
    "function_url": (
        ["one,two"],
        "/forward",
        "",
        "arn:aws:iam::123456789012:user/ada",
        "klmno.lambda-url.eu-west-1.on.aws",
        "d16a6b55-dea9-4b23-8499-eb85c3d2d904",
    ),
}
ADDRESSES = ("x-forwarded-host", "x-request-id")
DIFFERING = ("x-forwarded-prefix", "x-authenticated-userid", "x-authenticated-principal", *ADDRESSES)


@pytest.mark.parametrize("name", FORMATS)
def test_one_request_in_each_format(serve: Serve, name: str) -> None:
    got = received(serve, event(name), STRIP_PREFIX="/forward", IDENTITY="true")
    assert (got.method, got.target) == ("PATCH", "/a%20b/%C3%A9?tag=x&tag=y&q=a%26b")
    assert got.body == b"\x00\xff{}"
    tags, *others = DIFFERENCES[name]
    expected = RECEIVED | {
        "x-tag": tags,
        **{key: [one] if one else [] for key, one in zip(DIFFERING, others, strict=True)},
    }
    assert {header: got.values(header) for header in expected} == expected
    assert got.values("x-credential-identifier") == (["key-1"] if name == "rest" else [])
    assert got.values("host")[0].startswith("127.0.0.1:")


@pytest.mark.parametrize("name", FORMATS)
def test_the_result_of_each_format(serve: Serve, name: str) -> None:
    backend = serve(answering(response(b"ok", "Set-Cookie: a=1, b", "Set-Cookie: b=2; Path=/", "X-A: 1", "x-a: 2")))
    result = ask(front(backend.url), event(name))
    path = "/" if name == "function_url" else "/live"
    cookies = ["a=1, b", f"b=2; Path={path}"]
    joined = {"headers": {"Content-Length": "2", "X-A": "1, 2"}, "cookies": cookies}
    apart = {"multiValueHeaders": {"Content-Length": ["2"], "X-A": ["1", "2"], "Set-Cookie": cookies}}
    shape = apart if name in ("rest", "http_1") else joined
    assert result == {"statusCode": 200, "body": "ok", "isBase64Encoded": False, **shape}


@pytest.mark.parametrize("source", ["IP", "198.51.100.7/32"])
@pytest.mark.parametrize("name", FORMATS)
def test_a_sample_events_source_is_named(name: str, source: str) -> None:
    """AWS's own sample events have these."""
    given = event(name)
    (given["requestContext"].get("http") or given["requestContext"]["identity"])["sourceIp"] = source
    answer = ask(front("http://127.0.0.1:9"), given)
    want = "an IP address without a prefix length, such as 203.0.113.9"
    assert (answer["statusCode"], message(answer)) == (400, f"the event's sourceIp is '{source}'; want {want}")


def test_the_test_of_the_console_is_served(serve: Serve) -> None:
    given = call(path="/x") | {"headers": None, "multiValueHeaders": None, "resource": "/x"}
    given["requestContext"]["identity"]["sourceIp"] = "test-invoke-source-ip"
    got = received(serve, given)
    assert (got.target, got.values("x-forwarded-for")) == ("/x", [])


NO_VALUE, NO_SLASH = "the event has no value for a variable of its path", "the path must begin with one slash"
FOO = {"resource": "/foo/{proxy+}", "path": "/v1/foo/x"}
REFUSED: list[tuple[str, Any, str]] = [
    *(
        (f"{name} without a value: {values}", event(name) | route | {"pathParameters": values}, NO_VALUE)
        for name, route in (
            ("rest_custom_domain", FOO),
            ("http_2", {"routeKey": "ANY /foo/{proxy+}", "rawPath": "/v1/foo"}),
        )
        for values in (None, {}, {"proxy": None}, {"proxy": ""}, {"id": "x"})
    ),
    *(
        (f"{name} without a slash: {path}", event(name) | route | {"path": path, "rawPath": path}, NO_SLASH)
        for name, route in (
            ("rest_custom_domain", {"resource": "/payment", "pathParameters": None}),
            ("http_1", {"resource": "/payment", "pathParameters": None}),
            ("http_2", {"routeKey": "ANY /payment"}),
        )
        for path in ("v1/payment", "https://evil.invalid/payment", "*", "evil.invalid:80")
    ),
    (
        "a load balancer's",
        call() | {"requestContext": {"elb": {"targetGroupArn": "arn:x"}}},
        "this is an event of a load balancer; the forwarder serves events of API Gateway",
    ),
    ("nothing", None, ""),
    ("a list", [], ""),
    ("empty", {}, ""),
    ("no method", {**call(), "httpMethod": None}, ""),
    ("method with a space", call("GET /x HTTP/1.1\r\nHost: evil.invalid\r\n\r\nGET"), ""),
    ("CONNECT", call("CONNECT"), ""),
    ("method no text", {**call(), "httpMethod": 7}, ""),
    ("path no text", {**call(), "path": ["/"]}, ""),
    ("header with a line break", call(x_a="1\r\nX-B: 2"), ""),
    ("header with a line feed", call(x_a="1\nX-B: 2"), ""),
    ("header with a null", call(x_a="1\x002"), ""),
    ("line break in a header that is not sent", call(x_forwarded_host="1\r\nX-B: 2"), ""),
    ("header's name with a line break", {**call(), "multiValueHeaders": {"a\r\nb": ["1"]}}, ""),
    ("header's name with a colon", {**call(), "multiValueHeaders": {"a: b": ["1"]}}, ""),
    ("header without a name", {**call(), "multiValueHeaders": {"": ["1"]}}, ""),
    ("header without a name, after another", {**call(), "multiValueHeaders": {"a": ["1"], "": ["1"]}}, ""),
    ("header with a delete character", call(x_a="1\x7f2"), ""),
    ("header no text", {**call(), "multiValueHeaders": {"a": [1]}}, ""),
    ("header no list", {**call(), "multiValueHeaders": {"a": "1"}}, ""),
    ("two hosts", {**call(), "multiValueHeaders": {"Host": ["a", "b"]}}, ""),
    ("two hosts joined", call(host="a.invalid,b.invalid"), ""),
    ("host with a path", call(host="evil.invalid/x"), ""),
    ("domain with a path", {**call(), "requestContext": {"domainName": "evil.invalid/x"}}, ""),
    ("body no text", {**call(), "body": {"a": 1}}, ""),
    ("body no base64", {**call(), "body": "&&&", "isBase64Encoded": True}, ""),
    ("body no base64 beyond ASCII", {**call(), "body": "é", "isBase64Encoded": True}, ""),
    ("body half a surrogate pair", {**call(), "body": "\ud800"}, ""),
    ("header half a surrogate pair", call(x_a="\ud800"), ""),
    ("path half a surrogate pair", call(path="/\ud800"), ""),
    ("source with a line break", {**call(), "requestContext": {"identity": {"sourceIp": "1\r\nX: 2"}}}, ""),
    ("id with a line break", {**call(), "requestContext": {"requestId": "1\r\nX: 2"}}, ""),
    ("cookie with a line break", {**event("http_2"), "cookies": ["a=1\r\nX: 2"]}, ""),
    ("cookies no list", {**event("http_2"), "cookies": "a=1"}, ""),
]


@pytest.mark.parametrize(("given", "words"), [pytest.param(*case[1:], id=case[0]) for case in REFUSED])
def test_what_is_no_request_is_refused_before_the_backend(serve: Serve, given: Any, words: str) -> None:
    backend = serve(answering(response()))
    result = ask(front(backend.url), given)
    assert (result["statusCode"], backend.connections) == (400, 0)
    assert message(result) == (words or message(result)) != ""
    assert headers_of(result) == {"Content-Type": "application/json"}
