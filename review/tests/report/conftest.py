"""Reports that many tests render, and their schema."""

import html
import json
from typing import Any

import pytest

from review.cost import Usage
from review.evaluate.project_file import Project, load
from review.evaluate.stack_file import read_stack
from review.report.render.json_report import as_json
from review.report.render.markdown import format_markdown
from review.report.render.text import Parts, format_plain
from review.report.report import Report, report
from review.tests.helpers.in_process.evaluation import evaluate
from review.tests.helpers.stacks import REVIEW


@pytest.fixture(scope="module")
def house() -> Report:
    project = load(REVIEW / "tests" / "programs" / "house")
    return report(evaluate(project, read_stack(project, "dev")))


@pytest.fixture(scope="session")
def schema() -> Any:
    return json.loads((REVIEW / "docs" / "review.schema.json").read_text(encoding="utf-8"))


def report_of(project: Project, usage: Usage | None = None) -> Report:
    return report(evaluate(project, read_stack(project, "dev"), strict=False), usage)


def forms(found: Report, *, verbose: bool = False) -> list[str]:
    """The report as text, Markdown and JSON, whose words are the same but for spaces and signs of each form."""
    page = html.unescape(format_markdown(found)).replace("\\", "")
    texts = [format_plain(found, parts=Parts(verbose=verbose)), page, as_json(found)]
    return [" ".join(text.replace("\u00a0", " ").split()) for text in texts]
