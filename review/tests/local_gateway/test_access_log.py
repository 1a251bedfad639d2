"""The line of a stage's access log names the caller, for each kind of caller."""

import json
from pathlib import Path
from typing import Any

import pytest

from review.local_gateway.testing import Served
from review.tests.helpers import plain_http
from review.tests.helpers.stacks import graph_with
from review.tests.local_gateway.calling import call, stack

AUTHORIZER = "def handler(event, context): return {answer}\n"
POLICY = (
    '{"principalId": "robot", "context": {"tenant": "acme"}, "policyDocument": {"Version": "2012-10-17", '
    '"Statement": [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": event["methodArn"]}]}}'
)
CALLER = ("callerArn", "callerAccount", "principal", "subject", "clientId", "apiKeyId")


def config(folder: Path, kind: str) -> dict[str, Any]:
    (folder / "handler.py").write_text(AUTHORIZER.format(answer=POLICY))
    pool = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_AbCdEf123"
    by_kind: dict[str, Any] = {
        "rest": {
            "authorizers": {
                "pool": {"kind": "cognito", "userPoolArns": [pool]},
                "check": {"kind": "lambda", "function": {"folder": str(folder)}},
            },
            "plans": {"partners": {"keys": ["acme"]}},
            "routes": [
                {"path": "/open", "methods": ["GET"], "authorization": "none"},
                {"path": "/key", "methods": ["GET"], "keyRequired": True},
                {"path": "/iam", "methods": ["GET"], "authorization": "iam"},
                {"path": "/pool", "methods": ["GET"], "authorization": "pool"},
                {"path": "/check", "methods": ["GET"], "authorization": "check"},
            ],
            "logs": {"fields": ["authorizer.tenant", "resourceId"]},
        },
        "http": {
            "authorizers": {"users": {"kind": "jwt", "issuer": "https://login.example.com/", "audiences": ["web"]}},
            "routes": [{"path": "/jwt", "methods": ["GET"], "authorization": "users"}],
        },
    }
    return {"topology": "public-proxy", "backend": {"kind": "greeter"}, "api": {"kind": kind, **by_kind[kind]}}


def logged(served: Served) -> dict[str, str]:
    line: dict[str, str] = json.loads(served.traces[-1].access_log)
    return line


def caller(line: dict[str, str]) -> dict[str, str]:
    """The fields that name the caller and have a value."""
    return {name: line[name] for name in CALLER if line.get(name, "-") != "-"}


def test_each_kind_of_caller_of_a_rest_api_is_named(tmp_path: Path) -> None:
    with stack(graph_with(config(tmp_path, "rest"))) as served:
        found = {}
        for path in ("/open", "/key", "/iam", "/pool", "/check"):
            headers = {"Authorization": "a word of the authorizer"} if path == "/check" else {}
            assert call(served, "GET", path, headers=headers).status_code == 200, served.traces[-1].note
            line = logged(served)
            assert (line["status"], line["route"], line["method"]) == ("200", path, "GET")
            found[path] = caller(line)
            if path == "/check":
                assert (line["authorizer.tenant"], line["resourceId"] != "-") == ("acme", True)
    assert found["/open"] == {}
    assert found["/key"].keys() == {"apiKeyId"}
    assert found["/iam"]["callerArn"].startswith("arn:aws:iam::123456789012:user/")
    assert found["/iam"]["callerAccount"] == "123456789012"
    assert found["/pool"].keys() == {"subject"}
    assert found["/check"] == {"principal": "robot"}


def test_the_caller_of_an_http_api_is_named_and_no_secret_is_logged(tmp_path: Path) -> None:
    with stack(graph_with(config(tmp_path, "http"))) as served:
        assert call(served, "GET", "/jwt").status_code == 200
        line = logged(served)
        assert caller(line) == {"subject": "try-user", "clientId": "web"}
        token = served.route("GET", "/jwt").headers["Authorization"].removeprefix("Bearer ")
        assert token not in served.traces[-1].access_log


@pytest.mark.parametrize("agent", ['a"b\\c', 'x","status":"200'])
def test_a_caller_writes_no_field_of_its_own(tmp_path: Path, agent: str) -> None:
    with stack(graph_with(config(tmp_path, "rest"))) as served:
        refused = plain_http.get(served.route("GET", "/iam").url, headers={"User-Agent": agent})
        assert refused.status_code == 403
        line = logged(served)
    assert (line["status"], line["userAgent"]) == ("403", agent)
    assert line["errorType"] == "MISSING_AUTHENTICATION_TOKEN"
