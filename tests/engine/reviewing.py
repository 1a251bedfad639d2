"""The review in this process. It evaluates programs one at a time, so cases that run side by side take turns."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Final

from review.compare.comparison import Comparison, compare
from review.cost import Usage
from review.evaluate.stack_file import from_document
from review.graph import Graph
from review.rules import Status, check
from review.tests.helpers.in_process.evaluation import run
from review.tests.helpers.stacks import graph_with, project

_REVIEWING: Final = threading.Lock()


def move(before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    """The review's answer on a change of config."""
    with _REVIEWING:
        old, new = (graph_with(dict(resources)) for resources in (before, after))
        return compare(old, new, Usage(), "the config before")


def graph(document: Mapping[str, Any]) -> Graph:
    """The graph of a stack file."""
    with _REVIEWING:
        return run(project(), from_document(project(), "test", dict(document)), reimport=False)


def inconclusive(document: Mapping[str, Any]) -> set[tuple[str, str, str]]:
    """Resource (`-` for the stack), message and severity of what the pack's rules cannot tell of a deployed stack."""
    findings = check(graph(document))
    return {
        (finding.resource.name if finding.resource else "-", finding.message, finding.rule.severity.value)
        for finding in findings
        if finding.status is Status.INCONCLUSIVE and finding.rule.in_pack
    }
