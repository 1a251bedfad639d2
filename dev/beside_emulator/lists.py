"""Lists of AWS's pages, which the calls are drawn from: what is compared is not chosen by what is served.

https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-parameter-mapping-sources.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
"""

from typing import Final

GATEWAY_RESPONSES: Final = (
    "ACCESS_DENIED", "API_CONFIGURATION_ERROR", "AUTHORIZER_CONFIGURATION_ERROR", "AUTHORIZER_FAILURE",
    "BAD_REQUEST_BODY", "BAD_REQUEST_PARAMETERS", "DEFAULT_4XX", "DEFAULT_5XX", "EXPIRED_TOKEN", "INTEGRATION_FAILURE",
    "INTEGRATION_TIMEOUT", "INVALID_API_KEY", "INVALID_SIGNATURE", "MISSING_AUTHENTICATION_TOKEN", "QUOTA_EXCEEDED",
    "REQUEST_TOO_LARGE", "RESOURCE_NOT_FOUND", "THROTTLED", "UNAUTHORIZED", "UNSUPPORTED_MEDIA_TYPE", "WAF_FILTERED",
)  # fmt: skip
CONTEXT: Final = (
    "accountId", "apiId", "authorizer.principalId", "awsEndpointRequestId", "deploymentId", "domainName",
    "domainPrefix", "error.message", "error.messageString", "error.responseType", "error.validationErrorString",
    "extendedRequestId", "httpMethod", "identity.accountId", "identity.apiKey", "identity.apiKeyId", "identity.caller",
    "identity.cognitoAuthenticationProvider", "identity.cognitoAuthenticationType", "identity.cognitoIdentityId",
    "identity.cognitoIdentityPoolId", "identity.principalOrgId", "identity.sourceIp", "identity.user",
    "identity.userAgent", "identity.userArn", "identity.vpcId", "identity.vpceId", "isCanaryRequest", "path",
    "protocol", "requestId", "requestTime", "requestTimeEpoch", "resourceId", "resourcePath", "stage",
    "wafResponseCode", "webaclArn",
)  # fmt: skip
"""Variables of `$context` in REST APIs."""
REST_SOURCES: Final = (
    "method.request.path.id", "method.request.querystring.q", "method.request.multivaluequerystring.q",
    "method.request.header.X-Token", "method.request.multivalueheader.X-Token", "method.request.body",
    "method.request.body.a", "stageVariables.colour", "context.httpMethod", "'static'",
)  # fmt: skip
"""What a REST API's mapping of request parameters may name."""
REST_PLACES: Final = ("header", "querystring", "path")
HTTP_SOURCES: Final = (
    "$request.header.X-Token", "${request.header.X-Token}", "$request.querystring.q", "$request.body.a",
    "$request.path", "$request.path.id", "$context.httpMethod", "$stageVariables.colour", "static",
    "a ${request.path.id} b",
)  # fmt: skip
"""The same of an HTTP API."""
HTTP_KEYS: Final = (
    "append:header", "overwrite:header", "remove:header", "append:querystring", "overwrite:querystring",
    "remove:querystring",
)  # fmt: skip
"""Places of an HTTP API's mapping besides `overwrite:path`, each followed by a name."""
