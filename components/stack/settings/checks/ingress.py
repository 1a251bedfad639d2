"""Rules of the ingress."""

from collections.abc import Iterator

from ....arguments.connections import ONLY_PRIVATE_AUTHORITY, PUBLIC_NAME
from ....arguments.faults import find_unused
from ....facts.host_names import lacks_public_certificate
from ....facts.limits import REST_API_PORTS
from ....ingress.ingress_args import UNUSED_BY_CLOUD_MAP
from ..api import Api
from ..backend import Backend, Container, Fargate, Greeter, Listener, NoBackend, Url
from ..ingress import Ingress
from ..mistakes import NOTHING, Mistake
from ..network import AdoptedNetwork, NewNetwork
from ..services import Services
from ..topology import Topology
from ..unknown import require_known
from .proxy import has_forwarder, uses_link
from .rule import convert_faults, make_mistake, register

_WITHOUT_INGRESS = Url | Listener | NoBackend | Greeter
"""Backends beside which an ingress is a mistake by itself: its kind and its absence are no others."""


@register
def check_missing_ingress(topology: Topology, backend: Backend, ingress: Ingress | None) -> Iterator[Mistake]:
    if ingress is not None or isinstance(backend, _WITHOUT_INGRESS):
        return
    if topology is Topology.VPC_LINK:
        yield make_mistake(
            "ingress", NOTHING, "alb, nlb or cloud-map for topology vpc-link", "add ingress: {kind: alb}"
        )
    elif isinstance(backend, Fargate):
        yield make_mistake(
            "ingress", NOTHING, "an ingress for Fargate, whose tasks have no fixed address", "add ingress: {kind: alb}"
        )


@register
def check_ingress_kind(topology: Topology, backend: Backend, ingress: Ingress | None, api: Api) -> Iterator[Mistake]:
    if ingress is None or ingress.kind != "cloud-map" or isinstance(backend, _WITHOUT_INGRESS):
        return
    if topology is Topology.PUBLIC_PROXY:
        allowed = "alb or nlb with topology public-proxy: only HTTP APIs look up a registry"
        remedy = "use ingress.kind: alb, or topology: vpc-link with api.kind: http"
        yield make_mistake("ingress.kind", "cloud-map", allowed, remedy)
    elif api.kind == "rest" or topology is Topology.PRIVATE_API:
        remedy = "use ingress.kind: alb, or api.kind: http to do without a balancer"
        yield make_mistake("ingress.kind", "cloud-map", "alb or nlb with a REST API", remedy)


@register
def check_unused_link(
    topology: Topology, backend: Backend, ingress: Ingress | None, api: Api, services: Services
) -> Iterator[Mistake]:
    if services and not isinstance(backend, Container | NoBackend):
        return  # a rule of services demands another backend
    possible = ingress is not None or isinstance(backend, Listener | NoBackend)
    if topology is Topology.VPC_LINK and possible and not uses_link(topology, backend, ingress, api):
        remedy = "set topology: public-proxy, or give a route target: backend"
        yield make_mistake("topology", topology.value, "public-proxy if no route uses the VPC link", remedy)


@register
def check_rest_port(topology: Topology, backend: Backend, ingress: Ingress | None, api: Api) -> Iterator[Mistake]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/setup-http-integrations.html"""
    if ingress is None or not uses_link(topology, backend, ingress, api):
        return
    if api.kind == "rest" and ingress.port not in REST_API_PORTS:
        allowed = "80, 443, or 1024 to 65535 with a REST API: it calls no other ports"
        yield make_mistake("ingress.port", ingress.port, allowed, "use port 80, or api.kind: http")


@register
def check_private_authority(
    topology: Topology, backend: Backend, ingress: Ingress | None, api: Api
) -> Iterator[Mistake]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-extensions-integration-tls-config.html"""
    skips = {
        "ingress": ingress is not None and ingress.insecure_skip_verification,
        "backend": isinstance(backend, Listener) and backend.insecure_skip_verification,
    }
    if api.kind == "http" or not uses_link(topology, backend, ingress, api):
        for place in (place for place, skip in skips.items() if skip):
            yield make_mistake(f"{place}.insecureSkipVerification", True, *ONLY_PRIVATE_AUTHORITY)


@register
def check_trusted_name(topology: Topology, backend: Backend, ingress: Ingress | None, api: Api) -> Iterator[Mistake]:
    """Neither API Gateway nor the forwarder trusts a private authority."""
    linked = uses_link(topology, backend, ingress, api)
    forwarded = ingress is not None and has_forwarder(topology, backend, ingress, api)
    for place, one in {"ingress": ingress, "backend": backend if isinstance(backend, Listener) else None}.items():
        name = require_known(one.server_name) if one is not None else None
        if one is None or not isinstance(name, str) or not lacks_public_certificate(name):
            continue
        skips = api.kind != "http" and one.insecure_skip_verification
        if forwarded or (linked and not skips):
            remedy = "use a name of your own domain with a public certificate"
            if linked and api.kind != "http" and not forwarded:
                remedy += f", or set {place}.insecureSkipVerification"
            yield make_mistake(f"{place}.serverName", name, PUBLIC_NAME, remedy)


@register
def check_registry_keys(ingress: Ingress | None) -> Iterator[Mistake]:
    """The component cannot see keys that have their default."""
    if ingress is not None and ingress.kind == "cloud-map":
        yield from convert_faults("ingress", find_unused(ingress, UNUSED_BY_CLOUD_MAP, ingress.fields_in_file))


@register
def check_ingress(ingress: Ingress | None) -> Iterator[Mistake]:
    if ingress is not None:
        yield from convert_faults("ingress", ingress.spec.find_faults())


@register
def check_balancer_zones(ingress: Ingress | None, network: NewNetwork | AdoptedNetwork) -> Iterator[Mistake]:
    if ingress is None or ingress.kind != "alb":
        return
    if isinstance(network, AdoptedNetwork):
        key, got, zones = (
            "network.subnetIds",
            ", ".join(map(require_known, network.subnet_ids)),
            len(network.subnet_ids),
        )
    else:
        zones = network.zone_count
        key, got = "network.zones", str(network.zones)
    if zones < 2:
        yield make_mistake(key, got, "two zones or more: an ALB needs two", "add one, or use ingress.kind: nlb")


@register
def check_unused_ingress(backend: Backend, ingress: Ingress | None, services: Services) -> Iterator[Mistake]:
    if ingress is not None and not services and isinstance(backend, Url | Listener | NoBackend):
        allowed = "only for a backend that Gatehouse makes"
        yield make_mistake(
            "ingress", ingress.kind, allowed, "take out ingress, whose load balancer would have no target"
        )
