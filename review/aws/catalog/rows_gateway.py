"""Rows of the catalog: API Gateway and what is in front of it."""

from collections.abc import Mapping
from typing import Final

from .row import UUID, Row, Shape, arn, by_use, charged


def _gateway(key: str, path: str, **more: str) -> Shape:
    """Mock of a resource of API Gateway, whose ARNs have no account."""
    return {"id": key, "arn": "arn:{partition}:apigateway:{region}::/" + path, **more}


ROWS: Final[Mapping[str, Row]] = {
    "apigateway.RestApi": Row(
        "rest api",
        cost=charged("rest_api"),
        mock=_gateway(
            "{x10}",
            "restapis/{id}",
            executionArn=arn("execute-api", "{id}"),
            rootResourceId="{x10}",
            createdDate="2026-01-01T00:00:00Z",
            name="{name}",
        ),
    ),
    "apigateway.Stage": Row(
        "rest stage",
        cost=charged("rest_stage"),
        mock=_gateway(
            "ags-{restApi}-{stageName}",
            "restapis/{restApi}/stages/{stageName}",
            executionArn=arn("execute-api", "{restApi}/{stageName}"),
            invokeUrl="https://{restApi}.execute-api.{region}.{suffix}/{stageName}",
        ),
    ),
    "apigatewayv2.Api": Row(
        "http api",
        cost=charged("http_api"),
        mock=_gateway(
            "{x10}",
            "apis/{id}",
            executionArn=arn("execute-api", "{id}"),
            apiEndpoint="https://{id}.execute-api.{region}.{suffix}",
            name="{name}",
        ),
    ),
    "appsync.GraphQLApi": Row(
        "graphql api", cost=by_use("queries"), mock={"id": "{x26}", "arn": arn("appsync", "apis/{id}")}
    ),
    "cloudfront.Distribution": Row(
        "distribution",
        cost=by_use("requests and data"),
        mock={
            "id": "E{x13}",
            "arn": arn("cloudfront", "distribution/{id}", region=""),
            "domainName": "d{x13}.cloudfront.net",
            "hostedZoneId": "Z2FDTNDATAQYW2",
        },
    ),
    "cognito.UserPool": Row(
        "user pool",
        cost=by_use("active users"),
        mock={
            "id": "{region}_{x9}",
            "arn": arn("cognito-idp", "userpool/{id}"),
            "endpoint": "cognito-idp.{region}.{suffix}/{id}",
            "name": "{name}",
        },
    ),
    "wafv2.WebAcl": Row(
        "web acl",
        cost=charged("web_acl", "web_acl_requests"),
        mock={"id": UUID, "name": "{name}", "arn": arn("wafv2", "regional/webacl/{name}/{id}"), "capacity": 100},
    ),
}
