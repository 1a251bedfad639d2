"""The workflows that users copy: their scripts run here, with stand-ins for the tools of GitHub, Docker and AWS."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helpers.stacks import ROOT

DIGEST, REPOSITORY = f"sha256:{'a' * 64}", "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop"
METADATA = f'{{"containerimage.digest": "{DIGEST}"}}'
TOOLS = {
    "aws": "echo password",
    "docker": f"""case $1 in buildx) echo '{METADATA}' > image.json ;; *) cat > /dev/null ;; esac""",
    "gh": """echo "$@" >> "$HOME/gh.txt"
case "$*" in
*"--json number"*) echo 7 ;;
*/pulls/*) cat "$HOME/pull-${2##*/}" ;;
*/commits/*) echo "${PULL-7}" ;;
esac""",
    "pulumi": """echo "$@" "${PULUMI_BACKEND_URL-no backend}" >> "$HOME/pulumi.txt"
case "$*" in
"stack select"*) exit "${MISSING:-0}" ;;
"stack ls"*) cat "$HOME/stacks.json" ;;
"stack output"*) echo https://api.example.com ;;
preview*) echo '{"changeSummary": {"same": 40, "update": 2, "create": 1}}' ;;
*destroy*pr-9*) exit 1 ;;
esac""",
}


def script(workflow: str, name: str) -> str:
    (path,) = [
        *ROOT.glob(f"examples/workflows/{workflow}.yml"),
        *ROOT.glob(f"template/.github/workflows/{workflow}.yml"),
    ]
    jobs: dict[str, Any] = yaml.safe_load(path.read_text())["jobs"]
    return next(str(step["run"]) for job in jobs.values() for step in job.get("steps", ()) if step.get("name") == name)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of a repository with two stacks and an environment, whose Python has this checkout as `gatehouse`."""
    origin, clone, tools = (tmp_path / name for name in ("origin", "shop", "tools"))
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch", "main", str(origin))
    git(tmp_path, "clone", "--quiet", str(origin), str(clone))
    git(clone, "switch", "--quiet", "--create", "main")
    for stack in ("dev", "prod"):
        text = f"# {stack}\nconfig:\n  aws:region: eu-west-1\n  backend:\n    image: {REPOSITORY}:first\n"
        (clone / f"Pulumi.{stack}.yaml").write_text(text)
    (clone / ".gitignore").write_text(".venv\nimage.json\n")
    git(clone, "add", ".")
    git(clone, "-c", "user.name=x", "-c", "user.email=x@x.invalid", "commit", "--quiet", "--message", "First")
    git(clone, "push", "--quiet", "origin", "main")
    tools.mkdir()
    for name, text in TOOLS.items():
        executable(tools / name, text)
    packages = clone / ".venv" / "packages"
    packages.mkdir(parents=True)
    (packages / "gatehouse").symlink_to(ROOT / "components")
    (packages / "handlers").symlink_to(ROOT / "handlers")
    (clone / ".venv" / "bin").mkdir()
    executable(clone / ".venv/bin/python", f'PYTHONPATH="{packages}" exec "{sys.executable}" "$@"')
    executable(
        clone / ".venv/bin/gatehouse",
        'case "$*" in *"--plan -"*) cat > /dev/null ;; esac; echo "$@" >> "$HOME/gatehouse.txt"; exit "${REVIEW:-0}"',
    )
    return clone


def executable(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(0o755)


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def run(clone: Path, text: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a step's script as GitHub does with `shell: bash`."""
    home = clone.parent
    files = {name: str(home / name) for name in ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    path = f"{home / 'tools'}:{os.environ['PATH']}"
    given = {"PATH": path, "HOME": str(home), "GITHUB_SHA": "1" * 40, **files, **environment}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text]
    return subprocess.run(command, cwd=clone, env=given, capture_output=True, text=True, check=False)


def build(clone: Path) -> None:
    built = run(clone, script("build", "Build and push the image"), REPOSITORY=REPOSITORY, PLATFORM="linux/arm64")
    assert built.returncode == 0, built.stderr
    name, _, image = (clone.parent / "GITHUB_ENV").read_text().strip().partition("=")
    assert (name, image) == ("IMAGE", f"{REPOSITORY}@{DIGEST}")
    committed = run(clone, script("build", "Commit the digest, and deploy"), IMAGE=image)
    assert committed.returncode == 0, committed.stderr


def test_a_build_commits_the_digest_and_a_second_one_changes_nothing(clone: Path) -> None:
    build(clone)
    head = git(clone.parent / "origin", "rev-parse", "main")
    assert "workflow run up.yml --ref main" in (clone.parent / "gh.txt").read_text()
    shown = git(clone.parent / "origin", "show", "main:Pulumi.dev.yaml")
    assert shown == f"# dev\nconfig:\n  aws:region: eu-west-1\n  backend:\n    image: {REPOSITORY}@{DIGEST}"
    assert "first" in git(clone.parent / "origin", "show", "main:Pulumi.prod.yaml")
    (clone.parent / "GITHUB_ENV").unlink()
    build(clone)
    assert git(clone.parent / "origin", "rev-parse", "main") == head


def test_a_promotion_is_a_branch_and_a_pull_request_and_happens_once(clone: Path) -> None:
    build(clone)
    done = run(clone, script("promote", "Open the pull request"))
    assert done.returncode == 0, done.stderr
    branch = f"promote-{'a' * 64}"
    changed = git(clone.parent / "origin", "diff", "--stat", "main", branch).splitlines()
    assert [line.split()[0] for line in changed[:-1]] == ["Pulumi.prod.yaml"]
    assert DIGEST in git(clone.parent / "origin", "show", f"{branch}:Pulumi.prod.yaml")
    said = (clone.parent / "gh.txt").read_text()
    assert f"pr create --base main --head {branch}" in said
    assert f"workflow run gatehouse.yml --ref {branch} --field number=7" in said
    git(clone, "push", "--quiet", "origin", f"{branch}:main")
    git(clone, "switch", "--quiet", "main")
    git(clone, "pull", "--quiet", "origin", "main")
    assert "already" in run(clone, script("promote", "Open the pull request")).stdout
    assert (clone.parent / "gh.txt").read_text().count("pr create") == 1


def test_a_stack_is_deployed_with_either_state(clone: Path) -> None:
    for url in ("", "s3://my-bucket"):
        done = run(clone, script("up", "Deploy"), STACK="prod", PULUMI_BACKEND_URL=url)
        assert done.returncode == 0, done.stderr
    deployed = "up --stack prod --yes --non-interactive"
    assert (clone.parent / "pulumi.txt").read_text() == f"{deployed} no backend\n{deployed} s3://my-bucket\n"


def test_the_plan_of_prod_counts_its_changes_and_is_a_comment(clone: Path) -> None:
    settings = {"STACK": "prod", "PULUMI_BACKEND_URL": "", "RUNNER_TEMP": str(clone.parent)}
    planned = run(clone, script("up", "Plan"), **settings)
    assert planned.returncode == 0, planned.stderr
    assert "changes=3\n" in (clone.parent / "GITHUB_OUTPUT").read_text()
    assert "--plan" in (clone.parent / "gatehouse.txt").read_text()
    (clone / "plan.md").write_text("the plan")
    for pull in ("7", ""):
        (clone.parent / "GITHUB_OUTPUT").unlink()
        done = run(
            clone, script("up", "Find the pull request"), RUN="https://run", GITHUB_REPOSITORY="me/shop", PULL=pull
        )
        assert done.returncode == 0, done.stderr
        assert (clone.parent / "GITHUB_OUTPUT").read_text() == f"number={pull}\n"
    assert (clone / "comment.md").read_text() == "prod waits for approval: https://run\n\nthe plan"


@pytest.mark.parametrize("status", ["0", "1"])
def test_a_preview_is_kept_also_if_its_review_fails(clone: Path, status: str) -> None:
    text = script("gatehouse", "Preview, and review the plan")
    done = run(clone, text, STACK="prod", PULUMI_BACKEND_URL="", REVIEW=status)
    assert str(done.returncode) == status
    assert (clone / "plan" / "plan-prod.md").exists()


@pytest.mark.parametrize(
    ("missing", "made"), [("1", "stack init pr-7 --copy-config-from dev"), ("0", "config cp --stack dev --dest pr-7")]
)
def test_a_pull_request_has_a_stack_of_its_own(clone: Path, missing: str, made: str) -> None:
    settings = {"STACK": "pr-7", "PULUMI_BACKEND_URL": "", "MISSING": missing}
    done = run(clone, script("pull-request-stack", "Deploy"), **settings)
    assert done.returncode == 0, done.stderr
    said = [line.removesuffix(" no backend") for line in (clone.parent / "pulumi.txt").read_text().splitlines()]
    assert said == [
        "stack select pr-7",
        made,
        "config rm --stack pr-7 --path api.domain",
        "config rm --stack pr-7 --path ingress.deletionProtection",
        "up --stack pr-7 --yes --non-interactive",
        "stack output apiUrl --stack pr-7",
    ]
    assert (clone.parent / "GITHUB_OUTPUT").read_text() == "url=https://api.example.com\n"


def test_the_clean_up_destroys_the_stacks_that_no_open_pull_request_wants_and_goes_on_after_a_fault(
    clone: Path,
) -> None:
    names = ["dev", "prod", "pr-7", "me/pr-8", "pr-9", "pr-10", "pr-x", "not-pr-7", "pr-11-old"]
    (clone.parent / "stacks.json").write_text(json.dumps([{"name": name} for name in names]))
    for number, state in {7: "open true", 8: "open false", 9: "closed true", 10: "closed false"}.items():
        (clone.parent / f"pull-{number}").write_text(f"{state}\n")
    done = run(clone, script("sweep", "Destroy what is left"), PULUMI_BACKEND_URL="", GITHUB_REPOSITORY="me/shop")
    assert done.returncode == 1
    said = (clone.parent / "pulumi.txt").read_text()
    destroyed = [line.split()[2] for line in said.splitlines() if line.startswith("destroy")]
    assert destroyed == ["me/pr-8", "pr-9", "pr-10"]


def test_the_clean_up_destroys_nothing_of_a_pull_request_that_it_cannot_look_up(clone: Path) -> None:
    (clone.parent / "stacks.json").write_text('[{"name": "pr-7"}]')
    done = run(clone, script("sweep", "Destroy what is left"), PULUMI_BACKEND_URL="", GITHUB_REPOSITORY="me/shop")
    assert done.returncode
    assert "destroy" not in (clone.parent / "pulumi.txt").read_text()
