"""Events have the fields that AWS documents, with their types, for each kind of API.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from review.serve import integrations
from review.serve.apis import Authorizer, AuthorizerKind
from review.serve.authorization import Authorization
from review.serve.call import Call
from review.serve.issuer import Issuer
from review.serve.proxy import event_of
from review.serve.request import Request
from review.serve.testing import Served
from review.tests.graph_builder import REGION
from review.tests.helpers import plain_http
from review.tests.serve.conftest import Shared, call_of

REST = {
    "resource": str, "path": str, "httpMethod": str, "headers": dict, "multiValueHeaders": dict,
    "queryStringParameters": dict, "multiValueQueryStringParameters": dict, "pathParameters": dict,
    "stageVariables": type(None), "requestContext": dict, "body": str, "isBase64Encoded": bool,
}  # fmt: skip
REST_CONTEXT = {
    "resourceId": str, "resourcePath": str, "httpMethod": str, "extendedRequestId": str, "requestTime": str,
    "path": str, "accountId": str, "protocol": str, "stage": str, "domainPrefix": str, "requestTimeEpoch": int,
    "requestId": str,
    "identity": dict, "domainName": str, "deploymentId": str, "apiId": str,
}  # fmt: skip
IDENTITY = {
    "cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller", "sourceIp", "principalOrgId", "accessKey",
    "cognitoAuthenticationType", "cognitoAuthenticationProvider", "userArn", "userAgent", "user",
}  # fmt: skip
HTTP = {
    "version": str, "routeKey": str, "rawPath": str, "rawQueryString": str, "cookies": list, "headers": dict,
    "queryStringParameters": dict, "requestContext": dict, "body": str, "pathParameters": dict, "isBase64Encoded": bool,
}  # fmt: skip
HTTP_CONTEXT = {
    "accountId": str, "apiId": str, "authorizer": dict, "domainName": str, "domainPrefix": str, "http": dict,
    "requestId": str, "routeKey": str, "stage": str, "time": str, "timeEpoch": int,
}  # fmt: skip


def shape(event: dict[str, Any]) -> dict[str, type]:
    return {name: type(value) for name, value in event.items()}


def event(monkeypatch: pytest.MonkeyPatch, served: Served, method: str, path: str, **sent: Any) -> dict[str, Any]:
    """The event of one call of an example."""
    seen: list[dict[str, Any]] = []

    def kept(call: Any) -> Any:
        seen.append(event_of(call))
        return seen[-1]

    monkeypatch.setattr(integrations, "event_of", kept)
    line = served.route(method, path)
    headers = {**line.headers, **sent.pop("headers", {})}
    assert plain_http.request(method, line.url + "?a=1&a=2", headers=headers, **sent).status_code == 200
    return seen[-1]


def test_of_a_rest_api(monkeypatch: pytest.MonkeyPatch, shared: Shared) -> None:
    # No endpoint is in front of a public API.
    posed = {"X-Gatehouse-Vpc-Endpoint": "vpce-1"}
    found = event(
        monkeypatch, shared("examples/open-proxy.yaml"), "POST", "/forward/{proxy+}", content=b"x", headers=posed
    )
    assert shape(found) == REST
    assert shape(found["requestContext"]) == REST_CONTEXT
    assert found["requestContext"]["identity"].keys() == IDENTITY
    assert (found["queryStringParameters"], found["multiValueQueryStringParameters"]) == ({"a": "2"}, {"a": ["1", "2"]})
    assert (found["path"], found["requestContext"]["path"]) == ("/forward/proxy", "/live/forward/proxy")
    assert (found["pathParameters"], found["body"], found["isBase64Encoded"]) == ({"proxy": "proxy"}, "eA==", True)
    assert "connection" not in found["headers"]


def test_of_an_http_api(monkeypatch: pytest.MonkeyPatch, shared: Shared) -> None:
    headers = {"Cookie": "a=1; b=2", "Content-Type": "text/plain"}
    found = event(
        monkeypatch, shared("examples/jwt-http.yaml"), "POST", "/orders/{proxy+}", content=b"x", headers=headers
    )
    assert shape(found) == HTTP
    assert shape(found["requestContext"]) == HTTP_CONTEXT
    assert found["requestContext"]["http"].keys() == {"method", "path", "protocol", "sourceIp", "userAgent"}
    assert found["requestContext"]["authorizer"]["jwt"]["scopes"] == ["orders/read"]
    assert (found["cookies"], found["queryStringParameters"]) == (["a=1", "b=2"], {"a": "1,2"})
    assert (found["body"], found["isBase64Encoded"]) == ("x", False)
    assert "cookie" not in found["headers"]


# Field tables of AWS's example events. Names below these are the caller's or the program's.
NAMED = {"headers", "multiValueHeaders", "queryStringParameters", "multiValueQueryStringParameters", "pathParameters",
         "stageVariables"}  # fmt: skip
MAPS = dict.fromkeys(NAMED, dict) | {"stageVariables": type(None)}


def below(place: str, kind: type, names: str) -> dict[str, type]:
    return {f"{place}{name}": kind for name in names.split()}


NULLS = "cognitoIdentityPoolId accountId cognitoIdentityId caller principalOrgId accessKey cognitoAuthenticationType "
IDENTITY_1 = {
    **below("requestContext.identity.", str, "sourceIp userAgent"),
    **below("requestContext.identity.", type(None), f"{NULLS} cognitoAuthenticationProvider userArn user"),
}
CONTEXT_1 = {
    **IDENTITY_1,
    **below(
        "requestContext.", str, "accountId apiId domainName domainPrefix extendedRequestId httpMethod path protocol"
    ),
    **below("requestContext.", str, "requestId requestTime resourceId resourcePath stage"),
    "requestContext.requestTimeEpoch": int,
}
FIRST = {**MAPS, **CONTEXT_1, **below("", str, "resource path httpMethod")}
DEPLOYED = {"requestContext.deploymentId": str}
BODY = {"body": str, "isBase64Encoded": bool}
SECOND = {
    **dict.fromkeys(("headers", "queryStringParameters", "pathParameters"), dict),
    **below("", str, "version routeKey rawPath rawQueryString"),
    **below("requestContext.", str, "accountId apiId domainName domainPrefix requestId routeKey stage time"),
    **below("requestContext.http.", str, "method path protocol sourceIp userAgent"),
    **{"requestContext.timeEpoch": int, "cookies": list},
}
ASKED = {"type": str, "methodArn": str}
TABLES: dict[str, tuple[AuthorizerKind | None, bool, dict[str, type]]] = {
    "REST API": (None, True, {**FIRST, **DEPLOYED, **BODY}),
    "HTTP API": (None, False, {**SECOND, **BODY}),
    "authorizer of a REST API": (AuthorizerKind.FUNCTION, True, {**ASKED, **FIRST, **DEPLOYED}),
    "authorizer of an HTTP API": (
        AuthorizerKind.FUNCTION, False, {**SECOND, "type": str, "routeArn": str, "identitySource": list},
    ),
}  # fmt: skip


def fields(event: dict[str, Any], at: str = "") -> dict[str, type]:
    """The type of each field by its place."""
    found: dict[str, type] = {}
    for name, value in event.items():
        inside = isinstance(value, dict) and name not in NAMED
        found |= fields(value, f"{at}{name}.") if inside else {f"{at}{name}": type(value)}
    return found


def asked(call: Call, authorizer: Authorizer) -> dict[str, Any]:
    """The event that an authorizer's function gets."""
    seen: list[dict[str, Any]] = []

    async def invoke(_: Any, __: Any, sent: Any) -> Any:
        seen.append(sent)
        statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
        return {"principalId": "ann", "policyDocument": {"Statement": [statement]}, "isAuthorized": True}

    asyncio.run(Authorization(Issuer(), invoke, REGION).identify(call))
    return seen[0]


@pytest.mark.parametrize("name", TABLES)
def test_each_field_has_the_name_and_the_type_of_aws(name: str) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html"""
    kind, rest, table = TABLES[name]
    source = f"{'method.' if rest else '$'}request.header.X-One"
    authorizer = kind and Authorizer(name="a", kind=kind, sources=(source,))
    sent = [("host", "api.example.com"), ("x-one", "1"), ("x-one", "2"), ("cookie", "a=1"), ("content-type", "text/x"),
            ("user-agent", "me")]  # fmt: skip
    spelled = {"x-one": "X-ONE", "host": "Host"}
    made = call_of(Request("POST", "/a", "q=1", sent, b"x", spelled=spelled), authorizer, rest=rest)
    made = replace(made, variables={"id": "7"})
    event = asked(made, authorizer) if authorizer else event_of(made)
    assert fields(event) == table
    written = {"X-ONE", "Host", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Amzn-Trace-Id"}
    assert written - event["headers"].keys() == (set() if rest else written)
    assert {one.lower() for one in written} <= {header.lower() for header in event["headers"]}
    assert rest or all(header == header.lower() for header in event["headers"])
    if "multiValueHeaders" in table:
        assert event["multiValueHeaders"].keys() == event["headers"].keys()
        assert all(isinstance(header, list) for header in event["multiValueHeaders"].values())
