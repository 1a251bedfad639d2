"""The script that prepares the virtual environment: one line for what is wrong, and the next run is right."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from review.tests.helpers.stacks import ROOT

SCRIPT = ROOT / "tools" / "environment.sh"
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("environment")]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with nothing to install, prepared once, in a folder whose name has a space.

    It begins with an environment without pip. That is active, so its own Python is the first on the PATH.
    """
    folder = tmp_path_factory.mktemp("prepared") / "my project"
    for each in ("tools", "tests/engine", "review/tests"):
        (folder / each).mkdir(parents=True)
    shutil.copy(SCRIPT, folder / "tools")
    (folder / "requirements.txt").write_text("")
    (folder / "requirements.lock").write_text(uv_of_the_lock())
    for each in ("review", "review/tests", "tests", "tests/engine"):
        (folder / each / "requirements.txt").write_text(f"-r {'../' * (each.count('/') + 1)}requirements.txt\n")
    left = folder / ".venv" / "lib" / "left"
    venv.create(folder / ".venv", symlinks=True)
    left.mkdir()
    first = prepare(folder, python=str(folder / ".venv" / "bin" / "python3"))
    assert (first.returncode, "Installing" in first.stderr, left.exists()) == (0, True, False), first.stderr
    return folder


def uv_of_the_lock() -> str:
    """Returns the lines of uv in the project's own lock."""
    text = (ROOT / "requirements.lock").read_text()
    (lines,) = re.findall(r"^uv==.*\n(?:    --hash=.*\n)+", text, re.MULTILINE)
    return str(lines)


@pytest.fixture
def project(prepared: Path, tmp_path: Path) -> Path:
    """A copy: an environment takes seconds to make. It shares pip's files, which no test writes to."""

    def copy(source: str, target: str) -> None:
        (os.link if "site-packages" in source else shutil.copy2)(source, target)

    return shutil.copytree(prepared, tmp_path / "my project", symlinks=True, copy_function=copy)


@pytest.fixture
def quick(project: Path) -> Path:
    """The same with a pip and a uv that have nothing to do."""
    (packages,) = project.glob(".venv/lib/python*/site-packages")
    shutil.rmtree(packages / "pip")
    for tool in ("pip", "uv"):
        shutil.rmtree(packages / tool, ignore_errors=True)
        (packages / tool).mkdir()
        for name in ("__init__.py", "__main__.py"):
            (packages / tool / name).touch()
    return project


def prepare(project: Path, name: str = "review", python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    return run(project, name, PATH=os.environ["PATH"], PYTHON=python)


def run(project: Path, name: str = "review", **environment: str) -> subprocess.CompletedProcess[str]:
    command = ["/bin/sh", "tools/environment.sh", name]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def test_the_scripts_are_clean_to_shellcheck() -> None:
    scripts = [*(ROOT / "tools").glob("*.sh")]
    subprocess.run([Path(sys.executable).with_name("shellcheck"), *scripts], check=True)


def test_it_installs_once_and_again_when_the_requirements_change(quick: Path) -> None:
    assert prepare(quick).stderr == ""
    (quick / "requirements.txt").write_text("# changed\n")
    # What the engine needs includes what tests need, and that what a preview needs, and not the other way round.
    for name in ("review", "tests", "engine"):
        assert "Installing" in prepare(quick, name).stderr
        for stamp in {".review", ".tests", ".engine"} - {f".{name}"}:
            (quick / ".venv" / stamp).unlink(missing_ok=True)
        assert prepare(quick).stderr == ""


def test_programs_find_the_package_in_the_checkout(quick: Path) -> None:
    (quick / "components").mkdir()
    (quick / "components" / "__init__.py").touch()
    assert prepare(quick).stderr == ""
    moved = quick.rename(quick.with_name("moved"))
    command = [str(moved / ".venv" / "bin" / "python"), "-c", "import gatehouse; print(gatehouse.__file__)"]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert Path(found).resolve() == moved / "components" / "__init__.py"


def test_previews_start_compiled_where_python_writes_no_bytecode(quick: Path) -> None:
    (quick / "review" / "__main__.py").write_text("import review.report")
    (quick / "review" / "report.py").write_text("")
    (quick / "requirements.txt").write_text("# changed\n")
    done = run(quick, PATH=os.environ["PATH"], PYTHON=sys.executable, PYTHONDONTWRITEBYTECODE="1")
    assert done.returncode == 0, done.stderr
    assert list((quick / "review" / "__pycache__").glob("report.*.pyc"))


@pytest.mark.parametrize("installer", ["uv on the PATH", "uv by pip", "pip"])
def test_packages_come_by_their_hash(project: Path, installer: str, tmp_path: Path) -> None:
    """With each installer, a package whose file is not the locked one is refused."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    wheel = wheels / "shop-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("shop-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: shop\nVersion: 1.0\n")
        archive.writestr("shop-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("shop-1.0.dist-info/RECORD", "")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    settings = {
        "PIP_FIND_LINKS": str(wheels),
        "UV_FIND_LINKS": str(wheels),
        "UV_NO_INDEX": "1",
        "PATH": os.environ["PATH"],
    }
    uv = uv_of_the_lock()
    if installer == "uv on the PATH":
        settings["PATH"] = f"{Path(sys.executable).parent}:{settings['PATH']}"
    if installer == "pip":
        shutil.rmtree(next(project.glob(".venv/lib/python*/site-packages/uv")))
        uv = "uv==0.0.0 \\\n    --hash=sha256:0\n"
    (project / "requirements.txt").write_text("shop==1.0\n")
    for locked, status in (("0" * 64, 1), (digest, 0)):
        (project / "requirements.lock").write_text(f"{uv}shop==1.0 \\\n    --hash=sha256:{locked}\n")
        done = run(project, PYTHON=sys.executable, **settings)
        assert done.returncode == status, done.stderr


def test_the_lock_has_the_pins_of_the_requirements() -> None:
    """After a change of a requirement: make lock."""
    pin = re.compile(r"^([\w.\[\]-]+)==([^\s;]+)", re.MULTILINE)
    locked = dict(pin.findall((ROOT / "requirements.lock").read_text()))
    for file in [
        ROOT / "requirements.txt",
        *ROOT.glob("review/**/requirements.txt"),
        *ROOT.glob("tests/**/requirements.txt"),
    ]:
        for name, version in pin.findall(file.read_text()):
            assert locked.get(name.split("[")[0].lower()) == version, f"{name} of {file.relative_to(ROOT)}"


def test_a_failed_installation_is_taken_up_again(project: Path) -> None:
    (project / ".venv" / ".review").unlink()
    (project / "requirements.txt").write_text("./nowhere\n")
    failed = prepare(project)
    assert (failed.returncode, (project / ".venv" / ".review").exists()) == (1, False)
    assert failed.stderr.splitlines()[-1].startswith("The packages could not be installed")
    (project / "requirements.txt").write_text("")
    repaired = prepare(project)
    assert (repaired.returncode, "Installing" in repaired.stderr) == (0, True), repaired.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_to_is_named(project: Path) -> None:
    shutil.rmtree(project / ".venv")
    project.chmod(0o555)
    refused = prepare(project)
    project.chmod(0o755)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)


def is_made_again(project: Path, **environment: str) -> bool:
    """Whether the environment is given up; for a Python that can make none, which is quicker than one that can."""
    python = project / "python3"
    python.write_text('#!/bin/sh\ncase "$*" in *_base*) echo false ;; *version_info*print*) echo "(3, 99)" ;; esac\n')
    python.chmod(0o755)
    done = run(project, PATH=os.environ["PATH"], PYTHON=str(python), **environment)
    assert done.returncode == ("could not be made" in done.stderr), done.stderr
    return done.returncode != 0


@pytest.mark.parametrize(
    ("origin", "again"), [("command line", True), ("environment", True), ("file", False), ("python went", True)]
)
def test_a_version_that_the_user_names_takes_the_place_of_another(project: Path, origin: str, again: bool) -> None:
    if origin == "python went":
        (project / ".venv" / "bin" / "python").unlink()
    assert is_made_again(project, NAMED=origin) is again


def under_an_old_python(project: Path, path: str) -> subprocess.CompletedProcess[str]:
    python = project / "python3"
    python.write_text('#!/bin/sh\nif [ "$1" = --version ]; then echo Python 2.7.18; else exit 1; fi\n')
    python.chmod(0o755)
    return run(project, PATH=path, PYTHON=str(python))


def test_an_old_python_is_one_line(project: Path, tmp_path: Path) -> None:
    shutil.rmtree(project / ".venv")
    for tool in ("cat", "rm"):
        (tmp_path / tool).symlink_to(f"/bin/{tool}")
    refused = under_an_old_python(project, str(tmp_path))
    assert refused.returncode == 1
    assert refused.stderr.startswith("Gatehouse needs Python 3.11 or later; this is Python 2.7.18.")
    assert len(refused.stderr.splitlines()) == 1
    assert not (project / ".venv").exists()


def test_a_newer_python_that_does_not_run_is_passed_over(project: Path, tmp_path: Path) -> None:
    # As pyenv's shims: every installed version is on the PATH, and those that are not active end in an error.
    programs = {"python3.20": "echo not active >&2; exit 127", "python3.19": f'exec "{sys.executable}" "$@"'}
    for name, script in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    process = under_an_old_python(project, f"{tmp_path}:/usr/bin:/bin")
    assert (process.returncode, process.stderr) == (0, "")


def test_make_doctor_leads_to_the_doctor() -> None:
    """Under any Python; without one the Makefile says so itself."""
    for python, words in ((sys.executable, "fine  "), ("nowhere", "There is no nowhere here. Install Python 3.11")):
        command = ["make", "doctor", f"PYTHON={python}"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert words in done.stdout + done.stderr
