"""Who may call a route: the identity's policy and the API's resource policy, evaluated together as AWS does.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

import enum
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from components.api.args.routes import RouteArgs
from components.api.resource_policy import OverlapError, list_resources_to_allow
from components.api.route_operations import Operation
from components.callers.operations import list_operations
from tests.components.front import FUNCTION, ROUTE, body, front, made
from tests.helpers.declare import refusal
from tests.helpers.policies import Decision, allows
from tests.topologies.evaluated_api import matched

ACCOUNT, OTHER = "111122223333", "222233334444"
INSIDE, OUTSIDE = "203.0.113.9", "198.51.100.7"
ENDPOINTS = {INSIDE: "vpce-00000001"}
API = f"arn:aws:execute-api:eu-west-1:{ACCOUNT}:abc"


class Identity(enum.Enum):
    """Callers, by what they prove."""

    ANONYMOUS = "nobody"
    PERMITTED = "this account, permitted"
    UNPERMITTED = "this account, without permission"
    FOREIGN = "another account, permitted there"


def admitted(graph: Any, call: str, identity: Identity, source: str = INSIDE, authorization: str = "iam") -> bool:
    """Whether AWS admits the call: by table A within the account, by table B from another one."""
    method, path = call.split()
    policy = body(graph).get("x-amazon-apigateway-policy")
    endpoint = ENDPOINTS.get(source, "vpce-00000002")
    context = {"aws:SourceIp": source, "aws:SourceVpce": endpoint, "aws:SourceVpc": "vpc-64f3f7b4"}
    account = OTHER if identity is Identity.FOREIGN else ACCOUNT
    principal = "*" if identity is Identity.ANONYMOUS else f"arn:aws:iam::{account}:role/caller"
    asked: Any = {"principal": principal, "resource": f"{API}/live/{method}{path}", "context": context}
    decision = allows(policy, action="execute-api:Invoke", **asked) if policy else None
    if decision is Decision.DENY:
        return False
    if authorization == "none":
        return decision in (None, Decision.ALLOW)
    if identity is Identity.PERMITTED:
        return True
    return identity is not Identity.ANONYMOUS and decision is Decision.ALLOW


POLICIES: dict[str, dict[str, Any]] = {
    "no policy": {},
    "a deny list": {"deny_cidrs": ["198.51.100.0/24"]},
    "an allow list": {"allow_cidrs": ["203.0.113.0/24"]},
    "private": {"kind": "private", "allow_endpoint_ids": [ENDPOINTS[INSIDE]]},
}


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_a_policy_admits_permitted_callers_from_where_it_says(policy: dict[str, Any]) -> None:
    graph = front(**policy, routes=[{**ROUTE, "authorization": "iam"}])
    for call in ("GET /forward", "POST /forward/orders"):
        assert {identity for identity in Identity if admitted(graph, call, identity)} == {Identity.PERMITTED}
    assert admitted(graph, "GET /forward", Identity.PERMITTED, source=OUTSIDE) is (policy == {})


def test_an_account_that_is_named_may_call_if_its_own_policies_allow_it() -> None:
    for policy in POLICIES.values():
        graph = front(**policy, caller_account_ids=[OTHER], routes=[{**ROUTE, "authorization": "iam"}])
        may = {identity for identity in Identity if admitted(graph, "GET /forward", identity)}
        assert may == {Identity.PERMITTED, Identity.FOREIGN}


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_open_routes_beside_guarded_ones_stay_open_and_no_more(policy: dict[str, Any]) -> None:
    routes = [
        {"path": "/status", "methods": ["GET"], "target": "backend"},
        {"path": "/admin", "methods": ["ANY"], "target": "backend", "authorization": "iam"},
    ]
    graph = front(**policy, routes=routes)
    assert admitted(graph, "GET /status/deep/down", Identity.ANONYMOUS, authorization="none")
    assert not admitted(graph, "GET /admin/users", Identity.UNPERMITTED)
    assert admitted(graph, "GET /admin/users", Identity.PERMITTED)


def test_a_preflight_request_needs_no_identity() -> None:
    routes = [{**ROUTE, "authorization": "iam"}]
    graph = front(routes=routes, deny_cidrs=["198.51.100.0/24"], cors={"origins": ["https://app.example.com"]})
    for path in ("/forward", "/forward/orders"):
        assert admitted(graph, f"OPTIONS {path}", Identity.ANONYMOUS, authorization="none")
        assert not admitted(graph, f"GET {path}", Identity.UNPERMITTED)


def test_users_of_a_pool_need_the_policys_allow_and_a_lambda_authorizers_silence_does_not() -> None:
    pool = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_p"
    authorizers = {"pool": {"kind": "cognito", "user_pool_arns": [pool]}, "check": {"kind": "lambda", **FUNCTION}}
    for name, authorization in (("pool", "none"), ("check", "check")):
        routes = [{**ROUTE, "authorization": name}]
        graph = front(deny_cidrs=["198.51.100.0/24"], authorizers={name: authorizers[name]}, routes=routes)
        # Table A again: an authorizer's silence and an allow of the policy admit the caller.
        found = admitted(graph, "GET /forward", Identity.UNPERMITTED, authorization=authorization)
        assert found is (name == "pool")


def test_a_wide_route_without_authorization_beside_a_guarded_one_is_refused() -> None:
    routes = [
        {"path": "/", "methods": ["ANY"], "target": "backend"},
        {"path": "/admin", "methods": ["GET"], "target": "backend", "authorization": "iam"},
    ]
    error = refusal(lambda: made(routes=routes, deny_cidrs=["198.51.100.0/24"]))
    assert "ANY /" in str(error)
    assert "GET /admin" in str(error)


PARTS = st.sampled_from(["a", "b", "{id}"])
ROUTES = st.builds(
    RouteArgs,
    path=st.lists(PARTS, max_size=3).map(lambda parts: "/" + "/".join(parts)),
    methods=st.sampled_from([("GET",), ("POST",), ("ANY",)]),
    target=st.just("backend"),
    include_subpaths=st.booleans(),
    authorization=st.sampled_from(["none", "iam"]),
)
CALLS = st.tuples(st.sampled_from(["GET", "POST"]), st.lists(st.sampled_from("abc"), max_size=4))


ANY_A = RouteArgs(path="/a", methods=("ANY",), target="backend", include_subpaths=False)
GET_A = RouteArgs(path="/a", methods=("GET",), target="backend", include_subpaths=False, authorization="iam")


@given(st.lists(ROUTES, min_size=1, max_size=4), CALLS)
@example([ANY_A, GET_A], ("GET", ["a"]))
def test_an_allow_covers_a_call_only_if_its_method_is_open(
    routes: list[RouteArgs], call: tuple[str, list[str]]
) -> None:
    declared = list_operations(routes)
    try:
        resources = list_resources_to_allow(declared, {"iam"}, "live", cors=False)
    except OverlapError:
        return
    method, parts = call
    dispatched = next(_by_preference(declared, method, parts), None)
    policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": resources}]}
    resource = f"{API}/live/{method}/{'/'.join(parts)}"
    allowed = bool(resources) and allows(policy, action="execute-api:Invoke", resource=resource).allowed
    if dispatched is not None:
        assert allowed == (dispatched.route.authorization == "none")


def _by_preference(declared: list[Operation], method: str, parts: list[str]) -> Iterator[Operation]:
    """Operations that take the call, the most specific path and method first, as API Gateway prefers them."""
    found = [(matched(made.path, "/" + "/".join(parts)), made) for made in declared if made.method in (method, "ANY")]
    taking = [(match.ranks, made.method == "ANY", at) for at, (match, made) in enumerate(found) if match]
    return (found[at][1] for *_, at in sorted(taking))
