"""The plan of an update that people approve: what it is told apart by, and what of it is kept until the update."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..cli.arguments import FAILED, OK
from .forge import find_pull_request, write_comment
from .job import Job, JobError, run_tool
from .review import run_review, write_report

APPROVED: Final = "approved.json"
ENGINES_PLAN: Final = "engine-plan.json"
_PREVIEW: Final = ("preview", "--json", "--show-sames", "--show-replacement-steps", "--non-interactive")
_UNCHANGED: Final = ("same", "read", "read-discard")


@dataclass(frozen=True)
class Approved:
    """What a reviewer saw: the commit, and each step with a digest of what it is made of."""

    stack: str
    commit: str
    steps: Mapping[str, str]
    """Digests by operation and URN."""

    @property
    def digest(self) -> str:
        return _hash([self.stack, self.commit, self.steps])

    def list_differences(self, now: Mapping[str, str]) -> Iterator[str]:
        """A line for each step that is not the approved one."""
        for step in sorted({*self.steps} | {*now}):
            if step not in now:
                yield f"- {step}: approved, and not planned now"
            elif step not in self.steps:
                yield f"+ {step}: planned now, and not approved"
            elif self.steps[step] != now[step]:
                yield f"~ {step}: other inputs than those approved"


def plan(job: Job, project: Path, stack: str, *, strict: str = FAILED, keep: bool = False) -> int:
    """Preview a stack, review the plan, and keep what identifies it until its deployment. Returns the exit status."""
    commit = run_tool(["git", "-C", str(project), "rev-parse", "HEAD"])
    document = preview_stack(job, project, stack, save=keep)
    steps = digest_steps(json.loads(document))
    approved = Approved(stack, commit, steps)
    path = job.write_file("plan.json", document)
    options = ["--plan", str(path), "--format", "markdown", *([f"--strict={strict}"] if strict != "no" else [])]
    status, report, errors = run_review(options)
    path.unlink()  # inputs of the whole stack: only the digests go on
    job.print_foreign(errors)
    write_report(job, "plan.md", report, errors, status)
    job.write_file(APPROVED, json.dumps({"stack": stack, "commit": commit, "steps": steps}, indent=1) + "\n")
    number = find_pull_request(job, commit) if status == OK else ""
    job.write_outputs(changes=str(len(steps)), digest=approved.digest, number=number)
    return status


def comment(job: Job, header: str, number: str) -> None:
    """Write the comment that an earlier job made on its merge request, at GitLab. Raises JobError."""
    text = job.read_file("comment.md")
    results = dict(line.partition("=")[::2] for line in job.read_file("outputs.env").splitlines())
    if text:
        write_comment(job, text, number or job.merge_request or results.get("NUMBER", ""), header)


def preview_stack(job: Job, project: Path, stack: str, *, save: bool = False) -> str:
    """What `pulumi preview --json` prints. Raises JobError."""
    job.folder.mkdir(parents=True, exist_ok=True)
    saved = ["--save-plan", str((job.folder / ENGINES_PLAN).resolve())] if save else []
    return run_tool(["pulumi", "--cwd", str(project), *_PREVIEW, "--stack", stack, *saved])


def digest_steps(document: Mapping[str, Any]) -> dict[str, str]:
    """The steps of a preview that change something, by operation and URN, with a digest of their inputs.

    Inputs that the provider fills in are left out: names that it makes up are others in each preview, also where other
    resources have them. Secrets are alike: their values are those of the commit.
    """
    steps = [step for step in document.get("steps", []) if step["op"] not in _UNCHANGED]
    made_up = dict(pair for step in steps for pair in _list_made_up_names(step))
    return {
        f"{step['op']} {step['urn']}": _hash(
            [_without_defaults(_read_inputs(step)), sorted(step.get("replaceReasons") or [])], made_up
        )
        for step in steps
    }


def _read_inputs(step: Mapping[str, Any]) -> Mapping[str, Any]:
    return (step.get("newState") or {}).get("inputs") or {}


def _list_made_up_names(step: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Names that the provider made of the resource's own, each with what stands for it."""
    inputs, name = _read_inputs(step), str(step["urn"]).rpartition("::")[2]
    for key in inputs.get("__defaults") or ():
        value = inputs.get(key)
        if isinstance(value, str) and value != name and value.startswith(name):
            yield value, f"({key} of {step['urn']})"


def _without_defaults(value: Any) -> Any:
    if isinstance(value, Mapping):
        filled = {*(value.get("__defaults") or []), "__defaults"}
        return {key: _without_defaults(inner) for key, inner in value.items() if key not in filled}
    return [*map(_without_defaults, value)] if isinstance(value, list) else value


def _hash(value: Any, made_up: Mapping[str, str] | None = None) -> str:
    text = json.dumps(value, sort_keys=True)
    # The longest first: a name may begin with another one.
    for name, standing in sorted((made_up or {}).items(), key=lambda pair: -len(pair[0])):
        text = text.replace(name, standing)
    return hashlib.sha256(text.encode()).hexdigest()


def read_approved(folder: Path, stack: str) -> Approved:
    """What was approved. Raises JobError."""
    try:
        document = json.loads((folder / APPROVED).read_text(encoding="utf-8"))
        approved = Approved(document["stack"], document["commit"], document["steps"])
    except (OSError, ValueError, KeyError) as error:
        raise JobError(
            f"{folder / APPROVED} is no approved plan ({type(error).__name__}): run the plan again"
        ) from error
    if approved.stack != stack:
        raise JobError(f"the approved plan is of the stack {approved.stack}, and not of {stack}")
    return approved
