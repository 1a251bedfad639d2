"""Callers that no program shows: those of things that exist already and that the stack uses."""

import re
from collections.abc import Iterator
from typing import Final

from ..aws.model.model import AwsModel
from ..graph import Graph, list_texts, reveal_all
from ..graph.graph import group_pairs
from ..graph.prose import abbreviate_names
from ..graph.reading import as_text, get_declared_input

_KINDS: Final = {  # what names a thing, with the part that readers know it by
    "load balancer": re.compile(
        r"arn:[\w-]+:elasticloadbalancing:[^:]*:\d*:(?:listener|loadbalancer)/(?:app|net)/([\w-]+)/[\w/]+"
    ),
    "VPC endpoint": re.compile(r"\b(vpce-[0-9a-f]{8,17})\b"),
    "VPC": re.compile(r"\b(vpc-[0-9a-f]{8,17})\b"),
}
_WORDS: Final = {
    "load balancer": "other callers of an existing load balancer ({}) are not known",
    "VPC link": "other callers by an existing VPC link ({}) are not known",
    "VPC endpoint": "who can call an existing VPC endpoint ({}) is not known",
    "VPC": "what else runs in an existing VPC ({}) is not known",
}


def list_unseen_callers(model: AwsModel) -> list[str]:
    """A sentence for each kind of thing that the stack adopts, with the names of all."""
    found = group_pairs(dict.fromkeys([*_list_adopted(model.graph), *_list_adopted_links(model)]))
    return [sentence.format(abbreviate_names(found[kind])) for kind, sentence in _WORDS.items() if kind in found]


def _list_adopted(graph: Graph) -> Iterator[tuple[str, str]]:
    made_up = {text for invoke in graph.invokes if invoke.made_up for text in list_texts(reveal_all(invoke.result))}
    made_up -= {*list_texts(reveal_all(graph.config))}
    for resource in graph:
        if not resource.custom or resource.existing:
            continue
        for text in {*list_texts(reveal_all(resource.inputs))} - made_up:
            for kind, pattern in _KINDS.items():
                for match in pattern.finditer(text):
                    named = graph.find(match[0])
                    if named is None or named.existing:
                        yield kind, match[1]


def _list_adopted_links(model: AwsModel) -> Iterator[tuple[str, str]]:
    for api in model.apis.all:
        for call in api.calls:
            integration = call.integration
            if integration.linked and integration.link is None:
                yield (
                    "VPC link",
                    as_text(get_declared_input(integration.resource, "connectionId")) or "of another stack",
                )
