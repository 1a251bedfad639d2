"""`gatehouse ci`: each step runs here, with stand-ins for the tools of GitHub, GitLab, Docker, AWS and Pulumi."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from review.ci.job import Job

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("installed")]
DIGEST, REGISTRY = f"sha256:{'a' * 64}", "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
REPOSITORY, OTHER_ACCOUNT = f"{REGISTRY}/shop", "444455556666.dkr.ecr.eu-west-1.amazonaws.com/shop"
TOOLS = {
    "aws": "echo password",
    "docker": f"""echo "$@" >> "$HOME/docker.txt"
before=
for word; do
  [ "$before" != --metadata-file ] || echo '{{"containerimage.digest": "{DIGEST}"}}' > "$word"
  before=$word
done
[ "$1" != login ] || cat > /dev/null""",
    "gh": """echo "$@" >> "$HOME/gh.txt"
case "$*" in
*"pr list"*) [ ! -e "$HOME/opened" ] || echo 7 ;;
*"pr create"*) touch "$HOME/opened" ;;
*/pulls/*) cat "$HOME/pull-${2##*/}.json" ;;
*/pulls*) echo 7 ;;
*/commits/*) cat "$HOME/head" ;;
esac""",
    "pulumi": """shift 2; echo "$@" "${PULUMI_BACKEND_URL-no backend}" >> "$HOME/pulumi.txt"
case "$*" in
"stack ls"*) cat "$HOME/stacks.json" ;;
"stack output"*) echo https://api.example.com ;;
preview*) cat "$HOME/preview.json"; case "$*" in *--save-plan*) echo '{"secret": "ciphertext"}' > "${@: -1}" ;; esac ;;
*destroy*pr-9*) exit 1 ;;
esac""",
}


def executable(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(0o755)


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of a repository with two stacks, whose origin takes no push to main."""
    origin, clone, tools = (tmp_path / name for name in ("origin", "shop", "tools"))
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch", "main", str(origin))
    git(tmp_path, "clone", "--quiet", str(origin), str(clone))
    git(clone, "switch", "--quiet", "--create", "main")
    for stack, repository in (("dev", REPOSITORY), ("prod", OTHER_ACCOUNT)):
        text = f"# {stack}\nconfig:\n  aws:region: eu-west-1\n  backend:\n    image: {repository}:first\n"
        (clone / f"Pulumi.{stack}.yaml").write_text(text)
    (clone / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (clone / "__main__.py").write_text("import pulumi\npulumi.export('a', 1)\n")
    (clone / ".gitignore").write_text("gatehouse-ci\n")
    commit(clone, "First")
    git(clone, "push", "--quiet", "origin", "main")
    executable(origin / "hooks" / "update", '[ "$1" != refs/heads/main ] || { echo protected >&2; exit 1; }')
    tools.mkdir()
    for name, text in TOOLS.items():
        executable(tools / name, text)
    (tmp_path / "head").write_text(git(clone, "rev-parse", "HEAD"))
    return clone


def commit(clone: Path, message: str) -> None:
    git(clone, "add", ".")
    git(clone, "-c", "user.name=x", "-c", "user.email=x@x.invalid", "commit", "--quiet", "--message", message)


def ci(installed: Path, clone: Path, *arguments: str, status: int = 0, **environment: str) -> str:
    """What a step prints, in a job of GitHub unless the environment says otherwise."""
    home = clone.parent
    files = {name: str(home / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    job = {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "me/shop", "GH_TOKEN": "x", "PULUMI_BACKEND_URL": ""}
    given = {"PATH": f"{home / 'tools'}:{os.environ['PATH']}", "HOME": str(home), "PYTHONPATH": str(installed)}
    command = [sys.executable, str(installed / "bin" / "gatehouse"), "ci", *arguments]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run(
        command, cwd=clone, env={**given, **files, **job, **environment}, text=True, check=False, **pipes
    )
    assert done.returncode == status, done.stdout
    return str(done.stdout)


def said(clone: Path, name: str) -> str:
    path = clone.parent / name
    return path.read_text() if path.exists() else ""


def outputs(clone: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in said(clone, "GITHUB_OUTPUT").splitlines())


# --- images


def test_a_new_image_comes_as_a_pull_request_to_a_protected_main_and_once(installed: Path, clone: Path) -> None:
    ci(installed, clone, "image", "dev", "--build", "app")
    origin, branch = clone.parent / "origin", f"deploy-dev-{'a' * 12}"
    assert git(origin, "rev-parse", "main") == said(clone, "head")
    shown = git(origin, "show", f"{branch}:Pulumi.dev.yaml")
    assert shown == f"# dev\nconfig:\n  aws:region: eu-west-1\n  backend:\n    image: {REPOSITORY}@{DIGEST}"
    changed = git(origin, "diff", "--stat", "main", branch).splitlines()
    assert [line.split()[0] for line in changed[:-1]] == ["Pulumi.dev.yaml"]
    assert f"pr create --base main --head {branch}" in said(clone, "gh.txt")
    assert f"workflow run gatehouse.yml --ref {branch} --field number=7" in said(clone, "gh.txt")
    assert f"login --username AWS --password-stdin {REGISTRY}" in said(clone, "docker.txt")
    assert "has this image already" in ci(installed, clone, "image", "dev", "--build", "app")
    assert said(clone, "gh.txt").count("pr create") == 1


def test_an_image_is_copied_into_the_registry_of_the_stack_that_gets_it(installed: Path, clone: Path) -> None:
    refused = ci(installed, clone, "image", "prod", "--from", "dev", status=2)
    assert "by a tag: an image goes on by its digest only" in refused
    dev = clone / "Pulumi.dev.yaml"
    dev.write_text(dev.read_text().replace(":first", f"@{DIGEST}"))
    commit(clone, "Image")
    ci(installed, clone, "image", "prod", "--from", "dev")
    copied = f"imagetools create --tag {OTHER_ACCOUNT}:{DIGEST.replace(':', '-')} {REPOSITORY}@{DIGEST}"
    assert copied in said(clone, "docker.txt")
    assert f"{OTHER_ACCOUNT}@{DIGEST}" in git(
        clone.parent / "origin", "show", f"deploy-prod-{'a' * 12}:Pulumi.prod.yaml"
    )


def test_an_image_of_another_repository_is_refused(installed: Path, clone: Path) -> None:
    said_so = ci(installed, clone, "image", "prod", f"{REPOSITORY}@{DIGEST}", status=2)
    assert f"is not of {OTHER_ACCOUNT}, the repository of backend.image in Pulumi.prod.yaml" in said_so
    assert git(clone, "status", "--porcelain") == ""


def test_at_gitlab_the_push_opens_the_merge_request(installed: Path, clone: Path) -> None:
    executable(
        clone.parent / "tools" / "git",
        f'case "$*" in *push*) echo "$@" >> "$HOME/push.txt" ;; *) exec {git_path()} "$@" ;; esac',
    )
    gitlab: dict[str, Any] = {
        "GITHUB_ACTIONS": "",
        "GITLAB_CI": "true",
        "CI_SERVER_HOST": "gitlab.invalid",
        "CI_PROJECT_PATH": "me/shop",
    }
    ci(
        installed,
        clone,
        "image",
        "dev",
        "--build",
        "app",
        **gitlab,
        CI_DEFAULT_BRANCH="trunk",
        GITLAB_TOKEN="of-the-test",
    )
    pushed = said(clone, "push.txt")
    assert "--push-option=merge_request.create" in pushed
    assert "--push-option=merge_request.target=trunk" in pushed
    assert f"https://gitlab.invalid/me/shop.git HEAD:refs/heads/deploy-dev-{'a' * 12}" in pushed
    assert "of-the-test" not in pushed


def git_path() -> str:
    return subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()


# --- plans and deployments


def preview(clone: Path, **changes: Any) -> None:
    """The engine's preview: an instance with a name that the provider makes up, and a password."""
    inputs = {"size": 1, "password": "of-the-test", "name": "server-0a1b2c3", "__defaults": ["name"], **changes}
    user = {"of": f"arn:aws:x:::y/{inputs['name']}"}
    using = {"op": "create", "urn": "urn:pulumi:prod::shop::aws:x/y:Z::user", "newState": {"inputs": user}}
    step = {"op": "update", "urn": "urn:pulumi:prod::shop::aws:x/y:Z::server", "newState": {"inputs": inputs}}
    same = {"op": "same", "urn": "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"}
    (clone.parent / "preview.json").write_text(json.dumps({"steps": [step, using, same]}))


def plan(installed: Path, clone: Path) -> dict[str, str]:
    preview(clone)
    # The review of such a document fails, and nothing depends on that here.
    ci(installed, clone, "plan", "prod", "--output", "approved", "--keep", status=2)
    return outputs(clone)


def test_the_approved_plan_is_deployed_also_if_the_provider_makes_up_another_name(installed: Path, clone: Path) -> None:
    assert plan(installed, clone)["changes"] == "2"
    kept = "".join(path.read_text() for path in (clone / "approved").iterdir() if path.name != "plan.md")
    assert "of-the-test" not in kept
    preview(clone, name="server-ffffff0")
    ci(installed, clone, "deploy", "prod", "--plan", "approved")
    engines = clone / "approved" / "engine-plan.json"
    # The engine holds the update to the plan too: something may change between the two.
    deployed = f"up --stack prod --yes --non-interactive --plan {engines} no backend"
    assert said(clone, "pulumi.txt").splitlines()[-1] == deployed
    assert outputs(clone)["deployed"] == "yes"


def test_a_plan_that_changed_after_its_approval_is_not_deployed(installed: Path, clone: Path) -> None:
    plan(installed, clone)
    preview(clone, size=100)
    refused = ci(installed, clone, "deploy", "prod", "--plan", "approved", status=1)
    assert "~ update urn:pulumi:prod::shop::aws:x/y:Z::server: other inputs than those approved" in refused
    assert "prod is not deployed" in refused
    assert "up --stack" not in said(clone, "pulumi.txt")


def test_a_plan_is_not_deployed_once_main_has_moved_on(installed: Path, clone: Path) -> None:
    plan(installed, clone)
    (clone.parent / "head").write_text("f" * 40)
    assert "main has moved on" in ci(installed, clone, "deploy", "prod", "--plan", "approved", status=2)
    (clone.parent / "head").write_text(git(clone, "rev-parse", "HEAD"))
    assert "is of the stack prod, and not of dev" in ci(
        installed, clone, "deploy", "dev", "--plan", "approved", status=2
    )
    assert "no approved plan" in ci(installed, clone, "deploy", "prod", "--plan", "nowhere", status=2)
    assert "up --stack" not in said(clone, "pulumi.txt")


def test_dev_is_left_to_the_run_of_a_newer_commit(installed: Path, clone: Path) -> None:
    ci(installed, clone, "deploy", "dev", PULUMI_BACKEND_URL="s3://my-bucket")
    assert said(clone, "pulumi.txt") == "up --stack dev --yes --non-interactive s3://my-bucket\n"
    (clone.parent / "head").write_text("f" * 40)
    ci(installed, clone, "deploy", "dev")
    assert outputs(clone)["deployed"] == "no"
    assert said(clone, "pulumi.txt").count("up --stack") == 1


# --- stacks of pull requests


@pytest.mark.parametrize(
    ("stacks", "made"),
    [(["dev"], "stack init pr-7 --copy-config-from dev"), (["dev", "me/pr-7"], "config cp --stack dev --dest pr-7")],
)
def test_a_pull_request_has_a_stack_of_its_own(installed: Path, clone: Path, stacks: list[str], made: str) -> None:
    (clone.parent / "stacks.json").write_text(json.dumps([{"name": name} for name in stacks]))
    (clone / "Pulumi.pr-7.yaml").write_text((clone / "Pulumi.dev.yaml").read_text())
    ci(installed, clone, "trial", "dev", "--number", "7")
    assert [line.removesuffix(" no backend") for line in said(clone, "pulumi.txt").splitlines()] == [
        "stack ls --json",
        made,
        "config rm --stack pr-7 --path api.domain",
        "config rm --stack pr-7 --path ingress.deletionProtection",
        "up --stack pr-7 --yes --non-interactive",
        "stack output apiUrl --stack pr-7",
    ]
    assert outputs(clone)["url"] == "https://api.example.com"


def test_the_clean_up_destroys_the_stacks_that_no_open_pull_request_wants_and_goes_on_after_a_fault(
    installed: Path, clone: Path
) -> None:
    names = ["dev", "prod", "pr-7", "me/pr-8", "pr-9", "pr-10", "pr-x", "not-pr-7", "pr-11-old"]
    (clone.parent / "stacks.json").write_text(json.dumps([{"name": name} for name in names]))
    for number, state, labels in (
        (7, "open", ["stack"]),
        (8, "open", []),
        (9, "closed", ["stack"]),
        (10, "closed", []),
    ):
        document = {"state": state, "labels": [{"name": name} for name in labels]}
        (clone.parent / f"pull-{number}.json").write_text(json.dumps(document))
    ci(installed, clone, "sweep", status=1)
    destroyed = [line.split()[2] for line in said(clone, "pulumi.txt").splitlines() if line.startswith("destroy")]
    assert destroyed == ["me/pr-8", "pr-9", "pr-10"]


# --- names that two stacks have

DOMAIN = """
import pulumi, pulumi_aws as aws
name = pulumi.Config().require("domain")
served = {"endpoint_type": "REGIONAL", "security_policy": "TLS_1_2"}
served["certificate_arn"] = "arn:aws:acm:eu-west-1:111122223333:certificate/x"
aws.apigatewayv2.DomainName("d", domain_name=name, domain_name_configuration=served)
"""


def test_a_new_stack_is_held_against_all_others_and_what_was_there_fails_nobody(installed: Path, clone: Path) -> None:
    (clone / "__main__.py").write_text(DOMAIN)
    for stack in ("dev", "prod"):
        (clone / f"Pulumi.{stack}.yaml").write_text(
            f"config: {{aws:region: eu-west-1, shop:domain: {stack}.example.com}}\n"
        )
    commit(clone, "Domains")
    second = clone / "Pulumi.second.yaml"
    second.write_text("config: {aws:region: eu-west-1, shop:domain: DEV.example.com}\n")
    git(clone, "add", ".")
    refused = ci(installed, clone, "review", "--against", "HEAD", status=2)
    assert "second and dev: both declare the domain dev.example.com in eu-west-1" in refused
    assert "## shop · second" in (clone / "gatehouse-ci" / "review.md").read_text()
    assert "## shop · prod" not in (clone / "gatehouse-ci" / "review.md").read_text()
    # Once it is in main, the next pull request does not fail for it.
    commit(clone, "Merged past the review")
    (clone / "__main__.py").write_text(f"{DOMAIN}\npulumi.export('b', 2)\n")
    printed = ci(installed, clone, "review", "--against", "HEAD")
    assert "(as before this change)" in printed


@pytest.mark.parametrize("before", ["a" * 40, "0" * 40, ""])
def test_the_gate_compares_with_the_commit_before_the_push(tmp_path: Path, before: str) -> None:
    (tmp_path / "event.json").write_text(json.dumps({"before": before}))
    github = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(tmp_path / "event.json")}
    for environment in (github, {"GITLAB_CI": "true", "CI_COMMIT_BEFORE_SHA": before}):
        found = Job(environment, tmp_path).find_previous_commit()
        assert found == (before if before.strip("0") else "HEAD^")
