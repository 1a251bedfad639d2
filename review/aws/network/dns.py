"""Finds the resource that responds at a host name or address."""

import functools
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from ...graph import Graph, Resource
from ...graph.addresses import parse_network
from ...graph.evidence import get_deployed_input
from ...graph.reading import as_list, as_text, find_first_referenced, find_referenced, get_output, list_dependencies
from ..catalog import types
from .nodes import Nodes


@dataclass(frozen=True)
class Address:
    """Where a URL points."""

    host: str
    port: int
    url: str

    @property
    def is_ip(self) -> bool:
        return parse_network(self.host) is not None

    @classmethod
    def parse(cls, url: str) -> Self | None:
        """From `http(s)://host[:port]/…`; None for other text."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
        # Before an @ there may be a password, and the report names the URL.
        shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        return cls(parts.hostname, port or (443 if parts.scheme == "https" else 80), shown)


def normalize_name(written: Any) -> str:
    """A domain name as DNS compares it. Empty for other values."""
    return as_text(written).rstrip(".").lower()


def list_names(graph: Graph, record: Resource) -> set[str]:
    """The names that a record may have: as it is written, and below its zone."""
    own, fqdn = as_text(get_deployed_input(record, "name")), as_text(get_output(record, "fqdn"))
    zones = find_referenced(graph, record, "zoneId", types=("aws:route53/zone:Zone",))
    below = (f"{own}.{as_text(get_deployed_input(zone, 'name'))}" for zone in zones[:1] if own)
    return {*map(normalize_name, (own, fqdn, *below))} - {""}


def build_registry_name(graph: Graph, service: Resource) -> str:
    """The name by which a service of Cloud Map is found: `orders.shop.local`."""
    name = as_text(get_deployed_input(service, "name")) or as_text(get_output(service, "name")) or service.name
    paths = (("namespaceId",), ("dnsConfig", "namespaceId"))
    homes = [home for path in paths if (home := find_first_referenced(graph, service, *path, types=())) is not None]
    return ".".join(
        [name, *filter(None, (as_text(get_deployed_input(resource, "name")) for resource in homes[:1]))]
    ).lower()


class Dns:
    def __init__(self, graph: Graph, nodes: Nodes) -> None:
        self._graph, self._nodes = graph, nodes

    def find(self, host: str) -> Resource | None:
        """The machine, balancer or Cloud Map service that answers to a host, through the zone's records."""
        for _ in range(8):  # a chain of records, and no loop
            if (resource := self._names.get(normalize_name(host)) or self._nodes.find_by_address(host)) is not None:
                return resource
            if (further := self._records.get(normalize_name(host))) is None:
                return None
            host = further
        return None

    def list_named_in(self, function: Resource) -> list[Resource]:
        """Dependencies of its environment that could answer requests: for a URL known only after deployment."""
        kinds = (*types.INSTANCE, *types.INTERFACE, *types.LOAD_BALANCER, *types.CLOUD_MAP_SERVICE)
        resources = list_dependencies(self._graph, function, "environment", kinds)
        return [self._nodes.attachments.find_instance(card) or card for card in resources]

    @functools.cached_property
    def _names(self) -> dict[str, Resource]:
        keys = ("dnsName", "privateDns", "publicDns")
        holders = self._graph.list_by_type(*types.LOAD_BALANCER, *types.INSTANCE)
        names = {as_text(get_output(holder, key)).lower(): holder for holder in holders for key in keys}
        registries = self._graph.list_by_type(*types.CLOUD_MAP_SERVICE)
        names |= {build_registry_name(self._graph, registry): registry for registry in registries}
        return {name: holder for name, holder in names.items() if name}

    @functools.cached_property
    def _records(self) -> dict[str, str]:
        """By record name, the first name or address of the record."""
        records: dict[str, str] = {}
        for record in self._graph.list_by_type(*types.DNS_RECORD):
            leads = [
                as_text(get_deployed_input(record, "aliases", "name")),
                *map(as_text, as_list(get_deployed_input(record, "records"))),
            ]
            target = next((lead for lead in leads if lead), "")
            records.update({name: target.rstrip(".") for name in list_names(self._graph, record) if target})
        return records
