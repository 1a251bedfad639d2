"""Integrations and endpoints that AWS refuses, or that answer with an error: protocols, path parameters, services."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Final

from ..aws import types
from ..aws.api import Integration
from ..aws.dns import Address
from ..aws.endpoints import is_gateway, service_of
from ..graph import UNKNOWN, Resource, reveal
from ..graph.reading import CannotTell, peek, pointed, read, text
from ..reach import Reach
from .registry import Severity, guide, rule

_GUIDE: Final = "apigateway/latest/developerguide"
_ENCRYPTED: Final = ("TLS", "HTTPS")
_PATH_PARAMETER: Final = re.compile(r"(?<!\$)\{(\w+)\+?\}")
_GATEWAYS: Final = ("s3", "s3express", "dynamodb")
"""Services with gateway endpoints. https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
and https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-tutorial-endpoints.html"""
_IN_NO_REGION: Final = "com.amazonaws.s3-global.accesspoint"
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointsPrivateLink.html"""
_INTERFACES: Final = (
    "acm-pca airflow.api airflow.env airflow.ops application-autoscaling appmesh-envoy-management apprunner "
    "appsync-api athena autoscaling autoscaling-plans backup batch bedrock bedrock-agent bedrock-agent-runtime "
    "bedrock-runtime cloudformation cloudtrail codeartifact.api codeartifact.repositories codebuild codecommit "
    "codedeploy codedeploy-commands-secure codepipeline cognito-idp config databrew datasync dms dynamodb ebs ec2 "
    "ec2messages ecr.api ecr.dkr ecs ecs-agent ecs-telemetry eks eks-auth elasticache elasticbeanstalk "
    "elasticfilesystem elasticloadbalancing elasticmapreduce emr-containers email-smtp events evidently execute-api "
    "firehose git-codecommit glue guardduty-data iot.data kafka kinesis-firehose kinesis-streams kms lakeformation "
    "lambda license-manager logs macie2 monitoring notebook organizations pipes rds rds-data redshift redshift-data "
    "rekognition robomaker s3 sagemaker.api sagemaker.runtime scheduler secretsmanager "
    "securityhub servicecatalog servicediscovery data-servicediscovery sns sqs ssm ssm-contacts ssm-incidents "
    "ssmmessages states storagegateway sts sync-states synthetics textract transcribe transfer translate "
    "verifiedpermissions wafv2 workspaces xray"
)
"""Services with interface endpoints that programs use; AWS has more.

https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
"""


@rule(
    "GATE-10",
    "What goes through a VPC link has the protocol of the listener",
    Severity.HIGH,
    on=(*types.REST_INTEGRATION, *types.HTTP_INTEGRATION, *types.REST_API),
    why="The listener takes the request for a broken handshake, or for no TLS at all: every call is a 5xx.",
    remedy="REST: a URL with the listener's scheme. HTTP APIs: the listener's ARN, with tls_config if it is HTTPS or "
    "TLS.",
    source=guide(_GUIDE, "http-api-develop-integrations-private"),
)
def protocol_fits_listener(reach: Reach, resource: Resource) -> Iterator[str]:
    for integration in reach.model.apis.integrations(resource):
        if not integration.linked:
            continue
        if resource.type in types.HTTP_INTEGRATION:
            yield from _of_http_api(resource, integration)
        else:
            yield from _of_rest_api(reach, resource, integration)


def _of_http_api(resource: Resource, integration: Integration) -> Iterator[str]:
    if text(integration.uri).startswith(("http://", "https://")):
        yield f"{resource.name} names {text(integration.uri)}, where an HTTP API wants the ARN of a listener or service"
    listener, tls = integration.balancer, peek(resource, "tlsConfig")
    if listener is None or listener.type not in types.LISTENER or tls is UNKNOWN:
        return
    protocol = text(read(listener, "protocol"))
    if protocol in _ENCRYPTED and not tls:
        yield f"{resource.name} sends plain HTTP to {listener.name}, which speaks {protocol}: it has no tls_config"
    if protocol == "HTTP" and tls:
        yield f"{resource.name} sends TLS to {listener.name}, which speaks HTTP"


def _of_rest_api(reach: Reach, resource: Resource, integration: Integration) -> Iterator[str]:
    address = Address.of(text(integration.uri))
    balancers = [integration.balancer] if integration.balancer is not None else []
    if integration.link is not None:
        balancers += pointed(reach.model.graph, integration.link, "targetArn", types=types.LOAD_BALANCER)
    for balancer in balancers if address is not None else ():
        for listener in reach.model.balancers.listeners(balancer):
            if address is None or peek(listener, "port") != address.port:
                continue
            scheme, protocol = address.url.partition(":")[0], text(read(listener, "protocol"))
            if (scheme == "http" and protocol in _ENCRYPTED) or (scheme == "https" and protocol == "HTTP"):
                yield f"{resource.name} calls {address.url}, and {listener.name} speaks {protocol}"


@rule(
    "GATE-11",
    "Path parameters of a REST integration's URL are mapped from the request's",
    Severity.HIGH,
    on=types.REST_INTEGRATION,
    why="An unmapped parameter stays in braces, and every call is a 500; one that the method does not declare is "
    "refused.",
    remedy="Map integration.request.path.NAME to method.request.path.NAME, and declare the latter on the method.",
    source="https://repost.aws/knowledge-center/api-gateway-proxy-path-character-error",
)
def path_parameters_are_mapped(reach: Reach, resource: Resource) -> Iterator[str]:
    mapped = read(resource, "requestParameters")
    mapped = mapped if isinstance(mapped, Mapping) else {}
    for name in dict.fromkeys(_PATH_PARAMETER.findall(text(peek(resource, "uri")).partition("://")[2])):
        if f"integration.request.path.{name}" not in mapped:
            yield f"{resource.name} calls {text(peek(resource, 'uri'))} and maps nothing to {{{name}}}"
    method = reach.model.apis.method_of(resource)
    declared = read(method, "requestParameters") if method is not None else None
    for target, source in mapped.items():
        source = reveal(source)
        if method is not None and str(source).startswith("method.request.path.") and source not in (declared or {}):
            yield f"{resource.name} maps {source} to {target}, and {method.name} does not declare it"


@rule(
    "FIT-20",
    "The service of a VPC endpoint exists",
    Severity.HIGH,
    on=types.ENDPOINT,
    why="AWS refuses the endpoint.",
    remedy="Take the name from aws ec2 describe-vpc-endpoint-services.",
    source=guide("vpc/latest/privatelink", "aws-services-privatelink-support"),
)
def endpoint_service_exists(reach: Reach, resource: Resource) -> Iterator[str]:
    name = text(read(resource, "serviceName"))
    if not name.startswith(("com.amazonaws.", "cn.com.amazonaws.")) or ".vpce-svc-" in name or name == _IN_NO_REGION:
        return
    region, service = name.partition("amazonaws.")[2].partition(".")[0], service_of(resource)
    own = resource.region or reach.model.graph.region
    if region != own and "-" in region and peek(resource, "serviceRegion") is None:
        yield f"{resource.name} is in {own}, and {name} is of {region}"
    if is_gateway(resource):
        if service not in _GATEWAYS:
            yield f"{resource.name} is a gateway endpoint for {service}; only S3, S3 Express and DynamoDB have such"
    elif service.removesuffix("-fips") not in _INTERFACES.split():
        near = difflib.get_close_matches(service, _INTERFACES.split(), n=1)
        hint = f": {near[0]} is" if near else ""
        raise CannotTell(f"{service}, the service of {resource.name}, is not among those known here{hint}")
