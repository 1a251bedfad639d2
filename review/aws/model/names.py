"""How a reader knows a resource: by its component if that is enough, else by its own name."""

from typing import Final

from ...graph import Graph, Resource
from ...graph.reading import as_text, get_declared_input
from ..catalog import types
from ..network.endpoints import format_service

_KINDS: Final = {
    **dict.fromkeys(types.LINKS, "link"),
    **dict.fromkeys(types.CLOUD_MAP_SERVICE, "registry"),
    **dict.fromkeys(types.NAT_GATEWAY, "NAT gateway"),
    **dict.fromkeys(types.EGRESS_ONLY_GATEWAY, "egress-only gateway"),
    **dict.fromkeys(types.CONNECT_ENDPOINT, "Instance Connect endpoint"),
}
_ALONE: Final = (*types.NAT_GATEWAY, *types.EGRESS_ONLY_GATEWAY, *types.CONNECT_ENDPOINT)
"""Types that need no other name."""

_MACHINES: Final = (*types.COMPUTE, *types.APIS)
_PRINCIPAL: Final = (*_MACHINES, *types.INTERFACE)
"""Types that a component is about: it lends them its name."""


class Names:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def find(self, resource: Resource) -> str:
        """`front`, `nat`, `ingress link`, `execute-api endpoint`; the logical name of a resource outside components."""
        if resource.type in types.ENDPOINT:
            service = as_text(get_declared_input(resource, "serviceName")).rpartition(".")[2]
            return f"{format_service(service) or resource.name} endpoint"
        component, kind = self._find_component(resource), _KINDS.get(resource.type, "")
        if component is None:
            return resource.name
        if resource.type in types.LOAD_BALANCER:
            kind = "nlb" if get_declared_input(resource, "loadBalancerType") == "network" else "alb"
        # `nat` for a component `network-nat` inside `network`.
        outer = self._find_component(component)
        name = component.name.removeprefix(f"{outer.name}-") if outer is not None else component.name
        if resource.type in _PRINCIPAL:
            # An update that replaces a machine lists it twice.
            children = self._graph.list_children(component.urn)
            machines = {(child.type, child.name) for child in children if child.type in _MACHINES}
            return name if len(machines) <= 1 or resource.type in types.INTERFACE else resource.name
        if resource.type in _ALONE:
            return kind
        return f"{name} {kind}" if kind else resource.name

    def _find_component(self, resource: Resource) -> Resource | None:
        """The nearest component of the program around a resource."""
        parent = self._graph.resources.get(resource.parent or "")
        while parent is not None and (parent.custom or parent.type == "pulumi:pulumi:Stack"):
            parent = self._graph.resources.get(parent.parent or "")
        return parent
