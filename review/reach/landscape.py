"""Everything that reachability knows about one graph, read once and asked many times."""

from __future__ import annotations

import functools

from ..graph import Graph
from .acls import NetworkAcls
from .apis import Apis
from .balancers import Balancers
from .connections import Connections
from .groups import Groups
from .hosts import Hosts
from .names import Names
from .network import Network
from .nodes import Nodes
from .permissions import Permissions
from .references import References


class Landscape:
    """The indexes over a graph, each built when it is first asked."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    @functools.cached_property
    def groups(self) -> Groups:
        return Groups(self.graph)

    @functools.cached_property
    def network(self) -> Network:
        return Network(self.graph)

    @functools.cached_property
    def acls(self) -> NetworkAcls:
        return NetworkAcls(self.graph)

    @functools.cached_property
    def nodes(self) -> Nodes:
        return Nodes(self.graph, self.groups, self.network)

    @functools.cached_property
    def connections(self) -> Connections:
        return Connections(self.groups, self.network, self.acls, self.nodes)

    @functools.cached_property
    def balancers(self) -> Balancers:
        return Balancers(self.graph, self.nodes)

    @functools.cached_property
    def hosts(self) -> Hosts:
        return Hosts(self.graph, self.nodes)

    @functools.cached_property
    def apis(self) -> Apis:
        return Apis(self.graph)

    @functools.cached_property
    def permissions(self) -> Permissions:
        return Permissions(self.graph)

    @functools.cached_property
    def references(self) -> References:
        return References(self.graph)

    @functools.cached_property
    def names(self) -> Names:
        return Names(self.graph)
