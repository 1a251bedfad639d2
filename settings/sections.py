"""The models of each section of the settings, by its key."""

from collections.abc import Mapping
from typing import Final

from .api import Api
from .backend import KINDS
from .consumer import Consumer
from .ingress import Ingress
from .network import AdoptedNetwork, NewNetwork
from .protection import Protection
from .proxy import Proxy
from .section import Section, aliases

MODELS: Final[Mapping[str, tuple[type[Section], ...]]] = {
    "network": (NewNetwork, AdoptedNetwork),
    "backend": tuple(KINDS.values()),
    "ingress": (Ingress,),
    "proxy": (Proxy,),
    "api": (Api,),
    "protection": (Protection,),
    "consumer": (Consumer,),
}


def holders(key: str) -> list[str]:
    """Paths of the sections' own keys that have this name: `network.egress`."""
    return [f"{name}.{key}" for name, models in MODELS.items() if any(key in aliases(model) for model in models)]
