"""Reports that many tests render, and their schema."""

import html
import json
from typing import Any

import pytest

from review.cost import Usage
from review.evaluate.project_file import Project
from review.evaluate.stack_file import read_stack
from review.report.render.json_report import as_json
from review.report.render.markdown import format_markdown
from review.report.render.text import Parts, format_plain
from review.report.report import Report, report
from review.tests.helpers.in_process.evaluation import evaluate
from review.tests.helpers.stacks import REVIEW, evaluation_with

HOUSE: dict[str, Any] = {
    "topology": "public-proxy",
    "network": {"egress": "nat-instance"},
    "backend": {"image": "traefik/whoami:v1.11.0", "platform": "linux/arm64", "port": 8080},
    "proxy": {"timeoutSeconds": 1},
    "api": {
        "kind": "rest",
        "throttle": {"rate": 100, "burst": 50},
        "routes": [{"path": "/forward", "methods": ["GET", "POST"], "authorization": "none", "keyRequired": True}],
        "plans": {"partners": {"keys": ["me"]}},
    },
}
"""A stack with a key, a forwarder, a backend and a NAT instance."""


@pytest.fixture(scope="module")
def house() -> Report:
    return report(evaluation_with(HOUSE))


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
