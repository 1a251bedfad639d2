"""Who may call what, by statements and policies, and where calls arrive."""

from typing import Any

import pytest

from review.graph import Graph
from review.local_gateway.network import parse_address
from review.tests.helpers import plain_http
from review.tests.helpers.stacks import graph_of, graph_with
from review.tests.local_gateway.calling import ask, signature, stack
from review.tests.local_gateway.conftest import Shared
from review.tests.local_gateway.programs import changed, linked, shop, with_document


def restate(graph: Graph, kind: str, **parts: Any) -> Graph:
    """The graph with other parts of the statement of a component. None takes one out."""
    (component,) = (one for one in graph if one.kind == kind)
    statement = {**component.inputs["reach"], **parts}
    return changed(graph, component.name, reach={key: part for key, part in statement.items() if part is not None})


@pytest.mark.parametrize("tls", [False, True])
def test_a_backend_behind_a_balancer_gets_the_headers_of_its_listener(tls: bool) -> None:
    graph = changed(shop(), "ingress-listener", protocol="HTTPS", port=443) if tls else shop()
    given = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "gopher", "X-Forwarded-Host": "a.example"}
    with stack(graph) as served:
        told = plain_http.get(f"{served.url()}/orders/1", headers=given).json()
    headers = {name.lower(): value for name, value in told["headers"] if "forwarded" in name.lower()}
    hops = "for=192.0.2.1;host=a.example;proto=gopher, by=127.0.0.1;for=198.51.100.7;host="
    assert headers.pop("forwarded").startswith(hops)
    port, protocol = ("443", "https") if tls else ("80", "http")
    own = {"x-forwarded-for": "127.0.0.1", "x-forwarded-port": port, "x-forwarded-proto": protocol}
    assert headers == own


REST = {"kind": "rest", "routes": [{"path": "/orders", "methods": ["ANY"]}]}


@pytest.mark.parametrize(
    ("graph", "path", "status", "said", "hops"),
    [
        # An application load balancer answers for what it cannot reach.
        (lambda: restate(shop(), "FargateBackend", admits=None), "/orders", 504, "backend does not admit ingress alb",
         ["ingress link", "ingress alb", "backend"]),
        (lambda: restate(linked("nlb", REST), "FargateBackend", admits=None), "/live/orders", 504,
         "backend does not admit ingress nlb", ["ingress link", "ingress nlb", "backend"]),
        (lambda: changed(shop(), "backend-service", desiredCount=0), "/orders", 503, "backend runs nothing",
         ["ingress link", "ingress alb", "backend"]),
        (lambda: restate(shop(), "FargateBackend", registers=None), "/orders", 200,
         "cannot tell: what registers with ingress alb, which no component states", ["ingress link", "ingress alb"]),
    ],
)  # fmt: skip
def test_a_call_arrives_where_the_components_state_it(
    graph: Any, path: str, status: int, said: str, hops: list[str]
) -> None:
    with stack(graph()) as served:
        assert plain_http.get(served.url() + path).status_code == status
        trace = served.traces[-1]
    assert said in trace.note
    assert [name for name, _ in trace.hops][1:] == hops
    assert (trace.stopped_at == "backend") is (status != 200)


def test_a_function_calls_a_server_of_the_stack_by_its_port() -> None:
    """The address in its environment is that of a backend of this machine."""
    calls = {"backend": {"cidr": "10.0.0.0/16", "port": 8080}}
    echo = {
        "folder": "handlers/greeter",
        "vpc": True,
        "calls": calls,
        "environment": {"SHOP_URL": "http://10.0.1.9:8080/x"},
    }
    route = {"path": "/", "methods": ["GET"], "target": "echo", "authorization": "iam"}
    config = {"topology": "public-proxy", "backend": {"image": "nginx:1.29", "platform": "linux/arm64", "port": 8080}}
    graph = graph_with({**config, "api": {"kind": "rest", "functions": {"echo": echo}, "routes": [route]}})
    (backend,) = (one for one in graph if one.kind == "SecurityGroup" and one.name == "backend-group")
    (function,) = (one for one in graph if one.kind == "ApiFunction")
    leads = {**function.inputs["reach"]["leads"], "calls": {"a": {"port": 8080, "group": {"of": [backend.urn]}}}}
    with stack(restate(graph, "ApiFunction", leads=leads)) as served:
        (running,) = served.stack._functions.values()
        assert not isinstance(running, str)
        assert running._variables["SHOP_URL"].startswith("http://127.0.0.1:")
    assert parse_address("not an address") is None


# Callers of private APIs


def private(network: dict[str, Any] | None = None, **api: Any) -> Graph:
    routes = {"routes": [{"path": "/orders", "methods": ["GET"]}]}
    config = {"topology": "private-api", "network": network, "backend": {"kind": "greeter"}, "api": {**routes, **api}}
    return graph_with(config)


@pytest.mark.parametrize(
    ("given", "address", "status", "said"),
    [
        ({}, "10.0.1.9", 200, ""),
        ({}, "192.168.9.9", 403, "endpoint admits no tcp 443 from 192.168.9.9"),
        # A caller that names no address has one of the VPC.
        ({}, "", 200, ""),
        ({"allowVpc": False, "allowCidrs": ["10.250.0.0/16"]}, "10.0.1.9", 403, "admits no tcp 443 from 10.0.1.9"),
        ({"allowVpc": False, "allowCidrs": ["10.250.0.0/16"]}, "10.250.1.9", 200, ""),
    ],
)
def test_the_address_of_a_caller_must_be_admitted_at_the_endpoint(
    given: dict[str, Any], address: str, status: int, said: str
) -> None:
    headers = {"X-Gatehouse-Source-Ip": address} if address else {}
    answered, note = ask(private(private=given) if given else private(), "/live/orders", **headers)
    assert (answered, said in note) == (status, True), note


def test_the_members_of_a_group_are_not_known() -> None:
    network = {"vpcId": "vpc-0a1b2c3d4e5f60718", "subnetIds": ["subnet-0a1b2c3d4e5f60718"]}
    graph = private(network, private={"allowSecurityGroupIds": ["sg-0a1b2c3d4e5f60718"]})
    status, note = ask(graph, "/live/orders", **{"X-Gatehouse-Source-Ip": "192.168.9.9"})
    assert (status, "cannot tell: whether endpoint admits" in note) == (200, True), note


def test_whom_an_existing_endpoint_admits_is_not_known() -> None:
    status, note = ask(restate(private(), "PrivateApiEndpoint", admits="unknown"), "/live/orders")
    assert (status, "cannot tell: whom the existing endpoint endpoint admits" in note) == (200, True)


# Identities


@pytest.mark.parametrize(("account", "status"), [("123456789012", 200), ("333344445555", 403)])
def test_an_identity_of_another_account_needs_the_resource_policy(shared: Shared, account: str, status: int) -> None:
    served = shared("examples/rest-nlb-fargate.yaml")
    line = served.route("GET", "/{proxy+}")
    caller_headers = {"X-Gatehouse-Principal": f"arn:aws:iam::{account}:role/x"}
    answer = plain_http.get(line.url, headers={**signature("GET", line.url, line.signed), **caller_headers})
    assert answer.status_code == status, served.traces[-1].note
    assert status == 200 or "another account" in served.traces[-1].note


ROLE = "arn:aws:iam::123456789012:role/caller"
SESSION = "arn:aws:sts::123456789012:assumed-role/caller/one"
PARTNER = "arn:aws:iam::111122223333:role/partner"
DENIED = "with an explicit deny"
EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}


def unless(operator: str, **key: str) -> dict[str, Any]:
    condition = {operator: {f"aws:{name}": value for name, value in key.items()}}
    return {**EVERYBODY, "Effect": "Deny", "Condition": condition}


@pytest.mark.parametrize(
    ("statements", "caller", "expected"),
    [
        ([EVERYBODY, unless("ArnNotEquals", PrincipalArn=ROLE)], SESSION, "admitted"),
        ([EVERYBODY, unless("ArnNotEquals", PrincipalArn=ROLE)], PARTNER, DENIED),
        ([EVERYBODY, unless("StringNotEquals", PrincipalAccount="123456789012")], "", "admitted"),
        ([EVERYBODY, unless("StringNotEquals", PrincipalOrgID="o-abc")], ROLE, "cannot tell"),
        ([EVERYBODY, {**EVERYBODY, "Effect": "Deny", "Principal": {"AWS": ROLE}}], SESSION, DENIED),
        ([{**EVERYBODY, "Principal": {"AWS": PARTNER}}], PARTNER, "admitted"),
        ([{**EVERYBODY, "Principal": {"AWS": "111122223333"}}], PARTNER, "admitted"),
        ([EVERYBODY, unless("StringNotEquals", username="ann")], ROLE, DENIED),
    ],
)
def test_an_assumed_identity_is_judged_by_its_arn(statements: list[dict[str, Any]], caller: str, expected: str) -> None:
    policy = {"x-amazon-apigateway-policy": {"Version": "2012-10-17", "Statement": statements}}
    graph = with_document(graph_of("examples/aws-services.yaml"), lambda document: document.update(policy))
    with stack(graph) as served:
        line = next(served.routes())
        caller_headers = {"X-Gatehouse-Principal": caller} if caller else {}
        signed = signature(line.method, line.url, line.signed)
        answer = plain_http.request(line.method, line.url, headers={**signed, **caller_headers})
        note = f"{answer.text} {served.traces[-1].note}"
    refused = answer.status_code == 403 and expected in note
    assert ("policy" not in note) if expected == "admitted" else refused, note
