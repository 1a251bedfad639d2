"""The workflows that users copy: their scripts run here, with stand-ins for the tools of GitHub, Docker and AWS."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helpers.stacks import ROOT

WORKFLOWS = ROOT / "examples" / "workflows"
DIGEST, REPOSITORY = f"sha256:{'a' * 64}", "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop"
METADATA = f'{{"containerimage.digest": "{DIGEST}"}}'
TOOLS = {
    "aws": "echo password",
    "docker": f"""case $1 in buildx) echo '{METADATA}' > image.json ;; *) cat > /dev/null ;; esac""",
    "gh": """echo "$@" >> "$HOME/gh.txt" """,
    "pulumi": """echo "$@" "${PULUMI_BACKEND_URL-no backend}" >> "$HOME/pulumi.txt" """,
}


def script(workflow: str, name: str) -> str:
    jobs: dict[str, Any] = yaml.safe_load((WORKFLOWS / f"{workflow}.yml").read_text())["jobs"]
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
    executable(clone / ".venv/bin/gatehouse", 'echo "$@" >> "$HOME/gatehouse.txt"; exit "${REVIEW:-0}"')
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
    committed = run(clone, script("build", "Commit the digest"), IMAGE=image)
    assert committed.returncode == 0, committed.stderr


def test_a_build_commits_the_digest_and_a_second_one_changes_nothing(clone: Path) -> None:
    build(clone)
    head = git(clone.parent / "origin", "rev-parse", "main")
    assert f"commit={head}" in (clone.parent / "GITHUB_OUTPUT").read_text()
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
    assert f"pr create --base main --head {branch}" in (clone.parent / "gh.txt").read_text()
    git(clone, "push", "--quiet", "origin", f"{branch}:main")
    git(clone, "switch", "--quiet", "main")
    git(clone, "pull", "--quiet", "origin", "main")
    assert "already" in run(clone, script("promote", "Open the pull request")).stdout
    assert (clone.parent / "gh.txt").read_text().count("pr create") == 1


def test_a_stack_is_deployed_with_either_state_unless_it_fails_a_rule(clone: Path) -> None:
    assert run(clone, script("up", "Deploy"), STACK="prod", PULUMI_BACKEND_URL="", REVIEW="1").returncode == 1
    assert not (clone.parent / "pulumi.txt").exists()
    for url in ("", "s3://my-bucket"):
        done = run(clone, script("up", "Deploy"), STACK="prod", PULUMI_BACKEND_URL=url)
        assert done.returncode == 0, done.stderr
    deployed = "up --stack prod --yes --non-interactive"
    assert (clone.parent / "pulumi.txt").read_text() == f"{deployed} no backend\n{deployed} s3://my-bucket\n"
    assert (clone.parent / "gatehouse.txt").read_text() == "review prod --strict\n" * 3
