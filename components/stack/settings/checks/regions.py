"""What a stack uses that AWS lacks in its region."""

import dataclasses
from collections.abc import Iterator

from ....arguments.connections import TargetArgs
from ....facts.regions import ALIASES, BUDGETS, INTERFACE_ENDPOINTS, find_lack
from ..api import Api
from ..backend import Backend, Container
from ..ingress import Ingress
from ..mistakes import Mistake
from ..network import AdoptedNetwork, NewNetwork
from ..protection import Protection
from ..services import Services, find_place, list_services
from ..topology import Topology
from ..unknown import as_far_as_known, require_known
from .proxy import uses_link
from .rule import convert_faults, make_mistake, register


@register
def check_api(
    topology: Topology, backend: Backend, ingress: Ingress | None, api: Api, region: str | None
) -> Iterator[Mistake]:
    if region:
        linked = False
        with as_far_as_known():
            linked = uses_link(topology, backend, ingress, api)
        spec = dataclasses.replace(api.spec, targets={"backend": TargetArgs(link_id="")} if linked else {})
        yield from convert_faults("api", spec.find_region_faults(region))


@register
def check_network(network: NewNetwork | AdoptedNetwork, region: str | None) -> Iterator[Mistake]:
    if region:
        yield from convert_faults("network", network.find_region_faults(region))


@register
def check_ingress(ingress: Ingress | None, region: str | None) -> Iterator[Mistake]:
    if region and ingress:
        yield from convert_faults("ingress", ingress.find_region_faults(region))


@register
def check_private_api(topology: Topology, api: Api, region: str | None) -> Iterator[Mistake]:
    declares = topology is Topology.PRIVATE_API and api.private.own_endpoint and not api.private.endpoint_id
    if region and declares and (lack := find_lack(INTERFACE_ENDPOINTS, region)):
        remedy = "name an endpoint that exists in api.private.endpointId, or use another topology"
        yield make_mistake("topology", topology.value, lack[0], remedy)

    if region and topology is Topology.PRIVATE_API and api.domain and (lack := find_lack(ALIASES, region)):
        yield make_mistake("api.domain", api.domain.name, *lack)


@register
def check_private_names(
    backend: Backend, ingress: Ingress | None, services: Services, region: str | None
) -> Iterator[Mistake]:
    lack = find_lack(ALIASES, region) if region and ingress else None
    for name, one in list_services(backend, services).items():
        if lack and isinstance(one, Container) and one.name is not None:
            yield make_mistake(f"{find_place(name)}.name", require_known(one.name), *lack)


@register
def check_budget(protection: Protection, region: str | None) -> Iterator[Mistake]:
    if region and protection.budget and (lack := find_lack(BUDGETS, region)):
        yield make_mistake("protection.budget", "set", *lack)
