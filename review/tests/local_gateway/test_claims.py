"""Claims of a token in events. Measured on live APIs: github.com/floci-io/floci/pull/2011 and /pull/2353."""

from typing import Any

import pytest

from review.local_gateway.apis import Authorizer, AuthorizerKind
from review.local_gateway.claims import format_jwt_claims, read_scopes
from review.local_gateway.issuer import Issuer, make_claims
from review.tests.local_gateway.test_authorization import identified, request
from review.try_page.command import build_parser

JWT = Authorizer(
    name="users",
    kind=AuthorizerKind.JWT,
    sources=("$request.header.Authorization",),
    issuers=("i",),
    audiences=("web",),
)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("text", "text"),
        ("", ""),
        (1787996002, "1787996002"),
        (1.5, "1.5"),
        (True, "true"),
        (["admin", "users"], "[admin users]"),
        (["one"], "[one]"),
        ([], "[]"),
        ([1, True], "[1 true]"),
        ({"roles": ["admin"]}, "map[roles:[admin]]"),
        ({"b": 1, "a": "x"}, "map[a:x b:1]"),
    ],
)
def test_a_claim_is_a_text(value: Any, written: str) -> None:
    assert format_jwt_claims({"claim": value}) == {"claim": written}


def test_a_claim_that_is_null_is_left_out() -> None:
    assert format_jwt_claims({"sub": "me", "nickname": None}) == {"sub": "me"}


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        ({}, ()),
        ({"scope": "a b"}, ("a", "b")),
        ({"scope": ["a", "b"]}, ("a", "b")),
        ({"scp": ["a", "b"]}, ("a", "b")),
        ({"scp": "a b", "scope": "c"}, ("a", "b")),
        ({"scp": None, "scope": "c"}, ("c",)),
    ],
)
def test_scopes_are_a_list_or_a_text(claims: dict[str, Any], scopes: tuple[str, ...]) -> None:
    assert read_scopes(claims) == scopes


@pytest.mark.parametrize(
    ("required", "claims", "passed"),
    [
        ((), {"scope": "orders/read"}, None),
        ((), {}, None),
        (("orders/read",), {"scp": ["orders/read", "other"]}, ["orders/read", "other"]),
        (("orders/read",), {"scope": "orders/read"}, ["orders/read"]),
    ],
)
def test_a_route_without_scopes_passes_none_on(
    required: tuple[str, ...], claims: dict[str, Any], passed: list[str] | None
) -> None:
    issuer = Issuer()
    token = issuer.sign_claims({**make_claims("i", "web", ()), **claims})
    found = identified(request(authorization=token), JWT, issuer, scopes=required)
    assert found.context_2["jwt"]["scopes"] == passed


def test_the_command_takes_claims_that_are_no_texts(capsys: pytest.CaptureFixture[str]) -> None:
    options = build_parser("try").parse_args(["dev", "--token", "scope=a b", 'groups:=["a"]', "age:=7", "email=x=y"])
    assert dict(options.token) == {"scope": "a b", "groups": ["a"], "age": 7, "email": "x=y"}
    with pytest.raises(SystemExit):
        build_parser("try").parse_args(["dev", "--token", "groups:=[a]"])
    assert "want JSON behind :=" in capsys.readouterr().err
