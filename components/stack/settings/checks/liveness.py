"""Whether a backend can boot with the egress of its network."""

from collections.abc import Iterator
from typing import Final

from ....facts import container_image
from ....facts.aws_permissions import KINDS, parse_arn_region
from ....facts.egress_modes import EGRESS_MODES, AwsService, Need, can_reach, suggest_egress
from ....facts.limits import HTTPS_PORT
from ..api import Api
from ..backend import Backend, Container, Ec2, Fargate
from ..egress import Network, find_service_need, list_modes, list_requirements
from ..function import Function
from ..mistakes import Mistake
from ..network import AdoptedNetwork
from ..topology import Topology
from ..unknown import require_known
from .rule import make_mistake, register

_INTERNET: Final = {Ec2: Need.SECRETS, Fargate: Need.SECRETS_OVER_IPV4}
"""What a backend needs to read secrets without an endpoint."""


@register
def check_needs(backend: Backend, network: Network, api: Api, region: str | None) -> Iterator[Mistake]:
    unserved: dict[str, list[Need | AwsService]] = {}
    for required in list_requirements(backend, network, None, api.functions_in_vpc, region):
        if required.key != "backend.access" and not _is_served(network, required.need):
            unserved.setdefault(required.key, []).append(required.need)
    for key, needs in unserved.items():
        yield _describe_unserved(network, needs, key)


@register
def check_other_regions(backend: Backend, network: Network, api: Api, region: str | None) -> Iterator[Mistake]:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html"""
    if region is None:
        return
    callers: dict[str, Container | Function] = {f"api.{key}": one for key, one in api.functions_in_vpc.items()}
    if isinstance(backend, Container):
        callers["backend"] = backend
    for place, caller in callers.items():
        yield from _find_other_regions(place, caller, network, region)


def _find_other_regions(place: str, caller: Container | Function, network: Network, region: str) -> Iterator[Mistake]:
    if isinstance(caller, Container) and caller.image:
        yield from _find_image_of_other_region(place, caller, network, region)
    secrets = [("secrets", name, arn, "secret", "copy it to") for name, arn in caller.secrets.items()]
    resources = [("permissions", name, one.name, "resource", "name one of") for name, one in caller.permissions.items()]
    if isinstance(network, AdoptedNetwork):
        internet = "name in network.egress how the routes of its subnets reach the internet, if they do"
    else:
        internet = "set network.egress: nat-instance"
    for key, name, arn, what, verb in secrets + resources:
        if isinstance(caller, Function):
            reached = any(call.cidr == "0.0.0.0/0" and call.port == HTTPS_PORT for call in caller.calls.values())
            internet = "add the range 0.0.0.0/0 with port 443 to calls"
        elif what == "secret":
            reached = can_reach(list_modes(network), (), _INTERNET[type(caller)])
        else:
            permission = caller.permissions[name]
            services = KINDS[permission.kind].list_endpoints(permission.allow)
            reached = all(
                can_reach(list_modes(network), (), find_service_need(service, caller)) for service in services
            )
        if parse_arn_region(require_known(arn)) not in ("", region) and not reached:
            allowed = f"a {what} of {region}: a VPC endpoint reaches only its own region"
            yield make_mistake(f"{place}.{key}.{name}", arn, allowed, f"{verb} {region}, or {internet}")


def _find_image_of_other_region(place: str, caller: Container, network: Network, region: str) -> Iterator[Mistake]:
    """https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html: no requests to another region."""
    image = container_image.parse(require_known(caller.image))
    if image.region in ("", region) or can_reach(list_modes(network), (), _INTERNET[type(caller)]):
        return
    allowed = f"an image in {region}: a VPC endpoint reaches only its own region"
    yield make_mistake(f"{place}.image", image.reference, allowed, f"replicate it to {region}, or use a NAT")


@register
def check_access(backend: Backend, network: Network) -> Iterator[Mistake]:
    for required in list_requirements(backend, network, None, {}, None):
        if required.key != "backend.access" or not isinstance(backend, Ec2) or _is_served(network, required.need):
            continue
        paid = suggest_egress(list_modes(network), network.served, required.need)
        free = f"{_describe_existing(network)}backend.access: instance-connect (free) or none; or, {paid}"
        yield make_mistake(
            "backend.access", backend.access, f"{required.need.value} only if the network reaches it", free
        )


@register
def check_consumer(topology: Topology, consumer: object) -> Iterator[Mistake]:
    if consumer is not None and topology is not Topology.PRIVATE_API:
        yield make_mistake("consumer", "set", "only with topology private-api", "take it out")


def _is_served(network: Network, need: Need | AwsService) -> bool:
    return can_reach(list_modes(network), network.served, need)


def _describe_existing(network: Network) -> str:
    """What to do first in a VPC that may have what is missing."""
    return "name its routes in egress, its endpoints in existingEndpoints; " * isinstance(network, AdoptedNetwork)


def _describe_unserved(network: Network, needs: list[Need | AwsService], key: str) -> Mistake:
    egress = ", ".join(list_modes(network)) or "none"
    of_network = key.startswith(("network.", "backend.permissions.", "backend.calls.", "backend.logs", "api."))
    wanted = "a network whose egress reaches it" if of_network else "a backend that can start in this network"
    got = f"needs {' and '.join(need.value for need in needs)}"
    return make_mistake(
        key, got, f"{wanted}; egress is {egress}", _describe_existing(network) + _choose_remedy(network, needs)
    )


def _choose_remedy(network: Network, needs: list[Need | AwsService]) -> str:
    """Returns the cheapest that serves all of them."""
    if len(needs) == 1:
        return suggest_egress(list_modes(network), network.served, needs[0])
    enough = [
        f"network.egress: {mode}"
        for mode in EGRESS_MODES
        if all(can_reach([*list_modes(network), mode], network.served, need) for need in needs)
    ]
    return f"cheapest first: {', '.join(enough)}"
