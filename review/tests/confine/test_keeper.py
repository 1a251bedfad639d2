"""The project's own Python starts confined, proves that it is the review, and leaves nothing behind."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from review.evaluate.project_file import Project
from tests.stacks import ROOT

Write = Callable[..., Project]
LAUNCH = str(ROOT / "review/launch.py")
PACKAGES = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"


def own_environment(root: Path) -> Path:
    """A virtual environment that imports from the one of the tests."""
    home: Path = root / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    (home / PACKAGES / "tests.pth").write_text(str(Path(sys.prefix) / PACKAGES) + "\n")
    return home


def reviewed(root: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, LAUNCH, "dev", "--project", str(root), *arguments]
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    return subprocess.run(command, check=False, capture_output=True, text=True, env={**environment, **variables})


STARTS = """import os, socket; \
os.path.exists('started') or open('started', 'w').write(os.path.exists({secret!r}) and 'read' or 'hidden'); \
socket.socket().connect_ex(('127.0.0.1', {port}))
"""


def test_code_of_the_environment_starts_confined(
    write_project: Write, tmp_path_factory: pytest.TempPathFactory
) -> None:
    project, home = write_project("import pulumi\n"), tmp_path_factory.mktemp("home")
    (home / "secret").write_text("secret")
    packages = own_environment(project.root) / PACKAGES
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = STARTS.format(secret=str(home / "secret"), port=server.getsockname()[1])
        (packages / "evil.pth").write_text(line)
        command = [sys.executable, LAUNCH, "dev", "--format", "json"]
        environment = {**os.environ, "HOME": str(home)}
        environment.pop("VIRTUAL_ENV", None)
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, cwd=project.root)
        assert done.returncode == 0, done.stderr
        if any("was not fully isolated" in note for note in json.loads(done.stdout)["notes"]):
            pytest.skip("this system allows no namespaces")
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert (project.root / "started").read_text() == "hidden"


@pytest.mark.parametrize("strict", [[], ["--strict"]])
def test_a_program_that_is_no_review_has_no_report(write_project: Write, strict: list[str]) -> None:
    project = write_project("import pulumi\n")
    binary = project.root / "venv/bin/python"
    binary.parent.mkdir(parents=True)
    # It prints its arguments, one of which could be any verdict, and ends with 0.
    shutil.copy(Path(shutil.which("echo") or "/bin/echo").resolve(), binary)
    done = reviewed(project.root, *strict)
    assert (done.returncode, done.stdout) == (2, "")
    assert "dev: the program ended its process with status 0, and there is no report" in done.stderr


def test_a_report_by_another_number_of_rules_is_refused(write_project: Write) -> None:
    project = write_project("import gatehouse_review.confine.ledger as ledger\nledger.ran = lambda number: None\n")
    own_environment(project.root)
    done = reviewed(project.root)
    assert (done.returncode, done.stdout) == (2, "")
    assert "judged by 0 rules" in done.stderr


@pytest.mark.parametrize("own", [True, False])
def test_a_process_that_the_program_leaves_behind_costs_no_report(write_project: Write, own: bool) -> None:
    seconds = f"600.5{os.getpid()}"
    project = write_project(
        "import subprocess\n"
        f"subprocess.Popen(['/bin/sh', '-c', 'setsid sleep {seconds} & setsid sleep {seconds}'], stdout=2)\n"
    )
    if own:
        own_environment(project.root)
    # Less than the process would take: its pipes are not waited for.
    done = reviewed(project.root, "--timeout", "60", "--format", "json")
    assert (done.returncode, json.loads(done.stdout)["stack"]) == (0, "dev")
    assert not any(seconds in command for command in commands())


def commands() -> Iterator[str]:
    """Those of the processes that run. One may end meanwhile."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield path.read_bytes().decode(errors="replace")


def test_the_time_limit_counts_the_program_and_not_the_review(write_project: Write) -> None:
    slow = (
        "import time\nimport gatehouse_review.report.report as module\nmade = module.report\n"
        "def late(*arguments):\n    time.sleep({})\n    return made(*arguments)\nmodule.report = late\n"
    )
    assert reviewed(write_project(slow.format(7)).root, "--timeout", "6").returncode == 0
    done = reviewed(write_project("import time\ntime.sleep(600)\n").root, "--timeout", "6")
    assert (done.returncode, "did not end in time" in done.stderr) == (2, True)


def test_what_the_program_wrote_after_its_report_does_not_undo_it(write_project: Write) -> None:
    project = write_project("import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()\n")
    done = reviewed(project.root, "--timeout", "6", "--format", "json")
    assert (done.returncode, json.loads(done.stdout)["stack"]) == (0, "dev")
