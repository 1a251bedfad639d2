"""Identities, signatures and results in AWS's own form, field by field."""

from __future__ import annotations

import asyncio
import hashlib
import time
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from review.serve.apis import Authorizer, AuthorizerKind
from review.serve.asgi import received
from review.serve.authorization import ACCESS_KEY_ID, SECRET_ACCESS_KEY, Authorization
from review.serve.call import Identity
from review.serve.errors import GatewayError, error_type
from review.serve.issuer import Issuer
from review.serve.proxy import event_of, response_of
from review.serve.request import Request
from review.tests.graph_builder import REGION
from review.tests.serve.conftest import Shared, call_of
from review.tests.serve.test_serving import call
from tests import plain_http

pytestmark = pytest.mark.xdist_group("serve")
IAM = Authorizer(name="IAM", kind=AuthorizerKind.IAM)


async def nobody(*_: Any) -> Any:
    raise AssertionError("no function is called")


def identified(request: Request, authorizer: Authorizer, issuer: Issuer | None = None, **given: Any) -> Identity:
    made = call_of(request, authorizer, **given)
    return asyncio.run(Authorization(issuer or Issuer(), nobody, REGION).identify(made))


def signed(body: bytes, **headers: str) -> Request:
    made = AWSRequest("POST", "https://a.example.com/", headers={"Host": "a.example.com", **headers}, data=body)
    SigV4Auth(Credentials(ACCESS_KEY_ID, SECRET_ACCESS_KEY), "execute-api", REGION).add_auth(made)
    found = [(name.lower(), value) for name, value in made.headers.items()]
    return Request("POST", "/", "", found, body)


def test_a_signed_caller_has_every_field_that_aws_fills() -> None:
    found = identified(signed(b"x"), IAM)
    iam = found.context_2["iam"]
    assert iam.keys() == {
        "accessKey", "accountId", "callerId", "cognitoIdentity", "principalOrgId", "userArn", "userId",
    }  # fmt: skip
    assert iam["accessKey"] == ACCESS_KEY_ID
    assert iam["callerId"] == iam["userId"] != ""
    made = call_of(signed(b"x"), IAM, rest=True)
    caller = type(made)(**{**vars(made), "identity": found}).context["identity"]
    assert (caller["accessKey"], caller["caller"], caller["accountId"]) == (
        ACCESS_KEY_ID,
        iam["callerId"],
        made.account,
    )


def test_a_body_must_have_the_hash_that_its_client_signed() -> None:
    told = hashlib.sha256(b"signed").hexdigest()
    request = signed(b"signed", **{"X-Amz-Content-SHA256": told})
    assert identified(request, IAM).user_arn
    request.body = b"changed"
    with pytest.raises(GatewayError) as refused:
        identified(request, IAM)
    assert refused.value.kind == "INVALID_SIGNATURE"


def test_a_token_on_a_signed_route_is_an_incomplete_signature() -> None:
    request = Request("GET", "/", "", [("authorization", "Bearer x")], b"")
    with pytest.raises(GatewayError) as refused:
        identified(request, IAM, rest=True)
    assert error_type(refused.value) == "IncompleteSignatureException"
    assert "missing equal-sign" in str(refused.value.message)


def test_claims_of_a_user_pool_are_written_as_aws_writes_them() -> None:
    issuer, pool = Issuer(), "https://cognito-idp.eu-west-1.amazonaws.com/pool"
    moment = int(time.time()) + 60
    token = issuer.mint(pool, "client", (), {"exp": moment, "cognito:groups": ["a", "b"], "email_verified": True})
    request = Request("GET", "/", "", [("authorization", token)], b"")
    authorizer = Authorizer(
        name="pool", kind=AuthorizerKind.COGNITO, sources=("method.request.header.Authorization",), issuers=(pool,)
    )
    claims = identified(request, authorizer, issuer, rest=True).context["claims"]
    assert claims["exp"] == time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(moment))
    assert (claims["cognito:groups"], claims["email_verified"]) == ("a,b", "true")


@pytest.mark.parametrize(
    "result", [{"statusCode": 200, "cookies": "a=1"}, {"statusCode": 200, "multiValueHeaders": {"X-A": "text"}}]
)
def test_a_text_where_a_list_must_be_is_malformed(result: dict[str, Any]) -> None:
    made = call_of(Request("GET", "/", "", [], b""), payload="1.0")
    with pytest.raises(GatewayError) as refused:
        response_of(result, made)
    assert "must be lists" in refused.value.note


def test_a_rest_api_remaps_the_length_of_a_result() -> None:
    made = call_of(Request("GET", "/", "", [], b""), rest=True)
    answer = response_of({"statusCode": 200, "headers": {"Content-Length": "9"}, "body": "x"}, made)
    assert answer.header("x-amzn-remapped-content-length") == "9"


def test_an_http_api_has_one_id() -> None:
    made = call_of(Request("GET", "/", "", [], b""))
    event = event_of(made, "2.0")
    assert event["requestContext"]["requestId"] == made.request.extended_id == made.context["extendedRequestId"]


def test_a_denial_masks_the_account(shared: Shared) -> None:
    answer = call(shared("examples/webhook.yaml"), "POST", "/hooks", headers={"X-Gatehouse-Source-Ip": "203.0.113.9"})
    assert ":********9012:" in answer.json()["Message"]


def test_a_body_in_chunks_has_no_other_length() -> None:
    async def run() -> Request | None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"abc"}

        fields = [(b"content-length", b"9"), (b"transfer-encoding", b"chunked")]
        scope = {"method": "POST", "raw_path": b"/", "query_string": b"", "headers": fields}
        return await received(scope, receive)

    request = asyncio.run(run())
    assert request is not None
    assert request.header("content-length") == ""


def test_an_upgrade_to_websocket_is_named(shared: Shared) -> None:
    served = shared("dev")
    plain_http.get(f"{served.url()}/live/forward", headers={"Connection": "Upgrade", "Upgrade": "websocket"})
    assert "no upgrade to WebSocket" in served.traces[-1].note
