"""The job of a CI system that a command runs in: GitHub Actions, GitLab CI, or none."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TextIO

from ..graph.prose import make_printable

OUTPUT: Final = Path("gatehouse-ci")
"""Folder that the commands write to, below the current one."""
_NO_COMMIT: Final = "0" * 40
"""What GitHub and GitLab name the commit before a new branch."""
LONGEST_COMMENT: Final = 60_000
"""Characters. GitHub takes 65,536, and GitLab a million."""
_CUT: Final = "\n\nCut here: the whole review is an artifact of the run.\n"


class JobError(Exception):
    """A reason why the step failed. The text is the message."""


@dataclass(frozen=True)
class Job:
    """What the environment of a job says."""

    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    folder: Path = OUTPUT

    @property
    def is_github(self) -> bool:
        return self.environment.get("GITHUB_ACTIONS") == "true"

    @property
    def is_gitlab(self) -> bool:
        return self.environment.get("GITLAB_CI") == "true"

    @property
    def event(self) -> Mapping[str, Any]:
        """The event of GitHub that started the job."""
        path = self.environment.get("GITHUB_EVENT_PATH", "") if self.is_github else ""
        return dict(json.loads(Path(path).read_text(encoding="utf-8"))) if path else {}

    @property
    def main_branch(self) -> str:
        """The branch that is deployed."""
        default = self.event.get("repository", {}).get("default_branch", "")
        return default or self.environment.get("CI_DEFAULT_BRANCH") or "main"

    @property
    def merge_request(self) -> str:
        """The number of the merge request of GitLab that the job is of. Empty outside of one."""
        return self.environment.get("CI_MERGE_REQUEST_IID", "") if self.is_gitlab else ""

    def find_base(self) -> str:
        """The revision that a pull request is compared with. Empty outside of one."""
        base = self.event.get("pull_request", {}).get("base", {}).get("sha", "")
        merge_request = self.environment.get("CI_MERGE_REQUEST_DIFF_BASE_SHA", "") if self.is_gitlab else ""
        return str(base or merge_request)

    def find_previous_commit(self) -> str:
        """The main branch's commit before the push that started the job; the parent commit if that is not known."""
        before = self.event.get("before") or self.environment.get("CI_COMMIT_BEFORE_SHA", "") or _NO_COMMIT
        return "HEAD^" if before == _NO_COMMIT else str(before)

    def write_outputs(self, **values: str) -> None:
        """Hand values to later steps and jobs: to GitHub's, and as a file of variables, which GitLab takes."""
        lines = [f"{name}={' '.join(value.split())}\n" for name, value in values.items()]
        with self.open_file("outputs.env") as file:
            file.writelines(line.replace(line.partition("=")[0], line.partition("=")[0].upper(), 1) for line in lines)
        self._append("GITHUB_OUTPUT", "".join(lines))

    def write_summary(self, text: str) -> None:
        """Show Markdown on the page of the run at GitHub."""
        self._append("GITHUB_STEP_SUMMARY", text if text.endswith("\n") else f"{text}\n")

    def write_comment(self, text: str) -> Path:
        """As much of a text as a comment takes."""
        cut = text if len(text) <= LONGEST_COMMENT else text[:LONGEST_COMMENT] + _CUT
        return self.write_file("comment.md", cut)

    def write_file(self, name: str, text: str) -> Path:
        """A file in the folder of outputs."""
        with self.open_file(name, mode="w") as file:
            file.write(text)
        return self.folder / name

    def read_file(self, name: str) -> str:
        """A file of the folder of outputs. Empty if it is not there."""
        path = self.folder / name
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def open_file(self, name: str, mode: str = "a") -> Any:
        self.folder.mkdir(parents=True, exist_ok=True)
        return (self.folder / name).open(mode, encoding="utf-8")

    def print_foreign(self, text: str, to: TextIO | None = None) -> None:
        """Print text that a pull request's code may have written: GitHub would take lines of it for commands."""
        printed = "\n".join(map(make_printable, text.splitlines()))
        if printed and self.is_github:
            word = secrets.token_hex(16)
            printed = f"::stop-commands::{word}\n{printed}\n::{word}::"
        if printed:
            print(printed, file=to or sys.stderr)

    def _append(self, variable: str, text: str) -> None:
        if path := self.environment.get(variable, ""):
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(text)


def run_tool(command: Sequence[str], *, folder: Path | None = None, shows: bool = False, fails: bool = True) -> str:
    """What a program prints. Raises JobError if it ends with an error, or is not there.

    With `shows`, it writes to the job's log instead. Without `fails`, an error is an empty text.
    """
    try:
        done = subprocess.run(  # noqa: S603 # programs that the job has, by name
            [*command],
            cwd=folder,
            env=_environment(),
            text=True,
            check=False,
            stdout=None if shows else subprocess.PIPE,
        )
    except FileNotFoundError:
        raise JobError(f"{command[0]} is not on the PATH of this job") from None
    if done.returncode != 0 and fails:
        raise JobError(f"`{' '.join(command[:3])}` failed with status {done.returncode}: its reason is above")
    return (done.stdout or "").strip() if done.returncode == 0 else ""


def _environment() -> dict[str, str]:
    """The job's variables. An empty PULUMI_BACKEND_URL would name a state that is none."""
    return {name: value for name, value in os.environ.items() if value or not name.startswith("PULUMI_")}
