"""The types of the fixtures, and what most programs of tests begin with."""

from collections.abc import Callable

from review.evaluate.project_file import Project
from review.graph import Graph
from review.report.report import Report

Write = Callable[..., Project]
Run = Callable[..., Graph]
Review = Callable[[str], Report]
HEAD = "import pulumi\nimport pulumi_aws as aws\n"
