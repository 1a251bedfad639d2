"""Variables of access logs, without `$context.`, by the kind of API.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
"""

import re
from typing import Final

_BOTH: Final = [
    "accountId",
    "apiId",
    "authorizer.error",
    "authorizer.principalId",
    "awsEndpointRequestId",
    "customDomain.basePathMatched",
    "domainName",
    "domainPrefix",
    "error.message",
    "error.responseType",
    "extendedRequestId",
    "httpMethod",
    "identity.accountId",
    "identity.caller",
    "identity.clientCert.issuerDN",
    "identity.clientCert.serialNumber",
    "identity.clientCert.subjectDN",
    "identity.clientCert.validity.notAfter",
    "identity.clientCert.validity.notBefore",
    "identity.cognitoAuthenticationProvider",
    "identity.cognitoAuthenticationType",
    "identity.cognitoIdentityId",
    "identity.cognitoIdentityPoolId",
    "identity.principalOrgId",
    "identity.sourceIp",
    "identity.user",
    "identity.userAgent",
    "identity.userArn",
    "integration.error",
    "integration.integrationStatus",
    "integration.latency",
    "integration.requestId",
    "integration.status",
    "integrationLatency",
    "integrationStatus",
    "path",
    "protocol",
    "requestId",
    "requestTime",
    "requestTimeEpoch",
    "responseLatency",
    "responseLength",
    "stage",
    "status",
]
_REST: Final = [
    "authenticate.error",
    "authenticate.latency",
    "authenticate.status",
    "authorize.error",
    "authorize.latency",
    "authorize.status",
    "authorizer.integrationLatency",
    "authorizer.integrationStatus",
    "authorizer.latency",
    "authorizer.requestId",
    "authorizer.status",
    "cipherSuite",
    "deploymentId",
    "error.validationErrorString",
    "identity.apiKeyId",
    "identity.vpcId",
    "identity.vpceId",
    "resourceId",
    "resourcePath",
    "tlsVersion",
    "waf.error",
    "waf.latency",
    "waf.status",
    "wafResponseCode",
    "webaclArn",
    "xrayTraceId",
]
_HTTP: Final = ["awsEndpointRequestId2", "dataProcessed", "integrationErrorMessage", "routeKey"]

VARIABLES: Final = {"rest": frozenset([*_BOTH, *_REST]), "http": frozenset([*_BOTH, *_HTTP])}
_OF_AUTHORIZERS: Final = re.compile(r"authorizer\.(claims\.)?[A-Za-z0-9_:-]+")
"""A claim of a token, or a value of the context that a Lambda authorizer returns."""
WORDS: Final = "a variable of AWS's list without `$context.`, such as xrayTraceId or authorizer.claims.email"


def check_access_log_variable(name: str) -> str:
    """Returns a variable of REST or HTTP APIs. Raises ValueError for any other name.

    `identity.apiKey` is left out because a key is a secret, and `identity.clientCert.clientCertPem` because it is long.
    """
    if not is_access_log_variable(name, "rest") and not is_access_log_variable(name, "http"):
        raise ValueError(f"{WORDS}; a key itself is a secret, so identity.apiKeyId is logged")
    return name


def is_access_log_variable(name: str, kind: str) -> bool:
    """Whether APIs of a kind, `rest` or `http`, have the variable."""
    return name in VARIABLES[kind] or _OF_AUTHORIZERS.fullmatch(name) is not None
