"""Who may call what: permissions of functions, callers of private APIs, and headers that load balancers write."""

from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.graph import Graph
from review.local_gateway.network import Network
from review.paths import trace_paths
from review.tests.helpers import plain_http
from review.tests.helpers.api_programs import signed_api
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.private_stacks import private_stack
from review.tests.helpers.stacks import graph_with
from review.tests.local_gateway.calling import ask, signature, stack
from review.tests.local_gateway.conftest import Shared
from review.tests.local_gateway.programs import called_by_http, changed, guarded, lambda_function, shop

EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}


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
    assert (Network(trace_paths(model)).to_function(api, api.calls[0]) == "") is opens


LAX = """
def handler(event, context):
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": "me", "policyDocument": policy, "isAuthorized": True}
"""


@pytest.mark.parametrize(
    ("rest", "source", "status"),
    [(True, None, 500), (False, None, 500), (True, "/*/*", 200), (True, "/live/*", 500), (False, "/*/*", 200)],
)
def test_the_function_of_an_authorizer_needs_a_permission(rest: bool, source: str | None, status: int) -> None:
    path = "/live/guarded" if rest else "/guarded"
    answered, note = ask(guarded(LAX, rest=rest, source=source), path, **{"X-Token": "yes"})
    assert (answered, "no permission lets api invoke token" in note) == (status, status == 500)


@pytest.mark.parametrize("protocol", ["HTTP", "HTTPS"])
def test_a_backend_behind_a_balancer_gets_the_headers_of_its_listener(protocol: str) -> None:
    graph = changed(shop().graph(), "listener", protocol=protocol)
    if protocol == "HTTPS":
        graph = changed(graph, "integration", tlsConfig={"serverNameToVerify": "x"})
    given = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "gopher", "X-Forwarded-Host": "a.example"}
    with stack(graph) as served:
        told = plain_http.get(f"{served.url()}/orders/1", headers=given).json()
    headers = {name.lower(): value for name, value in told["headers"] if "forwarded" in name.lower()}
    hops = "for=192.0.2.1;host=a.example;proto=gopher, by=127.0.0.1;for=198.51.100.7;host="
    assert headers.pop("forwarded").startswith(hops)
    own = {"x-forwarded-for": "127.0.0.1", "x-forwarded-port": "80", "x-forwarded-proto": protocol.lower()}
    assert headers == own


# Callers of private APIs


def private() -> Graph:
    build = Builder()
    private_stack(build)
    return build.graph()


def at_the_front(graph: Graph, path: str = "/live/greeting", **headers: str) -> tuple[int, str]:
    """Status and note of a call, whose function is not here: 500 is behind the front."""
    return ask(graph, path, **headers)


def test_the_address_of_a_caller_must_be_admitted_at_the_front() -> None:
    narrow = changed(private(), "execute-api-in", cidrIpv4="10.0.2.0/24")
    for graph, address, status in (
        (private(), "192.168.9.9", 403),
        (private(), "10.0.1.9", 500),
        (narrow, "10.0.1.9", 403),
        (narrow, "10.0.2.9", 500),
    ):
        answered, note = at_the_front(graph, **{"X-Gatehouse-Source-Ip": address})
        assert (answered, f"no tcp 443 from {address}" in note) == (status, status == 403)
    # A caller that names no address has an address of the VPC.
    assert [at_the_front(graph)[0] for graph in (private(), narrow)] == [500, 500]


ROUTE = {"routes": [{"path": "/orders"}]}
ADOPTED = {"vpcId": "vpc-0a1b2c3d4e5f60718", "subnetIds": ["subnet-0a1b2c3d4e5f60718"]}
ADMITTED = {"allowSecurityGroupIds": ["sg-0a1b2c3d4e5f60718"], "allowCidrs": ["192.168.0.0/16"]}


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"network": ADOPTED, "api": {**ROUTE, "private": ADMITTED}}, "endpoint can be reached from a caller"),
        ({"api": {**ROUTE, "private": {"allowVpc": False, "allowCidrs": ["10.250.0.0/16"]}}},
         "no route leads from the subnets of execute-api endpoint to 10.250.0.0/16"),
    ],
)  # fmt: skip
def test_what_is_not_known_or_not_routed_at_the_front_is_named(config: dict[str, Any], said: str) -> None:
    graph = graph_with({"topology": "private-api", "backend": {"kind": "greeter"}, **config})
    assert said in at_the_front(graph, "/live/orders")[1]


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


def unless(operator: str, **key: str) -> dict[str, Any]:
    condition = {operator: {f"aws:{name}": value for name, value in key.items()}}
    return {**EVERYBODY, "Effect": "Deny", "Condition": condition}


@pytest.mark.parametrize(
    ("statements", "caller", "expected"),
    [
        ([EVERYBODY, unless("ArnNotEquals", PrincipalArn=ROLE)], SESSION, "admitted"),
        ([EVERYBODY, unless("ArnNotEquals", PrincipalArn=ROLE)], PARTNER, DENIED),
        ([EVERYBODY, unless("StringNotEquals", PrincipalAccount="123456789012")], "", "admitted"),
        ([EVERYBODY, unless("StringNotEquals", PrincipalAccount="123456789012")], PARTNER, DENIED),
        ([EVERYBODY, unless("StringNotEquals", PrincipalOrgID="o-abc")], ROLE, "cannot tell"),
        ([EVERYBODY, {**EVERYBODY, "Effect": "Deny", "Principal": {"AWS": ROLE}}], SESSION, DENIED),
        ([{**EVERYBODY, "Principal": {"AWS": PARTNER}}], PARTNER, "admitted"),
        ([{**EVERYBODY, "Principal": {"AWS": PARTNER}}], PARTNER.replace("role/", "assumed-role/") + "/x", "not admit"),
        ([{**EVERYBODY, "Principal": {"AWS": "111122223333"}}], PARTNER, "admitted"),
        ([EVERYBODY, unless("StringNotEquals", username="ann")], "arn:aws:iam::123456789012:user/ann", "admitted"),
        ([EVERYBODY, unless("StringNotEquals", username="ann")], ROLE, DENIED),
    ],
)
def test_an_assumed_identity_is_judged_by_its_arn(statements: list[dict[str, Any]], caller: str, expected: str) -> None:
    build = Builder()
    signed_api(statements=statements)(build)
    with stack(build.graph()) as served:
        line = served.route("GET", "/orders")
        caller_headers = {"X-Gatehouse-Principal": caller} if caller else {}
        answer = plain_http.get(line.url, headers={**signature("GET", line.url, line.signed), **caller_headers})
        note = f"{answer.text} {served.traces[-1].note}"
    refused = answer.status_code == 403 and expected in note
    assert ("policy" not in note) if expected == "admitted" else refused, note
