"""Jobs of GitHub and GitLab, read from their files, and run as a runner runs them: an undefined variable fails."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from review.tests.helpers.stacks import ROOT

GUIDE: Final = ROOT / "docs/deploying-from-ci.md"
_STEP: Final = re.compile(r"^\.venv/bin/gatehouse ci (?P<step>[a-z]+)(?: (?P<stack>dev|prod))?", re.MULTILINE)
# https://docs.github.com/en/actions/reference/workflows-and-actions/variables
OF_GITHUB: Final = (
    *(
        "CI",
        "GITHUB_ACTIONS",
        "GITHUB_ACTOR",
        "GITHUB_BASE_REF",
        "GITHUB_EVENT_NAME",
        "GITHUB_EVENT_PATH",
        "GITHUB_JOB",
    ),
    *("GITHUB_HEAD_REF", "GITHUB_OUTPUT", "GITHUB_REF", "GITHUB_REF_NAME", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"),
    *("GITHUB_SERVER_URL", "GITHUB_SHA", "GITHUB_STEP_SUMMARY", "GITHUB_WORKFLOW", "GITHUB_WORKSPACE", "RUNNER_TEMP"),
)
# https://docs.gitlab.com/ci/variables/predefined_variables
OF_GITLAB: Final = (
    *("CI", "GITLAB_CI", "CI_API_V4_URL", "CI_COMMIT_BEFORE_SHA", "CI_COMMIT_SHA", "CI_DEFAULT_BRANCH", "CI_JOB_NAME"),
    *("CI_JOB_TOKEN", "CI_PIPELINE_SOURCE", "CI_PROJECT_DIR", "CI_PROJECT_ID", "CI_PROJECT_PATH", "CI_SERVER_HOST"),
)
OF_BRANCHES: Final = ("CI_COMMIT_BRANCH",)
OF_MERGE_REQUESTS: Final = (
    *("CI_MERGE_REQUEST_DIFF_BASE_SHA", "CI_MERGE_REQUEST_IID", "CI_MERGE_REQUEST_LABELS"),
    *("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"),
)


@dataclass(frozen=True)
class Job:
    """The script of a job, and the variables that its file gives it."""

    script: str
    variables: Mapping[str, str]

    @property
    def steps(self) -> list[tuple[str, str]]:
        """The steps of `gatehouse ci` that it runs, each with its stack. A comment is no step."""
        found = [(match["step"], match["stack"] or "") for match in _STEP.finditer(self.script)]
        return [each for each in found if each[0] != "comment"]

    def run(self, folder: Path, environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
        """Run it with these variables, and those of its file."""
        given = dict(environment)
        for name, value in self.variables.items():
            given[name] = re.sub(r"\$(\w+)", lambda match: given[match[1]], value)
        command = ["bash", "-e", "-u", "-o", "pipefail", "-c", self.script]
        return subprocess.run(command, cwd=folder, env=given, capture_output=True, text=True, check=False)


def read_shell_job() -> Job:
    """The lines that the guide has for any system."""
    lines = GUIDE.read_text().partition("```sh\n")[2].partition("```")[0]
    return Job(lines, {})


def read_github_jobs(contexts: Mapping[str, str]) -> Iterator[tuple[str, Job]]:
    """Yields jobs by workflow and name, with the values of expressions. One without a value is an error of the test."""
    files = [*ROOT.glob("template/.github/workflows/*.yml"), *ROOT.glob("examples/workflows/*.yml")]
    for file in files:
        for name, job in yaml.safe_load(file.read_text())["jobs"].items():
            runs = [step for step in job["steps"] if "run" in step]
            variables = dict(job.get("env", {}))
            for step in runs:
                variables |= step.get("env", {})
            filled = {key: _fill(str(value), contexts) for key, value in variables.items()}
            if runs:
                yield f"{file.stem}.{name}", Job("\n".join(step["run"] for step in runs), filled)


def _fill(text: str, contexts: Mapping[str, str]) -> str:
    def find(match: re.Match[str]) -> str:
        return next(contexts[name] for name in match[1].replace("'", "").split(" || ") if name in contexts)

    return re.sub(r"\$\{\{ (.*?) \}\}", find, text)


class _Reference(list[str]):
    """What `!reference` names."""


class _Loader(yaml.SafeLoader):
    """Reads the tags of GitLab."""


_Loader.add_constructor("!reference", lambda loader, node: _Reference(loader.construct_sequence(node)))  # type: ignore[arg-type] # of a list


def read_gitlab_jobs() -> dict[str, Job]:
    """The jobs of the template's file and of the one that it includes."""
    whole: dict[str, Any] = {}
    for file in (ROOT / "template/.gitlab-ci.yml", ROOT / "examples/gitlab/deploy.yml"):
        whole |= yaml.load(file.read_text(), Loader=_Loader)  # a safe loader
    assert whole["include"] == [{"local": ".gitlab/deploy.yml", "rules": [{"exists": [".gitlab/deploy.yml"]}]}]
    jobs = {name: _extend(whole, job) for name, job in whole.items() if isinstance(job, dict) and "script" in job}
    assert {job["stage"] for job in jobs.values()} <= {*whole["stages"]}
    return {name: _read_gitlab_job(whole, job) for name, job in jobs.items()}


def _extend(whole: Mapping[str, Any], job: Mapping[str, Any]) -> dict[str, Any]:
    return {**_extend(whole, whole[job["extends"]]), **job} if "extends" in job else dict(job)


def _read_gitlab_job(whole: Mapping[str, Any], job: Mapping[str, Any]) -> Job:
    before = job.get("before_script", whole["default"]["before_script"])
    variables = {**whole["variables"], **dict.fromkeys(job.get("id_tokens", {}), "a-token"), **job.get("variables", {})}
    return Job("\n".join(_list_lines(whole, [*before, *job["script"]])), variables)


def _list_lines(whole: Mapping[str, Any], lines: list[Any]) -> Iterator[str]:
    for line in lines:
        if isinstance(line, _Reference):
            yield from _list_lines(whole, whole[line[0]][line[1]])
        else:
            yield line


def list_documented_variables(heading: str) -> set[str]:
    """The variables that a section of the guide names."""
    section = GUIDE.read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    assert section, heading
    return {*re.findall(r"`([A-Z][A-Z0-9_]+)`", section)}
