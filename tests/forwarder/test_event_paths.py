"""The path and the query that the backend receives for an event of each format."""

from typing import Any

import pytest

from tests.forwarder.event_formats import FORMATS, REST_HOST
from tests.forwarder.loopback import answering, response
from tests.forwarder.setting import Serve, ask, call, event, front, headers_of, message, received

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
