"""Rows of the catalog: API Gateway and what is in front of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .row import FREE, NO_TRAFFIC, Row, by_use, charged, regional

_V2: Final = "arn:{partition}:apigateway:{region}::/"
_EXECUTE: Final = "arn:{partition}:execute-api:{region}:{account}:"

ROWS: Final[Mapping[str, Row]] = {
    "aws:apigateway/account:Account": Row(
        role=NO_TRAFFIC, cost=FREE, mock={"id": "api-gateway-account", "apiKeyVersion": "4"}
    ),
    "aws:apigateway/apiKey:ApiKey": Row(
        role=NO_TRAFFIC,
        cost=FREE,
        mock={
            "id": "{x10}",
            "arn": "arn:{partition}:apigateway:{region}::/apikeys/{id}",
            "createdDate": "2026-01-01T00:00:00Z",
            "name": "{name}",
        },
    ),
    "aws:apigateway/authorizer:Authorizer": Row(
        role=NO_TRAFFIC,
        cost=FREE,
        mock={
            "id": "{x6}",
            "arn": "arn:{partition}:apigateway:{region}::/restapis/{restApi}/authorizers/{id}",
        },
    ),
    "aws:apigateway/basePathMapping:BasePathMapping": Row(
        role="base path mapping",
        cost=FREE,
        mock={"id": "{domainName}/"},
    ),
    "aws:apigateway/clientCertificate:ClientCertificate": Row(
        role=NO_TRAFFIC,
        cost=FREE,
        mock={
            "id": "{x6}",
            "arn": "arn:{partition}:apigateway:{region}::/clientcertificates/{id}",
        },
    ),
    "aws:apigateway/deployment:Deployment": Row(
        role="deployment",
        cost=FREE,
        mock={"id": "{x6}", "createdDate": "2026-01-01T00:00:00Z"},
    ),
    "aws:apigateway/documentationPart:DocumentationPart": Row(role=NO_TRAFFIC),
    "aws:apigateway/documentationVersion:DocumentationVersion": Row(role=NO_TRAFFIC),
    "aws:apigateway/domainName:DomainName": Row(
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
    "aws:apigateway/domainNameAccessAssociation:DomainNameAccessAssociation": Row(
        role=NO_TRAFFIC,
        cost=FREE,
        mock=regional(
            "apigateway", "/domainnameaccessassociations/domainname/{x10}/vpcesource/{accessAssociationSource}"
        ),
    ),
    "aws:apigateway/integration:Integration": Row(
        role="rest integration",
        cost=FREE,
        mock={"id": "agi-{restApi}-{resourceId}-{httpMethod}"},
    ),
    "aws:apigateway/integrationResponse:IntegrationResponse": Row(
        role=NO_TRAFFIC, cost=FREE, mock={"id": "agir-{restApi}-{resourceId}-{httpMethod}-{statusCode}"}
    ),
    "aws:apigateway/method:Method": Row(
        role="method",
        cost=FREE,
        mock={"id": "agm-{restApi}-{resourceId}-{httpMethod}"},
    ),
    "aws:apigateway/methodResponse:MethodResponse": Row(
        role=NO_TRAFFIC, cost=FREE, mock={"id": "agmr-{restApi}-{resourceId}-{httpMethod}-{statusCode}"}
    ),
    "aws:apigateway/methodSettings:MethodSettings": Row(
        role="method settings",
        cost=FREE,
        mock={"id": "{restApi}-{stageName}-{methodPath}"},
    ),
    "aws:apigateway/model:Model": Row(role=NO_TRAFFIC, cost=FREE, mock={"id": "{x6}"}),
    "aws:apigateway/requestValidator:RequestValidator": Row(role=NO_TRAFFIC, cost=FREE, mock={"id": "{x6}"}),
    "aws:apigateway/resource:Resource": Row(role="rest resource", cost=FREE, mock={"id": "{x6}"}),
    "aws:apigateway/response:Response": Row(role=NO_TRAFFIC, cost=FREE, mock={"id": "aggr-{restApiId}-{responseType}"}),
    "aws:apigateway/restApi:RestApi": Row(
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
    "aws:apigateway/restApiPolicy:RestApiPolicy": Row(role="rest policy", cost=FREE, mock={"id": "{restApiId}"}),
    "aws:apigateway/stage:Stage": Row(
        role="rest stage",
        cost=charged("rest_stage"),
        mock={
            "id": "ags-{restApi}-{stageName}",
            "arn": "arn:{partition}:apigateway:{region}::/restapis/{restApi}/stages/{stageName}",
            "executionArn": _EXECUTE + "{restApi}/{stageName}",
            "invokeUrl": "https://{restApi}.execute-api.{region}.{suffix}/{stageName}",
        },
    ),
    "aws:apigateway/usagePlan:UsagePlan": Row(
        role="usage plan",
        cost=FREE,
        mock={
            "id": "{x6}",
            "arn": "arn:{partition}:apigateway:{region}::/usageplans/{id}",
            "name": "{name}",
        },
    ),
    "aws:apigateway/usagePlanKey:UsagePlanKey": Row(role=NO_TRAFFIC, cost=FREE, mock={"id": "{keyId}"}),
    "aws:apigateway/vpcLink:VpcLink": Row(
        role="rest link",
        cost=FREE,
        mock={
            "id": "{x6}",
            "arn": "arn:{partition}:apigateway:{region}::/vpclinks/{id}",
            "name": "{name}",
        },
    ),
    "aws:apigatewayv2/api:Api": Row(
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
    "aws:apigatewayv2/apiMapping:ApiMapping": Row(
        role="api mapping",
        cost=FREE,
        mock={"id": "{x6}"},
    ),
    "aws:apigatewayv2/authorizer:Authorizer": Row(role=NO_TRAFFIC, cost=FREE, mock={"id": "{x6}"}),
    "aws:apigatewayv2/deployment:Deployment": Row(role=NO_TRAFFIC, cost=FREE, mock={"id": "{x6}"}),
    "aws:apigatewayv2/domainName:DomainName": Row(
        role="http domain",
        cost=FREE,
        mock={
            "id": "{domainName}",
            "arn": _V2 + "domainnames/{domainName}",
            "apiMappingSelectionExpression": "$request.basepath",
        },
    ),
    "aws:apigatewayv2/integration:Integration": Row(
        role="http integration",
        cost=FREE,
        mock={"id": "{x7}"},
    ),
    "aws:apigatewayv2/integrationResponse:IntegrationResponse": Row(role=NO_TRAFFIC),
    "aws:apigatewayv2/model:Model": Row(role=NO_TRAFFIC, cost=FREE, mock={"id": "{x6}"}),
    "aws:apigatewayv2/route:Route": Row(role="http route", cost=FREE, mock={"id": "{x7}"}),
    "aws:apigatewayv2/routeResponse:RouteResponse": Row(role=NO_TRAFFIC),
    "aws:apigatewayv2/routingRule:RoutingRule": Row(
        role="routing rule",
        cost=FREE,
        mock={"id": "{x6}"},
    ),
    "aws:apigatewayv2/stage:Stage": Row(role="http stage", cost=FREE, mock={}),
    "aws:apigatewayv2/vpcLink:VpcLink": Row(
        role="http link",
        cost=FREE,
        mock={"id": "{x6}", "arn": _V2 + "vpclinks/{id}", "name": "{name}"},
    ),
    "aws:cloudfront/distribution:Distribution": Row(
        cost=by_use("requests and data"),
        mock={
            "id": "E{x13}",
            "arn": "arn:{partition}:cloudfront::{account}:distribution/{id}",
            "domainName": "d{x13}.cloudfront.net",
            "hostedZoneId": "Z2FDTNDATAQYW2",
        },
    ),
    "aws:cognito/resourceServer:ResourceServer": Row(cost=FREE),
    "aws:cognito/userPool:UserPool": Row(
        cost=by_use("active users"),
        mock={
            "id": "{region}_{x9}",
            "arn": "arn:{partition}:cognito-idp:{region}:{account}:userpool/{id}",
            "endpoint": "cognito-idp.{region}.{suffix}/{id}",
            "name": "{name}",
        },
    ),
    "aws:cognito/userPoolClient:UserPoolClient": Row(cost=FREE, mock={"id": "{x26}"}),
    "aws:wafv2/ipSet:IpSet": Row(
        cost=FREE,
        mock={
            "id": "{x8}-{x4}-{x4}-{x4}-{x12}",
            "arn": "arn:{partition}:wafv2:{region}:{account}:regional/ipset/{name}/{id}",
        },
    ),
    "aws:wafv2/ruleGroup:RuleGroup": Row(
        mock={
            "id": "{x8}-{x4}-{x4}-{x4}-{x12}",
            "arn": "arn:{partition}:wafv2:{region}:{account}:regional/rulegroup/{name}/{id}",
        }
    ),
    "aws:wafv2/webAcl:WebAcl": Row(
        role="web acl",
        cost=charged("web_acl", "web_acl_requests"),
        mock={
            "id": "{x8}-{x4}-{x4}-{x4}-{x12}",
            "name": "{name}",
            "arn": "arn:{partition}:wafv2:{region}:{account}:regional/webacl/{name}/{id}",
            "capacity": 100,
        },
    ),
    "aws:wafv2/webAclAssociation:WebAclAssociation": Row(
        role="acl association", cost=FREE, mock={"id": "{webAclArn},{resourceArn}"}
    ),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": Row(cost=FREE, mock={"id": "{resourceArn}"}),
}
