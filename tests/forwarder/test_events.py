"""What the backend receives for an event of each format, and what is refused before it hears of it.

The events have the fields of live captures (hotsock/voker, `vokerhttp/testdata`, July 2026) and of AWS's pages:
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from typing import Any

import pytest

from tests.forwarder.loopback import answering, response
from tests.forwarder.setting import Serve, ask, call, event, front, headers_of, message, received

FORMATS = ("rest", "http_1", "http_2", "function_url")
REST_HOST, HTTP_HOST = (f"{api}.execute-api.eu-west-1.amazonaws.com" for api in ("abcde12345", "fghij67890"))
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
    cookies = ["a=1, b", "b=2; Path=/"]
    joined = {"headers": {"Content-Length": "2", "X-A": "1, 2"}, "cookies": cookies}
    apart = {"multiValueHeaders": {"Content-Length": ["2"], "X-A": ["1", "2"], "Set-Cookie": cookies}}
    shape = apart if name in ("rest", "http_1") else joined
    assert result == {"statusCode": 200, "body": "ok", "isBase64Encoded": False, **shape}


# What is there without the caller having sent it: RFC 9112 wants Host, the contract the rest.
ADDED = {"host", "x-request-id", *(f"x-forwarded-{end}" for end in ("for", "host", "port", "prefix", "proto"))}


def test_nothing_is_invented(serve: Serve) -> None:
    given = event("rest") | {"body": None}
    sent = {name.lower() for name in given["multiValueHeaders"]} | {"content-length"}
    assert {name for name, _ in received(serve, given).headers} == sent | ADDED
    bare = call()
    assert {name for name, _ in received(serve, bare).headers} == ADDED - {"x-forwarded-host"}
    bare["requestContext"]["path"] = "/"
    assert {name for name, _ in received(serve, bare).headers} == ADDED - {"x-forwarded-host", "x-forwarded-prefix"}


# --- paths and queries

# Path that the client sends; path in an HTTP API's event, which API Gateway decodes once; path that the backend then
# receives. REST APIs and function URLs pass each one on as it was sent.
PATHS = [
    ("/p/100%2541", "/p/100%41", "/p/100%2541"),
    ("/p/a%252Fb", "/p/a%2Fb", "/p/a%252Fb"),
    ("/p/a%2Fb", "/p/a/b", "/p/a/b"),
    ("/p/100%25", "/p/100%", "/p/100%25"),
    ("/p/a%23b", "/p/a#b", "/p/a%23b"),
    # Two captures differ: API Gateway keeps the question mark, or cuts the path there (hotsock/voker#8).
    ("/p/a%3Fb", "/p/a?b", "/p/a%3Fb"),
    ("/p/a%3Fb", "/p/a", "/p/a"),
    ("/p/a%2Bb", "/p/a+b", "/p/a+b"),
    ("/p/a%3Bv", "/p/a;v", "/p/a;v"),
    ("/p/a%20b", "/p/a b", "/p/a%20b"),
    ("/p/%C3%A9", "/p/é", "/p/%C3%A9"),
    # Not UTF-8.
    ("/p/%E9", "/p/\ufffd", "/p/%EF%BF%BD"),
    *((path, path, path) for path in ("/p/a+b", "/p/./a", "/p/a/../b", "/p//b", "/p/b//", "/p/a@b:c;v=1")),
]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(("sent", "decoded", "arrives"), PATHS)
def test_paths_of_each_format(serve: Serve, name: str, sent: str, decoded: str, arrives: str) -> None:
    decodes = name in ("http_1", "http_2")
    given = called(name, decoded if decodes else sent, "live")
    assert received(serve, given).target == (arrives if decodes else sent)


def called(name: str, path: str, stage: str) -> dict[str, Any]:
    """The format's event for a path of `ANY /{proxy+}` at a stage."""
    given = event(name)
    inside = "" if stage in ("", "$default") else f"/{stage}"
    given |= {"queryStringParameters": None, "multiValueQueryStringParameters": None, "rawQueryString": ""}
    given["pathParameters"] = {"proxy": path[1:]}
    context = given["requestContext"]
    context["stage"] = stage
    if name in ("rest", "http_1"):
        given |= {"resource": "/{proxy+}", "path": path if name == "rest" else f"{inside}{path}"}
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
    assert headers_of(ask(front(backend.url), given))["Location"] == "/login"
    got = backend.requests[0]
    assert (got.target, got.values("x-forwarded-prefix")) == ("/p/x", [])
    outside = "//evil.invalid/x"
    given |= {"rawPath": outside, "path": outside}
    given["requestContext"]["path"] = outside
    answer = ask(front(backend.url), given)
    assert (answer["statusCode"], message(answer)) == (400, "the path must begin with one slash")
    assert len(backend.requests) == 1


@pytest.mark.parametrize(
    ("given", "target"),
    [
        # The default stage is in no path, and a path may begin like a stage.
        (called("http_2", "/live/form", "$default"), "/live/form"),
        # REST APIs never have it in `path`, payload 1.0 only where `requestContext.path` has it too.
        (
            event("rest_custom_domain") | {"resource": "/{proxy+}", "pathParameters": {"proxy": "v1/forward/orders"}},
            "/v1/",
        ),
        (
            event("http_1") | {"resource": "$default", "requestContext": {"path": "/else", "stage": "live"}},
            "/live/forward/",
        ),
    ],
)
def test_a_path_that_looks_like_a_stage_is_kept(serve: Serve, given: dict[str, Any], target: str) -> None:
    assert received(serve, given).target.startswith(target)


def test_a_base_path_and_a_query_keep_order_duplicates_and_characters(serve: Serve) -> None:
    given = event("rest")
    given["multiValueQueryStringParameters"] = {"tag": ["x", "y", "z"], "q": ["a&b=c d+é\r\n"], "empty": [""]}
    target = received(serve, given, "/base/", STRIP_PREFIX="/forward/").target
    assert target == "/base/a%20b/%C3%A9?tag=x&tag=y&tag=z&q=a%26b%3Dc%20d%2B%C3%A9%0D%0A&empty="


QUERIES = ["a[]=2", "a[b]={1|2}", "q=%5b%5D&q=<>^`", "sig=a+b/c==&x='\"", "??&&=", "%zz=%", "a=%C3%A9;b"]


@pytest.mark.parametrize(
    ("query", "arrives"), [*((query, query) for query in QUERIES), ("a=é b#c\r\n\\", "a=%C3%A9%20b%23c%0D%0A%5C")]
)
def test_a_raw_query_goes_on_byte_for_byte_but_for_what_no_target_can_hold(
    serve: Serve, query: str, arrives: str
) -> None:
    assert received(serve, event("http_2") | {"rawQueryString": query}).target.partition("?")[2] == arrives


@pytest.mark.parametrize(
    ("headers", "several", "expected"),
    [
        ({"X-A": "1", "X-B": "2"}, {"X-A": ["0", "1"]}, {"x-a": ["0", "1"], "x-b": ["2"]}),
        ({"x-a": "1"}, {"X-A": ["0", "1"]}, {"x-a": ["0", "1"]}),
        ({"X-A": "1"}, {"X-A": None}, {"x-a": ["1"]}),
        ({"X-A": "1"}, {"X-A": []}, {"x-a": ["1"]}),
        ({"X-A": "1"}, None, {"x-a": ["1"]}),
        (None, {"X-A": ["1"]}, {"x-a": ["1"]}),
        (None, {"X-A": [None]}, {"x-a": []}),
        ({"X-A": None}, {"X-B": ["1"]}, {"x-a": [], "x-b": ["1"]}),
    ],
)
def test_both_maps_are_merged_by_name_and_null_is_absent(
    serve: Serve, headers: object, several: object, expected: dict[str, list[str]]
) -> None:
    got = received(serve, event("rest") | {"headers": headers, "multiValueHeaders": several})
    assert {name: got.values(name) for name in expected} == expected
    given = called("rest", "/p", "live")
    given |= {"queryStringParameters": {"a": "1", "A": "2", "b": None}}
    given |= {"multiValueQueryStringParameters": {"a": ["0", "1"], "c": None}}
    assert received(serve, given).target == "/p?a=0&a=1&A=2"
    second = event("http_2")
    second["headers"] |= {"x-tag": None}
    assert received(serve, second).values("x-tag") == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE", "PATCH", "POST", "PUT", "PURGE", "get"])
def test_the_method_is_kept(serve: Serve, method: str) -> None:
    assert received(serve, call(method)).method == method


@pytest.mark.parametrize(
    ("given", "lengths"),
    [
        (call("GET"), []),
        (call("DELETE"), []),
        *((call(method), ["0"]) for method in ("POST", "PUT", "PATCH")),
        (call("DELETE", content_length="0"), ["0"]),
        (call("GET", Content_Length="999"), ["0"]),
        (call("GET", body="query"), ["5"]),
    ],
)
def test_the_length_is_the_bodys(serve: Serve, given: dict[str, Any], lengths: list[str]) -> None:
    got = received(serve, given)
    assert (got.values("content-length"), got.body) == (lengths, (given["body"] or "").encode())


# --- where the API is mounted


@pytest.mark.parametrize(
    ("resource", "parameters", "path", "target", "mount"),
    [
        ("/payment", None, "/v1/payment/", "/payment/", "/v1"),
        ("/foo/{proxy+}", {"proxy": "a b/é"}, "/custom/foo/a%20b/%C3%A9", "/foo/a%20b/%C3%A9", "/custom"),
        ("/foo/{proxy+}", {"proxy": "a%20b"}, "/custom/foo/a%20b", "/foo/a%20b", "/custom"),
        ("/foo/{proxy+}", {"proxy": "foo/x"}, "/foo/foo/foo/x", "/foo/foo/x", "/foo"),
        ("/orders/{id}/items", {"id": "7"}, "/shop/v1/orders/7/items", "/orders/7/items", "/shop/v1"),
        ("/{proxy+}", {"proxy": "a/b"}, "/v1/a/b", "/a/b", "/v1"),
        ("/{proxy+}", {"proxy": ""}, "/", "/", ""),
        ("/", None, "/v1", "/", "/v1"),
        ("/", None, "/v1/", "/", "/v1"),
        ("/", None, "/", "/", ""),
        # A base path consists of certain characters, and has no dot segments.
        ("/payment", None, "/v~1/payment", "/v~1/payment", ""),
        ("/payment", None, "/./payment", "/./payment", ""),
        # Where the parameters do not fit, nothing is taken off.
        ("/foo/{proxy+}", {"proxy": "y"}, "/v1/foo/x", "/v1/foo/x", ""),
    ],
)
def test_the_base_path_of_a_domain_is_the_callers(
    serve: Serve, resource: str, parameters: dict[str, str] | None, path: str, target: str, mount: str
) -> None:
    given = event("rest_custom_domain") | {"resource": resource, "pathParameters": parameters, "path": path}
    given["requestContext"] |= {"path": path, "resourcePath": resource}
    got = received(serve, given)
    assert (got.target, got.values("x-forwarded-prefix")) == (target, [mount] if mount else [])


@pytest.mark.parametrize(
    ("domain", "caller", "mount"),
    [
        ("api.example.com/v1", "api.example.com", "/v1"),
        ("api.example.com/v1/", "API.example.com", "/v1"),
        ("api.example.com/v1", REST_HOST, ""),
        ("*.example.com/v1", "shop.example.com", "/v1"),
        ("*.example.com/v1", "example.com", ""),
        ("api.example.com/v1", "evil-api.example.com", ""),
        ("*.example.com/v1", "shopexample.com", ""),
        ("", "api.example.com", ""),
        ("", "", ""),
    ],
)
def test_the_base_path_of_an_http_api_is_that_of_the_callers_address(
    serve: Serve, domain: str, caller: str, mount: str
) -> None:
    given = called("http_2", "/forward/orders", "$default") | {"routeKey": "ANY /forward/orders"}
    given["requestContext"]["domainName"] = caller
    backend = serve(answering(response(b"", "Location: /login", status="302 Found")))
    answer = ask(front(backend.url, STRIP_PREFIX="/forward", CUSTOM_DOMAIN=domain), given)
    assert answer["headers"]["Location"] == f"{mount}/forward/login"
    got = backend.requests[0]
    assert (got.target, got.values("x-forwarded-prefix")) == ("/orders", [f"{mount}/forward"])


@pytest.mark.parametrize(
    ("resource", "path", "served"),
    [
        ("/orders/{proxy+}", "/orders/a/../b", True),
        ("/orders/{proxy+}", "/orders/../admin", False),
        ("/orders/{proxy+}", "/orders/..%2fadmin", False),
        ("/orders/{proxy+}", "/orders/a%5c..%5c..%5cadmin", False),
        ("/orders/{proxy+}", "/orders/..;x/admin", False),
        ("/orders/{id}/{proxy+}", "/orders/7/../8", False),
        ("/orders/{id}", "/orders/..", False),
        ("/{proxy+}", "/a/../b", True),
        ("/forward/{proxy+}", "/forward/a/../b", True),
        ("/forward/{proxy+}", "/forward/../b", False),
        ("/forward/orders/{proxy+}", "/forward/orders/../admin", False),
    ],
)
def test_dots_do_not_leave_the_route(serve: Serve, resource: str, path: str, served: bool) -> None:
    rest = event("rest_custom_domain") | {"resource": resource, "path": path}
    http = event("http_2") | {"routeKey": f"ANY {resource}", "rawPath": f"/live{path}"}
    for given in [rest] if "%" in path else [rest, http]:
        backend = serve(answering(response()))
        answer = ask(front(backend.url, STRIP_PREFIX="/forward"), given)
        assert (answer["statusCode"], backend.connections) == ((200, 1) if served else (400, 0))


# --- headers


def test_hop_by_hop_headers_stay_behind_also_in_spellings_that_cgi_reads_so(serve: Serve) -> None:
    given = call("POST", body="3\r\nabc\r\n0\r\n\r\n")
    given["multiValueHeaders"] = {
        "Connection": ["close, X-Private , keep-alive"],
        "X-Public": ["2"],
        "X_A": ["1"],
        "X-Proxy": ["1"],
        # Bottle decodes chunks if HTTP_TRANSFER_ENCODING says so, and would read another body than the one sent.
        "Transfer_Encoding": ["chunked"],
        "proxy.authorization": ["Basic eDp5"],
        # CGI programs take HTTP_PROXY for the proxy of their own calls.
        **{key: ["http://proxy.invalid:3128"] for key in ("Proxy", "PROXY")},
    }
    names = (
        "X-Private Keep-Alive Proxy-Authorization Proxy-Connection Proxy-Anything TE Trailer Transfer-Encoding Upgrade"
    )
    given["multiValueHeaders"] |= {name: ["1"] for name in names.split()}
    got = received(serve, given)
    kept = {"x-public", "x_a", "x-proxy", "content-length"}
    assert {name for name, _ in got.headers} == ADDED - {"x-forwarded-host"} | kept


def test_a_caller_cannot_speak_for_the_gateway(serve: Serve) -> None:
    given = call(host=REST_HOST, x_forwarded_proto="http", x_forwarded_port="80", x_forwarded_host="evil.invalid")
    given["multiValueHeaders"] |= {"x-forwarded-for": ["203.0.113.9"], "x-request-id": ["mine"], "X_Other": ["kept"]}
    # What a server could take for a field that the forwarder vouches for.
    names = "Forwarded X_Forwarded_For x_forwarded_host X-Forwarded_Proto X.Forwarded.Port X_FORWARDED_PREFIX"
    given["multiValueHeaders"] |= {name: ["for=evil.invalid"] for name in names.split()}
    got = received(serve, given)
    expected = {
        "x-forwarded-proto": ["https"],
        "x-forwarded-port": ["443"],
        "x-forwarded-host": [REST_HOST],
        "x-forwarded-for": ["203.0.113.9, 198.51.100.7"],
        "x-request-id": ["mine"],
        "x_other": ["kept"],
    }
    assert {name: got.values(name) for name in expected} == expected
    assert "evil.invalid" not in str(got.headers)


@pytest.mark.parametrize(
    ("sent", "chain"),
    [
        ([], "198.51.100.7"),
        (["203.0.113.9, 198.51.100.7"], "203.0.113.9, 198.51.100.7"),
        (["203.0.113.9", "203.0.113.10,198.51.100.7"], "203.0.113.9, 203.0.113.10, 198.51.100.7"),
        (["203.0.113.9"], "203.0.113.9, 198.51.100.7"),
    ],
)
def test_the_source_ends_one_chain(serve: Serve, sent: list[str], chain: str) -> None:
    assert received(serve, call() | {"multiValueHeaders": {"X-Forwarded-For": sent}}).values("x-forwarded-for") == [
        chain
    ]
    for name in FORMATS:
        given = event(name)
        for headers in (given["headers"], given.get("multiValueHeaders", {})):
            for folded in [key for key in headers if key.lower() == "x-forwarded-for"]:
                del headers[folded]
        assert received(serve, given).values("x-forwarded-for") == ["198.51.100.7"]


def test_the_callers_host_where_it_is_wanted(serve: Serve) -> None:
    assert received(serve, event("rest"), FORWARD_HOST="client").values("host") == [REST_HOST]
    nameless = call()
    nameless["requestContext"]["domainName"] = "api.example.com"
    assert received(serve, nameless, FORWARD_HOST="client").values("host") == ["api.example.com"]
    assert received(serve, call(), FORWARD_HOST="client").values("host")[0].startswith("127.0.0.1:")


@pytest.mark.parametrize("name", FORMATS)
def test_a_header_beyond_ascii_is_sent_as_utf_8(serve: Serve, name: str) -> None:
    """AWS decodes the values of events from UTF-8, see `forwarder.headers.readable`."""
    given = event(name)
    sent = {"x-one": "é", "x-two": "Ž", "x-sum": "5 €", "x-tab": "a\tb", "x-blank": "  c  ", "x-x": "XcX"}
    given["headers"] |= sent
    # Backends written for AWS Lambda Web Adapter trust both fields, see its pull request 286.
    given["headers"] |= {"X-Amzn-Lambda-Context": "{}", "x_amzn_request_context": "{}"}
    got = received(serve, given)
    for header, text in sent.items():
        assert got.values(header) == [text.strip(" ").encode().decode("latin-1")]
    assert not [header for header, _ in got.headers if "context" in header]


# --- refused


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
