"""Stacks of components for tests of the gateway, and changes of their graphs."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from review.graph import Asset, Graph, Resource
from review.tests.helpers.stacks import graph_with


def shop(**api: Any) -> Graph:
    """An HTTP API → VPC link → internal ALB → a Fargate service."""
    return linked("alb", {"kind": "http", "routes": [{"path": "/orders", "methods": ["ANY"]}], **api})


def linked(ingress: str, api: Mapping[str, Any], **more: Any) -> Graph:
    """An API → VPC link → an ingress → a Fargate service."""
    return graph_with(
        {
            "topology": "vpc-link",
            "network": {"egress": "nat-gateway"},
            "ingress": {"kind": ingress},
            "backend": {"kind": "fargate", "image": "nginx:1.29", "port": 80},
            "api": api,
            "protection": {"acknowledgePublic": ["ANY /orders", "ANY /orders/{proxy+}"]},
            **more,
        }
    )


def functions(code: str, *, kind: str = "rest", **api: Any) -> Graph:
    """An API whose function `echo` takes every path, with this code."""
    route = {"path": "/", "methods": ["ANY"], "target": "echo"}
    given = {"kind": kind, "functions": {"echo": {"folder": "handlers/greeter"}}, "routes": [route], **api}
    opened = {"acknowledgePublic": ["ANY /", "ANY /{proxy+}"]}
    return with_code(graph_with({"topology": "public-proxy", "api": given, "protection": opened}), "echo", code)


def guarded(code: str, *, rest: bool, cache: int = 0, **route: Any) -> Graph:
    """An API with GET /guarded behind a function that authorizes by the header X-Token."""
    gate = {"kind": "lambda", "function": {"folder": "handlers/greeter"}, "identityHeaders": ["X-Token"]}
    given = {"path": "/guarded", "methods": ["GET"], "authorization": "gate", "includeSubpaths": False, **route}
    api = {"kind": "rest" if rest else "http", "authorizers": {"gate": {**gate, "cacheSeconds": cache}}}
    config = {"topology": "public-proxy", "backend": {"kind": "greeter"}, "api": {**api, "routes": [given]}}
    return with_code(graph_with(config), "gate", code)


def with_code(graph: Graph, part: str, code: str) -> Graph:
    """The graph with other code of a function, by a part of the function's name."""
    kind = "aws:lambda/function:Function"
    (name,) = [function.name for function in graph.list_by_type(kind) if part in function.name]
    archive = Asset(members={"main.py": Asset(text=code)})
    return changed(graph, name, code=archive, handler="main.handler", runtime="python3.13", timeout=20)


def without(graph: Graph, *names: str) -> Graph:
    """The graph without some resources, by their logical names."""
    kept = {urn: resource for urn, resource in graph.resources.items() if resource.name not in names}
    assert len(kept) == len(graph.resources) - len(names)
    return replace(graph, resources=kept)


def changed(graph: Graph, name: str, /, altered: tuple[str, ...] = (), **inputs: Any) -> Graph:
    """The graph with other inputs of one resource. None removes one. `altered` are those that a transform changes."""
    assert any(resource.name == name for resource in graph)

    def merged(old: Mapping[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in {**old, **inputs}.items() if value is not None}

    def made(one: Resource) -> Resource:
        if one.name != name:
            return one
        return replace(one, inputs=merged(one.inputs), state=merged(one.state), altered=one.altered | {*altered})

    return replace(graph, resources={urn: made(resource) for urn, resource in graph.resources.items()})


def with_document(graph: Graph, change: Callable[[dict[str, Any]], Any]) -> Graph:
    """The graph of a REST API whose document a transform changes."""
    (api,) = graph.list_by_type("aws:apigateway/restApi:RestApi")
    document = json.loads(api.inputs["body"])
    change(document)
    return changed(graph, api.name, altered=("body",), body=json.dumps(document))


def add(graph: Graph, kind: str, name: str, depends_on: str = "", **inputs: Any) -> Graph:
    """The graph with a resource that the program declares. It names another one by `depends_on`."""
    urn = f"urn:pulumi:test::gatehouse::{kind}::{name}"
    named = {"it": tuple(one.urn for one in graph if one.name == depends_on)} if depends_on else {}
    made = Resource(
        urn=urn, type=kind, name=name, parent=None, custom=True, inputs=inputs, state=inputs, declared_by="program",
        property_dependencies=named,
    )  # fmt: skip
    return replace(graph, resources={**graph.resources, urn: made})
