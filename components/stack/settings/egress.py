"""Needs of a stack's network for egress, and the cheapest that serves them: `egress: auto`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ...arguments.addresses import split_host_and_port
from ...arguments.words import EgressMode
from ...compute.backend_args import BackendLogsArgs
from ...compute.called_servers import CalledServerArgs
from ...facts import limits
from ...facts.aws_permissions import GATEWAY_ENDPOINTS, KINDS
from ...facts.container_image import parse
from ...facts.egress_modes import (
    DUAL_STACK_BY_USUAL_NAME,
    DUAL_STACK_SERVICES,
    DUAL_STACK_VARIABLE,
    INTERNET,
    OVER_IPV4,
    AwsService,
    Need,
    can_reach,
)
from ...facts.hosts_over_ipv6 import answers_over_ipv6
from ...facts.private_addresses import is_private_range
from ...iam.permission_args import PermissionArgs
from .backend import Backend, Container, Ec2, Fargate
from .consumer import Consumer
from .function import Function
from .network import AdoptedNetwork, Egress, NewNetwork
from .unknown import require_known

Network = NewNetwork | AdoptedNetwork
Functions = Mapping[str, Function]
"""Functions in the network, by their place in `api`."""
_AWS_HOST: Final = re.compile(r"([a-z0-9.-]+)\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com")

# From the cheapest on; the first three cost nothing.
_CANDIDATES: Final[tuple[Egress, ...]] = ("none", "s3-packages", "ipv6", "nat-instance")


@dataclass(frozen=True)
class Requirement:
    """Something that has to be reached."""

    need: Need | AwsService
    key: str
    """The setting that requires it."""
    what: str
    """In words, for a reason."""


@dataclass(frozen=True)
class Choice:
    """The choice of `auto`."""

    egress: Egress
    reason: str


def list_requirements(
    backend: Backend, network: Network, consumer: Consumer | None, functions: Functions, region: str | None
) -> list[Requirement]:
    """All that the network must let out, as far as the settings show it. `region` is the stack's, if it is known."""
    return [
        *_find_host_needs(network, region),
        *_find_backend_needs(backend),
        *_find_container_needs(backend, network),
        *(_find_call_needs("backend", backend.calls) if isinstance(backend, Container) else ()),
        *_find_function_needs(network, functions),
        *_find_login_needs(backend, consumer),
    ]


def choose(
    backends: Mapping[str, Backend],
    network: Network,
    consumer: Consumer | None,
    functions: Functions,
    region: str | None,
) -> Choice:
    """Returns the cheapest egress that serves every requirement, and what the next cheaper one lacks."""
    required = [
        requirement
        for backend in backends.values()
        for requirement in list_requirements(backend, network, consumer, functions, region)
    ]
    for place, backend in backends.items():
        if _is_opaque(backend) and not network.required_hosts:
            key = "userData" if isinstance(backend, Ec2) and backend.user_data else "imageId"
            return Choice(
                "nat-instance",
                f"what {place}.{key} fetches is not known; for a free way name the hosts in network.requiredHosts, "
                f"with {place}.access: none",
            )
    lacking = [_find_unserved(egress, network, required) for egress in _CANDIDATES]
    at = next(index for index, missing in enumerate(lacking) if not missing)
    if at == 0:
        return Choice("none", "nothing in the network has to reach anything outside it")
    served = f"serves {_format_requirements(required)}"
    return Choice(_CANDIDATES[at], f"{served}; {_CANDIDATES[at - 1]} lacks {_format_requirements(lacking[at - 1])}")


def list_modes(network: Network) -> list[EgressMode]:
    """Returns the network's egress, as the components take it."""
    return [mode for mode in network.egress if mode != "auto" and mode != "none"]


def _find_unserved(egress: Egress, network: Network, required: Sequence[Requirement]) -> list[Requirement]:
    return [requirement for requirement in required if not can_reach((egress,), network.served, requirement.need)]


def _format_requirements(required: Sequence[Requirement]) -> str:
    return ", ".join(dict.fromkeys(requirement.what for requirement in required))


def _is_opaque(backend: Backend) -> bool:
    """Whether a script or a machine image decides what is fetched."""
    return isinstance(backend, Ec2) and backend.image is None


def list_internet_ports(network: Network, region: str | None) -> list[int]:
    """Returns ports of required hosts that only a rule of their own opens, each once."""
    ports = {
        port
        for host, port in map(split_host_and_port, network.required_hosts)
        if port is not None and not find_own_endpoint(host, network, region)
    }
    return sorted(ports - {limits.HTTP_PORT, limits.HTTPS_PORT})


def find_own_endpoint(host: str, network: Network, region: str | None) -> str:
    """Returns the service of the network's endpoint that answers for the host; empty if none does.

    An endpoint reaches its own region. Without a region in the settings, the host's is taken to be the stack's.
    """
    service, place = _find_service(host)
    return service if region in (None, place) and service in network.served else ""


def _find_host_needs(network: Network, region: str | None) -> Iterator[Requirement]:
    for index, required in enumerate(network.required_hosts):
        host, port = split_host_and_port(required)
        if find_own_endpoint(host, network, region):
            continue
        service, place = _find_service(host)
        # The rule for a gateway endpoint has HTTPS only.
        if region in (None, place) and service in ("s3", "dynamodb") and port in (None, limits.HTTPS_PORT):
            yield Requirement(Need.GATEWAY_ENDPOINT, f"network.requiredHosts[{index}]", required)
            continue
        dual_stack = service in DUAL_STACK_BY_USUAL_NAME or (service == "s3" and ".dualstack." in f".{host}")
        known = dual_stack or answers_over_ipv6(host)
        what = required if known is not None else f"{required} (whether over IPv6 is not known)"
        yield Requirement(Need.DUAL_STACK_HOST if known else Need.INTERNET, f"network.requiredHosts[{index}]", what)


def _find_service(host: str) -> tuple[str, str]:
    """The short name of AWS's service that has the host (`sqs`, `ecr.api`), and its region; empty for any other host.

    S3 has a host for each bucket and one with IPv6, DynamoDB one for each account:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
    https://docs.aws.amazon.com/AmazonS3/latest/API/dual-stack-endpoints.html
    https://docs.aws.amazon.com/sdkref/latest/guide/feature-account-endpoints.html
    """
    match = _AWS_HOST.fullmatch(host)
    if match is None:
        return "", ""
    parts = match[1].removesuffix(".dualstack").split(".")
    if parts[-1] in ("s3", "ddb"):
        return {"s3": "s3", "ddb": "dynamodb"}[parts[-1]], match[2]
    return ".".join(reversed(parts)), match[2]


def _find_backend_needs(backend: Backend) -> Iterator[Requirement]:
    if not isinstance(backend, Container):
        return
    if backend.image:
        image = require_known(backend.image)
        for need in sorted(parse(image).needs):
            yield Requirement(_match_platform(backend, need), "backend.image", image)
        if isinstance(backend, Ec2):
            yield _make_requirement(Need.PACKAGES, "backend.image")
            # Logs that nobody named are off if the network does not reach CloudWatch.
            if isinstance(backend.logs, BackendLogsArgs):
                yield _make_requirement(Need.LOGS, "backend.logs")
    if isinstance(backend, Fargate):
        yield _make_requirement(_match_platform(backend, Need.LOGS), "backend.kind")
        if backend.build:
            yield _make_requirement(Need.ECR_IMAGE_OVER_IPV4, "backend.build")
    for name, arn in backend.secrets.items():
        need = Need.PARAMETERS if ":ssm:" in require_known(arn) else Need.SECRETS
        yield _make_requirement(_match_platform(backend, need), f"backend.secrets.{name}")


def _find_container_needs(backend: Backend, network: Network) -> Iterator[Requirement]:
    if isinstance(backend, Container):
        yield from _find_permission_needs("backend", backend.permissions, network, caller=backend)
        # ECR keeps the layers of images in S3, of which a new network has the free endpoint.
        if backend.pulls_from_ecr and isinstance(network, AdoptedNetwork) and "s3" not in network.served:
            yield _make_requirement(Need.GATEWAY_ENDPOINT, "backend.image")


def _find_service_needs(place: str, function: Function, network: Network) -> Iterator[Requirement]:
    yield from _find_permission_needs(f"api.{place}", function.permissions, network)
    for name, arn in function.secrets.items():
        yield _make_requirement(
            AwsService("ssm" if ":ssm:" in require_known(arn) else "secretsmanager"), f"api.{place}.secrets.{name}"
        )


def _find_function_needs(network: Network, functions: Functions) -> Iterator[Requirement]:
    """A new network has an endpoint for each service that a function calls, so that its group opens nothing else."""
    for place, function in functions.items():
        if isinstance(network, AdoptedNetwork):
            yield from _find_service_needs(place, function, network)
        yield from _find_call_needs(f"api.{place}", function.calls)


def _find_call_needs(place: str, calls: Mapping[str, CalledServerArgs]) -> Iterator[Requirement]:
    """Yields the needs of calls to addresses on the internet."""
    for name, server in calls.items():
        if server.cidr and not is_private_range(server.cidr):
            need = Need.DUAL_STACK_HOST if ":" in server.cidr else Need.INTERNET
            yield _make_requirement(need, f"{place}.calls.{name}")


def find_service_need(service: str, caller: object) -> AwsService:
    """Returns a service as the caller calls it: SDKs in a container on EC2 take the names that have IPv6 addresses.

    Our boot script sets the variable for them, which the container's own environment can change.
    """
    if not isinstance(caller, Ec2) or _is_opaque(caller):
        return AwsService(service)
    wanted = caller.environment.get(DUAL_STACK_VARIABLE, "true")
    return AwsService(service, str(wanted).lower() == "true" and service in DUAL_STACK_SERVICES)


def _find_permission_needs(
    place: str, permissions: Mapping[str, PermissionArgs], network: Network, caller: Backend | None = None
) -> Iterator[Requirement]:
    for name, permission in permissions.items():
        key = f"{place}.permissions.{name}"
        for service in KINDS[permission.kind].list_endpoints(permission.allow):
            if service not in GATEWAY_ENDPOINTS:
                yield _make_requirement(find_service_need(service, caller), key)
            # A new network has the free endpoint as soon as a permission needs it.
            elif isinstance(network, AdoptedNetwork) and service not in network.served:
                yield _make_requirement(Need.GATEWAY_ENDPOINT if service == "s3" else AwsService(service), key)


def list_needed_endpoints(backend: Backend, network: NewNetwork, functions: Functions) -> list[str]:
    """Returns interface endpoints for functions, and for a backend that has no other way out."""
    found = [need for place, function in functions.items() for need in _find_service_needs(place, function, network)]
    if not INTERNET & set(network.egress):
        found += _find_container_needs(backend, network)
    needed = (requirement.need for requirement in found)
    services = dict.fromkeys(need.endpoint for need in needed if isinstance(need, AwsService))
    return [service for service in services if service not in network.endpoints]


def calls_out(function: Function, network: Network) -> bool:
    """Whether a function in the VPC calls AWS by addresses of the internet, through the network's NAT."""
    needs = [requirement.need for requirement in _find_service_needs("", function, network)]
    return bool(function.policy_arns) or not all(can_reach((), network.served, need) for need in needs)


def _match_platform(backend: Container, need: Need) -> Need:
    """Fargate calls registries, logs and secrets by their IPv4 names; our boot script calls AWS by names with both.

    A dual-stack image name changes nothing: Fargate still logs in at `api.ecr`, which has only IPv4.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html
    https://github.com/aws/containers-roadmap/issues/2792
    """
    return OVER_IPV4.get(need, need) if isinstance(backend, Fargate) else need


def _find_login_needs(backend: Backend, consumer: Consumer | None) -> Iterator[Requirement]:
    if isinstance(backend, Ec2) and backend.access in ("session-manager", "bastion"):
        # Only our own boot script makes the agent call AWS by the names that have IPv6 addresses.
        need = Need.SESSION_MANAGER_OVER_IPV4 if _is_opaque(backend) else Need.SESSION_MANAGER
        yield _make_requirement(need, "backend.access")
    if consumer is not None and consumer.access == "session-manager":
        yield _make_requirement(Need.SESSION_MANAGER, "consumer.access")


def _make_requirement(need: Need | AwsService, key: str) -> Requirement:
    return Requirement(need, key, need.value)
