"""Parts of the report on a graph: its bill, the rules that fail, and the comparison with another graph."""

from review import cost
from review.aws.model.model import AwsModel
from review.compare.comparison import Comparison, compare
from review.cost import Estimate, Usage
from review.cost.prices import Prices
from review.graph import Graph
from review.report.described import describe
from review.rules.check import Status, check


def estimate(graph: Graph, usage: Usage | None = None, prices: Prices | None = None) -> Estimate:
    return cost.estimate(AwsModel(graph), usage, prices)


def list_failures(graph: Graph) -> list[str]:
    """`LOG-01 front-api: …` for each finding that fails."""
    found = [finding for finding in check(graph) if finding.status is Status.FAILED]
    return [f"{finding.rule.id} {finding.message}" for finding in found]


def compare_graphs(before: Graph, after: Graph) -> Comparison:
    """The comparison of two versions of a stack."""
    return compare(before, after, Usage(), "before", describe=describe)
