"""Calls as `gatehouse try` prints them: a shell runs each line as it stands, and the gateway answers it."""

import asyncio
import json
import re
import subprocess
from collections.abc import AsyncIterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from review.serve.gateway import Gateway
from review.serve.printed_calls import RouteLine, introduction, variables_of
from review.serve.request import Request, Response, Trace
from review.serve.stack import Options
from review.serve.testing import Served, serving
from review.tests.helpers import plain_http
from review.tests.helpers.stacks import graph_with
from review.tests.serve.conftest import Shared

SHELLS = ("dash", "bash")
OTHER_VPC = "vpc-0a1b2c3d4e5f60718"


def pasted(line: str, shell: str = "bash") -> dict[str, Any]:
    """The echo's answer to a line that is pasted into a shell."""
    command = f"{line} -s --fail-with-body"
    done = subprocess.run([shell, "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (line, done.stdout, done.stderr)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def webhook_stack(scheme: str, *more: Mapping[str, Any]) -> Any:
    secret = {"secure": "v1:stand-in:of-an-encrypted-value"}
    return graph_with(
        {
            "topology": "public-proxy",
            "backend": {"image": "nginx:1.29", "platform": "linux/arm64"},
            "proxy": {"webhook": {"scheme": scheme, "secret": secret}},
            "api": {"kind": "rest", "routes": [{"path": "/hooks", "methods": ["POST"]}, *more]},
        }
    )


@pytest.mark.parametrize("scheme", ["github", "stripe", "slack", "gitlab"])
def test_a_webhooks_line_has_the_signature_of_an_empty_body(scheme: str) -> None:
    with serving(webhook_stack(scheme), Options()) as served:
        line = served.route("POST", "/hooks")
        assert pasted(line.curl)["body"] == ""
        answer = plain_http.post(line.url, headers=line.headers, content=b"x")
        assert answer.status_code == (200 if scheme == "gitlab" else 401)
        assert any(one.startswith("Printed signatures of webhooks are for an empty body.") for one in notes_of(served))


def caller(served: Served) -> Request:
    """The last request, with its caller."""
    request = served.traces[-1].request
    assert request is not None
    return request


def notes_of(served: Served) -> list[str]:
    return list(served.stack.not_served())


def test_a_route_with_an_authorization_needs_no_signature_of_the_sender() -> None:
    with serving(
        webhook_stack("slack", {"path": "/admin", "methods": ["GET"], "authorization": "iam"}), Options()
    ) as served:
        line = served.route("GET", "/admin")
        assert not {name for name in line.headers if name.startswith("X-Slack")}
        assert pasted(line.curl)["path"] == "/admin"
        assert "X-Slack-Signature" in served.route("POST", "/hooks").headers


def test_a_line_has_no_command_of_the_program() -> None:
    line = RouteLine(api="a", method="GET;id", path="/", url="http://127.0.0.1:1/$(id)", headers={}, signed="eu`id`")
    done = subprocess.run(
        ["sh", "-c", f"curl() {{ echo $@; }}; {line.curl}"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("-X GET;id --aws-sigv4 aws:amz:eu`id`:execute-api -u ")


def test_a_line_reads_no_file_and_makes_one_call() -> None:
    """Of headers that begin with @ curl reads a file, and it makes a call for each member of a set in the address."""
    headers = {"@x": "…", "X-Own": "@…"}
    line = RouteLine(api="a", method="GET", path="/", url="http://127.0.0.1:1/{a,b}", headers=headers)
    assert line.curl == "curl -g -H 'X-Own: @…' 'http://127.0.0.1:1/{a,b}'"


def test_a_token_is_printed_once_and_used_in_each_line(shared: Shared) -> None:
    served = shared("examples/jwt-http.yaml")
    lines = list(served.routes())
    names = variables_of(lines)
    assert {line.token for line in lines} == names.keys()
    assert [*names.values()] == ["TOKEN", "TOKEN_2"][: len(names)]
    assignments = "; ".join(f"{name}='{token}'" for token, name in names.items())
    for line in lines:
        written = line.call(names)
        assert line.token not in written
        assert '"Authorization: Bearer $TOKEN' in written
        for shell in SHELLS:
            assert pasted(f"{assignments}; {written}", shell)["path"]
    assert lines[0].token in lines[0].curl


def test_the_introduction_names_the_token_once_and_get_before_post(shared: Shared) -> None:
    served = shared("examples/jwt-http.yaml")
    text = "\n".join(introduction("shop", served.stack, {"scope": "orders/read"}))
    # Another one is made a second later.
    assert len(re.findall(r"TOKEN=ey", text)) == 1
    assert re.findall(r"^  (\w+ /orders\S*)$", text, re.MULTILINE) == [
        "GET /orders", "POST /orders", "GET /orders/{proxy+}", "POST /orders/{proxy+}",
    ]  # fmt: skip
    assert "\ntoken  ey" in text
    without = "\n".join(introduction("shop", shared("examples/open-proxy.yaml").stack, {"scope": "orders/read"}))
    assert "token  (no route of this stack takes one)" in without


def test_all_keys_are_printed_if_there_are_several(shared: Shared) -> None:
    stack = shared("examples/partner-api.yaml").stack
    text = "\n".join(introduction("shop", stack))
    assert len(stack.keys.values) > 1
    for value, key in stack.keys.values.items():
        assert f"  {key.name}  {value}\n" in text


def _from(served: Served, endpoint: str) -> tuple[int, str]:
    line = served.route("GET", "/orders")
    posed = f" -H 'X-Gatehouse-Vpc-Endpoint: {endpoint}'"
    done = subprocess.run(["sh", "-c", f"{line.curl}{posed} -s -w '%{{http_code}}'"], capture_output=True, check=True)
    return int(done.stdout[-3:]), served.traces[-1].note if served.traces else ""


def test_a_caller_in_another_vpc_is_judged_by_what_is_known_of_it(shared: Shared) -> None:
    served = shared("examples/internal-api.yaml")
    (endpoint,) = served.stack.model.api_endpoints
    assert _from(served, OTHER_VPC)[0] == 200
    assert caller(served).vpc == OTHER_VPC
    # Its own VPC has an endpoint that the stack holds.
    assert _from(served, endpoint.vpc)[0] == 200
    assert caller(served).vpc_endpoint == endpoint.id
    status, note = _from(served, "vpc-0fffffffffffffff0")
    assert (status, "does not admit endpoints in vpc-0fffffffffffffff0" in note) == (403, True)
    # An endpoint lies in one VPC, which is not known here.
    status, note = _from(served, "vpce-0fffffffffffffff0")
    assert (status, "cannot tell" in note) == (403, True)


def test_an_endpoint_that_the_policy_names_may_lie_in_a_vpc_that_it_does_not_name() -> None:
    named = {"vpcEndpointIds": ["vpce-0fffffffffffffff0"]}
    config = {
        "topology": "private-api",
        "backend": {"kind": "greeter"},
        "network": {"egress": "none"},
        "api": {"routes": [{"path": "/orders", "methods": ["GET"]}], "private": named},
    }
    with serving(graph_with(config), Options()) as served:
        status, note = _from(served, OTHER_VPC)
        assert (status, "cannot tell" in note) == (403, True)
        assert _from(served, "vpce-0fffffffffffffff0")[0] == 200


def test_a_streamed_answer_is_logged_after_its_last_part() -> None:
    """Its duration is that of the whole stream, as AWS's integration latency is."""
    events: list[str] = []

    class Streaming(Gateway):
        def __init__(self) -> None:
            self.callers: Any = SimpleNamespace(posed=lambda _: "")

        def told(self, trace: Trace) -> None:
            events.append("log")
            told.append(trace)

        async def _handle(self, _: Request) -> tuple[Response, Trace]:
            async def parts() -> AsyncIterator[bytes]:
                for part in (b"one", b"three"):
                    yield part
                    events.append(part.decode())

            return Response(200, stream=parts()), Trace("front", "GET", "/")

    async def receive() -> dict[str, Any]:
        return {"body": b""}

    async def send(_: Any) -> None:
        pass

    told: list[Trace] = []
    scope = {"type": "http", "method": "GET", "raw_path": b"/", "query_string": b"", "headers": []}
    asyncio.run(Streaming()(scope, receive, send))
    assert events == ["one", "three", "log"]
    assert told[0].milliseconds > 0
