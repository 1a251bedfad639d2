"""Whom resource policies and domains let in, each in a small graph."""

from typing import Any

import pytest

from review.graph import UNKNOWN
from review.reach import Kind
from review.tests.front_parts import policy_of, private_stack
from review.tests.graph_builder import Builder, Json
from review.tests.parts import ANYWHERE, attach, balancer, calls, ingress, machine, network, paths, permission, rest


def lines(build: Builder) -> list[str]:
    return [str(path) for path in paths(build.graph()) if path.kind is Kind.INBOUND]


def test_an_endpoint_that_the_policy_does_not_name_is_refused(build: Builder) -> None:
    private_stack(build, policy=policy_of("vpce-of-others"))
    found = lines(build)
    refused = "the resource policy of api admits no call from execute-api endpoint"
    assert any(line.startswith("anything in the VPC") and line.endswith(refused) for line in found)
    words = "api (100/s, named endpoints only)"
    assert f"vpce-of-others (outside this stack) → {words} → greeter" in found


def test_a_policy_for_everybody_lets_any_endpoint_in(build: Builder) -> None:
    anyone = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    private_stack(build, policy={"Statement": [anyone]})
    assert "any VPC endpoint of any account → api (100/s) → greeter" in lines(build)


@pytest.mark.parametrize(
    ("of_api", "apart", "expected"),
    [
        ("Deny", [UNKNOWN], "cannot tell"),
        ("Deny", ["Allow", "Deny"], "cannot tell"),
        ("Deny", [], "no"),
    ],
)
def test_a_policy_resource_is_written_after_the_policy_of_its_api(
    build: Builder, of_api: str, apart: list[Any], expected: str
) -> None:
    def policy(effect: Any) -> Any:
        common = {"Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}
        return effect if effect is UNKNOWN else Json({"Statement": [{"Effect": effect, **common}]})

    function = build("lambda/function:Function", "greeter")
    gate = rest(build, {"/items": {"get": calls(function)}}, policy=policy(of_api))
    permission(build, gate.api, function)
    for number, effect in enumerate(apart):
        build("apigateway/restApiPolicy:RestApiPolicy", f"{number}", restApiId=gate.api.id, policy=policy(effect))
    (found,) = (path for path in paths(build.graph()) if path.kind is Kind.INBOUND and path.source == "internet")
    assert ("cannot tell" if found.uncertainty else "open" if found.open else "no") == expected, found


def test_a_whole_vpc_may_be_named(build: Builder) -> None:
    common = {"Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    unless = {"StringNotEquals": {"aws:SourceVpc": "vpc-of-others"}}
    statements = [{"Effect": "Allow", **common}, {"Effect": "Deny", **common, "Condition": unless}]
    private_stack(build, policy={"Statement": statements})
    assert any(line.startswith("endpoints in vpc-of-others (outside this stack) → ") for line in lines(build))


def test_routes_that_ask_differently_are_ways_apart(build: Builder) -> None:
    function = build("lambda/function:Function", "greeter")
    asked, unasked = calls(function), calls(function, key=False)
    paths_of_api = {
        "/items": {"get": asked, "post": asked},
        "/items/{proxy+}": {"get": asked},
        "/ping": {"get": unasked},
    }
    gate = rest(build, paths_of_api)
    permission(build, gate.api, function)
    assert lines(build) == [
        "internet → api (GET POST /items and GET /items/{proxy+}, key, 100/s a route) → greeter",
        "internet → api (GET /ping, 100/s) → greeter",
    ]


@pytest.mark.parametrize(
    ("condition", "label"),
    [
        ({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}}, "203.0.113.0/24"),
        ({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "198.51.100.7"]}}, "198.51.100.7 and 203.0.113.0/24"),
        ({"IpAddress": {"aws:SourceIp": [f"203.0.{n}.0/24" for n in range(5)]}}, "5 ranges"),
        ({"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}}, "all but 203.0.113.0/24"),
    ],
)
def test_whom_a_resource_policy_admits(build: Builder, condition: dict[str, Any], label: str) -> None:
    function = build("lambda/function:Function", "greeter")
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": "execute-api:/*",
        "Condition": condition,
    }
    gate = rest(build, {"/x": {"get": calls(function, key=False)}}, policy=Json({"Statement": [statement]}))
    permission(build, gate.api, function)
    assert lines(build) == [f"internet → api (100/s, {label}) → greeter"]


def test_a_policy_that_admits_nobody(build: Builder) -> None:
    function = build("lambda/function:Function", "greeter")
    gate = rest(build, {"/x": {"get": calls(function)}}, policy=Json({"Statement": []}))
    permission(build, gate.api, function)
    assert lines(build) == ["internet → api (key, 100/s) → greeter: no, the resource policy of api admits nobody"]


def test_a_domain_behind_which_the_default_address_is_off(build: Builder) -> None:
    function = build("lambda/function:Function", "greeter")
    gate = rest(build, {"/x": {"get": calls(function)}}, disableExecuteApiEndpoint=True)
    permission(build, gate.api, function)
    assert lines(build) == ["internet → api (key, 100/s) → greeter: no, api has its default address off and no domain"]
    domain = build("apigateway/domainName:DomainName", "domain", domainName="api.example.com")
    mapping = {"restApi": gate.api.id, "domainName": domain.domainName}
    build("apigateway/basePathMapping:BasePathMapping", "mapping", **mapping)
    assert lines(build) == ["internet → api (key, 100/s) → greeter"]


@pytest.mark.parametrize(
    ("condition", "ends"),
    [
        ({"Bool": {"aws:SecureTransport": "true"}}, "(100/s) → greeter"),
        ({"StringLike": {"aws:UserAgent": "partner/*"}}, "cannot tell: whom the resource policy admits)"),
        ({"StringEquals": {"aws:Referer": "https://example.com"}}, "cannot tell: whom the resource policy admits)"),
    ],
)
def test_a_condition_that_a_caller_can_meet_admits_somebody(
    build: Builder, condition: dict[str, Any], ends: str
) -> None:
    function = build("lambda/function:Function", "greeter")
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}
    policy = Json({"Statement": [{**allowed, "Condition": condition}]})
    gate = rest(build, {"/x": {"get": calls(function, key=False)}}, policy=policy)
    permission(build, gate.api, function)
    [line] = lines(build)
    assert line.endswith(ends)


@pytest.mark.parametrize("allowed", ["/a", "/b"])
def test_each_route_of_a_function_needs_a_permission(build: Builder, allowed: str) -> None:
    function = build("lambda/function:Function", "worker")
    gate = rest(build, {path: {"get": calls(function)} for path in ("/a", "/b")})
    permission(build, gate.api, function, sourceArn=gate.api.executionArn + f"/*/GET{allowed}")
    found = [path for path in paths(build.graph()) if path.source == "internet"]
    assert {path.hops[0].label.split(",")[0]: path.open for path in found} == {
        f"GET {path}": path == allowed for path in ("/a", "/b")
    }


def test_routes_to_two_ports_of_a_host_are_ways_apart(build: Builder) -> None:
    net = network(build)
    front = balancer(build, net, internal=False, subnets=[net.public.id])
    ingress(build, "anyone", front.group, 80, cidrIpv4=ANYWHERE)
    attach(build, front.targets, machine(build, "server", subnetId=net.private[0].id))

    def to(scheme: str) -> dict[str, Any]:
        uri = f"{scheme}://" + front.balancer.dnsName + "/"
        return {"x-amazon-apigateway-integration": {"type": "http_proxy", "httpMethod": "GET", "uri": uri}}

    rest(build, {f"/{scheme}": {"get": to(scheme)} for scheme in ("http", "https")})
    refused = [line for line in lines(build) if "GET /https" in line]
    assert refused
    assert all(line.endswith("no, balancer has no listener on port 443") for line in refused)
