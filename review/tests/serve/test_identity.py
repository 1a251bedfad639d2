"""Identities, signatures and results in AWS's own form, field by field."""

import asyncio
import base64
import hashlib
import json
import socket
import time
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from review.serve.apis import Authorizer, AuthorizerKind
from review.serve.authorization import ACCESS_KEY_ID, SECRET_ACCESS_KEY, Authorization
from review.serve.call import Identity
from review.serve.errors import GatewayError, message_of, response, status_of
from review.serve.issuer import Issuer
from review.serve.proxy import event_of, response_of
from review.serve.request import Request
from review.tests.graph_builder import REGION
from review.tests.helpers import plain_http
from review.tests.serve.conftest import Shared, call_of
from review.tests.serve.test_serving import call

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
    identity = identified(signed(b"x"), IAM)
    iam = identity.context_2["iam"]
    assert iam.keys() == {
        "accessKey", "accountId", "callerId", "cognitoIdentity", "principalOrgId", "userArn", "userId",
    }  # fmt: skip
    assert iam["accessKey"] == ACCESS_KEY_ID
    assert iam["callerId"] == iam["userId"] != ""
    made = call_of(signed(b"x"), IAM, rest=True)
    caller = type(made)(**{**vars(made), "identity": identity}).context["identity"]
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
    assert response(refused.value, rest=True).header("x-amzn-ErrorType") == "IncompleteSignatureException"
    assert "missing equal-sign" in str(message_of(refused.value, rest=True))


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
    made = call_of(Request("GET", "/", "", [], b""), rest=True)
    with pytest.raises(GatewayError) as refused:
        response_of(result, made)
    assert "must be lists" in refused.value.note


def test_a_rest_api_remaps_the_length_of_a_result() -> None:
    made = call_of(Request("GET", "/", "", [], b""), rest=True)
    answer = response_of({"statusCode": 200, "headers": {"Content-Length": "9"}, "body": "x"}, made)
    assert answer.header("x-amzn-remapped-content-length") == "9"


def test_an_http_api_has_one_id() -> None:
    made = call_of(Request("GET", "/", "", [], b""))
    event = event_of(made)
    assert event["requestContext"]["requestId"] == made.request.extended_id == made.context["extendedRequestId"]


def test_a_denial_masks_the_account(shared: Shared) -> None:
    answer = call(shared("examples/webhook.yaml"), "POST", "/hooks", headers={"X-Gatehouse-Source-Ip": "203.0.113.9"})
    assert ":********9012:" in answer.json()["Message"]


def test_a_body_in_chunks_has_no_other_length_and_closes_the_connection(shared: Shared) -> None:
    """https://www.rfc-editor.org/rfc/rfc9112#section-6.1"""
    served = shared("examples/open-proxy.yaml")
    framing = "Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    with socket.create_connection(("127.0.0.1", int(served.url().rpartition(":")[2])), 30) as caller:
        caller.sendall(f"POST /live/forward HTTP/1.1\r\nHost: 127.0.0.1\r\n{framing}".encode())
        answer = b"".join(iter(lambda: caller.recv(4096), b""))
    request = served.traces[-1].request
    assert b"\r\nconnection: close\r\n" in answer.lower()
    assert request is not None
    assert (request.body, request.header("content-length")) == (b"abc", "")


@pytest.mark.parametrize("rest", [True, False])
def test_headers_of_a_result_are_written_as_json_and_none_that_is_null(rest: bool) -> None:
    made = call_of(Request("GET", "/", "", [], b""), rest=rest)
    several = {"X-C": [False, None]} if rest else {}
    headers = {"X-A": None, "X-B": True, "X-E": 7}
    answer = response_of({"statusCode": 200, "headers": headers, "multiValueHeaders": several, "body": "x"}, made)
    own = [header for header in answer.headers if header[0].startswith("X-")]
    assert own == [*([("X-C", "false")] if several else []), ("X-B", "true"), ("X-E", "7")]


@pytest.mark.parametrize(
    ("rest", "result", "status"),
    [
        (False, {"headers": {"X-A": "b"}}, 200),
        (False, {"errorMessage": "mine"}, 500),
        (False, "errorMessage", 200),
        (False, {"statusCode": 200, "errorMessage": "mine"}, 200),
        (True, {"headers": {"X-A": "b"}}, 200),
        (True, {"errorMessage": "mine"}, 502),
    ],
)
def test_a_result_without_a_status(rest: bool, result: Any, status: int) -> None:
    made = call_of(Request("GET", "/", "", [], b""), rest=rest)
    try:
        found = response_of(result, made).status
    except GatewayError as error:
        found = status_of(error, rest=rest)
    assert found == status


@pytest.mark.parametrize("crit", [None, 1, True, [1], [[]]])
def test_a_token_with_an_odd_header_is_refused(crit: Any) -> None:
    """A list that is none ended the request with a 500."""
    head = base64.urlsafe_b64encode(json.dumps({"alg": "RS256", "crit": crit}).encode()).rstrip(b"=").decode()
    with pytest.raises(GatewayError) as refused:
        Issuer().claims(f"{head}.e30.AA", [], [])
    assert refused.value.kind == "UNAUTHORIZED"


def test_an_upgrade_to_websocket_is_named(shared: Shared) -> None:
    served = shared("examples/open-proxy.yaml")
    plain_http.get(f"{served.url()}/live/forward", headers={"Connection": "Upgrade", "Upgrade": "websocket"})
    assert "no upgrade to WebSocket" in served.traces[-1].note
