"""A copy of the project under another name has the same review."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from review.evaluate.answers import read as read_answers
from review.evaluate.project_file import load
from review.evaluate.stack_file import read_stack
from review.facts.statements import PACKAGE
from review.report.render.text import format_plain
from review.report.report import Report, report
from review.tests.helpers.fixture_types import Write
from review.tests.helpers.in_process.evaluation import evaluate
from review.tests.helpers.stacks import ALL, PROGRAM, VARIED, evaluation, evaluation_of, graph_of


def under_another_name(stack: str) -> Report:
    """The review of a stack in a copy of the project with another name."""
    project = load(PROGRAM)
    renamed = {key.replace(f"{project.name}:", "shop:"): value for key, value in project.declarations.items()}
    declarations = {key: replace(declaration, key=key) for key, declaration in renamed.items()}
    copy = replace(project, name="shop", declarations=declarations, answers=read_answers(PROGRAM, "shop"))
    return report(evaluation_of(copy, stack))


@pytest.mark.parametrize("stack", ["dev", "prod", "examples/webhook.yaml"])
def test_a_copy_of_the_project_under_another_name_reviews_the_same(stack: str) -> None:
    title, _, body = format_plain(under_another_name(stack)).partition("\n")
    assert title.startswith("shop")
    assert body.replace("shop:", "gatehouse:") == format_plain(report(evaluation(stack))).partition("\n")[2]


def test_waivers_and_acknowledgements_count_under_any_name() -> None:
    found = under_another_name("examples/open-proxy.yaml")
    assert ([each.acknowledged for each in found.anyone], found.failed) == ([True], False)


EVERYTHING = (Path(__file__).parent / "programs" / "everything" / "__main__.py").read_text()


def test_a_program_reviews_the_same_as_lb_and_as_alb(write_project: Write) -> None:
    def of(text: str) -> list[str]:
        project = write_project(text)
        found = report(evaluate(project, read_stack(project, "dev"), strict=False))
        facts = [str(path) for path in found.paths]
        facts += [f"{finding.rule.id} {finding.status} {finding.message}" for finding in found.findings]
        facts += [f"{line.resource.name} {line.label} {line.quantity} {line.amount}" for line in found.bill.lines]
        # The order of the graph is that of URNs, in which the token is.
        return sorted([*facts, *format_plain(found).splitlines()])

    assert "aws.lb." in EVERYTHING
    assert of(EVERYTHING.replace("aws.lb.", "aws.alb.")) == of(EVERYTHING)


def test_the_varied_stacks_have_what_all_stacks_have() -> None:
    def list_parts(stacks: list[Any]) -> set[tuple[str, str]]:
        resources = [one for stack in stacks for one in graph_of(str(stack.values[0]))]
        return {(one.type, key) for one in resources for key in (one.inputs if PACKAGE in one.type else ("",))}

    assert list_parts(ALL) - list_parts(VARIED) == set()
