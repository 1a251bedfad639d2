"""Callers of a private API: their endpoints, addresses and identities."""

from typing import Any

import pytest

from review.graph import Graph
from review.serve.stack import Options
from review.serve.testing import serving
from review.tests.front_parts import private_stack
from review.tests.graph_builder import Builder
from review.tests.helpers import plain_http
from review.tests.helpers.stacks import graph_of, graph_with
from review.tests.rules.cases_effective_access import EVERYBODY, signed_api
from review.tests.serve.programs import changed, without
from review.tests.serve.test_network import ask, asked
from review.tests.serve.test_serving import signature

FRONT = "execute-api-in"


def private() -> Graph:
    build = Builder()
    private_stack(build)
    return build.graph()


def at_the_front(graph: Graph, path: str = "/live/greeting", **headers: str) -> tuple[int, str]:
    """Status and note of a call, whose function is not here: 500 is behind the front."""
    with serving(graph, Options()) as served:
        answer, note = asked(served, path, **headers)
    return answer.status_code, note


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("execute-api-in", None),
        ("execute-api-in", {"fromPort": 80, "toPort": 80}),
        ("execute-api-in", {"ipProtocol": "udp"}),
        ("execute-api-endpoint", {"subnetIds": []}),
        ("execute-api-endpoint", {"securityGroupIds": ["sg-0other"]}),
    ],
)
def test_an_endpoint_that_nobody_can_connect_to_takes_no_call(name: str, inputs: dict[str, Any] | None) -> None:
    graph = without(private(), name) if inputs is None else changed(private(), name, **inputs)
    status, note = at_the_front(graph)
    assert (status, "no connection" in note) == (403, True) or "cannot tell" in note
    assert at_the_front(private())[0] == 500


def test_a_doubt_about_an_endpoint_speaks_of_a_caller() -> None:
    graph = graph_with(
        {
            "topology": "private-api",
            "network": {"vpcId": "vpc-0a1b2c3d4e5f60718", "subnetIds": ["subnet-0a1b2c3d4e5f60718"]},
            "backend": {"kind": "greeter"},
            "api": {
                "routes": [{"path": "/orders"}],
                "private": {"allowSecurityGroupIds": ["sg-0a1b2c3d4e5f60718"], "allowCidrs": ["192.168.0.0/16"]},
            },
        }
    )
    assert "execute-api endpoint can be reached from a caller" in ask(graph, "/live/orders")[1]


def test_a_range_without_a_route_is_refused_for_the_route() -> None:
    graph = graph_with(
        {
            "topology": "private-api",
            "backend": {"kind": "greeter"},
            "api": {"routes": [{"path": "/orders"}], "private": {"allowVpc": False, "allowCidrs": ["10.250.0.0/16"]}},
        }
    )
    reason = "no route leads from the subnets of execute-api endpoint to 10.250.0.0/16"
    for headers in ({}, {"X-Gatehouse-Source-Ip": "10.250.0.9"}):
        status, note = at_the_front(graph, "/live/orders", **headers)
        assert (status, reason in note) == (403, True), note


def test_the_address_of_a_caller_must_be_admitted_at_the_front() -> None:
    status, note = at_the_front(private(), **{"X-Gatehouse-Source-Ip": "192.168.9.9"})
    assert (status, "no tcp 443 from 192.168.9.9" in note) == (403, True)
    assert at_the_front(private(), **{"X-Gatehouse-Source-Ip": "10.0.1.9"})[0] == 500
    narrow = changed(private(), FRONT, cidrIpv4="10.0.2.0/24")
    assert at_the_front(narrow, **{"X-Gatehouse-Source-Ip": "10.0.1.9"})[0] == 403
    assert at_the_front(narrow)[0] == 500


def test_a_caller_of_a_private_api_has_an_address_of_its_vpc() -> None:
    with serving(private(), Options()) as served:
        asked(served, "/live/greeting")
        request = served.traces[-1].request
        assert request is not None
        assert request.source_ip == "10.0.0.10"


@pytest.mark.parametrize(("account", "status"), [("123456789012", 200), ("333344445555", 403)])
def test_an_identity_of_another_account_needs_the_resource_policy(account: str, status: int) -> None:
    graph = graph_of("examples/rest-nlb-fargate.yaml")
    with serving(graph, Options()) as served:
        line = served.route("GET", "/{proxy+}")
        headers = signature("GET", line.url, line.signed)
        who = f"arn:aws:iam::{account}:role/x"
        answer = plain_http.get(line.url, headers={**headers, "X-Gatehouse-Principal": who})
        assert answer.status_code == status, served.traces[-1].note
        if status == 200:
            return
        assert "another account" in served.traces[-1].note


ROLE = "arn:aws:iam::123456789012:role/caller"

SESSION = "arn:aws:sts::123456789012:assumed-role/caller/one"

PARTNER = "arn:aws:iam::111122223333:role/partner"


def unless(operator: str, **key: str) -> dict[str, Any]:
    condition = {operator: {f"aws:{name}": value for name, value in key.items()}}
    return {**EVERYBODY, "Effect": "Deny", "Condition": condition}


@pytest.mark.parametrize(
    ("statements", "caller", "expected"),
    [
        ([EVERYBODY, unless("ArnNotEquals", PrincipalArn=ROLE)], ROLE, "admitted"),
        ([EVERYBODY, unless("ArnNotEquals", PrincipalArn=ROLE)], SESSION, "admitted"),
        ([EVERYBODY, unless("ArnNotEquals", PrincipalArn=ROLE)], PARTNER, "with an explicit deny"),
        ([EVERYBODY, unless("StringNotEquals", PrincipalAccount="123456789012")], "", "admitted"),
        ([EVERYBODY, unless("StringNotEquals", PrincipalAccount="123456789012")], PARTNER, "with an explicit deny"),
        ([EVERYBODY, unless("StringNotEquals", PrincipalOrgID="o-abc")], ROLE, "cannot tell"),
        ([EVERYBODY, {**EVERYBODY, "Effect": "Deny", "Principal": {"AWS": ROLE}}], SESSION, "with an explicit deny"),
        ([{**EVERYBODY, "Principal": {"AWS": PARTNER}}], PARTNER, "admitted"),
        ([{**EVERYBODY, "Principal": {"AWS": PARTNER}}], PARTNER.replace("role/", "assumed-role/") + "/x", "not admit"),
        ([{**EVERYBODY, "Principal": {"AWS": PARTNER}}],
         "arn:aws:sts::111122223333:assumed-role/partner/x", "admitted"),
        ([{**EVERYBODY, "Principal": {"AWS": "111122223333"}}], PARTNER, "admitted"),
        ([EVERYBODY, unless("StringNotEquals", username="ann")], "arn:aws:iam::123456789012:user/ann", "admitted"),
        ([EVERYBODY, unless("StringNotEquals", username="ann")], ROLE, "with an explicit deny"),
    ],
)  # fmt: skip
def test_a_posed_identity_is_judged_by_its_arn(statements: list[dict[str, Any]], caller: str, expected: str) -> None:
    build = Builder()
    signed_api(build, *statements)
    with serving(build.graph(), Options()) as served:
        line = served.route("GET", "/orders")
        headers = signature("GET", line.url, line.signed)
        pose = {"X-Gatehouse-Principal": caller} if caller else {}
        answer = plain_http.get(line.url, headers={**headers, **pose})
        note = f"{answer.text} {served.traces[-1].note}"
        assert ("policy" not in note) if expected == "admitted" else (answer.status_code == 403 and expected in note), (
            note
        )
