"""Programs that never end, files that grow, and programs that change the review."""

import json
import subprocess
import sys
import time

import pytest

from review.cli.command import main
from review.evaluate.project_file import Project
from review.tests.fixtures import Write
from review.tests.helpers.stacks import ROOT


def reviewed(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "review/launch.py"), "dev", "--project", str(project.root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.slow
@pytest.mark.parametrize(
    "program",
    [
        "while True:\n    pass\n",
        "import signal, time\nwhile True:\n    time.sleep(1)\n",
        "import asyncio, pulumi\npulumi.Output.from_input(asyncio.Future())\n",
    ],
)
def test_a_program_that_never_ends_is_ended(write_project: Write, program: str) -> None:
    began = time.monotonic()
    done = reviewed(write_project(program), "--timeout", "1", "--format", "json")
    assert (done.returncode, time.monotonic() - began < 60) == (2, True)
    assert "dev: the program did not finish in time" in done.stderr
    assert "did not finish in time" in json.loads(done.stdout)["error"]


def test_a_stack_file_whose_aliases_grow_is_refused_at_once(
    write_project: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    project = write_project("import pulumi\n")
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    file = project.root / "Pulumi.dev.yaml"
    file.write_text("config:\n  k:\n" + "".join(f"    {line}\n" for line in lines))
    assert len(file.read_text()) < 2000
    assert main(["dev", "--project", str(project.root)]) == 2
    assert "its aliases stand for more than 100,000 values" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["config: {k: &a [*a]}", "config: {k: &a {b: *a}}"])
def test_an_alias_of_itself_is_refused(write_project: Write, capsys: pytest.CaptureFixture[str], text: str) -> None:
    project = write_project("import pulumi\n")
    (project.root / "Pulumi.dev.yaml").write_text(text)
    assert main(["dev", "--project", str(project.root)]) == 2
    assert "its aliases stand for more than" in capsys.readouterr().err


def test_aliases_that_do_not_grow_are_read(write_project: Write) -> None:
    project = write_project("import pulumi\npulumi.export('k', pulumi.Config().require_object('k'))\n")
    (project.root / "Pulumi.dev.yaml").write_text("config:\n  k: {a: &a [1, 2], b: *a, c: *a}\n")
    assert main(["dev", "--project", str(project.root)]) == 0
