"""Rows of the catalog: API Gateway and what is in front of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .row import FREE, NO_TRAFFIC, Row, by_use, charged, regional

_V2: Final = "arn:{partition}:apigateway:{region}::/"
_EXECUTE: Final = "arn:{partition}:execute-api:{region}:{account}:"

ROWS: Final[Mapping[str, Row]] = {
    "apigateway.Account": Row(role=NO_TRAFFIC, cost=FREE, mock={"id": "api-gateway-account", "apiKeyVersion": "4"}),
    "apigateway.ApiKey": Row(
        role=NO_TRAFFIC,
        cost=FREE,
        mock={
            "id": "{x10}",
            "arn": "arn:{partition}:apigateway:{region}::/apikeys/{id}",
            "createdDate": "2026-01-01T00:00:00Z",
            "name": "{name}",
        },
    ),
    "apigateway.Authorizer": Row(
        role=NO_TRAFFIC,
        cost=FREE,
        mock={"id": "{x6}", "arn": "arn:{partition}:apigateway:{region}::/restapis/{restApi}/authorizers/{id}"},
    ),
    "apigateway.BasePathMapping": Row(role="base path mapping", cost=FREE, mock={"id": "{domainName}/"}),
    "apigateway.ClientCertificate": Row(
        role=NO_TRAFFIC,
        cost=FREE,
        mock={"id": "{x6}", "arn": "arn:{partition}:apigateway:{region}::/clientcertificates/{id}"},
    ),
    "apigateway.Deployment": Row(
        role="deployment", cost=FREE, mock={"id": "{x6}", "createdDate": "2026-01-01T00:00:00Z"}
    ),
    "apigateway.DocumentationPart": Row(role=NO_TRAFFIC),
    "apigateway.DocumentationVersion": Row(role=NO_TRAFFIC),
    "apigateway.DomainName": Row(
        role="rest domain",
        cost=FREE,
        mock={
            "id": "{domainName}",
            "arn": "arn:{partition}:apigateway:{region}::/domainnames/{domainName}",
            "domainNameId": "{x10}",
            "regionalDomainName": "d-{x10}.execute-api.{region}.{suffix}",
            "regionalZoneId": "Z2{x12}",
            "cloudfrontDomainName": "d{x13}.cloudfront.net",
            "cloudfrontZoneId": "Z2FDTNDATAQYW2",
        },
    ),
    "apigateway.DomainNameAccessAssociation": Row(
        role=NO_TRAFFIC,
        cost=FREE,
        mock=regional(
            "apigateway", "/domainnameaccessassociations/domainname/{x10}/vpcesource/{accessAssociationSource}"
        ),
    ),
    "apigateway.Integration": Row(
        role="rest integration", cost=FREE, mock={"id": "agi-{restApi}-{resourceId}-{httpMethod}"}
    ),
    "apigateway.IntegrationResponse": Row(
        role=NO_TRAFFIC, cost=FREE, mock={"id": "agir-{restApi}-{resourceId}-{httpMethod}-{statusCode}"}
    ),
    "apigateway.Method": Row(role="method", cost=FREE, mock={"id": "agm-{restApi}-{resourceId}-{httpMethod}"}),
    "apigateway.MethodResponse": Row(
        role=NO_TRAFFIC, cost=FREE, mock={"id": "agmr-{restApi}-{resourceId}-{httpMethod}-{statusCode}"}
    ),
    "apigateway.MethodSettings": Row(
        role="method settings", cost=FREE, mock={"id": "{restApi}-{stageName}-{methodPath}"}
    ),
    "apigateway.Model": Row(role=NO_TRAFFIC, cost=FREE, mock={"id": "{x6}"}),
    "apigateway.RequestValidator": Row(role=NO_TRAFFIC, cost=FREE, mock={"id": "{x6}"}),
    "apigateway.Resource": Row(role="rest resource", cost=FREE, mock={"id": "{x6}"}),
    "apigateway.Response": Row(role=NO_TRAFFIC, cost=FREE, mock={"id": "aggr-{restApiId}-{responseType}"}),
    "apigateway.RestApi": Row(
        role="rest api",
        cost=charged("rest_api"),
        mock={
            "id": "{x10}",
            "arn": "arn:{partition}:apigateway:{region}::/restapis/{id}",
            "executionArn": _EXECUTE + "{id}",
            "rootResourceId": "{x10}",
            "createdDate": "2026-01-01T00:00:00Z",
            "name": "{name}",
        },
    ),
    "apigateway.RestApiPolicy": Row(role="rest policy", cost=FREE, mock={"id": "{restApiId}"}),
    "apigateway.Stage": Row(
        role="rest stage",
        cost=charged("rest_stage"),
        mock={
            "id": "ags-{restApi}-{stageName}",
            "arn": "arn:{partition}:apigateway:{region}::/restapis/{restApi}/stages/{stageName}",
            "executionArn": _EXECUTE + "{restApi}/{stageName}",
            "invokeUrl": "https://{restApi}.execute-api.{region}.{suffix}/{stageName}",
        },
    ),
    "apigateway.UsagePlan": Row(
        role="usage plan",
        cost=FREE,
        mock={"id": "{x6}", "arn": "arn:{partition}:apigateway:{region}::/usageplans/{id}", "name": "{name}"},
    ),
    "apigateway.UsagePlanKey": Row(role=NO_TRAFFIC, cost=FREE, mock={"id": "{keyId}"}),
    "apigateway.VpcLink": Row(
        role="rest link",
        cost=FREE,
        mock={"id": "{x6}", "arn": "arn:{partition}:apigateway:{region}::/vpclinks/{id}", "name": "{name}"},
    ),
    "apigatewayv2.Api": Row(
        role="http api",
        cost=charged("http_api"),
        mock={
            "id": "{x10}",
            "arn": _V2 + "apis/{id}",
            "executionArn": _EXECUTE + "{id}",
            "apiEndpoint": "https://{id}.execute-api.{region}.{suffix}",
            "name": "{name}",
        },
    ),
    "apigatewayv2.ApiMapping": Row(role="api mapping", cost=FREE, mock={"id": "{x6}"}),
    "apigatewayv2.Authorizer": Row(role=NO_TRAFFIC, cost=FREE, mock={"id": "{x6}"}),
    "apigatewayv2.Deployment": Row(role=NO_TRAFFIC, cost=FREE, mock={"id": "{x6}"}),
    "apigatewayv2.DomainName": Row(
        role="http domain",
        cost=FREE,
        mock={
            "id": "{domainName}",
            "arn": _V2 + "domainnames/{domainName}",
            "apiMappingSelectionExpression": "$request.basepath",
        },
    ),
    "apigatewayv2.Integration": Row(role="http integration", cost=FREE, mock={"id": "{x7}"}),
    "apigatewayv2.IntegrationResponse": Row(role=NO_TRAFFIC),
    "apigatewayv2.Model": Row(role=NO_TRAFFIC, cost=FREE, mock={"id": "{x6}"}),
    "apigatewayv2.Route": Row(role="http route", cost=FREE, mock={"id": "{x7}"}),
    "apigatewayv2.RouteResponse": Row(role=NO_TRAFFIC),
    "apigatewayv2.RoutingRule": Row(role="routing rule", cost=FREE, mock={"id": "{x6}"}),
    "apigatewayv2.Stage": Row(role="http stage", cost=FREE, mock={}),
    "apigatewayv2.VpcLink": Row(
        role="http link", cost=FREE, mock={"id": "{x6}", "arn": _V2 + "vpclinks/{id}", "name": "{name}"}
    ),
    "cloudfront.Distribution": Row(
        cost=by_use("requests and data"),
        mock={
            "id": "E{x13}",
            "arn": "arn:{partition}:cloudfront::{account}:distribution/{id}",
            "domainName": "d{x13}.cloudfront.net",
            "hostedZoneId": "Z2FDTNDATAQYW2",
        },
    ),
    "cognito.ResourceServer": Row(cost=FREE),
    "cognito.UserPool": Row(
        cost=by_use("active users"),
        mock={
            "id": "{region}_{x9}",
            "arn": "arn:{partition}:cognito-idp:{region}:{account}:userpool/{id}",
            "endpoint": "cognito-idp.{region}.{suffix}/{id}",
            "name": "{name}",
        },
    ),
    "cognito.UserPoolClient": Row(cost=FREE, mock={"id": "{x26}"}),
    "wafv2.IpSet": Row(
        cost=FREE,
        mock={
            "id": "{x8}-{x4}-{x4}-{x4}-{x12}",
            "arn": "arn:{partition}:wafv2:{region}:{account}:regional/ipset/{name}/{id}",
        },
    ),
    "wafv2.RuleGroup": Row(
        mock={
            "id": "{x8}-{x4}-{x4}-{x4}-{x12}",
            "arn": "arn:{partition}:wafv2:{region}:{account}:regional/rulegroup/{name}/{id}",
        }
    ),
    "wafv2.WebAcl": Row(
        role="web acl",
        cost=charged("web_acl", "web_acl_requests"),
        mock={
            "id": "{x8}-{x4}-{x4}-{x4}-{x12}",
            "name": "{name}",
            "arn": "arn:{partition}:wafv2:{region}:{account}:regional/webacl/{name}/{id}",
            "capacity": 100,
        },
    ),
    "wafv2.WebAclAssociation": Row(role="acl association", cost=FREE, mock={"id": "{webAclArn},{resourceArn}"}),
    "wafv2.WebAclLoggingConfiguration": Row(cost=FREE, mock={"id": "{resourceArn}"}),
}
