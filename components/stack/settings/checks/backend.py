"""Rules of the backend."""

import dataclasses
from collections.abc import Iterator, Mapping

from ....compute import container_host
from ....compute.ec2_args import Ec2BackendArgs
from ....facts.container_image import parse
from ....facts.limits import USER_DATA_BYTES
from ..backend import PLATFORMS, Backend, Container, Ec2, Fargate, Greeter, Listener, Url
from ..egress import list_modes
from ..ingress import Ingress
from ..mistakes import Mistake
from ..network import AdoptedNetwork, NewNetwork
from ..services import Services, find_longest_url, find_place, list_services, name_url_variable
from ..topology import Topology
from ..unknown import require_known
from .rule import convert_faults, format_field, make_mistake, refuse_fields, register, skip_unknown


@register
def check_backend(backend: Backend) -> Iterator[Mistake]:
    if isinstance(backend, Url):
        yield from convert_faults("backend", backend.find_faults())
    if not isinstance(backend, Container):
        return
    if isinstance(backend, Ec2) and not backend.image and not backend.user_data:
        # Of a section that is left out as well, which is an instance.
        got = "neither image nor userData"
        allowed = (
            "image or userData for an instance, url or listenerArn for a backend that exists, or another kind;"
            " no backend only if functions answer every route"
        )
        yield make_mistake("backend", got, allowed, "for example backend: {image: nginx:1.29, port: 80}")
        return
    yield from convert_faults("backend", backend.spec.find_faults())
    if isinstance(backend, Ec2) and backend.platform and not backend.image:
        yield make_mistake("backend.platform", backend.platform, "only beside image, whose platform it is", "add image")


@register
def check_boot_script_size(
    backend: Backend, network: NewNetwork | AdoptedNetwork, services: Services
) -> Iterator[Mistake]:
    """https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html"""
    named = list_services(backend, services)
    for name, one in named.items():
        if isinstance(one, Ec2) and one.image:
            called = [other for other in require_known(one.calls_services) if other in named]
            urls = {name_url_variable(other): find_longest_url(named[other]) for other in called}
            yield from skip_unknown(_find_script_mistakes(find_place(name), one, network, urls))


def _find_script_mistakes(
    place: str, backend: Ec2, network: NewNetwork | AdoptedNetwork, urls: Mapping[str, str]
) -> Iterator[Mistake]:
    spec = dataclasses.replace(
        backend.spec,
        egress=list_modes(network),
        endpoint_services=network.served,
        environment={**backend.environment, **urls},
    )
    try:
        container_host.build_boot_script(parse(require_known(backend.image)), spec, "ap-southeast-1", _log_group(spec))
    except ValueError as error:
        key = f"{place}.{container_host.find_longest_argument(spec)}"
        yield make_mistake(key, "too long", f"at most {USER_DATA_BYTES:,} bytes", str(error))


def _log_group(spec: Ec2BackendArgs) -> str:
    """A name as long as that of the log group, if the backend has one: Pulumi appends a hyphen and seven characters."""
    return "backend-log-1234567" if spec.log_retention_days is not None else ""


@register
def check_platform(backend: Backend) -> Iterator[Mistake]:
    if isinstance(backend, Container) and backend.platform and PLATFORMS[backend.platform] != backend.processor:
        allowed = f"the platform of its processor, which is {backend.processor}"
        other = "instanceType" if isinstance(backend, Ec2) else "architecture"
        remedy = f"use an image for that processor, or take out {other}"
        yield make_mistake("backend.platform", backend.platform, allowed, remedy)


@register
def check_balancer_of_copies(backend: Backend, ingress: Ingress | None) -> Iterator[Mistake]:
    if not isinstance(backend, Ec2):
        return
    several = backend.scaling or (backend.count or 1) > 1
    if several and (ingress is None or ingress.kind == "cloud-map"):
        # With both, count goes: a mistake of its own says so.
        key = "scaling" if backend.scaling else "count"
        allowed = "more than one instance only behind a load balancer"
        remedy = "use ingress.kind: alb" if ingress else "add ingress: {kind: alb}"
        yield make_mistake(f"backend.{key}", format_field(backend, key), allowed, remedy)


@register
def check_request_scaling(backend: Backend, ingress: Ingress | None) -> Iterator[Mistake]:
    wanted = isinstance(backend, Container) and backend.scaling and backend.scaling.requests_per_target
    if wanted and (ingress is None or ingress.kind != "alb"):
        allowed = "only behind ingress.kind: alb, which counts requests"
        yield make_mistake("backend.scaling.requestsPerTarget", wanted, allowed, "use cpuPercent")


@register
def check_memory_scaling(backend: Backend) -> Iterator[Mistake]:
    if isinstance(backend, Ec2) and backend.scaling and backend.scaling.memory_percent:
        allowed = "only with kind: fargate: EC2 reports no memory use of its own"
        yield make_mistake("backend.scaling.memoryPercent", backend.scaling.memory_percent, allowed, "use cpuPercent")


@register
def check_existing_backend(
    topology: Topology, backend: Backend, network: NewNetwork | AdoptedNetwork
) -> Iterator[Mistake]:
    if not isinstance(backend, Url | Listener):
        return
    key, got = ("url", backend.url) if isinstance(backend, Url) else ("listenerArn", backend.listener_arn)
    if isinstance(backend, Url) and topology is Topology.VPC_LINK:
        remedy = (
            "use topology: public-proxy; or, if a load balancer is in front of it, backend.listenerArn in place of url"
        )
        yield make_mistake("backend.url", got, "ec2, fargate or listener with topology vpc-link", remedy)
    elif isinstance(backend, Listener) and topology is Topology.PUBLIC_PROXY:
        allowed = "vpc-link or private-api with backend.listenerArn, which a VPC link calls"
        remedy = "use topology: vpc-link; or name the load balancer's DNS name in backend.url for the forwarder"
        yield make_mistake("topology", topology.value, allowed, remedy)
    elif isinstance(network, NewNetwork):
        remedy = "give network.vpcId and network.subnetIds: a new VPC has no way to a backend that exists elsewhere"
        yield make_mistake(f"backend.{key}", got, "a backend that exists only with a network that can reach it", remedy)


@register
def check_listener(backend: Backend) -> Iterator[Mistake]:
    if isinstance(backend, Listener):
        yield from convert_faults("backend", backend.find_faults())


@register
def check_greeter(topology: Topology, backend: Backend, ingress: Ingress | None) -> Iterator[Mistake]:
    if isinstance(backend, Greeter) and (topology is Topology.VPC_LINK or ingress is not None):
        allowed = "a greeter without ingress: it is a Lambda function, which API Gateway invokes itself"
        yield make_mistake(
            "backend.kind", "greeter", allowed, "use topology: public-proxy or private-api, and no ingress"
        )


@register
def check_health_check_path(backend: Backend, ingress: Ingress | None) -> Iterator[Mistake]:
    """https://docs.aws.amazon.com/cloud-map/latest/api/API_HealthCheckCustomConfig.html"""
    registered = ingress is not None and ingress.kind == "cloud-map"
    if isinstance(backend, Fargate) and registered:
        allowed = "only behind alb or nlb, which call it: Cloud Map lists a task as soon as its container runs"
        yield from refuse_fields(
            "backend", backend, ["health_check_path"], allowed, "take it out, or use ingress.kind: alb"
        )
