"""VPC endpoints: which service they are for, and of which kind they are.

https://docs.aws.amazon.com/vpc/latest/privatelink/concepts.html
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ...graph import UNKNOWN, Graph, Resource
from ...graph.evidence import Evidence, get_deployed_input, make_input_evidence
from ...graph.reading import as_text, get_output
from ..catalog import types
from .routes import Routing

_SPELLED: Final = {"s3": "S3", "dynamodb": "DynamoDB"}


@dataclass(frozen=True, kw_only=True)
class ApiEndpoint:
    """An endpoint by which private APIs are called."""

    resource: Resource
    id: str
    vpc: str
    """Id of its VPC; empty if it is not known, like its own."""
    policy: Any
    """Its policy: `UNKNOWN`, or None if it has AWS's own, which allows everything."""
    policy_evidence: Evidence
    """The input that holds it."""


def list_api_endpoints(graph: Graph, network: Routing) -> Iterator[ApiEndpoint]:
    for resource in graph.list_by_type(*types.ENDPOINT):
        if parse_service(resource) == "execute-api":
            vpc = network.find_vpc(resource)
            vpc_id = (
                as_text(get_output(vpc, "id")) if vpc is not None else as_text(get_deployed_input(resource, "vpcId"))
            )
            endpoint_id = as_text(get_output(resource, "id"))
            policy, evidence = get_deployed_input(resource, "policy"), make_input_evidence(resource, "policy")
            yield ApiEndpoint(resource=resource, id=endpoint_id, vpc=vpc_id, policy=policy, policy_evidence=evidence)


def parse_service(endpoint: Resource) -> str:
    """`ecr.api` of `com.amazonaws.eu-west-1.ecr.api`; empty if it is not known."""
    parts = as_text(get_deployed_input(endpoint, "serviceName")).split(".")
    return ".".join(parts[3:]) or parts[-1]


def is_interface(endpoint: Resource) -> bool:
    """Whether it has addresses in subnets, and is paid by the hour: of most services there is no other type."""
    kind = get_deployed_input(endpoint, "vpcEndpointType")
    return kind == "Interface" or (kind is UNKNOWN and parse_service(endpoint) not in (*_SPELLED, ""))


def is_gateway(endpoint: Resource) -> bool:
    """Whether it is a target of routes, and free, as far as is known. That is the default."""
    return as_text(get_deployed_input(endpoint, "vpcEndpointType")) in ("", "Gateway") and not is_interface(endpoint)


def format_service(service: str) -> str:
    """A service for a reader: `S3`, `ecr.api`."""
    return _SPELLED.get(service, service)
