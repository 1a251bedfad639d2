"""Each command that help or a document names: it is in the table, its options exist, and it runs."""

import importlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from review.cli.gatehouse import COMMANDS
from review.tests.helpers.stacks import ROOT
from tests.integration.docs.test_names_in_documents import DOCUMENTS, TARGETS

TABLE: Final[Mapping[str, Mapping[str, Any]]] = yaml.safe_load(Path(__file__).with_name("commands.yaml").read_text())
_FENCE: Final = re.compile(r"^ *```(?:sh|bash)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_QUOTED: Final = re.compile(r"`([^`\n]+)`")
_LINE: Final = re.compile(
    r"(?:\.venv/bin/)?(?:python3? -m (?P<module>[\w.]+)|(?P<program>make|gatehouse) (?P<name>[a-z][a-z-]*))"
)
_OTHER_MODULES: Final = ("venv", "pip")  # of Python itself
_OF_GATEHOUSE: Final = {"preview": "review", "plan": "review"}
"""Commands that targets of another name run."""
_OFFLINE: Final = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "UV_OFFLINE": "1",
    "NO_PROXY": "127.0.0.1,localhost",
    # Nothing listens there.
    **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9"),
}


def list_documented() -> Iterator[tuple[str, str, str]]:
    """Document, command and words after it, of each line of a block and each quotation that begins with a command."""
    for document in DOCUMENTS:
        text = document.read_text()
        lines = [line for block in _FENCE.findall(text) for line in block.splitlines()]
        for line in [*lines, *_QUOTED.findall(_FENCE.sub("", text))]:
            for part in re.split(r"&&|\|", line.partition(" #")[0]):
                if match := _LINE.match(part.strip()):
                    name = f"python -m {match['module']}" if match["module"] else f"{match['program']} {match['name']}"
                    yield f"{document.relative_to(ROOT)}: {part.strip()}", name, part.strip()[match.end() :]


DOCUMENTED: Final = sorted(set(list_documented()))
CASES: Final = [
    pytest.param(program, name, row, id=f"{program} {name}")
    for program, rows in TABLE.items()
    for name, row in rows.items()
    if not {"ci", "by"} & row.keys()
]


def test_the_table_has_each_command_of_the_help_and_of_the_documents() -> None:
    assert set(TABLE["gatehouse"]) == set(COMMANDS)
    assert set(TABLE["make"]) == TARGETS - {"other-tests"}
    assert len(DOCUMENTED) > 50
    for line, command, _ in DOCUMENTED:
        program, _, name = command.rpartition(" ")
        assert name in TABLE[program] or name in _OTHER_MODULES, line


def test_the_code_of_a_command_that_is_not_run_is_run_by_a_target() -> None:
    """The command `gatehouse` itself runs in tests of the installed packages: tests/integration/package."""
    makefile = (ROOT / "Makefile").read_text()
    for row in (row for rows in TABLE.values() for row in rows.values() if "by" in row):
        assert re.search(rf"\n\t@.*{re.escape(row['by'])}", makefile), row


def test_what_takes_minutes_is_run_by_a_workflow() -> None:
    for name, row in TABLE["make"].items():
        if "ci" in row:
            workflow = yaml.safe_load((ROOT / ".github" / "workflows" / f"{row['ci']}.yml").read_text())
            scripts = [step.get("run", "") for job in workflow["jobs"].values() for step in job["steps"]]
            parts = ("make lint", "make test slow", "make -C review test slow")
            wanted = parts if name in ("check", "rest") else (row.get("line", f"make {name}"),)
            assert all(any(script.startswith(each) for script in scripts) for each in wanted), name


def test_the_gate_runs_the_test_command_of_the_readme_and_what_that_leaves_out() -> None:
    makefile, readme = ((ROOT / name).read_text() for name in ("Makefile", "README.md"))
    gate = [line for line in (ROOT / ".ci/run").read_text().splitlines() if line.startswith("make ")]
    (whole,) = re.findall(r"^check: (.*?) #>", makefile, re.MULTILINE)
    assert gate == [f"make {name}" for name in whole.split()]
    tests = [name + words for line, name, words in DOCUMENTED if line.startswith("README") and "make test" in name]
    assert [name.strip() for name in tests] == gate[:1]
    (last,) = re.findall(r'echo "(The program\'s tests .*)"', makefile)
    assert f"\n{last}\n```" in readme


@pytest.fixture(scope="module")
def helps() -> Mapping[str, str]:
    """What `--help` of each command prints."""
    documented = {find_help(command, rest) for _, command, rest in DOCUMENTED}
    asked = {*COMMANDS, *(words for words in documented if words.split(" ")[0] in COMMANDS)}
    return {words: print_help(*words.split(" ")) for words in sorted(asked)}


def print_help(name: str, *words: str) -> str:
    _, module, function = COMMANDS[name]
    command = getattr(importlib.import_module(module, "review.cli"), function)
    with redirect_stdout(io.StringIO()) as printed, pytest.raises(SystemExit, match="0"):
        command([*words, "--help"], f"gatehouse {name}")
    return printed.getvalue()


def find_help(command: str, rest: str) -> str:
    """The words before `--help` that print the options of a documented command; each step of `ci` has its own."""
    name = command.rpartition(" ")[2]
    step = re.match(r" ([a-z]+)\b", rest) if command == "gatehouse ci" else None
    return f"{name} {step[1]}" if step else _OF_GATEHOUSE.get(name, name)


def ran(command: list[str], folder: Path, *statuses: int, **more: str) -> str:
    """What a command prints that has no credentials, no CLI and no internet."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
    path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    kept["GATEHOUSE_CACHE"] = str(folder / "build" / "cache")  # `make clean` empties it
    environment = {**kept, **_OFFLINE, "PATH": path, **more}
    pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run(command, cwd=folder, env=environment, text=True, check=False, timeout=300, **pipes)
    assert "Traceback" not in done.stdout or statuses != (0,), done.stdout
    assert done.returncode in statuses, done.stdout
    return str(done.stdout)


def test_each_documented_option_is_in_the_help(helps: Mapping[str, str]) -> None:
    for line, command, rest in DOCUMENTED:
        words = find_help(command, rest)
        if command.split(" ")[0] not in ("gatehouse", "make") or words not in helps:
            continue
        for option in re.findall(r"(?<![\w-])--[a-z-]+", rest):
            assert option in helps[words], line


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository that the commands may change, with this environment."""
    folder = tmp_path_factory.mktemp("commands") / "gatehouse"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in listed.rstrip("\0").split("\0"):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "requests.json").write_text('[{"path": "/live/forward"}]')
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    return folder


@pytest.mark.slow
@pytest.mark.xdist_group("installed")
@pytest.mark.parametrize(("program", "name", "row"), CASES)
def test_it_runs(program: str, name: str, row: Mapping[str, Any], copy: Path, installed: Path) -> None:
    command = {
        "gatehouse": [sys.executable, str(installed / "bin" / "gatehouse"), name],
        "make": ["make", "--no-print-directory", name],
        "python -m": [sys.executable, "-m", re.sub(r"^gatehouse\b", "components", name)],
    }[program]
    packages = {"PYTHONPATH": str(installed)} if program == "gatehouse" else {}
    status = row.get("status", 0)
    statuses = status if isinstance(status, list) else [status]
    printed = ran([*command, *shlex.split(row.get("run", ""))], copy, *statuses, **packages)
    assert re.search(row["shows"], printed), printed
