"""The script that prepares the virtual environment: one line for what is wrong, and the next run is right."""

import ast
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.stacks import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("environment")]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with nothing to install, prepared once, in a folder whose name has a space.

    It begins with an environment without pip. That is active, so its own Python is the first on the PATH.
    """
    folder = tmp_path_factory.mktemp("prepared") / "my project"
    (folder / "dev" / "tools").mkdir(parents=True)
    shutil.copy(ROOT / "dev" / "tools" / "environment.py", folder / "dev" / "tools")
    (folder / "requirements.txt").write_text("")
    (folder / "review").mkdir()
    (folder / "review" / "requirements.txt").write_text("-r ../requirements.txt\n")
    (folder / "dev" / "requirements.txt").write_text("-r ../review/requirements.txt\n")
    left = folder / ".venv" / "lib" / "left"
    venv.create(folder / ".venv", symlinks=True)
    left.mkdir()
    first = prepare(folder, python=str(folder / ".venv" / "bin" / "python3"))
    assert (first.returncode, "Installing" in first.stderr, left.exists()) == (0, True, False), first.stderr
    return folder


@pytest.fixture
def project(prepared: Path, tmp_path: Path) -> Path:
    """A copy: an environment takes seconds to make. It shares pip's files, which no test writes to."""

    def copy(source: str, target: str) -> None:
        (os.link if "site-packages" in source else shutil.copy2)(source, target)

    return shutil.copytree(prepared, tmp_path / "my project", symlinks=True, copy_function=copy)


@pytest.fixture
def quick(project: Path) -> Path:
    """The same with a pip that has nothing to do."""
    (pip,) = project.glob(".venv/lib/python*/site-packages/pip")
    shutil.rmtree(pip)
    pip.mkdir()
    for name in ("__init__.py", "__main__.py"):
        (pip / name).touch()
    return project


def prepare(project: Path, name: str = "review", python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    command = [python, "dev/tools/environment.py", name]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def test_it_installs_once_and_again_when_the_requirements_change(quick: Path) -> None:
    assert prepare(quick).stderr == ""
    (quick / "requirements.txt").write_text("# changed\n")
    assert "Installing" in prepare(quick).stderr
    assert "Installing" in prepare(quick, "dev").stderr
    # What tests need includes what a preview needs.
    (quick / ".venv" / ".review").unlink()
    assert prepare(quick).stderr == ""


def test_what_the_engine_needs_serves_the_tests_and_not_the_other_way_round(quick: Path) -> None:
    (quick / "dev" / "engine").mkdir()
    (quick / "dev" / "engine" / "requirements.txt").write_text("-r ../requirements.txt\n")
    assert "Installing" in prepare(quick, "dev").stderr
    (quick / ".venv" / ".review").unlink()
    assert "Installing" in prepare(quick, "engine").stderr
    (quick / ".venv" / ".dev").unlink()
    assert prepare(quick, "dev").stderr == prepare(quick).stderr == ""


def test_a_failed_installation_is_taken_up_again(project: Path) -> None:
    (project / ".venv" / ".review").unlink()
    (project / "requirements.txt").write_text("./nowhere\n")
    failed = prepare(project)
    assert (failed.returncode, (project / ".venv" / ".review").exists()) == (1, False)
    assert failed.stderr.splitlines()[-1].startswith("The packages could not be installed")
    (project / "requirements.txt").write_text("")
    mended = prepare(project)
    assert (mended.returncode, "Installing" in mended.stderr) == (0, True), mended.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_to_is_named(project: Path) -> None:
    shutil.rmtree(project / ".venv")
    project.chmod(0o555)
    refused = prepare(project)
    project.chmod(0o755)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)


def is_made_again(project: Path, **environment: str) -> bool:
    """Whether the environment is given up; with a Python that can make none, which is quicker than one that can."""
    program = (
        "import runpy, sys; sys.version_info = (3, 99, 0); sys.executable = sys._base_executable = 'false';"
        "sys.argv = ['', 'review'];"
        "runpy.run_path('dev/tools/environment.py', run_name='__main__')"
    )
    command, environment = [sys.executable, "-c", program], {"PATH": os.environ["PATH"], **environment}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == ("could not be made" in done.stderr), done.stderr
    return done.returncode != 0


@pytest.mark.parametrize(("origin", "again"), [("command line", True), ("environment", True), ("file", False)])
def test_a_version_that_the_user_names_takes_the_place_of_another(project: Path, origin: str, again: bool) -> None:
    assert is_made_again(project, NAMED=origin) is again


def test_an_environment_whose_python_went_is_made_again(project: Path) -> None:
    (project / ".venv" / "bin" / "python").unlink()
    assert is_made_again(project)


def under_an_old_python(project: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    program = (
        "import runpy, sys; sys.version_info = (3, 9, 2); sys.argv = ['environment.py', 'review'];"
        "runpy.run_path('dev/tools/environment.py', run_name='__main__')"
    )
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def test_an_old_python_is_one_line(project: Path, tmp_path: Path) -> None:
    shutil.rmtree(project / ".venv")
    refused = under_an_old_python(project, {"PATH": str(tmp_path)})
    assert refused.returncode == 1
    assert refused.stderr.startswith("Gatehouse needs Python 3.11 or later")
    assert len(refused.stderr.splitlines()) == 1
    assert not (project / ".venv").exists()


def test_python_2_7_can_read_it() -> None:
    """Which then names the version that is needed, in place of a syntax error."""
    source = (ROOT / "dev" / "tools" / "environment.py").read_bytes()
    assert source.isascii()
    newer = (
        ast.JoinedStr,
        ast.AnnAssign,
        ast.Starred,
        ast.NamedExpr,
        ast.Nonlocal,
        ast.YieldFrom,
        ast.AsyncFunctionDef,
    )
    imported: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        assert not isinstance(node, newer), ast.unparse(node)
        if isinstance(node, ast.FunctionDef):
            assert (node.returns, node.args.kwonlyargs, node.args.posonlyargs) == (None, [], []), node.name
        assert getattr(node, "annotation", None) is None, ast.unparse(node)
        assert not (isinstance(node, ast.Call) and ast.unparse(node.func) == "print"), ast.unparse(node)
        assert not isinstance(node, ast.ImportFrom), ast.unparse(node)
        imported |= {name.name for name in node.names} if isinstance(node, ast.Import) else set()
    assert imported == {"hashlib", "os", "shutil", "subprocess", "sys"}


def test_a_newer_python_that_does_not_run_is_passed_over(project: Path, tmp_path: Path) -> None:
    # As pyenv's shims: every installed version is on the PATH, and those that are not active end in an error.
    programs = {"python3.30": "echo not active >&2; exit 127", "python3.29": f'exec "{sys.executable}" "$@"'}
    for name, script in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    found = under_an_old_python(project, {"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert (found.returncode, found.stderr) == (0, "")
