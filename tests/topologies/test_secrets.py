"""What is encrypted in the config is secret in every resource, and so in the state."""

from typing import Any

import pytest

from components.recording.values import Secret
from components.testing.recorder import Graph
from tests.helpers.declare import ProgramError, one
from tests.helpers.stacks import graph_with

SECRET = "a-word-that-stands-nowhere-else"
ADOPTED = {"vpcId": "vpc-0a1b2c3d4e5f60718", "subnetIds": ["subnet-0a1b2c3d4e5f60718"]}
FARGATE = {"kind": "fargate", "image": "nginx:1.29", "port": 80}


def declared(section: str, value: dict[str, Any], **more: Any) -> Graph:
    """A config with an encrypted value in one section."""
    routes = {"kind": "rest", "routes": [{"path": "/", "authorization": "iam"}]}
    given = {"topology": "public-proxy", "api": routes, **more, section: value}
    return graph_with(given, secret=(section,))


def shown(value: Any) -> str:
    """All that is no secret."""
    if isinstance(value, Secret):
        return ""
    if isinstance(value, dict):
        return " ".join(map(shown, value.values()))
    if isinstance(value, (list, tuple)):
        return " ".join(map(shown, value))
    return str(value)


URL = {"network": ADOPTED, "backend": {"url": "http://app.internal:8080"}}
EMAILS = {"emails": [f"{SECRET}@example.com"]}
BALANCED = {"ingress": {"kind": "alb"}}


@pytest.mark.parametrize(
    ("section", "value", "more", "kind", "at"),
    [
        ("backend", {"url": f"http://{SECRET}.internal"}, URL, "Function", "environment.variables.BACKEND_URL"),
        ("backend", {**FARGATE, "environment": {"A": SECRET}}, BALANCED, "TaskDefinition", "containerDefinitions"),
        ("backend", {**FARGATE, "command": [f"--token={SECRET}"]}, BALANCED, "TaskDefinition", "containerDefinitions"),
        ("backend", {"userData": f"#!/bin/sh\n: {SECRET}", "port": 80}, {}, "Instance", "userData"),
        ("protection", {"alarms": EMAILS, "budget": {"monthlyUsd": 9, **EMAILS}}, URL, "TopicSubscription", "endpoint"),
    ],
    ids=["url", "environment", "command", "user data", "e-mail"],
)
def test_what_is_encrypted_stays_secret(
    section: str, value: dict[str, Any], more: dict[str, Any], kind: str, at: str
) -> None:
    graph = declared(section, value, **more)
    assert [each.urn for each in graph if SECRET in shown({**each.inputs, **each.state})] == []
    assert SECRET not in shown(graph.exports)
    found: Any = one(graph, kind).inputs
    for key in at.split("."):
        found = found[key]
    assert isinstance(found, Secret)
    assert SECRET in found.value


@pytest.mark.parametrize(
    ("backend", "words"),
    [
        # It would be read on the instance.
        ({"image": "nginx:1.29", "environment": {"A": SECRET}}, r"environment\.A: got '\(secret\)'; keep it in"),
        ({"image": "nginx:1.29", "command": [SECRET]}, r"command: got '\(secret\)'; keep it in"),
        ({"userData": "#!/bin/sh", "command": [SECRET]}, r"backend\.command"),
    ],
)
def test_a_refusal_shows_nothing_of_what_is_encrypted(backend: dict[str, Any], words: str) -> None:
    with pytest.raises(ProgramError, match=words) as refused:
        declared("backend", {**backend, "port": 80})
    assert SECRET not in str(refused.value)
