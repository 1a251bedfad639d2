"""Deploys a stack, or exactly the plan of it that was approved."""

import json
from pathlib import Path

from ..cli.arguments import OK, STRICT
from .forge import find_head
from .job import Job, JobError, run_tool
from .plan import ENGINES_PLAN, Approved, digest_steps, preview_stack, read_approved


def deploy(job: Job, project: Path, stack: str, *, plan: Path | None = None) -> int:
    """Run `pulumi up`. Returns the exit status.

    The commit must be the main branch's head. Without a plan, an older commit is left to the run of the newer one. With
    a plan, the commit and a new preview must be those that were approved.
    """
    commit, head = run_tool(["git", "-C", str(project), "rev-parse", "HEAD"]), find_head(job)
    if plan is None and commit != head:
        print(f"{stack} is not deployed: {job.main_branch} has moved on to {head[:12]}, whose run deploys it.")
        job.write_outputs(deployed="no")
        return OK
    engines: list[str] = []
    if plan is not None:
        approved = read_approved(plan, stack)
        _check_commit(approved, commit, head, job.main_branch)
        if not (plan / ENGINES_PLAN).exists():
            remedy = f"run `gatehouse ci plan {stack} --keep`, and approve that plan"
            raise JobError(f"{plan / ENGINES_PLAN} is not there: {remedy}")
        differences = [*approved.list_differences(digest_steps(json.loads(preview_stack(job, project, stack))))]
        if differences:
            job.print_foreign("\n".join(differences))
            print(f"{stack} is not deployed: the plan is not the one that was approved. Run the workflow again.")
            return STRICT
        engines = ["--plan", str((plan / ENGINES_PLAN).resolve())]
    run_tool(
        ["pulumi", "--cwd", str(project), "up", "--stack", stack, "--yes", "--non-interactive", *engines], shows=True
    )
    job.write_outputs(deployed="yes")
    return OK


def _check_commit(approved: Approved, commit: str, head: str, branch: str) -> None:
    """Raises JobError if the plan is not of the commit that the main branch has now."""
    if approved.commit != commit:
        raise JobError(f"the approved plan is of commit {approved.commit[:12]}, and this job has {commit[:12]}")
    if commit != head:
        raise JobError(
            f"{branch} has moved on from {commit[:12]} to {head[:12]} since the plan was made: approve the plan of the "
            "newer run"
        )
