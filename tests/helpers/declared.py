"""What a program declared and how a run of it ends: all of the review that the program's tests read.

The review's evaluator stands in for the engine there. `tests/helpers` alone imports it.
"""

from review.aws.identity.iam import Decision
from review.evaluate.mocks import lookups
from review.evaluate.mocks.resources import DECLARED
from review.evaluate.problems import ProgramError
from review.evaluate.project_file import Project, load
from review.evaluate.stack_file import Stack, from_document, read_stack
from review.graph import UNKNOWN, Graph, Resource, Secret, reveal

__all__ = [
    "DECLARED",
    "UNKNOWN",
    "Decision",
    "Graph",
    "ProgramError",
    "Project",
    "Resource",
    "Secret",
    "Stack",
    "from_document",
    "load",
    "lookups",
    "read_stack",
    "reveal",
]  # fmt: skip
