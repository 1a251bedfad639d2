"""The three ways from API Gateway to a backend. Each composes components, and only that."""

from ..settings import Settings, Topology
from . import private_api, public_proxy, vpc_link
from .built import Built
from .destroy_protection import collect_top_level_resources, declare_destroy_protection

_BUILDERS = {
    Topology.PUBLIC_PROXY: public_proxy.build,
    Topology.VPC_LINK: vpc_link.build,
    Topology.PRIVATE_API: private_api.build,
}


__all__ = ["Built", "build"]


def build(settings: Settings) -> Built:
    """Declare the stack of the settings."""
    declared = collect_top_level_resources()
    built = _BUILDERS[settings.topology](settings)
    declare_destroy_protection(settings, declared)
    return built
