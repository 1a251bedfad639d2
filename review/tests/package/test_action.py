"""The GitHub Action: its steps are followed here."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.helpers.stacks import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("installed")]
PROJECT = tomllib.loads((ROOT / "review" / "pyproject.toml").read_text())
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
NEEDED = {re.split(r"[><=\[]", one)[0].lower() for one in PROJECT["project"]["dependencies"]} | {"hatchling"}
STEPS = {step["name"].split(" ")[0].rstrip(","): step for step in ACTION["runs"]["steps"]}


def stand_in(folder: Path, text: str) -> str:
    """A PATH on which python3 is this script."""
    folder.mkdir()
    (folder / "python3").write_text(f"#!/bin/sh\n{text}\n")
    (folder / "python3").chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_no_module_of_the_checkout_is_imported(tmp_path: Path) -> None:
    for name in ("sysconfig", "venv", "ensurepip"):
        (tmp_path / f"{name}.py").write_text("open('ran', 'w')\n")
    script = ROOT / "dev" / "tools" / "action.sh"
    (tmp_path / "requirements.txt").touch()
    given = {"RUNNER_TEMP": str(tmp_path), "GITHUB_ACTION_PATH": str(ROOT), "PROJECT": ".", "GITHUB_OUTPUT": "output"}
    for step in ("prepare", "install"):
        # The install step fails, since it finds no index.
        environment = {**os.environ, **given, "PIP_NO_INDEX": "1"}
        subprocess.run(["bash", str(script), step], cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert (tmp_path / "gatehouse" / "pyvenv.cfg").exists()
    assert not (tmp_path / "ran").exists()
    assert re.findall(r"python3 (?!-I)", script.read_text()) == []


@pytest.fixture
def runner(tmp_path: Path, installed: Path) -> dict[str, str]:
    """The environment of a job whose install step is over; the project is in `shop`."""
    home = tmp_path / "runner" / "gatehouse" / "bin"
    home.mkdir(parents=True)
    script = home / "gatehouse"
    script.write_text(f'#!/bin/sh\nPYTHONPATH="{installed}" exec "{sys.executable}" "{installed}/bin/gatehouse" "$@"\n')
    script.chmod(0o755)
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (shop / "Pulumi.dev.yaml").write_text("config: {'aws:region': eu-west-1}")
    (shop / "__main__.py").write_text("import os, pulumi\npulumi.export('token', 'GITHUB_ENV' in os.environ)\n")
    files = {name: str(tmp_path / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ENV")}
    inputs = {"PROJECT": str(shop), "STACKS": "", "STRICT": "", "AGAINST": "", "BASE": ""}
    places = {"GITHUB_ACTION_PATH": str(ROOT), "RUNNER_TEMP": str(tmp_path / "runner")}
    # The Python of the tests, and not the first of the PATH, which may be another version.
    path = stand_in(tmp_path / "python", f'exec "{sys.executable}" "$@"')
    return {**os.environ, **files, **inputs, **places, "PATH": path}


def review(runner: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The report, and the step's outputs."""
    done = subprocess.run(
        ["bash", "-c", STEPS["Review"]["run"]], env=runner, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    outputs = dict(line.split("=", 1) for line in Path(runner["GITHUB_OUTPUT"]).read_text().splitlines())
    report = Path(outputs["report"]).read_text()
    assert Path(runner["GITHUB_STEP_SUMMARY"]).read_text().endswith(report)
    return report, outputs


def test_the_review_is_a_report_a_summary_and_a_status(runner: dict[str, str]) -> None:
    report, outputs = review(runner)
    assert report.startswith("## shop")
    assert outputs["status"] == "0"
    assert re.fullmatch(r"gatehouse-review-[A-Za-z0-9-]*shop", outputs["artifact"])
    assert "token" in report
    assert "true" not in report.split("token")[1].splitlines()[0]


def test_it_compares_with_the_base_of_the_pull_request(runner: dict[str, str]) -> None:
    shop = Path(runner["PROJECT"])
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=shop, check=True)
    with (shop / "__main__.py").open("a") as program:
        program.write("import pulumi_aws as aws\naws.sns.Topic('news')\n")
    report, outputs = review({**runner, "BASE": "HEAD"})
    assert outputs["status"] == "0"
    assert "1 added" in report
    assert "Not compared" not in report


def test_a_base_that_cannot_be_fetched_is_named_in_the_report(runner: dict[str, str]) -> None:
    """As in a private repository whose checkout kept no credentials: no fault of the pull request."""
    shop = Path(runner["PROJECT"])
    subprocess.run(["git", "init", "-q"], cwd=shop, check=True)
    subprocess.run(["git", "remote", "add", "origin", str(shop / "missing")], cwd=shop, check=True)
    report, outputs = review({**runner, "BASE": "c0ffee" + "0" * 34})
    assert outputs["status"] == "0"
    head, _, body = report.partition("## shop")
    assert "Not compared with the base" in head
    assert "c0ffee000000," in head
    assert "\n    fatal: " in head
    assert "fetch-depth: 0" in head
    assert "rules" in body.lower()


def test_a_base_is_fetched_by_no_command_of_the_pull_request(runner: dict[str, str], tmp_path: Path) -> None:
    """Git takes a folder with these names for a repository, and its config names what a fetch runs."""
    shop, ran = Path(runner["PROJECT"]), tmp_path / "ran"
    for name in ("objects", "refs"):
        (shop / name).mkdir()
    (shop / "HEAD").write_text("ref: refs/heads/main\n")
    config = f'[core]\nbare = true\n[protocol "ext"]\nallow = always\n[remote "origin"]\nurl = ext::touch {ran}\n'
    (shop / "config").write_text(config)
    report, _ = review({**runner, "BASE": "c0ffee" + "0" * 34})
    assert "Not compared with the base" in report
    assert not ran.exists()


def test_a_program_that_fails_fails_the_job_and_says_why(runner: dict[str, str]) -> None:
    (Path(runner["PROJECT"]) / "__main__.py").write_text("1 / 0\n")
    report, outputs = review(runner)
    assert "\n    " in report.partition("ZeroDivisionError")[0]
    assert "```" not in report
    last = STEPS["Fail"]["run"]
    assert subprocess.run(["bash", "-c", last], env={"STATUS": outputs["status"]}, check=False).returncode == 2


def test_what_a_program_prints_is_no_command_to_the_job(runner: dict[str, str]) -> None:
    with (Path(runner["PROJECT"]) / "__main__.py").open("a") as program:
        program.write("print('::error::forged')\nprint('a ##[add-mask]b', end='')\n")
    done = subprocess.run(
        ["bash", "-c", STEPS["Review"]["run"]], env=runner, capture_output=True, text=True, check=True
    )
    first, printed = done.stderr.split("\n", 1)
    word = first.removeprefix("::stop-commands::")
    assert len(word) == 32
    assert "::error::forged" in printed
    assert "##[add-mask]" in printed
    assert printed.endswith(f"\n::{word}::\n")
    assert "::" not in done.stdout


def test_no_input_is_part_of_a_script_and_the_token_goes_to_one_step() -> None:
    assert [name for name, step in STEPS.items() if "${{" in step.get("run", "")] == []
    assert [name for name, step in STEPS.items() if "token" in json.dumps(step)] == ["Comment"]
    assert "secrets" not in json.dumps(ACTION)
    assert "head.repo.full_name == github.repository" in STEPS["Comment"]["if"]


def pins(*parts: str) -> dict[str, str]:
    text = ROOT.joinpath(*parts).read_text()
    return {name.lower(): version for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE)}


def test_whatever_it_installs_or_uses_is_pinned_by_hash() -> None:
    listed = pins("dev", "tools", "action-requirements.txt")
    ours = {**pins("requirements.txt"), **pins("review", "requirements.txt"), **pins("dev", "requirements.txt")}
    assert {name: version for name, version in listed.items() if name in ours and name in NEEDED} == {
        name: ours[name] for name in NEEDED
    }
    text = (ROOT / "dev" / "tools" / "action-requirements.txt").read_text()
    assert all("--hash=sha256:" in one for one in re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:])
    script = (ROOT / "dev" / "tools" / "action.sh").read_text()
    assert script.count('"$pinned"') >= 2
    assert "--require-hashes" in script
    uses = [step["uses"] for step in ACTION["runs"]["steps"] if "uses" in step]
    assert len(uses) == 3
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", use) for use in uses)


def outputs_of(step: str, runner: dict[str, str]) -> dict[str, str]:
    """The outputs of a step after it ran."""
    subprocess.run(["bash", "-c", STEPS[step]["run"]], env=runner, check=True)
    return dict(line.split("=", 1) for line in Path(runner["GITHUB_OUTPUT"]).read_text().splitlines())


def resolved(expression: str, step: str, runner: dict[str, str]) -> str:
    """An input of the cache step, with the outputs of an earlier step in place of their names."""
    outputs = outputs_of(step, runner)
    return re.sub(r"\$\{\{ steps\.prepare\.outputs\.(\w+) \}\}", lambda match: outputs[match[1]], expression)


def test_the_caches_key_follows_packages_and_python_and_nothing_else(runner: dict[str, str], tmp_path: Path) -> None:
    shop = Path(runner["PROJECT"])

    def key(**changed: str) -> str:
        return resolved(STEPS["Cache"]["with"]["key"], "Prepare", {**runner, **changed})

    without = key()
    (shop / "requirements.txt").write_text("pulumi")
    first = key()
    (shop / "__main__.py").write_text("# another program\n")
    (shop / "Pulumi.dev.yaml").write_text("config: {}")
    moved = tmp_path / "elsewhere"
    shutil.copytree(shop, moved)
    others = {"PROJECT": str(moved), "STACKS": "prod", "GITHUB_SHA": "c0ffee", "GITHUB_RUN_ID": "2", "HOME": str(moved)}
    assert key() == key(**others) == first
    assert f"{sys.version_info.major}.{sys.version_info.minor}-" in first
    python = f'case "$3" in *sysconfig*) "{sys.executable}" "$@" | sed s/-3\\.[0-9]*$/-3.99/;; esac'
    other_python = key(PATH=stand_in(tmp_path / "other", python))
    (shop / "requirements.txt").write_text("pulumi-aws")
    assert len({without, first, other_python, key()}) == 4
    assert "-3.99-" in other_python


def test_what_pip_writes_is_what_is_cached(runner: dict[str, str], tmp_path: Path) -> None:
    """Of both environments: the review's, and the program's, which sees nothing of the job."""
    (Path(runner["PROJECT"]) / "requirements.txt").write_text("pulumi")
    log = tmp_path / "log"
    pip = f'#!/bin/sh\n"{sys.executable}" -m pip cache dir >>"{log}"\n'
    script = f'mkdir -p "$4/bin" && printf \'%s\' \'{pip}\' >"$4/bin/pip" && chmod +x "$4/bin/pip"'
    path = stand_in(tmp_path / "stub", script)
    elsewhere = {"PIP_CACHE_DIR": "/elsewhere", "XDG_CACHE_HOME": "/elsewhere"}
    subprocess.run(["bash", "-c", STEPS["Install"]["run"]], env={**runner, **elsewhere, "PATH": path}, check=True)
    cached = resolved(STEPS["Cache"]["with"]["path"], "Prepare", runner)
    assert "${{" not in cached
    assert log.read_text().splitlines() == [cached] * 3


def test_an_old_python_is_refused_in_one_line(runner: dict[str, str], tmp_path: Path) -> None:
    old = tmp_path / "old" / "python3"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    environment = {**runner, "PATH": f"{old.parent}:{runner['PATH']}"}
    command = ["bash", "-c", STEPS["Prepare"]["run"]]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.count("\n")) == (1, 1)
    assert "3.11 or later" in done.stdout


def test_the_scripts_are_clean() -> None:
    tool = shutil.which("shellcheck", path=str(Path(sys.executable).parent))
    assert tool is not None
    subprocess.run([tool, str(ROOT / "dev" / "tools" / "action.sh")], check=True)


def with_cli(folder: Path, runner: dict[str, str], plan: Path, status: int = 0) -> dict[str, str]:
    """A job with a Pulumi CLI that prints a plan."""
    folder.mkdir()
    (folder / "pulumi").write_text(f'#!/bin/sh\ncat "{plan}"\nexit {status}\n')
    (folder / "pulumi").chmod(0o755)
    return {**runner, "PLAN": "true", "STACKS": "test", "PATH": f"{folder}:{runner['PATH']}"}


RECORDED = ROOT / "review" / "tests" / "engine_files" / "recorded"


def test_with_the_cli_the_plan_is_reviewed_and_the_report_says_so(runner: dict[str, str], tmp_path: Path) -> None:
    report, _ = review(with_cli(tmp_path / "cli", runner, RECORDED / "plan.json"))
    assert report.startswith("## small · test")
    assert "review of the plan that `pulumi preview` made" in report


def test_without_a_cli_or_if_the_preview_fails_the_review_is_offline(runner: dict[str, str], tmp_path: Path) -> None:
    broken = with_cli(tmp_path / "cli", runner, RECORDED / "plan.json", status=255)
    for environment in ({**runner, "PLAN": "true"}, {**broken, "STACKS": "dev"}):
        Path(runner["GITHUB_OUTPUT"]).write_text("")
        report, _ = review(environment)
        assert report.startswith("## shop")
        assert "evaluation of the program" in report
