"""The command `gatehouse`, as pip installs it: one word for each thing that it does."""

import difflib
import importlib
import os
import sys
from collections.abc import Mapping
from typing import Final

from ..extras import describe_missing_extra
from ..facts import version
from .arguments import FAULT, OK

COMMANDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "new": ("write a project, or a stack file in one that exists", "gatehouse.stack.new_project", "main"),
    "review": ("what a stack would build, cost and expose, without an account", ".command", "process"),
    "permissions": ("write the IAM policies that a deployment needs", ".permissions", "process"),
    "answers": ("ask AWS, read-only, what the stacks look up, for the review", ".answers", "main"),
    "try": ("serve a stack's APIs on this machine", "..try_page.command", "main"),
    "verify": ("whether what was reviewed is what stands on AWS, read-only", ".verify", "main"),
    "prove": ("deploy small stacks, try on AWS what the documents say, and destroy them", "..prove.command", "main"),
    "prices": ("write prices.yaml of the project from AWS's price list", "..cost.project_prices", "main"),
    "docs": ("a document of this version, such as settings", ".documents", "main"),
    "schema": ("the JSON schema of stack files, for editors", "gatehouse.stack.settings.json_schema", "main"),
    "ci": ("the steps of CI: review, gate, plan, deploy, image, trial, sweep", "..ci.command", "main"),
    "doctor": ("what is missing on this machine for a deployment", "..doctor", "main"),
}
"""By name: a sentence for the help, a module to import when needed, and its function of arguments and full name."""
_EXTRAS: Final = (
    "answers",
    "try",
    "verify",
    "prove",
)  # whose packages are an extra of that name, which is installed apart


def main() -> int:
    """Run the command that the first argument names. Returns its exit status."""
    name, *rest = [*sys.argv[1:], "--help"]
    if name == "--version":
        print(f"gatehouse {version.VERSION}")
        return OK
    if name in COMMANDS:
        _, module, function = COMMANDS[name]
        try:
            command = getattr(importlib.import_module(module, __package__), function)
        except ModuleNotFoundError as missing:
            if name in ("new", "schema"):
                print(
                    f"gatehouse {name} needs the package gatehouse in this environment, as well as gatehouse-review:",
                    "docs/library.md has the line that installs it",
                    file=sys.stderr,
                )
            elif name in _EXTRAS:
                print(describe_missing_extra(name, missing), file=sys.stderr)
            else:
                raise
            return FAULT
        except KeyboardInterrupt:
            # The packages of `try` take a second to import. Without a traceback: Python then ends by the signal.
            sys.excepthook = lambda *_: None
            raise
        return int(command(rest[:-1], f"gatehouse {name}"))
    width = max(map(len, COMMANDS))
    listed = "\n".join(f"  {each:{width}}  {sentence}" for each, (sentence, *_) in COMMANDS.items())
    usage = f"usage: gatehouse COMMAND …\n\n{listed}\n\ngatehouse COMMAND --help describes one; gatehouse --version"
    if name in ("--help", "-h"):
        try:
            print(usage, flush=True)
        except BrokenPipeError:  # the reader, such as head, wants no more; Python would report it again at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    near = difflib.get_close_matches(name, COMMANDS, n=1)
    meant = f"; did you mean gatehouse {near[0]}?" if near else ""
    print(f"gatehouse: there is no command {name!r}{meant}\n{usage}", file=sys.stderr)
    return FAULT
