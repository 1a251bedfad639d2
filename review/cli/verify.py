"""`gatehouse verify` and `make verify`: asks AWS, read-only, whether what stands runs as declared."""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import boto3
from botocore.exceptions import BotoCoreError

from ..graph.prose import make_printable
from ..plan_files.document import REFRESH, PlanFileError
from ..plan_files.plan import Plan, read_refresh
from ..verify.calls import Caller
from ..verify.check import Status
from ..verify.cloud import Cloud
from ..verify.verification import AccountError, verify
from .arguments import FAILED, OK, STRICT, UNKNOWN_TOO, parse
from .output import report_fault

_EPILOG: Final = f"""\
It runs `{REFRESH}`.
It calls AWS with the credentials of the environment, by calls that only read, and calls the stack's own URLs. Routes
with keys or tokens are called if API_KEY or TOKEN is set.

exit status: 0, 1 if --strict finds drift or a failed check, 2 if the stack cannot be read
"""


def main(arguments: Sequence[str], name: str) -> int:
    """The command, which its help calls `name`. Returns its exit status."""
    options = parse(_build_parser(name), arguments)
    try:
        refresh = _run_refresh(options.project, options.stack)
        session = boto3.Session()
        caller = Caller(
            credentials=session.get_credentials(),
            key=os.environ.get("API_KEY", ""),
            token=os.environ.get("TOKEN", ""),
            url=options.url.rstrip("/"),
        )
        verification = verify(refresh, Cloud(session), caller, offline=options.without_calls)
    except (PlanFileError, AccountError) as error:
        return report_fault(str(error))
    except BotoCoreError as error:
        kind = type(error).__name__  # not its text, which may repeat what it read
        return report_fault(f"the AWS credentials cannot be read ({kind}): check AWS_PROFILE, or run `aws sso login`")
    sys.stdout.write(verification.as_json() if options.format == "json" else verification.as_text())
    strict = verification.failed or (options.strict == UNKNOWN_TOO and bool(verification.list_checks(Status.NOT_READ)))
    return STRICT if options.strict and strict else OK


def _run_refresh(folder: Path | None, stack: str) -> Plan:
    """The engine's refresh, which changes neither AWS nor the state. It goes into no file. Raises PlanFileError."""
    program, *words = REFRESH.split()
    if (executable := shutil.which(program)) is None:
        raise PlanFileError("the Pulumi CLI is not on the PATH: https://www.pulumi.com/docs/iac/download-install/")
    options = [*(("--cwd", str(folder)) if folder else ()), *(("--stack", stack) if stack else ())]
    done = subprocess.run([executable, *words, *options], capture_output=True, check=False)  # noqa: S603 # the user's own CLI
    if not done.stdout.strip():
        reason = done.stderr.decode(errors="replace").strip().splitlines() or ["it printed nothing"]
        raise PlanFileError(f"the refresh failed: {make_printable(reason[-1])}")
    return read_refresh(" ".join([program, *words]), done.stdout)


def _build_parser(name: str) -> argparse.ArgumentParser:
    form = argparse.RawDescriptionHelpFormatter
    about = "Whether AWS has drifted from the stack, and whether what stands runs as declared."
    made = argparse.ArgumentParser(prog=name, description=about, epilog=_EPILOG, formatter_class=form)
    add = made.add_argument
    add("--project", type=Path, metavar="DIR", help="folder of Pulumi.yaml; else the current one")
    add("--stack", default="", help="name of the stack; else the selected one")
    add("--format", choices=("text", "json"), default="text", help="text (the default) or json")
    strict = "exit 1 for drift or a failed check; --strict=unknown: also if something was not read"
    add("--strict", choices=(FAILED, UNKNOWN_TOO), default="", metavar="", help=strict)
    add("--url", default="", help="base address of the API, in place of those of the state")
    add("--without-calls", action="store_true", help="ask only AWS, and do not call the stack's routes")
    return made
