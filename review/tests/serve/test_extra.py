"""Without the packages of the extra `try`, an import of the test helpers names the extra."""

import subprocess
import sys

import pytest

from tests.stacks import ROOT

WITHOUT = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
import {module}
"""


@pytest.mark.parametrize("module", ["review.serve.testing", "review.serve.pytest_fixture"])
def test_the_extra_is_named(module: str) -> None:
    program = WITHOUT.format(missing="httpx", module=module)
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last == 'ModuleNotFoundError: review.serve.testing needs httpx: install this package with its extra "try"'


def test_another_missing_module_is_not_taken_for_it() -> None:
    program = WITHOUT.format(missing="pulumi", module="review.serve.testing")
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "extra" not in done.stderr
    assert "No module named 'pulumi" in done.stderr
