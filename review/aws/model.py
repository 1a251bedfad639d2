"""The model of AWS over one graph: what reach, cost, rules and report read, instead of raw inputs."""

from __future__ import annotations

import functools

from ..graph import Graph
from .apis import Apis
from .containers import Containers
from .dns import Dns
from .endpoints import ApiEndpoint, api_endpoints
from .lambda_permissions import LambdaPermissions
from .load_balancers import LoadBalancers
from .machines import Machines
from .names import Names
from .network_acls import NetworkAcls
from .nodes import Nodes
from .roles import Roles
from .routes import Routing
from .security_groups import SecurityGroups


class AwsModel:
    """The indexes over a graph, each built on first use."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    @functools.cached_property
    def groups(self) -> SecurityGroups:
        return SecurityGroups(self.graph)

    @functools.cached_property
    def network(self) -> Routing:
        return Routing(self.graph)

    @functools.cached_property
    def acls(self) -> NetworkAcls:
        return NetworkAcls(self.graph)

    @functools.cached_property
    def machines(self) -> Machines:
        return Machines(self.graph)

    @functools.cached_property
    def containers(self) -> Containers:
        return Containers(self.graph)

    @functools.cached_property
    def nodes(self) -> Nodes:
        return Nodes(self.graph, self.groups, self.network, self.machines)

    @functools.cached_property
    def balancers(self) -> LoadBalancers:
        return LoadBalancers(self.graph, self.nodes)

    @functools.cached_property
    def hosts(self) -> Dns:
        return Dns(self.graph, self.nodes)

    @functools.cached_property
    def apis(self) -> Apis:
        return Apis(self.graph)

    @functools.cached_property
    def api_endpoints(self) -> tuple[ApiEndpoint, ...]:
        return tuple(api_endpoints(self.graph, self.network))

    @functools.cached_property
    def permissions(self) -> LambdaPermissions:
        return LambdaPermissions(self.graph)

    @functools.cached_property
    def roles(self) -> Roles:
        return Roles(self.graph, self.machines, self.containers)

    @functools.cached_property
    def names(self) -> Names:
        return Names(self.graph)
