"""Requests and stacks that try to get further than they may."""

from __future__ import annotations

import asyncio
import json
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from review.aws.catalog import types
from review.aws.model.model import AwsModel
from review.graph import Asset, Graph
from review.reach import trace
from review.serve.apis import Authorizer, AuthorizerKind
from review.serve.authorization import ACCESS_KEY_ID, Authorization
from review.serve.aws_calls import AwsCaller
from review.serve.aws_endpoint import AwsEndpoint
from review.serve.call import Call
from review.serve.errors import GatewayError
from review.serve.functions import Function
from review.serve.issuer import Issuer
from review.serve.request import Request, Response
from review.serve.stack import Options
from review.serve.testing import Served, serving
from review.tests.graph_builder import Builder
from review.tests.serve.conftest import ACCOUNT, Backend, Shared, call_of, function_of, listening
from review.tests.serve.programs import called_by_http, lambda_function
from tests import plain_http
from tests.stacks import graph_of

pytestmark = pytest.mark.xdist_group("serve")
REGION = "eu-west-1"


def opened(served: Served, *, overwrites_path: bool) -> None:
    """Take the authorizers away, and the mapping of the path if it is not wanted."""
    for gateway in served.stack.gateways:
        routes = []
        for route in gateway.api.routes:
            parameters = {
                key: value for key, value in route.parameters.items() if overwrites_path or key != "overwrite:path"
            }
            routes.append(replace(route, authorizer=None, parameters=parameters))
        gateway.api.routes = tuple(routes)


def sent(served: Served, head: bytes) -> bytes:
    port = httpx.URL(served.url()).port
    assert port is not None
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head + b"\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        return b"".join(iter(lambda: connection.recv(65_536), b""))


@pytest.mark.parametrize("overwrites_path", [True, False])
def test_a_target_that_is_no_path_reaches_no_other_address(overwrites_path: bool) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        serving(graph_of("examples/http-alb-ec2.yaml"), Options()) as served,
    ):
        opened(served, overwrites_path=overwrites_path)
        port = other.getsockname()[1]
        for target in (f"@127.0.0.1:{port}/x", f"http://127.0.0.1:{port}/x", "*", "0/x"):
            assert sent(served, f"GET {target} HTTP/1.1".encode()).startswith(b"HTTP/1.1 400 "), target
        # A positive answer to CONNECT would open a tunnel.
        assert sent(served, b"CONNECT / HTTP/1.1").startswith(b"HTTP/1.1 400 ")
        other.setblocking(False)
        with pytest.raises(BlockingIOError):
            other.accept()


@pytest.mark.parametrize("example", ["http-alb-ec2", "rest-nlb-ec2"])
def test_a_header_arrives_in_its_own_bytes(example: str) -> None:
    with serving(graph_of(f"examples/{example}.yaml"), Options()) as served:
        opened(served, overwrites_path=True)
        url = httpx.URL(next(iter(served.routes())).url)
        told = sent(served, b"GET " + url.raw_path + b" HTTP/1.1\r\nX-Name: \xe9")
        assert told.startswith(b"HTTP/1.1 200 ")
        assert b"\\u00e9" in told


def test_a_status_that_http_does_not_have_is_the_backends_failure() -> None:
    class Odd(Backend):
        def send_response(self, code: int, message: str | None = None) -> None:
            super().send_response(code + 799, message)

    graph = graph_of("examples/http-cloudmap-fargate.yaml")
    with listening(Odd) as port, serving(graph, Options(backends=[f"http://127.0.0.1:{port}"])) as served:
        opened(served, overwrites_path=True)
        assert plain_http.get(next(served.routes()).url).status_code == 503
        assert "status 999" in served.traces[-1].note


def test_a_function_outside_the_stack_is_named() -> None:
    graph = graph_of("dev")
    left = {urn: one for urn, one in graph.resources.items() if one.name != "proxy-function"}
    with serving(replace(graph, resources=left), Options()) as served:
        assert plain_http.get(next(served.routes()).url).status_code == 500
        assert "is not in the stack" in served.traces[-1].note


def test_a_caller_poses_once_and_as_one_address(shared: Shared) -> None:
    line = "GET /live/hooks HTTP/1.1\r\n"
    served = shared("examples/webhook.yaml")
    for source in ("abc", "", "192.0.2.1, 198.51.100.1", "192.0.2.0/24"):
        told = sent(served, f"{line}X-Gatehouse-Source-Ip: {source}".encode())
        assert told.startswith(b"HTTP/1.1 400 "), source
    for name in ("Source-Ip", "Vpc-Endpoint", "Principal"):
        pose = f"X-Gatehouse-{name}: 192.0.2.1"
        told = sent(served, f"{line}{pose}\r\n{pose}".encode())
        assert told.startswith(b"HTTP/1.1 400 "), name
        assert f"send X-Gatehouse-{name} once".encode() in told


def test_an_endpoint_may_be_named_like_a_vpc() -> None:
    with serving(graph_of("examples/private-greeter.yaml"), Options()) as served:
        callers = served.stack.gateways[0].callers
        callers._endpoints = tuple(
            replace(one, resource=replace(one.resource, name="vpc-endpoint")) for one in callers._endpoints
        )
        line = next(served.routes())
        told = plain_http.get(line.url, headers={**line.headers, "X-Gatehouse-Vpc-Endpoint": "vpc-endpoint"})
    assert told.status_code == 200


def test_the_aws_endpoint_answers_on_its_own_address_only() -> None:
    headers = {"X-Amz-Target": "secretsmanager.GetSecretValue"}
    with serving(caller_of_aws(), Options()) as served:
        for function in served.stack._functions.values():
            assert isinstance(function, Function)
            url = function._environment()["AWS_ENDPOINT_URL"]
            # Its role allows nothing.
            for host, status in ((None, 400), ("rebound.invalid", 403)):
                given = headers | ({"Host": host} if host else {})
                assert plain_http.post(url, headers=given, content=b'{"SecretId": "x"}').status_code == status


def caller_of_aws() -> Graph:
    """A function without a VPC and without permissions."""
    build = Builder()
    called_by_http(build, lambda_function(build, "caller", code=Asset(members={"main.py": Asset(text="")})))
    return build.graph()


async def aws_answer(call: Request, emulator: str = "", lines: list[str] | None = None) -> Response:
    graph = caller_of_aws()
    caller = AwsCaller(trace(AwsModel(graph)), next(iter(graph.of_type(*types.FUNCTION))))
    found = await AwsEndpoint(graph, emulator, {}, print if lines is None else lines.append).answer(call, caller)
    assert found is not None
    return found


def test_an_emulator_answers_whole_and_its_failure_is_one_line() -> None:
    class Emulator(Backend):
        framing = ("ETag", "abc")

    lines: list[str] = []
    call = Request("GET", "/bucket/key", "", [("host", "127.0.0.1:1"), ("x-a", "1")], b"")

    def answered(url: str) -> Response:
        return asyncio.run(aws_answer(call, url, lines))

    with listening(Emulator) as port:
        answer = answered(f"http://127.0.0.1:{port}")
        assert (answer.status, answer.header("etag"), answer.body) == (200, "abc", b"mine")
    assert answered(f"http://127.0.0.1:{port}").status == 503
    assert lines == [f"caller called AWS (GET /bucket/key): http://127.0.0.1:{port}: All connection attempts failed"]


@pytest.mark.parametrize("body", [b"", b"no JSON", b"[]", b'{"SecretId": "\xff"}', b"[" * 200_000])
def test_a_call_of_aws_that_is_none_is_refused(body: bytes) -> None:
    headers = [("host", "127.0.0.1:1"), ("x-amz-target", "secretsmanager.GetSecretValue")]
    answer = asyncio.run(aws_answer(Request("POST", "/", "", headers, body)))
    assert (answer.status, json.loads(answer.body)["__type"]) == (400, "SerializationException")


def test_each_api_and_stage_keeps_its_own_decisions() -> None:
    asked: list[str] = []

    async def invoke(call: Call, authorizer: Authorizer, event: Any) -> Any:
        assert authorizer.function is not None
        asked.append(authorizer.function.name)
        return {"isAuthorized": authorizer.function.name == "lax"}

    def authorizer(name: str) -> Authorizer:
        function = replace(function_of(""), name=name)
        return Authorizer(
            name="own", kind=AuthorizerKind.REQUEST, sources=("$request.header.Authorization",), function=function,
            cache_seconds=300, payload="2.0", simple=True,
        )  # fmt: skip

    async def identify(api: str, name: str) -> None:
        made = call_of(Request("GET", "/", "", [("authorization", "x")], b""), authorizer(name))
        arn = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}"
        made.api.api = replace(made.api.api, arn=arn)
        await authorization.identify(made)

    authorization = Authorization(Issuer(), invoke, REGION)
    # No program can be evaluated within an event loop.
    graph_of("examples/jwt-http.yaml")
    asyncio.run(identify("one", "lax"))
    asyncio.run(identify("one", "lax"))
    with pytest.raises(GatewayError, match="denies"):
        asyncio.run(identify("two", "strict"))
    assert asked == ["lax", "strict"]


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": None}, {"exp": "soon"}, {"exp": 1}, {"nbf": "x"}, {"iss": "j"}, {"iss": None},
        {"aud": [{}]}, {"aud": ["b"]}, {"aud": "b"}, {"aud": None, "client_id": None},
    ],
)  # fmt: skip
def test_a_token_with_strange_claims_is_refused(claims: dict[str, Any]) -> None:
    issuer = Issuer()
    with pytest.raises(GatewayError):
        issuer.claims(issuer.mint("i", "a", [], claims), ["i"], ["a"])


@pytest.mark.parametrize(
    ("scopes", "use", "passes"), [((), "id", True), ((), "access", False), (("s",), "access", True)]
)
def test_a_user_pools_access_token_needs_a_route_with_scopes(scopes: tuple[str, ...], use: str, passes: bool) -> None:
    authorization = Authorization(issuer := Issuer(), None, REGION)  # type: ignore[arg-type] # no stack is needed
    token = issuer.mint("i", "a", ["s"], {"token_use": use})
    source = "method.request.header.Authorization"
    pool = Authorizer(name="pool", kind=AuthorizerKind.COGNITO, issuers=("i",), sources=(source,))
    made = call_of(Request("GET", "/", "", [("authorization", token)], b""), pool, rest=True, scopes=scopes)
    if passes:
        assert asyncio.run(authorization.identify(made)).context["claims"]["token_use"] == use
    else:
        with pytest.raises(GatewayError, match="access token"):
            asyncio.run(authorization.identify(made))


@pytest.mark.parametrize("minutes", [-16, 16, None])
def test_a_signature_must_be_new(minutes: int | None) -> None:
    moment = "" if minutes is None else f"{datetime.now(UTC) + timedelta(minutes=minutes):%Y%m%dT%H%M%SZ}"
    scope = f"{ACCESS_KEY_ID}/{moment[:8]}/{REGION}/execute-api/aws4_request"
    value = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature=0"
    request = Request("GET", "/", "", [("authorization", value), ("x-amz-date", moment)], b"")
    made = call_of(request, Authorizer(name="IAM", kind=AuthorizerKind.IAM), rest=True)
    with pytest.raises(GatewayError, match="within 5 minutes"):
        asyncio.run(Authorization(Issuer(), None, REGION).identify(made))  # type: ignore[arg-type] # no stack is needed


def test_a_private_api_without_a_policy_admits_no_one() -> None:
    with serving(graph_of("examples/private-greeter.yaml"), Options()) as served:
        for gateway in served.stack.gateways:
            gateway.api.api = replace(gateway.api.api, policies=())
        line = next(iter(served.routes()))
        assert plain_http.get(line.url, headers=line.headers).status_code == 403
        assert "resource policy" in served.traces[-1].note


def test_the_case_of_a_domain_makes_no_difference() -> None:
    """The host is compared as host names are; without credentials the mapped route answers 403, and says why."""
    graph = graph_of("examples/own-domain.yaml")
    named = {
        urn: replace(one, inputs={**one.inputs, "domainName": "API.Example.com"})
        for urn, one in graph.resources.items()
        if one.kind == "ApiMapping"
    }
    with serving(replace(graph, resources={**graph.resources, **named}), Options()) as served:
        answers = [
            plain_http.get(f"{served.url()}/v1{path}", headers={"Host": "api.EXAMPLE.com:443"}).json()["message"]
            for path in ("/orders", "/nowhere")
        ]
    assert answers == ["Missing Authentication Token"] * 2
