"""Findings that fail, for tests."""

from review.graph import Graph
from review.rules.check import Status, check


def failures(graph: Graph) -> list[str]:
    """`LOG-01 front-api: …` for each finding that fails."""
    found = [finding for finding in check(graph) if finding.status is Status.FAILED]
    return [f"{finding.rule.id} {finding.message}" for finding in found]
