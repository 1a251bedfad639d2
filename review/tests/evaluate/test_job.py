"""Jobs and results between the review and the program's process."""

import io
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from review.evaluate.job import Job, _JobReader, dump, load_job, load_result
from review.evaluate.problems import Problem, ProgramError, StackFileError
from review.evaluate.stack_file import read_stack
from review.graph import UNKNOWN
from review.tests.helpers.stacks import graph_of, project


def test_a_graph_is_the_same_after_its_way() -> None:
    graph = graph_of("dev", known=False)
    for each in (graph, *graph):
        each.answered[project] = []  # what is remembered at it is no part of what the program declared
    read = load_result(dump(graph))
    assert read == graph
    assert not isinstance(read, ProgramError | StackFileError)
    values = [value for resource in read for value in resource.inputs.values() if repr(value) == "unknown"]
    assert values
    assert all(value is UNKNOWN for value in values)


def test_an_error_is_the_same_after_its_way() -> None:
    error = StackFileError("Pulumi.dev.yaml", [Problem("aws:region", None, "it is not set")])
    read = load_result(dump(error))
    assert isinstance(read, StackFileError)
    assert (str(read), read.problems) == (str(error), error.problems)


def test_a_job_names_paths_and_the_package_as_every_python_does() -> None:
    """Python 3.13 has other modules of its paths, and the program's process has the package under another name."""
    job = Job(project(), read_stack(project(), "dev"), known=True, strict=True)
    assert b"pathlib" not in dump(job)
    assert load_job(dump(job)) == job
    reader = _JobReader(io.BytesIO())
    assert [reader.find_class(f"{name}.evaluate.job", "Job") for name in ("review", "gatehouse_review")] == [Job, Job]


class _Call:
    def __init__(self, called: Callable[..., object], *arguments: object) -> None:
        self._called = called, arguments

    def __reduce__(self) -> Any:
        return self._called


@pytest.mark.parametrize("value", [_Call(os.mkdir, "made"), Path("x"), "text", {"resources": {}}, print, UNKNOWN])
def test_of_bytes_of_a_program_no_code_runs(value: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProgramError, match="did not report what it declared"):
        load_result(pickle.dumps(value))
    assert not list(tmp_path.iterdir())
