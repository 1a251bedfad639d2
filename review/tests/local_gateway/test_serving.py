"""Stacks served on this machine, called over real sockets: each protection refuses, and each route answers."""

import http.client
import json
import socket
import subprocess
from dataclasses import replace

import pytest

from review.local_gateway.printed_calls import make_any_token
from review.tests.helpers import plain_http
from review.tests.helpers.stacks import graph_of
from review.tests.local_gateway.calling import call, free_port, signature, stack
from review.tests.local_gateway.conftest import Backend, Shared, listening
from review.tests.local_gateway.programs import changed


class Clock:
    """A clock that a test moves."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_key_is_required_and_must_be_the_stacks(shared: Shared) -> None:
    served = shared("examples/partner-api.yaml")
    for key in (None, "wrong"):
        answer = call(served, "GET", "/orders", headers={"x-api-key": key})
        assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})
        assert answer.headers["x-amzn-errortype"] == "ForbiddenException"
    assert "the stack has no such key" in served.traces[-1].note
    assert call(served, "GET", "/orders").json()["path"] == "/orders"


def test_a_key_that_is_in_no_plan_opens_nothing() -> None:
    graph = graph_of("examples/partner-api.yaml")
    link, *_ = graph.list_by_type("aws:apigateway/usagePlanKey:UsagePlanKey")
    resources = {urn: resource for urn, resource in graph.resources.items() if resource is not link}
    with stack(replace(graph, resources=resources)) as served:
        keys = served.stack.keys.values
        statuses = [call(served, "GET", "/orders", headers={"x-api-key": key}).status_code for key in keys]
        assert sorted(statuses) == [200] * (len(keys) - 1) + [403]


def test_a_plan_throttles_and_counts_each_key() -> None:
    clock = Clock()
    with stack(graph_of("examples/partner-api.yaml"), clock=clock) as served:
        assert [call(served, "POST", "/orders").status_code for _ in range(11)] == [200] * 10 + [429]
        assert served.traces[-1].note == "the throttle of this key is 5/s, burst 10"
        clock.now += 1
        assert [call(served, "POST", "/orders").status_code for _ in range(6)] == [200] * 5 + [429]
        used = served.route("POST", "/orders").headers["x-api-key"]
        other = next(key for key in served.stack.keys.values if key != used)
        assert call(served, "POST", "/orders", headers={"x-api-key": other}).status_code == 200


def test_a_quota_counts_each_key_in_one_run() -> None:
    clock = Clock()
    quota = {"limit": 2, "period": "DAY"}
    graph = changed(graph_of("examples/partner-api.yaml"), "front-partners", quotaSettings=quota)
    with stack(graph, clock=clock) as served:
        answers = [call(served, "GET", "/orders") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[-1].json() == {"message": "Limit Exceeded"}
        clock.now += 86_400
        assert call(served, "GET", "/orders").status_code == 429
        assert served.traces[-1].note == "the quota is 2 requests, counted in this run"


def test_the_stage_throttles_each_method() -> None:
    with stack(graph_of("examples/open-proxy.yaml"), clock=Clock()) as served:
        assert [call(served, "GET", "/forward").status_code for _ in range(51)] == [200] * 50 + [429]
        assert served.traces[-1].note == "the throttle of GET /forward is 100/s, burst 50"
        assert call(served, "POST", "/forward").status_code == 200


def test_paths_without_a_route_get_what_each_kind_answers(shared: Shared) -> None:
    rest, web = shared("examples/open-proxy.yaml"), shared("examples/jwt-http.yaml")
    assert plain_http.get(f"{rest.url()}/other/forward").json() == {"message": "Forbidden"}
    assert plain_http.delete(f"{rest.url()}/live/forward").status_code == 403
    nothing = plain_http.get(f"{web.url()}/nowhere")
    assert (nothing.status_code, nothing.json()) == (404, {"message": "Not Found"})
    assert "apigw-requestid" in nothing.headers


def test_a_token_must_be_the_issuers_and_have_the_scope(shared: Shared) -> None:
    served = shared("examples/jwt-http.yaml")
    printed = served.route("GET", "/orders").headers["Authorization"]
    told = 'Bearer scope="orders/read" error="invalid_token" error_description="'
    for token, status, challenge in (
        (None, 401, "Bearer"),
        (f"{printed[:-4]}AAAA", 401, told),
        (
            f"Bearer {make_any_token(served.stack, {'scope': 'other'})}",
            403,
            'Bearer scope="orders/read" error="insufficient',
        ),
        (f"Bearer {make_any_token(served.stack, {'exp': 1})}", 401, f'{told}the token has expired"'),
        (
            f"Bearer {make_any_token(served.stack, {'aud': 'x'})}",
            401,
            f'{told}the token does not have a valid audience"',
        ),
    ):
        answer = call(served, "GET", "/orders", headers={"Authorization": token})
        assert (answer.status_code, answer.headers["www-authenticate"][: len(challenge)]) == (status, challenge)
    assert call(served, "GET", "/orders").status_code == 200


def test_a_signature_is_checked_over_the_whole_request(shared: Shared) -> None:
    served = shared("examples/rest-nlb-fargate.yaml")
    line = served.route("POST", "/{proxy+}")
    assert call(served, "POST", "/{proxy+}", content=b"{}", url=line.url + "?b=2&a=1%20x").status_code == 200
    assert call(served, "POST", "/{proxy+}", signed=False).json() == {"message": "Missing Authentication Token"}
    answer = plain_http.post(line.url, headers=signature("POST", line.url, line.signed, secret="other"))
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (403, "InvalidSignatureException")
    other_body = plain_http.post(line.url, headers=signature("POST", line.url, line.signed, b"{}"), content=b"[]")
    assert other_body.status_code == 403


@pytest.mark.parametrize("more", ["", " -H 'X-Gatehouse-Source-Ip: 192.0.2.9'"])
def test_curl_signs_what_the_gateway_accepts(shared: Shared, more: str) -> None:
    command = shared("examples/rest-nlb-fargate.yaml").route("GET", "/{proxy+}").curl
    done = subprocess.run(["sh", "-c", f"{command} -s{more}"], capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    assert answer["path"] == "/proxy"
    assert not [name for name, _ in answer["headers"] if name.startswith("x-gatehouse")]


def test_curl_asks_for_a_head_without_a_body(shared: Shared) -> None:
    command = shared("examples/open-proxy.yaml").route("HEAD", "/forward").curl
    done = subprocess.run(["sh", "-c", f"{command} -s"], capture_output=True, text=True, check=True)
    assert " 200 " in done.stdout.splitlines()[0]


def test_a_resource_policy_admits_its_addresses_only(shared: Shared) -> None:
    served = shared("examples/webhook.yaml")
    denied = call(served, "POST", "/hooks", headers={"X-Gatehouse-Source-Ip": "203.0.113.9"})
    assert (denied.status_code, denied.headers["x-amzn-errortype"]) == (403, "AccessDeniedException")
    assert "not authorized to perform: execute-api:Invoke" in denied.json()["Message"]
    assert ":********9012:" in denied.json()["Message"]
    assert call(served, "POST", "/hooks", headers={"X-Hub-Signature-256": None}).status_code == 401
    assert "backend" not in [name for name, _ in served.traces[-1].hops]


def test_no_backend_receives_the_identity_headers(shared: Shared) -> None:
    pose = {"X-Gatehouse-Source-Ip": "203.0.113.9", "X-Gatehouse-Principal": "x", "X-Gatehouse-Vpc-Endpoint": "y"}
    told = call(shared("examples/open-proxy.yaml"), "GET", "/forward", headers=pose).json()
    assert not [name for name, _ in told["headers"] if name.startswith("x-gatehouse")]
    assert dict(told["headers"])["x-forwarded-for"] == "203.0.113.9"


def test_a_backend_that_is_down_is_named_and_answers_once_it_is_up() -> None:
    port = free_port()
    with stack(graph_of("examples/http-cloudmap-fargate.yaml"), backends=[f"http://127.0.0.1:{port}"]) as served:
        answer = call(served, "ANY", "/")
        assert (answer.status_code, answer.json()) == (503, {"message": "Service Unavailable"})
        assert "start your backend" in served.traces[-1].note
    with stack(graph_of("examples/open-proxy.yaml"), backends=[f"http://127.0.0.1:{port}"]) as served:
        down = call(served, "GET", "/forward")
        # The address that the function calls closes its connection, and the terminal has the reason.
        assert (down.status_code, "closed the connection" in down.json()["message"]) == (502, True)
        assert f"127.0.0.1:{port} accepts no connections: start your backend" in served.traces[-1].note
        with listening(Backend, port):
            assert (call(served, "GET", "/forward").text, served.traces[-1].note) == ("mine", "")


def test_an_unhealthy_target_gets_the_request_if_there_is_no_other() -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html"""
    with stack(graph_of("examples/http-alb-ec2.yaml"), backends=["http://127.0.0.1:9"]) as served:
        answer = call(served, "ANY", "/")
        # The load balancer's own answer, which API Gateway passes on.
        assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html")
        assert "127.0.0.1:9 fails the health check of ingress-targets" in served.traces[-1].note


def test_limits_of_size_hold(shared: Shared) -> None:
    served = shared("examples/open-proxy.yaml")
    # The event of 6 MB in base64 is larger than Lambda takes.
    for size in (10 * 1024 * 1024 + 1, 6_000_000):
        assert call(served, "POST", "/forward", content=b"x" * size).status_code == 413


def test_raw_paths_arrive_as_they_were_sent(shared: Shared) -> None:
    connection = http.client.HTTPConnection(shared("examples/open-proxy.yaml").url().partition("//")[2])
    connection.request("GET", "/live/forward/a%2Fb//c?x=1&x=2&y=%20")
    told = json.load(connection.getresponse())
    connection.close()
    assert (told["path"], told["query"]) == ("/a%2Fb//c", "x=1&x=2&y=%20")


def test_the_port_closes_with_the_stack() -> None:
    with stack(graph_of("examples/open-proxy.yaml")) as served:
        port = int(served.url().rpartition(":")[2])
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port))
