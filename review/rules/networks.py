"""Networks that several components share."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from ..facts.statements import PACKAGE
from ..graph import Resource
from ..graph.prose import join_names
from ..graph.reading import Doubt
from ..reach import Reach
from ..reach.statements import Part
from .registry import Message, Severity, rule

_BACKENDS: Final = (f"{PACKAGE}Ec2Backend", f"{PACKAGE}FargateBackend")


@rule("NET-06", Severity.HIGH, on=_BACKENDS)
def require_stated_network(reach: Reach, resource: Resource) -> Iterator[Message]:
    """A backend is in the private subnets of a PrivateNetwork.
    Why: Its subnets have no route to an internet gateway. In others, only the security group may protect the backend.
    Remedy: Pass private_subnet_ids of a PrivateNetwork, which adopts an existing VPC with vpc_id and subnet_ids.
    https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
    """
    for part in reach.statements.list_of("Ec2Backend", "FargateBackend"):
        if part.resource is resource and not _is_placed(reach, part):
            yield Doubt(f"which routes the subnets of {part.name} have: no PrivateNetwork of this stack states them")


def _is_placed(reach: Reach, part: Part) -> bool:
    """Whether every subnet of a backend is one of a network's."""
    placed = part.get_map("placed")
    owners = [reach.statements.find(reference) for reference in placed.values()]
    if owners and all(owner is not None and owner.kind == "PrivateNetwork" for owner in owners):
        return True
    adopted = {key for network in reach.statements.list_of("PrivateNetwork") for key in network.get_map("subnets")}
    return bool(placed) and placed.keys() <= adopted


@rule("FIT-51", Severity.HIGH, on=(f"{PACKAGE}PrivateNetwork", f"{PACKAGE}PrivateApiEndpoint"))
def forbid_shared_private_names(reach: Reach, resource: Resource) -> Iterator[str]:
    """Only one of several endpoints for a service in a VPC has private DNS.
    Why: AWS refuses the second one, because both have the same names.
    Remedy: Use one endpoint for both, or set private_dns of all others to false.
    https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
    """
    named = [(str(_find_vpc(part)), service) for part in reach.statements.all for service in _list_names(part)]
    counted = Counter(named)
    for part in reach.statements.all:
        if part.resource is resource:
            twice = [service for service in _list_names(part) if counted[str(_find_vpc(part)), service] > 1]
            if twice:
                yield f"{part.name} has private names of {join_names(twice)}, and so has another endpoint of its VPC"


def _list_names(part: Part) -> list[str]:
    if part.kind == "PrivateApiEndpoint":
        return ["execute-api"] if part.get("privateDns") else []
    return [*part.get_map("endpoints")] if part.kind == "PrivateNetwork" else []


def _find_vpc(part: Part) -> Any:
    return part.get("admits", "vpc") if part.kind == "PrivateApiEndpoint" else part.get("vpc")
