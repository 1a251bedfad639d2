"""Events that functions get, with the fields and types that AWS documents, and what becomes of their results."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from review.local_gateway.apis import Authorizer, AuthorizerKind
from review.local_gateway.authorization import Authorization
from review.local_gateway.call import Call
from review.local_gateway.errors import GatewayError, find_status
from review.local_gateway.issuer import Issuer
from review.local_gateway.proxy import build_event, make_response
from review.local_gateway.request import Request
from review.tests.helpers.graph_builder import REGION
from review.tests.local_gateway.conftest import call_of

# Field tables of AWS's example events. Names below these are the caller's or the program's.
NAMED = {"headers", "multiValueHeaders", "queryStringParameters", "multiValueQueryStringParameters", "pathParameters",
         "stageVariables"}  # fmt: skip


def below(place: str, kind: type, names: str) -> dict[str, type]:
    return {f"{place}{name}": kind for name in names.split()}


NULLS = (
    "cognitoIdentityPoolId accountId cognitoIdentityId caller principalOrgId accessKey cognitoAuthenticationType "
    "cognitoAuthenticationProvider userArn user"
)
CONTEXT_1 = "accountId apiId deploymentId domainName domainPrefix extendedRequestId httpMethod path protocol "
FIRST = {
    **dict.fromkeys(NAMED, dict),
    **below("", str, "resource path httpMethod"),
    **below("requestContext.identity.", str, "sourceIp userAgent"),
    **below("requestContext.identity.", type(None), NULLS),
    **below("requestContext.", str, f"{CONTEXT_1} requestId requestTime resourceId resourcePath stage"),
    **{"requestContext.requestTimeEpoch": int, "stageVariables": type(None)},
}
SECOND = {
    **dict.fromkeys(("headers", "queryStringParameters", "pathParameters"), dict),
    **below("", str, "version routeKey rawPath rawQueryString"),
    **below("requestContext.", str, "accountId apiId domainName domainPrefix requestId routeKey stage time"),
    **below("requestContext.http.", str, "method path protocol sourceIp userAgent"),
    **{"requestContext.timeEpoch": int, "cookies": list},
}
BODY = {"body": str, "isBase64Encoded": bool}
TABLES: dict[str, tuple[bool, bool, dict[str, type]]] = {
    "REST API": (False, True, {**FIRST, **BODY}),
    "HTTP API": (False, False, {**SECOND, **BODY}),
    "authorizer of a REST API": (True, True, {**FIRST, "type": str, "methodArn": str}),
    "authorizer of an HTTP API": (True, False, {**SECOND, "type": str, "routeArn": str, "identitySource": list}),
}


def fields(event: dict[str, Any], at: str = "") -> dict[str, type]:
    """The type of each field by its place."""
    found: dict[str, type] = {}
    for name, value in event.items():
        inside = isinstance(value, dict) and name not in NAMED
        found |= fields(value, f"{at}{name}.") if inside else {f"{at}{name}": type(value)}
    return found


def of_authorizer(call: Call) -> dict[str, Any]:
    """The event that an authorizer's function gets."""
    seen: list[dict[str, Any]] = []

    async def invoke(_: Any, sent: Any) -> Any:
        seen.append(sent)
        statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
        return {"principalId": "ann", "policyDocument": {"Statement": [statement]}, "isAuthorized": True}

    asyncio.run(Authorization(Issuer(), invoke, REGION).identify(call))
    return seen[0]


@pytest.mark.parametrize("name", TABLES)
def test_each_field_has_the_name_and_the_type_of_aws(name: str) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html"""
    authorizes, rest, table = TABLES[name]
    source = f"{'method.' if rest else '$'}request.header.X-One"
    authorizer = Authorizer(name="a", kind=AuthorizerKind.FUNCTION, sources=(source,)) if authorizes else None
    sent = [("host", "api.example.com"), ("x-one", "1"), ("x-one", "2"), ("cookie", "a=1"), ("content-type", "text/x"),
            ("user-agent", "me"), ("connection", "close"), ("x-forwarded-proto", "http")]  # fmt: skip
    request = Request("POST", "/a", "a=1&a=2", sent, b"x", spelled={"x-one": "X-ONE", "host": "Host"})
    call = replace(call_of(request, authorizer, rest=rest), variables={"id": "7"})
    event = of_authorizer(call) if authorizes else build_event(call)
    assert fields(event) == table
    written = {"X-ONE", "Host", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Amzn-Trace-Id"}
    names = event["headers"].keys()
    assert (written if rest else {each.lower() for each in written}) <= names
    assert rest or all(header == header.lower() for header in names)
    assert not {"connection", "cookie"} & ({*names} - ({"cookie"} if rest else set()))
    assert event["queryStringParameters"] == {"a": "2" if rest else "1,2"}
    if rest:
        assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"]}
        assert event["multiValueHeaders"].keys() == names
        assert event["multiValueHeaders"]["X-Forwarded-Proto"] == ["https"]
    else:
        assert event["cookies"] == ["a=1"]


def http_call(path: str, rest_of_path: str, **domains: Any) -> Call:
    """A call of the default stage of an HTTP API."""
    made = call_of(Request("GET", path, "", [("host", "shop.example.com")], b""))
    made.api.domains = domains
    return replace(made, path=rest_of_path)


def test_payload_2_has_no_base_path_and_one_id() -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html"""
    call = http_call("/v1/orders", "/orders", **{"shop.example.com": ["v1"]})
    event = build_event(call)
    assert event["rawPath"] == "/orders"
    assert event["requestContext"]["requestId"] == call.request.extended_id == call.context["extendedRequestId"]


@pytest.mark.parametrize(
    ("sent", "decoded"), [("/p/100%2541", "/p/100%41"), ("/p/a%2Fb", "/p/a/b"), ("/p/b/", "/p/b/")]
)
def test_http_apis_decode_paths_once(sent: str, decoded: str) -> None:
    """As captured from live APIs: hotsock/voker, `vokerhttp/testdata`, and honojs/hono#2156."""
    event = build_event(http_call(sent, sent))
    assert event["rawPath"] == event["requestContext"]["http"]["path"] == decoded


@pytest.mark.parametrize(
    ("rest", "result", "status", "headers"),
    [
        (False, {"headers": {"X-A": "b"}}, 200, []),
        (False, {"errorMessage": "mine"}, 500, []),
        (False, "errorMessage", 200, []),
        (False, {"statusCode": 200, "errorMessage": "mine"}, 200, []),
        (True, {"errorMessage": "mine"}, 502, []),
        # Headers are written as JSON, and none that is null.
        (True, {"headers": {"X-A": None, "X-B": True}, "multiValueHeaders": {"X-C": [False, None]}}, 200,
         [("X-C", "false"), ("X-B", "true")]),
        (False, {"statusCode": 200, "headers": {"X-A": None, "X-E": 7, "X-S": " a "}}, 200,
         [("X-E", "7"), ("X-S", "a")]),
        (True, {"headers": {"Content-Length": "9"}}, 200, [("x-amzn-remapped-content-length", "9")]),
    ],
)  # fmt: skip
def test_a_result_becomes_an_answer(rest: bool, result: Any, status: int, headers: list[tuple[str, str]]) -> None:
    made = call_of(Request("GET", "/", "", [], b""), rest=rest)
    answer = None
    try:
        answer = make_response(result, made)
        found = answer.status
    except GatewayError as error:
        found = find_status(error, rest=rest)
    own = [each for each in answer.headers if each[0].lower().startswith("x-")] if answer else []
    assert (found, own if headers else []) == (status, headers)
