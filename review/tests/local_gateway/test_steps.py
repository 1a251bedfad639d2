"""Steps of the gateway by themselves: matching, stages, throttles, and mappings of requests."""

from contextlib import nullcontext
from dataclasses import replace

import pytest

from review.local_gateway.apis import Route
from review.local_gateway.errors import GatewayError
from review.local_gateway.keys import Buckets, Throttle
from review.local_gateway.mapping import map_request
from review.local_gateway.matching import match
from review.local_gateway.request import Request
from review.local_gateway.stages import find_path
from review.tests.local_gateway.conftest import call_of


def route(key: str) -> Route:
    method, _, path = key.partition(" ")
    return Route(method=method, path=path, kind="MOCK")


@pytest.mark.parametrize(
    ("keys", "sent", "rest", "http"),
    [
        ("GET /a|GET /{x}|GET /{proxy+}", "GET /b", "GET /{x}", "GET /{x}"),
        ("GET /a|GET /{x}|GET /{proxy+}", "GET /b/c", "GET /{proxy+}", "GET /{proxy+}"),
        ("GET /a|ANY /{proxy+}", "POST /a", "ANY /{proxy+}", "ANY /{proxy+}"),
        ("PATCH /u/me|GET /u/{id}", "GET /u/me", "GET /u/{id}", "GET /u/{id}"),
        ("PATCH /u/me|GET /u/{id}", "POST /u/me", None, None),
        ("GET /a|ANY /a", "GET /a", "GET /a", "GET /a"),
        ("GET /a|ANY /a", "PUT /a", "ANY /a", "ANY /a"),
        ("GET /a/{x}/c|GET /{proxy+}", "GET /a/b/d", "GET /{proxy+}", "GET /{proxy+}"),
        ("GET /{proxy+}", "GET /", None, None),
        ("GET /a", "GET /a/", "GET /a", None),
        ("GET /a|GET /a/", "GET /a/", "GET /a", "GET /a/"),
        ("GET /a~b", "GET /a%7Eb", "GET /a~b", "GET /a~b"),
    ],
)
def test_a_request_gets_the_most_specific_route(keys: str, sent: str, rest: str | None, http: str | None) -> None:
    routes = [route(key) for key in keys.split("|")]
    method, _, path = sent.partition(" ")
    for kind, wanted in ((True, rest), (False, http)):
        found = match(routes, method, path, rest=kind)
        assert (found[0].name if found else None) == wanted, kind


def test_http_apis_decode_variables_and_a_greedy_one_keeps_its_slashes() -> None:
    for rest, wanted in ((True, {"id": "a%20b", "proxy": "c//d%2Fe"}), (False, {"id": "a b", "proxy": "c//d/e"})):
        found = match([route("GET /o/{id}/{proxy+}")], "GET", "/o/a%20b/c//d%2Fe", rest=rest)
        assert found is not None
        assert found[1] == wanted


def test_a_path_of_a_rest_api_begins_with_the_stage_and_passes_over_slashes() -> None:
    for path, found in (("/live/x", "/x"), ("/live", "/"), ("//live//x", "/x"), ("/lively", None), ("/x", None)):
        sent = Request("GET", path, "", [("host", "localhost:1")], b"")
        with nullcontext() if found else pytest.raises(GatewayError):
            assert find_path(call_of(sent, rest=True).api, sent) == found


def test_a_bucket_fills_at_its_rate_and_no_further_than_its_burst() -> None:
    now = [0.0]
    buckets = Buckets(lambda: now[0])
    for seconds, taken in ((0, 3), (0.5, 1), (60, 3)):
        now[0] += seconds
        assert [buckets.take({"stage": Throttle(2, 3)}) for _ in range(taken + 1)] == [*[None] * taken, "stage"]
    assert buckets.take({"closed": Throttle(0, 0)}) == "closed"


def test_a_refused_request_takes_no_token_anywhere() -> None:
    buckets = Buckets(lambda: 0.0)
    wide, narrow = Throttle(1, 3), Throttle(1, 1)
    assert [buckets.take({"wide": wide, "narrow": narrow}) for _ in range(2)] == [None, "narrow"]
    assert [buckets.take({"wide": wide}) for _ in range(3)] == [None, None, "wide"]


@pytest.mark.parametrize(
    ("rest", "mapping", "path", "header"),
    [
        (False, {"overwrite:header.x-a": "$context.stage/${request.path}"}, "/p?q=1", ["$default//"]),
        (False, {"overwrite:header.x-a": "${request.header.x-a}-$request.header.none"}, "/p?q=1", ["old-"]),
        # AWS does not say what an empty value leaves. The caller's own header is the worst.
        (False, {"overwrite:header.x-a": "$request.header.none"}, "/p?q=1", ["old"]),
        (False, {"overwrite:header.X-A": "new"}, "/p?q=1", ["new"]),
        (False, {"remove:header.x-a": "''"}, "/p?q=1", []),
        (False, {"overwrite:path": "other$request.path"}, "/other/?q=1", ["old"]),
        (True, {"header.x-a": "'text'"}, None, ["text"]),
        (True, {"header.x-a": "context.identity.sourceIp"}, None, ["192.0.2.1"]),
        # Names of REST APIs have upper and lower case.
        (True, {"header.X-A": "'text'"}, None, ["old", "text"]),
        (True, {"header.X-A": "method.request.header.none"}, None, ["old"]),
    ],
)
def test_an_api_maps_parameters(rest: bool, mapping: dict[str, str], path: str | None, header: list[str]) -> None:
    given = {f"integration.request.{place}" if rest else place: source for place, source in mapping.items()}
    made = call_of(Request("GET", "/p", "q=1", [("x-a", "old")], b"", "192.0.2.1"), rest=rest)
    found, headers = map_request(replace(made, route=replace(made.route, parameters=given)))
    assert path in (None, found)
    assert found.endswith("?q=1")
    assert [value for name, value in headers if name.lower() == "x-a"] == header
