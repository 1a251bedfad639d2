"""Calls as `gatehouse try` prints them: a shell runs each line as it stands, and the gateway answers it."""

import hashlib
import hmac
import json
import re
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest

from review.local_gateway.callers import list_endpoints
from review.local_gateway.printed_calls import RouteLine, name_token_variables
from review.local_gateway.testing import Served
from review.tests.helpers import plain_http
from review.tests.helpers.stacks import graph_with
from review.tests.local_gateway.calling import stack
from review.tests.local_gateway.conftest import Shared
from review.tests.local_gateway.programs import changed
from review.try_page.introduction import introduce_stack

OTHER_VPC = "vpc-0a1b2c3d4e5f60718"


def pasted(line: str, shell: str = "bash") -> dict[str, Any]:
    """The echo's answer to a line that is pasted into a shell."""
    command = [shell, "-c", f"{line} -s --fail-with-body"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (line, done.stdout, done.stderr)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def webhook_stack(scheme: str, *more: Mapping[str, Any], **described: str) -> Any:
    secret = {"secure": "v1:stand-in:of-an-encrypted-value"}
    return graph_with(
        {
            "topology": "public-proxy",
            "backend": {"image": "nginx:1.29", "platform": "linux/arm64"},
            "proxy": {"webhook": {"scheme": scheme, "secret": secret, **described}},
            "api": {"kind": "rest", "routes": [{"path": "/hooks", "methods": ["POST"]}, *more]},
        }
    )


HMAC = {"header": "X-S", "encoding": "base64", "algorithm": "sha512", "prefix": "v1="}
TIMED = {**HMAC, "signed": "{id}:{timestamp}:{body}", "timestampHeader": "X-T", "idHeader": "X-I"}


@pytest.mark.parametrize(
    ("scheme", "described"),
    [
        *((scheme, {}) for scheme in ("github", "stripe", "slack", "gitlab", "standard")),
        *(("hmac", described) for described in ({"header": "X-S"}, HMAC, TIMED)),
    ],
)
def test_a_webhooks_line_has_the_signature_of_an_empty_body(scheme: str, described: Mapping[str, str]) -> None:
    admin = {"path": "/admin", "methods": ["GET"], "authorization": "iam"}
    with stack(webhook_stack(scheme, admin, **described)) as served:
        line = served.route("POST", "/hooks")
        assert pasted(line.curl)["body"] == ""
        answer = plain_http.post(line.url, headers=line.headers, content=b"x")
        assert answer.status_code == (200 if scheme == "gitlab" else 401)
        notes = list(served.stack.describe_unserved())
        assert any(one.startswith("Printed signatures of webhooks are for an empty body.") for one in notes)
        # A route with an authorization needs no signature of the sender.
        assert pasted(served.route("GET", "/admin").curl)["path"] == "/admin"


def test_a_made_up_secret_is_printed_and_signs_other_bodies() -> None:
    graph = webhook_stack("github")
    body = b'{"action": "opened"}'
    with stack(graph) as served:
        lines = list(introduce_stack("dev", served.stack))
        secret = lines[next(at for at, line in enumerate(lines) if "Webhook secrets" in line) + 1].split()[1]
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": f"sha256={signature}"}
        assert plain_http.post(served.route("POST", "/hooks").url, content=body, headers=headers).status_code == 200
    (function,) = graph.list_by_type("aws:lambda/function:Function")
    variables = {**function.inputs["environment"]["variables"], "WEBHOOK_SECRET": "of-a-person"}
    with stack(changed(graph, function.name, environment={"variables": variables})) as served:
        assert "of-a-person" not in "\n".join(introduce_stack("dev", served.stack))


@pytest.mark.parametrize("secret", ["", " "])
def test_a_webhook_without_a_secret_reaches_no_backend(secret: str) -> None:
    graph = webhook_stack("github")
    (function,) = graph.list_by_type("aws:lambda/function:Function")
    variables = {**function.inputs["environment"]["variables"], "WEBHOOK_SECRET": secret}
    with stack(changed(graph, function.name, environment={"variables": variables})) as served:
        line = served.route("POST", "/hooks")
        assert plain_http.post(line.url, headers=line.headers).status_code == 502
        assert [name for name, _ in served.traces[-1].hops if name == "backend"] == []


def test_a_line_has_no_command_of_the_program_reads_no_file_and_makes_one_call() -> None:
    line = RouteLine(api="a", method="GET;id", path="/", url="http://127.0.0.1:1/$(id)", headers={}, signed="eu`id`")
    command = ["sh", "-c", f"curl() {{ echo $@; }}; {line.curl}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("-X GET;id --aws-sigv4 aws:amz:eu`id`:execute-api -u ")
    # Of headers that begin with @ curl reads a file, and it makes a call for each member of a set in the address.
    headers = {"@x": "…", "X-Own": "@…"}
    line = RouteLine(api="a", method="GET", path="/", url="http://127.0.0.1:1/{a,b}", headers=headers)
    assert line.curl == "curl -g -H 'X-Own: @…' 'http://127.0.0.1:1/{a,b}'"


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_a_token_is_printed_once_and_used_in_each_line(shared: Shared, shell: str) -> None:
    lines = list(shared("examples/jwt-http.yaml").routes())
    names = name_token_variables(lines)
    assert {line.token for line in lines} == names.keys()
    assignments = "; ".join(f"{name}='{token}'" for token, name in names.items())
    for line in lines:
        written = line.call(names)
        assert line.token not in written
        assert pasted(f"{assignments}; {written}", shell)["path"]
    assert lines[0].token in lines[0].curl


def test_the_introduction_names_the_token_once_each_key_and_get_before_post(shared: Shared) -> None:
    claims = {"scope": "orders/read"}
    text = "\n".join(introduce_stack("shop", shared("examples/jwt-http.yaml").stack, claims))
    # Another one is made a second later.
    assert len(re.findall(r"TOKEN=ey", text)) == 1
    assert re.findall(r"^  (\w+ /orders)$", text, re.MULTILINE) == ["GET /orders", "POST /orders"]
    assert "\ntoken  ey" in text
    without = "\n".join(introduce_stack("shop", shared("examples/open-proxy.yaml").stack, claims))
    assert "token  (no route of this stack takes one)" in without
    partner = shared("examples/partner-api.yaml").stack
    text = "\n".join(introduce_stack("shop", partner))
    assert len(partner.keys.values) > 1
    assert all(f"  {key.name}  {value}\n" in text for value, key in partner.keys.values.items())


def _from(served: Served, endpoint: str) -> tuple[int, str]:
    with_endpoint = (
        f"{served.route('GET', '/orders').curl} -H 'X-Gatehouse-Vpc-Endpoint: {endpoint}' -s -w '%{{http_code}}'"
    )
    done = subprocess.run(["sh", "-c", with_endpoint], capture_output=True, check=True)
    return int(done.stdout[-3:]), served.traces[-1].note


def test_a_caller_in_another_vpc_is_judged_by_what_is_known_of_it(shared: Shared) -> None:
    served = shared("examples/internal-api.yaml")
    (endpoint,) = list_endpoints(served.stack.statements)
    for place, status, said in (
        (OTHER_VPC, 200, ""),
        # Its own VPC has an endpoint that the stack holds.
        (endpoint.vpc, 200, ""),
        ("vpc-0fffffffffffffff0", 403, "does not admit endpoints in vpc-0fffffffffffffff0"),
        # An endpoint lies in one VPC, which is not known here.
        ("vpce-0fffffffffffffff0", 403, "cannot tell"),
    ):
        answered, note = _from(served, place)
        assert (answered, said in note) == (status, True), place


def test_an_endpoint_that_the_policy_names_may_lie_in_a_vpc_that_it_does_not_name() -> None:
    named = {"vpcEndpointIds": ["vpce-0fffffffffffffff0"]}
    config = {
        "topology": "private-api",
        "backend": {"kind": "greeter"},
        "network": {"egress": "none"},
        "api": {"routes": [{"path": "/orders", "methods": ["GET"]}], "private": named},
    }
    with stack(graph_with(config)) as served:
        status, note = _from(served, OTHER_VPC)
        assert (status, "cannot tell" in note) == (403, True)
        assert _from(served, "vpce-0fffffffffffffff0")[0] == 200
