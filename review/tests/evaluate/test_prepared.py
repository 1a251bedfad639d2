"""Processes that wait for a program, and get none."""

import select
from pathlib import Path

import pytest

from review.evaluate.process import Launcher, _Copy
from review.tests.helpers.stacks import project


def test_a_review_that_ends_before_its_program_starts_prints_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A mistake in a stack file is found while the processes start. Then their connections are closed."""
    launcher = Launcher(tmp_path)
    with launcher.prepared(project()):
        copy = launcher._prepared[project().root][False]
        assert isinstance(copy, _Copy)
        # The copy has written its process ID, which nobody reads.
        assert select.select([copy._line], [], [], 60)[0]
    assert capfd.readouterr() == ("", "")
