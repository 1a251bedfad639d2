"""Programs that never end, and stack files that grow."""

import json
import subprocess

import pytest

from review.tests.cli.conftest import LAUNCH, Reviewed
from review.tests.helpers.fixture_types import Write


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
    root = str(write_project(program).root)
    arguments = [*LAUNCH, "--project", root, "--timeout", "1", "--format", "json"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=300)
    assert (done.returncode, "dev: the program did not finish in time" in done.stderr) == (2, True)
    assert "did not finish in time" in json.loads(done.stdout)["error"]


GROWING = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]


@pytest.mark.parametrize(
    ("config", "refused"),
    [
        ("config:\n  k:\n    a0: &a0 [x]\n" + "".join(f"    {line}\n" for line in GROWING), True),
        ("config: {k: &a [*a]}", True),
        ("config: {k: &a {b: *a}}", True),
        ("config:\n  aws:region: eu-west-1\n  k: {a: &a [1, 2], b: *a, c: *a}\n", False),
    ],
)
def test_a_stack_file_whose_aliases_grow_is_refused(reviewed: Reviewed, config: str, refused: bool) -> None:
    done = reviewed("import pulumi\n", "dev", config=config)
    said = "its aliases stand for more than" in done.err
    assert (done.status, said) == (2 if refused else 0, refused)
