"""Rows of the catalog: API Gateway and what is in front of it."""

from collections.abc import Mapping
from typing import Final

from .row import NO_TRAFFIC, UUID, Row, Shape, alike, arn, by_use, charged, free, regional


def _gateway(key: str, path: str, **more: str) -> Shape:
    """Mock of a resource of API Gateway, whose ARNs have no account."""
    return {"id": key, "arn": "arn:{partition}:apigateway:{region}::/" + path, **more}


ROWS: Final[Mapping[str, Row]] = {
    **alike(
        Row(NO_TRAFFIC),
        "apigateway.DocumentationPart apigateway.DocumentationVersion apigatewayv2.IntegrationResponse "
        "apigatewayv2.RouteResponse",
    ),
    **alike(
        free(NO_TRAFFIC, mock={"id": "{x6}"}),
        "apigateway.Model apigateway.RequestValidator apigatewayv2.Authorizer apigatewayv2.Deployment "
        "apigatewayv2.Model",
    ),
    "apigateway.Account": free(NO_TRAFFIC, mock={"id": "api-gateway-account", "apiKeyVersion": "4"}),
    "apigateway.ApiKey": free(
        NO_TRAFFIC, mock=_gateway("{x10}", "apikeys/{id}", createdDate="2026-01-01T00:00:00Z", name="{name}")
    ),
    "apigateway.Authorizer": free(NO_TRAFFIC, mock=_gateway("{x6}", "restapis/{restApi}/authorizers/{id}")),
    "apigateway.BasePathMapping": free("base path mapping", mock={"id": "{domainName}/"}),
    "apigateway.ClientCertificate": free(NO_TRAFFIC, mock=_gateway("{x6}", "clientcertificates/{id}")),
    "apigateway.Deployment": free("deployment", mock={"id": "{x6}", "createdDate": "2026-01-01T00:00:00Z"}),
    "apigateway.DomainName": free(
        "rest domain",
        mock=_gateway(
            "{domainName}",
            "domainnames/{domainName}",
            domainNameId="{x10}",
            regionalDomainName="d-{x10}.execute-api.{region}.{suffix}",
            regionalZoneId="Z2{x12}",
            cloudfrontDomainName="d{x13}.cloudfront.net",
            cloudfrontZoneId="Z2FDTNDATAQYW2",
        ),
    ),
    "apigateway.DomainNameAccessAssociation": free(
        NO_TRAFFIC,
        mock=regional(
            "apigateway", "/domainnameaccessassociations/domainname/{x10}/vpcesource/{accessAssociationSource}"
        ),
    ),
    "apigateway.Integration": free("rest integration", mock={"id": "agi-{restApi}-{resourceId}-{httpMethod}"}),
    "apigateway.IntegrationResponse": free(
        NO_TRAFFIC, mock={"id": "agir-{restApi}-{resourceId}-{httpMethod}-{statusCode}"}
    ),
    "apigateway.Method": free("method", mock={"id": "agm-{restApi}-{resourceId}-{httpMethod}"}),
    "apigateway.MethodResponse": free(NO_TRAFFIC, mock={"id": "agmr-{restApi}-{resourceId}-{httpMethod}-{statusCode}"}),
    "apigateway.MethodSettings": free("method settings", mock={"id": "{restApi}-{stageName}-{methodPath}"}),
    "apigateway.Resource": free("rest resource", mock={"id": "{x6}"}),
    "apigateway.Response": free(NO_TRAFFIC, mock={"id": "aggr-{restApiId}-{responseType}"}),
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
    "apigateway.RestApiPolicy": free("rest policy", mock={"id": "{restApiId}"}),
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
    "apigateway.UsagePlan": free("usage plan", mock=_gateway("{x6}", "usageplans/{id}", name="{name}")),
    "apigateway.UsagePlanKey": free(NO_TRAFFIC, mock={"id": "{keyId}"}),
    "apigateway.VpcLink": free("rest link", mock=_gateway("{x6}", "vpclinks/{id}", name="{name}")),
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
    "apigatewayv2.ApiMapping": free("api mapping", mock={"id": "{x6}"}),
    "apigatewayv2.DomainName": free(
        "http domain",
        mock=_gateway("{domainName}", "domainnames/{domainName}", apiMappingSelectionExpression="$request.basepath"),
    ),
    "apigatewayv2.Integration": free("http integration", mock={"id": "{x7}"}),
    "apigatewayv2.Route": free("http route", mock={"id": "{x7}"}),
    "apigatewayv2.RoutingRule": free("routing rule", mock={"id": "{x6}"}),
    "apigatewayv2.Stage": free("http stage", mock={}),
    "apigatewayv2.VpcLink": free("http link", mock=_gateway("{x6}", "vpclinks/{id}", name="{name}")),
    "appsync.DataSource": free("graphql data source"),
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
    "cognito.ResourceServer": free(),
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
    "cognito.UserPoolClient": free(mock={"id": "{x26}"}),
    "wafv2.IpSet": free(mock={"id": UUID, "arn": arn("wafv2", "regional/ipset/{name}/{id}")}),
    "wafv2.RuleGroup": Row(mock={"id": UUID, "arn": arn("wafv2", "regional/rulegroup/{name}/{id}")}),
    "wafv2.WebAcl": Row(
        "web acl",
        cost=charged("web_acl", "web_acl_requests"),
        mock={"id": UUID, "name": "{name}", "arn": arn("wafv2", "regional/webacl/{name}/{id}"), "capacity": 100},
    ),
    "wafv2.WebAclAssociation": free("acl association", mock={"id": "{webAclArn},{resourceArn}"}),
    "wafv2.WebAclLoggingConfiguration": free(mock={"id": "{resourceArn}"}),
}
