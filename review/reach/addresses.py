"""Addresses by which callers take a path, which a replacement of what is behind them may change."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from ..aws.catalog import types
from ..aws.gateway.api import Api, stage_name
from ..aws.gateway.apis import places
from ..aws.model.model import AwsModel
from ..aws.network.dns import plain_name
from ..graph import Resource
from ..graph.given import held
from ..graph.prose import RENEWED
from ..graph.reading import naming, text
from .path import INTERNET, Path

_OF_A_MACHINE: Final = "public address"


def addresses(way: Path, model: AwsModel, renewed: Collection[str] = ()) -> dict[str, Resource]:
    """Resources by the addresses that callers of a path use.

    `renewed` has the URNs of resources that AWS gives another address: their names are marked.
    """
    apis = (model.apis.of(hop.resource) for hop in way.hops if hop.resource and hop.resource.type in types.APIS)
    of_apis = {address: resource for api in apis for address, resource in _of_api(model, api)}
    return of_apis or own_addresses(way, model, renewed)


def own_addresses(
    way: Path, model: AwsModel, renewed: Collection[str] = (), names: Mapping[str, str] | None = None
) -> dict[str, Resource]:
    """The same of paths that begin at a load balancer, an instance or a function URL.

    `names` has names to use for resources, by URN.
    """
    found: dict[str, Resource] = {}
    for kind, own in _own(way, model):
        # A record, or an association that names an address of another stack.
        chosen = text(held(own, "allocationId")) if own.type in types.ADDRESS_ASSOCIATION else ""
        chosen = plain_name(held(own, "name")) if own.type in types.DNS_RECORD else chosen
        found[chosen or f"{(names or {}).get(own.urn, own.name)}{RENEWED if own.urn in renewed else ''} ({kind})"] = own
    return found


def is_of_a_machine(address: str) -> bool:
    """Whether it is the public address of a machine's own, which answers beside records as well."""
    return address.endswith(f"({_OF_A_MACHINE})")


def _of_api(model: AwsModel, api: Api) -> Iterator[tuple[str, Resource]]:
    """Domains, base paths, and stages of an API whose own host is open."""
    for domain in api.domains:
        yield str(held(domain, "domainName")), domain
    yield from ((f"{name}/{base}", link) for name, base, link in places(model.graph, api.resource))
    if not api.default_endpoint_closed:
        yield from ((stage_name(stage), stage) for stage in api.stages)


def _own(way: Path, model: AwsModel) -> Iterator[tuple[str, Resource]]:
    """What gives a path's entrance its address, if its callers are not in the program: DNS records, or itself."""
    entrance = way.entrance
    if entrance is None or entrance.resource is None or way.origin is not None:
        return
    resource = entrance.resource
    if resource.type in types.FUNCTION:
        urls = naming(model.graph, resource, types.FUNCTION_URL, "functionName")
        yield from (("function URL", url) for url in urls if url.name == entrance.rule)
    balancer = resource.type in types.LOAD_BALANCER
    if not balancer and (resource.type not in types.INSTANCE or INTERNET not in way.source):
        return
    fixed = [] if balancer else model.nodes.attachments.addresses_of(resource)
    holders = {holder.urn for holder in (resource, *fixed)}
    records = model.graph.of_type(*types.DNS_RECORD)
    edges = [(record, [*map(record.property_dependencies.get, ("aliases", "records"))]) for record in records]
    led = [record for record, lists in edges if holders & {urn for urns in lists for urn in urns or ()}]
    if named := [row for row in records if row in led or model.hosts.find(text(held(row, "name"))) is resource]:
        yield from (("DNS record", record) for record in named)
    elif balancer:
        yield "DNS name", resource
    else:
        yield from ((_OF_A_MACHINE, resource) for resource in fixed or [resource])
