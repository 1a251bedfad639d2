"""Pages that cannot read the errors that API Gateway answers by itself."""

from typing import Any

import pytest

from review.report.page_errors import list_origins_without_errors

A, B = "https://a.example.com", "https://b.example.com"


def body(*allowed: str, **errors: str) -> dict[str, Any]:
    template = " || ".join(f"$origin == '{origin}'" for origin in allowed)
    responses = {"default": {"responseTemplates": {"application/json": f"#if({template})#end"}}}
    kinds = {"DEFAULT_4XX": A, "DEFAULT_5XX": A} | errors
    return {
        "paths": {"/orders": {"options": {"x-amazon-apigateway-integration": {"responses": responses}}, "get": {}}},
        "x-amazon-apigateway-gateway-responses": {
            kind: {"responseParameters": {"gatewayresponse.header.Access-Control-Allow-Origin": f"'{origin}'"}}
            for kind, origin in kinds.items()
        },
    }


@pytest.mark.parametrize(
    ("document", "origins"),
    [
        (body(A), []),
        (body(A, B), [B]),
        (body(A, B, DEFAULT_4XX=B), [A, B]),
        (body(A, B, DEFAULT_4XX="*", DEFAULT_5XX="*"), []),
        ({**body(A), "x-amazon-apigateway-gateway-responses": {}}, [A]),
        ({}, []),
    ],
)
def test_origins_that_only_preflight_responses_allow(document: dict[str, Any], origins: list[str]) -> None:
    assert list_origins_without_errors(document) == origins
