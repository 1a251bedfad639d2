"""The title and the models of each section of the settings, by its key."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from .api import Api
from .backend import KINDS
from .consumer import Consumer
from .ingress import Ingress
from .mistakes import KEYS, OF_SECTIONS, OUT, Mistake
from .network import AdoptedNetwork, NewNetwork
from .protection import Protection
from .proxy import Proxy
from .section import Section, aliases, parts

SECTIONS: Final[Mapping[str, tuple[str, Mapping[str, type[Section]]]]] = {
    "network": (
        "The VPC and its egress",
        {"A new network": NewNetwork, "A network that exists (`vpcId` is given)": AdoptedNetwork},
    ),
    "backend": ("The backend that answers the requests", {f"`kind: {kind}`": model for kind, model in KINDS.items()}),
    "ingress": ("Load balancer or Cloud Map service in front of the backend", {"": Ingress}),
    "proxy": ("The Lambda forwarder between the API and the backend", {"": Proxy}),
    "api": ("The API Gateway API", {"": Api}),
    "protection": ("WAF, alarms, budget, and waived rules of the review", {"": Protection}),
    "consumer": ("An EC2 instance for testing a private API from inside the VPC", {"": Consumer}),
}
assert tuple(SECTIONS) == KEYS[1:]
for _, _models in SECTIONS.values():
    for _model in _models.values():
        _model.kinds = _models
        OF_SECTIONS.update(aliases(_model))


def holders(key: str) -> list[str]:
    """Paths of the keys that have this name: `network.egress`, else one level deeper, `api.routes[].keyRequired`."""
    models = [(name, model) for name, (_, sections) in SECTIONS.items() for model in sections.values()]
    return [*dict.fromkeys(f"{name}.{key}" for name, model in models if key in aliases(model))] or sorted(
        {f"{name}.{place}.{key}" for name, model in models for place, inner in parts(model) if key in aliases(inner)}
    )


def elsewhere(mistake: Mistake) -> Mistake:
    """The mistake, with the places of its key if no key beside it is near: in a map of its own section, else others."""
    if mistake.remedy != OUT:
        return mistake
    section, key = mistake.key.partition(":")[2].partition(".")[0], mistake.key.rpartition(".")[2]
    maps = {place: one for model in SECTIONS[section][1].values() for place, one in parts(model) if place.isalpha()}
    paths = [f"{section}.{place}.{key}" for place, one in maps.items() if key in aliases(one)] or holders(key)
    return replace(mistake, remedy=f"did you mean {' or '.join(paths)}? Write it there") if paths else mistake
