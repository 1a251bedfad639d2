"""`gatehouse verify` and `make verify`: asks AWS, read-only, whether what was reviewed is what stands."""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import boto3
from botocore.exceptions import BotoCoreError

from ..engine_files.document import REFRESH, EngineFileError
from ..engine_files.plan import Plan, read_refresh
from ..graph.prose import printable
from ..report.render import verification as report
from ..verify.calls import Caller
from ..verify.cloud import Cloud
from ..verify.verification import AccountError, policy, verify
from .arguments import OK, STRICT, UNKNOWN_TOO, command, parse
from .written import fault

_EPILOG: Final = """\
It calls AWS with the credentials of the environment, by calls that only read, and the stack's own URLs. Routes with
keys or tokens are called if API_KEY or TOKEN is set. The report has no secret of the state.

exit status: 0, 1 if --strict finds drift or a failed check, 2 if the state cannot be read
"""


def main(arguments: Sequence[str], name: str) -> int:
    """The command, which its help calls `name`. Returns its exit status."""
    options = parse(_parser(name), arguments)
    try:
        refresh = read_refresh(options.refresh) if options.refresh else _refreshed(options.project, options.stack)
        if options.policy:
            policies, unknown = policy(refresh.before)
            for one in unknown:
                sys.stderr.write(f"not known, so not in the policy: reads of {printable(one)}\n")
            sys.stdout.write(json.dumps(policies[0] if len(policies) == 1 else policies, indent=2) + "\n")
            return OK
        session = boto3.Session()
        by = Caller(
            credentials=session.get_credentials(),
            key=os.environ.get("API_KEY", ""),
            token=os.environ.get("TOKEN", ""),
            load=options.load,
            url=options.url.rstrip("/"),
        )
        verification = verify(refresh, Cloud(session), by, offline=options.without_calls)
    except (EngineFileError, AccountError) as error:
        return fault(str(error))
    except BotoCoreError as error:
        name = type(error).__name__  # not its text, which may repeat what it read
        return fault(f"the AWS credentials cannot be read ({name}): check AWS_PROFILE, or run `aws sso login`")
    shown = report.document(verification)
    forms = {"text": report.as_plain, "markdown": report.as_markdown, "html": report.as_html}
    sys.stdout.write(json.dumps(shown, indent=2) + "\n" if options.format == "json" else forms[options.format](shown))
    strict = report.failed(shown) or (options.strict == UNKNOWN_TOO and report.undecided(shown))
    return STRICT if options.strict and strict else OK


def _refreshed(folder: Path | None, stack: str) -> Plan:
    """The engine's refresh, which changes neither AWS nor the state. It goes into no file. Raises EngineFileError."""
    program, *words = REFRESH.split()
    if (executable := shutil.which(program)) is None:
        raise EngineFileError(f"the Pulumi CLI is not on the PATH: run `{REFRESH}` elsewhere, and give --refresh FILE")
    options = [*(("--cwd", str(folder)) if folder else ()), *(("--stack", stack) if stack else ())]
    done = subprocess.run([executable, *words, *options], capture_output=True, check=False)  # noqa: S603 # the user's own CLI
    if not done.stdout.strip():
        reason = done.stderr.decode(errors="replace").strip().splitlines() or ["it printed nothing"]
        raise EngineFileError(f"the refresh failed: {printable(reason[-1])}")
    return read_refresh(" ".join([program, *words]), done.stdout)


def _parser(name: str) -> argparse.ArgumentParser:
    about = "Whether what was reviewed is what stands on AWS, and whether it runs as declared."
    strict = "for drift or a failed check; --strict=unknown: also if something was not read"
    made = command(name, about, _EPILOG, strict)
    add = made.add_argument
    add("--refresh", metavar="FILE", help=f"what `{REFRESH}` printed; - is the standard input")
    add("--stack", default="", help="name of the stack, for a refresh that the command starts itself")
    add("--policy", action="store_true", help="print the least IAM policy for it, and call nothing")
    add("--load", action="store_true", help="also exceed the throttles of routes, with up to 500 calls each")
    add("--url", default="", help="base address of the API, in place of those of the state")
    add("--without-calls", action="store_true", help="ask only AWS, and do not call the stack's addresses")
    return made
