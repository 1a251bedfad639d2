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
from .section import Section, aliases, parts

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
    """Paths of the keys that have this name: `network.egress`, else one level deeper, `api.routes[].keyRequired`."""
    return [
        f"{name}.{key}" for name, models in MODELS.items() if any(key in aliases(model) for model in models)
    ] or sorted(
        {
            f"{name}.{place}.{key}"
            for name, models in MODELS.items()
            for model in models
            for place, inner in parts(model)
            if key in aliases(inner)
        }
    )
