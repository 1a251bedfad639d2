"""Which version of VPC links a stack's API takes to its ingress."""

from ...arguments.words import LinkVersion
from ..settings import Settings, Topology
from ..settings.ingress import Ingress


def choose_link_version(settings: Settings, wanted: Ingress) -> LinkVersion:
    """REST reaches an NLB by a link of the first version, whose behaviour is documented through and through."""
    if not settings.uses_link:
        return "none"
    rest = settings.topology is Topology.PRIVATE_API or settings.api.kind == "rest"
    return "v1" if rest and wanted.kind == "nlb" else "v2"
