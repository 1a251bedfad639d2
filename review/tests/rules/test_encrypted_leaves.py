"""SEC-05 on whole stacks: a value is secret where it is encrypted, and the values beside it are not."""

from typing import Any

import pytest

from review.graph import Graph, Secret
from review.rules import Status, check
from review.tests.graph_builder import Builder
from review.tests.helpers.stacks import graph_with

ENCRYPTED = {"secure": "v1:abcdef"}
BACKEND = {"kind": "fargate", "image": "traefik/whoami:v1.11.0", "port": 80, "healthCheckPath": "/health/ready"}
ROUTE = {"path": "/v1/items", "methods": ["GET"], "authorization": "iam"}


def leaks(graph: Graph) -> list[str]:
    return [one.message for one in check(graph) if one.rule.id == "SEC-05" and one.status is Status.FAILED]


@pytest.mark.parametrize(
    "config",
    [
        {
            "topology": "vpc-link",
            "backend": {**BACKEND, "environment": {"LICENSE": ENCRYPTED}},
            "ingress": {"kind": "alb"},
            "api": {"kind": "http", "routes": [ROUTE]},
        },
        {
            "topology": "public-proxy",
            "backend": {"image": "traefik/whoami:v1.11.0", "port": 80},
            "api": {
                "stage": "production",
                "routes": [{**ROUTE, "keyRequired": True}],
                "plans": {"gold": {"keyValues": {"a": ENCRYPTED}}},
            },
        },
    ],
)
def test_what_is_beside_an_encrypted_value_is_plain(config: dict[str, Any]) -> None:
    assert leaks(graph_with(config)) == []


def test_an_encrypted_value_that_is_shown_is_found_at_any_depth() -> None:
    build = Builder()
    build.config["small:section"] = {"list": [{"name": "plain-name-1", "key": Secret("correct horse")}]}
    build.exports |= {"shown": "it is correct horse", "name": "plain-name-1"}
    assert leaks(build.graph()) == ["the output shown shows a secret"]


def test_a_section_that_is_encrypted_as_a_whole_is_secret_as_a_whole() -> None:
    build = Builder()
    build.config["small:section"] = Secret({"host": "db.internal.example.com"})
    build.exports["shown"] = "db.internal.example.com"
    assert leaks(build.graph()) == ["the output shown shows a secret"]
