"""Declares components on the review's evaluator, for tests of what the review says of them."""

from collections.abc import Callable
from pathlib import Path

from review.evaluate.project_file import Project
from review.evaluate.stack_file import Stack
from review.graph import Graph
from review.tests.helpers.in_process.evaluation import run

_FOLDER = Path(__file__).with_name("program")
_PROJECT = Project(
    name="gatehouse", root=_FOLDER, main=_FOLDER / "__main__.py", stack_dir=_FOLDER, virtualenv=None, declarations={}
)
_waiting: list[Callable[[], object]] = []


def declare(program: Callable[[], object]) -> Graph:
    """What `program` declares."""
    _waiting[:] = [program]
    region = {"aws:region": "eu-west-1"}
    return run(_PROJECT, Stack(name="test", config=region, parsed=region), reimport=False)


def hand_over() -> Callable[[], object]:
    """The program that waits to be run."""
    return _waiting.pop()
