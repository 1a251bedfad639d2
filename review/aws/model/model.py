"""The model: the machines and containers of one graph, by which the cost of it is counted."""

from functools import cached_property

from ...graph import Graph
from ..compute.containers import Containers
from ..compute.machines import Machines


class AwsModel:
    """The indexes over a graph, each built on first use."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    machines = cached_property(lambda self: Machines(self.graph))
    containers = cached_property(lambda self: Containers(self.graph))
