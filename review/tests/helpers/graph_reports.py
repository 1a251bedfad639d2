"""Parts of the report on a graph: its bill, the rules that fail, and the comparison with another graph."""

from dataclasses import replace

from review import cost
from review.aws.model.model import AwsModel
from review.compare.comparison import Comparison, compare
from review.cost import Estimate, Usage
from review.cost.prices import Prices
from review.graph import Graph
from review.recording.resources import COMPONENT
from review.report.described import describe
from review.rules.check import Status, check


def estimate(graph: Graph, usage: Usage | None = None, prices: Prices | None = None) -> Estimate:
    """The bill as if components declared all that the graph has: nothing else is priced."""
    return cost.estimate(AwsModel(of_components(graph)), usage, prices)


def of_components(graph: Graph) -> Graph:
    """The graph as if components declared everything in it."""
    resources = {urn: replace(each, declared_by=COMPONENT) for urn, each in graph.resources.items()}
    return replace(graph, resources=resources)


def list_failures(graph: Graph) -> list[str]:
    """`LOG-01 front-api: …` for each finding that fails."""
    found = [finding for finding in check(graph) if finding.status is Status.FAILED]
    return [f"{finding.rule.id} {finding.message}" for finding in found]


def compare_graphs(before: Graph, after: Graph) -> Comparison:
    """The comparison of two versions of a stack."""
    return compare(before, after, Usage(), "before", describe=describe)
