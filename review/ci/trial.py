"""Stacks of pull requests: each is deployed from another stack's config, and destroyed with its pull request."""

import json
import re
from pathlib import Path
from typing import Final

from ..cli.arguments import OK
from .forge import wants_stack
from .job import Job, JobError, run_tool
from .review import run_review

_NAME: Final = re.compile(r"(?:.*/)?pr-(?P<number>[0-9]+)")
_LEFT_OUT: Final = ("api.domain", "ingress.deletionProtection")
"""A domain exists once, and a protected load balancer would stay."""


def deploy_trial(job: Job, project: Path, source: str, number: str) -> int:
    """Deploy a stack `pr-NUMBER` with the config of another one. Returns the exit status."""
    stack = f"pr-{number}"
    pulumi = ["pulumi", "--cwd", str(project)]
    if _exists(project, stack):
        run_tool([*pulumi, "config", "cp", "--stack", source, "--dest", stack])
    else:
        run_tool([*pulumi, "stack", "init", stack, "--copy-config-from", source])
    for key in _LEFT_OUT:
        run_tool([*pulumi, "config", "rm", "--stack", stack, "--path", key], fails=False)
    status, report, errors = run_review(["--project", str(project), "--format", "markdown", "--", stack])
    job.print_foreign(errors)
    job.write_summary(report)
    if status != OK:
        return status
    run_tool([*pulumi, "up", "--stack", stack, "--yes", "--non-interactive"], shows=True)
    job.write_outputs(url=run_tool([*pulumi, "stack", "output", "apiUrl", "--stack", stack]))
    return OK


def sweep(job: Job, project: Path) -> int:
    """Destroy the stacks of pull requests that are closed, or that lost the label. Returns the exit status.

    A stack whose pull request the forge does not know stays, and one that cannot be destroyed does not keep others.
    """
    worst = OK
    for stack in _list_stacks(project):
        match = _NAME.fullmatch(stack)
        if match is None:
            continue
        try:
            if not wants_stack(job, match["number"]):
                command = ["pulumi", "--cwd", str(project), "destroy", "--stack", stack, "--yes", "--non-interactive"]
                run_tool([*command, "--remove"], shows=True)
        except JobError as error:
            print(f"{stack}: {error}")
            worst = 1
    return worst


def _list_stacks(project: Path) -> list[str]:
    listed = json.loads(run_tool(["pulumi", "--cwd", str(project), "stack", "ls", "--json"]) or "[]")
    return [str(stack["name"]) for stack in listed]


def _exists(project: Path, stack: str) -> bool:
    return any(each.rpartition("/")[2] == stack for each in _list_stacks(project))
