"""`gatehouse ci`: the steps of CI, which decide about a deployment, as commands for any CI system."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ..cli.arguments import FAILED, FAULT, OK, UNKNOWN_TOO
from .deploy import deploy
from .image import propose_image
from .install import install
from .job import OUTPUT, Job, JobError
from .plan import comment, plan
from .review import review
from .trial import deploy_trial, sweep

_EPILOG: Final = f"""\
Reports and results are written to the folder {OUTPUT}, and at GitHub also to the job's outputs and summary.

exit status: 0; 1 if a review finds that a change makes something worse, or a plan is not the approved one; 2 if the
step cannot be done
"""


def main(arguments: Sequence[str], name: str = "gatehouse ci") -> int:
    """Run a step. Returns its exit status."""
    options = build_parser(name).parse_args(arguments)
    try:
        return int(_run_step(options, Job(os.environ, options.output)))
    except JobError as error:
        print(f"{name} {options.step}: {error}", file=sys.stderr)
        return FAULT


def _run_step(options: argparse.Namespace, job: Job) -> int:
    project = options.project
    match options.step:
        case "review":
            return review(
                job, project, options.stacks, against=options.against or job.find_base(), strict=options.strict
            )
        case "gate":
            against = options.against or job.find_previous_commit()
            return review(job, project, options.stacks, against=against, strict=options.strict)
        case "plan":
            return plan(job, project, options.stack, strict=options.strict, keep=options.keep)
        case "deploy":
            return deploy(job, project, options.stack, plan=options.plan)
        case "image":
            propose_image(job, project, options.stack, image=options.image, source=options.source, build=options.build)
        case "comment":
            comment(job, options.header, options.number)
        case "trial":
            return deploy_trial(job, project, options.stack, options.number)
        case "sweep":
            return sweep(job, project)
        case _:
            install(project)
    return OK


def build_parser(name: str) -> argparse.ArgumentParser:
    form = argparse.RawDescriptionHelpFormatter
    about = "The steps of CI that decide about a deployment."
    parser = argparse.ArgumentParser(prog=name, description=about, epilog=_EPILOG, formatter_class=form)
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")

    def add_step(step: str, text: str) -> argparse.ArgumentParser:
        made = steps.add_parser(step, help=text, description=text)
        made.add_argument(
            "--project", type=Path, default=Path(), metavar="DIR", help="folder of Pulumi.yaml; else here"
        )
        made.add_argument("--output", type=Path, default=OUTPUT, metavar="DIR", help=f"folder of results ({OUTPUT})")
        return made

    def add_strict(made: argparse.ArgumentParser) -> None:
        unknown = "unknown (also what is undecided about calls, network or rights)"
        strict = f"what fails the job: failed (the default), {unknown}, or no"
        made.add_argument("--strict", choices=(FAILED, UNKNOWN_TOO, "no"), default=FAILED, metavar="WHAT", help=strict)

    compared = {"review": "the base of the pull request", "gate": "the commit before this push"}
    for step, base in compared.items():
        made = add_step(step, f"review the stacks that changed, against {base}, and all others for names in common")
        made.add_argument("stacks", nargs="*", metavar="STACK", help="review these stacks in any case")
        made.add_argument("--against", default="", metavar="REV", help=f"git revision to compare with; else {base}")
        add_strict(made)
    made = add_step("plan", "preview a stack with the engine, review the plan, and keep what identifies it")
    made.add_argument("stack", metavar="STACK")
    add_strict(made)
    keep = "also keep the engine's plan file for `deploy`; it has what the state has, with secrets encrypted"
    made.add_argument("--keep", action="store_true", help=keep)
    made = add_step("deploy", "update a stack if this commit is the main branch's head")
    made.add_argument("stack", metavar="STACK")
    kept = "deploy only the plan that `plan` kept in this folder, and that was approved"
    made.add_argument("--plan", type=Path, metavar="DIR", help=kept)
    made = add_step("image", "open a pull request that gives a stack another image")
    made.add_argument("stack", metavar="STACK")
    which = made.add_mutually_exclusive_group(required=True)
    which.add_argument("image", nargs="?", default="", metavar="IMAGE", help="by its digest, of the stack's repository")
    which.add_argument("--from", dest="source", default="", metavar="STACK", help="that of another stack, copied")
    which.add_argument("--build", default="", metavar="DIR", help="built from this folder's Dockerfile")
    made = add_step("comment", "write the comment in the folder of results on the merge request, at GitLab")
    made.add_argument("--header", default="review", help="name of the comment, which replaces its last one (review)")
    made.add_argument("--number", default="", help="number of the merge request; else the job's, or that of the plan")
    made = add_step("trial", "deploy a stack pr-NUMBER of a pull request with the config of another stack")
    made.add_argument("stack", metavar="STACK")
    made.add_argument("--number", required=True, help="number of the pull request")
    add_step("sweep", "destroy the stacks of pull requests that are closed, or lost the label stack")
    add_step("install", "install the project's requirements, with the runner's index and proxy and no other variable")
    return parser
