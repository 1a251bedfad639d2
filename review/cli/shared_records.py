"""Names that two stacks of a project declare, though AWS takes each once: the second update would fail."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from ..graph import list_texts, reveal_all
from ..graph.graph import group_pairs
from ..graph.reading import get_declared_input

if TYPE_CHECKING:
    from ..evaluate.runner import Evaluation
    from ..graph import Graph, Resource

_RECORD: Final = "aws:route53/record:Record"
# https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-custom-domains.html: unique within a region.
_DOMAINS: Final = ("aws:apigateway/domainName:DomainName", "aws:apigatewayv2/domainName:DomainName")


class SharedName(NamedTuple):
    """A DNS record or a custom domain."""

    place: str
    """Zone of a record; empty for a domain, which has a region."""
    name: str
    kind: str
    """Type of a record, or region of a domain."""
    routing: str = ""
    """Set identifier of a routing policy; empty for the only record of its name and type."""


def _normalize_name(written: str) -> str:
    """A domain name as DNS compares it."""
    return written.rstrip(".").lower()


def list_records(evaluation: Evaluation) -> Iterator[SharedName]:
    """The records of a stack in zones whose IDs the program has without a deployment, and its domains.

    Other IDs are made up, alike in every stack. Left out are records that overwrite others: one certificate's proof may
    be several stacks'.
    """
    graph = evaluation.unknown
    invokes = [invoke for invoke in graph.invokes if invoke.made_up]
    made_up = {
        zone
        for invoke in invokes
        for zone in {*list_texts(invoke.result)}.difference(list_texts(reveal_all(invoke.arguments)))
    }
    # A program that fails with unknown outputs is only evaluated with made-up ones.
    if graph.resources is not evaluation.known.resources:
        yield from (name for name in list_names(graph) if name.place not in made_up)


def list_names(graph: Graph) -> Iterator[SharedName]:
    """The records and domains of a graph, also of zones that are made up."""
    for resource in graph:
        name = _read_record(resource) if resource.type == _RECORD else _read_domain(graph, resource)
        if name is not None:
            yield name


def _read_record(resource: Resource) -> SharedName | None:
    zone, name, kind = (get_declared_input(resource, key) for key in ("zoneId", "name", "type"))
    routing = get_declared_input(resource, "setIdentifier")
    known = isinstance(zone, str) and isinstance(name, str) and isinstance(kind, str)
    if not known or not isinstance(routing, str | None) or get_declared_input(resource, "allowOverwrite") is True:
        return None
    return SharedName(str(zone), _normalize_name(str(name)), str(kind), routing or "")


def _read_domain(graph: Graph, resource: Resource) -> SharedName | None:
    name = get_declared_input(resource, "domainName") if resource.type in _DOMAINS and not resource.existing else None
    types = get_declared_input(resource, "endpointConfiguration", "types") if isinstance(name, str) else None
    # Of a private domain, each account has its own.
    if not isinstance(name, str) or types == "PRIVATE" or (isinstance(types, list) and "PRIVATE" in types):
        return None
    return SharedName("", _normalize_name(name), resource.region or graph.region)


def list_declared_twice(
    stacks: Mapping[str, Iterable[SharedName]], earlier: Mapping[str, Iterable[SharedName]] | None = None
) -> Iterator[tuple[str, bool]]:
    """A sentence for each name that two stacks declare, and whether the change brings it.

    `earlier` has the names of stacks that were compared, in the version before; others are as they were. Without it,
    all are new.
    """
    # https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-shared.html
    by_name = ((name[:3], (stack, name)) for stack, names in stacks.items() for name in names)
    for users in group_pairs(by_name).values():
        for (stack, name), (other, others) in itertools.combinations(users, 2):
            if stack != other and (not name.routing or not others.routing or name.routing == others.routing):
                stood = earlier is not None and all(
                    each not in earlier or used in {*earlier[each]} for each, used in ((stack, name), (other, others))
                )
                yield f"{stack} and {other}: both declare {_describe(name)}", not stood


def _describe(name: SharedName) -> str:
    if not name.place:
        return (
            f"the domain {name.name} in {name.kind}, which API Gateway takes once in a region: set "
            "api.domain.existing: true in all stacks but one, or use another name"
        )
    return (
        f"the record {name.kind} {name.name} in zone {name.place}, which Route 53 takes once. Give both a routing "
        "policy with a set identifier of its own (api.domain.routing), or another name; for base paths of one name, "
        "set api.domain.existing: true in all stacks but one"
    )
