"""What is encrypted in the config is secret in every resource, and so in the state."""

from typing import Any

import pytest

from tests.helpers.declare import one
from tests.helpers.declared import Graph, ProgramError, Secret
from tests.helpers.stacks import graph_with

SECRET = "a-word-that-stands-nowhere-else"
ROUTES = {"kind": "rest", "routes": [{"path": "/", "authorization": "iam"}]}
NETWORK = {"vpcId": "vpc-0a1b2c3d4e5f60718", "subnetIds": ["subnet-0a1b2c3d4e5f60718"]}
FARGATE = {"kind": "fargate", "image": "nginx:1.29", "port": 80}


def graph_of(section: str, **config: Any) -> Graph:
    """A config with an encrypted value in one section."""
    return graph_with({"topology": "public-proxy", "api": ROUTES, **config}, secret=(section,))


def shown(value: Any) -> str:
    """All that is no secret."""
    if isinstance(value, Secret):
        return ""
    if isinstance(value, dict):
        return " ".join(map(shown, value.values()))
    if isinstance(value, (list, tuple)):
        return " ".join(map(shown, value))
    return str(value)


@pytest.mark.parametrize(
    ("section", "config", "kind", "at"),
    [
        (
            "backend",
            {"network": NETWORK, "backend": {"url": f"http://{SECRET}.internal:8080"}},
            "Function",
            "environment.variables.BACKEND_URL",
        ),
        (
            "backend",
            {
                "network": {"egress": "nat-gateway"},
                "ingress": {"kind": "alb"},
                "backend": {**FARGATE, "environment": {"TOKEN": SECRET}},
            },
            "TaskDefinition",
            "containerDefinitions",
        ),
        (
            "backend",
            {
                "network": {"egress": "nat-gateway"},
                "ingress": {"kind": "alb"},
                "backend": {**FARGATE, "command": ["serve", f"--token={SECRET}"]},
            },
            "TaskDefinition",
            "containerDefinitions",
        ),
        (
            "backend",
            {"network": {"egress": "nat-gateway"}, "backend": {"userData": f"#!/bin/sh\n: {SECRET}", "port": 80}},
            "Instance",
            "userData",
        ),
        (
            "protection",
            {
                "network": NETWORK,
                "backend": {"url": "http://app.internal:8080"},
                "protection": {
                    "alarms": {"emails": [f"{SECRET}@example.com"]},
                    "budget": {"monthlyUsd": 10, "emails": [f"{SECRET}@example.com"]},
                },
            },
            "TopicSubscription",
            "endpoint",
        ),
    ],
    ids=["url", "environment", "command", "user data", "e-mail"],
)
def test_what_is_encrypted_stays_secret(section: str, config: dict[str, Any], kind: str, at: str) -> None:
    graph = graph_of(section, **config)
    plain = [each.urn for each in graph if SECRET in shown({**each.inputs, **each.state})]
    assert plain == []
    assert SECRET not in shown(graph.exports)
    value: Any = one(graph, kind).inputs
    for key in at.split("."):
        value = value[key]
    assert isinstance(value, Secret)
    assert SECRET in value.value


@pytest.mark.parametrize(
    ("key", "value", "at"), [("environment", {"TOKEN": SECRET}, "environment.TOKEN"), ("command", [SECRET], "command")]
)
def test_what_is_encrypted_is_refused_where_it_would_be_read_on_the_instance(key: str, value: Any, at: str) -> None:
    backend = {"image": "nginx:1.29", "port": 80, key: value}
    with pytest.raises(ProgramError, match=rf"{at}: got '\(secret\)'; keep it in") as refused:
        graph_of("backend", network={"egress": "nat-gateway"}, backend=backend)
    assert SECRET not in str(refused.value)


def test_an_encrypted_command_is_not_shown_by_the_mistake_about_it() -> None:
    backend = {"userData": "#!/bin/sh", "port": 80, "command": [SECRET]}
    with pytest.raises(ProgramError, match=r"backend\.command") as refused:
        graph_of("backend", network={"egress": "nat-gateway"}, backend=backend)
    assert SECRET not in str(refused.value)
