"""Habits of other people's programs that once ended in a false finding, a made-up number or no report."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from review.evaluate.stack_file import read_stack
from review.report.render.text import plain
from review.report.report import report
from review.tests.helpers.in_process.evaluation import evaluate

HABITS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("habits.yaml").read_text())


@pytest.mark.parametrize("name", HABITS)
def test_habit(write_project: Any, name: str) -> None:
    habit = HABITS[name]
    config = "config: {}\n" if "config" in habit else ""
    project = write_project(f"import json\nimport pulumi\nimport pulumi_aws as aws\n{habit['program']}", config=config)
    text = " ".join(plain(report(evaluate(project, read_stack(project, "dev"), strict=False))).split())
    assert habit["says"] in text
    assert habit["never"] not in text
