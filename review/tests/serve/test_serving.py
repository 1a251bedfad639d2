"""Stacks served on this machine, called over real sockets: each protection refuses, and each route answers."""

import http.client
import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from review.aws.catalog import types
from review.aws.model.model import AwsModel
from review.graph import Graph
from review.graph.reading import within
from review.serve.authorization import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from review.serve.printed_calls import any_token
from review.serve.stack import Options
from review.serve.testing import Served, serving
from review.tests.helpers import plain_http
from review.tests.helpers.stacks import ALL, graph_of, graph_with
from review.tests.serve.conftest import Backend, Shared, listening
from review.tests.serve.programs import changed, without


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def stack(graph: Graph, **options: Any) -> Iterator[Served]:
    with serving(graph, Options(**options)) as served:
        yield served


def call(served: Served, method: str, path: str, send: str = "", **changed: Any) -> httpx.Response:
    """Call a route the way that `gatehouse try` prints it, but for `changed` headers; None leaves one out."""
    line = served.route(method, path)
    headers = {**line.headers, **changed.pop("headers", {})}
    headers = {name: value for name, value in headers.items() if value is not None}
    verb = send or ("GET" if method == "ANY" else method)
    url, body = changed.pop("url", line.url), changed.pop("content", b"")
    if line.signed and changed.pop("signed", True):
        headers |= signature(verb, url, line.signed, body, host=line.headers.get("Host", ""))
    return plain_http.request(verb, url, headers=headers, content=body)


def signature(
    method: str, url: str, region: str, body: bytes = b"", *, secret: str = SECRET_ACCESS_KEY, host: str = ""
) -> dict[str, str]:
    request = AWSRequest(method, url, headers={"Host": host} if host else {}, data=body)
    SigV4Auth(Credentials(ACCESS_KEY_ID, secret), "execute-api", region).add_auth(request)
    return dict(request.headers.items())


def impatient(graph: Graph) -> Graph:
    """The graph with forwarders that wait for one second."""
    for function in graph.of_type(*types.FUNCTION):
        variables = {**within(function.inputs, "environment", "variables"), "TIMEOUT_SECONDS": "1"}
        graph = changed(graph, function.name, environment={"variables": variables})
    return graph


# In the process that has evaluated the stack.
@pytest.mark.parametrize("name", ALL)
def test_every_route_of_every_example_answers(name: str) -> None:
    with stack(graph_of(name)) as served:
        for line in served.routes():
            answer = call(served, line.method, line.path)
            assert answer.is_success, (line, answer.text, served.traces[-1].note, served.log[-5:])


def test_a_key_is_required_and_must_be_the_stacks(shared: Shared) -> None:
    served = shared("examples/partner-api.yaml")
    answers = [call(served, "GET", "/orders", headers={"x-api-key": key}) for key in (None, "wrong")]
    assert [(answer.status_code, answer.json(), answer.headers["x-amzn-errortype"]) for answer in answers] == [
        (403, {"message": "Forbidden"}, "ForbiddenException")
    ] * 2
    assert "the stack has no such key" in served.traces[-1].note
    assert call(served, "GET", "/orders").json()["path"] == "/orders"


def test_a_plan_throttles_and_counts_each_key() -> None:
    clock = Clock()
    with stack(graph_of("examples/partner-api.yaml"), clock=clock) as served:
        line = served.route("POST", "/orders")
        first = [call(served, "POST", "/orders").status_code for _ in range(11)]
        assert first == [200] * 10 + [429]  # the route's burst in this plan
        assert served.traces[-1].note == "the throttle of this key is 5/s, burst 10"
        clock.now += 1
        assert [call(served, "POST", "/orders").status_code for _ in range(6)] == [200] * 5 + [429]
        other = next(key for key in served.stack.keys.values if key != line.headers["x-api-key"])
        assert call(served, "POST", "/orders", headers={"x-api-key": other}).status_code == 200


def test_a_quota_counts_each_key_in_one_run() -> None:
    clock = Clock()
    graph = changed(
        graph_of("examples/partner-api.yaml"), "front-partners", quotaSettings={"limit": 2, "period": "DAY"}
    )
    with stack(graph, clock=clock) as served:
        answers = [call(served, "GET", "/orders") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[-1].json() == {"message": "Limit Exceeded"}
        assert served.traces[-1].note == "the quota is 2 requests, counted in this run"
        clock.now += 86_400
        assert call(served, "GET", "/orders").status_code == 429
        used = served.route("GET", "/orders").headers["x-api-key"]
        other = next(key for key in served.stack.keys.values if key != used)
        assert call(served, "GET", "/orders", headers={"x-api-key": other}).status_code == 200


def test_the_stage_throttles_each_method() -> None:
    with stack(graph_of("examples/open-proxy.yaml"), clock=Clock()) as served:
        answers = [call(served, "GET", "/forward").status_code for _ in range(51)]
        assert answers == [200] * 50 + [429]
        assert served.traces[-1].note == "the throttle of GET /forward is 100/s, burst 50"
        assert call(served, "POST", "/forward").status_code == 200


def test_paths_without_a_route_get_what_each_kind_answers(shared: Shared) -> None:
    rest, web = shared("examples/open-proxy.yaml"), shared("examples/jwt-http.yaml")
    missing = plain_http.get(f"{rest.url()}/live/nowhere")
    assert (missing.status_code, missing.json()) == (403, {"message": "Missing Authentication Token"})
    assert missing.headers["x-amzn-errortype"] == "MissingAuthenticationTokenException"
    assert plain_http.get(f"{rest.url()}/other/forward").json() == {"message": "Forbidden"}
    assert plain_http.delete(f"{rest.url()}/live/forward").status_code == 403
    nothing = plain_http.get(f"{web.url()}/nowhere")
    assert (nothing.status_code, nothing.json()) == (404, {"message": "Not Found"})
    assert "apigw-requestid" in nothing.headers


def test_a_token_must_be_the_issuers_and_have_the_scope(shared: Shared) -> None:
    served = shared("examples/jwt-http.yaml")
    bare = call(served, "GET", "/orders", headers={"Authorization": None})
    assert (bare.status_code, bare.headers["www-authenticate"]) == (401, "Bearer")
    bent = served.route("GET", "/orders").headers["Authorization"][:-4] + "AAAA"
    challenge = call(served, "GET", "/orders", headers={"Authorization": bent}).headers["www-authenticate"]
    assert 'error="invalid_token"' in challenge
    assert challenge.endswith('form is invalid"')
    poor = any_token(served.stack, {"scope": "other"})
    refused = call(served, "GET", "/orders", headers={"Authorization": f"Bearer {poor}"})
    assert (refused.status_code, "insufficient_scope" in refused.headers["www-authenticate"]) == (403, True)
    # In AWS's words, with the route's scopes.
    for claims, reason in (({"exp": 1}, "has expired"), ({"aud": "other"}, "does not have a valid audience")):
        token = any_token(served.stack, claims)
        answer = call(served, "GET", "/orders", headers={"Authorization": f"Bearer {token}"})
        told = f'Bearer scope="orders/read" error="invalid_token" error_description="the token {reason}"'
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, told)
    assert call(served, "GET", "/orders").status_code == 200


def test_a_signature_is_checked_over_the_whole_request(shared: Shared) -> None:
    served = shared("examples/rest-nlb-fargate.yaml")
    line = served.route("POST", "/{proxy+}")
    assert call(served, "POST", "/{proxy+}", content=b"{}", url=line.url + "?b=2&a=1%20x").status_code == 200
    assert call(served, "POST", "/{proxy+}", signed=False).json() == {"message": "Missing Authentication Token"}
    wrong = signature("POST", line.url, line.signed, secret="other")
    answer = plain_http.post(line.url, headers=wrong)
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (403, "InvalidSignatureException")
    other_body = plain_http.post(line.url, headers=signature("POST", line.url, line.signed, b"{}"), content=b"[]")
    assert other_body.status_code == 403


def test_curl_signs_what_the_gateway_accepts(shared: Shared) -> None:
    served = shared("examples/rest-nlb-fargate.yaml")
    command = served.route("GET", "/{proxy+}").curl
    done = subprocess.run(["sh", "-c", f"{command} -s"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["path"] == "/proxy"
    # curl signs the header by which a caller poses as well.
    posed = f"{command} -s -H 'X-Gatehouse-Source-Ip: 192.0.2.9'"
    done = subprocess.run(["sh", "-c", posed], capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    assert answer["path"] == "/proxy"
    assert not [name for name, _ in answer["headers"] if name.startswith("x-gatehouse")]


def test_curl_asks_for_a_head_without_a_body(shared: Shared) -> None:
    served = shared("examples/open-proxy.yaml")
    command = served.route("HEAD", "/forward").curl
    done = subprocess.run(["sh", "-c", f"{command} -s"], capture_output=True, text=True, check=True)
    assert command.startswith("curl --head ")
    assert " 200 " in done.stdout.splitlines()[0]


def test_a_resource_policy_admits_its_addresses_only(shared: Shared) -> None:
    served = shared("examples/webhook.yaml")
    line = served.route("POST", "/hooks")
    assert "x-gatehouse-source-ip" in {name.lower() for name in line.headers}
    stranger = call(served, "POST", "/hooks", headers={"X-Gatehouse-Source-Ip": "203.0.113.9"})
    assert (stranger.status_code, stranger.headers["x-amzn-errortype"]) == (403, "AccessDeniedException")
    assert "not authorized to perform: execute-api:Invoke" in stranger.json()["Message"]
    unsigned = call(served, "POST", "/hooks", headers={"X-Hub-Signature-256": None})
    assert unsigned.status_code == 401
    assert "backend" not in [name for name, _ in served.traces[-1].hops]


def test_a_private_api_answers_through_its_endpoint_only(shared: Shared) -> None:
    served = shared("examples/private-greeter.yaml")
    assert call(served, "GET", "/secure/greeter").status_code == 200
    for endpoint in ("none", "vpce-0fffffffffffffff0"):
        answer = call(served, "GET", "/secure/greeter", headers={"X-Gatehouse-Vpc-Endpoint": endpoint})
        assert answer.status_code == 403, endpoint


def test_the_policy_of_an_endpoint_is_asked() -> None:
    graph = graph_of("examples/private-greeter.yaml")
    (endpoint,) = AwsModel(graph).api_endpoints
    closed = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}],
    }
    with stack(changed(graph, endpoint.resource.name, policy=json.dumps(closed))) as served:
        assert call(served, "GET", "/secure/greeter").status_code == 403
        assert "the policy of endpoint" in served.traces[-1].note


def test_the_headers_that_pose_reach_nobody(shared: Shared) -> None:
    pose = {"X-Gatehouse-Source-Ip": "203.0.113.9", "X-Gatehouse-Principal": "x", "X-Gatehouse-Vpc-Endpoint": "y"}
    served = shared("examples/open-proxy.yaml")
    told = call(served, "GET", "/forward", headers=pose).json()
    assert not [name for name, _ in told["headers"] if name.startswith("x-gatehouse")]
    assert dict(told["headers"])["x-forwarded-for"] == "203.0.113.9"
    # A public API has no caller behind an endpoint.
    assert served.traces[-1].request is not None
    assert served.traces[-1].request.vpc_endpoint == ""


@pytest.mark.parametrize(
    ("example", "missing", "route", "status"),
    [
        ("examples/open-proxy.yaml", ["front-invokes-backend"], ("GET", "/forward"), 500),
        ("examples/open-proxy.yaml", ["proxy-to-backend-ingress"], ("GET", "/forward"), 504),
        ("examples/open-proxy.yaml", ["proxy-to-backend-egress"], ("GET", "/forward"), 504),
        ("examples/http-alb-ec2.yaml", ["backend-from-alb-ingress"], ("ANY", "/"), 504),
        ("examples/rest-alb-fargate.yaml", ["backend-from-alb-ingress"], ("ANY", "/"), 504),
    ],
)
def test_a_missing_hop_is_named(example: str, missing: list[str], route: tuple[str, str], status: int) -> None:
    # A dropped packet has no answer: the forwarder waits for as long as it is told.
    graph = without(impatient(graph_of(example)), *missing)
    with stack(graph) as served:
        answer = call(served, *route)
        assert answer.status_code == status, answer.text
        assert served.traces[-1].note


def test_a_backend_of_ones_own_answers_and_its_failure_is_named() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    server.close()
    with stack(graph_of("examples/http-cloudmap-fargate.yaml"), backends=[f"http://127.0.0.1:{port}"]) as served:
        answer = call(served, "ANY", "/")
        assert (answer.status_code, answer.json()) == (503, {"message": "Service Unavailable"})
        assert "start your backend" in served.traces[-1].note


def test_a_function_learns_that_the_backend_is_down_and_up_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with stack(graph_of("examples/open-proxy.yaml"), backends=[f"http://127.0.0.1:{port}"]) as served:
        down = call(served, "GET", "/forward")
        # The address that the function calls closes its connection, and the terminal has the reason.
        assert (down.status_code, "closed the connection" in down.json()["message"]) == (502, True)
        assert f"127.0.0.1:{port} accepts no connections: start your backend" in served.traces[-1].note
        with listening(Backend, port):
            assert (call(served, "GET", "/forward").text, served.traces[-1].note) == ("mine", "")
        assert call(served, "GET", "/forward").status_code == 502


def test_an_unhealthy_target_gets_the_request_if_there_is_no_other() -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html"""
    with stack(graph_of("examples/http-alb-ec2.yaml"), backends=["http://127.0.0.1:9"]) as served:
        answer = call(served, "ANY", "/")
        # The load balancer's own answer, which API Gateway passes on.
        assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html")
        assert "127.0.0.1:9 fails the health check of ingress-targets" in served.traces[-1].note


def test_a_function_gets_the_events_of_its_kind() -> None:
    program: Any = {
        "topology": "public-proxy",
        "backend": {"kind": "greeter"},
        "api": {"kind": "http", "routes": [{"path": "/hello/{name}", "methods": ["GET"], "includeSubpaths": False}]},
        "protection": {"acknowledgePublic": ["GET /hello/{name}", "GET /hello/{name}/{proxy+}"]},
    }
    del program["api"]["routes"][0]["includeSubpaths"]
    with stack(graph_with(program)) as served:
        answer = plain_http.get(f"{served.url()}/hello/ann?x=1&x=2", headers={"Cookie": "a=1; b=2"})
        assert answer.status_code == 200, served.log


def test_a_preflight_of_each_kind_is_answered(shared: Shared) -> None:
    page = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "GET"}
    served = shared("examples/jwt-http.yaml")
    answer = plain_http.options(f"{served.url()}/orders", headers=page)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, page["Origin"])
    other = plain_http.options(f"{served.url()}/orders", headers=page | {"Origin": "https://evil.example.com"})
    assert "access-control-allow-origin" not in other.headers
    config = {
        "topology": "public-proxy",
        "backend": {"kind": "greeter"},
        "api": {
            "routes": [{"path": "/hello", "methods": ["GET"], "keyRequired": True}],
            "plans": {"all": {"keys": ["web"]}},
            "cors": {"origins": ["https://app.example.com"], "methods": ["GET"], "preflightOnly": True},
        },
    }
    with stack(graph_with(config)) as served:
        url = served.route("GET", "/hello").url
        answer = plain_http.options(url, headers=page)
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, page["Origin"])
        refused = plain_http.get(url)
        assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (403, page["Origin"])


def test_a_streamed_answer_comes_in_parts(shared: Shared) -> None:
    served = shared("examples/streaming.yaml")
    line = next(served.routes())
    answer = call(served, line.method, line.path)
    assert answer.status_code == 200


def test_limits_of_size_hold(shared: Shared) -> None:
    served = shared("examples/open-proxy.yaml")
    too_long = call(served, "POST", "/forward", content=b"x" * (10 * 1024 * 1024 + 1))
    assert too_long.status_code == 413
    # The event of 6 MB in base64 is larger than Lambda takes.
    assert call(served, "POST", "/forward", content=b"x" * 6_000_000).status_code == 413


def test_raw_paths_arrive_as_they_were_sent(shared: Shared) -> None:
    served = shared("examples/open-proxy.yaml")
    connection = http.client.HTTPConnection(served.url().partition("//")[2])
    connection.request("GET", "/live/forward/a%2Fb//c?x=1&x=2&y=%20")
    told = json.load(connection.getresponse())
    connection.close()
    assert (told["path"], told["query"]) == ("/a%2Fb//c", "x=1&x=2&y=%20")


def test_the_port_closes_with_the_stack() -> None:
    with stack(graph_of("examples/open-proxy.yaml")) as served:
        call(served, "GET", "/forward")
        port = int(served.url().rpartition(":")[2])
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port))
