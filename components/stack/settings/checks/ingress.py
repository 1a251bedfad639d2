"""Rules of the ingress."""

from collections.abc import Iterator

from ....facts.limits import REST_API_PORTS
from ..api import Api
from ..backend import Backend, Fargate, Greeter, Listener, NoBackend, Url
from ..ingress import Ingress
from ..mistakes import NOTHING, Mistake
from ..network import AdoptedNetwork, NewNetwork
from ..topology import Topology
from ..unknown import certain
from .proxy import uses_link
from .rule import mistake, mistakes, only_with, rule

_WITHOUT_INGRESS = Url | Listener | NoBackend | Greeter
"""Backends beside which an ingress is a mistake by itself: its kind and its absence are no others."""


@rule
def link_needs_an_ingress(topology: Topology, backend: Backend, ingress: Ingress | None) -> Iterator[Mistake]:
    if ingress is not None or isinstance(backend, _WITHOUT_INGRESS):
        return
    if topology is Topology.VPC_LINK:
        yield mistake("ingress", NOTHING, "alb, nlb or cloud-map for topology vpc-link", "add ingress: {kind: alb}")
    elif isinstance(backend, Fargate):
        yield mistake(
            "ingress", NOTHING, "an ingress for Fargate, whose tasks have no fixed address", "add ingress: {kind: alb}"
        )


@rule
def link_fits_the_api(topology: Topology, backend: Backend, ingress: Ingress | None, api: Api) -> Iterator[Mistake]:
    if ingress is None or ingress.kind != "cloud-map" or isinstance(backend, _WITHOUT_INGRESS):
        return
    if topology is Topology.PUBLIC_PROXY:
        allowed = "alb or nlb with topology public-proxy: only HTTP APIs look up a registry"
        remedy = "use ingress.kind: alb, or topology: vpc-link with api.kind: http"
        yield mistake("ingress.kind", "cloud-map", allowed, remedy)
    elif api.kind == "rest" or topology is Topology.PRIVATE_API:
        remedy = "use ingress.kind: alb, or api.kind: http to do without a balancer"
        yield mistake("ingress.kind", "cloud-map", "alb or nlb with a REST API", remedy)


@rule
def link_is_used(topology: Topology, backend: Backend, ingress: Ingress | None, api: Api) -> Iterator[Mistake]:
    possible = ingress is not None or isinstance(backend, Listener | NoBackend)
    if topology is Topology.VPC_LINK and possible and not uses_link(topology, backend, ingress, api):
        remedy = "set topology: public-proxy, or give a route target: backend"
        yield mistake("topology", topology.value, "public-proxy if no route uses the VPC link", remedy)


@rule
def rest_calls_ports_that_it_may(
    topology: Topology, backend: Backend, ingress: Ingress | None, api: Api
) -> Iterator[Mistake]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/setup-http-integrations.html"""
    if ingress is None or not uses_link(topology, backend, ingress, api):
        return
    if api.kind == "rest" and ingress.port not in REST_API_PORTS:
        allowed = "80, 443, or 1024 to 65535 with a REST API: it calls no other ports"
        yield mistake("ingress.port", ingress.port, allowed, "use port 80, or api.kind: http")


@rule
def registry_has_no_listener(ingress: Ingress | None) -> Iterator[Mistake]:
    if ingress is not None and ingress.kind == "cloud-map":
        fields = ("port", "server_name", "deregistration_delay_seconds", "deletion_protection")
        yield from only_with("ingress", ingress, fields, "only with alb or nlb: Cloud Map has no listener")


@rule
def ingress_is_one_that_aws_takes(ingress: Ingress | None) -> Iterator[Mistake]:
    if ingress is not None:
        yield from mistakes("ingress", ingress.spec.find_faults())


@rule
def balancer_stands_in_two_zones(ingress: Ingress | None, network: NewNetwork | AdoptedNetwork) -> Iterator[Mistake]:
    if ingress is None or ingress.kind != "alb":
        return
    if isinstance(network, AdoptedNetwork):
        key, got, zones = "network.subnetIds", ", ".join(map(certain, network.subnet_ids)), len(network.subnet_ids)
    else:
        zones = network.zone_count
        key, got = "network.zones", str(network.zones)
    if zones < 2:
        yield mistake(key, got, "two zones or more: an ALB needs two", "add one, or use ingress.kind: nlb")


@rule
def ingress_has_something_behind_it(backend: Backend, ingress: Ingress | None) -> Iterator[Mistake]:
    if ingress is not None and isinstance(backend, Url | Listener | NoBackend):
        allowed = "only for a backend that Gatehouse makes"
        yield mistake("ingress", ingress.kind, allowed, "take out ingress, whose load balancer would have no target")
