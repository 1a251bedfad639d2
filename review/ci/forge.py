"""What a job asks of GitHub or GitLab, and has them do."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Final

from .job import Job, JobError, run_tool

LABEL: Final = "stack"
"""Of pull requests that get a stack of their own."""
REVIEW_WORKFLOW: Final = "gatehouse.yml"
_WHO: Final = ("-c", "user.name=gatehouse", "-c", "user.email=gatehouse@users.noreply.invalid")
_TOKEN: Final = "GITLAB_TOKEN"  # noqa: S105 # the name of a variable
_COMMENTS: Final = "GITLAB_COMMENT_TOKEN"
_HELPER: Final = f"credential.helper=!f() {{ echo username=oauth2; echo password=${_TOKEN}; }}; f"
_PATIENCE: Final = 30


def find_head(job: Job) -> str:
    """The commit that the main branch has now. Raises JobError."""
    branch = job.main_branch
    if job.is_github:
        return run_tool(["gh", "api", f"repos/{job.environment['GITHUB_REPOSITORY']}/commits/{branch}", "--jq", ".sha"])
    listed = run_tool(["git", "ls-remote", "origin", f"refs/heads/{branch}"])
    if not listed:
        raise JobError(f"the branch {branch} is not at the repository's origin")
    return listed.split()[0]


def find_pull_request(job: Job, commit: str) -> str:
    """The number of the pull request by which a commit came to the main branch. Empty if it is not known."""
    if job.is_gitlab and _COMMENTS in job.environment:
        merged = _ask_gitlab(job, f"repository/commits/{commit}/merge_requests", _COMMENTS)
        return str(merged[0]["iid"]) if merged else ""
    if not job.is_github or "GH_TOKEN" not in job.environment:
        return ""
    path = f"repos/{job.environment['GITHUB_REPOSITORY']}/commits/{commit}/pulls"
    return run_tool(["gh", "api", path, "--jq", '.[0].number // ""'], fails=False)


def wants_stack(job: Job, number: str) -> bool:
    """Whether a pull request is open and has the label `stack`. Raises JobError if the forge does not say."""
    if job.is_github:
        path = f"repos/{job.environment['GITHUB_REPOSITORY']}/pulls/{number}"
        document = json.loads(run_tool(["gh", "api", path]))
        labels = [label["name"] for label in document["labels"]]
    else:
        document = _ask_gitlab(job, f"merge_requests/{number}", _TOKEN)
        labels = document["labels"]
    return document["state"] in ("open", "opened") and LABEL in labels


def write_comment(job: Job, text: str, number: str, header: str) -> None:
    """Write a comment on a merge request of GitLab, in place of the last one with this header. Raises JobError.

    GitHub's workflows have an action for it, which runs no code of the project.
    """
    if not (job.is_gitlab and number and _COMMENTS in job.environment):
        needs = f"a merge request of GitLab, and the variable {_COMMENTS}"
        print(f"no comment: it needs {needs} (`gatehouse docs deploying-from-ci`)")
        return
    notes, mark = f"merge_requests/{number}/notes", f"<!-- gatehouse {header} -->"
    held = _ask_gitlab(job, f"{notes}?sort=desc&per_page=100", _COMMENTS)
    earlier = next((note["id"] for note in held if str(note["body"]).startswith(mark)), None)
    method, path = ("POST", notes) if earlier is None else ("PUT", f"{notes}/{earlier}")
    _ask_gitlab(job, path, _COMMENTS, method=method, body={"body": f"{mark}\n{text}"})


def _ask_gitlab(job: Job, path: str, token: str, *, method: str = "GET", body: Any = None) -> Any:
    address = f"{job.environment['CI_API_V4_URL']}/projects/{job.environment['CI_PROJECT_ID']}/{path}"
    headers = {"PRIVATE-TOKEN": job.environment.get(token, ""), "Content-Type": "application/json"}
    sent = urllib.request.Request(address, json.dumps(body).encode() if body else None, headers, method=method)  # noqa: S310 # the server that runs this job
    try:
        with urllib.request.urlopen(sent, timeout=_PATIENCE) as answer:  # noqa: S310 # likewise
            return json.load(answer)
    except (urllib.error.URLError, ValueError) as error:
        raise JobError(f"GitLab does not answer {path} ({error}): check the scopes of {token}") from error


def propose_change(job: Job, file: Path, branch: str, title: str) -> None:
    """Commit a file to a branch of its own, and open a pull request. No push goes to the main branch."""
    run_tool(["git", "switch", "--quiet", "--force-create", branch])
    run_tool(["git", *_WHO, "commit", "--quiet", "--message", title, "--", str(file)])
    if job.is_gitlab:
        options = [f"merge_request.title={title}", f"merge_request.target={job.main_branch}", "merge_request.create"]
        host, path = job.environment["CI_SERVER_HOST"], job.environment["CI_PROJECT_PATH"]
        pushed = ["git", "-c", _HELPER, "push", "--quiet", "--force", *(f"--push-option={each}" for each in options)]
        run_tool([*pushed, f"https://{host}/{path}.git", f"HEAD:refs/heads/{branch}"], shows=True)
        return
    run_tool(["gh", "auth", "setup-git"])
    run_tool(["git", "push", "--quiet", "--force", "origin", f"HEAD:refs/heads/{branch}"], shows=True)
    number = _find_open(branch)
    if not number:
        body = "Merging this deploys it."
        base = ["--base", job.main_branch, "--head", branch, "--title", title, "--body", body]
        run_tool(["gh", "pr", "create", *base], shows=True)
        number = _find_open(branch)
    # A pull request that a job's token opens starts no workflow, so its review is started here.
    run_tool(["gh", "workflow", "run", REVIEW_WORKFLOW, "--ref", branch, "--field", f"number={number}"], shows=True)


def _find_open(branch: str) -> str:
    listed = ["gh", "pr", "list", "--head", branch, "--state", "open", "--json", "number", "--jq", '.[0].number // ""']
    return run_tool(listed)
