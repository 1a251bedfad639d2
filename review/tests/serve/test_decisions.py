"""Decisions of a function that authorizes, and of a policy, as API Gateway takes them."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from review.serve.apis import Authorizer, AuthorizerKind
from review.serve.authorization import Authorization
from review.serve.call import Call
from review.serve.errors import FunctionFailure, GatewayError
from review.serve.issuer import Issuer
from review.serve.request import Request
from review.tests.graph_builder import REGION
from review.tests.helpers.stacks import graph_of
from review.tests.serve.conftest import call_of, function_of


def decided(answer: Any, *, rest: bool = True, allowed: bool = False, path: str = "/") -> str:
    """The type of the gateway response that a function's answer leads to; `ok` if it admits the call."""

    async def invoke(call: Call, authorizer: Authorizer, event: Any) -> Any:
        seen.append(event)
        if isinstance(answer, Exception):
            raise answer
        return answer

    seen: list[Any] = []
    source = "method.request.header.X-Token"
    authorizer = Authorizer(name="own", kind=AuthorizerKind.FUNCTION, sources=(source,), function=function_of(""))
    graph_of("examples/open-proxy.yaml"), graph_of("examples/jwt-http.yaml")
    call = replace(call_of(Request("GET", path, "", [("x-token", "t")], b""), authorizer, rest=rest), path=path)

    try:
        asyncio.run(Authorization(Issuer(), invoke, REGION).identify(call, allowed=allowed))
    except GatewayError as error:
        return f"{error.kind}{' explicit' if 'explicit' in (error.message or '') else ''}{'' if seen else ' uncalled'}"
    return "ok"


def policy(effect: str = "Allow", **more: Any) -> dict[str, Any]:
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": "*", **more}
    return {"principalId": "me", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}}


FROM = {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (policy(), "ok"),
        (FunctionFailure("f failed: Unauthorized", "Unauthorized"), "UNAUTHORIZED"),
        (FunctionFailure("f failed: x", "x"), "AUTHORIZER_FAILURE"),
        (policy("Deny"), "ACCESS_DENIED explicit"),
        (policy(Resource="arn:aws:execute-api:*:*:other/*"), "ACCESS_DENIED"),
        (policy(Condition=FROM), "ok"),
        (policy("permit"), "AUTHORIZER_CONFIGURATION_ERROR"),
        ({"principalId": "me", "policyDocument": "x"}, "AUTHORIZER_CONFIGURATION_ERROR"),
        ({"principalId": "me", "policyDocument": {"Statement": [{}]}}, "AUTHORIZER_CONFIGURATION_ERROR"),
        ({**policy(), "context": {"a": {}}}, "AUTHORIZER_CONFIGURATION_ERROR"),
        ({**policy(), "context": "text"}, "AUTHORIZER_CONFIGURATION_ERROR"),
        ("no object", "AUTHORIZER_CONFIGURATION_ERROR"),
        (policy(Resource=["*", "a" * 512]), "ok"),
        (policy(Resource=["*", "a" * 513]), "AUTHORIZER_CONFIGURATION_ERROR"),
        (policy(Resource=["*", *("a" * 512 for _ in range(130))]), "AUTHORIZER_CONFIGURATION_ERROR"),
    ],
)
def test_an_authorizers_answer_is_judged_as_aws_does(answer: Any, found: str) -> None:
    assert decided(answer) == found


def test_a_call_that_is_too_long_for_its_authorizer() -> None:
    assert decided(policy(), path="/" + "a" * 1500) == "ok"
    assert decided(policy(), path="/" + "a" * 1600) == "URL_TOO_LONG uncalled"
    assert decided({"isAuthorized": True}, path="/" + "a" * 1600, rest=False) == "ok"


def test_a_simple_answer_says_yes_or_no() -> None:
    answers = [{"isAuthorized": True}, {"isAuthorized": False}, {}, {"isAuthorized": "true"}]
    found = ["ok", "FORBIDDEN", "AUTHORIZER_CONFIGURATION_ERROR", "AUTHORIZER_CONFIGURATION_ERROR"]
    assert [decided(answer, rest=False) for answer in answers] == found


def test_a_resource_policy_that_allows_is_enough_where_the_function_is_silent() -> None:
    elsewhere = policy(Resource="arn:aws:execute-api:*:*:other/*")
    assert (decided(elsewhere), decided(elsewhere, allowed=True)) == ("ACCESS_DENIED", "ok")
    assert decided(policy("Deny"), allowed=True) == "ACCESS_DENIED explicit"


@pytest.mark.parametrize("rest", [True, False])
def test_the_event_of_an_authorizer_has_no_body(rest: bool) -> None:
    seen: list[Any] = []

    async def invoke(call: Call, authorizer: Authorizer, event: Any) -> Any:
        seen.append(event)
        return policy() if rest else {"isAuthorized": True}

    source = "method.request.header.X-Token"
    authorizer = Authorizer(name="own", kind=AuthorizerKind.FUNCTION, sources=(source,), function=function_of(""))
    graph_of("examples/open-proxy.yaml"), graph_of("examples/jwt-http.yaml")
    call = call_of(Request("POST", "/", "", [("x-token", "t")], b"body"), authorizer, rest=rest)
    asyncio.run(Authorization(Issuer(), invoke, REGION).identify(call))
    (event,) = seen
    assert not {"body", "isBase64Encoded"} & event.keys()
