"""The path of a request inside: from an API, a load balancer or a function to the machine that responds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ..aws.catalog import types
from ..aws.compute.machines import runs
from ..aws.gateway import access
from ..aws.gateway.api import Api, ApiKind, Call, Integration, Requirement
from ..aws.gateway.apis import MAPPINGS, STAGES
from ..aws.gateway.usage_plans import key_answer
from ..aws.gateway.web_acls import only_from
from ..aws.model.model import AwsModel
from ..aws.network.dns import Address
from ..aws.network.load_balancer_kind import Kind, kind_of
from ..aws.network.load_balancers import Target
from ..aws.network.nodes import Node
from ..aws.network.security_groups import AllowRule
from ..graph import UNKNOWN, Resource
from ..graph.addresses import ANYWHERE, is_private
from ..graph.answers import YES, Answer, No, doubted, in_a_row, refuse
from ..graph.given import by_type, given, held, unnamed
from ..graph.prose import listed
from ..graph.reading import integer, pointed, spread, text, within
from ..graph.unread import may_close
from . import admission
from .anyone import by_path
from .callees import callees_of
from .connections import Client, Connections, Side
from .path import Edge, Hop, PartialPath, Path, listener_on

_SIGNATURE: Final = "WEBHOOK_SECRET"
_SIGNED_IN: Final = {Requirement.IAM, Requirement.JWT, Requirement.COGNITO}
_PRIVATE_LINK_RANGES: Final = ("0.0.0.0/0", "10.0.0.0/8")


Forwarded = Callable[[Resource], tuple[list[Resource], bool]]
"""Target groups that a listener forwards to, and whether it may forward to others that the graph does not hold."""


class Onward:
    """Follows requests, and remembers which nodes it saw call which."""

    def __init__(self, model: AwsModel, connections: Connections, forwarded: Forwarded | None = None) -> None:
        """`forwarded` gives what a listener does with one known request. Defaults to all of its actions."""
        self._model = model
        self._forwarded = forwarded
        self._connections = connections
        self.called: set[tuple[str, str]] = set()
        """Pairs of URNs: a node that passes requests on, and the one it passes them to."""
        self.reached: dict[str, Resource] = {}
        """Machines and functions at the end of a path, by URN."""

    def into_api(self, partial: PartialPath, api: Api, calls: Sequence[Call] | None = None) -> Iterator[Path]:
        """One path for each target of the API's routes, and for each kind of authorization.

        `calls` are those that come this far, all unless given.
        """
        groups: dict[tuple[Any, ...], list[Call]] = {}
        for call in api.calls if calls is None else calls:
            if call.integration.kind != "MOCK" or call.integration.function is not None:
                doubts, one = access.uncertainty(api, call), call.integration
                invokes = one.function and self._model.permissions.for_call(one.function, api, call)
                target = (one.key, call.is_known, one.has_credentials or invokes is not None)
                key = (target, access.requirements(api, call), self._closed(api, call), doubts)
                groups.setdefault(key, []).append(call)
        several = len(groups) > 1 or (calls is not None and len(calls) < len(api.calls))
        for (_, _, closed, doubts), alike in groups.items():
            # `GET HEAD /forward`, `GET /a and POST /b`, `5 routes`.
            names, policy = by_path(alike), "resource policy and " if api.policies else ""
            routes = [" and ".join(names) if len(names) <= 2 else f"{len(alike)} routes"] if several else []
            rule = f"{policy}{listed(by_path(alike, below=' (and below)'))} of {api.resource.name}"
            label = ", ".join([*routes, *(access.asked(api, alike) or ["anyone"])])
            hop = Hop(api.resource, label, rule, self._model.names.of(api.resource))
            named = only_from(self._model.graph, api.web_acl) if api.web_acl and len(api.stages) == 1 else ()
            further = admission.only(partial, named).then(hop, closed).doubted(doubts)
            yield from self._into_integration(further, api, alike[0])

    def into_function(
        self, partial: PartialPath, function: Resource, rule: str, label: str = "", *, signed_in: bool = False
    ) -> Iterator[Path]:
        """Through a function to its own targets; to the function itself if it has none that are visible.

        `signed_in`: API Gateway checks an AWS signature or a token, and the forwarder no signature of a webhook.
        """
        if partial.passes(function):
            return
        names = within(held(function, "environment", "variables"))
        signed = isinstance(names, Mapping) and any(name.startswith(_SIGNATURE) and names[name] for name in names)
        # GitLab sends the secret itself.
        shown = "token" if isinstance(names, Mapping) and names.get("WEBHOOK_SCHEME") == "gitlab" else "signature"
        words = [word for word in (label, shown if signed and not signed_in else "") if word]
        partial = partial.then(Hop(function, ", ".join(words), rule, self._model.names.of(function)))
        node = self._model.nodes.of(function)
        callees = list(callees_of(self._model, node))
        for found, address in callees:
            if found is not None:
                yield from self._into_resource(partial, node, found, address.port if address else None)
            elif address is not None:
                yield from self._into_address(partial, node, address)
        if not callees:
            self.reached[function.urn] = function
            yield partial.end(self._model.names.of(function), function)

    def into_balancer(
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
        node = self._model.nodes.of(balancer)
        listeners = [listener] if listener is not None else self._model.balancers.listeners(balancer)
        if listener is None and port is not None:
            listeners = [one for one in listeners if integer(held(one, "port")) in (port, None)]
        ports = {integer(held(one, "port")) for one in listeners}
        # Of several listeners any may be the one that is called: a port is known only if all have it.
        port = port or (next(iter(ports)) if len(ports) == 1 else None)
        if caller is not None:
            self.called.add((caller.resource.urn, balancer.urn))
            client = client or Client(tuple(self._connections.addresses(caller)), caller)
            protocol = self._model.balancers.protocol(listeners[0] if listeners else None)
            partial = partial.across(self._connections.between(caller, node, port, protocol))
        name = self._model.names.of(balancer)
        doubt = f"which listener of {name} is called" if len(ports) > 1 and port is None else ""
        firewall, blocked, ranges = admission.firewall(self._model, balancer)
        label = ", ".join(filter(None, (self._sign_in(listeners), firewall)))
        hop = Hop(balancer, label, listener_on(port), name)
        partial = admission.only(partial, ranges).then(hop, in_a_row(blocked, doubted(doubt)))
        if not listeners:
            because = self._model.balancers.listener_grounds(balancer)
            yield partial.met(refuse(f"{name} has no listener on port {port}", because), balancer).end(name)
        for one in listeners:
            choose = self._forwarded or self._all_actions
            groups, elsewhere = choose(one)
            taken = partial.doubted(*(f"whom {key} of {one.name} refuses" for key in may_close(one)))
            for group in groups:
                narrowed = taken if caller is not None else admission.narrowed(self._model, taken, one, group)
                yield from self._to_group(narrowed, node, group, client)
            if elsewhere:
                yield taken.doubted(f"which targets {one.name} forwards to").end(f"targets of {one.name}")
            elif not (groups or self._forwarded) and self._model.balancers.is_shared(one):
                yield taken.doubted(f"which rules other stacks add to {one.name}").end(f"targets of {one.name}")
            elif not groups and (self._forwarded or self._model.balancers.answers(one)):
                yield taken.end(name)

    def _all_actions(self, listener: Resource) -> tuple[list[Resource], bool]:
        return self._model.balancers.groups(listener), self._model.balancers.forwards_elsewhere(listener)

    def behind(self, api: Api, call: Call) -> Iterator[Path]:
        """The paths of one call from the API onwards."""
        yield from self._into_integration(PartialPath(source=self._model.names.of(api.resource)), api, call)

    def called_by(self, function: Resource, address: Address) -> Iterator[Path]:
        """The paths from a function to an address that it calls."""
        node = self._model.nodes.of(function)
        return self._into_address(PartialPath(source=self._model.names.of(function)), node, address)

    def arrive(self, partial: PartialPath, resource: Resource) -> Path:
        self.reached[resource.urn] = resource
        running = partial.met(runs(self._model.graph, resource), resource)
        return running.arrive(resource, self._model.names.of(resource))

    def _closed(self, api: Api, call: Call) -> Answer:
        name = self._model.names.of(api.resource)
        if not api.stages:
            because = tuple(unnamed(self._model.graph, api.resource, STAGES))
            return YES if api.resource.existing else refuse(f"no stage of {name} is deployed", because)
        if api.default_endpoint_closed and not (api.domains or api.elsewhere):
            off = given(api.resource, "disableExecuteApiEndpoint").ground()
            because = (off, *unnamed(self._model.graph, api.resource, MAPPINGS))
            return refuse(f"{name} has its default address off and no domain", because)
        if (
            api.web_acl is not None
            and len(api.stages) == 1
            and isinstance(blocked := admission.blocked(api.web_acl), No)
        ):
            return blocked
        # Addresses decide nothing about a private API.
        if api.kind is not ApiKind.PRIVATE and access.audience(api, call).nobody:
            return refuse(f"the resource policy of {name} admits nobody", (*api.policy_grounds, *call.named))
        return key_answer(self._model.graph, api, name) if Requirement.KEY in call.requires else YES

    def _into_integration(self, partial: PartialPath, api: Api, call: Call) -> Iterator[Path]:
        integration = call.integration
        if integration.function is not None:
            permission = self._model.permissions.for_call(integration.function, api, call)
            rule = "the API's own role" if integration.has_credentials else permission.name if permission else ""
            if not rule:
                name = self._model.names.of(integration.function)
                reason = f"no permission lets {self._model.names.of(api.resource)} invoke {name}"
                because = (*self._model.permissions.grounds(integration.function, api), *call.named)
                doubt = f"whether a permission lets {self._model.names.of(api.resource)} invoke {name}"
                partial = partial.met(refuse(reason, because, doubt), integration.function)
            yield from self.into_function(
                partial, integration.function, rule, signed_in=bool(call.requires & _SIGNED_IN)
            )
        elif integration.linked:
            yield from self._into_link(partial, integration)
        elif (address := Address.of(text(integration.uri))) is not None:
            yield from self._into_address(partial, None, address)
        elif integration.uri is UNKNOWN or text(integration.uri):
            yield partial.end(_outside(integration.uri))
        else:
            # An integration without a URI: an AWS service that an HTTP API calls by name, or one of another stack.
            yield partial.end(text(held(integration.resource, "integrationSubtype")) or "an unknown integration")

    def _into_link(self, partial: PartialPath, integration: Integration) -> Iterator[Path]:
        link = integration.link
        if link is None:
            yield partial.then(Hop(None, "VPC link", "", "a VPC link outside this stack")).end("what the link leads to")
            return
        partial = partial.then(Hop(link, "", integration.resource.name, self._model.names.of(link)))
        address = Address.of(text(integration.uri))
        port = address.port if address else None
        if link.type in types.REST_LINK:
            yield from self._through_private_link(partial, link, port)
            return
        target, node = integration.balancer, self._model.nodes.of(link)
        if target is None and address is not None:
            yield from self._into_address(partial, node, address)
        elif target is None:
            yield partial.doubted(self._admission_of_listener(node)).end(_outside(integration.uri))
        elif target.type in types.LISTENER:
            balancer = self._model.balancers.balancer(target)
            if balancer is not None:
                yield from self.into_balancer(partial, node, balancer, integer(held(target, "port")), target)
        else:
            yield from self._into_resource(partial, node, target, port)

    def _admission_of_listener(self, link: Node) -> str:
        """What a listener of another stack must be behind or admit. Its port is unknown."""
        groups = self._model.groups
        called = [permit.group for permit in groups.egress(*link.groups) if permit.group]
        admitted = [one for one in called if any(rule.group in link.groups for rule in groups.ingress(one))]
        if admitted:
            return f"whether the load balancer is in {listed([groups.name(one) for one in admitted])}"
        own = listed([groups.name(group) for group in link.groups])
        return f"the security group of the load balancer is not in this stack; it must admit {own}"

    def _through_private_link(self, partial: PartialPath, link: Resource, port: int | None) -> Iterator[Path]:
        """The first version of links: an endpoint service on the balancer, whose groups apply only where enforced."""
        balancers = pointed(self._model.graph, link, "targetArn", types=types.LOAD_BALANCER)
        if not balancers:
            yield partial.end(_outside(held(link, "targetArn")))
        for balancer in balancers:
            crossed = partial.then(Hop(None, f"tcp {port}" if port else "PrivateLink", "PrivateLink"))
            yield from self.into_balancer(crossed.met(self._enforced(balancer, port), balancer), None, balancer, port)

    def _enforced(self, balancer: Resource, port: int | None) -> Answer:
        """Whether the balancer's own groups let in what comes over PrivateLink."""
        node = self._model.nodes.of(balancer)
        enforced = given(balancer, "enforceSecurityGroupInboundRulesOnPrivateLinkTraffic")
        if not node.groups or enforced.value(absent="on", unknown="on") == "off":
            return YES
        permits = [permit for permit in self._model.groups.ingress(*node.groups) if permit.carries("tcp", port)]
        if any(permit.cidr in _PRIVATE_LINK_RANGES for permit in permits):
            return YES
        name = self._model.names.of(balancer)
        because = (enforced.ground(), *node.grouped, *self._model.groups.grounds(*node.groups, inward=True))
        return refuse(f"the security groups of {name} apply to PrivateLink and admit no such caller", because)

    def _into_resource(self, partial: PartialPath, caller: Node, found: Resource, port: int | None) -> Iterator[Path]:
        if found.type in types.LOAD_BALANCER:
            yield from self.into_balancer(partial, caller, found, port)
        elif found.type in types.CLOUD_MAP_SERVICE:
            yield from self._into_registry(partial, caller, found)
        else:
            yield from self._into_machine(partial, caller, Target(found, "", port, found))

    def _into_registry(self, partial: PartialPath, caller: Node, service: Resource) -> Iterator[Path]:
        name = self._model.names.of(service)
        partial = partial.then(Hop(service, "", service.name, name))
        targets = self._model.balancers.instances(service)
        for target in targets:
            yield from self._into_machine(partial, caller, target)
        if not targets:
            because = self._model.balancers.registration_grounds(service)
            yield partial.met(refuse(f"nothing is registered with {name}", because), service).end(name)

    def _to_group(self, partial: PartialPath, balancer: Node, group: Resource, client: Client | None) -> Iterator[Path]:
        targets = self._model.balancers.targets(group)
        if not targets:
            # A controller, or another stack that got the ARN, may register targets by calls of its own.
            yield partial.doubted(f"which targets others register with {group.name}").end(group.name)
        for target in targets:
            if target.resource is not None and target.resource.type in types.FUNCTION:
                yield from self.into_function(partial, target.resource, group.name)
            elif target.resource is not None and target.resource.type in types.LOAD_BALANCER:
                yield from self.into_balancer(partial, balancer, target.resource, target.port)
            else:
                called = self._model.nodes.of(target.resource) if target.resource is not None else None
                protocol = self._model.balancers.protocol(group)
                edge = self._kept(balancer, client, called, target, group) if client and called else None
                yield from self._into_machine(partial, balancer, target, protocol, edge)

    def _kept(self, balancer: Node, client: Client, called: Node, target: Target, group: Resource) -> Edge | None:
        """The connection to a target that sees the client's address; None if it sees the balancer's."""
        protocol = self._model.balancers.protocol(group)
        four = tuple(cidr for cidr in client.ranges if ":" not in cidr or held(group, "ipAddressType") == "ipv6")
        keeps = kind_of(balancer.resource) is Kind.NETWORK and self._model.balancers.keeps_client_address(group)
        if keeps is False or not four:  # IPv6 clients of IPv4 targets have the balancer's address
            return None
        kept = self._connections.passed_on(balancer, replace(client, ranges=four), called, target.port, protocol)
        changed = self._connections.between(balancer, called, target.port, protocol)
        if keeps or kept.open == changed.open:
            return kept
        doubt = doubted(f"whether {group.name} keeps the addresses of clients")
        return replace(kept if kept.open else changed, answer=doubt)

    def _into_machine(
        self, partial: PartialPath, caller: Node, target: Target, protocol: str = "tcp", edge: Edge | None = None
    ) -> Iterator[Path]:
        if target.resource is None:
            address = target.address or "an address outside this stack"
            yield partial.then(Hop(None, f"{protocol} {target.port}", target.declared_by.name)).end(address)
            return
        self.called.add((caller.resource.urn, target.resource.urn))
        called = self._model.nodes.of(target.resource)
        edge = edge or self._connections.between(caller, called, target.port, protocol)
        yield self.arrive(partial.across(edge), target.resource)

    def _into_address(self, partial: PartialPath, caller: Node | None, address: Address) -> Iterator[Path]:
        """To a URL: what it names in the graph, else as far as the caller's own groups decide it."""
        found = self._model.hosts.find(address.host)
        if found is not None and caller is not None:
            yield from self._into_resource(partial, caller, found, address.port)
        elif found is None:
            yield self._into_the_unseen(partial, caller, address)
        elif found.type in types.LOAD_BALANCER:  # API Gateway calls a public name like any stranger
            yield from self.into_balancer(partial, None, found, address.port, client=Client(ANYWHERE))
        else:
            yield self.arrive(partial.then(Hop(None, f"tcp {address.port}", "a call over the internet")), found)

    def _into_the_unseen(self, partial: PartialPath, caller: Node | None, address: Address) -> Path:
        traffic = f"tcp {address.port}"
        if caller is None or not caller.interfaces:
            because = [by_type(by)] if (by := partial.hops[-1].resource if partial.hops else None) else []
            private = refuse(f"{address.host} is a private address", because) if is_private(address.host) else YES
            return partial.then(Hop(None, traffic, "a call over the internet"), private).end(address.url)
        if ":" in address.host and isinstance(answer := self._sends_ipv6(caller.resource), No):
            return partial.then(Hop(None, traffic, ""), answer).end(address.url)
        side = self._connections.leaves_for(caller, address.host if address.is_ip else None, address.port)
        resource = side.permit.resource if side.permit else None
        partial = partial.then(Hop(resource, traffic, side.rule), side.answer if not side.open else YES)
        return partial.doubted(self._admission(caller, side, address)).end(address.url)

    def _sends_ipv6(self, caller: Resource) -> Answer:
        """https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-ipv6"""
        allowed = given(caller, "vpcConfig", "ipv6AllowedForDualStack")
        if caller.type not in types.FUNCTION or allowed.flag(absent=False):
            return YES
        reason = f"{self._model.names.of(caller)} sends no IPv6 without ipv6AllowedForDualStack"
        return refuse(reason, [allowed.ground()])

    def _admission(self, caller: Node, side: Side, address: Address) -> str:
        """What the machine at an address of its own must be or admit, as far as this stack does not see to it."""
        groups, permit = self._model.groups, side.permit
        named = permit.group if permit is not None else ""
        if not named and not is_private(address.host) and not self._stays_private(caller, permit, address):
            return side.uncertainty
        rules = groups.ingress(named) if named else []
        if any(rule.group in caller.groups and rule.carries("tcp", address.port) for rule in rules):
            outside = "" if groups.resource(named) else ", a group outside this stack"
            return f"whether {address.host} is in {groups.name(named)}{outside}"
        own = listed([groups.name(group) for group in caller.groups])
        return f"the security group of {address.host} is not in this stack; it must admit {own} on tcp {address.port}"

    def _stays_private(self, caller: Node, permit: AllowRule | None, address: Address) -> bool:
        """Whether a name can only be of a private address: the caller's groups let it go to no other."""
        if permit is None or address.is_ip:
            return False
        ranges = [cidr for group in caller.groups for cidr in self._model.groups.together(group, permit)]
        return bool(ranges) and all(map(is_private, ranges))

    @staticmethod
    def _sign_in(listeners: list[Resource]) -> str:
        actions = [text(kind) for one in listeners for kind in spread(held(one, "defaultActions"), "type")]
        return "sign-in" if any(action.startswith("authenticate-") for action in actions) else ""


def _outside(uri: Any) -> str:
    return text(uri) or "what is known only after deployment"
