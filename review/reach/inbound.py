"""Every path by which a request reaches a backend, or is stopped on the way."""

import itertools
from collections.abc import Iterator
from dataclasses import replace

from ..aws.catalog import types
from ..aws.compute.machines import runs
from ..aws.gateway.api import ApiKind
from ..aws.model.model import AwsModel
from ..aws.network import data_stores
from ..aws.network.nodes import Node
from ..aws.network.route import Family
from ..graph import UNKNOWN, Resource
from ..graph.given import given, held, may_be_any
from ..graph.prose import listed
from ..graph.reading import integer, items, pointed, within
from . import public_endpoints, services
from .api_paths import ApiPaths
from .connections import Connections
from .entrances import may_lead_to_machines
from .exposure import INTERNET, Entry, Exposure
from .onward import Onward
from .path import Hop, Kind, PartialPath, Path, listener_on, unique
from .private import PrivateApis


class Inbound:
    """Follows requests from every source. What they end at are the backends."""

    def __init__(self, model: AwsModel, connections: Connections) -> None:
        self._model, self._connections = model, connections
        self.onward = Onward(model, connections)
        self.exposure = Exposure(model, connections)
        self._untraced = may_lead_to_machines(model)

    def paths(self) -> list[Path]:
        """By source: APIs and function URLs, balancers, then machines themselves."""
        designed = [*self._apis(), *self._function_urls()]
        balancers = map(self._model.nodes.of, self._model.graph.of_type(*types.LOAD_BALANCER))
        balanced = [path for balancer in balancers for path in self._through(balancer)]
        classic = map(self._model.nodes.of, self._model.graph.of_type(*types.CLASSIC_BALANCER))
        balanced += [path for balancer in classic for path in self._through_classic(balancer)]
        elsewhere = list(self._from_elsewhere())
        direct = [path for node in self._machines() for path in self._direct(node)]
        called = services.paths(self._model, self.onward)
        others = (*self._stores(), *self.exposure.onto_others())
        return unique([*designed, *balanced, *elsewhere, *called, *direct, *others])

    def backends(self) -> list[Resource]:
        """Machines and functions that requests end at. Valid after `paths`.

        If no path ends at one, all that balancers have as targets, else all compute.
        """
        groups = self._model.graph.of_type(*types.TARGET_GROUP) if not self.onward.reached else ()
        served = [target.resource for group in groups for target in self._model.targets.of(group) if target.resource]
        targets = {resource.urn: resource for resource in served if resource.type in types.COMPUTE}
        return [*(self.onward.reached or targets).values()] or [node.resource for node in self._machines()]

    def _apis(self) -> Iterator[Path]:
        apis = ApiPaths(self._model, self.onward)
        private = PrivateApis(self._model, self._connections, self.onward, self.exposure)
        for api in self._model.apis.all:
            if api.kind is ApiKind.PRIVATE:
                yield from private.paths(api)
            else:
                yield from apis.into(PartialPath(source=INTERNET), api)

    def _function_urls(self) -> Iterator[Path]:
        for url in self._model.graph.of_type(*types.FUNCTION_URL):
            kind = given(url, "authorizationType").value(absent="NONE", unknown=UNKNOWN)
            asks = "its own URL" if kind is UNKNOWN else f"its own URL, {'IAM' if kind == 'AWS_IAM' else 'anyone'}"
            doubt = f"which authorization {url.name} asks for" if kind is UNKNOWN else ""
            start = PartialPath(source=INTERNET).doubted(doubt)
            functions = pointed(self._model.graph, url, "functionName", types=types.FUNCTION)
            if may_be_any(self._model.graph, url, "functionName", types=types.FUNCTION):
                functions = self._model.graph.of_type(*types.FUNCTION)
                start = start.doubted(f"which function {url.name} is of")
            for function in functions:
                sure = kind != "NONE" or self._model.permissions.admits_everyone(url, function)
                doubt = f"whether the policy of {function.name} admits everyone, without which AWS answers 403"
                yield from self.onward.into_function(start.doubted(doubt * (not sure)), function, url.name, asks)

    def _entries(self, node: Node) -> Iterator[Entry]:
        """Connections to a balancer from outside of what the API sends it."""
        facing = any(node.has_public_address(family) is not False for family in Family)
        strangers = [entry for entry in self.exposure.from_internet(node) if facing or entry.partial.open]
        members = self.exposure.from_members(node, self.onward.called)
        yield from (*strangers, *self.exposure.from_inside(node), *members)

    def _through_classic(self, node: Node) -> Iterator[Path]:
        """Requests that come to a classic load balancer, whose listeners and machines are inputs of its own."""
        name, balancers = self._model.names.of(node.resource), self._model.balancers
        machines, more = balancers.behind_classic(node.resource)
        self.onward.called.update((node.resource.urn, machine.urn) for machine in machines)
        behind = [self._model.nodes.of(machine) for machine in machines]
        for entry, listener in itertools.product(self._entries(node), items(held(node.resource, "listeners"))):
            number, inner = (integer(within(listener, key)) for key in ("lbPort", "instancePort"))
            if entry.carries("tcp", number):
                partial = entry.on("tcp", number).then(Hop(node.resource, "", listener_on(number), name))
                partial = partial.doubted(f"which listeners {name} has" * (None in (number, inner)))
                for machine in behind:
                    edge = self._connections.between(node, machine, inner)
                    yield self.onward.arrive(partial.across(edge), machine.resource)
                if more:
                    yield partial.doubted(f"which machines {name} sends requests to").end(f"machines of {name}")

    def _through(self, node: Node) -> Iterator[Path]:
        """Requests that come to a balancer, by each of its listeners."""
        for entry in self._entries(node):
            for listener in self._model.balancers.listeners(node.resource):
                number = integer(held(listener, "port"))
                protocol = self._model.balancers.protocol(listener)
                if entry.carries(protocol, number):
                    partial = entry.on(protocol, number)
                    yield from self.onward.into_balancer(partial, None, node.resource, number, listener, entry.client)

    def _from_elsewhere(self) -> Iterator[Path]:
        """Requests by APIs and load balancers that the program does not declare."""
        start = PartialPath(source=INTERNET)
        for function, permission in self._model.permissions.of_apis_elsewhere(self._model.apis.all):
            doubt = f"who may call the API of {permission.name}, which is not in this stack"
            yield from self.onward.into_function(start.doubted(doubt), function, permission.name)
        who = "who reaches the load balancer of {}, which is not in this stack"
        for by in filter(self._model.balancers.forwards_elsewhere, self._model.balancers.listeners_elsewhere()):
            partial = start.doubted(who.format(by.name), f"which targets {by.name} forwards to")
            yield partial.end(f"targets of {by.name}")
        for target in self._model.balancers.from_elsewhere():
            if target.resource is not None:
                by = target.declared_by
                partial = start.doubted(who.format(by.name))
                if target.resource.type in types.FUNCTION:
                    yield from self.onward.into_function(partial, target.resource, by.name)
                else:
                    yield self.onward.arrive(partial, target.resource)

    def _machines(self) -> Iterator[Node]:
        """Nodes that run code and take connections: not functions, and not gateways."""
        for resource in self._model.graph.of_type(*types.MACHINES, *types.STARTER, *types.INTERFACE):
            node = self._model.nodes.of(resource)
            if node.interfaces:
                yield node

    def _direct(self, node: Node) -> Iterator[Path]:
        """Connections to a machine that need only the network. Machines that are no backend have only open ways."""
        resource = node.resource
        backend = resource.urn in self.onward.reached or not self.onward.reached
        strangers = self.exposure.from_internet(node)
        for entry in strangers:
            if (backend and not self._untraced) or entry.partial.open:
                yield self._reached(entry, node)
        if not backend or node.forwards:
            return
        if not any(not entry.partial.blocked_by for entry in strangers) and self._untraced:
            doubt = f"the effect of {listed(self._untraced)} on the network is not known"
            yield PartialPath(source=INTERNET).doubted(doubt).end(self._model.names.of(resource), resource)
        elif not strangers:
            start = PartialPath(source=INTERNET).met(self.exposure.ways.obstacle(node))
            yield start.end(self._model.names.of(resource), resource)
        yield from self.neighbours(node)

    def neighbours(self, node: Node) -> Iterator[Path]:
        """Connections to a machine from inside: its network, and members of groups."""
        for entry in (*self.exposure.from_inside(node), *self.exposure.from_members(node, self.onward.called)):
            yield self._reached(entry, node)

    def _stores(self) -> Iterator[Path]:
        """Connections to databases, caches and file systems, as far as they are open."""
        graph = self._model.graph
        for resource in graph.of_type(*public_endpoints.TYPES):
            for partial in public_endpoints.partials(self._model, resource):
                yield partial.end(self._model.names.of(resource), resource)
        for node in map(self._model.nodes.of, graph.of_type(*types.DATA_STORE)):
            ports = data_stores.ports(graph, node.resource)
            for entry in self._entries(node):
                permit = entry.permit
                if entry.partial.open and (permit is None or permit.includes("tcp", ports)):
                    doubt = "" if ports or permit is None else f"which port {node.resource.name} listens on"
                    signed = public_endpoints.signed(graph, node.resource)
                    yield self._reached(replace(entry, partial=entry.partial.doubted(doubt, signed)), node)

    def _reached(self, entry: Entry, node: Node) -> Path:
        kind = Kind.PEOPLE if entry.permit is not None and entry.permit.is_shell else Kind.INBOUND
        running = entry.partial.met(runs(self._model.graph, node.resource), node.resource)
        return replace(running, kind=kind).arrive(node.resource, self._model.names.of(node.resource))
