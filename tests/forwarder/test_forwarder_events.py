"""What the backend receives for a whole event of each payload version."""

from typing import Any

import pytest

from tests.forwarder.loopback import Received, answering, response
from tests.forwarder.setting import Serve, ask, call, event, front, message

GATEWAY = "abcde12345.execute-api.eu-west-1.amazonaws.com"
# What is there without the caller having sent it: RFC 9112 wants Host, the contract the rest.
ADDED = {
    "host",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-proto",
    "x-request-id",
}


def received(serve: Serve, given: Any, base: str = "", **variables: str) -> Received:
    backend = serve(answering(response()))
    result = ask(front(backend.url + base, **variables), given)
    assert result["statusCode"] == 200, result["body"]
    return backend.requests[0]


def test_rest(serve: Serve) -> None:
    got = received(serve, event("rest"), "/base/", STRIP_PREFIX="/forward/")
    assert got.method == "GET"
    assert got.target == ("/base/orders/a%20b/%C3%A9?tag=x&tag=y&tag=z&q=a%26b%3Dc%20d%2B%C3%A9%0D%0A&empty=")
    assert got.body == b""
    assert got.values("host")[0].startswith("127.0.0.1:")
    assert got.values("x-tag") == ["one", "two"]
    assert got.values("cookie") == ["a=1; b=2"]
    assert got.values("authorization") == ["Bearer client-token"]
    assert got.values("traceparent") == ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"]
    # The gateway has appended the source already.
    assert got.values("x-forwarded-for") == ["203.0.113.9, 198.51.100.7"]
    assert got.values("x-forwarded-proto") == ["https"]
    assert got.values("x-forwarded-port") == ["443"]
    assert got.values("x-forwarded-host") == [GATEWAY]
    assert got.values("x-request-id") == ["77375676-xmpl-4b79-853a-f982474efe18"]


def test_nothing_is_invented(serve: Serve) -> None:
    given = event("rest")
    sent = {name.lower() for name in given["multiValueHeaders"]}
    assert {name for name, _ in received(serve, given).headers} == sent | ADDED
    bare = call()
    assert {name for name, _ in received(serve, bare).headers} == ADDED - {"x-forwarded-host"}
    bare["requestContext"]["path"] = "/"
    without = {"x-forwarded-host", "x-forwarded-prefix"}
    assert {name for name, _ in received(serve, bare).headers} == ADDED - without


def test_rest_binary(serve: Serve) -> None:
    got = received(serve, event("rest_binary"), STRIP_PREFIX="/forward")
    assert (got.method, got.target) == ("PUT", "/upload")
    assert got.body == b"\x00\xff\xfe\r\n\x00\xf0\x9f\x98\x80"
    assert got.values("content-length") == ["10"]
    assert got.values("content-type") == ["application/octet-stream"]


def test_rest_behind_a_custom_domain(serve: Serve) -> None:
    got = received(serve, event("rest_custom_domain"), STRIP_PREFIX="/forward")
    assert got.target == "/orders"
    assert got.values("x-forwarded-host") == ["api.example.com"]
    assert got.values("x-forwarded-prefix") == ["/v1/forward"]


def test_http_2_named_stage(serve: Serve) -> None:
    got = received(serve, event("http_2_named_stage"), STRIP_PREFIX="/forward")
    assert got.method == "POST"
    assert got.target == "/orders/a%20b/%C3%A9/100%25/x%3Fy%23z?tag=x&q=a%26b&tag=y&empty=&flag"
    assert got.body == '{"name":"Zoë"}'.encode()
    assert got.values("content-length") == ["15"]
    assert got.values("cookie") == ["session=abc; theme=dark"]
    assert got.values("x-tag") == ["one,two"]
    assert got.values("x-forwarded-for") == ["198.51.100.7"]


@pytest.mark.parametrize(
    "query", ["a[]=2", "a[b]={1|2}", "q=%5b%5D&q=<>^`", "sig=a+b/c==&x='\"", "??&&=", "%zz=%", "a=%C3%A9;b"]
)
def test_a_raw_query_goes_on_byte_for_byte(serve: Serve, query: str) -> None:
    got = received(serve, event("http_2_named_stage") | {"rawQueryString": query})
    assert got.target.partition("?")[2] == query


def test_what_no_target_can_hold_is_encoded_in_a_raw_query(serve: Serve) -> None:
    got = received(serve, event("http_2_named_stage") | {"rawQueryString": "a=é b#c\r\n\\"})
    assert got.target.partition("?")[2] == "a=%C3%A9%20b%23c%0D%0A%5C"


@pytest.mark.parametrize(
    "given",
    [
        {"multiValueHeaders": {"X-Kept": ["1"], "X-Tag": None, "Host": None}},
        {"multiValueHeaders": {"X-Kept": ["1"], "X-Tag": [None]}},
        {"multiValueHeaders": None, "headers": {"X-Kept": "1", "X-Tag": None}},
        {"multiValueQueryStringParameters": {"a": ["1"], "b": None}, "multiValueHeaders": {"X-Kept": ["1"]}},
        {"queryStringParameters": {"a": "1", "b": None}, "multiValueHeaders": {"X-Kept": ["1"]}},
    ],
)
def test_null_in_a_map_is_absent(serve: Serve, given: dict[str, object]) -> None:
    got = received(serve, call() | given)
    assert got.values("x-kept") == ["1"]
    assert got.values("x-tag") == []
    assert got.target in ("/", "/?a=1")


def test_null_in_a_map_of_payload_2_is_absent(serve: Serve) -> None:
    given = event("http_2_named_stage")
    given["headers"] |= {"x-tag": None}
    assert received(serve, given).values("x-tag") == []


def test_http_2_default_stage_keeps_a_path_that_looks_like_one(serve: Serve) -> None:
    got = received(serve, event("http_2_default_stage_form"))
    assert got.target == "/live/form"
    assert got.body == b"name=Ada+L&town=London"
    assert got.values("content-length") == ["22"]


def test_http_1_named_stage(serve: Serve) -> None:
    got = received(serve, event("http_1_named_stage"), STRIP_PREFIX="/forward")
    assert got.target == "/orders/a%20b?tag=x&tag=y"
    assert got.values("x-tag") == ["one", "two"]
    assert got.values("cookie") == ["a=1; b=2"]


def test_http_1_keeps_the_path_where_the_stage_is_not_in_it(serve: Serve) -> None:
    given = event("http_1_named_stage")
    given["requestContext"]["path"], given["resource"] = "/elsewhere", "$default"
    assert received(serve, given).target.startswith("/live/forward/orders/a%20b")


def test_rest_keeps_a_path_that_begins_like_the_stage(serve: Serve) -> None:
    given = event("rest_custom_domain")
    given |= {"resource": "/{proxy+}", "pathParameters": {"proxy": "v1/forward/orders"}}
    assert received(serve, given).target == "/v1/forward/orders"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE", "PATCH", "POST", "PUT", "PURGE", "get"])
def test_the_method_is_kept(serve: Serve, method: str) -> None:
    assert received(serve, call(method)).method == method


@pytest.mark.parametrize(
    ("method", "headers", "lengths"),
    [
        ("GET", {}, []),
        ("DELETE", {}, []),
        ("POST", {}, ["0"]),
        ("PUT", {}, ["0"]),
        ("PATCH", {}, ["0"]),
        ("DELETE", {"content_length": "0"}, ["0"]),
        ("GET", {"Content_Length": "999"}, ["0"]),
    ],
)
def test_the_absence_of_a_body(serve: Serve, method: str, headers: dict[str, str], lengths: list[str]) -> None:
    assert received(serve, call(method, **headers)).values("content-length") == lengths


def test_a_body_with_get_is_kept(serve: Serve) -> None:
    got = received(serve, call("GET", body="query"))
    assert (got.body, got.values("content-length")) == (b"query", ["5"])


@pytest.mark.parametrize(
    ("resource", "parameters", "path", "target", "mount"),
    [
        ("/payment", None, "/v1/payment", "/payment", "/v1"),
        ("/payment", None, "/v1/payment/", "/payment/", "/v1"),
        ("/foo/{proxy+}", {"proxy": "example1"}, "/custom/foo/example1", "/foo/example1", "/custom"),
        ("/foo/{proxy+}", {"proxy": "a b/é"}, "/custom/foo/a%20b/%C3%A9", "/foo/a%20b/%C3%A9", "/custom"),
        ("/foo/{proxy+}", {"proxy": "a%20b"}, "/custom/foo/a%20b", "/foo/a%20b", "/custom"),
        ("/foo/{proxy+}", {"proxy": "foo/x"}, "/foo/foo/foo/x", "/foo/foo/x", "/foo"),
        ("/orders/{id}/items", {"id": "7"}, "/shop/v1/orders/7/items", "/orders/7/items", "/shop/v1"),
        ("/{proxy+}", {"proxy": "a/b"}, "/v1/a/b", "/a/b", "/v1"),
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
    assert got.target == target
    assert got.values("x-forwarded-prefix") == ([mount] if mount else [])


def test_the_root_of_a_route_for_every_path_has_no_value(serve: Serve) -> None:
    backend = serve(answering(response()))
    given = event("rest_custom_domain") | {"resource": "/{proxy+}", "path": "/", "pathParameters": {"proxy": ""}}
    assert ask(front(backend.url), given)["statusCode"] == 200


@pytest.mark.parametrize("empty", [None, {}, {"proxy": None}, {"proxy": ""}, {"id": "x"}])
def test_an_event_without_a_value_of_its_path_is_refused(serve: Serve, empty: dict[str, str] | None) -> None:
    rest = event("rest_custom_domain") | {"resource": "/foo/{proxy+}", "path": "/v1/foo/x", "pathParameters": empty}
    http = event("http_2_named_stage") | {
        "routeKey": "ANY /foo/{proxy+}",
        "rawPath": "/v1/foo",
        "pathParameters": empty,
    }
    backend = serve(answering(response()))
    for given in (rest, http):
        answer = ask(front(backend.url), given)
        assert (answer["statusCode"], message(answer)) == (400, "the event has no value for a variable of its path")
    assert backend.connections == 0


@pytest.mark.parametrize("path", ["v1/payment", "https://evil.invalid/payment", "v1", "*", "evil.invalid:80"])
def test_an_event_whose_path_has_no_slash_in_front_is_refused(serve: Serve, path: str) -> None:
    rest = event("rest_custom_domain") | {"resource": "/payment", "pathParameters": None, "path": path}
    http = event("http_2_named_stage") | {"routeKey": "ANY /payment", "rawPath": path}
    older = event("http_1_named_stage") | {"resource": "/payment", "pathParameters": None, "path": path}
    backend = serve(answering(response()))
    for given in (rest, http, older):
        answer = ask(front(backend.url), given)
        assert (answer["statusCode"], message(answer)) == (400, "the path must begin with one slash")
    assert backend.connections == 0


@pytest.mark.parametrize(
    ("domain", "called", "mount"),
    [
        ("api.example.com/v1", "api.example.com", "/v1"),
        ("api.example.com/v1/", "API.example.com", "/v1"),
        ("api.example.com/v1", "abcde12345.execute-api.eu-west-1.amazonaws.com", ""),
        ("*.example.com/v1", "shop.example.com", "/v1"),
        ("*.example.com/v1", "example.com", ""),
        ("api.example.com/v1", "evil-api.example.com", ""),
        ("*.example.com/v1", "shopexample.com", ""),
        ("", "api.example.com", ""),
        ("", "", ""),
    ],
)
def test_the_base_path_of_an_http_api_is_that_of_the_callers_address(
    serve: Serve, domain: str, called: str, mount: str
) -> None:
    given = event("http_2_default_stage_form") | {"rawPath": "/forward/orders", "routeKey": "ANY /forward/orders"}
    given["requestContext"]["domainName"] = called
    backend = serve(answering(response(b"", "Location: /login", status="302 Found")))
    answer = ask(front(backend.url, STRIP_PREFIX="/forward", CUSTOM_DOMAIN=domain), given)
    assert answer["headers"]["Location"] == f"{mount}/forward/login"
    got = backend.requests[0]
    assert (got.target.partition("?")[0], got.values("x-forwarded-prefix")) == ("/orders", [f"{mount}/forward"])


@pytest.mark.parametrize("name", ["rest", "rest_custom_domain"])
def test_the_backend_sees_one_path_by_either_address(serve: Serve, name: str) -> None:
    given = event(name)
    given["pathParameters"] = {"proxy": "orders"}
    base = "/v1" if name == "rest_custom_domain" else ""
    given["path"], given["requestContext"]["path"] = f"{base}/forward/orders", f"{base or '/live'}/forward/orders"
    got = received(serve, given, STRIP_PREFIX="/forward")
    assert got.target.partition("?")[0] == "/orders"
    assert got.values("x-forwarded-prefix") == [f"{base or '/live'}/forward"]


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
    given = event("rest_custom_domain") | {"resource": resource, "path": path}
    backend = serve(answering(response()))
    answer = ask(front(backend.url, STRIP_PREFIX="/forward"), given)
    assert (answer["statusCode"], backend.connections) == ((200, 1) if served else (400, 0))


@pytest.mark.parametrize("path", ["/orders/../admin", "/orders/a/../../admin"])
def test_dots_do_not_leave_the_route_of_an_http_api(serve: Serve, path: str) -> None:
    given = event("http_2_named_stage") | {"routeKey": "ANY /orders/{proxy+}", "rawPath": f"/live{path}"}
    assert ask(front(serve(answering(response())).url), given)["statusCode"] == 400


def test_the_test_of_the_console_is_served(serve: Serve) -> None:
    given = call(path="/x")
    given |= {"headers": None, "multiValueHeaders": None, "resource": "/x"}
    given["requestContext"]["identity"]["sourceIp"] = "test-invoke-source-ip"
    got = received(serve, given)
    assert got.target == "/x"
    assert got.values("x-forwarded-for") == []


def test_a_load_balancers_event_is_refused_in_one_sentence(serve: Serve) -> None:
    given = {
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:x"}},
        "httpMethod": "GET",
        "path": "/",
        "queryStringParameters": {"q": "a%20b"},
        "headers": {"host": "lb.invalid"},
        "body": "",
        "isBase64Encoded": False,
    }
    backend = serve(answering(response()))
    answer = ask(front(backend.url), given)
    assert (answer["statusCode"], answer["headers"]) == (400, {"Content-Type": "application/json"})
    assert message(answer) == "this is an event of a load balancer; the forwarder serves events of API Gateway"
    assert backend.connections == 0


MISTAKES: list[tuple[str, Any]] = [
    ("nothing", None),
    ("a list", []),
    ("empty", {}),
    ("no method", {**call(), "httpMethod": None}),
    ("method with a space", call("GET /x HTTP/1.1\r\nHost: evil.invalid\r\n\r\nGET")),
    ("CONNECT", call("CONNECT")),
    ("method no text", {**call(), "httpMethod": 7}),
    ("path no text", {**call(), "path": ["/"]}),
    ("header with a line break", call(x_a="1\r\nX-B: 2")),
    ("header with a line feed", call(x_a="1\nX-B: 2")),
    ("header with a null", call(x_a="1\x002")),
    ("line break in a header that is not sent", call(x_forwarded_host="1\r\nX-B: 2")),
    ("header's name with a line break", {**call(), "multiValueHeaders": {"a\r\nb": ["1"]}}),
    ("header's name with a colon", {**call(), "multiValueHeaders": {"a: b": ["1"]}}),
    ("header without a name", {**call(), "multiValueHeaders": {"": ["1"]}}),
    ("header without a name, after another", {**call(), "multiValueHeaders": {"a": ["1"], "": ["1"]}}),
    ("header with a delete character", call(x_a="1\x7f2")),
    ("header no text", {**call(), "multiValueHeaders": {"a": [1]}}),
    ("header no list", {**call(), "multiValueHeaders": {"a": "1"}}),
    ("two hosts", {**call(), "multiValueHeaders": {"Host": ["a", "b"]}}),
    ("two hosts joined", call(host="a.invalid,b.invalid")),
    ("host with a path", call(host="evil.invalid/x")),
    ("domain with a path", {**call(), "requestContext": {"domainName": "evil.invalid/x"}}),
    ("body no text", {**call(), "body": {"a": 1}}),
    ("body no base64", {**call(), "body": "&&&", "isBase64Encoded": True}),
    ("body no base64 beyond ASCII", {**call(), "body": "é", "isBase64Encoded": True}),
    ("body half a surrogate pair", {**call(), "body": "\ud800"}),
    ("header half a surrogate pair", call(x_a="\ud800")),
    ("path half a surrogate pair", call(path="/\ud800")),
    ("source with a line break", {**call(), "requestContext": {"identity": {"sourceIp": "1\r\nX: 2"}}}),
    ("id with a line break", {**call(), "requestContext": {"requestId": "1\r\nX: 2"}}),
    ("cookie with a line break", {**event("http_2_named_stage"), "cookies": ["a=1\r\nX: 2"]}),
    ("cookies no list", {**event("http_2_named_stage"), "cookies": "a=1"}),
]


@pytest.mark.parametrize("given", [given for _, given in MISTAKES], ids=[name for name, _ in MISTAKES])
def test_what_is_no_request_is_refused_before_the_backend(serve: Serve, given: Any) -> None:
    backend = serve(answering(response()))
    result = ask(front(backend.url), given)
    assert result["statusCode"] == 400
    assert message(result)
    assert backend.connections == 0
