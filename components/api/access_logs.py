"""Access logs of an API: one JSON line for each request, with the caller's identity and no secret.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
Costs what CloudWatch Logs costs: about $0.50 a GB, some 700 bytes a request.
"""

from __future__ import annotations

import json
from typing import Final

import pulumi
import pulumi_aws as aws

from ..operations.log_groups import declare_log_group
from .api_spec import ApiSpec

VENDED_LOGS: Final = "/aws/vendedlogs/"
_COMMON: Final = {
    "requestId": "$context.requestId",
    # A client can choose requestId; this one it cannot.
    "extendedRequestId": "$context.extendedRequestId",
    "time": "$context.requestTime",
    "sourceIp": "$context.identity.sourceIp",
    "userAgent": "$context.identity.userAgent",
    "host": "$context.domainName",
    "method": "$context.httpMethod",
    "path": "$context.path",
    "protocol": "$context.protocol",
    "status": "$context.status",
    "responseLength": "$context.responseLength",
    "responseLatency": "$context.responseLatency",
    "integrationStatus": "$context.integration.status",
    "integrationLatency": "$context.integration.latency",
    "error": "$context.error.message",
    "authorizerError": "$context.authorizer.error",
    # The caller: an IAM identity, the principal of a Lambda authorizer, a token, or a client certificate.
    "callerArn": "$context.identity.userArn",
    "callerAccount": "$context.identity.accountId",
    "principal": "$context.authorizer.principalId",
    "subject": "$context.authorizer.claims.sub",
    "clientId": "$context.authorizer.claims.client_id",
    "certificateSubject": "$context.identity.clientCert.subjectDN",
}
HTTP_FIELDS: Final = _COMMON | {"route": "$context.routeKey", "integrationError": "$context.integrationErrorMessage"}
REST_FIELDS: Final = _COMMON | {
    "route": "$context.resourcePath",
    "integrationError": "$context.integration.error",
    "errorType": "$context.error.responseType",
    "apiKeyId": "$context.identity.apiKeyId",
    "vpcEndpointId": "$context.identity.vpceId",
    "wafStatus": "$context.waf.status",
    "tlsVersion": "$context.tlsVersion",
}


def declare_access_log_group(spec: ApiSpec, parent: pulumi.Resource) -> aws.cloudwatch.LogGroup:
    """Declares the log group of the access logs.

    For an HTTP API, AWS adds each log group with another prefix to one policy of the region, and never takes it out.
    When that policy is full, no stage of the account can be deployed. A REST API has the same name, so that a change of
    kind keeps the group.
    https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
    """
    # Without the stack's name, so that another name of the stack keeps the group. The provider completes it.
    prefix = f"{VENDED_LOGS}{spec.name}-"
    return declare_log_group(f"{spec.name}-access", spec.log_retention_days, spec.tags, parent, prefix)


def build_log_format(spec: ApiSpec) -> str:
    """Returns the format string that a stage takes: one line of JSON, with the fields that the API adds."""
    fields = HTTP_FIELDS if spec.kind == "http" else REST_FIELDS
    added = {name: f"$context.{name}" for name in spec.access_log_fields}
    return json.dumps({**fields, **added}, separators=(",", ":"))
