"""The bill of a graph, for tests that have no other use of the model."""

from review import cost
from review.aws.model.model import AwsModel
from review.cost import Estimate, Usage
from review.cost.prices import Prices
from review.graph import Graph


def estimate(graph: Graph, usage: Usage | None = None, prices: Prices | None = None) -> Estimate:
    return cost.estimate(AwsModel(graph), usage, prices)
