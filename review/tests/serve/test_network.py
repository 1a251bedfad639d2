"""The network between an API and its backends: rules of listeners, fronts of private APIs, permissions."""

from typing import Any

import httpx
import pytest

from review.aws.catalog import types
from review.aws.model.model import AwsModel
from review.aws.network.dns import Address
from review.graph import Graph
from review.graph.reading import within
from review.reach import trace
from review.serve.network import Network, Verdict
from review.serve.stack import Options
from review.serve.testing import Served, serving
from review.tests.graph_builder import Builder
from review.tests.helpers import plain_http
from review.tests.helpers.stacks import graph_of
from review.tests.serve.programs import (
    called_by_http,
    changed,
    guarded,
    lambda_function,
    shop,
)
from review.tests.serve.test_serving import call


def ask(graph: Graph, path: str = "/orders/1", **options: Any) -> tuple[httpx.Response, str]:
    """The answer to a request, and the note in the terminal."""
    with serving(graph, Options(**options)) as served:
        return asked(served, path)


def asked(served: Served, path: str, **headers: str) -> tuple[httpx.Response, str]:
    answer = plain_http.get(served.url() + path, headers=headers)
    return answer, served.traces[-1].note


# Rules of a listener


@pytest.mark.parametrize(
    ("example", "name", "inputs"),
    [
        ("examples/http-alb-ec2.yaml", "", {"minSize": 0, "desiredCapacity": 0}),
        ("examples/rest-alb-fargate.yaml", "", {"desiredCount": 0}),
    ],
)
def test_a_service_without_copies_answers_nothing(example: str, name: str, inputs: dict[str, Any]) -> None:
    graph = graph_of(example)
    (fleet,) = graph.of_type(*types.SCALING_GROUP, *types.SERVICE)
    with serving(changed(graph, fleet.name, **inputs), Options()) as served:
        line = next(served.routes())
        answer = call(served, line.method, line.path)
    assert (answer.status_code, "runs nothing" in served.traces[-1].note) == (503, True)


# Fronts of private APIs


# Identities of other accounts


# Permissions to invoke


@pytest.mark.parametrize(
    ("called", "allowed", "opens"),
    [("", None, True), ("live", None, False), ("live", "live", True), ("live", "next", False), ("", "live", False)],
)
def test_a_permission_has_the_qualifier_of_the_call(called: str, allowed: str | None, opens: bool) -> None:
    build, function = Builder.of(lambda_function, "function")
    alias = build("lambda/alias:Alias", "alias", name="live", functionName=function.name, functionVersion="1")
    given = {} if allowed is None else {"qualifier": allowed}
    called_by_http(build, function, alias.arn if called else None, **given)
    model = AwsModel(build.graph())
    (api,) = model.apis.all
    found = Network(trace(model)).to_function(api, api.calls[0])
    assert (found == "") is opens


LAX = """
def handler(event, context):
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": "me", "policyDocument": policy, "isAuthorized": True}
"""


@pytest.mark.parametrize(
    ("name", "source", "status"),
    [("rest", None, 500), ("web", None, 500), ("rest", "/*/*", 200), ("rest", "/live/*", 500), ("web", "/*/*", 200)],
)
def test_the_function_of_an_authorizer_needs_a_permission(name: str, source: str | None, status: int) -> None:
    with serving(guarded(LAX, rest=name == "rest", source=source), Options()) as served:
        path = "/live/guarded" if name == "rest" else "/guarded"
        answer, note = asked(served, path, **{"X-Token": "yes"})
    assert answer.status_code == status, note
    assert status == 200 or "no permission lets api invoke token" in note


# Peerings


def crossed(graph: Graph) -> Verdict:
    """The verdict on the call of the function to the machine in the other VPC."""
    model = AwsModel(graph)
    (function,) = graph.of_type(*types.FUNCTION)
    url = str(within(function.inputs, "environment", "variables", "BACKEND_URL"))
    address = Address.of(url)
    assert address is not None
    return Network(trace(model)).from_function(function, address)


@pytest.mark.parametrize(("protocol", "port"), [("HTTP", 80), ("HTTPS", 80)])
def test_a_backend_behind_a_balancer_gets_the_headers_of_its_listener(protocol: str, port: int) -> None:
    graph = changed(shop().graph(), "listener", protocol=protocol, port=port)
    if protocol == "HTTPS":
        graph = changed(graph, "integration", tlsConfig={"serverNameToVerify": "x"})
    given = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "gopher", "X-Forwarded-Host": "a.example"}
    with serving(graph, Options()) as served:
        told = plain_http.get(f"{served.url()}/orders/1", headers=given).json()
    headers = [(name.lower(), value) for name, value in told["headers"] if "forwarded" in name.lower()]
    (forwarded,) = (value for name, value in headers if name == "forwarded")
    assert forwarded.startswith("for=192.0.2.1;host=a.example;proto=gopher, by=127.0.0.1;for=198.51.100.7;host=")
    assert sorted(header for header in headers if header[0] != "forwarded") == [
        ("x-forwarded-for", "127.0.0.1"), ("x-forwarded-port", str(port)), ("x-forwarded-proto", protocol.lower()),
    ]  # fmt: skip
