"""Made-up outputs of API Gateway and what stands before it."""

from __future__ import annotations

from typing import Final

from .shape import Shape, regional

_V2: Final = "arn:{partition}:apigateway:{region}::/"
_EXECUTE: Final = "arn:{partition}:execute-api:{region}:{account}:"

SHAPES: Final[dict[str, Shape]] = {
    "aws:apigateway/restApi:RestApi": {
        "id": "{x10}",
        "arn": "arn:{partition}:apigateway:{region}::/restapis/{id}",
        "executionArn": _EXECUTE + "{id}",
        "rootResourceId": "{x10}",
        "createdDate": "2026-01-01T00:00:00Z",
        "name": "{name}",
    },
    "aws:apigateway/resource:Resource": {"id": "{x6}"},
    "aws:apigateway/method:Method": {"id": "agm-{restApi}-{resourceId}-{httpMethod}"},
    "aws:apigateway/methodResponse:MethodResponse": {"id": "agmr-{restApi}-{resourceId}-{httpMethod}-{statusCode}"},
    "aws:apigateway/integration:Integration": {"id": "agi-{restApi}-{resourceId}-{httpMethod}"},
    "aws:apigateway/integrationResponse:IntegrationResponse": {
        "id": "agir-{restApi}-{resourceId}-{httpMethod}-{statusCode}"
    },
    "aws:apigateway/deployment:Deployment": {"id": "{x6}", "createdDate": "2026-01-01T00:00:00Z"},
    "aws:apigateway/stage:Stage": {
        "id": "ags-{restApi}-{stageName}",
        "arn": "arn:{partition}:apigateway:{region}::/restapis/{restApi}/stages/{stageName}",
        "executionArn": _EXECUTE + "{restApi}/{stageName}",
        "invokeUrl": "https://{restApi}.execute-api.{region}.{suffix}/{stageName}",
    },
    "aws:apigateway/methodSettings:MethodSettings": {"id": "{restApi}-{stageName}-{methodPath}"},
    "aws:apigateway/restApiPolicy:RestApiPolicy": {"id": "{restApiId}"},
    "aws:apigateway/account:Account": {"id": "api-gateway-account", "apiKeyVersion": "4"},
    "aws:apigateway/apiKey:ApiKey": {
        "id": "{x10}",
        "arn": "arn:{partition}:apigateway:{region}::/apikeys/{id}",
        "createdDate": "2026-01-01T00:00:00Z",
        "name": "{name}",
    },
    "aws:apigateway/usagePlan:UsagePlan": {
        "id": "{x6}",
        "arn": "arn:{partition}:apigateway:{region}::/usageplans/{id}",
        "name": "{name}",
    },
    "aws:apigateway/usagePlanKey:UsagePlanKey": {"id": "{keyId}"},
    "aws:apigateway/authorizer:Authorizer": {
        "id": "{x6}",
        "arn": "arn:{partition}:apigateway:{region}::/restapis/{restApi}/authorizers/{id}",
    },
    "aws:apigateway/model:Model": {"id": "{x6}"},
    "aws:apigateway/requestValidator:RequestValidator": {"id": "{x6}"},
    "aws:apigateway/response:Response": {"id": "aggr-{restApiId}-{responseType}"},
    "aws:apigateway/vpcLink:VpcLink": {
        "id": "{x6}",
        "arn": "arn:{partition}:apigateway:{region}::/vpclinks/{id}",
        "name": "{name}",
    },
    "aws:apigateway/clientCertificate:ClientCertificate": {
        "id": "{x6}",
        "arn": "arn:{partition}:apigateway:{region}::/clientcertificates/{id}",
    },
    "aws:apigateway/domainName:DomainName": {
        "id": "{domainName}",
        "arn": "arn:{partition}:apigateway:{region}::/domainnames/{domainName}",
        "domainNameId": "{x10}",
        "regionalDomainName": "d-{x10}.execute-api.{region}.{suffix}",
        "regionalZoneId": "Z2{x12}",
        "cloudfrontDomainName": "d{x13}.cloudfront.net",
        "cloudfrontZoneId": "Z2FDTNDATAQYW2",
    },
    "aws:apigateway/basePathMapping:BasePathMapping": {"id": "{domainName}/"},
    "aws:apigateway/domainNameAccessAssociation:DomainNameAccessAssociation": regional(
        "apigateway", "/domainnameaccessassociations/domainname/{x10}/vpcesource/{accessAssociationSource}"
    ),
    "aws:apigatewayv2/api:Api": {
        "id": "{x10}",
        "arn": _V2 + "apis/{id}",
        "executionArn": _EXECUTE + "{id}",
        "apiEndpoint": "https://{id}.execute-api.{region}.{suffix}",
        "name": "{name}",
    },
    "aws:apigatewayv2/route:Route": {"id": "{x7}"},
    "aws:apigatewayv2/integration:Integration": {"id": "{x7}"},
    "aws:apigatewayv2/deployment:Deployment": {"id": "{x6}"},
    "aws:apigatewayv2/stage:Stage": {},  # computed.py: `$default` is not in its URL
    "aws:apigatewayv2/authorizer:Authorizer": {"id": "{x6}"},
    "aws:apigatewayv2/vpcLink:VpcLink": {"id": "{x6}", "arn": _V2 + "vpclinks/{id}", "name": "{name}"},
    "aws:apigatewayv2/domainName:DomainName": {
        "id": "{domainName}",
        "arn": _V2 + "domainnames/{domainName}",
        "apiMappingSelectionExpression": "$request.basepath",
    },
    "aws:apigatewayv2/apiMapping:ApiMapping": {"id": "{x6}"},
    "aws:apigatewayv2/model:Model": {"id": "{x6}"},
    "aws:cloudfront/distribution:Distribution": {
        "id": "E{x13}",
        "arn": "arn:{partition}:cloudfront::{account}:distribution/{id}",
        "domainName": "d{x13}.cloudfront.net",
        "hostedZoneId": "Z2FDTNDATAQYW2",
    },
    "aws:cognito/userPool:UserPool": {
        "id": "{region}_{x9}",
        "arn": "arn:{partition}:cognito-idp:{region}:{account}:userpool/{id}",
        "endpoint": "cognito-idp.{region}.{suffix}/{id}",
        "name": "{name}",
    },
    "aws:cognito/userPoolClient:UserPoolClient": {"id": "{x26}"},
    "aws:wafv2/webAcl:WebAcl": {
        "id": "{x8}-{x4}-{x4}-{x4}-{x12}",
        "name": "{name}",
        "arn": "arn:{partition}:wafv2:{region}:{account}:regional/webacl/{name}/{id}",
        "capacity": 100,
    },
    "aws:wafv2/webAclAssociation:WebAclAssociation": {"id": "{webAclArn},{resourceArn}"},
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": {"id": "{resourceArn}"},
    "aws:wafv2/ipSet:IpSet": {
        "id": "{x8}-{x4}-{x4}-{x4}-{x12}",
        "arn": "arn:{partition}:wafv2:{region}:{account}:regional/ipset/{name}/{id}",
    },
    "aws:wafv2/ruleGroup:RuleGroup": {
        "id": "{x8}-{x4}-{x4}-{x4}-{x12}",
        "arn": "arn:{partition}:wafv2:{region}:{account}:regional/rulegroup/{name}/{id}",
    },
}
