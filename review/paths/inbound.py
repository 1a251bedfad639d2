"""Every path by which a request reaches a backend, or is stopped on the way."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ..aws.catalog import types
from ..aws.compute.machines import has_copies
from ..aws.gateway.api import ApiKind
from ..aws.identity.iam import match_glob
from ..aws.model.model import AwsModel
from ..aws.network.nodes import Node
from ..aws.network.route import Family
from ..graph import UNKNOWN, Resource
from ..graph.evidence import get_deployed_input
from ..graph.reading import as_text
from .api_paths import ApiPaths
from .connections import Connections
from .exposure import INTERNET, Entry, Exposure
from .onward import Onward
from .other_accounts import find_account
from .path import Hop, Kind, PartialPath, Path, remove_duplicates
from .private import PrivateApis

_INVOKE: Final = "lambda:InvokeFunction"
ANY_ACCOUNT: Final = "any AWS account"
ACROSS_ACCOUNTS: Final = frozenset({"s3", "ses", "sns"})
"""Services that call a function of another account for a resource of anybody's."""
_WITHIN_ACCOUNT: Final = frozenset(
    {"apigateway", "elasticloadbalancing", "logs", "scheduler", "secretsmanager"},
)
"""Services that call functions only for resources of their own account, or for callers of another service."""


class Inbound:
    """Follows requests from every source to the backends."""

    def __init__(self, model: AwsModel, connections: Connections) -> None:
        self._model, self._connections = model, connections
        self.onward = Onward(model, connections)
        self.exposure = Exposure(model, connections)

    def list_paths(self) -> list[Path]:
        """By source: APIs, balancers, then machines themselves."""
        designed = [*self._trace_apis()]
        balancers = map(self._model.nodes.find, self._model.graph.list_by_type(*types.LOAD_BALANCER))
        balanced = [path for balancer in balancers for path in self._trace_balancer(balancer)]
        undeclared = list(self._trace_undeclared_callers())
        direct = [path for node in self._list_machines() for path in self._trace_direct(node)]
        called = [*self._trace_callers(), *self._from_any_account()]
        return remove_duplicates([*designed, *balanced, *undeclared, *called, *direct, *self.exposure.trace_others()])

    def list_backends(self) -> list[Resource]:
        """Machines and functions that requests end at. Valid after `paths`.

        If no path ends at one, all that balancers have as targets, else all compute.
        """
        groups = self._model.graph.list_by_type(*types.TARGET_GROUP) if not self.onward.reached else ()
        served = [
            target.resource for group in groups for target in self._model.targets.list_targets(group) if target.resource
        ]
        targets = {resource.urn: resource for resource in served if resource.type in types.COMPUTE}
        return [*(self.onward.reached or targets).values()] or [node.resource for node in self._list_machines()]

    def _trace_apis(self) -> Iterator[Path]:
        apis = ApiPaths(self._model, self.onward)
        private = PrivateApis(self._model, self._connections, self.onward, self.exposure)
        for api in self._model.apis.all:
            if api.kind is ApiKind.PRIVATE:
                yield from private.list_paths(api)
            else:
                yield from apis.trace_into(PartialPath(source=INTERNET), api)

    def _list_entries(self, node: Node) -> Iterator[Entry]:
        """Connections to a balancer that do not come from its API."""
        facing = any(node.has_public_address(family) is not False for family in Family)
        from_outside = [entry for entry in self.exposure.from_internet(node) if facing or entry.partial.open]
        members = self.exposure.from_members(node, self.onward.called)
        yield from (*from_outside, *self.exposure.from_inside(node), *members)

    def _trace_balancer(self, node: Node) -> Iterator[Path]:
        """Requests that come to a balancer, by each of its listeners."""
        for entry in self._list_entries(node):
            for listener in self._model.balancers.list_listeners(node.resource):
                number = self._model.balancers.find_port(listener)
                protocol = self._model.balancers.find_protocol(listener)
                if entry.carries(protocol, number):
                    partial = entry.restrict_to_listener(protocol, number)
                    yield from self.onward.trace_balancer(partial, None, node.resource, number, listener, entry.client)

    def _trace_undeclared_callers(self) -> Iterator[Path]:
        """Requests by APIs and load balancers that the program does not declare."""
        start = PartialPath(source=INTERNET)
        for function, permission in self._model.permissions.list_for_other_apis(self._model.apis.all):
            uncertainty = f"who may call the API of {permission.name}, which is not in this stack"
            yield from self.onward.trace_function(start.add_doubts(uncertainty), function, permission.name)
        question = "who reaches the load balancer of {}, which is not in this stack"
        for by in filter(self._model.balancers.may_forward_outside, self._model.balancers.list_foreign_listeners()):
            partial = start.add_doubts(question.format(by.name), f"which targets {by.name} forwards to")
            yield partial.end(f"targets of {by.name}")
        for target in self._model.balancers.list_foreign_targets():
            if target.resource is not None:
                by = target.declared_by
                partial = start.add_doubts(question.format(by.name))
                if target.resource.type in types.FUNCTION:
                    yield from self.onward.trace_function(partial, target.resource, by.name)
                else:
                    yield self.onward.arrive(partial, target.resource)

    def _list_machines(self) -> Iterator[Node]:
        """Nodes that run code and take connections: not functions, and not gateways."""
        for resource in self._model.graph.list_by_type(*types.MACHINES, *types.INTERFACE):
            node = self._model.nodes.find(resource)
            if node.interfaces:
                yield node

    def _trace_direct(self, node: Node) -> Iterator[Path]:
        """Connections to a machine that need only the network. Machines that are no backend have only open ways."""
        resource = node.resource
        backend = resource.urn in self.onward.reached or not self.onward.reached
        from_outside = self.exposure.from_internet(node)
        for entry in from_outside:
            if backend or entry.partial.open:
                yield self._make_path(entry, node)
        if not backend or node.forwards:
            return
        if not from_outside:
            start = PartialPath(source=INTERNET).add_answer(self.exposure.internet.find_obstacle(node))
            yield start.end(self._model.names.find(resource), resource)
        yield from self.trace_neighbours(node)

    def trace_neighbours(self, node: Node) -> Iterator[Path]:
        """Connections to a machine from inside: its network, and members of groups."""
        for entry in (*self.exposure.from_inside(node), *self.exposure.from_members(node, self.onward.called)):
            yield self._make_path(entry, node)

    def _trace_callers(self) -> Iterator[Path]:
        """Calls of functions by their URLs, and by queues, topics, buckets and events."""
        for caller in self._model.callers:
            partial = PartialPath(source=caller.source).add_answer(caller.answer)
            if caller.needs:
                proofs = () if caller.is_public else (caller.needs,)
                partial = partial.add_hop(Hop(caller.by, caller.needs, caller.by.name, caller.by.name, proofs))
            yield from self.onward.trace_function(partial, caller.function, caller.by.name, check=caller.check)

    def _from_any_account(self) -> Iterator[Path]:
        """Calls of functions by services of AWS, for any account, since the permission names no source.

        https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
        """
        for function, permission, limits in self._model.permissions.list_without_source():
            principal, action = (get_deployed_input(permission, key) for key in ("principal", "action"))
            is_call = action is UNKNOWN or match_glob(as_text(action).lower(), _INVOKE.lower())
            service = _find_service(as_text(principal))
            start = PartialPath(source=ANY_ACCOUNT).add_answer(limits)
            if principal == "*" and is_call:
                is_unknown = get_deployed_input(permission, "invokedViaFunctionUrl") is UNKNOWN
                start = start.add_doubts(f"whether {permission.name} admits only calls of function URLs" * is_unknown)
                start = start.add_doubts(f"which action {permission.name} allows" * (action is UNKNOWN))
                yield from self.onward.trace_function(start, function, permission.name, "by its own policy")
            elif service and service not in _WITHIN_ACCOUNT:
                uncertainty = "" if service in ACROSS_ACCOUNTS else f"whether {service} calls it for other accounts"
                start = start.add_doubts(uncertainty)
                yield from self.onward.trace_function(start, function, permission.name, f"through {service}")

    def _make_path(self, entry: Entry, node: Node) -> Path:
        kind = Kind.PEOPLE if entry.permit is not None and entry.permit.is_shell else Kind.INBOUND
        running = entry.partial.add_answer(has_copies(self._model.graph, node.resource), node.resource)
        return replace(running, kind=kind).arrive(node.resource, self._model.names.find(node.resource))


def _find_service(principal: str) -> str:
    """The service that a principal stands for: `s3`, `alexa-appkit`. Empty for an account or everybody."""
    if find_account(principal):
        return ""
    return principal.partition(".")[0] if ".amazon" in principal else principal
