"""Every stack file of the project, run once a session and remembered."""

import functools
import json
import os
from pathlib import Path
from typing import Any

import pytest

from review.evaluate.problems import ProgramError, StackFileError
from review.evaluate.project_file import Project, load
from review.evaluate.runner import Evaluation
from review.evaluate.stack_file import from_document, read_stack
from review.graph import Graph
from review.tests.helpers.in_process.evaluation import run
from review.tests.helpers.in_process.kept import keep

REVIEW = Path(__file__).parents[2]
ROOT = REVIEW.parent
"""The folder that `review` is imported from."""
PROGRAM = Path(os.environ.get("GATEHOUSE_PROGRAM", ROOT))
"""The program whose stacks are reviewed and served here: Gatehouse's own, in the folder around or in another."""
EXAMPLES = sorted(str(path.relative_to(PROGRAM)) for path in (PROGRAM / "examples").glob("*.yaml"))
# By name: stacks that an adopter adds are not held to snapshots of ours.
STACKS = ["dev", "prod"]
# One process runs all tests of a stack, so that it is evaluated once.
ALL = [pytest.param(one, marks=pytest.mark.xdist_group(one)) for one in STACKS + EXAMPLES]
_VARIED = (
    *("aws-services", "existing-backend", "existing-balancer", "fortress", "functions", "http-alb-ec2"),
    *("http-cloudmap-fargate", "instead-of-public-balancer", "internal-api", "jwt-http", "nothing-out"),
    *("private-cross-account", "private-greeter", "second-stack", "streaming", "three-services", "two-webhooks"),
    *("webhook", "webhook-second-sender"),
)
VARIED = [one for one in ALL if Path(str(one.values[0])).stem in _VARIED]
"""Stacks that together have each argument of each component and each type of resource: test_consistency.py."""
_REFUSALS = (ProgramError, StackFileError)
_remembered = functools.cache(
    lambda config: keep(lambda: graph_with(json.loads(config)), "config", config, refusals=_REFUSALS)
)


@functools.cache
def project() -> Project:
    """This project, by its Pulumi.yaml."""
    return load(PROGRAM)


@functools.cache
def graph_of(stack: str, *, known: bool = True) -> Graph:
    """The graph of a stack of the project or of a stack file."""
    return keep(lambda: run(project(), read_stack(project(), stack), known=known, reimport=False), stack, known)


def find_line(text: str, file: str = "Pulumi.dev.yaml") -> str:
    """Where a text stands in a file of the program, which has it once: `Pulumi.dev.yaml:16`."""
    lines = (PROGRAM / file).read_text().splitlines()
    (number,) = (number for number, line in enumerate(lines, 1) if text in line)
    return f"{file}:{number}"


def evaluation(stack: str) -> Evaluation:
    """Both graphs of such a stack: one with stand-ins, one without."""
    return Evaluation(graph_of(stack), graph_of(stack, known=False))


def graph_with(config: dict[str, Any], *, known: bool = True) -> Graph:
    """The graph of a config that stands in no file; keys without a namespace are the project's.

    A key without a value is left out, the region too.
    """
    given = {key: value for key, value in {"aws:region": "eu-west-1", **config}.items() if value is not None}
    return run(project(), from_document(project(), "test", {"config": given}), known=known, reimport=False)


def remembered(config: dict[str, Any]) -> Graph:
    """The same, evaluated once: for tests that change nothing of what a program finds."""
    return _remembered(json.dumps(config))


def evaluation_with(config: dict[str, Any]) -> Evaluation:
    """Both graphs of such a config: one with stand-ins, one without."""
    return Evaluation(graph_with(config), graph_with(config, known=False))


def evaluation_of(copy: Project, stack: str) -> Evaluation:
    """Both graphs of a stack of a copy of the project, by the modules that are imported already."""
    found = read_stack(copy, stack)
    return Evaluation(*(run(copy, found, known=known, reimport=False) for known in (True, False)))
