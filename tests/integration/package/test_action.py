"""The review of pull requests: `gatehouse ci review`, and the GitHub Action that calls it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from review.ci.changed import find_changed
from review.tests.helpers.stacks import ROOT
from review.tests.plan_files import recorded

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("installed")]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = {step["name"].split(" ")[0].rstrip(","): step for step in ACTION["runs"]["steps"]}
STACK = "config: {'aws:region': eu-west-1}\n"


def script(path: Path, text: str) -> str:
    """A PATH on which this script is found first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return f"{path.parent}:{os.environ['PATH']}"


def test_no_module_of_the_checkout_is_imported(tmp_path: Path) -> None:
    for name in ("sysconfig", "venv", "ensurepip"):
        (tmp_path / f"{name}.py").write_text("open('ran', 'w')\n")
    (tmp_path / "requirements.txt").touch()
    given = {"RUNNER_TEMP": str(tmp_path), "GITHUB_ACTION_PATH": str(ROOT), "PROJECT": ".", "GITHUB_OUTPUT": "output"}
    # The install step fails, since it finds no index.
    environment = {**os.environ, **given, "PIP_NO_INDEX": "1"}
    command = ["bash", str(ROOT / "tools" / "action.sh")]
    subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert (tmp_path / "gatehouse" / "pyvenv.cfg").exists()
    assert not (tmp_path / "ran").exists()


@pytest.fixture
def runner(tmp_path: Path, installed: Path) -> dict[str, str]:
    """The environment of a job whose install step is over; the project is in `shop`."""
    home = tmp_path / "runner" / "gatehouse" / "bin"
    script(home / "gatehouse", f'PYTHONPATH="{installed}" exec "{sys.executable}" "{installed}/bin/gatehouse" "$@"')
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (shop / "Pulumi.dev.yaml").write_text(STACK)
    (shop / "__main__.py").write_text("import os, pulumi\npulumi.export('token', 'GITHUB_ENV' in os.environ)\n")
    files = {name: str(tmp_path / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ENV")}
    (tmp_path / "GITHUB_OUTPUT").touch()
    inputs = {"PROJECT": str(shop), "STACKS": "", "STRICT": "no", "AGAINST": "", "PLAN": "", "GITHUB_ACTIONS": "true"}
    places = {"GITHUB_ACTION_PATH": str(ROOT), "RUNNER_TEMP": str(tmp_path / "runner"), "GITHUB_EVENT_PATH": ""}
    # The Python of the tests, and not the first of the PATH, which may be another version.
    path = script(tmp_path / "python" / "python3", f'exec "{sys.executable}" "$@"')
    return {**os.environ, **files, **inputs, **places, "PATH": path}


def ran(runner: dict[str, str], status: int = 0) -> subprocess.CompletedProcess[str]:
    command = ["bash", "-e", "-c", STEPS["Review"]["run"]]
    event = Path(runner["RUNNER_TEMP"]) / "event.json"
    event.write_text(json.dumps({"pull_request": {"base": {"sha": runner["BASE"]}}} if "BASE" in runner else {}))
    environment = {**runner, "GITHUB_EVENT_PATH": str(event)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    return done


def review(runner: dict[str, str], status: int = 0) -> tuple[str, dict[str, str]]:
    """The report, and the step's outputs."""
    ran(runner, status)
    outputs = dict(line.split("=", 1) for line in Path(runner["GITHUB_OUTPUT"]).read_text().splitlines())
    report = Path(outputs["report"]).read_text()
    assert Path(runner["GITHUB_STEP_SUMMARY"]).read_text().endswith(report)
    return report, outputs


def program(runner: dict[str, str], text: str) -> None:
    """Add to the project's program."""
    with (Path(runner["PROJECT"]) / "__main__.py").open("a") as file:
        file.write(text)


def test_the_review_is_a_report_a_summary_and_a_status(runner: dict[str, str]) -> None:
    report, outputs = review(runner)
    assert report.startswith("## shop")
    assert outputs["status"] == "0"
    assert re.fullmatch(r"gatehouse-review-[A-Za-z0-9-]*shop", outputs["artifact"])
    assert "true" not in report.split("token")[1].splitlines()[0]


def commit(runner: dict[str, str]) -> None:
    who = ["-c", "user.name=x", "-c", "user.email=x@x"]
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=runner["PROJECT"], check=True)


def test_it_compares_with_the_base_of_the_pull_request(runner: dict[str, str]) -> None:
    commit(runner)
    program(runner, "import pulumi_aws as aws\naws.sns.Topic('news')\n")
    report, outputs = review({**runner, "BASE": "HEAD"})
    assert outputs["status"] == "0"
    assert "1 added" in report
    assert "Not compared" not in report


@pytest.mark.parametrize(
    ("changed", "reviewed"),
    [
        ("Pulumi.prod.yaml README.md", ["prod"]),
        ("__main__.py", ["dev", "prod"]),
        ("Pulumi.yaml Pulumi.dev.yaml", ["dev", "prod"]),
        ("README.md", []),
        ("Pulumi.eu.dev.yaml Pulumi.dev.yaml", ["dev", "eu.dev"]),
        ("-Pulumi.dev.yaml Pulumi.prod.yaml", ["dev", "prod"]),
    ],
)
def test_only_stacks_that_changed_are_reviewed(runner: dict[str, str], changed: str, reviewed: list[str]) -> None:
    shop = Path(runner["PROJECT"])
    (shop / "Pulumi.prod.yaml").write_text(STACK)
    (shop / "README.md").touch()
    commit(runner)
    for name in changed.split():
        if name.startswith("-"):
            (shop / name[1:]).unlink()
            continue
        text = (shop / name).read_text() if (shop / name).exists() else STACK
        (shop / name).write_text(f"{text}\n# changed\n")
        subprocess.run(["git", "add", name], cwd=shop, check=True)
    found = find_changed(shop, "HEAD")
    stacks = found.stacks or ("dev", "prod")
    assert ([] if found.nothing else [*stacks]) == reviewed


def test_without_a_changed_stack_there_is_no_report_and_with_one_only_its_own(runner: dict[str, str]) -> None:
    shop = Path(runner["PROJECT"])
    for name, text in (("README.md", ""), ("Pulumi.prod.yaml", STACK)):
        (shop / name).write_text(text)
    commit(runner)
    (shop / "README.md").write_text("changed\n")
    ran({**runner, "BASE": "HEAD"})
    assert "report=" not in Path(runner["GITHUB_OUTPUT"]).read_text()
    (shop / "Pulumi.prod.yaml").write_text(f"{STACK}# changed\n")
    report, _ = review({**runner, "BASE": "HEAD"})
    assert re.findall(r"^## shop · ([\w.]+)", report, re.MULTILINE) == ["prod"]


@pytest.mark.parametrize(("changed", "differs"), [("code/handler.py", True), ("apps/other.py", False), ("a.md", False)])
def test_code_beside_the_project_is_compared_too(
    runner: dict[str, str], tmp_path: Path, changed: str, differs: bool
) -> None:
    program(runner, "import pulumi_aws as aws\nrole = 'arn:aws:iam::111122223333:role/x'\n")
    code = "pulumi.AssetArchive({'handler.py': pulumi.FileAsset('../code/handler.py')})"
    program(
        runner, f"aws.lambda_.Function('gate', role=role, handler='handler.h', runtime='python3.13', code={code})\n"
    )
    for name in ("code/handler.py", "apps/other.py", "a.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("deny = True\n")
    commit({**runner, "PROJECT": str(tmp_path)})
    (tmp_path / changed).write_text("deny = False\n")
    ran({**runner, "BASE": "HEAD"})
    outputs = Path(runner["GITHUB_OUTPUT"]).read_text()
    if differs:
        report = Path(dict(line.split("=", 1) for line in outputs.splitlines())["report"]).read_text()
        assert "### 1 resource changes: gate (Function)" in report
    else:
        assert "report=" not in outputs
        assert f"No stack of {runner['PROJECT']} changed." in Path(runner["GITHUB_STEP_SUMMARY"]).read_text()


def test_a_base_that_is_not_there_fails_and_does_not_pass_for_no_change(runner: dict[str, str]) -> None:
    commit(runner)
    report, outputs = review({**runner, "BASE": "0" * 40}, status=2)
    assert outputs["status"] == "2"
    assert "no such revision" in report


def test_a_long_review_is_cut_for_the_comment(runner: dict[str, str]) -> None:
    program(runner, "for n in range(2000): pulumi.export(f'name-{n}', 'x' * 60)\n")
    report, outputs = review(runner)
    comment = Path(outputs["comment"]).read_text()
    assert len(comment) < 65_536 < len(report)
    assert comment.endswith("the whole review is an artifact of the run.\n")


def test_a_program_that_fails_fails_the_job_and_says_why_in_no_command_to_it(runner: dict[str, str]) -> None:
    program(runner, "print('::error::forged')\nprint('a ##[add-mask]b', end='')\n1 / 0\n")
    done = ran(runner, status=2)
    first, printed = done.stderr.split("\n", 1)
    word = first.removeprefix("::stop-commands::")
    assert len(word) == 32
    assert "::error::forged" in printed
    assert "##[add-mask]" in printed
    assert printed.endswith(f"\n::{word}::\n")
    assert "::" not in done.stdout
    outputs = dict(line.split("=", 1) for line in Path(runner["GITHUB_OUTPUT"]).read_text().splitlines())
    report = Path(outputs["report"]).read_text()
    assert "\n    " in report.partition("ZeroDivisionError")[0]
    assert "```" not in report
    assert outputs["status"] == "2"


def test_with_the_cli_the_plan_is_reviewed_and_without_one_the_job_fails(
    runner: dict[str, str], tmp_path: Path
) -> None:
    commit(runner)
    script(tmp_path / "cli" / "pulumi", "exit 1")
    path = f"{tmp_path / 'cli'}:{runner['PATH']}"
    said = ran({**runner, "PLAN": "true", "STACKS": "dev", "PATH": path}, status=2).stderr
    assert "`pulumi --cwd" in said
    (tmp_path / "plan.json").write_text(json.dumps(recorded.plan()))
    script(tmp_path / "cli" / "pulumi", f'cat "{tmp_path}/plan.json"')
    report, _ = review({**runner, "PLAN": "true", "STACKS": "test", "PATH": path})
    assert report.startswith("## small · test")
    assert "review of the plan that `pulumi preview` made" in report


def test_no_input_is_part_of_a_script_and_the_token_goes_to_one_step() -> None:
    assert [name for name, step in STEPS.items() if "${{" in step.get("run", "")] == []
    assert [name for name, step in STEPS.items() if "token" in json.dumps(step)] == []
    assert "secrets" not in json.dumps(ACTION)


def test_each_package_that_it_installs_is_locked_by_hash() -> None:
    script = (ROOT / "tools" / "action.sh").read_text()
    installed = [line for line in script.splitlines() if "--requirement" in line]
    assert len(installed) == 2
    assert all("--require-hashes --only-binary :all:" in line for line in installed)


def test_it_pins_each_action_by_its_commit() -> None:
    uses = [step["uses"] for step in ACTION["runs"]["steps"] if "uses" in step]
    assert len(uses) == 2
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", use) for use in uses)
