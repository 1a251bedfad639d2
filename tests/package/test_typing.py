"""The library's types, as a user's mypy sees them. `make lint` reads the examples with the types of the AWS SDK too."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.helpers.stacks import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("installed")]
# The AWS SDK takes mypy most of a minute, and is not ours.
SETTINGS = """[mypy]
strict = true
[mypy-pulumi_aws.*,pulumi_awsx.*]
follow_imports = skip
"""


def test_a_program_is_typed_by_the_installed_package(installed: Path, tmp_path: Path) -> None:
    assert (installed / "gatehouse_review" / "py.typed").exists()
    venv.create(tmp_path / "venv", symlinks=True)
    (packages,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    shared = Path(sys.prefix) / "lib" / packages.parent.name / "site-packages"
    (packages / "shared.pth").write_text(f"{installed}\n{shared}\n")
    (tmp_path / "mypy.ini").write_text(SETTINGS)
    python = ["--python-executable", str(tmp_path / "venv" / "bin" / "python")]
    options = ["--config-file", str(tmp_path / "mypy.ini"), "--cache-dir", str(tmp_path / "cache")]
    command = [sys.executable, "-m", "mypy", *python, *options, str(ROOT / "tests" / "package" / "user.py")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
