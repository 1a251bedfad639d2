"""Tokens, signatures and decisions that are not good enough."""

import asyncio
import time
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt

from review.serve.apis import Authorizer, AuthorizerKind
from review.serve.authorization import ACCESS_KEY_ID, Authorization
from review.serve.call import Call
from review.serve.errors import GatewayError
from review.serve.issuer import Issuer
from review.serve.request import Request
from review.serve.stack import Options
from review.serve.testing import serving
from review.tests.helpers import plain_http
from review.tests.helpers.stacks import graph_of
from review.tests.serve.conftest import ACCOUNT, call_of, function_of

REGION = "eu-west-1"


def test_each_api_and_stage_keeps_its_own_decisions() -> None:
    asked: list[str] = []

    async def invoke(call: Call, authorizer: Authorizer, event: Any) -> Any:
        assert authorizer.function is not None
        asked.append(authorizer.function.name)
        return {"isAuthorized": authorizer.function.name == "lax"}

    def authorizer(name: str) -> Authorizer:
        function = replace(function_of(""), name=name)
        return Authorizer(
            name="own", kind=AuthorizerKind.FUNCTION, sources=("$request.header.Authorization",), function=function,
            cache_seconds=300
        )  # fmt: skip

    async def identify(api: str, name: str) -> None:
        made = call_of(Request("GET", "/", "", [("authorization", "x")], b""), authorizer(name))
        arn = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}"
        made.api.api = replace(made.api.api, arn=arn)
        await authorization.identify(made)

    authorization = Authorization(Issuer(), invoke, REGION)
    # No program can be evaluated within an event loop.
    graph_of("examples/jwt-http.yaml")
    asyncio.run(identify("one", "lax"))
    asyncio.run(identify("one", "lax"))
    with pytest.raises(GatewayError, match="denies"):
        asyncio.run(identify("two", "strict"))
    assert asked == ["lax", "strict"]


def test_a_token_names_the_issuers_key_and_an_rsa_algorithm() -> None:
    issuer = Issuer()
    claims = {"iss": "i", "aud": "a", "exp": int(time.time()) + 60}
    for algorithm, kid, refused in (("RS512", "gatehouse-try", False), ("RS256", "of-another", True)):
        token = jwt.encode({"alg": algorithm, "kid": kid}, claims, issuer._keys.keys[0], algorithms=[algorithm])
        with pytest.raises(GatewayError) if refused else nullcontext():
            issuer.claims(token, ["i"], ["a"])


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": None}, {"exp": "soon"}, {"exp": 1}, {"nbf": "x"}, {"iss": "j"}, {"iss": None},
        {"aud": [{}]}, {"aud": ["b"]}, {"aud": "b"}, {"aud": None, "client_id": None}
    ]
)  # fmt: skip
def test_a_token_with_strange_claims_is_refused(claims: dict[str, Any]) -> None:
    issuer = Issuer()
    with pytest.raises(GatewayError):
        issuer.claims(issuer.mint("i", "a", [], claims), ["i"], ["a"])


@pytest.mark.parametrize(
    ("scopes", "use", "passes"), [((), "id", True), ((), "access", False), (("s",), "access", True)]
)
def test_a_user_pools_access_token_needs_a_route_with_scopes(scopes: tuple[str, ...], use: str, passes: bool) -> None:
    authorization = Authorization(issuer := Issuer(), None, REGION)  # type: ignore[arg-type] # no stack is needed
    token = issuer.mint("i", "a", ["s"], {"token_use": use})
    source = "method.request.header.Authorization"
    pool = Authorizer(name="pool", kind=AuthorizerKind.COGNITO, issuers=("i",), sources=(source,))
    made = call_of(Request("GET", "/", "", [("authorization", token)], b""), pool, rest=True, scopes=scopes)
    if passes:
        assert asyncio.run(authorization.identify(made)).context["claims"]["token_use"] == use
    else:
        with pytest.raises(GatewayError, match="access token"):
            asyncio.run(authorization.identify(made))


@pytest.mark.parametrize("minutes", [-16, 16, None])
def test_a_signature_must_be_new(minutes: int | None) -> None:
    moment = "" if minutes is None else f"{datetime.now(UTC) + timedelta(minutes=minutes):%Y%m%dT%H%M%SZ}"
    scope = f"{ACCESS_KEY_ID}/{moment[:8]}/{REGION}/execute-api/aws4_request"
    value = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature=0"
    request = Request("GET", "/", "", [("authorization", value), ("x-amz-date", moment)], b"")
    made = call_of(request, Authorizer(name="IAM", kind=AuthorizerKind.IAM), rest=True)
    with pytest.raises(GatewayError, match="within 5 minutes"):
        asyncio.run(Authorization(Issuer(), None, REGION).identify(made))  # type: ignore[arg-type] # no stack is needed


def test_a_private_api_without_a_policy_admits_no_one() -> None:
    with serving(graph_of("examples/private-greeter.yaml"), Options()) as served:
        for gateway in served.stack.gateways:
            gateway.api.api = replace(gateway.api.api, policies=())
        line = next(iter(served.routes()))
        assert plain_http.get(line.url, headers=line.headers).status_code == 403
        assert "resource policy" in served.traces[-1].note


def test_a_signature_is_of_encoded_characters() -> None:
    authorization = Authorization(Issuer(), None, REGION)  # type: ignore[arg-type] # no stack is needed
    made = [Request("GET", "/a", query, [("host", "a"), ("x-amz-date", "20260101T000000Z")], b"") for query in
            ("a=*'()!&b=~", "a=%2A%27%28%29%21&b=~")]  # fmt: skip
    assert len({authorization._signature(request, ["host", "x-amz-date"]) for request in made}) == 1
