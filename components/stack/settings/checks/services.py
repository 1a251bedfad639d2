"""Rules of services besides `backend`."""

from collections.abc import Iterator

from ....arguments.faults import find_unused
from ....facts import limits
from ....ingress.ingress_args import UNUSED_WITHOUT_BACKEND
from ....ingress.service_ports import find_clash
from ..api import Api
from ..backend import Backend, Container, NoBackend, Url
from ..ingress import Ingress
from ..mistakes import Mistake
from ..services import Services, list_services
from ..topology import Topology
from .rule import convert_faults, make_mistake, register


@register
def check_services(
    topology: Topology, backend: Backend, ingress: Ingress | None, api: Api, services: Services
) -> Iterator[Mistake]:
    if not services:
        return
    listed = ", ".join(services)
    if topology is Topology.PRIVATE_API:
        remedy = "use one stack for each service, or one service with several paths"
        yield make_mistake("backends", listed, "only with topology public-proxy or vpc-link", remedy)
        return
    for name in services:
        used = api.functions.keys() | ({route.service for route in api.routes})
        if name in api.functions:
            yield make_mistake(f"backends.{name}", "set", "a name that api.functions does not have", "rename one")
        elif name not in used:
            remedy = f"add a route with target: {name}, or take it out"
            yield make_mistake(f"backends.{name}", "set", "a service that some route has as its target", remedy)
        one = services[name].backend
        if topology is Topology.VPC_LINK and isinstance(one, Url):
            remedy = "use topology: public-proxy; or, if a load balancer is in front of it, a stack of its own"
            yield make_mistake(f"backends.{name}.url", one.url, "ec2 or fargate with topology vpc-link", remedy)
    linked = ingress is not None or topology is Topology.VPC_LINK
    if linked and not isinstance(backend, Container | NoBackend):
        allowed = "a backend that Gatehouse makes, behind the ingress of the other services, or none"
        yield make_mistake("backend", backend.kind, allowed, "take it out, or use a stack of its own for it")
    if ingress is not None and not any(isinstance(one, Container) for one in list_services(backend, services).values()):
        allowed = "only for a backend that Gatehouse makes"
        yield make_mistake("ingress", ingress.kind, allowed, "take it out: its load balancer would have no target")
    if ingress is not None and isinstance(backend, NoBackend) and ingress.kind != "cloud-map":
        yield from convert_faults("ingress", find_unused(ingress, {"port": UNUSED_WITHOUT_BACKEND["port"]}))
    yield from _find_ingress_mistakes(ingress, services)


def _find_ingress_mistakes(ingress: Ingress | None, services: Services) -> Iterator[Mistake]:
    if ingress is None:
        return
    if ingress.kind == "cloud-map":
        return  # a namespace has more services than an API has integrations
    most = limits.LISTENERS_PER_BALANCER // 2 - 1
    if len(services) > most:
        allowed = f"{most} at most: a load balancer has {limits.LISTENERS_PER_BALANCER} listeners, two for each service"
        yield make_mistake("backends", f"{len(services)} services", allowed, "use another stack for some of them")
    for name, other in find_clash([*services], ingress.port, tls=ingress.certificate_arn is not None):
        allowed = f"a name whose listener has another port than that of {other}"
        yield make_mistake(f"backends.{name}", "set", allowed, "take another name: the port is computed from it")
