"""How a person gets onto a machine: Session Manager, an EC2 Instance Connect Endpoint, ECS Exec.

https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-prerequisites.html
"""

from collections.abc import Iterator

from ..aws.catalog import types
from ..aws.compute.user_data import read_boot_script, uses_dual_stack
from ..aws.identity.roles import Permission
from ..aws.model.model import AwsModel
from ..aws.network.nodes import Node
from ..aws.network.route import Family
from ..graph import Resource
from ..graph.answers import YES, Answer, make_doubt, rank, refuse
from ..graph.evidence import get_deployed_input, read_flag
from ..graph.prose import join_names
from ..graph.reading import Doubt
from .connections import Connections
from .outbound import Outbound
from .path import SESSION, Hop, Kind, PartialPath, Path

SESSION_SERVICES = ("ssm", "ssmmessages")
_SESSION_ACTION = "ssmmessages:OpenDataChannel"
_SSH = 22


class People:
    def __init__(self, model: AwsModel, connections: Connections, outbound: Outbound) -> None:
        self._model, self._connections, self._outbound = model, connections, outbound

    def list_paths(self, node: Node) -> Iterator[Path]:
        start = PartialPath(source=SESSION, kind=Kind.PEOPLE)
        permission = self.find_session_permission(node.resource)
        allowed_by = start.add_answer(permission.answer) if permission is not None else start
        if node.resource.type in types.SERVICE:
            allowed = read_flag(node.resource, "enableExecuteCommand", absent=False)
            if allowed is not False and permission is not None:
                allowed_by = allowed_by.add_doubts("" if allowed else f"whether {node.resource.name} allows ECS Exec")
                yield self._make_session_path(allowed_by, node, "ECS Exec", ("ssmmessages",), node.resource)
            return
        if permission is not None:
            yield self._make_session_path(allowed_by, node, "Session Manager", SESSION_SERVICES, permission.by)
        for endpoint in self._model.graph.list_by_type(*types.CONNECT_ENDPOINT):
            yield from self._trace_endpoint(start, node, self._model.nodes.find(endpoint))

    def find_session_permission(self, machine: Resource) -> Permission | None:
        """The permission of the machine's agent to take part in sessions."""
        return self._model.roles.find_permission(machine, _SESSION_ACTION)

    def reaches(self, node: Node, services: tuple[str, ...]) -> Answer:
        """Whether the agent reaches the services it needs. It calls over IPv4 by default."""
        over_ipv4 = best = self._outbound.find_internet_egress(node, Family.IPV4)
        if over_ipv4.answer is not YES and self._talks_dual_stack(node):
            both = over_ipv4, self._outbound.find_internet_egress(node, Family.IPV6)
            best = min(both, key=lambda egress: rank(egress.answer))
        served = self._outbound.map_endpoints(node)
        missing = [service for service in services if service not in served]
        if best.answer is YES or (missing and best.open):
            return best.answer
        if missing:
            reason = f"{over_ipv4.blocked_by}, and there is no endpoint for {' and '.join(missing)}"
            return refuse(reason, (*over_ipv4.because, *self._outbound.list_unplaced_endpoints(missing)))
        unnamed = [
            service for service in services if get_deployed_input(served[service], "privateDnsEnabled") is not True
        ]
        uncertainty = f"whether AWS's names lead to the endpoints of {join_names(unnamed)}, without private DNS"
        return make_doubt(uncertainty if unnamed else "")

    def _talks_dual_stack(self, node: Node) -> bool:
        """Whether the boot script configures the agent to use names that have IPv6 addresses."""
        try:
            return uses_dual_stack(read_boot_script(self._model.machines, node.resource))
        except Doubt:
            return True  # its text is known only after deployment: the network at least would do

    def _make_session_path(
        self, partial: PartialPath, node: Node, name: str, services: tuple[str, ...], by: Resource
    ) -> Path:
        own = self._model.names.find(node.resource)
        return partial.add_hop(Hop(by, "", by.name, name), self.reaches(node, services)).arrive(node.resource, own)

    def _trace_endpoint(self, partial: PartialPath, node: Node, endpoint: Node) -> Iterator[Path]:
        ours, theirs = self._model.nodes.list_networks(node), self._model.nodes.list_networks(endpoint)
        if ours and theirs and not ours & theirs:
            return
        uncertainty = "" if ours & theirs else f"whether {endpoint.resource.name} is in the VPC of {node.resource.name}"
        edge = self._connections.connect(endpoint, node, _SSH)
        if edge.open:
            own, by = self._model.names.find(node.resource), self._model.names.find(endpoint.resource)
            entered = partial.add_hop(Hop(endpoint.resource, "", endpoint.resource.name, by))
            yield entered.add_doubts(uncertainty).cross(edge).arrive(node.resource, own)
