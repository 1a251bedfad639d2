"""The path of a request inside: from an API, a load balancer or a function to the machine that responds."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

from ..aws.catalog import types
from ..aws.compute.machines import has_copies
from ..aws.gateway import signatures
from ..aws.model.model import AwsModel
from ..aws.network.dns import Address
from ..aws.network.load_balancer_kind import Kind, read_kind
from ..aws.network.load_balancers import requires_certificates, requires_sign_in, requires_tokens
from ..aws.network.nodes import Node
from ..aws.network.security_groups import AllowRule
from ..aws.network.targets import Target
from ..graph import UNKNOWN, Resource
from ..graph.addresses import ANYWHERE, is_private
from ..graph.answers import YES, Answer, No, all_of, make_doubt, refuse
from ..graph.evidence import get_deployed_input, make_input_evidence, make_type_evidence
from ..graph.prose import join_names
from ..graph.reading import as_mapping, as_text, find_values, get_value
from . import admission
from .connections import Client, Connections, Side
from .egress_routes import EgressRoutes, sends_ipv6
from .path import Edge, Hop, PartialPath, Path, name_listener

_BACKEND_WORDS: Final = ("BACKEND", "UPSTREAM", "TARGET", "ORIGIN")

Forwarded = Callable[[Resource], tuple[list[Resource], bool]]
"""Target groups that a listener forwards to, and whether it may forward to others that the graph does not hold."""


class Onward:
    """Follows requests, and remembers which nodes it saw call which."""

    def __init__(self, model: AwsModel, connections: Connections, forwarded: Forwarded | None = None) -> None:
        """`forwarded` gives the target groups for one known request. Defaults to all actions of a listener."""
        self._model, self._forwarded, self._connections = model, forwarded, connections
        self._routes = EgressRoutes(model, connections)
        self.called: set[tuple[str, str]] = set()
        """Pairs of URNs: a node that passes requests on, and the one it passes them to."""
        self.reached: dict[str, Resource] = {}
        """Machines and functions at the end of a path, by URN."""

    def trace_function(
        self,
        partial: PartialPath,
        function: Resource,
        rule: str,
        label: str = "",
        *,
        signed_in: bool = False,
        check: signatures.SignatureCheck | None = None,
    ) -> Iterator[Path]:
        """Through a function to its own targets; to the function itself if it has none that are visible.

        `signed_in`: API Gateway checks an AWS signature or a token, and the forwarder no signature of a webhook.
        `check`: the check of signatures that the call meets. Defaults to that of the function's newest version.
        """
        if partial.passes(function):
            return
        check = signatures.NONE if signed_in else check or signatures.check_of(function)
        words = [word for word in (label, check.word) if word]
        partial = partial.add_answer(has_copies(self._model.graph, function), function).add_answer(check.answer)
        proofs = (check.word,) if check.word else ()
        partial = partial.add_hop(Hop(function, ", ".join(words), rule, self._model.names.find(function), proofs))
        node = self._model.nodes.find(function)
        callees = list(self._list_callees(node))
        for resource, address in callees:
            if resource is not None:
                yield from self.trace_resource(partial, node, resource, address.port if address else None)
            elif address is not None:
                yield from self.trace_address(partial, node, address)
        if not callees:
            self.reached[function.urn] = function
            yield partial.end(self._model.names.find(function), function)

    def trace_balancer(
        self,
        partial: PartialPath,
        caller: Node | None,
        balancer: Resource,
        port: int | None,
        listener: Resource | None = None,
        client: Client | None = None,
    ) -> Iterator[Path]:
        """Through a balancer to the targets behind the listener on a port. `caller` None: its groups do not apply.

        `client` is the sender if it is not the caller; without both, as with PrivateLink, targets see the balancer.
        """
        if partial.passes(balancer):
            return
        node = self._model.nodes.find(balancer)
        listeners = [listener] if listener is not None else self._model.balancers.list_listeners(balancer)
        if listener is None and port is not None:
            listeners = [one for one in listeners if self._model.balancers.find_port(one) in (port, None)]
        ports = set(map(self._model.balancers.find_port, listeners))
        # Of several listeners any may be the one that is called: a port is known only if all have it.
        port = port or (next(iter(ports)) if len(ports) == 1 else None)
        if caller is not None:
            self.called.add((caller.resource.urn, balancer.urn))
            client = client or Client(tuple(self._connections.list_addresses(caller)), caller)
            protocol = self._model.balancers.find_protocol(listeners[0] if listeners else None)
            partial = partial.cross(self._connections.connect(caller, node, port, protocol))
        name = self._model.names.find(balancer)
        uncertainty = f"which listener of {name} is called" if len(ports) > 1 and port is None else ""
        firewall, partial = admission.apply_firewall(self._model, partial, balancer)
        required, unclear = _list_requirements(listeners)
        proofs = tuple(filter(None, (*required, firewall)))
        hop = Hop(balancer, ", ".join(proofs), name_listener(port), name, proofs)
        partial = partial.add_hop(hop, make_doubt(uncertainty))
        partial = partial.add_doubts(*(f"whether {name} requires a {word}" for word in unclear))
        if not listeners:
            because = self._model.balancers.list_listener_evidence(balancer)
            yield partial.add_answer(refuse(f"{name} has no listener on port {port}", because), balancer).end(name)
        for holder in listeners:
            yield from self._trace_listener(partial, node, holder, client)

    def _trace_listener(
        self, partial: PartialPath, balancer: Node, listener: Resource, client: Client | None
    ) -> Iterator[Path]:
        """To the targets of a listener, and to an end for those that may exist besides."""
        groups, forwards_outside = (self._forwarded or self._list_actions)(listener)
        if requires_tokens(listener):
            partial = partial.add_doubts(f"whom defaultActions.jwtValidation of {listener.name} refuses")
        for group in groups:
            yield from self._to_group(partial, balancer, group, client)
        others, is_shared = f"targets of {listener.name}", self._model.balancers.is_shared
        if forwards_outside:
            yield partial.add_doubts(f"which targets {listener.name} forwards to").end(others)
        elif not (groups or self._forwarded) and is_shared(listener):
            yield partial.add_doubts(f"which rules other stacks add to {listener.name}").end(others)
        elif not groups and (self._forwarded or self._model.balancers.answers_itself(listener)):
            yield partial.end(self._model.names.find(balancer.resource))

    def _list_actions(self, listener: Resource) -> tuple[list[Resource], bool]:
        balancers = self._model.balancers
        idle = balancers.find_weightless_groups(listener)
        groups = [group for group in balancers.list_target_groups(listener) if group.urn not in idle]
        return groups, balancers.may_forward_outside(listener)

    def trace_call(self, function: Resource, address: Address) -> Iterator[Path]:
        """The paths from a function to an address that it calls."""
        node = self._model.nodes.find(function)
        return self.trace_address(PartialPath(source=self._model.names.find(function)), node, address)

    def arrive(self, partial: PartialPath, resource: Resource) -> Path:
        self.reached[resource.urn] = resource
        running = partial.add_answer(has_copies(self._model.graph, resource), resource)
        return running.arrive(resource, self._model.names.find(resource))

    def trace_resource(
        self, partial: PartialPath, caller: Node, resource: Resource, port: int | None
    ) -> Iterator[Path]:
        """Through a balancer or a registry to its targets, or to a machine."""
        if resource.type in types.LOAD_BALANCER:
            yield from self.trace_balancer(partial, caller, resource, port)
        elif resource.type in types.CLOUD_MAP_SERVICE:
            yield from self._trace_registry(partial, caller, resource, port)
        else:
            yield from self._trace_machine(partial, caller, Target(resource, "", port, resource))

    def _trace_registry(
        self, partial: PartialPath, caller: Node, service: Resource, port: int | None
    ) -> Iterator[Path]:
        """To the registered targets: API Gateway on the registered port, other callers on the port of their URL."""
        name = self._model.names.find(service)
        partial = partial.add_hop(Hop(service, "", service.name, name))
        targets = self._model.targets.list_instances(service)
        for target in targets:
            if caller.resource.type in types.HTTP_LINK:
                yield from self._trace_machine(
                    partial.add_answer(self._learns_port(service, target), service), caller, target
                )
            else:
                yield from self._trace_machine(partial, caller, replace(target, port=port or target.port))
        if not targets:
            because = self._model.targets.list_evidence(service)
            yield partial.add_answer(refuse(f"nothing is registered with {name}", because), service).end(name)

    def _learns_port(self, service: Resource, target: Target) -> Answer:
        """Whether API Gateway learns a port: of tasks by an SRV record.

        https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-private.html
        """
        records = {as_text(kind) for kind in find_values(service.inputs, "dnsConfig", "dnsRecords", "type")}
        if target.declared_by.type in types.SERVICE and records and "SRV" not in records:
            name = self._model.names.find(service)
            because = [make_input_evidence(service, "dnsConfig")]
            return refuse(f"{name} has no SRV record, by which API Gateway learns the port of tasks", because)
        return make_doubt(f"which port {target.declared_by.name} registers" * (target.port is None))

    def _to_group(self, partial: PartialPath, balancer: Node, group: Resource, client: Client | None) -> Iterator[Path]:
        targets = self._model.targets.list_targets(group)
        if not targets:
            # A controller, or another stack that has the ARN, may register targets.
            yield partial.add_doubts(f"which targets others register with {group.name}").end(group.name)
        for target in targets:
            if target.resource is not None and target.resource.type in types.FUNCTION:
                yield from self.trace_function(partial, target.resource, group.name)
            elif target.resource is not None and target.resource.type in types.LOAD_BALANCER:
                yield from self.trace_balancer(partial, balancer, target.resource, target.port)
            else:
                called = self._model.nodes.find(target.resource) if target.resource is not None else None
                protocol = self._model.balancers.find_protocol(group)
                edge = self._connect_client(balancer, client, called, target, group) if client and called else None
                yield from self._trace_machine(partial, balancer, target, protocol, edge)

    def _connect_client(
        self, balancer: Node, client: Client, called: Node, target: Target, group: Resource
    ) -> Edge | None:
        """The connection to a target that sees the client's address; None if it sees the balancer's."""
        protocol = self._model.balancers.find_protocol(group)
        four = tuple(
            cidr for cidr in client.ranges if ":" not in cidr or get_deployed_input(group, "ipAddressType") == "ipv6"
        )
        keeps = read_kind(balancer.resource) is Kind.NETWORK and self._model.balancers.keeps_client_address(group)
        if keeps is False or not four:  # IPv6 clients of IPv4 targets have the balancer's address
            return None
        kept = self._connections.pass_on(balancer, replace(client, ranges=four), called, target.port, protocol)
        changed = self._connections.connect(balancer, called, target.port, protocol)
        if keeps or kept.open == changed.open:
            return kept
        doubt = make_doubt(f"whether {group.name} keeps the addresses of clients")
        return replace(kept if kept.open else changed, answer=doubt)

    def _trace_machine(
        self, partial: PartialPath, caller: Node, target: Target, protocol: str = "tcp", edge: Edge | None = None
    ) -> Iterator[Path]:
        if target.resource is None:
            address = target.address or "an address outside this stack"
            yield partial.add_hop(Hop(None, f"{protocol} {target.port}", target.declared_by.name)).end(address)
            return
        self.called.add((caller.resource.urn, target.resource.urn))
        edge = edge or self._connections.connect(caller, self._model.nodes.find(target.resource), target.port, protocol)
        yield self.arrive(partial.cross(edge), target.resource)

    def trace_address(self, partial: PartialPath, caller: Node | None, address: Address) -> Iterator[Path]:
        """To a URL: to the resource with its host, else as far as the caller's own groups decide."""
        resource = self._model.hosts.find(address.host)
        if resource is not None and caller is not None:
            yield from self.trace_resource(partial, caller, resource, address.port)
        elif resource is None:
            yield self._trace_unseen(partial, caller, address)
        elif resource.type in types.LOAD_BALANCER:  # API Gateway calls a public name like any stranger
            yield from self.trace_balancer(partial, None, resource, address.port, client=Client(ANYWHERE))
        else:
            yield self.arrive(partial.add_hop(Hop(None, f"tcp {address.port}", "a call over the internet")), resource)

    def _list_callees(self, node: Node) -> Iterator[tuple[Resource | None, Address | None]]:
        """Targets of a function: URLs in its environment; if it has none, the groups that its rules let it call."""
        function = node.resource
        variables = get_deployed_input(function, "environment", "variables")
        if variables is UNKNOWN:
            yield from ((callee, None) for callee in self._model.hosts.list_named_in(function))
            return
        named = [self._find_in_variable(function, name, get_value(variables, name)) for name in as_mapping(variables)]
        yield from [*filter(None, named)] or self._list_group_members(node)

    def _find_in_variable(
        self, function: Resource, name: str, value: Any
    ) -> tuple[Resource | None, Address | None] | None:
        backend = any(word in name.upper() for word in _BACKEND_WORDS)
        if value is UNKNOWN and backend:
            callees = self._model.hosts.list_named_in(function)
            return (callees[0], None) if callees else None
        if (address := Address.parse(as_text(value))) is None:
            return None
        resource = self._model.hosts.find(address.host)
        return (resource, address) if resource is not None or backend or is_private(address.host) else None

    def _list_group_members(self, node: Node) -> Iterator[tuple[Resource | None, Address | None]]:
        """Members of the groups that its egress rules name. Functions take no connections.

        https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
        """
        kinds = {*types.COMPUTE, *types.LOAD_BALANCER} - {*types.FUNCTION}
        for permit in self._model.groups.list_egress(*node.groups):
            for peer in self._model.nodes.list_in_group(permit.group) if permit.group else ():
                if peer.resource.type in kinds and peer.resource is not node.resource:
                    yield peer.resource, Address("", permit.first, "")

    def _trace_unseen(self, partial: PartialPath, caller: Node | None, address: Address) -> Path:
        """To a machine of another stack, or on the internet, as far as the caller's own groups decide it."""
        traffic = f"tcp {address.port}"
        if caller is None or not caller.interfaces:
            because = [make_type_evidence(by)] if (by := partial.hops[-1].resource if partial.hops else None) else []
            private = refuse(f"{address.host} is a private address", because) if is_private(address.host) else YES
            return partial.add_hop(Hop(None, traffic, "a call over the internet"), private).end(address.url)
        if ":" in address.host and isinstance(answer := sends_ipv6(self._model, caller.resource), No):
            return partial.add_hop(Hop(None, traffic, ""), answer).end(address.url)
        side = self._connections.leaves_for(caller, address.host if address.is_ip else None, address.port)
        resource = side.permit.resource if side.permit else None
        partial = partial.add_hop(Hop(resource, traffic, side.rule), side.answer if not side.open else YES)
        if side.open and address.is_ip and not self._model.network.is_inside(address.host):
            partial = partial.add_answer(self._routes.to_public_address(caller, address.host, address.port))
        return partial.add_doubts(self._describe_admission(caller, side, address)).end(address.url)

    def _describe_admission(self, caller: Node, side: Side, address: Address) -> str:
        """The condition that the machine at an address outside this stack must meet. Empty if there is none."""
        groups, permit = self._model.groups, side.permit
        named = permit.group if permit is not None else ""
        if not named and not is_private(address.host) and not self._stays_private(caller, permit, address):
            return side.uncertainty
        rules = groups.list_ingress(named) if named else []
        if any(rule.group in caller.groups and rule.carries("tcp", address.port) for rule in rules):
            outside = "" if groups.keys.find_resource(named) else ", a group outside this stack"
            return f"whether {address.host} is in {groups.keys.name(named)}{outside}"
        own = join_names([groups.keys.name(group) for group in caller.groups])
        return f"the security group of {address.host} is not in this stack; it must admit {own} on tcp {address.port}"

    def _stays_private(self, caller: Node, permit: AllowRule | None, address: Address) -> bool:
        """Whether a name can only be of a private address: the caller's groups let it go to no other."""
        if permit is None or address.is_ip:
            return False
        ranges = [cidr for group in caller.groups for cidr in self._model.groups.list_combined_ranges(group, permit)]
        return bool(ranges) and all(map(is_private, ranges))


_REQUIREMENTS: Final = {"sign-in": requires_sign_in, "client certificate": requires_certificates}


def _list_requirements(listeners: list[Resource]) -> tuple[list[str], list[str]]:
    """Requirements that every listener has, and those of which that is not known."""
    answers = {word: all_of(map(requires, listeners)) for word, requires in _REQUIREMENTS.items() if listeners}
    return [word for word, answer in answers.items() if answer], [
        word for word, answer in answers.items() if answer is None
    ]
