"""The command that pip installs: it reviews any project from its folder, in that project's own environment."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import jsonschema
import pytest

from review.facts.version import VERSION
from review.tests.helpers.stacks import REVIEW, ROOT

CHECKOUT_ONLY = (
    *("Makefile", "README.md", "answers.yaml", "docs"),
    *("facts", "policy", "pyproject.toml", "recording", "requirements.txt", "tests"),
)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("installed")]


def test_the_package_brings_every_file_of_the_review(installed: Path) -> None:
    names = [path.relative_to(REVIEW) for path in (REVIEW).rglob("*") if path.is_file()]
    hidden = (name for name in names if name.parts[0].startswith(".") or "__pycache__" in name.parts)
    names = sorted({*names} - {*hidden} - {name for name in names if name.parts[0] in CHECKOUT_ONLY})
    assert len(names) > 100
    assert [name for name in names if not (installed / "gatehouse_review" / name).is_file()] == []


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a virtual environment of its own, which has no review and a module that is nowhere else."""
    home = tmp_path / "shop"
    home.mkdir()
    (home / "Pulumi.yaml").write_text("name: shop\nruntime: {name: python, options: {virtualenv: venv}}\n")
    (home / "__main__.py").write_text(
        "import pulumi, sys\nimport pulumi_aws as aws\nimport only_there\n"
        "import review, settings, components, cli\n"
        "aws.sns.Topic('t')\npulumi.export('own', [sys.prefix, review.word])\n"
        "pulumi.export('path', sys.path)\n"
    )
    for name in ("review", "settings", "components", "cli"):
        (home / f"{name}.py").write_text("word = 'the shop'\n")
    venv.create(home / "venv", symlinks=True)
    (packages,) = (home / "venv" / "lib").glob("python*/site-packages")
    (packages / "shared.pth").write_text(str(Path(sys.prefix) / "lib" / packages.parent.name / "site-packages"))
    (packages / "only_there.py").write_text("")
    return home


def gatehouse(installed: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The installed command, as its own environment's Python would run it."""
    environment = os.environ | {"PYTHONPATH": str(installed)}
    environment.pop("VIRTUAL_ENV", None)
    command = [sys.executable, str(installed / "bin" / "gatehouse"), *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_it_reviews_a_project_from_its_folder_in_its_own_environment(installed: Path, project: Path) -> None:
    done = gatehouse(installed, "review", "--format", "json", cwd=project)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    jsonschema.validate(report, json.loads((REVIEW / "docs" / "review.schema.json").read_text()))
    exports = {export["name"]: json.loads(export["text"]) for export in report["exports"]}
    assert exports["own"] == [str(project / "venv"), "the shop"]
    assert [entry for entry in exports["path"] if Path(entry).is_relative_to(installed / "gatehouse_review")] == []
    assert (report["gatehouse"], report["stack"], report["resources"]) == (VERSION, "dev", 1)


def test_the_command_starts_without_the_components_and_the_sdks_of_aws(installed: Path, tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['pulumi_aws'] = sys.modules['boto3'] = sys.modules['gatehouse'] = None;"
        "from gatehouse_review.cli.gatehouse import main; sys.argv = ['gatehouse', '--version']; sys.exit(main())"
    )
    environment = os.environ | {"PYTHONPATH": str(installed)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"gatehouse {VERSION}\n"), done.stderr


def test_other_commands(installed: Path, tmp_path: Path) -> None:
    for arguments, code, said in (
        (["--version"], 0, f"gatehouse {VERSION}\n"),
        (["--help"], 0, "review"),
        (["reviw"], 2, "reviw"),
        (["review", "--help"], 0, "usage: gatehouse review [-h]"),
        (["doctor", "--help"], 0, "usage: gatehouse doctor [-h]"),
        (["review"], 2, f"Pulumi.yaml:\n  got '{tmp_path}'; there is no Pulumi.yaml here: name the project's folder"),
    ):
        done = gatehouse(installed, *arguments, cwd=tmp_path)
        assert (done.returncode, said in done.stdout + done.stderr) == (code, True), arguments


@pytest.mark.parametrize("module", ["cli.gatehouse", "evaluate.runner", "report.report", "compare.comparison"])
def test_it_begins_and_serves_without_loading_an_sdk(installed: Path, module: str) -> None:
    code = f"import sys, gatehouse_review.{module}; print([one for one in sys.modules if 'pulumi' in one])"
    environment = os.environ | {"PYTHONPATH": str(installed)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def launched(change: str) -> str:
    """Code that starts the review's file in an environment that was changed first."""
    run = "runpy.run_path('review/launch.py', run_name='__main__')"
    return f"import runpy, sys; {change}; sys.argv = ['launch.py', 'dev']; {run}"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("sys.version_info = (3, 9, 2)", "the review needs Python 3.11 or later"),
        ("sys.path.insert(0, sys.argv[1])", "pulumi 3.200.1 is too old: the review needs 3.272 or later"),
        # A package whose metadata is elsewhere.
        ("sys.path[:0] = [sys.argv[1] + '/apart', sys.argv[1]]", "pulumi 3.199.0 is too old"),
        ("sys.path[:] = [one for one in sys.path if 'packages' not in one]", "there is no pulumi"),
    ],
)
def test_an_environment_that_cannot_run_it_is_one_line(tmp_path: Path, change: str, reason: str) -> None:
    (tmp_path / "pulumi-3.200.1.dist-info").mkdir()
    (tmp_path / "pulumi-3.200.1.dist-info" / "METADATA").write_text("Name: pulumi\nVersion: 3.199.0\n")
    for folder in (tmp_path, tmp_path / "apart"):
        (folder / "pulumi").mkdir(parents=True)
        (folder / "pulumi" / "__init__.py").touch()
    command = [sys.executable, "-c", launched(change)]
    done = subprocess.run([*command, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1
