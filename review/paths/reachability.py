"""The reachability of one graph: every path, and the backends at their ends."""

from collections.abc import Iterator, Set
from functools import cached_property
from typing import Final

from ..aws.catalog import types
from ..aws.model.model import AwsModel
from ..ledger.entries import list_entries
from ..ledger.ledger import Ledger
from . import other_accounts
from .connections import Connections
from .exposure import INTERNET
from .granted import Granted
from .inbound import Inbound
from .outbound import Outbound
from .path import Path, remove_duplicates
from .people import People
from .vouching import Vouching


class Reachability:
    """Every inbound path, path of people and outbound path of a model."""

    def __init__(self, model: AwsModel) -> None:
        self.model = model
        self.connections = Connections(model)
        self.outbound = Outbound(model, self.connections)
        self.people = People(model, self.connections, self.outbound)
        inbound = Inbound(model, self.connections)
        self.granted = Granted(model, self.outbound, self.people)
        self.inbound: Final = (*inbound.list_paths(), *other_accounts.list_paths(model))
        self.backends: Final = {backend.urn: backend for backend in inbound.list_backends()}
        """Machines and functions that requests end at, by URN."""
        self.called: Final = frozenset(inbound.onward.called)
        """Pairs of URNs: a node that forwards requests, and the node that it calls."""
        machines = (machine for machine in model.nodes.list_compute() if machine.resource.type not in types.FUNCTION)
        people = [path for node in machines for path in self.people.list_paths(node)]
        outward = [*self._trace_outbound()]
        self.ledger: Final = Ledger.collect(list_entries(model.unrecorded, model.asked))
        """The causes on which no answer rests."""
        self.vouching: Final = Vouching(model, self.ledger)
        traced = remove_duplicates([*self.inbound, *people, *outward])
        self.paths: Final = tuple(remove_duplicates(map(self.vouching.vouch_path, traced)))
        """Requests first, then people, then egress. Each says only what the ledger lets it say."""

    def _trace_outbound(self) -> Iterator[Path]:
        forwarders = {caller for caller, _ in self.called}
        for node in self.model.nodes.list_compute():
            if not node.forwards:
                # A forwarding function without egress is expected.
                yield from (
                    path for path in self.outbound.list_paths(node) if path.open or node.resource.urn not in forwarders
                )
            yield from self.granted.list_paths(node)

    @cached_property
    def behind_apis(self) -> frozenset[str]:
        """URNs of resources on paths of an API's requests, open or not."""
        return _list_passed_resources(path for path in self.inbound if _passes_api(path))

    @cached_property
    def beside_apis(self) -> frozenset[str]:
        """URNs of resources on an API's paths, and on other open paths from the internet to the same backends.

        Load balancers that forward to these are among them, whether or not a way leads to the balancer.
        """
        paths = [path for path in self.inbound if path.open and INTERNET in path.source and path.backend is not None]
        backends = {path.backend.urn for path in paths if path.backend is not None and _passes_api(path)}
        around = (path for path in paths if path.backend is not None and path.backend.urn in backends)
        return self.behind_apis | _list_passed_resources(around) | {*self._list_balancers_of(backends)}

    def _list_balancers_of(self, backends: Set[str]) -> Iterator[str]:
        for group in self.model.graph.list_by_type(*types.TARGET_GROUP):
            targets = self.model.targets.list_targets(group)
            if any(target.resource is not None and target.resource.urn in backends for target in targets):
                owners = map(self.model.balancers.find_balancer, self.model.balancers.list_group_listeners(group))
                yield from (owner.urn for owner in owners if owner is not None)

    @cached_property
    def public(self) -> frozenset[str]:
        return _list_passed_resources(path for path in self.inbound if path.open and INTERNET in path.source)


def trace_paths(model: AwsModel) -> Reachability:
    return Reachability(model)


def _passes_api(path: Path) -> bool:
    return any(hop.resource.type in types.APIS for hop in path.hops if hop.resource is not None)


def _list_passed_resources(paths: Iterator[Path]) -> frozenset[str]:
    return frozenset(hop.resource.urn for path in paths for hop in path.hops if hop.resource is not None)
