"""DNS records that two stacks of a project declare: Route 53 takes each once, and the second update would fail."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ..aws.network.dns import normalize_name
from ..graph import list_texts, reveal_all
from ..graph.graph import group_pairs
from ..graph.reading import get_declared_input

if TYPE_CHECKING:
    from ..evaluate.runner import Evaluation


Record = tuple[str, str, str, str]
"""Zone, name, type, and the set identifier of a routing policy, empty for the only record of its name and type."""


def list_records(evaluation: Evaluation) -> Iterator[Record]:
    """The records of a stack in zones whose IDs the program has without a deployment: other IDs are made up, alike in
    every stack. Left out are those that overwrite others: one certificate's proof may be several stacks'.
    """
    graph = evaluation.unknown
    invokes = [invoke for invoke in graph.invokes if invoke.made_up]
    made_up = {
        zone
        for invoke in invokes
        for zone in {*list_texts(invoke.result)}.difference(list_texts(reveal_all(invoke.arguments)))
    }
    # A program that fails with unknown outputs is only evaluated with made-up ones.
    for resource in graph if graph.resources is not evaluation.known.resources else ():
        zone, name, kind = (get_declared_input(resource, key) for key in ("zoneId", "name", "type"))
        known = all(isinstance(part, str) for part in (zone, name, kind)) and zone not in made_up
        if (
            resource.type == "aws:route53/record:Record"
            and known
            and get_declared_input(resource, "allowOverwrite") is not True
        ):
            routing = get_declared_input(resource, "setIdentifier")
            if routing is None or isinstance(routing, str):
                yield zone, normalize_name(name), kind, routing or ""


def list_declared_twice(stacks: Mapping[str, list[Record]]) -> Iterator[str]:
    """A sentence for each record that two stacks declare, and what to do."""
    # https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-shared.html
    by_name = ((record[:3], (stack, record[3])) for stack, records in stacks.items() for record in records)
    for (zone, name, kind), users in group_pairs(by_name).items():
        for (stack, routing), (other, others) in itertools.combinations(users, 2):
            if stack != other and (not routing or not others or routing == others):
                yield (
                    f"{stack} and {other}: both declare the record {kind} {name} in zone {zone}, which Route 53 takes "
                    "once. Give both a routing policy with a set identifier of its own (api.domain.routing), or another"
                    " name; for base paths of one name, set api.domain.existing: true in all stacks but one"
                )
