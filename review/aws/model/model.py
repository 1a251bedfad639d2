"""The model of AWS over one graph, which reach, cost, rules and report read instead of raw inputs."""

from functools import cached_property

from ...graph import Graph
from ...graph.asked import get_unrecorded, record_reads
from ..compute.containers import Containers
from ..compute.machines import Machines
from ..gateway.apis import Apis
from ..gateway.function_callers import list_callers
from ..gateway.lambda_permissions import LambdaPermissions
from ..identity.roles import Roles
from ..network.dns import Dns
from ..network.endpoints import list_api_endpoints
from ..network.load_balancers import LoadBalancers
from ..network.network_acls import NetworkAcls
from ..network.nodes import Nodes
from ..network.routes import Routing
from ..network.security_groups import SecurityGroups
from ..network.targets import Targets
from .names import Names


class AwsModel:
    """The indexes over a graph, each built on first use."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.asked = record_reads(graph)
        self.unrecorded = get_unrecorded(self.graph)
        """The same graph. What reads it, asks for nothing."""

    groups = cached_property(lambda self: SecurityGroups(self.graph))
    network = cached_property(lambda self: Routing(self.graph))
    acls = cached_property(lambda self: NetworkAcls(self.graph))
    machines = cached_property(lambda self: Machines(self.graph))
    containers = cached_property(lambda self: Containers(self.graph))
    nodes = cached_property(lambda self: Nodes(self.graph, self.groups, self.network, self.machines))
    targets = cached_property(lambda self: Targets(self.graph, self.nodes))
    balancers = cached_property(lambda self: LoadBalancers(self.graph, self.targets))
    hosts = cached_property(lambda self: Dns(self.graph, self.nodes))
    apis = cached_property(lambda self: Apis(self.graph))
    api_endpoints = cached_property(lambda self: tuple(list_api_endpoints(self.graph, self.network)))
    permissions = cached_property(lambda self: LambdaPermissions(self.graph))
    callers = cached_property(lambda self: tuple(list_callers(self.graph)))
    roles = cached_property(lambda self: Roles(self.graph, self.machines, self.containers))
    names = cached_property(lambda self: Names(self.graph))
