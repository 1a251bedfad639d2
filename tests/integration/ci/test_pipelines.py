"""Every job of GitHub, of GitLab and of a plain shell, run to its end with what its forge documents."""

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from review.tests.helpers.stacks import ROOT
from tests.helpers.stacks import ADOPTED
from tests.integration.ci.pipelines import (
    OF_BRANCHES,
    OF_GITHUB,
    OF_GITLAB,
    OF_MERGE_REQUESTS,
    Job,
    list_documented_variables,
    read_github_jobs,
    read_gitlab_jobs,
    read_shell_job,
)
from tests.integration.ci.test_steps import REPOSITORY, TOOLS, commit, executable, git, git_path

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("installed")]
# One list of steps for both forges: the job of each, and the step with its stack that it runs.
STEPS = {
    ("gatehouse.review", "review"): [("review", "")],
    ("up.gate", "gate"): [("gate", "")],
    ("up.dev", "dev"): [("deploy", "dev")],
    ("up.plan", "plan"): [("plan", "prod")],
    ("up.prod", "prod"): [("deploy", "prod")],
    ("gatehouse.preview", "preview"): [("plan", "")],
    ("build.image", "build"): [("image", "dev")],
    ("promote.promote", "promote"): [("image", "prod")],
    ("pull-request-stack.up", "trial"): [("trial", "dev")],
    ("sweep.sweep", "sweep"): [("sweep", "")],
}
# In a network that exists: a network of its own is most of a stack's time.
IMAGE = f"""config:
  aws:region: eu-west-1
  topology: public-proxy
  network: {json.dumps(ADOPTED)}
  backend:
    image: {REPOSITORY}@sha256:{"b" * 64}
    platform: linux/arm64
  api:
    routes: [{{ path: /a, methods: [GET], authorization: iam }}]
"""


class GitLab:
    """The API of GitLab, on this machine."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, Any]] = []
        self.notes: list[dict[str, Any]] = []
        gitlab = self

        class Pages(BaseHTTPRequestHandler):
            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                gitlab.sent.append((self.command, self.path, body))
                known: dict[str, Any] = {"/notes": gitlab.notes, "/commits": [{"iid": 7}]}
                whole = {"state": "opened", "labels": ["stack"]}
                page = next((page for words, page in known.items() if words in self.path), whole)
                self.send_response(200 if self.headers["PRIVATE-TOKEN"] else 401)
                self.end_headers()
                self.wfile.write(json.dumps(page if self.command == "GET" else {}).encode())

            do_GET = do_POST = do_PUT = answer  # noqa: N815 # names of the standard library

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
        Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def gitlab() -> Iterator[GitLab]:
    api = GitLab()
    yield api
    api.server.shutdown()
    api.server.server_close()


@pytest.fixture
def checkout(tmp_path: Path, installed: Path) -> Path:
    """What a runner checks out: a commit of a bare origin, which takes no push to main, on no branch."""
    origin, work, tools = (tmp_path / name for name in ("origin", "shop", "tools"))
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch", "main", str(origin))
    git(tmp_path, "clone", "--quiet", str(origin), str(work))
    git(work, "switch", "--quiet", "--create", "main")
    for name in ("__main__.py", ".gitignore", ".pulumi.version", "test_stack.py"):
        (work / name).write_text((ROOT / "template" / name).read_text())
    (work / ".gitignore").write_text("/gatehouse-ci\n/approved\n/preview\n/.venv\n__pycache__\n")
    (work / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (work / "Pulumi.dev.yaml").write_text(IMAGE)
    (work / "Pulumi.prod.yaml").write_text(IMAGE.replace("b" * 64, "c" * 64))
    commit(work, "First")
    (work / "notes.txt").write_text("x")
    commit(work, "Second")
    git(work, "push", "--quiet", "origin", "main")
    git(work, "checkout", "--quiet", "--detach", "HEAD")
    executable(origin / "hooks" / "update", '[ "$1" != refs/heads/main ] || exit 1')
    tools.mkdir()
    made = tmp_path / "made"
    made.mkdir()
    executable(made / "python", f'PYTHONPATH="{installed}" exec "{sys.executable}" "$@"')
    executable(made / "gatehouse", f'exec .venv/bin/python "{installed}/bin/gatehouse" "$@"')
    stubs = {
        **TOOLS,
        "uv": f"mkdir -p .venv/bin; cp {made}/* .venv/bin",
        "curl": "echo true",
        "apk": "true",
        "git": f'case "$*" in *"push "*https*) echo "$@" >> "$HOME/push.txt" ;; *) exec {git_path()} "$@" ;; esac',
    }
    for name, text in stubs.items():
        executable(tools / name, text)
    (tmp_path / "head").write_text(git(work, "rev-parse", "HEAD"))
    (tmp_path / "stacks.json").write_text('[{"name": "dev"}, {"name": "pr-7"}]')
    (tmp_path / "pull-7.json").write_text('{"state": "open", "labels": [{"name": "stack"}]}')
    (tmp_path / "preview.json").write_text('{"config": {"aws:region": "eu-west-1"}, "steps": []}')
    return work


def open_trial(checkout: Path) -> None:
    """Write the file of a pull request's stack, as the Pulumi CLI does when it makes that stack."""
    (checkout / "Pulumi.pr-7.yaml").write_text(IMAGE)


def run(job: Job, checkout: Path, variables: Mapping[str, str], status: int = 0) -> str:
    home = checkout.parent
    machine = {"PATH": f"{home / 'tools'}:{os.environ['PATH']}", "HOME": str(home), "LANG": "C.UTF-8"}
    done = job.run(checkout, {**machine, **variables})
    assert done.returncode == status, f"{job.script}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def describe_github_job(checkout: Path, *, base: str = "HEAD") -> tuple[dict[str, str], dict[str, str]]:
    """Variables and the values of expressions that a job of GitHub has: those that are documented, and no others."""
    home, sha = checkout.parent, git(checkout, "rev-parse", base)
    event = home / "event.json"
    event.write_text(json.dumps({"repository": {"default_branch": "main"}, "before": sha}))
    known = dict.fromkeys(OF_GITHUB, "x") | {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(event)}
    known |= {name: str(home / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    named = list_documented_variables("Create the environments at GitHub")
    contexts = {f"{kind}.{name}": "" for kind in ("vars", "secrets") for name in named}
    contexts |= {"github.token": "x", "github.event.pull_request.base.sha": sha, "matrix.stack": "dev"}
    return known, contexts | {"github.event.pull_request.number": "7"}


def describe_gitlab_job(
    checkout: Path, api: GitLab, *, merge_request: bool, base: str = "HEAD", trunk: str = "main"
) -> dict[str, str]:
    sha = git(checkout, "rev-parse", base)
    names = (*OF_GITLAB, *(OF_MERGE_REQUESTS if merge_request else OF_BRANCHES))
    address = f"http://127.0.0.1:{api.server.server_port}"
    values = {"GITLAB_CI": "true", "CI_API_V4_URL": address, "CI_DEFAULT_BRANCH": trunk, "CI_MERGE_REQUEST_IID": "7"}
    values |= {"CI_COMMIT_BEFORE_SHA": sha, "CI_MERGE_REQUEST_DIFF_BASE_SHA": sha, "CI_PROJECT_ID": "1"}
    documented = dict.fromkeys(list_documented_variables("Create the environments at GitLab"), "x")
    documented["PREVIEW_STACK"] = "dev"
    return {**documented, **{name: values.get(name, "x") for name in names}}


def test_both_forges_have_one_list_of_steps() -> None:
    github = {name: job.steps for name, job in read_github_jobs(_Any()) if job.steps}
    of_gitlab = {name: job.steps for name, job in read_gitlab_jobs().items() if job.steps}
    assert github == {ours: steps for (ours, _), steps in STEPS.items()} | {
        "pull-request-stack.price": [("review", "dev")]
    }
    assert of_gitlab == {theirs: steps for (_, theirs), steps in STEPS.items()}
    assert read_shell_job().steps == [
        ("review", ""),
        ("gate", ""),
        ("deploy", "dev"),
        ("plan", "prod"),
        ("deploy", "prod"),
    ]


class _Any(dict[str, str]):
    """A value for every expression."""

    def __contains__(self, _: object) -> bool:
        return True

    def __missing__(self, _: str) -> str:
        return ""


def test_the_pipeline_of_github_runs_to_its_end(checkout: Path) -> None:
    variables, contexts = describe_github_job(checkout)
    jobs = dict(read_github_jobs(contexts))
    for name in ("pull-request-stack.price", *(ours for ours, _ in STEPS)):
        if name == "up.prod":
            # The artifact of the job `plan`.
            (checkout / "gatehouse-ci").rename(checkout / "approved")
        if name == "pull-request-stack.up":
            open_trial(checkout)
        run(jobs[name], checkout, variables)
    check_that_all_was_done(checkout)
    assert f"pr create --base main --head deploy-dev-{'a' * 12}" in (checkout.parent / "gh.txt").read_text()


def test_the_pipeline_of_gitlab_runs_to_its_end(checkout: Path, gitlab: GitLab) -> None:
    jobs = read_gitlab_jobs()
    for name in (*(theirs for _, theirs in STEPS), "comment"):
        merged = name in ("review", "preview", "trial", "comment")
        if name == "trial":
            open_trial(checkout)
        run(jobs[name], checkout, describe_gitlab_job(checkout, gitlab, merge_request=merged))
    check_that_all_was_done(checkout)
    assert "--push-option=merge_request.create" in (checkout.parent / "push.txt").read_text()
    written = [body["body"].splitlines()[0] for method, _, body in gitlab.sent if method == "POST"]
    assert written == ["<!-- gatehouse plan-prod -->", "<!-- gatehouse plan-dev -->"]


def test_the_steps_run_in_a_plain_shell(checkout: Path) -> None:
    run(read_shell_job(), checkout, {})
    assert "up --stack prod" in (checkout.parent / "pulumi.txt").read_text()


def check_that_all_was_done(checkout: Path) -> None:
    done = (checkout.parent / "pulumi.txt").read_text()
    for words in ("up --stack dev", "up --stack prod --yes --non-interactive --plan", "up --stack pr-7", "stack ls"):
        assert words in done
    assert "buildx" in (checkout.parent / "docker.txt").read_text()


@pytest.mark.parametrize("forge", ["github", "gitlab", "shell"])
def test_a_change_that_opens_a_route_stops_with_its_reason(checkout: Path, gitlab: GitLab, forge: str) -> None:
    # One stack, which is held against no other.
    (checkout / "Pulumi.prod.yaml").unlink()
    commit(checkout, "Only one stack")
    (checkout / "Pulumi.dev.yaml").write_text(IMAGE.replace(", authorization: iam", ""))
    commit(checkout, "Open a route")
    if forge == "shell":
        job = Job(re.sub("(?m)^(?!uv|.*ci review).*\n", "", read_shell_job().script), {})
        printed = run(job, checkout, {}, status=1)
    elif forge == "github":
        variables, contexts = describe_github_job(checkout, base="HEAD^")
        printed = run(dict(read_github_jobs(contexts))["gatehouse.review"], checkout, variables, status=1)
        run(dict(read_github_jobs(contexts))["up.gate"], checkout, variables, status=1)
    else:
        of_request = describe_gitlab_job(checkout, gitlab, merge_request=True, base="HEAD^")
        printed = run(read_gitlab_jobs()["review"], checkout, of_request, status=1)
        gitlab.notes.append({"id": 9, "body": "<!-- gatehouse review -->\nan earlier one"})
        run(read_gitlab_jobs()["comment"], checkout, of_request)
        method, path, body = gitlab.sent[-1]
        assert (method, path) == ("PUT", "/projects/1/merge_requests/7/notes/9")
        assert "GET /a" in body["body"]
        run(
            read_gitlab_jobs()["gate"],
            checkout,
            describe_gitlab_job(checkout, gitlab, merge_request=False, base="HEAD^"),
            status=1,
        )
    report = (checkout / "gatehouse-ci" / "review.md").read_text()
    assert "Against " in report
    for text in (printed, report):
        assert re.search(r"[Oo]pens .*GET /a|GET /a.*open to the internet", text), text


def test_a_variable_that_nobody_defines_fails_a_job(checkout: Path, gitlab: GitLab) -> None:
    given = describe_gitlab_job(checkout, gitlab, merge_request=False)
    del given["DEPLOY_ROLE"]
    with pytest.raises(KeyError, match="DEPLOY_ROLE"):
        read_gitlab_jobs()["dev"].run(checkout, {**given, "PATH": os.environ["PATH"], "HOME": str(checkout.parent)})
    job = Job("echo $ROLE", {})
    assert job.run(checkout, {"PATH": os.environ["PATH"]}).returncode != 0


def test_a_plan_without_the_engines_file_is_not_deployed(checkout: Path) -> None:
    variables, contexts = describe_github_job(checkout)
    jobs = dict(read_github_jobs(contexts))
    run(jobs["up.plan"], checkout, variables)
    (checkout / "gatehouse-ci").rename(checkout / "approved")
    (checkout / "approved/engine-plan.json").unlink()
    assert "engine-plan.json is not there: run `gatehouse ci plan prod --keep`, and approve" in run(
        jobs["up.prod"], checkout, variables, 2
    )
    assert "up --stack" not in (checkout.parent / "pulumi.txt").read_text()
