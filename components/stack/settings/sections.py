"""The title and the models of each section of the settings, by its key."""

from collections.abc import Collection, Mapping
from typing import Final

from . import mistakes
from .api import Api
from .backend import KINDS
from .consumer import Consumer
from .ingress import Ingress
from .mistakes import OUT, Mistake, qualify
from .network import AdoptedNetwork, NewNetwork
from .protection import Protection
from .proxy import Proxy
from .section import Section, fields_by_key, list_maps

SECTIONS: Final[Mapping[str, tuple[str, Mapping[str, type[Section]]]]] = {
    "network": (
        "The VPC and its egress",
        {"A new network": NewNetwork, "A network that exists (`vpcId` is given)": AdoptedNetwork},
    ),
    "backend": ("The backend that answers the requests", {f"`kind: {kind}`": model for kind, model in KINDS.items()}),
    "ingress": (
        "Load balancer or Cloud Map service in front of the backend. `off` or `{}` declares none",
        {"": Ingress},
    ),
    "proxy": ("The Lambda forwarder between the API and the backend", {"": Proxy}),
    "api": ("The API Gateway API", {"": Api}),
    "protection": ("WAF, alarms, budget, and waived rules of the review", {"": Protection}),
    "consumer": (
        "An EC2 instance for testing a private API from inside the VPC. `off` or `{}` declares none",
        {"": Consumer},
    ),
}
KEYS: Final = ("topology", *SECTIONS, "backends")
"""The keys of a stack's config."""
_KEYS: Final = frozenset(
    key for _, models in SECTIONS.values() for model in models.values() for key in fields_by_key(model)
)


def list_kinds(model: type[Section]) -> Mapping[str, type[Section]]:
    """Returns all kinds of the section of this one, by title."""
    return next((models for _, models in SECTIONS.values() if model in models.values()), {})


def find_near_key(key: str, known: Collection[str]) -> str:
    """Returns the nearest known key. A key that one section has is a slip only of one much like it in another."""
    return mistakes.find_near_key(key, known, 0.8 if key in _KEYS else 0.6)


def find_holders(key: str) -> list[str]:
    """Paths of the keys that have this name: `network.egress`, else one level deeper, `api.routes[].keyRequired`."""
    models = [(name, model) for name, (_, sections) in SECTIONS.items() for model in sections.values()]
    return [*dict.fromkeys(f"{name}.{key}" for name, model in models if key in fields_by_key(model))] or sorted(
        {
            f"{name}.{place}.{key}"
            for name, model in models
            for place, inner in list_maps(model)
            if key in fields_by_key(inner)
        }
    )


def describe_unknown_key(prefix: str, key: str, got: object, known: Collection[str], remedy: str = "") -> Mistake:
    """A key that does not exist. If no other remedy is given, with the nearest beside it, or else the places of its
    name: in a map of its own section, or in others."""
    if key in KEYS and prefix != qualify(""):
        remedy = f"{key} is a key of its own, {qualify(key)}: move it out of here"
    elif not remedy and (near := find_near_key(key, known)):
        remedy = f"did you mean {near}?"
    elif not remedy:
        section = prefix.partition(":")[2].partition(".")[0]
        inner = [part for model in SECTIONS.get(section, ("", {}))[1].values() for part in list_maps(model)]
        own = {f"{section}.{place}.{key}" for place, model in inner if place.isalpha() and key in fields_by_key(model)}
        paths = sorted(own) or find_holders(key)
        remedy = f"did you mean {' or '.join(paths)}? Write it there" if paths else OUT
        if remedy == OUT and not section:
            remedy = f"{OUT}, or write a key of your own program in another namespace, such as app:{key}"
    return Mistake(f"{prefix}{key}", got, f"one of the keys {', '.join(sorted(known))}", remedy)
