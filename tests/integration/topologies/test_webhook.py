"""The webhook example end to end: GitHub's signature, the forwarder, and a hook that runs."""

import hashlib
import hmac
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from components.arguments.words import WebhookScheme
from forwarder import webhook
from review.evaluate.problems import ProgramError
from review.reach import trace
from review.reach.path import Kind
from review.tests.helpers.stacks import ROOT, graph_with
from tests.forwarder.setting import ask, call, front
from tests.helpers.declare import one
from tests.helpers.server_process import server_process

BACKEND = yaml.safe_load((ROOT / "examples" / "webhook.yaml").read_text())["config"]["backend"]
SECRET = "It's a Secret to Everybody"  # GitHub's own example
DECIDES = "arn:aws:lambda:eu-west-1:111122223333:function:decides"
EVENT = json.dumps({"repository": {"full_name": "octocat/Hello-World"}})


@pytest.fixture
def hooks(tmp_path: Path) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """The example's container as a process: its command with its file, at a port that is free."""
    interpreter, path = BACKEND["command"]
    assert interpreter == "python"
    file = tmp_path / Path(path).name
    file.write_text(BACKEND["files"][path])
    options: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with server_process(
        lambda port: ["/usr/bin/env", f"PORT={port}", sys.executable, str(file)],
        env={**os.environ, **BACKEND["environment"]},
        **options,
    ) as served:
        yield served


def test_a_signed_event_runs_the_hook_and_an_unsigned_one_does_not(hooks: tuple[int, subprocess.Popen[str]]) -> None:
    port, process = hooks
    forwarder = front(f"http://127.0.0.1:{port}", WEBHOOK_SCHEME="github", WEBHOOK_SECRET=SECRET)
    signature = hmac.new(SECRET.encode(), EVENT.encode(), hashlib.sha256).hexdigest()
    for signed, status in (("0" * 64, 401), (signature, 202)):
        event = call("POST", body=EVENT)
        event["multiValueHeaders"] = {"X-GitHub-Event": ["push"], "X-Hub-Signature-256": [f"sha256={signed}"]}
        assert ask(forwarder, event)["statusCode"] == status
    process.kill()
    assert process.stdout is not None
    assert process.stdout.read() == "push octocat/Hello-World\n"


def hooked(*authorizations: str) -> dict[str, Any]:
    places = {"none": "/hooks", "iam": "/admin", "own": "/own"}
    api: dict[str, Any] = {
        "routes": [{"path": places[one], "methods": ["POST"], "authorization": one} for one in authorizations]
    }
    if "own" in authorizations:
        api["authorizers"] = {"own": {"kind": "lambda", "function": {"arn": DECIDES}}}
    webhook = {"webhook": {"scheme": "github", "secret": {"secure": "v1:a:text"}}}
    return {"topology": "public-proxy", "backend": {"image": "nginx:1.29", "port": 80}, "api": api, "proxy": webhook}


def test_an_administrators_route_beside_a_webhook_needs_no_signature() -> None:
    graph = graph_with(hooked("none", "iam", "own"))
    found = {str(path).partition(" → tcp")[0] for path in trace(graph).paths if path.kind is Kind.INBOUND and path.open}
    assert found == {
        "internet → front (POST /hooks, 100/s a method) → proxy (signature)",
        "internet → front (POST /admin, IAM, 100/s a method) → proxy",
        f"internet → front (POST /own, authorizer {DECIDES}, 100/s a method) → proxy (signature)",
    }


def test_the_review_names_each_scheme_of_the_forwarder() -> None:
    assert set(get_args(WebhookScheme)) == {*webhook.SCHEMES, "hmac"}
    for scheme in get_args(WebhookScheme):
        config = hooked("none")
        described = {"header": "x-signature"} if scheme == "hmac" else {}
        config["proxy"]["webhook"].update(scheme=scheme, **described)
        graph = graph_with(config)
        assert one(graph, "Function").inputs["environment"]["variables"]["WEBHOOK_SCHEME"] == scheme
        (path,) = [path for path in trace(graph).paths if path.kind is Kind.INBOUND and path.open]
        assert [hop.full_label for hop in path.hops if hop.label == "signature"] == [f"signature of {scheme}"]


def test_a_webhook_has_a_route_that_its_sender_can_call() -> None:
    for routes in (("none",), ("own",), ("iam", "own"), ("none", "iam")):
        graph_with(hooked(*routes))
    with pytest.raises(ProgramError, match=r"(?s)proxy\.webhook.*without IAM, JWT or Cognito authorization"):
        graph_with(hooked("iam"))
