"""A report that many tests render, and its schema."""

import json
from typing import Any

import pytest

from review.evaluate.project_file import load
from review.evaluate.stack_file import read_stack
from review.report.report import Report, report
from review.tests.helpers.in_process.evaluation import evaluate
from review.tests.helpers.stacks import ROOT


@pytest.fixture(scope="module")
def house() -> Report:
    project = load(ROOT / "review" / "tests" / "programs" / "house")
    return report(evaluate(project, read_stack(project, "dev")))


@pytest.fixture(scope="module")
def schema() -> Any:
    return json.loads((ROOT / "review" / "docs" / "review.schema.json").read_text(encoding="utf-8"))
