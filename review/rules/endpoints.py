"""VPC endpoints whose private names collide."""

from collections.abc import Iterator

from ..aws.catalog import types
from ..graph import Resource
from ..graph.given import held_input
from ..reach import Reach
from .registry import Severity, rule


@rule("FIT-51", Severity.HIGH, on=types.ENDPOINT)
def private_names_are_of_one_endpoint(reach: Reach, resource: Resource) -> Iterator[str]:
    """Of several endpoints for one service in a VPC, one has private DNS.

    Why: AWS refuses the second one, since its names are those of the first.
    Remedy: Give the first one more subnets, or set private_dns_enabled of all others to false.
    https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
    """
    vpc = reach.model.network.vpc(resource)
    if vpc is None or not _has_names(resource):
        return
    for other in reach.model.graph.of_type(*types.ENDPOINT):
        same = (
            held_input(other, "serviceName") == held_input(resource, "serviceName")
            and reach.model.network.vpc(other) is vpc
        )
        if same and _has_names(other) and other is not resource:
            yield f"{resource.name} has the private names of one service in {vpc.name}, and so has {other.name}"


def _has_names(endpoint: Resource) -> bool:
    return held_input(endpoint, "privateDnsEnabled") is True and isinstance(held_input(endpoint, "serviceName"), str)
