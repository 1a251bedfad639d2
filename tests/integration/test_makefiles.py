"""What the targets of the Makefiles run."""

import shutil
import subprocess
from pathlib import Path

from review.tests.helpers.stacks import ROOT


def test_the_review_takes_a_folder_of_its_tests_in_a_path_with_a_space(tmp_path: Path) -> None:
    review = tmp_path / "my project" / "review"
    (review / "tests/rules").mkdir(parents=True)
    shutil.copy(ROOT / "review/Makefile", review)
    command = ["make", "--dry-run", "--no-print-directory", "-C", str(review), "test", "VENV=/x", "ARGS=tests/rules"]
    (*_, tests) = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert tests.endswith('-m "not slow" review/tests/rules')
