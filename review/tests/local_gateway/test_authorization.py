"""Tokens, signatures, and decisions of functions and policies, as API Gateway takes them."""

import asyncio
import hashlib
import time
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from joserfc import jwt

from review.local_gateway.apis import Authorizer, AuthorizerKind
from review.local_gateway.authorization import Authorization
from review.local_gateway.call import Identity
from review.local_gateway.errors import FunctionFailure, GatewayError, find_message, make_response
from review.local_gateway.issuer import Issuer, make_claims
from review.local_gateway.request import Request
from review.local_gateway.signing import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from review.tests.helpers import plain_http
from review.tests.helpers.graph_builder import REGION
from review.tests.helpers.stacks import graph_of
from review.tests.local_gateway.calling import stack
from review.tests.local_gateway.conftest import ACCOUNT, call_of, function_of

IAM = Authorizer(name="IAM", kind=AuthorizerKind.IAM)


def request(path: str = "/", query: str = "", body: bytes = b"", **headers: str) -> Request:
    found = [(name.lower().replace("_", "-"), value) for name, value in headers.items()]
    return Request("POST", path, query, found, body)


async def nobody(*_: Any) -> Any:
    raise AssertionError("no function is called")


def identified(sent: Request, authorizer: Authorizer, issuer: Issuer | None = None, **given: Any) -> Identity:
    made = call_of(sent, authorizer, **given)
    return asyncio.run(Authorization(issuer or Issuer(), nobody, REGION).identify(made))


# Signatures


def signed(body: bytes, query: str = "", **headers: str) -> Request:
    url = f"https://a.example.com/?{query}"
    made = AWSRequest("POST", url, headers={"Host": "a.example.com", **headers}, data=body)
    SigV4Auth(Credentials(ACCESS_KEY_ID, SECRET_ACCESS_KEY), "execute-api", REGION).add_auth(made)
    return request(query=query, body=body, **dict(made.headers.items()))


def test_a_signed_caller_has_every_field_that_aws_fills() -> None:
    iam = identified(signed(b"x"), IAM).context_2["iam"]
    known = {"accessKey", "accountId", "callerId", "userArn", "userId"}
    assert iam.keys() == known | {"cognitoIdentity", "principalOrgId"}
    assert all(iam[name] for name in known)


def test_a_body_must_have_the_hash_that_its_client_signed() -> None:
    sent = signed(b"signed", **{"X-Amz-Content-SHA256": hashlib.sha256(b"signed").hexdigest()})
    assert identified(sent, IAM).user_arn
    sent.body = b"changed"
    with pytest.raises(GatewayError) as refused:
        identified(sent, IAM)
    assert refused.value.kind == "INVALID_SIGNATURE"


def test_a_signature_covers_the_query() -> None:
    sent = signed(b"", "first=1&last=2")
    assert identified(sent, IAM).user_arn
    sent.raw_query = "first=1&last=3"
    with pytest.raises(GatewayError, match="does not fit"):
        identified(sent, IAM)


def test_a_token_on_a_signed_route_is_an_incomplete_signature() -> None:
    with pytest.raises(GatewayError) as refused:
        identified(request(authorization="Bearer x"), IAM, rest=True)
    assert make_response(refused.value, rest=True).find_header("x-amzn-ErrorType") == "IncompleteSignatureException"
    assert "missing equal-sign" in str(find_message(refused.value, rest=True))


@pytest.mark.parametrize("minutes", [-16, 16, None])
def test_a_signature_must_be_new(minutes: int | None) -> None:
    moment = "" if minutes is None else f"{datetime.now(UTC) + timedelta(minutes=minutes):%Y%m%dT%H%M%SZ}"
    scope = f"{ACCESS_KEY_ID}/{moment[:8]}/{REGION}/execute-api/aws4_request"
    value = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature=0"
    with pytest.raises(GatewayError, match="within 5 minutes"):
        identified(request(authorization=value, x_amz_date=moment), IAM, rest=True)


# Tokens


def test_a_token_names_the_issuers_key_and_an_rsa_algorithm() -> None:
    issuer = Issuer()
    claims = {"iss": "i", "aud": "a", "exp": int(time.time()) + 60}
    tokens: tuple[tuple[str, dict[str, str], bool], ...] = (
        ("RS512", {"kid": "gatehouse-try"}, False),
        ("RS256", {"kid": "of-another"}, True),
        ("RS256", {}, True),
    )
    for algorithm, named, refused in tokens:
        token = jwt.encode({"alg": algorithm, **named}, claims, issuer._keys.keys[0], algorithms=[algorithm])
        with pytest.raises(GatewayError) if refused else nullcontext():
            issuer.verify_token(token, ["i"], ["a"])


@pytest.mark.parametrize(
    "claims",
    [{"exp": None}, {"exp": "soon"}, {"exp": 1}, {"nbf": "x"}, {"iss": "j"}, {"iss": None}, {"aud": [{}]}, {"aud": "b"},
     {"aud": None, "client_id": None}, {"aud": "", "client_id": "a"}, {"aud": [], "client_id": "a"}],
)  # fmt: skip
def test_a_token_with_strange_claims_is_refused(claims: dict[str, Any]) -> None:
    issuer = Issuer()
    with pytest.raises(GatewayError):
        issuer.verify_token(issuer.sign_claims({**make_claims("i", "a", []), **claims}), ["i"], ["a"])


POOL = Authorizer(
    name="pool", kind=AuthorizerKind.COGNITO, sources=("method.request.header.Authorization",), issuers=("i",)
)


def test_claims_of_a_user_pool_are_written_as_aws_writes_them() -> None:
    issuer, moment = Issuer(), int(time.time()) + 60
    more = {"exp": moment, "cognito:groups": ["a", "b"], "email_verified": True}
    token = issuer.sign_claims({**make_claims("i", "client", ()), **more})
    claims = identified(request(authorization=token), POOL, issuer, rest=True).context["claims"]
    assert claims["exp"] == time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(moment))
    assert (claims["cognito:groups"], claims["email_verified"]) == ("a,b", "true")


@pytest.mark.parametrize(
    ("scopes", "use", "passes"), [((), "id", True), ((), "access", False), (("s",), "access", True)]
)
def test_a_user_pools_access_token_needs_a_route_with_scopes(scopes: tuple[str, ...], use: str, passes: bool) -> None:
    issuer = Issuer()
    token = issuer.sign_claims({**make_claims("i", "a", ["s"]), "token_use": use})
    with nullcontext() if passes else pytest.raises(GatewayError, match="access token"):
        identified(request(authorization=token), POOL, issuer, rest=True, scopes=scopes)


# Functions that authorize


def own(function: str = "f", cache: int = 0) -> Authorizer:
    return Authorizer(
        name="own", kind=AuthorizerKind.FUNCTION, sources=("method.request.header.X-Token",),
        function=replace(function_of(""), name=function), cache_seconds=cache,
    )  # fmt: skip


def decided(answer: Any, *, rest: bool = True, allowed: bool = False, path: str = "/") -> str:
    """The type of the gateway response that a function's answer leads to; `ok` if it admits the call."""
    seen: list[Any] = []

    async def invoke(*given: Any) -> Any:
        seen.append(given)
        if isinstance(answer, Exception):
            raise answer
        return answer

    call = replace(call_of(request(path, x_token="t"), own(), rest=rest), path=path)
    try:
        asyncio.run(Authorization(Issuer(), invoke, REGION).identify(call, allowed=allowed))
    except GatewayError as error:
        return f"{error.kind}{' explicit' if 'explicit' in (error.message or '') else ''}{'' if seen else ' uncalled'}"
    return "ok"


def policy(effect: str = "Allow", **more: Any) -> dict[str, Any]:
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": "*", **more}
    return {"principalId": "me", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}}


BROKEN = "AUTHORIZER_CONFIGURATION_ERROR"
OTHER_API = policy(Resource="arn:aws:execute-api:*:*:other/*")


@pytest.mark.parametrize(
    ("answer", "given", "found"),
    [
        (policy(), {}, "ok"),
        (FunctionFailure("f failed: Unauthorized", "Unauthorized"), {}, "UNAUTHORIZED"),
        (FunctionFailure("f failed: x", "x"), {}, "AUTHORIZER_FAILURE"),
        (policy("Deny"), {}, "ACCESS_DENIED explicit"),
        (policy("Deny"), {"allowed": True}, "ACCESS_DENIED explicit"),
        (OTHER_API, {}, "ACCESS_DENIED"),
        # A resource policy that allows is enough if the function's policy is silent.
        (OTHER_API, {"allowed": True}, "ok"),
        (policy(Condition={"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}), {}, "ok"),
        (policy("permit"), {}, BROKEN),
        ({"principalId": "me", "policyDocument": "x"}, {}, BROKEN),
        ({"principalId": "me", "policyDocument": {"Statement": [{}]}}, {}, BROKEN),
        ({**policy(), "context": {"a": {}}}, {}, BROKEN),
        ({**policy(), "context": "text"}, {}, BROKEN),
        ("no object", {}, BROKEN),
        (policy(Resource=["*", "a" * 512]), {}, "ok"),
        (policy(Resource=["*", "a" * 513]), {}, BROKEN),
        (policy(Resource=["*", *("a" * 512 for _ in range(130))]), {}, BROKEN),
        (policy(), {"path": "/" + "a" * 1500}, "ok"),
        (policy(), {"path": "/" + "a" * 1600}, "URL_TOO_LONG uncalled"),
        ({"isAuthorized": True}, {"path": "/" + "a" * 1600, "rest": False}, "ok"),
        ({"isAuthorized": False}, {"rest": False}, "FORBIDDEN"),
        ({}, {"rest": False}, BROKEN),
        ({"isAuthorized": "true"}, {"rest": False}, BROKEN),
    ],
)
def test_an_authorizers_answer_is_judged_as_aws_does(answer: Any, given: dict[str, Any], found: str) -> None:
    assert decided(answer, **given) == found


@pytest.mark.parametrize("rest", [True, False])
@pytest.mark.parametrize("cache", [0, 300])
def test_a_missing_identity_source_is_refused_without_a_call(rest: bool, cache: int) -> None:
    """As AWS's reference says (API_Authorizer, identitySource), also without a cache."""
    call = call_of(request(), own(cache=cache), rest=rest)
    with pytest.raises(GatewayError) as refused:
        asyncio.run(Authorization(Issuer(), nobody, REGION).identify(call))
    assert refused.value.kind == "UNAUTHORIZED"
    assert ("without a cache" in refused.value.note) is (rest and not cache)


def test_each_api_and_stage_keeps_its_own_decisions() -> None:
    asked: list[str] = []

    async def invoke(authorizer: Authorizer, _: Any) -> Any:
        assert authorizer.function is not None
        asked.append(authorizer.function.name)
        return {"isAuthorized": authorizer.function.name == "lax"}

    authorization = Authorization(Issuer(), invoke, REGION)

    def identify(api: str, name: str) -> None:
        made = call_of(request(x_token="x"), own(name, cache=300))
        made.api.arn = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}"
        asyncio.run(authorization.identify(made))

    identify("one", "lax")
    identify("one", "lax")
    with pytest.raises(GatewayError, match="denies"):
        identify("two", "strict")
    assert asked == ["lax", "strict"]


def test_a_private_api_without_a_policy_admits_no_one() -> None:
    with stack(graph_of("examples/private-greeter.yaml")) as served:
        for gateway in served.stack.gateways:
            gateway.api.policy = ""
        line = next(iter(served.routes()))
        assert plain_http.get(line.url, headers=line.headers).status_code == 403
        assert "resource policy" in served.traces[-1].note
