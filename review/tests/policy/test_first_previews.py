"""What the pack finds in the first preview of a stack, in which the body of a REST API is unknown as a whole."""

from dataclasses import replace
from typing import Any

import pytest
from pulumi.runtime.proto import analyzer_pb2 as proto

from review.graph import UNKNOWN, Graph, Resource
from review.policy.pack import make_policies
from review.tests.helpers.stacks import graph_with
from review.tests.policy.wire import Pack

pytestmark = pytest.mark.xdist_group("first previews")

_OPEN = {"path": "/orders", "methods": ["GET"], "authorization": "none"}
_GREETER = {"topology": "public-proxy", "backend": {"kind": "greeter"}}
_INSTANCE = {"kind": "ec2", "image": "traefik/whoami:v1.11.0", "port": 80}
_BEHIND: dict[str, dict[str, Any]] = {
    "greeter": _GREETER,
    "forwarder": {"topology": "public-proxy", "backend": _INSTANCE},
    "link": {"topology": "vpc-link", "backend": _INSTANCE, "ingress": {"kind": "alb"}},
}
_BODY_RULES = ("API-", "LIVE-")


@pytest.fixture
def pack(monkeypatch: pytest.MonkeyPatch) -> Pack:
    monkeypatch.delenv("PULUMI_CONFIG", raising=False)
    return Pack(make_policies())


def new(config: dict[str, Any]) -> Graph:
    """A new stack as the engine plans it: only names are known, which the provider makes up before the first step."""
    graph = graph_with(config, known=False)
    names = {
        resource.urn: f"{resource.name}-1a2b3c4" for resource in graph.list_by_type("aws:lambda/function:Function")
    }
    resources = {urn: _named(resource, names.get(urn)) for urn, resource in graph.resources.items()}
    (front,) = (resource for resource in resources.values() if resource.type == "gatehouse:index:ApiFront")
    if "definition" in front.inputs:
        paths = {path: dict(item) for path, item in front.inputs["definition"]["paths"].items()}
        (function, *others) = names.values() or [UNKNOWN]
        assert not others
        for item in paths.values():
            for method, operation in item.items():
                integration = operation["x-amazon-apigateway-integration"]
                if "x-gatehouse-function" in integration:
                    known = {**integration, "x-gatehouse-function": function}
                    item[method] = {**operation, "x-amazon-apigateway-integration": known}
        definition = {**front.inputs["definition"], "paths": paths}
        resources[front.urn] = replace(front, inputs={**front.inputs, "definition": definition})
    return replace(graph, resources=resources)


def _named(resource: Resource, name: str | None) -> Resource:
    added = {"name": name} if name else {}
    return replace(resource, inputs={**resource.inputs, **added}, state={**resource.state, **added})


@pytest.mark.parametrize("kind", ["rest", "http"])
@pytest.mark.parametrize("behind", _BEHIND)
def test_a_new_api_that_is_open_to_everyone_is_refused(pack: Pack, kind: str, behind: str) -> None:
    diagnostics = pack.judge(new({**_BEHIND[behind], "api": {"kind": kind, "routes": [_OPEN]}}), planned=True)
    assert [(one.policyName, one.enforcementLevel) for one in diagnostics] == [("API-01", proto.MANDATORY)]
    assert "GET /orders" in diagnostics[0].message


_HOOK = {"path": "/hook", "methods": ["POST"]}
_FORWARDER = _BEHIND["forwarder"]
_GUARDED: dict[str, dict[str, Any]] = {
    "signed": {**_FORWARDER, "api": {"kind": "rest", "routes": [{**_OPEN, "authorization": "iam"}]}},
    "by address": {**_FORWARDER, "api": {"kind": "rest", "routes": [_OPEN], "policy": {"allow": ["203.0.113.0/24"]}}},
    "webhook": {
        **_FORWARDER,
        "api": {"kind": "rest", "routes": [_HOOK]},
        "proxy": {"webhook": {"scheme": "github", "secret": {"secure": "v1:of:the-sender"}}},
    },
    "private": {"topology": "private-api", "backend": {"kind": "greeter"}, "api": {"routes": [_OPEN]}},
}


@pytest.mark.parametrize("config", _GUARDED.values(), ids=_GUARDED)
def test_a_new_api_that_requires_something_passes(pack: Pack, config: dict[str, Any]) -> None:
    graph = new(config)
    assert [diagnostic.message for diagnostic in pack.judge(graph, planned=True)] == []
    unclear = [diagnostic.message.splitlines()[-1] for diagnostic in pack.unclear(graph, planned=True)]
    # Which endpoints a new private API admits is known only after the update.
    rules = ("API-",) if config["topology"] == "private-api" else _BODY_RULES
    assert [line for line in unclear if line.startswith(rules)] == []
