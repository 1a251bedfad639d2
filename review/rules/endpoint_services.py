"""Whether the services of VPC endpoints exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Final

from ..aws import types
from ..aws.endpoints import is_gateway, service_of
from ..facts import endpoint_services
from ..graph import Resource
from ..graph.reading import CannotTell, peek, read, text
from ..reach import Reach
from .registry import Severity, guide, rule

_GATEWAYS: Final = ("s3", "s3express", "dynamodb")
"""Services with gateway endpoints. https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
and https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-tutorial-endpoints.html"""
_IN_NO_REGION: Final = "com.amazonaws.s3-global.accesspoint"
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointsPrivateLink.html"""


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
    elif service.removesuffix("-fips") not in endpoint_services.SERVICES:
        near = difflib.get_close_matches(service, endpoint_services.SERVICES, n=1)
        hint = f": {near[0]} is" if near else ""
        raise CannotTell(f"{service}, the service of {resource.name}, is not among those known here{hint}")
