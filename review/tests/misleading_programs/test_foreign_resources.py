"""No resource that the review does not read makes a "no" false, each doubt names it, and harmless ones cause none."""

import fnmatch
from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.aws.model.unread import list_referring
from review.graph import Graph
from review.graph.unread import list_unread_referrers
from review.rules import check
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.stack_parts import paths
from review.tests.helpers.steps import declare_steps
from review.tests.misleading_programs.beside import Beside
from review.tests.misleading_programs.foreign_cases import CASES, STACKS


def both(case: Beside, *, known: bool) -> tuple[Graph, Graph]:
    """The stack without the unread resource, and with it."""
    # A resource remembers what it was asked, so the second graph has others.
    build, again = Builder(known=known), Builder(known=known)
    declare_steps(STACKS[case.stack])(build)
    declare_steps([*STACKS[case.stack], case.unread_resource])(again)
    return build.graph(), again.graph()


def lines(graph: Graph) -> dict[str, Any]:
    return {str(path): path for path in paths(graph)}


def findings(graph: Graph) -> set[tuple[str, str, str]]:
    return {(one.rule.id, one.status.value, one.message) for one in check(graph)}


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("name", CASES)
def test_an_unread_resource_beside_a_stack(name: str, known: bool) -> None:
    case = CASES[name]
    before, after = both(case, known=known)
    said = lines(after)
    named = [*list_referring(after)]
    assert named == (["unread"] if case.truth == "cannot tell" else [])
    if case.truth == "none":
        assert said.keys() == lines(before).keys()
        assert findings(after) == findings(before)
    if wanted := case.line:
        # The brackets of a line are no set of characters.
        assert fnmatch.filter(said, wanted), [*said]
    if rule := case.rule:
        assert rule in {identity for identity, status, _ in findings(after) if status == "failed"}
    referred = {resource.urn for resource in after if list_unread_referrers(resource)}
    wrong = [line for line, path in said.items() if {fact.resource.urn for fact in path.because} & referred]
    assert wrong == []


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.truth == "cannot tell"])
def test_no_answer_rests_on_what_an_unread_resource_refers_to(name: str, known: bool) -> None:
    before, after = both(CASES[name], known=known)
    AwsModel(after)
    referred = {resource.urn for resource in after if list_unread_referrers(resource)}
    rested = {line for line, path in lines(before).items() if {fact.resource.urn for fact in path.because} & referred}
    closed = {line for line, path in lines(after).items() if not path.open}
    assert rested.isdisjoint(closed)
