"""Whether a backend can boot with the ways out that its network has."""

from collections.abc import Iterator

from components.compute.container_image import Place, parse
from components.network.egress import Need, Way, can_reach, remedy

from ..backend import Access, Backend, Container, Ec2, Fargate
from ..mistakes import Mistake
from ..network import AdoptedNetwork, Egress, NewNetwork
from ..topology import Topology
from .rule import mistake, rule

Network = NewNetwork | AdoptedNetwork


@rule
def backend_can_boot(backend: Backend, network: Network) -> Iterator[Mistake]:
    if not isinstance(backend, Container):
        return
    unmet: dict[str, list[Need]] = {}
    for need, key in _needs(backend).items():
        if not _met(network, need):
            unmet.setdefault(key, []).append(need)
    for key, needs in unmet.items():
        yield _unmet(network, needs, key)


@rule
def people_can_get_in(backend: Backend, network: Network) -> Iterator[Mistake]:
    if not isinstance(backend, Ec2) or _met(network, Need.SESSION_MANAGER):
        return
    if backend.access in (Access.SESSION_MANAGER, Access.BASTION):
        paid = remedy(_ways(network), network.endpoints, Need.SESSION_MANAGER)
        yield mistake(
            "backend.access",
            backend.access.value,
            f"{Need.SESSION_MANAGER.value} only where the network reaches it",
            f"backend.access: instance-connect (free) or none; or, {paid}",
        )


@rule
def tarballs_are_for_instances(backend: Backend) -> Iterator[Mistake]:
    if isinstance(backend, Fargate) and backend.image and parse(backend.image).place is Place.S3:
        yield mistake(
            "backend.image",
            backend.image,
            "an image in a registry with kind: fargate",
            "use kind: ec2, which loads tarballs",
        )


@rule
def consumer_is_for_private_apis(topology: Topology, consumer: object) -> Iterator[Mistake]:
    if consumer is not None and topology is not Topology.PRIVATE_API:
        yield mistake("consumer", "set", "only with topology private-api", "take it out")


def _needs(backend: Container) -> dict[Need, str]:
    """What the backend must reach, by the key that says so."""
    needs: dict[Need, str] = {}
    image = parse(backend.image) if backend.image else None
    if image is not None:
        needs |= dict.fromkeys(image.needs, "backend.image")
        if isinstance(backend, Fargate) and Need.DUAL_STACK_IMAGE in needs:
            # Whether Fargate pulls from other registries over IPv6 alone is not documented.
            del needs[Need.DUAL_STACK_IMAGE]
            needs[Need.PUBLIC_IMAGE] = "backend.image"
    if isinstance(backend, Ec2) and image is not None:
        needs[Need.PACKAGES] = "backend.image"
    if isinstance(backend, Fargate):
        needs[Need.LOGS] = "backend.kind"
        if backend.build:
            needs[Need.ECR_IMAGE] = "backend.build"
    for name, arn in backend.secrets.items():
        needs[Need.PARAMETERS if ":ssm:" in arn else Need.SECRETS] = f"backend.secrets.{name}"
    return needs


def _met(network: Network, need: Need) -> bool:
    return can_reach(_ways(network), network.endpoints, need)


def _unmet(network: Network, needs: list[Need], key: str) -> Mistake:
    egress = ", ".join(_ways(network)) or "none"
    said = "say in network.egress what its routes offer; " if isinstance(network, AdoptedNetwork) else ""
    return mistake(
        key,
        f"needs {' and '.join(need.value for need in needs)}",
        f"a backend that the network lets boot; egress is {egress}",
        said + _remedy(network, needs),
    )


def _remedy(network: Network, needs: list[Need]) -> str:
    """The cheapest that serves all of them."""
    if len(needs) == 1:
        return remedy(_ways(network), network.endpoints, needs[0])
    enough = [
        f"network.egress: {way.value}"
        for way in Way
        if all(can_reach([*_ways(network), way], network.endpoints, need) for need in needs)
    ]
    return f"cheapest first: {', '.join(enough)}"


def _ways(network: Network) -> list[str]:
    return [way.value for way in network.egress if way is not Egress.NONE]
