"""The three ways from API Gateway to a backend. Each composes components, and only that."""

from settings import Settings, Topology

from . import public_proxy
from .outputs import Outputs

_BUILDERS = {Topology.PUBLIC_PROXY: public_proxy.build}


def build(settings: Settings) -> Outputs:
    """Declare the stack that the settings ask for; gives its outputs."""
    return _BUILDERS[settings.topology](settings)
