"""The network between an API and its backends: rules of listeners, fronts of private APIs, permissions, peerings."""

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
from review.tests.serve.conftest import Backend, listening
from review.tests.serve.programs import (
    PLACES,
    called_by_http,
    changed,
    guarded,
    lambda_function,
    peers,
    response,
    shop,
    without,
)
from review.tests.serve.test_serving import call
from tests.helpers import plain_http
from tests.helpers.stacks import graph_of


def ask(graph: Graph, path: str = "/orders/1", **options: Any) -> tuple[httpx.Response, str]:
    """The answer to a request, and the note in the terminal."""
    with serving(graph, Options(**options)) as served:
        return asked(served, path)


def asked(served: Served, path: str, **headers: str) -> tuple[httpx.Response, str]:
    answer = plain_http.get(served.url() + path, headers=headers)
    return answer, served.traces[-1].note


# Rules of a listener


def test_the_rules_of_a_listener_choose_the_backend() -> None:
    class Orders(Backend):
        def body(self) -> None:
            self.wfile.write(b"ORDE")

    with listening(Orders) as orders, listening(Backend) as users:
        backends = [f"orders=http://127.0.0.1:{orders}", f"users=http://127.0.0.1:{users}"]
        with serving(shop().graph(), Options(backends=backends)) as served:
            assert [asked(served, path)[0].text for path in ("/orders/1", "/users/1", "/users/2")] == [
                "ORDE", "mine", "mine",
            ]  # fmt: skip
            answer, note = asked(served, "/nothing")
            assert (answer.status_code, answer.text, note) == (404, "no such shop", "")


def test_a_rules_backend_that_is_gone_or_closed_is_the_load_balancers_own_error() -> None:
    graph = shop().graph()
    gone, note = ask(without(graph, "users-attachment"), "/users/1")
    assert (gone.status_code, gone.headers["content-type"]) == (503, "text/html")
    assert "users-targets has no targets in this stack" in note
    closed, note = ask(without(graph, "balancer-to-users-ingress"), "/users/1")
    assert (closed.status_code, "users-group admits no tcp 8080" in note) == (504, True)
    assert ask(without(graph, "balancer-to-users-ingress"), "/orders/1")[0].status_code == 200


@pytest.mark.parametrize(
    ("conditions", "request_", "fits"),
    [
        ([{"pathPattern": {"values": ["/o*"]}}], {}, True),
        ([{"pathPattern": {"values": ["/O*"]}}], {}, False),
        ([{"httpRequestMethod": {"values": ["POST"]}}], {}, False),
        ([{"httpHeader": {"httpHeaderName": "X-Kind", "values": ["b*"]}}], {"x-kind": "BLUE"}, True),
        ([{"httpHeader": {"httpHeaderName": "X-Kind", "values": ["b*"]}}], {}, False),
        ([{"queryStrings": [{"key": "v", "value": "2"}]}], {}, True),
        ([{"queryStrings": [{"key": "v", "value": "3"}]}], {}, False),
        ([{"pathPattern": {"values": ["/o*"]}}, {"httpRequestMethod": {"values": ["POST"]}}], {}, False),
    ],
)
def test_conditions_of_a_rule(conditions: list[Any], request_: dict[str, str], fits: bool) -> None:
    action = [{"type": "fixed-response", "fixedResponse": response("299", "rule")}]
    graph = changed(shop().graph(), "orders-rule", conditions=conditions, actions=action, priority=1)
    with serving(graph, Options()) as served:
        answer, _ = asked(served, "/orders/1?v=2", **request_)
    assert answer.text == "rule" if fits else answer.status_code == 404


def test_a_lower_priority_wins_and_a_redirect_is_sent() -> None:
    told = {"protocol": "HTTPS", "port": "443", "path": "/new/#{path}", "statusCode": "HTTP_301"}
    graph = changed(
        shop().graph(), "users-rule", priority=0.5, conditions=[{"pathPattern": {"values": ["/*"]}}],
        actions=[{"type": "redirect", "redirect": told}],
    )  # fmt: skip
    answer, _ = ask(graph, "/orders/1?a=b")
    assert (answer.status_code, answer.headers["location"].partition("//")[2].partition("/")[2]) == (
        301, "new/orders/1?a=b",
    )  # fmt: skip


@pytest.mark.parametrize(
    "condition", [{"sourceIp": {"values": ["10.0.0.0/8"]}}, {"hostHeader": {"values": ["shop.example.com"]}}]
)
def test_a_condition_that_nobody_knows_is_told(condition: dict[str, Any]) -> None:
    answer, note = ask(changed(shop().graph(), "orders-rule", conditions=[condition]), "/users/1")
    assert (answer.status_code, note) == (200, "cannot tell: whether orders-rule takes the request")


@pytest.mark.parametrize(("others", "doubt"), [("authenticate", "who may pass: orders-rule sends"), ("allow", "")])
def test_a_rule_that_signs_callers_in_may_let_others_pass(others: str, doubt: str) -> None:
    build = shop()
    targets = next(one.state["arn"] for one in build.graph() if one.name == "orders-targets")
    asks = {"type": "authenticate-cognito", "order": 1, "authenticateCognito": {"onUnauthenticatedRequest": others}}
    forward = {"type": "forward", "order": 2, "targetGroupArn": targets}
    answer, note = ask(changed(build.graph(), "orders-rule", actions=[asks, forward]))
    assert (answer.status_code, doubt in note, bool(note)) == (200, True, bool(doubt))


def test_a_target_group_of_weight_zero_gets_nothing() -> None:
    build = shop()
    arns = {resource.name: resource.state["arn"] for resource in build.graph() if resource.type in types.TARGET_GROUP}
    weights = [{"arn": arns["orders-targets"], "weight": 0}, {"arn": arns["users-targets"], "weight": 1}]
    graph = changed(build.graph(), "orders-rule", actions=[{"type": "forward", "forward": {"targetGroups": weights}}])
    assert ask(without(graph, "orders-attachment"))[0].status_code == 200
    assert ask(without(graph, "users-attachment"))[0].status_code == 503


def test_a_target_group_is_drawn_by_its_weight() -> None:
    build = shop()
    arns = {resource.name: resource.state["arn"] for resource in build.graph() if resource.type in types.TARGET_GROUP}
    weights = [{"arn": arns[f"{name}-targets"], "weight": 50} for name in PLACES]
    graph = changed(build.graph(), "orders-rule", actions=[{"type": "forward", "forward": {"targetGroups": weights}}])
    with serving(graph, Options()) as served:
        for _ in range(40):
            assert plain_http.get(f"{served.url()}/orders/1").status_code == 200
    assert {trace.hops[-1][0] for trace in served.traces} == set(PLACES)


def test_a_rule_that_forwards_to_a_function_is_refused_by_name() -> None:
    graph = changed(shop().graph(), "orders-targets", targetType="lambda")
    answer, note = ask(graph, "/orders/1")
    assert (answer.status_code, "orders-targets forwards to a function" in note) == (500, True)
    with serving(graph, Options()) as served:
        assert "orders-targets: targetType: lambda is not served." in list(served.stack.not_served())


@pytest.mark.parametrize(
    ("listener", "integration", "status"),
    [
        ({"protocol": "HTTPS"}, {}, 400),
        ({"protocol": "HTTPS"}, {"tlsConfig": {"serverNameToVerify": "x"}}, 200),
        ({}, {"tlsConfig": {"serverNameToVerify": "x"}}, 503),
        ({"protocol": "UDP"}, {}, 503),
    ],
)
def test_a_listener_must_speak_what_the_integration_sends(
    listener: dict[str, Any], integration: dict[str, Any], status: int
) -> None:
    graph = changed(changed(shop().graph(), "listener", **listener), "integration", **integration)
    answer, note = ask(graph)
    assert (answer.status_code, bool(note)) == (status, status != 200)


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


def test_a_peering_with_routes_on_both_sides_joins_two_networks() -> None:
    verdict = crossed(peers().graph())
    assert (verdict.blocked_by, verdict.doubt) == ("", "")


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("near-route", None),
        ("far-route", None),
        ("near-route", {"destinationCidrBlock": "10.9.0.0/16"}),
        ("near-routes-of", None),
        ("peering", {"peerVpcId": "vpc-0elsewhere"}),
        ("peering", {"autoAccept": False}),
        ("peering", None),
    ],
)
def test_a_peering_that_does_not_join_is_refused_or_told(name: str, inputs: dict[str, Any] | None) -> None:
    graph = peers().graph()
    verdict = crossed(without(graph, name) if inputs is None else changed(graph, name, **inputs))
    assert verdict.blocked_by or verdict.doubt
    assert bool(verdict.blocked_by) is (inputs is None or "destinationCidrBlock" in inputs)


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
